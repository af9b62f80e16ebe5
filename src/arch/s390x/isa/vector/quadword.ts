/**
 * Vectors as one integer of 128 bits, and products that wide: what the vector-enhancements facility 3 adds to the integer
 * instructions. WebAssembly has no lanes of that size.
 */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { requireFacilityIf } from '../form.ts';
import type { Sem } from '../sem.ts';
import { add128, high, low, multiply64, not, pair, rightmost, zero } from './lanes.ts';

/** Elements of a size that came with the facility: a specification exception without it. */
export function requireWideElements($: Sem): void {
  requireFacilityIf($, $.i32(1), 'vector-enhancements-3');
}

// ---- order

/** 1 when `a` is less. */
export function isLess128($: Sem, signed: boolean, a: V128, b: V128): I32 {
  const left = signed ? $.ltS(high($, a), high($, b)) : $.ltU(high($, a), high($, b));
  const right = $.and($.eq(high($, a), high($, b)), $.ltU(low($, a), low($, b)));
  return $.or(left, right);
}

export function isEqual128($: Sem, a: V128, b: V128): I32 {
  return $.and($.eq(high($, a), high($, b)), $.eq(low($, a), low($, b)));
}

/** All ones when the condition is 1, zero when it is 0. */
export function maskOf128($: Sem, condition: I32): V128 {
  return $.conv('v128', 'i64x2.splat', $.sub($.i64(0), $.zext(condition)));
}

/** All ones for a number less than zero. */
function signMask($: Sem, a: V128): V128 {
  return $.conv('v128', 'i64x2.splat', $.shrS(high($, a), 63));
}

// ---- sums and counts

function difference128($: Sem, a: V128, b: V128): V128 {
  return add128($, a, not($, b), $.i64(1)).value;
}

export function negative128($: Sem, a: V128): V128 {
  return difference128($, zero($), a);
}

export function absolute128($: Sem, a: V128): V128 {
  const mask = signMask($, a);
  return difference128($, $.xor(a, mask), mask);
}

/** Half of the sum of two numbers and one. */
export function average128($: Sem, signed: boolean, a: V128, b: V128): V128 {
  const odd = $.xor(a, b);
  const left = signed ? $.shrS(high($, odd), 1) : $.shrU(high($, odd), 1);
  const half = pair($, left, $.or($.shl(high($, odd), 63), $.shrU(low($, odd), 1)));
  return difference128($, $.or(a, b), half);
}

export function leadingZeros128($: Sem, a: V128): V128 {
  const right = $.add($.clz(low($, a)), 64);
  return rightmost($, $.select($.isZero(high($, a)), right, $.clz(high($, a))));
}

export function trailingZeros128($: Sem, a: V128): V128 {
  const of = (doubleword: I64): I64 => $.popcnt($.and($.sub(doubleword, 1), $.not(doubleword)));
  return rightmost($, $.select($.isZero(low($, a)), $.add(of(high($, a)), 64), of(low($, a))));
}

// ---- products

/** The product of two doublewords. */
export function doublewordProduct($: Sem, signed: boolean, a: I64, b: I64): V128 {
  const [left, right] = multiply64($, a, b);
  if (!signed) return pair($, left, right);
  const correction = $.add($.and($.shrS(a, 63), b), $.and($.shrS(b, 63), a));
  return pair($, $.sub(left, correction), right);
}

/** A doubleword as a quadword of the same value. */
function extended($: Sem, signed: boolean, a: I64): V128 {
  return pair($, signed ? $.shrS(a, 63) : $.i64(0), a);
}

/** The left half of `a * b`, or of `a * b + c`, of doublewords. */
export function doublewordHigh($: Sem, signed: boolean, a: I64, b: I64, c?: I64): I64 {
  const product = doublewordProduct($, signed, a, b);
  return high($, c === undefined ? product : add128($, product, extended($, signed, c), $.i64(0)).value);
}

/** The right half of the product of two quadwords. */
export function lowProduct128($: Sem, a: V128, b: V128): V128 {
  const [left, right] = multiply64($, low($, a), low($, b));
  const crossed = $.add($.mul(high($, a), low($, b)), $.mul(low($, a), high($, b)));
  return pair($, $.add(left, crossed), right);
}

/** The left half of `a * b`, or of `a * b + c`, of quadwords. */
export function highProduct128($: Sem, signed: boolean, a: V128, b: V128, c?: V128): V128 {
  const of = (x: I64, y: I64): V128 => doublewordProduct($, false, x, y);
  const [outerRight, outerLeft] = [of(low($, a), low($, b)), of(high($, a), high($, b))];
  // Neither of the two sums of one product and a doubleword has a carry.
  const first = add128($, of(low($, a), high($, b)), rightmost($, high($, outerRight)), $.i64(0)).value;
  const middle = add128($, of(high($, a), low($, b)), first, $.i64(0));
  const left = add128($, outerLeft, pair($, middle.carry, high($, middle.value)), $.i64(0)).value;
  const right = pair($, low($, middle.value), low($, outerRight));
  const carry = c === undefined ? $.i64(0) : add128($, right, c, $.i64(0)).carry;
  const addend = c === undefined || !signed ? zero($) : signMask($, c);
  const unsigned = add128($, left, addend, carry).value;
  if (!signed) return unsigned;
  return difference128($, difference128($, unsigned, $.and(signMask($, a), b)), $.and(signMask($, b), a));
}
