import { describe, expect, test } from 'vitest';
import { Bench, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const REGISTER = 0x1122_3344_5566_7788n;
const KEY_2 = MASK_64 | (2n << 52n);
const words = { low: 0n, high: 32n } as const;

const bytesOf = (word: bigint): number[] => [24n, 16n, 8n, 0n].map((s) => Number((word >> s) & 0xffn));
const wordOf = (bytes: readonly number[]): bigint => bytes.reduce((sum, b) => (sum << 8n) | BigInt(b), 0n);
const hexOf = (bytes: readonly number[]): string => bytes.map((b) => b.toString(16).padStart(2, '0')).join('');
const selected = (m3: number): number[] => [0, 1, 2, 3].filter((i) => (m3 & (8 >> i)) !== 0);

describe('INSERT CHARACTER', () => {
  test.each(['IC', 'ICY'])('%s changes bits 56-63 only', (op) => {
    const out = bench.run({
      code: [encode(op, { r1: 1, b2: 7 })],
      gr: { 1: REGISTER, 7: 0x2_0000n },
      cc: 3,
      storage: { 131072: 'ff' },
    });
    expect([out.gr[1], out.cc]).toEqual([(REGISTER & ~0xffn) | 0xffn, 3]);
  });
  test.each(['IC', 'ICY'])('%s: an addressing exception changes nothing', (op) => {
    const out = bench.run({ code: [encode(op, { r1: 1, b2: 7 })], gr: { 1: REGISTER, 7: 0x1000_0000n } });
    expect([out.pgm?.code, out.gr[1]]).toEqual([5, REGISTER]);
  });
});

for (const [op, word] of [
  ['ICM', 'low'],
  ['ICMY', 'low'],
  ['ICMH', 'high'],
] as const) {
  describe(op, () => {
    const run = (m3: number, storage: string, at = 0x2_0000) =>
      bench.run({
        code: [encode(op, { r1: 1, m3, b2: 7 })],
        gr: { 1: REGISTER, 7: BigInt(at) },
        cc: 3,
        storage: { [at]: storage },
      });
    test.each([0x20000, 0x2fffe])('every mask, at %i: successive bytes go to the selected places', (at) => {
      for (let m3 = 0; m3 < 16; m3++) {
        const out = run(m3, 'a1b2c3d4', at);
        const expected = bytesOf((REGISTER >> words[word]) & 0xffff_ffffn);
        selected(m3).forEach((place, i) => {
          expected[place] = [0xa1, 0xb2, 0xc3, 0xd4][i] ?? 0;
        });
        const mask = 0xffff_ffffn << words[word];
        expect(out.gr[1], `mask ${m3}`).toBe((REGISTER & ~mask) | (wordOf(expected) << words[word]));
        expect(out.cc, `mask ${m3}`).toBe(m3 === 0 ? 0 : 1);
      }
    });
    test('condition code: by the inserted bits, the first of them the sign', () => {
      for (let m3 = 1; m3 < 16; m3++) {
        expect(run(m3, '00000000').cc, `mask ${m3}`).toBe(0);
        expect(run(m3, '80000000').cc, `mask ${m3}`).toBe(1);
        expect(run(m3, '7fffffff').cc, `mask ${m3}`).toBe(2);
      }
      expect(run(0b0101, '0080ff00').cc).toBe(2);
      // What is not fetched does not count.
      expect(run(0b0011, '0000ffff').cc).toBe(0);
    });
    test('only the bytes of the mask are fetched, one when it is zero', () => {
      const at = 0x2_fffen;
      const setup = { gr: { 1: REGISTER, 7: at }, cc: 3, mask: KEY_2, keys: { 192512: 0x20, 196608: 0x18 } };
      expect(bench.run({ code: [encode(op, { r1: 1, m3: 0b1010, b2: 7 })], ...setup }).pgm).toBeUndefined();
      const out = bench.run({ code: [encode(op, { r1: 1, m3: 0b1110, b2: 7 })], ...setup });
      expect([out.pgm?.code, out.gr[1], out.cc]).toEqual([4, REGISTER, 3]);
      expect(bench.run({ code: [encode(op, { r1: 1, m3: 0, b2: 7, d2: 2 })], ...setup }).pgm?.code).toBe(4);
      expect(bench.run({ code: [encode(op, { r1: 1, m3: 0, b2: 7, d2: 1 })], ...setup }).pgm).toBeUndefined();
    });
  });
}

for (const [op, word] of [
  ['STCM', 'low'],
  ['STCMY', 'low'],
  ['STCMH', 'high'],
] as const) {
  describe(op, () => {
    test.each([
      0x20000, 0x2fffe, 0x2ffff,
    ])('every mask, at %i: the selected bytes side by side and nothing behind them', (at) => {
      for (let m3 = 0; m3 < 16; m3++) {
        const out = bench.run({
          code: [encode(op, { r1: 1, m3, b2: 7 })],
          gr: { 1: REGISTER, 7: BigInt(at) },
          cc: 3,
          storage: { [at]: 'eeeeeeeeee' },
        });
        const all = bytesOf((REGISTER >> words[word]) & 0xffff_ffffn);
        const bytes = selected(m3).map((place) => all[place] ?? 0);
        expect(out.storage(at, 5), `mask ${m3}`).toBe(hexOf(bytes) + 'ee'.repeat(5 - bytes.length));
        expect([out.cc, out.gr[1], out.pgm]).toEqual([3, REGISTER, undefined]);
      }
    });
    test('a second page that cannot be stored into leaves the first', () => {
      for (let m3 = 0; m3 < 16; m3++) {
        const out = bench.run({
          code: [encode(op, { r1: 1, m3, b2: 7 })],
          gr: { 1: REGISTER, 7: 0x2_ffffn },
          mask: KEY_2,
          keys: { 192512: 0x20, 196608: 0x10 },
        });
        const crosses = selected(m3).length > 1;
        expect(out.pgm?.code, `mask ${m3}`).toBe(crosses ? 4 : undefined);
        if (crosses) expect(out.storage(0x2fffe, 4)).toBe('00000000');
      }
    });
  });
}

for (const [op, word] of [
  ['CLM', 'low'],
  ['CLMY', 'low'],
  ['CLMH', 'high'],
] as const) {
  describe(op, () => {
    const all = bytesOf((REGISTER >> words[word]) & 0xffff_ffffn);
    const run = (m3: number, bytes: readonly number[], at = 0x2_0000) =>
      bench.run({
        code: [encode(op, { r1: 1, m3, b2: 7 })],
        gr: { 1: REGISTER, 7: BigInt(at) },
        cc: 3,
        storage: { [at]: hexOf(bytes) },
      });
    test.each([0x20000, 0x2fffe, 0x2ffff])('every mask, at %i: equal, low, high', (at) => {
      for (let m3 = 1; m3 < 16; m3++) {
        const bytes = selected(m3).map((place) => all[place] ?? 0);
        const last = bytes.length - 1;
        const differing = (by: number): number[] => bytes.map((b, i) => (i === last ? b + by : b));
        expect(run(m3, [...bytes, 0xff], at).cc, `mask ${m3}`).toBe(0);
        expect(run(m3, differing(1), at).cc, `mask ${m3}`).toBe(1);
        expect(run(m3, differing(-1), at).cc, `mask ${m3}`).toBe(2);
      }
    });
    test('a mask of zero compares equal, and fetches one byte', () => {
      expect(run(0, [0xff]).cc).toBe(0);
      const out = bench.run({ code: [encode(op, { r1: 1, m3: 0, b2: 7 })], gr: { 7: 0x1000_0000n }, cc: 3 });
      expect([out.pgm?.code, out.cc]).toEqual([5, 3]);
    });
    test('bytes are unsigned', () => {
      expect(run(8, [0xff]).cc).toBe(1);
    });
    test('only the bytes of the mask are fetched', () => {
      const setup = { gr: { 1: REGISTER, 7: 0x2_fffen }, cc: 3, mask: KEY_2, keys: { 192512: 0x20, 196608: 0x18 } };
      expect(bench.run({ code: [encode(op, { r1: 1, m3: 0b0011, b2: 7 })], ...setup }).pgm).toBeUndefined();
      const out = bench.run({ code: [encode(op, { r1: 1, m3: 0b0111, b2: 7 })], ...setup });
      expect([out.pgm?.code, out.cc]).toEqual([4, 3]);
    });
  });
}
