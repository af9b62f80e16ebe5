import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { ENABLED, run } from './model.ts';

const hex = (v: bigint | undefined): string => (v ?? 0n).toString(16).padStart(32, '0');
/** A register of a number. */
const packed = (n: bigint): bigint => BigInt(`0x${n < 0n ? -n : n}${n < 0n ? 'd' : 'c'}`);
const expected = (text: string): string => text.padStart(32, '0');
const before = 0x1122_3344_5566_7788_99aa_bbcc_ddee_ff00n;

describe('arithmetic: values of a real machine', () => {
  // Operands, immediate, modifier; result and condition code, as published with Hercules' tests.
  test.each([
    ['VAP', 10n, 12n, 7, 1, '22c', 2],
    ['VAP', -10n, 12n, 7, 1, '2c', 2],
    ['VAP', 10n, -12n, 7, 1, '2d', 1],
    ['VAP', -10n, 10n, 7, 1, 'c', 0],
    ['VAP', 10_000_000_000n, 10n, 135, 1, '10c', 3],
    ['VAP', -99_999_999_999_999_999n, -10_000_000_000_000_000n, 159, 13, '109999999999999999c', 2],
    ['VAP', -9_999_999_999_999_999n, -1n, 159, 3, '10000000000000000f', 2],
    ['VSP', 10n, 12n, 7, 1, '2d', 1],
    ['VSP', 10n, -12n, 1, 1, '2c', 3],
    ['VSP', 10_000_000_000n, 10n, 135, 1, '9999990c', 3],
    ['VSP', -9_999_999_999_999_999n, -1n, 135, 3, '9999998f', 3],
    ['VMP', 10n, -12n, 1, 1, 'c', 3],
    ['VMP', -10n, 12n, 7, 1, '120d', 1],
    ['VMP', 99_999_999_999_999_999n, 10_000_000_000_000_000n, 159, 1, '9999999999999990000000000000000c', 3],
    ['VDP', 10n, 12n, 7, 1, 'c', 0],
    ['VDP', 100n, -12n, 1, 1, '8d', 1],
    ['VDP', -999_999_999_999_999_999n, -1234n, 159, 15, '810372771474878f', 2],
    ['VRP', -100n, 12n, 7, 1, '4d', 1],
    ['VRP', 100n, -12n, 7, 1, '4c', 2],
    ['VRP', -100n, -10n, 7, 1, 'c', 0],
    ['VRP', -9_999_999_999_999_999n, -47n, 159, 1, '23d', 1],
  ] as const)('%s %i, %i with %i and %i', (mnemonic, a, b, i4, m5, result, cc) => {
    const out = run(mnemonic, { i4, m5 }, [packed(a), packed(b)], { cc: cc ^ 3 });
    expect([hex(out.vr[1]), out.cc, out.pgm]).toEqual([expected(result), cc, undefined]);
  });
  test('VMSP shifts the whole product, VSDP the dividend', () => {
    const big = packed(9_999_999_999_999_999_999_999_999_999_999n);
    const product = run('VMSP', { i4: 31, m5: 1 }, [big, big]);
    expect([hex(product.vr[1]), product.cc]).toEqual(['9999999999999999999999999999998c', 2]);
    const over = run('VMSP', { i4: 30, m5: 1 }, [big, big]);
    expect([hex(over.vr[1]), over.cc]).toEqual(['9999999999999999999999999999980c', 3]);
    const quotient = run('VSDP', { i4: 31, m5: 1 }, [packed(-1n), packed(3n)]);
    expect([hex(quotient.vr[1]), quotient.cc]).toEqual(['3333333333333333333333333333333d', 1]);
    const long = run('VSDP', { i4: 31, m5: 1 }, [packed(1n), packed(1n)]);
    expect([hex(long.vr[1]), long.cc]).toEqual([expected('c'), 3]);
  });
  test.each([
    ['VSRP', 159, 0, 1, '22c', '22c', 2],
    ['VSRP', 159, 1, 1, '22c', '220c', 2],
    ['VSRP', 159, 30, 1, '22c', '2000000000000000000000000000000c', 3],
    ['VSRP', 159, 31, 1, '22d', 'c', 3],
    ['VSRP', 159, 127, 1, '22c', '2c', 2],
    ['VSRP', 159, 255, 1, '28c', '3c', 2],
    ['VSRP', 159, 252, 1, '15028d', '2d', 1],
    ['VSRP', 159, 249, 1, '28d', 'c', 0],
    ['VSRP', 159, 225, 1, '9999000000000000000000000000028d', '1d', 1],
    ['VSRP', 159, 224, 1, '9000000000000000000000000000028d', 'c', 0],
    ['VSRP', 159, 255, 3, '28d', '3f', 2],
    ['VSRP', 159, 255, 9, '28d', '3c', 2],
    ['VSRP', 159, 7, 11, '22d', '220000000f', 2],
  ] as const)('%s %i,%i,%i of %s', (mnemonic, i3, i4, m5, operand, result, cc) => {
    const out = run(mnemonic, { i3, i4, m5 }, [BigInt(`0x${operand}`)], { cc: cc ^ 3 });
    expect([hex(out.vr[1]), out.cc]).toEqual([expected(result), cc]);
  });
  test('VSRPR takes a signed number of places from byte 7, and stops at 31 and -32', () => {
    const by = (n: number, i4 = 159): readonly [string, number] => {
      const out = run('VSRPR', { i4, m5: 1 }, [packed(-15n), BigInt(n & 0xff) << 64n]);
      return [hex(out.vr[1]), out.cc];
    };
    expect(by(2)).toEqual([expected('1500d'), 1]);
    expect(by(-1)).toEqual([expected('1d'), 1]);
    expect(by(-1, 0xc0 | 31)).toEqual([expected('2d'), 1]);
    expect(by(127)).toEqual([expected('c'), 3]);
    expect(by(-128, 0xc0 | 31)).toEqual([expected('c'), 0]);
  });
});

