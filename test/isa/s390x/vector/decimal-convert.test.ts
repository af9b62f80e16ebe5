import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { ENABLED, run } from './model.ts';

const bench = new Bench();
const OPERAND = 0x2_0ff8;
const hex = (v: bigint | undefined): string => (v ?? 0n).toString(16).padStart(32, '0');
const expected = (text: string): string => text.padStart(32, '0');
const before = 0x1122_3344_5566_7788_99aa_bbcc_ddee_ff00n;

describe('binary numbers', () => {
  const toBinary = (mnemonic: string, operand: string, m3: number, m4 = 0, programMask = 8): readonly unknown[] => {
    const out = bench.run({
      code: [encode(mnemonic, { r1: 5, v2: 17, m3, m4 })],
      gr: { 5: 0x1122_3344_5566_7788n },
      vr: { 17: BigInt(`0x${operand}`) },
      cr: ENABLED,
      cc: 1,
      programMask,
    });
    return [(out.gr[5] ?? 0n).toString(16), out.cc, out.pgm?.code];
  };
  test.each([
    ['VCVB', '2147483647c', 1, '112233447fffffff', 0, undefined],
    ['VCVB', '2147483648d', 1, '1122334480000000', 0, undefined],
    ['VCVB', '2147483648c', 1, '1122334480000000', 3, PGM.fixedPointOverflow],
    ['VCVB', '2147483649d', 0, '112233447fffffff', 1, PGM.fixedPointOverflow],
    ['VCVB', '4294967295d', 3, '11223344ffffffff', 0, undefined],
    ['VCVB', '4294967296c', 3, '1122334400000000', 3, PGM.fixedPointOverflow],
    ['VCVB', '1d', 9, '1122334400000001', 0, undefined],
    ['VCVB', '15', 9, '1122334400000001', 0, undefined],
    ['VCVBG', '9223372036854775807c', 1, '7fffffffffffffff', 0, undefined],
    ['VCVBG', '9223372036854775808d', 1, '8000000000000000', 0, undefined],
    ['VCVBG', '9223372036854775808c', 1, '8000000000000000', 3, PGM.fixedPointOverflow],
    ['VCVBG', '18446744073709551615d', 3, 'ffffffffffffffff', 0, undefined],
    ['VCVBG', '9999999999999999999999999999999d', 1, '3f6eb4d980000001', 3, PGM.fixedPointOverflow],
  ] as const)('%s of %s with %i', (mnemonic, operand, m3, result, cc, pgm) => {
    expect(toBinary(mnemonic, operand, m3)).toEqual([result, cc, pgm]);
  });
  test('overflow makes no exception with either mask', () => {
    expect(toBinary('VCVB', '2147483648c', 1, 8)).toEqual(['1122334480000000', 3, undefined]);
    expect(toBinary('VCVB', '2147483648c', 1, 0, 7)).toEqual(['1122334480000000', 3, undefined]);
  });
  test('what is no number changes nothing', () => {
    expect(toBinary('VCVB', '15', 1)).toEqual(['1122334455667788', 1, PGM.data]);
    expect(toBinary('VCVBG', 'a1c', 9)).toEqual(['1122334455667788', 1, PGM.data]);
  });

  const toDecimal = (mnemonic: string, value: bigint, i3: number, m4: number, programMask = 4): readonly unknown[] => {
    const out = bench.run({
      code: [encode(mnemonic, { v1: 17, r2: 5, i3, m4 })],
      gr: { 5: value },
      vr: { 17: before },
      cr: ENABLED,
      cc: 1,
      programMask,
    });
    return [hex(out.vr[17]), out.cc, out.pgm?.code];
  };
  test.each([
    ['VCVD', 0xffff_ffffn, 31, 1, '1d', 0, undefined],
    ['VCVD', 0x1234_0000_8000_0000n, 31, 1, '2147483648d', 0, undefined],
    ['VCVD', 0xffff_ffffn, 31, 9, '4294967295c', 0, undefined],
    ['VCVD', 0xffff_ffffn, 31, 3, '1f', 0, undefined],
    ['VCVD', 12_345n, 3, 0, '345c', 1, PGM.decimalOverflow],
    ['VCVD', 12_345n, 0x83, 1, '345c', 3, undefined],
    ['VCVDG', -(1n << 63n), 31, 1, '9223372036854775808d', 0, undefined],
    ['VCVDG', -1n, 31, 9, '18446744073709551615c', 0, undefined],
    ['VCVDG', 0n, 1, 1, 'c', 0, undefined],
  ] as const)('%s of %i with %i and %i', (mnemonic, value, i3, m4, result, cc, pgm) => {
    expect(toDecimal(mnemonic, value, i3, m4)).toEqual([expected(result), cc, pgm]);
  });
  test.each([0, 0x20, 0x5f])('VCVD and VCVDG with the immediate %i are specification exceptions', (i3) => {
    for (const name of ['VCVD', 'VCVDG'])
      expect(toDecimal(name, 1n, i3, 1)).toEqual([hex(before), 1, PGM.specification]);
  });
});

