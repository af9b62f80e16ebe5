import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { bits, extended, fromRegister, inRegister, long, run, text } from './vector.ts';

const OPERAND = 0x2_0ffa;
const formats = { D: long, X: extended } as const;

describe.each(['D', 'X'] as const)('numbers in storage, format %s', (letter) => {
  const f = formats[letter];
  const store = (mnemonic: string, a: string, bytes: number, m3: number): readonly unknown[] => {
    const out = run(
      mnemonic.replace('*', letter),
      { l2: bytes - 1, b2: 3, d2: 2, m3 },
      {
        gr: { 3: BigInt(OPERAND - 2) },
        fpr: inRegister(f, 0, bits(f, a)),
        cc: a === '0' ? 1 : 0,
      },
    );
    return [out.storage(OPERAND, bytes), out.cc, out.pgm?.code];
  };
  const load = (mnemonic: string, hex: string, m3: number): readonly unknown[] => {
    const out = run(
      mnemonic.replace('*', letter),
      { l2: hex.length / 2 - 1, b2: 3, m3 },
      {
        gr: { 3: BigInt(OPERAND) },
        fpr: { 0: 9n },
        storage: { [OPERAND]: hex },
        cc: 2,
      },
    );
    return [out.pgm === undefined ? text(f, fromRegister(f, 0, out)) : out.fpr[0], out.cc, out.pgm?.code];
  };
  // CZDT, CZXT: sign (8), zone 3 (4), plus F (2), plus zero (1).
  test.each([
    ['123', 4, 0, 'f0f1f2f3', 2],
    ['-123e5', 4, 8, 'f0f1f2d3', 1],
    ['123', 3, 8, 'f1f2c3', 2],
    ['123', 3, 10, 'f1f2f3', 2],
    ['-123', 3, 4, '313233', 1],
    ['-0', 2, 8, 'f0d0', 0],
    ['-0', 2, 9, 'f0c0', 0],
    ['-1234', 2, 8, 'f3d4', 3],
    ['-1200', 2, 9, 'f0c0', 3],
    ['inf12', 3, 8, 'f0f1c2', 3],
    ['-snan5', 2, 8, 'f0d5', 3],
  ] as const)('CONVERT TO ZONED of %s in %i bytes with %i', (a, bytes, m3, hex, cc) => {
    expect(store('CZ*T', a, bytes, m3)).toEqual([hex, cc, undefined]);
  });
  // CDZT, CXZT.
  test.each([
    ['f1f2f3', 0, '123'],
    ['f1f2d3', 0, '123'],
    ['f1f2d3', 8, '-123'],
    ['012203c4', 8, '1234'],
  ] as const)('CONVERT FROM ZONED of %s with %i', (hex, m3, result) => {
    expect(load('C*ZT', hex, m3)).toEqual([result, 2, undefined]);
  });
  test('CONVERT FROM ZONED of what is no number', () => {
    expect(load('C*ZT', 'f1fad3', 0)).toEqual([9n, 2, PGM.data]);
    expect(load('C*ZT', 'f1f253', 8)).toEqual([9n, 2, PGM.data]);
  });
  // CPDT, CPXT.
  test.each([
    ['123', 2, 0, '0123', 2],
    ['12345', 2, 0, '2345', 3],
    ['-123e9', 2, 8, '123d', 1],
    ['123', 3, 10, '00123f', 2],
    ['-0', 1, 9, '0c', 0],
    ['-5000', 2, 9, '000c', 3],
    ['nan7', 1, 8, '7c', 3],
  ] as const)('CONVERT TO PACKED of %s in %i bytes with %i', (a, bytes, m3, hex, cc) => {
    expect(store('CP*T', a, bytes, m3)).toEqual([hex, cc, undefined]);
  });
  // CDPT, CXPT.
  test.each([
    ['0123', 0, '123'],
    ['123d', 8, '-123'],
    ['123d', 9, '123'],
    ['1235', 9, '123'],
  ] as const)('CONVERT FROM PACKED of %s with %i', (hex, m3, result) => {
    expect(load('C*PT', hex, m3)).toEqual([result, 2, undefined]);
  });
  test('CONVERT FROM PACKED of what is no number, or has too many digits', () => {
    expect(load('C*PT', '123d', 0)).toEqual([9n, 2, PGM.data]);
    expect(load('C*PT', '1235', 8)).toEqual([9n, 2, PGM.data]);
    expect(load('C*PT', 'a23c', 9)).toEqual([9n, 2, PGM.data]);
    const bytes = letter === 'D' ? 9 : 18;
    expect(load('C*PT', `1${'0'.repeat(2 * bytes - 1)}`, 0)).toEqual([9n, 2, PGM.data]);
    expect(load('C*PT', `00${'9'.repeat(2 * bytes - 2)}`, 0)[0]).toBe('9'.repeat(2 * bytes - 2));
    expect(load('C*PT', `09${'9'.repeat(2 * bytes - 3)}d`, 8)[0]).toBe(`-${'9'.repeat(2 * bytes - 2)}`);
    expect(load('C*PT', `19${'9'.repeat(2 * bytes - 3)}d`, 8)[2]).toBe(PGM.data);
  });
  test('more bytes than digits are a specification exception, missing storage an access exception', () => {
    const [zoned, packed] = letter === 'D' ? [16, 9] : [34, 18];
    for (const [name, most] of [
      ['CZ*T', zoned],
      ['C*ZT', zoned],
      ['CP*T', packed],
      ['C*PT', packed],
    ] as const) {
      const mnemonic = name.replace('*', letter);
      expect(run(mnemonic, { l2: most, b2: 3 }, { gr: { 3: BigInt(OPERAND) } }).pgm?.code).toBe(PGM.specification);
      expect(run(mnemonic, { l2: most - 1, b2: 3 }, { gr: { 3: 0x3f_fffcn } }).pgm?.code).toBe(PGM.addressing);
    }
  });
});
