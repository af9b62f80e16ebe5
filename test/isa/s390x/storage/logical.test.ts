import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const TWO = { b1: 1, b2: 2 };
const pattern = (seed: number, length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 37 + seed * 101) & 0xff);
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

const connectives = [
  ['NC', (a: number, b: number) => a & b],
  ['OC', (a: number, b: number) => a | b],
  ['XC', (a: number, b: number) => a ^ b],
] as const;

describe.each(connectives)('%s', (mnemonic, op) => {
  test.each([
    [1, 0x2000, 0x3000],
    [3, 0x2000, 0x3000],
    [7, 0x2001, 0x3000],
    [8, 0x2000, 0x3000],
    [15, 0x2003, 0x3001],
    [17, 0x2000, 0x3000],
    [256, 0x2000, 0x3000],
    [100, 0x1fc0, 0x3000],
    [100, 0x2000, 0x2fc0],
    [256, 0x1fff, 0x2f01],
  ])('%d bytes at %x and %x', (length, first, second) => {
    const a = pattern(1, length);
    const b = pattern(2, length);
    const out = bench.run({
      code: [encode(mnemonic, { ...TWO, l: length - 1 })],
      gr: { 1: BigInt(first), 2: BigInt(second) },
      storage: { [first]: a, [first + length]: 'ee', [second]: b },
    });
    expect(out.storage(first, length + 1)).toBe(`${hex(a.map((x, i) => op(x, b[i] ?? 0)))}ee`);
    expect(out.storage(second, length)).toBe(hex(b));
    expect(out.cc).toBe(1);
  });
  test.each([1, 2, 5, 9])('overlap %d bytes ahead goes byte by byte', (ahead) => {
    const data = pattern(5, 40);
    const expected = [...data];
    for (let i = 0; i < 20; i++) expected[i + ahead] = op(expected[i + ahead] ?? 0, expected[i] ?? 0);
    const out = bench.run({
      code: [encode(mnemonic, { ...TWO, l: 19 })],
      gr: { 1: BigInt(0x2000 + ahead), 2: 0x2000n },
      storage: { 8192: data },
    });
    expect(out.storage(0x2000, 40)).toBe(hex(Uint8Array.from(expected)));
  });
  test.each([1, 4, 11])('overlap %d bytes behind', (behind) => {
    const data = pattern(6, 40);
    const expected = [...data];
    for (let i = 0; i < 20; i++) expected[i] = op(expected[i] ?? 0, expected[i + behind] ?? 0);
    const out = bench.run({
      code: [encode(mnemonic, { ...TWO, l: 19 })],
      gr: { 1: 0x2000n, 2: BigInt(0x2000 + behind) },
      storage: { 8192: data },
    });
    expect(out.storage(0x2000, 40)).toBe(hex(Uint8Array.from(expected)));
  });
  test('zero result is condition code 0, in the last byte too', () => {
    const zero = bench.run({ code: [encode(mnemonic, { ...TWO, l: 10 })], gr: { 1: 0x2000n, 2: 0x3000n }, cc: 2 });
    expect(zero.cc).toBe(0);
    for (const at of [0, 7, 8, 9, 10]) {
      const out = bench.run({
        code: [encode(mnemonic, { ...TWO, l: 10 })],
        gr: { 1: 0x2000n, 2: 0x3000n },
        storage: { [0x2000 + at]: '03', [0x3000 + at]: '01' },
      });
      expect(out.cc).toBe(1);
    }
  });
  test('a fault in the second page changes nothing, the condition code neither', () => {
    const out = bench.run({
      code: [encode(mnemonic, { ...TWO, l: 63 })],
      mask: 0x0010_0001_8000_0000n,
      gr: { 1: 0x3fe0n, 2: 0x2000n },
      keys: { 8192: 0x10, 12288: 0x10, 16384: 0x20, 65536: 0x10 },
      cc: 3,
      storage: { 8192: pattern(1, 64), 16352: pattern(2, 64) },
    });
    expect(out.pgm).toMatchObject({ code: 4, teid: 0x4408n });
    expect(out.storage(0x3fe0, 64)).toBe(hex(pattern(2, 64)));
    expect(out.cc).toBe(3);
  });
});

describe('XC of an operand with itself', () => {
  test.each([
    [0x2000, 256],
    [0x2f80, 256],
    [0x2fff, 2],
    [0x2000, 1],
  ])('clears at %x %d bytes', (at, length) => {
    const out = bench.run({
      code: [encode('XC', { b1: 1, d1: 16, b2: 1, d2: 16, l: length - 1 })],
      gr: { 1: BigInt(at - 16) },
      cc: 1,
      storage: { [at - 1]: new Uint8Array(length + 2).fill(0x77) },
    });
    expect(out.storage(at - 1, length + 2)).toBe(`77${'00'.repeat(length)}77`);
    expect(out.cc).toBe(0);
  });
  test('by two registers with one value', () => {
    const out = bench.run({
      code: [encode('XC', { ...TWO, l: 9 })],
      gr: { 1: 0x2000n, 2: 0x2000n },
      storage: { 8192: pattern(3, 12) },
    });
    expect(out.storage(0x2000, 12)).toBe(`${'00'.repeat(10)}${hex(pattern(3, 12).subarray(10))}`);
    expect(out.cc).toBe(0);
  });
});

describe('CLC', () => {
  const compare = (first: number, second: number, a: Uint8Array, b: Uint8Array) =>
    bench.run({
      code: [encode('CLC', { ...TWO, l: a.length - 1 })],
      gr: { 1: BigInt(first), 2: BigInt(second) },
      cc: 3,
      storage: { [first]: a, [second]: b },
    }).cc;
  test.each([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 20, 256])('a difference in any of %d bytes decides', (length) => {
    for (const [first, second] of [
      [0x2000, 0x3001],
      [0x1ff9, 0x3000],
      [0x2000, 0x3ff3],
    ] as const) {
      const a = pattern(9, length).map((b) => b | 1);
      expect(compare(first, second, a, a)).toBe(0);
      for (let i = 0; i < length; i += length > 20 ? 17 : 1) {
        const lower = a.map((x, k) => (k === i ? x - 1 : x));
        // What follows the first difference must not matter.
        const noise = lower.map((x, k) => (k > i ? 255 - x : x));
        expect(compare(first, second, a, noise)).toBe(2);
        expect(compare(first, second, noise, a)).toBe(1);
      }
    }
  });
  test('bytes are unsigned', () => {
    expect(compare(0x2000, 0x3000, Uint8Array.of(0x80), Uint8Array.of(0x7f))).toBe(2);
    const high = new Uint8Array(8).fill(0x80);
    expect(compare(0x2000, 0x3000, high, new Uint8Array(8).fill(0x7f))).toBe(2);
  });
  test('a fault leaves the condition code', () => {
    const out = bench.run({ code: [encode('CLC', { ...TWO, l: 9 })], gr: { 1: 0x2000n, 2: 0x40_0000n }, cc: 2 });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 6 });
    expect(out.cc).toBe(2);
  });
});