describe('zoned numbers', () => {
  const storage = (mnemonic: string, i3: number, v: bigint, bytes: string) =>
    bench.run({
      code: [encode(mnemonic, { v1: 17, b2: 3, d2: 8, i3 })],
      gr: { 3: BigInt(OPERAND) },
      vr: { 17: v },
      cr: ENABLED,
      storage: { [OPERAND + 8]: bytes },
    });
  test('VPKZ packs up to 31 of them, whatever they are', () => {
    expect(hex(storage('VPKZ', 2, before, 'f1f2d3').vr[17])).toBe(expected('123d'));
    expect(hex(storage('VPKZ', 3, before, '0a1b2c3d').vr[17])).toBe(expected('abcd3'));
    expect(hex(storage('VPKZ', 0, before, '97').vr[17])).toBe(expected('79'));
    expect(hex(storage('VPKZ', 30, before, `${'f9'.repeat(30)}c8`).vr[17])).toBe('9999999999999999999999999999998c');
  });
  test('VUPKZ unpacks the rightmost ones', () => {
    const v = 0x1234_5678_9012_3456_7890_1234_5678_901dn;
    expect(storage('VUPKZ', 2, v, '00'.repeat(4)).storage(OPERAND + 8, 4)).toBe('f9f0d100');
    expect(storage('VUPKZ', 0, v, '00'.repeat(2)).storage(OPERAND + 8, 2)).toBe('d100');
    expect(storage('VUPKZ', 30, v, '00').storage(OPERAND + 8, 32)).toBe(
      `${[...'123456789012345678901234567890'].map((d) => `f${d}`).join('')}d100`,
    );
  });
  test.each([
    'VPKZ',
    'VUPKZ',
  ])('%s of more than 31 is a specification exception, of missing storage an access exception', (name) => {
    for (const i3 of [31, 0x20, 0xff]) {
      const out = storage(name, i3, before, '1122');
      expect([out.pgm?.code, out.vr[17], out.storage(OPERAND + 8, 2)]).toEqual([PGM.specification, before, '1122']);
    }
    const far = bench.run({
      code: [encode(name, { v1: 17, b2: 3, i3: 30 })],
      gr: { 3: 0x3f_fff0n },
      vr: { 17: before },
      cr: ENABLED,
    });
    expect([far.pgm?.code, far.vr[17], far.storage(0x3f_fff0, 16)]).toEqual([PGM.addressing, before, '00'.repeat(16)]);
  });
  test('VUPKZH and VUPKZL split a register', () => {
    const v = [0x1234_5678_9012_3456_7890_1234_5678_901dn];
    expect(hex(run('VUPKZH', {}, v).vr[1])).toBe('f0f1f2f3f4f5f6f7f8f9f0f1f2f3f4f5');
    expect(hex(run('VUPKZL', {}, v).vr[1])).toBe('f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0d1');
    expect(hex(run('VUPKZL', { m3: 2 }, v).vr[1])).toBe('f6f7f8f9f0f1f2f3f4f5f6f7f8f9f0f1');
  });
  test.each(['VUPKZH', 'VUPKZL'])('%s validates digits and sign as far as it is asked to', (name) => {
    const pgm = (operand: bigint, m3: number): number | undefined => run(name, { m3 }, [operand]).pgm?.code;
    expect([0, 8, 4].map((m3) => pgm(0x15n, m3))).toEqual([PGM.data, undefined, undefined]);
    expect([0, 8, 4].map((m3) => pgm(0xa1cn, m3))).toEqual([PGM.data, PGM.data, undefined]);
  });
  const packs = (zoned: string, i4: number, m5: number, programMask = 4): readonly unknown[] => {
    const all = zoned.padStart(64, 'f0');
    const out = bench.run({
      code: [encode('VPKZR', { v1: 1, v2: 18, v3: 3, i4, m5 })],
      vr: { 1: before, 18: BigInt(`0x${all.slice(0, 32)}`), 3: BigInt(`0x${all.slice(32)}`) },
      cr: ENABLED,
      cc: 2,
      programMask,
    });
    return [hex(out.vr[1]), out.cc, out.pgm?.code];
  };
  test('VPKZR packs two registers', () => {
    expect(packs('f1f2d3', 31, 1)).toEqual([expected('123d'), 1, undefined]);
    expect(packs('f1f2d3', 31, 3)).toEqual([expected('123f'), 2, undefined]);
    expect(packs('f0f0d0', 31, 1)).toEqual([expected('d'), 0, undefined]);
    expect(packs('f1f2a3', 2, 1)).toEqual([expected('23a'), 3, PGM.decimalOverflow]);
    expect(packs('f1f2a3', 0x82, 0)).toEqual([expected('23a'), 2, undefined]);
    expect(packs(`${'f9'.repeat(31)}c8`, 31, 1, 0)).toEqual(['9999999999999999999999999999998c', 3, undefined]);
    expect(packs('f1fa53', 31, 5)).toEqual([expected('1a35'), 3, undefined]);
    expect(packs('f1f253', 31, 9)).toEqual([expected('1235'), 3, undefined]);
    expect(packs('f1f253', 31, 1)).toEqual([hex(before), 2, PGM.data]);
    expect(packs('f1fad3', 31, 9)).toEqual([hex(before), 2, PGM.data]);
    expect(packs('f1f2d3', 0, 1)).toEqual([hex(before), 2, PGM.specification]);
  });
});

