/**
 * A product plus an addend, rounded once, from operations that round each. What a rounded operation lost is found again
 * exactly; the last sum but one is rounded to odd, so that its own rounding cannot mislead the last one (Boldo and
 * Melquiond, "Emulation of a FMA and Correctly Rounded Sums").
 */

import type { F32, F64, I32, V128 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';
import { isBelowInfinity, isWellNormal, isZero, promoted } from './fast.ts';
import { asF64, bitsOfF64 } from './operand.ts';

/** A rounded value and what is missing from it. */
interface Pair {
  readonly value: F64;
  readonly rest: F64;
}

/** A fused result: what `fastOr` wants to know of it. */
export interface Fused<N> {
  readonly value: N;
  readonly safe: I32;
  exact(): I32;
}

/** A result that the host has fused: what `usualOr` wants to know of it. */
export interface HostFused<N> {
  readonly value: N;
  readonly usual: I32;
  rare(): I32;
}

function sum($: Sem, a: F64, b: F64): Pair {
  const value = $.add(a, b);
  const partOfB = $.sub(value, a);
  return { value, rest: $.add($.sub(a, $.sub(value, partOfB)), $.sub(b, partOfB)) };
}

/** Halves of a significand, whose products are exact. */
function halves($: Sem, a: F64): Pair {
  const spread = $.mul(a, 2 ** 27 + 1);
  const value = $.sub(spread, $.sub(spread, a));
  return { value, rest: $.sub(a, value) };
}

function product($: Sem, a: F64, b: F64): Pair {
  const value = $.mul(a, b);
  const x = halves($, a);
  const y = halves($, b);
  const high = $.sub($.mul(x.value, y.value), value);
  const crossed = $.add($.add(high, $.mul(x.value, y.rest)), $.mul(x.rest, y.value));
  return { value, rest: $.add(crossed, $.mul(x.rest, y.rest)) };
}

// Of the two neighbours of an inexact sum, the one with an odd last bit: the other one when the nearest is even.
function toOdd($: Sem, { value, rest }: Pair): F64 {
  const bits = bitsOfF64($, value);
  const outward = $.eq($.cmp('gt', rest, 0), $.cmp('gt', value, 0));
  const moves = $.and($.ne(rest, 0), $.isZero($.and(bits, 1n)));
  const moved = $.select(outward, $.add(bits, 1n), $.sub(bits, 1n));
  return asF64($, $.select(moves, moved, bits));
}

/** `a * b + c` of short numbers. In long, the product is exact and the sum needs care only behind its last bit. */
export function fusedShort($: Sem, a: F32, b: F32, c: F32): Fused<F32> {
  const total = sum($, $.mul(promoted($, a), promoted($, b)), promoted($, c));
  const precise = toOdd($, total);
  const value: F32 = $.conv('f32', 'demote_f64', precise);
  return {
    value,
    safe: $.and(isBelowInfinity($, total.value), $.or(isWellNormal($, value), isZero($, total.value))),
    exact: () => $.eq(promoted($, value), precise),
  };
}

/** Bounds between which nothing below overflows or loses bits by underflow. */
const GREATEST = 2 ** 900;
const LEAST = 2 ** -900;

function isModerate($: Sem, value: F64): I32 {
  const magnitude = $.un('abs', value);
  const large = $.cmp('gt', magnitude, LEAST);
  return $.and($.cmp('lt', magnitude, GREATEST), $.or(large, isZero($, value)));
}

/** `a * b + c` of long numbers. */
export function fusedLong($: Sem, a: F64, b: F64, c: F64): Fused<F64> {
  const p = product($, a, b);
  const low = sum($, c, p.rest);
  const high = sum($, p.value, low.value);
  const rest = sum($, low.rest, high.rest);
  const odd = toOdd($, rest);
  const last = sum($, high.value, odd);
  const product0 = $.or(isZero($, a), isZero($, b));
  const bounded = $.and($.cmp('lt', $.un('abs', p.value), GREATEST), $.cmp('lt', $.un('abs', c), GREATEST));
  const lossless = $.or($.cmp('gt', $.un('abs', p.value), LEAST), product0);
  return {
    value: last.value,
    safe: $.and(
      $.and($.and(isModerate($, a), isModerate($, b)), $.and(bounded, lossless)),
      isWellNormal($, last.value),
    ),
    exact: () => $.and($.eq(rest.rest, 0), $.eq(last.rest, 0)),
  };
}

/**
 * `a * b + c` of long numbers, where `$.fuses()`: what is missing from the product is one more such operation. When neither that
 * nor the sum behind it lost anything, the result is exact, zero or not.
 */
export function hostFusedLong($: Sem, a: F64, b: F64, c: F64): HostFused<F64> {
  const wide = (value: F64): V128 => $.conv('v128', 'f64x2.splat', value);
  const fused = (addend: F64): F64 => $.lane('f64', 'f64x2.extract_lane', 0, $.fused(wide(a), wide(b), wide(addend)));
  const value = fused(c);
  const normal = isWellNormal($, value);
  return {
    value,
    usual: normal,
    rare: () => {
      const p = $.mul(a, b);
      const lossless = $.or($.cmp('gt', $.un('abs', p), LEAST), $.or(isZero($, a), isZero($, b)));
      const exact = $.and($.eq(fused($.un('neg', p)), 0), $.eq(sum($, p, c).rest, 0));
      return $.and($.and($.or(normal, isZero($, value)), lossless), exact);
    },
  };
}