describe('signs and tests', () => {
  const of = (i4: number, operand: string, i3 = 31): readonly [string, number] => {
    const out = run('VPSOP', { i3, i4, m5: 1 }, [BigInt(`0x${operand}`)], { cc: 3 });
    return [hex(out.vr[1]), out.cc];
  };
  // The manual's table: operation, positive sign code, negative zero.
  test.each([
    [128, '220000000f', '220000000c', 2],
    [194, '220000000a', '220000000f', 2],
    [130, '220000000b', '220000000d', 1],
    [128, 'd', 'c', 0],
    [130, 'd', 'f', 0],
    [192, 'b', 'd', 0],
    [128, '5', '5', 0],
    [128, '125', '125', 2],
    [132, '7c', '7d', 1],
    [132, '7d', '7c', 2],
    [134, '7d', '7f', 2],
    [132, 'c', 'c', 0],
    [196, 'c', 'd', 0],
    [196, 'd', 'c', 0],
    [136, '75', '7c', 2],
    [138, '7d', '7f', 2],
    [140, '75', '7d', 1],
    [140, '3', 'c', 0],
    [142, '3', 'f', 0],
    [204, '3', 'd', 0],
  ] as const)('VPSOP %i of %s', (i4, operand, result, cc) => {
    expect(of(i4, operand)).toEqual([expected(result), cc]);
  });
  test('VPSOP keeps the digits that it is asked for, and tells of lost ones', () => {
    expect(of(0, '12345d', 3)).toEqual([expected('345d'), 3]);
    expect(of(0, '12000d', 3)).toEqual([expected('c'), 3]);
    expect(of(0x80, 'abcd', 3)).toEqual([expected('abcd'), 1]);
  });
  test.each([
    [0, 'a5c'],
    [0, '55'],
    [4, '55'],
    [0x84, '55'],
    [0x89, '55'],
    [0x8d, '55'],
  ])('VPSOP %i of the invalid number %s is a data exception', (i4, operand) => {
    const out = run('VPSOP', { i3: 31, i4, m5: 1 }, [BigInt(`0x${operand}`)], { first: before, cc: 2 });
    expect([out.pgm?.code, out.pgm?.dxc, out.vr[1], out.cc]).toEqual([PGM.data, 0, before, 2]);
  });
  test('VTP tells of digits and sign', () => {
    const cc = (text: string): number => {
      const bench = new Bench();
      return bench.run({ code: [encode('VTP', { v1: 20 })], vr: { 20: BigInt(`0x${text}`) }, cr: ENABLED }).cc;
    };
    expect(['12c', '129', 'a2c', 'a29'].map(cc)).toEqual([0, 1, 2, 3]);
  });
  test('VCP compares, with signs or without', () => {
    const cc = (a: bigint, b: bigint, m3 = 0): number => run('VCP', { v1: 18, v2: 3, m3 }, [a, b], { cc: 3 }).cc;
    expect([cc(packed(5n), packed(-5n)), cc(packed(5n), packed(-5n), 4), cc(packed(-5n), packed(5n), 8)]).toEqual([
      2, 0, 0,
    ]);
    expect([cc(packed(-6n), packed(-5n)), cc(packed(-6n), packed(-5n), 12), cc(0xdn, 0xcn)]).toEqual([1, 2, 0]);
  });
  test('VCLZDP counts zeros, and knows what they are of', () => {
    const count = (text: string, m3: number): readonly unknown[] => {
      const out = run('VCLZDP', { m3 }, [BigInt(`0x${text}`)], { first: before, cc: 2 });
      return [out.vr[1], out.cc, out.pgm?.code];
    };
    const at7 = (n: bigint): bigint => n << 64n;
    expect(count('c', 1)).toEqual([at7(31n), 0, undefined]);
    expect(count('d', 1)).toEqual([at7(31n), 0, undefined]);
    expect(count('d', 3)).toEqual([at7(31n), 1, undefined]);
    expect(count('120d', 1)).toEqual([at7(28n), 1, undefined]);
    expect(count('120c', 0)).toEqual([at7(28n), 2, undefined]);
    expect(count('a20c', 5)).toEqual([at7(28n), 3, undefined]);
    expect(count('a20c', 1)).toEqual([before, 2, PGM.data]);
    expect(count('205', 1)).toEqual([before, 2, PGM.data]);
  });
});

