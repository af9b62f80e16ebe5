import { describe, expect, test } from 'vitest';
import { bits, extended, fromRegister, inRegister, long, run, text } from './vector.ts';

const formats = { D: long, X: extended } as const;
type Letter = keyof typeof formats;

function calculate(name: string, letter: Letter, a: string, b: string, m4 = 0, fpc = 0) {
  const f = formats[letter];
  const out = run(
    name.replace('*', letter),
    { m4 },
    {
      fpr: { ...inRegister(f, 0, bits(f, '77')), ...inRegister(f, 4, bits(f, a)), ...inRegister(f, 8, bits(f, b)) },
      fpc,
      cc: 3,
    },
  );
  return { out, result: text(f, fromRegister(f, 0, out)) };
}

const INEXACT = 0x08;
const QUANTUM = 0x04;
const OVERFLOW = 0x20;
const UNDERFLOW = 0x10;
const INVALID = 0x80;

/** ADTRA AXTRA SDTRA SXTRA MDTRA MXTRA DDTRA DXTRA: operation, operands, result, flags, condition code where one is set. */
const both = [
  ['A*TRA', '1', '2', '3', 0, 2],
  ['A*TRA', '100e-2', '1', '200e-2', 0, 2],
  ['A*TRA', '1e3', '1', '1001', 0, 2],
  ['A*TRA', '5e-1', '-5e-1', '0e-1', 0, 0],
  ['A*TRA', '-0e2', '-0', '-0', 0, 0],
  ['A*TRA', 'inf', '-5', 'inf', 0, 2],
  ['A*TRA', 'inf', '-inf', 'nan', INVALID, 3],
  ['A*TRA', 'nan12', 'snan7', 'nan7', INVALID, 3],
  ['A*TRA', '-nan12', 'nan7', '-nan12', 0, 3],
  ['S*TRA', '1', '2', '-1', 0, 1],
  ['S*TRA', 'inf', 'inf', 'nan', INVALID, 3],
  ['M*TRA', '12e1', '-3e-4', '-36e-3', 0, 3],
  ['M*TRA', '0', 'inf', 'nan', INVALID, 3],
  ['M*TRA', '-2', 'inf', '-inf', 0, 3],
  ['D*TRA', '6', '2', '3', 0, 3],
  ['D*TRA', '1', '8', '125e-3', QUANTUM, 3],
  ['D*TRA', '10', '5e-1', '2e1', 0, 3],
  ['D*TRA', '10', '4e-1', '25', QUANTUM, 3],
  ['D*TRA', '100e3', '5', '20e3', 0, 3],
  ['D*TRA', '-7', '0', '-inf', 0x40, 3],
  ['D*TRA', '0', '0', 'nan', INVALID, 3],
  ['D*TRA', 'inf', 'inf', 'nan', INVALID, 3],
] as const;

