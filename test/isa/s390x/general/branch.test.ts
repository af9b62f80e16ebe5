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

describe('BIC', () => {
  const AT = 0x2_0000;
  const run = (m1: number, cc: number, more: { readonly mask?: bigint; readonly gr7?: bigint } = {}) =>
    bench.run({
      code: [encode('BIC', { m1, x2: 7, b2: 8, d2: -16 })],
      gr: { 7: more.gr7 ?? 0x10n, 8: BigInt(AT) },
      cc,
      storage: { [AT]: 'ffffffff80012344' },
      ...(more.mask === undefined ? {} : { mask: more.mask }),
    });
  test('goes where the doubleword says when the mask has the condition code, and on when not', () => {
    for (let m1 = 0; m1 < 16; m1++) {
      for (let cc = 0; cc < 4; cc++) {
        const taken = (m1 & (8 >> cc)) !== 0;
        expect(run(m1, cc, { mask: MASK_64 }).address).toBe(taken ? 0xffff_ffff_8001_2344n : CODE + 6n);
      }
    }
  });
  test('wraps the address to the addressing mode', () => {
    expect(run(15, 0, { mask: MASK_64 & ~(1n << 32n) }).address).toBe(0x1_2344n);
  });
  test('looks at the doubleword when it is taken only', () => {
    const outside = { mask: MASK_64, gr7: 0x7000_0000n };
    expect(run(7, 0, outside).pgm).toBeUndefined();
    const out = run(8, 0, outside);
    expect(out.pgm).toMatchObject({ code: 5, ilc: 6 });
    expect(out.address).toBe(CODE + 6n);
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
