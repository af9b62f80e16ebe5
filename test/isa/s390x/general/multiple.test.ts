import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { hex } from './forms.ts';

const bench = new Bench();
const M64 = 0xffff_ffff_ffff_ffffn;
/** In one page; across two. */
const places = [
  ['in one page', 0x2_0000n],
  ['across pages', 0x2_ffe4n],
] as const;
/** Key 2, where pages with key 1 are not ours. */
const KEY_2 = MASK_64 | (2n << 52n);

const gr = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, 0x0101_0101_0101_0101n * BigInt(i + 0x50)]));
/** What a register loads: word or doubleword number `i` of the operand. */
const unit = (i: number, bytes: 4 | 8): bigint => BigInt.asUintN(bytes * 8, 0xa1b2_c3d4_e5f6_0700n + BigInt(i));
const operand = (bytes: 4 | 8): string => Array.from({ length: 16 }, (_, i) => hex(unit(i, bytes), bytes)).join('');

const low = (register: bigint, word: bigint): bigint => (register & ~0xffff_ffffn) | word;
const high = (register: bigint, word: bigint): bigint => (register & 0xffff_ffffn) | (word << 32n);

describe('LOAD MULTIPLE', () => {
  const forms = [
    ['LM', 4, low],
    ['LMY', 4, low],
    ['LMG', 8, (_: bigint, value: bigint) => value],
    ['LMH', 4, high],
  ] as const;
  for (const [op, bytes, put] of forms) {
    for (const [where, at] of places) {
      test(`${op} ${where}: one register, several, and from 14 round to 1; the base may be among them`, () => {
        for (const [r1, r3] of [
          [3, 3],
          [5, 9],
          [14, 1],
          [0, 15],
          [9, 8],
        ] as const) {
          const start: Record<number, bigint> = { ...gr, 7: at };
          const out = bench.run({
            code: [encode(op, { r1, r3, b2: 7 })],
            gr: start,
            cc: 2,
            storage: { [Number(at)]: operand(bytes) },
          });
          const count = ((r3 - r1) & 15) + 1;
          for (let i = 0; i < 16; i++) {
            const nth = (i - r1) & 15;
            const before = start[i] ?? 0n;
            expect(out.gr[i], `r${r1} to r${r3}: register ${i}`).toBe(
              nth < count ? put(before, unit(nth, bytes)) : before,
            );
          }
          expect([out.cc, out.pgm]).toEqual([2, undefined]);
        }
      });
    }
    test(`${op}: a second page that cannot be fetched leaves every register`, () => {
      const start: Record<number, bigint> = { ...gr, 7: 0x2_ffe4n };
      const out = bench.run({
        code: [encode(op, { r1: 8, r3: 6, b2: 7 })],
        gr: start,
        mask: KEY_2,
        keys: { 192512: 0x20, 196608: 0x18 },
      });
      expect(out.pgm?.code).toBe(4);
      expect(out.gr).toEqual(Array.from({ length: 16 }, (_, i) => start[i]));
    });
  }
  test('LM wraps from the top of 24-bit storage to 0', () => {
    const out = bench.run({ code: [encode('LM', { r1: 1, r3: 2, b2: 7 })], gr: { 7: 0xff_fffcn }, mask: 0n });
    // The top word is not there.
    expect(out.pgm?.code).toBe(5);
    expect([out.gr[1], out.gr[2]]).toEqual([0n, 0n]);
  });
  test('LMG with a long negative displacement', () => {
    const out = bench.run({
      code: [encode('LMG', { r1: 6, r3: 7, b2: 7, d2: -0x10000 })],
      gr: { 7: 0x3_0000n },
      storage: { 131072: operand(8) },
    });
    expect([out.gr[6], out.gr[7]]).toEqual([unit(0, 8), unit(1, 8)]);
  });
});