describe.each(['D', 'X'] as const)('arithmetic, format %s', (letter) => {
  test.each(both)('%s of %s and %s is %s', (name, a, b, result, flags, cc) => {
    const found = calculate(name, letter, a, b);
    expect([found.result, found.out.fpc, found.out.cc, found.out.pgm]).toEqual([result, flags << 16, cc, undefined]);
  });
  test('results of more digits than there is room for are rounded as the FPC says', () => {
    const p = formats[letter].precision;
    const ones = '1'.repeat(p);
    // One and a half units of the last place more.
    const modes = [3, 1, 3, 1, 3, 1, 3].map((last, mode) => {
      const found = calculate('A*TRA', letter, ones, '15e-1', 0, mode << 4);
      return [found.result.slice(-1), found.out.fpc >>> 16, last];
    });
    expect(modes.map(([digit]) => digit)).toEqual(['2', '2', '3', '2', '3', '2', '3']);
    for (const [, flags] of modes) expect(flags).toBe(INEXACT | QUANTUM);
    // To prepare for shorter precision: what does not end in 0 or 5 stays.
    expect(calculate('A*TRA', letter, `${'1'.repeat(p - 1)}5`, '1e-1', 0, 0x70).result).toBe(`${'1'.repeat(p - 1)}6`);
    expect(calculate('A*TRA', letter, `${'1'.repeat(p - 1)}6`, '9e-1', 0, 0x70).result).toBe(`${'1'.repeat(p - 1)}6`);
  });
  test.each([
    [0, '2'],
    [1, '3'],
    [3, '2'],
    [4, '2'],
    [5, '2'],
    [6, '3'],
    [7, '2'],
    [8, '2'],
    [9, '2'],
    [10, '3'],
    [11, '2'],
    [12, '3'],
    [13, '2'],
    [14, '3'],
    [15, '2'],
  ])('M4 of %i says how, whatever the FPC', (m4, last) => {
    const p = formats[letter].precision;
    const found = calculate(
      'A*TRA',
      letter,
      `${'1'.repeat(p - 1)}2`,
      '5e-1',
      m4,
      m4 === 0 ? 0 : m4 % 8 === 6 ? 0x10 : 0x10,
    );
    expect(found.result.slice(-1)).toBe(last);
  });
  test('the sign of a zero from numbers that are opposite is minus when rounding down', () => {
    expect(calculate('A*TRA', letter, '1', '-1', 0, 0x30).result).toBe('-0');
    expect(calculate('S*TRA', letter, '1', '1', 11).result).toBe('-0');
    expect(calculate('A*TRA', letter, '1', '-1').result).toBe('0');
  });
  test('overflow gives infinity, or the largest number', () => {
    const { emax, precision: p } = formats[letter];
    const largest = `${'9'.repeat(p)}e${emax - p + 1}`;
    const of = (m4: number) => calculate('M*TRA', letter, largest, '-10', m4);
    expect([of(8).result, of(9).result, of(10).result, of(11).result, of(14).result]).toEqual([
      '-inf',
      `-${largest}`,
      `-${largest}`,
      '-inf',
      '-inf',
    ]);
    expect(of(8).out.fpc).toBe((OVERFLOW | INEXACT) << 16);
  });
  test('a trapped overflow leaves a scaled number, a trapped underflow, too', () => {
    const { emax, precision: p, alpha } = formats[letter];
    const large = `1e${emax - p + 1}`;
    const over = calculate('M*TRA', letter, large, large, 0, OVERFLOW << 24);
    const quantum = 2 * (emax - p + 1) - alpha;
    expect([over.result, over.out.pgm?.dxc]).toEqual([`1${quantum === 0 ? '' : `e${quantum}`}`, 0x20]);
    const small = `1e${2 - emax - p}`;
    const under = calculate('M*TRA', letter, small, small, 0, UNDERFLOW << 24);
    expect([under.result, under.out.pgm?.dxc]).toEqual([`1e${2 * (2 - emax - p) + alpha}`, 0x10]);
    const lost = calculate('M*TRA', letter, small, '4e-1');
    expect([lost.result, lost.out.fpc]).toEqual([`0e${2 - emax - p}`, (UNDERFLOW | INEXACT | QUANTUM) << 16]);
  });
  test('traps: what they leave, and their codes', () => {
    const invalid = calculate('A*TRA', letter, 'inf', '-inf', 0, INVALID << 24);
    expect([invalid.result, invalid.out.pgm?.dxc, invalid.out.cc]).toEqual(['77', 0x80, 3]);
    const divided = calculate('D*TRA', letter, '1', '0', 0, 0x4000_0000);
    expect([divided.result, divided.out.pgm?.dxc]).toEqual(['77', 0x40]);
    const p = formats[letter].precision;
    const sixth = `1${'6'.repeat(p - 1)}`;
    const cut = calculate('D*TRA', letter, '1', '6', 9, 0x0800_0000);
    expect([cut.result, cut.out.pgm?.dxc]).toEqual([`${sixth}e-${p}`, 0x08]);
    const up = calculate('D*TRA', letter, '1', '6', 8, 0x0800_0000);
    expect([up.result, up.out.pgm?.dxc]).toEqual([`${sixth.slice(0, -1)}7e-${p}`, 0x0c]);
    const quantum = calculate('D*TRA', letter, '1', '8', 0, 0x0400_0000);
    expect([quantum.result, quantum.out.pgm?.dxc, quantum.out.fpc]).toEqual(['125e-3', 0x04, 0x0400_0400]);
  });
  test('results are canonical, whatever the operands', () => {
    const f = formats[letter];
    // The last declet of the operand is a redundant code of 888.
    const redundant = (bits(f, '888') & ~0x3ffn) | 0x36en;
    const out = run(
      `A${letter}TRA`,
      {},
      {
        fpr: { ...inRegister(f, 4, redundant), ...inRegister(f, 8, bits(f, '0')) },
      },
    );
    expect(fromRegister(f, 0, out)).toBe(bits(f, '888'));
  });
});

test.each(['MXTRA', 'DXTRA', 'AXTRA', 'SXTRA'])('%s wants pairs', (mnemonic) => {
  for (const fields of [{ r1: 2 }, { r2: 3 }, { r3: 14 }]) {
    expect(run(mnemonic, fields).pgm?.code).toBe(6);
  }
});