describe('exceptions', () => {
  const bench = new Bench();
  const attempt = (mnemonic: string, fields: Readonly<Record<string, number>>, b = packed(3n), programMask = 4) =>
    bench.run({
      code: [encode(mnemonic, { v1: 1, v2: 2, v3: 3, ...fields })],
      vr: { 1: before, 2: packed(-70_000n), 3: b },
      cr: ENABLED,
      cc: 1,
      programMask,
    });
  test.each(['VAP', 'VSP', 'VMP', 'VMSP', 'VDP', 'VRP', 'VSDP'])('%s', (mnemonic) => {
    const kept = (out: ReturnType<typeof attempt>) => [out.pgm?.code, out.vr[1], out.cc];
    for (const i4 of [0x20, 0x40, 0x3f]) {
      expect(kept(attempt(mnemonic, { i4, m5: 1 }))).toEqual([PGM.specification, before, 1]);
    }
    const counts = !/VMSP|VSDP/.test(mnemonic);
    expect(attempt(mnemonic, { i4: 0, m5: 1 }).pgm?.code).toBe(counts ? PGM.specification : undefined);
    expect(kept(attempt(mnemonic, { i4: 31, m5: 1 }, 0xa1cn))).toEqual([PGM.data, before, 1]);
    expect(kept(attempt(mnemonic, { i4: 31, m5: 1 }, 0x15n))).toEqual([PGM.data, before, 1]);
    // No sign is needed where it is forced.
    expect(attempt(mnemonic, { i4: 0x9f, m5: 5 }, 0x15n).pgm).toBeUndefined();
    const zero = kept(attempt(mnemonic, { i4: 31, m5: 1 }, 0xcn));
    if (/^(VDP|VRP|VSDP)$/.test(mnemonic)) expect(zero).toEqual([PGM.decimalDivide, before, 1]);
    else expect(zero[0]).toBeUndefined();
  });
  test('of overflow come when results are in place, unless either mask is zero or the condition code is asked for alone', () => {
    const over = (i4: number, m5: number, mask = 4): readonly unknown[] => {
      const out = attempt('VAP', { i4, m5 }, packed(3n), mask);
      return [out.pgm?.code, hex(out.vr[1]), out.cc];
    };
    expect(over(2, 1)).toEqual([PGM.decimalOverflow, expected('97d'), 3]);
    expect(over(2, 0)).toEqual([PGM.decimalOverflow, expected('97d'), 1]);
    expect(over(0x82, 1)).toEqual([undefined, expected('97d'), 3]);
    expect(over(2, 1, 0xb)).toEqual([undefined, expected('97d'), 3]);
  });
  test('of the vector control go before all', () => {
    const out = bench.run({ code: [encode('VAP', { i4: 0x20 })], cr: { 0: 0x4_0000n } });
    expect([out.pgm?.code, out.pgm?.dxc]).toEqual([PGM.data, 0xfe]);
  });
});