// QEMU 7.2 stores zeros for STMH: the manual has bits 0-31 of the registers stored.
describe('STORE MULTIPLE', () => {
  const forms = [
    ['STM', 4, (r: bigint) => BigInt.asUintN(32, r)],
    ['STMY', 4, (r: bigint) => BigInt.asUintN(32, r)],
    ['STMG', 8, (r: bigint) => r],
    ['STMH', 4, (r: bigint) => r >> 32n],
  ] as const;
  for (const [op, bytes, part] of forms) {
    for (const [where, at] of places) {
      test(`${op} ${where}: one register, several, and from 14 round to 1; nothing beside them`, () => {
        for (const [r1, r3] of [
          [3, 3],
          [5, 9],
          [14, 1],
          [0, 15],
          [9, 8],
        ] as const) {
          const start: Record<number, bigint> = { ...gr, 7: at };
          const out = bench.run({ code: [encode(op, { r1, r3, b2: 7 })], gr: start, cc: 2 });
          const count = ((r3 - r1) & 15) + 1;
          let stored = '00'.repeat(8);
          for (let i = 0; i < count; i++) stored += hex(part(start[(r1 + i) & 15] ?? 0n), bytes);
          expect(out.storage(Number(at) - 8, 16 + count * bytes), `r${r1} to r${r3}`).toBe(
            `${stored}${'00'.repeat(8)}`,
          );
          expect([out.cc, out.pgm]).toEqual([2, undefined]);
        }
      });
    }
    test(`${op}: a second page that cannot be stored into leaves the first`, () => {
      const out = bench.run({
        code: [encode(op, { r1: 8, r3: 6, b2: 7 })],
        gr: { ...gr, 7: 0x2_ffe4n },
        mask: KEY_2,
        keys: { 192512: 0x20, 196608: 0x10 },
      });
      expect(out.pgm?.code).toBe(4);
      expect(out.storage(0x2ffc0, 0x80)).toBe('00'.repeat(0x80));
    });
  }
  test('STMG over its own page stores, and what it stored is executed', () => {
    const out = bench.run({
      code: [encode('STMG', { r1: 1, r3: 1, b2: 7 }), encode('LGHI', { r1: 3, i2: 1 })],
      gr: { 1: 0xa739_0002_0700_0700n, 7: CODE + 6n },
    });
    expect(out.gr[3]).toBe(2n);
  });
});

describe('access registers', () => {
  for (const [op, store] of [
    ['LAM', 'STAM'],
    ['LAMY', 'STAMY'],
  ] as const) {
    for (const [where, at] of places) {
      test(`${op} and ${store} ${where}`, () => {
        for (const [r1, r3] of [
          [3, 3],
          [14, 1],
        ] as const) {
          const count = ((r3 - r1) & 15) + 1;
          const out = bench.run({
            code: [encode(op, { r1, r3, b2: 7 }), encode(store, { r1, r3, b2: 6 })],
            gr: { 6: at + 0x1000n, 7: at },
            cc: 2,
            storage: { [Number(at)]: operand(4) },
          });
          for (let i = 0; i < 16; i++) {
            const nth = (i - r1) & 15;
            expect(out.ar[i]).toBe(nth < count ? Number(unit(nth, 4)) : 0);
          }
          expect(out.storage(Number(at) + 0x1000, count * 4 + 4)).toBe(`${operand(4).slice(0, count * 8)}00000000`);
          expect(out.cc).toBe(2);
        }
      });
    }
    test(`${op} and ${store} off a word boundary are specification exceptions`, () => {
      for (const name of [op, store]) {
        const out = bench.run({ code: [encode(name, { r1: 1, r3: 2, b2: 7 })], gr: { 7: 0x2_0002n }, ar: { 1: 9 } });
        expect(out.pgm?.code).toBe(6);
        expect([out.ar[1], out.storage(0x20000, 16)]).toEqual([9, '00'.repeat(16)]);
      }
    });
    test(`${op} and ${store}: a second page that is not ours`, () => {
      const keys = { 192512: 0x20, 196608: 0x18 };
      for (const name of [op, store]) {
        const out = bench.run({
          code: [encode(name, { r1: 0, r3: 15, b2: 7 })],
          gr: { 7: 0x2_ffe4n },
          ar: { 1: 9 },
          mask: KEY_2,
          keys,
        });
        expect(out.pgm?.code).toBe(4);
        expect([out.ar[0], out.ar[1], out.storage(0x2ffe4, 0x40)]).toEqual([0, 9, '00'.repeat(0x40)]);
      }
    });
  }
});

