/** What rounding by WebAssembly's arithmetic, to nearest even, has lost, and when that can be told: both architectures build on it. */

import type { F32, F64, I32, I64, Node } from './node.ts';
import type { Recorder } from './recorder.ts';

/** Smallest normal numbers. */
const LEAST_SHORT = 2 ** -126;
const LEAST_LONG = 2 ** -1022;

export function asF32($: Recorder, bits: I32): F32 {
  return $.conv('f32', 'reinterpret_i32', bits);
}
export function asF64($: Recorder, bits: I64): F64 {
  return $.conv('f64', 'reinterpret_i64', bits);
}
export function bitsOfF32($: Recorder, value: F32): I32 {
  return $.conv('i32', 'reinterpret_f32', value);
}
export function bitsOfF64($: Recorder, value: F64): I64 {
  return $.conv('i64', 'reinterpret_f64', value);
}

/** 1 for a finite number. */
export function isBelowInfinity<T extends 'f32' | 'f64'>($: Recorder, value: Node<T>): I32 {
  return $.cmp('lt', $.un('abs', value), Number.POSITIVE_INFINITY);
}

/** 1 for a normal number above the smallest one: nothing below was rounded up to it. */
export function isWellNormal<T extends 'f32' | 'f64'>($: Recorder, value: Node<T>): I32 {
  const magnitude = $.un('abs', value);
  const least = value.ty === 'f32' ? LEAST_SHORT : LEAST_LONG;
  return $.and($.cmp('gt', magnitude, least), $.cmp('lt', magnitude, Number.POSITIVE_INFINITY));
}

/** A short number as a long one: products of two are exact. */
export function promoted($: Recorder, value: F32): F64 {
  return $.conv('f64', 'promote_f32', value);
}

/** 1 when the number is a zero. */
export function isZero<T extends 'f32' | 'f64'>($: Recorder, value: Node<T>): I32 {
  return $.eq(value, 0);
}

/** 1 when the number is no NaN. */
export function isNumber<T extends 'f32' | 'f64'>($: Recorder, value: Node<T>): I32 {
  return $.eq(value, value);
}

/** A rounded value and what is missing from it. */
export interface Rounded {
  readonly value: F64;
  readonly rest: F64;
}

export function sumWithRest($: Recorder, a: F64, b: F64): Rounded {
  const value = $.add(a, b);
  const partOfB = $.sub(value, a);
  return { value, rest: $.add($.sub(a, $.sub(value, partOfB)), $.sub(b, partOfB)) };
}

/** Halves of a significand, whose products are exact. */
function halves($: Recorder, a: F64): Rounded {
  const spread = $.mul(a, 2 ** 27 + 1);
  const value = $.sub(spread, $.sub(spread, a));
  return { value, rest: $.sub(a, value) };
}

export function productWithRest($: Recorder, a: F64, b: F64): Rounded {
  const value = $.mul(a, b);
  const x = halves($, a);
  const y = halves($, b);
  const high = $.sub($.mul(x.value, y.value), value);
  const crossed = $.add($.add(high, $.mul(x.value, y.rest)), $.mul(x.rest, y.value));
  return { value, rest: $.add(crossed, $.mul(x.rest, y.rest)) };
}

/** Of the two neighbours of an inexact sum, the one with an odd last bit: the other one when the nearest is even. */
export function toOdd($: Recorder, { value, rest }: Rounded): F64 {
  const bits = bitsOfF64($, value);
  const outward = $.eq($.cmp('gt', rest, 0), $.cmp('gt', value, 0));
  const moves = $.and($.ne(rest, 0), $.isZero($.and(bits, 1n)));
  const moved = $.select(outward, $.add(bits, 1n), $.sub(bits, 1n));
  return asF64($, $.select(moves, moved, bits));
}

/** Bounds between which no product with its rest overflows or loses bits by underflow. */
export const GREATEST = 2 ** 900;
export const LEAST = 2 ** -900;

/** 1 for a number between the bounds, and for a zero. */
export function isModerate($: Recorder, value: F64): I32 {
  const magnitude = $.un('abs', value);
  const large = $.cmp('gt', magnitude, LEAST);
  return $.and($.cmp('lt', magnitude, GREATEST), $.or(large, isZero($, value)));
}

/** `a * b + c`, rounded once, with what is missing from the sum that was rounded, and from what was rounded to odd for that. */
export interface FusedSum extends Rounded {
  readonly oddRest: F64;
  /** 1 when nothing overflowed or lost bits on the way. */
  readonly safe: I32;
}

/**
 * A product plus an addend, rounded once, from operations that round each. What a rounded operation lost is found again
 * exactly; the last sum but one is rounded to odd, so that its own rounding cannot mislead the last one (Boldo and
 * Melquiond, "Emulation of a FMA and Correctly Rounded Sums").
 */
export function fusedSum($: Recorder, a: F64, b: F64, c: F64): FusedSum {
  const p = productWithRest($, a, b);
  const low = sumWithRest($, c, p.rest);
  const high = sumWithRest($, p.value, low.value);
  const rest = sumWithRest($, low.rest, high.rest);
  const last = sumWithRest($, high.value, toOdd($, rest));
  const product0 = $.or(isZero($, a), isZero($, b));
  const bounded = $.and($.cmp('lt', $.un('abs', p.value), GREATEST), $.cmp('lt', $.un('abs', c), GREATEST));
  const lossless = $.or($.cmp('gt', $.un('abs', p.value), LEAST), product0);
  return {
    ...last,
    oddRest: rest.rest,
    safe: $.and(
      $.and($.and(isModerate($, a), isModerate($, b)), $.and(bounded, lossless)),
      isWellNormal($, last.value),
    ),
  };
}