describe('immediate numbers', () => {
  test('VLIP places four digits', () => {
    const load = (i2: number, i3: number): readonly unknown[] => {
      const out = run('VLIP', { i2, i3 }, [], { first: before });
      return [hex(out.vr[1]), out.pgm?.code];
    };
    expect(load(0x1234, 0)).toEqual([expected('1234c'), undefined]);
    expect(load(0x1234, 15)).toEqual([expected('12340000000d'), undefined]);
    expect(load(0, 8)).toEqual([expected('d'), undefined]);
    for (const i2 of [0xa234, 0x1b34, 0x12c4, 0x123d]) expect(load(i2, 3)).toEqual([hex(before), PGM.data]);
  });
});

describe('hexadecimal floating point', () => {
  const scale = (n: number): bigint => BigInt(n) << 64n;
  test('VSCHP scales, converts, and cuts or rounds', () => {
    const to = (operand: string, places: number, m4: number, m5 = 0): string =>
      hex(run('VSCHP', { m4, m5 }, [BigInt(`0x${operand}`), scale(places)]).vr[1]);
    expect(to('1c', 0, 2)).toBe(`41100000${'0'.repeat(24)}`);
    expect(to('16d', 1, 3)).toBe(`c2a0000000000000${'0'.repeat(16)}`);
    // Seven digits of hexadecimal: 0xffffff8 is cut, or goes up to the next power.
    expect(to('268435448c', 0, 2)).toBe(`47ffffff${'0'.repeat(24)}`);
    expect(to('268435448c', 0, 2, 1)).toBe(`48100000${'0'.repeat(24)}`);
    expect(to('268435440c', 0, 2, 1)).toBe(`47ffffff${'0'.repeat(24)}`);
    expect(to('255c', 0, 4)).toBe('42ff0000000000003400000000000000');
    expect(to('0d', 7, 4)).toBe('0'.repeat(32));
    expect(run('VSCHP', { m4: 1 }, [0x1cn, 0n]).pgm?.code).toBe(PGM.specification);
    expect(run('VSCHP', { m4: 2 }, [0x15n, 0n]).pgm?.code).toBe(PGM.data);
  });
  test('VSCSHP splits into a short and a long number', () => {
    const split = (operand: string, places = 0): string =>
      hex(run('VSCSHP', {}, [BigInt(`0x${operand}`), scale(places)]).vr[1]);
    expect(split('255c')).toBe(`42ff0000${'0'.repeat(24)}`);
    // 0x123456789 is 4886718345.
    expect(split('4886718345d')).toBe('c912345600000000c378900000000000');
    expect(split('4886718345d')).toBe(split('4886718345b'));
    expect(split('d')).toBe('0'.repeat(32));
    expect(split('1c', 7)).toBe(`46989680${'0'.repeat(24)}`);
    expect(run('VSCSHP', {}, [0xa1cn, 0n]).pgm?.code).toBe(PGM.data);
  });
  test('VCSPH makes a number of digits again', () => {
    const from = (high: bigint, low: bigint, places: number, m4 = 0): string =>
      hex(run('VCSPH', { m4 }, [(high << 64n) | low, scale(places)]).vr[1]);
    expect(from(0x4110_0000_0000_0000n, 0x3300_0000_0000_0000n, 0)).toBe(expected('1c'));
    expect(from(0xc080_0000_0000_0000n, 0xb200_0000_0000_0000n, 2)).toBe(expected('50d'));
    expect(from(0xc080_0000_0000_0000n, 0xb200_0000_0000_0000n, 0)).toBe(expected('c'));
    expect(from(0xc080_0000_0000_0000n, 0xb200_0000_0000_0000n, 0, 1)).toBe(expected('1d'));
    expect(from(0x4028_0000_0000_0000n, 0n, 2, 1)).toBe(expected('16c'));
    expect(from(0xc000_0000_0000_0000n, 0n, 3)).toBe(expected('c'));
    expect(from(0x7fff_ffff_ffff_ffffn, 0n, 31)).toHaveLength(32);
  });
});
