import { describe, expect, test } from 'vitest';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { hex, perform } from './forms.ts';

const bench = new Bench();
const M64 = 0xffff_ffff_ffff_ffffn;

describe('the fixed-point-overflow exception', () => {
  const signed = [
    ['AR', 'low', 'low', 0x7fff_ffffn, 1n, 0x8000_0000n],
    ['AGRK', 'full', 'full', 0x7fff_ffff_ffff_ffffn, 1n, 1n << 63n],
    ['SG', 'full', 'm64', 1n << 63n, 1n, 0x7fff_ffff_ffff_ffffn],
    ['AIH', 'high', 'imm', 0x7fff_ffffn, 1n, 0x8000_0000n],
    ['ASI', 'm32', 'imm', 0x7fff_ffffn, 1n, 0x8000_0000n],
  ] as const;
  for (const [op, part, b, x, y, sum] of signed) {
    test(`${op} completes: result and condition code 3 are there, the PSW is past it`, () => {
      const got = perform(bench, { op, to: part, a: part, b }, x, y, { programMask: 8 });
      expect(got.out.pgm).toMatchObject({ code: 8, nullified: false });
      expect([got.result, got.cc, got.out.address]).toEqual([sum, 3, got.next]);
    });
  }
  test('the other bits of the program mask do not ask for it', () => {
    const got = perform(bench, { op: 'AR', to: 'low', a: 'low', b: 'low' }, 0x7fff_ffffn, 1n, { programMask: 7 });
    expect(got.out.pgm).toBeUndefined();
    expect(got.cc).toBe(3);
  });
  test('ALR has none', () => {
    const got = perform(bench, { op: 'ALR', to: 'low', a: 'low', b: 'low' }, 0x7fff_ffffn, 1n, { programMask: 8 });
    expect(got.out.pgm).toBeUndefined();
    expect(got.cc).toBe(1);
  });
});

describe('one register as both operands', () => {
  test('SGR of a register by itself is zero', () => {
    const out = bench.run({ code: [encode('SGR', { r1: 3, r2: 3 })], gr: { 3: M64 }, cc: 3 });
    expect([out.gr[3], out.cc]).toEqual([0n, 0]);
  });
  test('ALGRK puts the sum over its second operand', () => {
    const out = bench.run({ code: [encode('ALGRK', { r1: 3, r2: 3, r3: 3 })], gr: { 3: 1n << 63n } });
    expect([out.gr[3], out.cc]).toEqual([0n, 2]);
  });
});

describe('faults change nothing', () => {
  const protectedPage = { keys: { 196608: 0x18 }, mask: 0x0021_0001_8000_0000n };
  for (const op of ['A', 'AG', 'ALC', 'SLBG', 'SH']) {
    test(`${op}: fetch protection`, () => {
      const out = bench.run({
        code: [encode(op, { r1: 1, b2: 2 })],
        gr: { 1: 5n, 2: 0x30000n },
        cc: 2,
        ...protectedPage,
      });
      expect(out.pgm?.code).toBe(4);
      expect([out.gr[1], out.cc]).toEqual([5n, 2]);
    });
  }
  for (const op of ['ASI', 'AGSI', 'ALSI', 'ALGSI']) {
    test(`${op}: the store is checked before anything is set`, () => {
      const out = bench.run({
        code: [encode(op, { b1: 2, i2: 1 })],
        gr: { 2: 0x30000n },
        cc: 2,
        keys: { 196608: 0x10 },
        mask: 0x0021_0001_8000_0000n,
        storage: { 196608: hex(0x7fffn, 8) },
      });
      expect(out.pgm?.code).toBe(4);
      expect([out.storage(0x30000, 8), out.cc]).toEqual([hex(0x7fffn, 8), 2]);
    });
    test(`${op}: an operand that crosses into a page that cannot be stored into`, () => {
      const out = bench.run({
        code: [encode(op, { b1: 2, i2: 1 })],
        gr: { 2: 0x2fffen },
        cc: 2,
        keys: { 192512: 0x20, 196608: 0x10, 65536: 0x20 },
        mask: 0x0021_0001_8000_0000n,
        storage: { 196600: hex(0x7fffn, 16) },
      });
      expect(out.pgm?.code).toBe(4);
      expect([out.storage(0x2fff8, 16), out.cc]).toEqual([hex(0x7fffn, 16), 2]);
    });
  }
  test('AGSI across two pages that can be', () => {
    const out = bench.run({
      code: [encode('AGSI', { b1: 2, i2: -1 })],
      gr: { 2: 0x2fffdn },
      storage: { 196605: hex(0x1_0000_0000_0000n, 8) },
    });
    expect([out.storage(0x2fffd, 8), out.cc]).toEqual([hex(0xffff_ffff_ffffn, 8), 2]);
  });
});