describe('LMD', () => {
  const storage = { 131072: '0102030411121314', 196604: 'a1a2a3a4b1b2b3b4' };
  test('high words come from the second operand, low words from the fourth', () => {
    const out = bench.run({
      code: [encode('LMD', { r1: 15, r3: 0, b2: 6, b4: 7 })],
      gr: { 6: 0x2_0000n, 7: 0x2_fffcn },
      cc: 1,
      storage,
    });
    expect([out.gr[15], out.gr[0], out.cc]).toEqual([0x0102_0304_a1a2_a3a4n, 0x1112_1314_b1b2_b3b4n, 1]);
  });
  test('a fourth operand that cannot be fetched leaves the registers', () => {
    const out = bench.run({
      code: [encode('LMD', { r1: 6, r3: 7, b2: 6, b4: 7 })],
      gr: { 6: 0x2_0000n, 7: 0x2_fffcn },
      mask: KEY_2,
      keys: { 196608: 0x18 },
      storage,
    });
    expect(out.pgm?.code).toBe(4);
    expect([out.gr[6], out.gr[7]]).toEqual([0x2_0000n, 0x2_fffcn]);
  });
});

describe('LPQ and STPQ', () => {
  test('the even register has the left doubleword', () => {
    const out = bench.run({
      code: [encode('LPQ', { r1: 2, b2: 7 }), encode('STPQ', { r1: 4, b2: 7, d2: 16 })],
      gr: { 4: 0x1111n, 5: 0x2222n, 7: 0x2_0000n },
      cc: 3,
      storage: { 131072: hex(77n, 8) + hex(88n, 8) },
    });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([77n, 88n, 3]);
    expect(out.storage(0x20010, 24)).toBe(hex(0x1111n, 8) + hex(0x2222n, 8) + hex(0n, 8));
  });
  for (const op of ['LPQ', 'STPQ']) {
    test.each([
      ['an odd register', { r1: 3 }, 0x2_0000n],
      ['a doubleword boundary', { r1: 2 }, 0x2_0008n],
    ])(`${op}: %s is a specification exception`, (_, operands, base) => {
      const out = bench.run({ code: [encode(op, { ...operands, b2: 7 })], gr: { 2: M64, 3: M64, 7: base } });
      expect(out.pgm?.code).toBe(6);
      expect([out.gr[2], out.gr[3], out.storage(0x20000, 32)]).toEqual([M64, M64, '00'.repeat(32)]);
    });
    test(`${op}: an addressing exception changes nothing`, () => {
      const out = bench.run({ code: [encode(op, { r1: 6, b2: 7 })], gr: { 6: 1n, 7: 0x1000_0000n } });
      expect(out.pgm?.code).toBe(5);
      expect([out.gr[6], out.gr[7]]).toEqual([1n, 0x1000_0000n]);
    });
  }
});

describe('LOAD PAIR DISJOINT', () => {
  const storage = { 131072: hex(0x0102_0304_0506_0708n, 8), 196600: hex(0xa1a2_a3a4_a5a6_a7a8n, 8) };
  const setup = { gr: { 2: M64, 3: M64, 6: 0x2_0000n, 7: 0x2_fff8n }, cc: 3, storage };
  test('LPD loads words and leaves bits 0-31', () => {
    const out = bench.run({ code: [encode('LPD', { r3: 2, b1: 6, b2: 7 })], ...setup });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([0xffff_ffff_0102_0304n, 0xffff_ffff_a1a2_a3a4n, 0]);
  });
  test('LPDG loads doublewords', () => {
    const out = bench.run({ code: [encode('LPDG', { r3: 2, b1: 6, b2: 7 })], ...setup });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([0x0102_0304_0506_0708n, 0xa1a2_a3a4_a5a6_a7a8n, 0]);
  });
  for (const [op, off] of [
    ['LPD', 2],
    ['LPDG', 4],
  ] as const) {
    test.each([
      ['an odd register', { r3: 3 }],
      ['a first operand off its boundary', { r3: 2, d1: off }],
      ['a second operand off its boundary', { r3: 2, d2: off }],
    ])(`${op}: %s is a specification exception`, (_, operands) => {
      const out = bench.run({ code: [encode(op, { b1: 6, b2: 7, ...operands })], ...setup });
      expect(out.pgm?.code).toBe(6);
      expect([out.gr[2], out.gr[3], out.cc]).toEqual([M64, M64, 3]);
    });
    test(`${op}: a second operand that cannot be fetched leaves the pair`, () => {
      const out = bench.run({
        code: [encode(op, { r3: 2, b1: 6, b2: 7 })],
        ...setup,
        mask: KEY_2,
        keys: { 192512: 0x18 },
      });
      expect(out.pgm?.code).toBe(4);
      expect([out.gr[2], out.gr[3], out.cc]).toEqual([M64, M64, 3]);
    });
  }
});
