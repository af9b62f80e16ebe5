import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const OPERAND = 0x2000;
const HIGH = 0x5a5a_5a5an << 32n;

describe.each(['CVB', 'CVBY'])('%s', (mnemonic) => {
  const convert = (packed: string) =>
    bench.run({
      code: [encode(mnemonic, { r1: 1, b2: 3, d2: 8 })],
      gr: { 1: HIGH | 0x77n, 3: BigInt(OPERAND - 8) },
      cc: 3,
      fpc: 0x00ff_ff00,
      cr: { 0: 0x4_0000n },
      storage: { [OPERAND]: packed },
    });

  test.each([
    ['000000000000000c', 0n],
    ['000000000000000d', 0n],
    ['000000000012345c', 12345n],
    ['000000000012345a', 12345n],
    ['000000000012345e', 12345n],
    ['000000000012345f', 12345n],
    ['000000000012345b', -12345n],
    ['000000000012345d', -12345n],
    ['000002147483647c', 0x7fff_ffffn],
    ['000002147483648d', -0x8000_0000n],
  ])('%s: bits 0-31 and condition code stay', (packed, value) => {
    const out = convert(packed);
    expect([out.gr[1], out.cc, out.pgm]).toEqual([HIGH | BigInt.asUintN(32, value), 3, undefined]);
  });
  test.each([
    ['000002147483648c', 0x8000_0000n],
    ['000002147483649d', -0x8000_0001n],
    ['999999999999999c', 999_999_999_999_999n],
    ['000004294967296c', 0n],
  ])('%s does not fit: the rightmost bits are placed, then a fixed-point-divide exception', (packed, value) => {
    const out = convert(packed);
    expect(out.pgm).toMatchObject({ code: 9, nullified: false });
    expect(out.gr[1]).toBe(HIGH | BigInt.asUintN(32, value));
  });
  test.each([
    '0000000000123450',
    '0000000000123459',
    'a00000000012345c',
    '00000000001f345c',
    '0000000f0000001c',
  ])('%s is a data exception, code 0, and changes nothing but the data-exception code', (packed) => {
    const out = convert(packed);
    expect(out.pgm).toMatchObject({ code: 7, dxc: 0 });
    expect([out.gr[1], out.cc, out.fpc]).toEqual([HIGH | 0x77n, 3, 0x00ff_0000]);
  });
});

describe('CVBG', () => {
  const convert = (packed: string) =>
    bench.run({
      code: [encode('CVBG', { r1: 1, x2: 3, b2: 4, d2: -8 })],
      gr: { 1: 0x77n, 3: 0x1008n, 4: 0x1000n },
      cc: 3,
      storage: { [OPERAND]: packed },
    });
  test.each([
    ['0000000000000000000000000000000c', 0n],
    ['0000000000000000123456789012345d', -123_456_789_012_345n],
    ['0000000000001234567890123456789f', 1_234_567_890_123_456_789n],
    ['0000000000009223372036854775807c', (1n << 63n) - 1n],
    ['0000000000009223372036854775808d', -(1n << 63n)],
  ])('%s', (packed, value) => {
    const out = convert(packed);
    expect([out.gr[1], out.cc, out.pgm]).toEqual([BigInt.asUintN(64, value), 3, undefined]);
  });
  test.each([
    '0000000000009223372036854775808c',
    '0000000000009223372036854775809d',
    '0000000000009224000000000000000c',
    '0000000000018446744073709551616c',
    '9999999999999999999999999999999d',
  ])('%s does not fit: suppressed', (packed) => {
    const out = convert(packed);
    expect([out.pgm?.code, out.gr[1]]).toEqual([9, 0x77n]);
  });
  test.each([
    '0000000000000000123456789012345' + '3',
    'a000000000000000000000000000000c',
    '0000000000000000000000000000a00c',
    '000000000000000b000000000000000c',
  ])('%s is a data exception', (packed) => {
    const out = convert(packed);
    expect([out.pgm?.code, out.pgm?.dxc, out.gr[1]]).toEqual([7, 0, 0x77n]);
  });
  test('an operand across the end of storage', () => {
    const out = bench.run({ code: [encode('CVBG', { r1: 1, b2: 3 })], gr: { 1: 0x77n, 3: (4n << 20n) - 8n } });
    expect([out.pgm?.code, out.gr[1]]).toEqual([5, 0x77n]);
  });
});

describe('CONVERT TO DECIMAL', () => {
  test.each([
    [0n, '000000000000000c'],
    [12345n, '000000000012345c'],
    [-1n, '000000000000001d'],
    [0x7fff_ffffn, '000002147483647c'],
    [-0x8000_0000n, '000002147483648d'],
    [1_000_000_000n, '000001000000000c'],
  ])('CVD of %i takes the low word', (value, packed) => {
    const gr = { 1: HIGH | BigInt.asUintN(32, value), 3: 0x2008n };
    for (const [mnemonic, d2] of [
      ['CVD', 0],
      ['CVDY', -8],
    ] as const) {
      const out = bench.run({ code: [encode(mnemonic, { r1: 1, b2: 3, d2 })], gr, cc: 3 });
      expect([out.storage(0x2008 + d2, 8), out.cc]).toEqual([packed, 3]);
    }
  });
  test.each([
    [0n, '0000000000000000000000000000000c'],
    [999_999_999_999_999n, '0000000000000000999999999999999c'],
    [1_000_000_000_000_000n, '0000000000000001000000000000000c'],
    [(1n << 63n) - 1n, '0000000000009223372036854775807c'],
    [-(1n << 63n), '0000000000009223372036854775808d'],
    [-1n, '0000000000000000000000000000001d'],
  ])('CVDG of %i', (value, packed) => {
    const out = bench.run({
      code: [encode('CVDG', { r1: 1, b2: 3, d2: -8 })],
      gr: { 1: BigInt.asUintN(64, value), 3: 0x2008n },
      cc: 3,
    });
    expect([out.storage(OPERAND, 16), out.cc]).toEqual([packed, 3]);
  });
  test('CVDG across the end of storage stores nothing', () => {
    const end = 4 << 20;
    const out = bench.run({ code: [encode('CVDG', { r1: 1, b2: 3 })], gr: { 1: 5n, 3: BigInt(end - 8) } });
    expect([out.pgm?.code, out.storage(end - 8, 8)]).toEqual([5, '0000000000000000']);
  });
  test('CVD across two pages', () => {
    const out = bench.run({ code: [encode('CVD', { r1: 1, b2: 3 })], gr: { 1: 0x7fff_ffffn, 3: 0x2ffcn } });
    expect(out.storage(0x2ffc, 8)).toBe('000002147483647c');
  });
});
