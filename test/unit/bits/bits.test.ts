import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bit, bits, mask, u64, withBits } from '../../../src/bits/bits.ts';

const doubleword = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const negativeToo = fc.bigInt({ min: -(1n << 64n), max: (1n << 65n) - 1n });
const range = fc.tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 63 })).map(([a, b]) => ({
  from: Math.min(a, b),
  to: Math.max(a, b),
}));

/** The 64 bits of a value as text, leftmost first: the manual's picture of it. */
function picture(value: bigint): string {
  return BigInt.asUintN(64, value).toString(2).padStart(64, '0');
}

test.each([
  [0, 0, 0x1n],
  [63, 63, 0x1n],
  [0, 7, 0x80n],
  [52, 63, 0xabfn],
  [0, 63, 0x8000_0000_0000_0abfn],
])('bits %d to %d count from the left', (from, to, wanted) => {
  expect(bits(0x8000_0000_0000_0abfn, from, to)).toBe(wanted);
});

describe('for any range of bits', () => {
  test('bits cuts it out of the picture, whatever lies past 64 bits', () => {
    fc.assert(
      fc.property(negativeToo, range, (value, { from, to }) => {
        expect(bits(value, from, to)).toBe(BigInt(`0b${picture(value).slice(from, to + 1)}`));
      }),
    );
  });

  test('bit is the bits of one place', () => {
    fc.assert(
      fc.property(negativeToo, fc.integer({ min: 0, max: 63 }), (value, n) => {
        expect(bit(value, n)).toBe(picture(value)[n] === '1');
      }),
    );
  });

  test('mask has ones there and nowhere else', () => {
    fc.assert(
      fc.property(range, ({ from, to }) => {
        const ones = '1'.repeat(to - from + 1);
        expect(picture(mask(from, to))).toBe('0'.repeat(from) + ones + '0'.repeat(63 - to));
      }),
    );
    expect(mask(0)).toBe(1n << 63n);
    expect(mask(63)).toBe(1n);
  });

  test('withBits replaces it by the low bits of the field and leaves the rest', () => {
    fc.assert(
      fc.property(negativeToo, range, negativeToo, (value, { from, to }, field) => {
        const old = picture(value);
        const low = picture(field).slice(63 - (to - from));
        expect(picture(withBits(value, from, to, field))).toBe(old.slice(0, from) + low + old.slice(to + 1));
        expect(withBits(value, from, to, field)).toBeLessThan(1n << 64n);
      }),
    );
  });

  test('what withBits puts in, bits gets out', () => {
    fc.assert(
      fc.property(doubleword, range, doubleword, (value, { from, to }, field) => {
        expect(bits(withBits(value, from, to, field), from, to)).toBe(bits(field, 63 - (to - from), 63));
      }),
    );
  });
});

test('u64 wraps both ways', () => {
  expect(u64(-1n)).toBe(0xffff_ffff_ffff_ffffn);
  expect(u64(1n << 64n)).toBe(0n);
});
