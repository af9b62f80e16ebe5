import { describe, expect, test } from 'vitest';
import { dfpRows } from '../../../../src/arch/s390x/isa/dfp/rows.ts';
import { AFP, bits, extended, fromRegister, inRegister, long, run, short, text } from './vector.ts';

const formats = { D: long, X: extended } as const;

describe.each(['D', 'X'] as const)('comparisons, format %s', (letter) => {
  const f = formats[letter];
  const compare = (mnemonic: string, a: string, b: string, fpc = 0) =>
    run(
      mnemonic,
      { r1: 0, r2: 4 },
      {
        fpr: { ...inRegister(f, 0, bits(f, a)), ...inRegister(f, 4, bits(f, b)) },
        fpc,
        cc: 1,
      },
    );
  // CDTR, CXTR, KDTR, KXTR.
  test.each([
    ['1', '10e-1', 0],
    ['-0', '0e5', 0],
    ['1e9', '999999999', 2],
    ['-1e9', '1e-9', 1],
    ['-2', '-1', 1],
    ['inf', '9e9', 2],
    ['-inf', '-9', 1],
    ['inf', 'inf', 0],
    ['123456', '123457', 1],
    ['0', '-1e-5', 2],
  ] as const)('%s with %s', (a, b, cc) => {
    for (const kind of ['C', 'K']) {
      const out = compare(`${kind}${letter}TR`, a, b);
      expect([out.cc, out.fpc]).toEqual([cc, 0]);
    }
  });
  test('of NaNs is unordered, and invalid when one is signaling, or is asked to signal', () => {
    const flags = (kind: string, b: string): readonly number[] => {
      const out = compare(`${kind}${letter}TR`, '1', b);
      return [out.cc, out.fpc >>> 16];
    };
    expect([flags('C', 'nan'), flags('C', 'snan'), flags('K', 'nan'), flags('K', '-snan3')]).toEqual([
      [3, 0],
      [3, 0x80],
      [3, 0x80],
      [3, 0x80],
    ]);
    const trapped = compare(`K${letter}TR`, '1', 'nan', 0x8000_0000);
    expect([trapped.pgm?.code, trapped.pgm?.dxc, trapped.cc]).toEqual([7, 0x80, 1]);
  });
  // CEDTR, CEXTR.
  test.each([
    ['1e5', '77e5', 0],
    ['0e-3', '1e-2', 1],
    ['0e-1', '9e-2', 2],
    ['inf', '-inf', 0],
    ['nan', 'snan', 0],
    ['inf', '1', 3],
    ['nan', '1', 3],
    ['inf', 'nan', 3],
  ] as const)('of the exponents of %s and %s', (a, b, cc) => {
    expect(compare(`CE${letter}TR`, a, b).cc).toBe(cc);
  });
  // LTDTR, LTXTR.
  test.each([
    ['-0e3', '-0e3', 0, 0],
    ['-12e1', '-12e1', 1, 0],
    ['5', '5', 2, 0],
    ['nan9', 'nan9', 3, 0],
    ['-snan9', '-nan9', 3, 0x80],
    ['inf', 'inf', 2, 0],
  ] as const)('of %s with zero', (a, result, cc, flags) => {
    const out = run(`LT${letter}TR`, {}, { fpr: inRegister(f, 4, bits(f, a)), cc: cc ^ 1 });
    expect([text(f, fromRegister(f, 0, out)), out.cc, out.fpc >>> 16]).toEqual([result, cc, flags]);
  });
});

const tested = { E: short, D: long, X: extended } as const;

describe.each(['E', 'D', 'X'] as const)('tests, format %s', (letter) => {
  const f = tested[letter];
  const least = 2 - f.emax - f.precision;
  const most = f.emax - f.precision + 1;
  const bitOf = (mnemonic: string, a: string): string =>
    Array.from({ length: 12 }, (_, i) => {
      const out = run(mnemonic, { r1: 4, d2: 0x800 >> i }, { fpr: inRegister(f, 4, bits(f, a)), cc: 2 });
      return out.cc;
    }).join('');
  const only = (n: number): string => '0'.repeat(n).concat('1').padEnd(12, '0');
  // TDCET, TDCDT, TDCXT.
  test.each([
    ['0e3', 0],
    ['-0', 1],
    [`1e${least}`, 2],
    [`-99e${least}`, 3],
    ['1', 4],
    ['-70e2', 5],
    [`1${'0'.repeat(f.precision - 1)}e${least}`, 4],
    ['inf', 6],
    ['-inf', 7],
    ['nan', 8],
    ['-nan', 9],
    ['snan', 10],
    ['-snan1', 11],
  ] as const)('class of %s', (a, n) => {
    expect(bitOf(`TDC${letter}T`, a)).toBe(only(n));
  });
  // TDGET, TDGDT, TDGXT.
  test.each([
    ['0', 0],
    ['-0', 1],
    [`0e${least}`, 2],
    [`-0e${most}`, 3],
    [`1e${most}`, 4],
    [`-5e${least}`, 5],
    ['1', 6],
    ['-1', 7],
    ['9'.repeat(f.precision), 8],
    [`-1${'0'.repeat(f.precision - 1)}`, 9],
    ['inf', 10],
    ['-nan', 11],
  ] as const)('group of %s', (a, n) => {
    expect(bitOf(`TDG${letter}T`, a)).toBe(only(n));
  });
});

describe('without the AFP-register control', () => {
  const rows = dfpRows.filter((row) => row.implemented && row.mnemonic !== 'PFPO');
  test('they are seventy-four', () => {
    expect(rows).toHaveLength(74);
  });
  test.each(rows.map((row) => row.mnemonic))('%s: data exception 3, before any other', (mnemonic) => {
    const registers = Array.from({ length: 16 }, (_, i) => BigInt(i) + 1n);
    const out = run(mnemonic, {}, { cr: { 0: 0n }, fpr: registers, cc: 2, gr: { 0: 0x40_0000n } });
    expect(out.pgm).toMatchObject({ code: 7, dxc: 3 });
    expect([out.fpc, out.cc, out.gr[0], out.fpr]).toEqual([0, 2, 0x40_0000n, registers]);
  });
  test('extended operands want pairs, and the control is there', () => {
    for (const mnemonic of ['CXTR', 'KXTR', 'CEXTR', 'LTXTR']) {
      expect(run(mnemonic, { r1: 2, r2: 4 }, { cr: AFP }).pgm?.code).toBe(6);
      expect(run(mnemonic, { r1: 0, r2: 7 }, { cr: AFP }).pgm?.code).toBe(6);
    }
  });
});
