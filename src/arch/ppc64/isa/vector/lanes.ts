/**
 * Vectors as the bodies see them. A register's leftmost byte is the last one of its image, so of n elements element e is lane
 * n - 1 - e.
 */

import type { I32, V128 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';
import { saturated } from './rows.ts';

/** Log2 of an element's bytes: bytes, halfwords, words. */
export type Size = 0 | 1 | 2;
/** The same, with doublewords. */
export type WideSize = Size | 3;
export const BYTE = 0;
export const HALFWORD = 1;
export const WORD = 2;
export const DOUBLEWORD = 3;
export const sizes = [BYTE, HALFWORD, WORD] as const;
/** How mnemonics name an element. */
export const letters = ['b', 'h', 'w', 'd'] as const;

const shapes = ['i8x16', 'i16x8', 'i32x4', 'i64x2'] as const;
const twice = [1, 2, 3] as const;

/** Bits of an element. */
export function bitsOf(size: WideSize): number {
  return 8 << size;
}

// ---- making vectors

/** Every element the same. */
export function splat($: Sem, size: WideSize, value: bigint | number): V128 {
  return size === 3 ? $.conv('v128', 'i64x2.splat', $.i64(value)) : splatWord($, size, $.i32(Number(value)));
}
/** Every element the low bits of a word. */
export function splatWord($: Sem, size: Size, value: I32): V128 {
  return $.conv('v128', `${shapes[size]}.splat`, value);
}

/** A vector of bytes by place, from the left. */
export function places($: Sem, of: (place: number) => number): V128 {
  const half = (from: number): bigint =>
    Array.from({ length: 8 }, (_, i) => of(from + i)).reduce((all, n) => (all << 8n) | BigInt(n & 0xff), 0n);
  return $.quad($.i64(half(0)), $.i64(half(8)));
}

/** The bytes of a and b, one behind the other, that the numbers from the left in c name. */
export function permuted($: Sem, a: V128, b: V128, c: V128): V128 {
  const index = $.bin('v128.and', c, splat($, BYTE, 31));
  // Places count from the left, lanes from the right; what is out of reach gives zeros.
  const inA = $.bin('i8x16.swizzle', a, $.bin('i8x16.sub', splat($, BYTE, 15), index));
  const inB = $.bin('i8x16.swizzle', b, $.bin('i8x16.sub', splat($, BYTE, 31), index));
  return $.bin('v128.or', inA, inB);
}

// ---- operations on lanes

export function lanewise($: Sem, size: WideSize, operation: string, a: V128, b: V128): V128 {
  return $.bin(`${shapes[size]}.${operation}`, a, b);
}
export function shifted($: Sem, size: WideSize, operation: 'shl' | 'shr_s' | 'shr_u', a: V128, by: I32 | number): V128 {
  return $.lanesBy(`${shapes[size]}.${operation}`, a, by);
}
/** Bits of `a` where `mask` is one, of `b` where it is zero. */
export function choose($: Sem, mask: V128, a: V128, b: V128): V128 {
  return $.bin('v128.or', $.bin('v128.and', a, mask), $.bin('v128.andnot', b, mask));
}
/** 1 when any bit is one. */
export function any($: Sem, a: V128): I32 {
  return $.conv('i32', 'v128.any_true', a);
}

/** Lanes shifted each by the number in its own lane of `by`, modulo the width: bit by bit of the numbers. */
export function shiftedEach($: Sem, size: WideSize, operation: 'shl' | 'shr_s' | 'shr_u', a: V128, by: V128): V128 {
  let result = a;
  for (let bit = 1; bit < bitsOf(size); bit *= 2) {
    const one = splat($, size, bit);
    const taken = lanewise($, size, 'eq', $.bin('v128.and', by, one), one);
    result = choose($, taken, shifted($, size, operation, result, bit), result);
  }
  return result;
}

// ---- elements of twice the width

const suffix = (signed: boolean): string => (signed ? 's' : 'u');

/** One half of the elements, extended. */
export function extended($: Sem, size: Size, half: 'high' | 'low', signed: boolean, a: V128): V128 {
  return $.conv('v128', `${shapes[twice[size]]}.extend_${half}_${shapes[size]}_${suffix(signed)}`, a);
}
/** The even or the odd elements, counted from the left, extended. */
export function everySecond($: Sem, size: Size, parity: 'even' | 'odd', signed: boolean, a: V128): V128 {
  const onLeft = parity === 'even' ? a : shifted($, twice[size], 'shl', a, bitsOf(size));
  return shifted($, twice[size], signed ? 'shr_s' : 'shr_u', onLeft, bitsOf(size));
}
/** Sums of pairs of elements, extended. */
export function pairSums($: Sem, size: 0 | 1, signed: boolean, a: V128): V128 {
  return $.conv('v128', `${shapes[twice[size]]}.extadd_pairwise_${shapes[size]}_${suffix(signed)}`, a);
}
/** The right halves of the elements of a, and then of b, side by side; `size` is that of the halves. */
export function rightHalves($: Sem, size: Size, a: V128, b: V128): V128 {
  if (size === WORD) {
    const half = (place: number): number => (place >> 2) * 8 + 4 + (place & 3);
    const index = places($, half);
    return permuted($, a, b, index);
  }
  const mask = splat($, twice[size], (1 << bitsOf(size)) - 1);
  const kept = (v: V128): V128 => $.bin('v128.and', v, mask);
  return $.bin(size === BYTE ? 'i8x16.narrow_i16x8_u' : 'i16x8.narrow_i32x4_u', kept(b), kept(a));
}

// ---- words whose sums stay in range

/** Where a sum of unsigned words carried: ones. */
export function carries($: Sem, a: V128, sum: V128): V128 {
  return $.bin('i32x4.lt_u', sum, a);
}

/** Sums of words that stay at the end of their range; VSCR[SAT] tells. */
export function saturatedSum($: Sem, signed: boolean, a: V128, b: V128): V128 {
  const sum = $.bin('i32x4.add', a, b);
  if (!signed) {
    const over = carries($, a, sum);
    saturated($, any($, over));
    return $.bin('v128.or', sum, over);
  }
  return withinRange($, a, sum, $.bin('v128.and', $.bin('v128.xor', a, sum), $.bin('v128.xor', b, sum)));
}

/** The same of differences. */
export function saturatedDifference($: Sem, signed: boolean, a: V128, b: V128): V128 {
  const difference = $.bin('i32x4.sub', a, b);
  if (!signed) {
    const below = $.bin('i32x4.lt_u', a, b);
    saturated($, any($, below));
    return $.bin('v128.andnot', difference, below);
  }
  return withinRange($, a, difference, $.bin('v128.and', $.bin('v128.xor', a, b), $.bin('v128.xor', a, difference)));
}

// Where the leftmost bit of `over` is one, the end of the range on the side of `a` is taken.
function withinRange($: Sem, a: V128, value: V128, over: V128): V128 {
  const out = shifted($, WORD, 'shr_s', over, 31);
  saturated($, any($, out));
  const end = $.bin('v128.xor', shifted($, WORD, 'shr_s', a, 31), splat($, WORD, 0x7fff_ffff));
  return choose($, out, end, value);
}
