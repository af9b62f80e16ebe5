import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();

describe('BRCT', () => {
  test('counts in the low word only and leaves bits 0-31', () => {
    const out = bench.run({ code: [encode('BRCT', { r1: 2, ri2: 0x20 })], gr: { 2: 0xffff_ffff_0000_0002n } });
    expect(out.gr[2]).toBe(0xffff_ffff_0000_0001n);
    expect(out.address).toBe(CODE + 0x20n);
  });
  test('falls through when the counter reaches zero', () => {
    const out = bench.run({ code: [encode('BRCT', { r1: 2, ri2: -0x20 })], gr: { 2: 1n } });
    expect(out.gr[2]).toBe(0n);
    expect(out.address).toBe(CODE + 4n);
  });
});

describe('EX', () => {
  test('EX of itself is an execute exception', () => {
    const ex = encode('EX', { r1: 0, b2: 1 });
    const out = bench.run({ code: [ex], gr: { 1: CODE } });
    expect(out.pgm).toMatchObject({ code: 3, ilc: 4 });
    expect(out.address).toBe(CODE + 4n);
  });
  test('a relative branch counts from the target, and the PSW passes EX by 4 bytes', () => {
    const out = bench.run({
      code: [encode('EX', { r1: 0, b2: 1 })],
      gr: { 1: 0x20000n },
      cc: 0,
      storage: { 0x20000: encode('BRC', { m1: 8, ri2: 0x10 }) },
    });
    expect(out.address).toBe(0x20010n);
    const not = bench.run({
      code: [encode('EX', { r1: 0, b2: 1 })],
      gr: { 1: 0x20000n },
      cc: 1,
      mask: MASK_64,
      storage: { 0x20000: encode('BRC', { m1: 8, ri2: 0x10 }) },
    });
    expect(not.address).toBe(CODE + 4n);
  });
});
