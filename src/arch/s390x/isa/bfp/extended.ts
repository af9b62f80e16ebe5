/**
 * Extended numbers in IR, as far as compilers need them between 64-bit integers and long numbers: made of integers, added,
 * rounded. Only normal numbers far from overflow and underflow; the rest is the exact path's.
 */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';

/** The two doublewords of a number: sign, 15 bits of exponent and 48 of fraction, then 64 of fraction. */
export interface Extended {
  readonly high: I64;
  readonly low: I64;
}

/** A rounded result, and whether it is one that these functions can tell. */
export interface Rounded<N> {
  readonly value: N;
  readonly safe: I32;
  readonly inexact: I32;
}

const SIGN = 1n << 63n;
const MAGNITUDE = SIGN - 1n;
const FRACTION = (1n << 48n) - 1n;
const BIAS = 16383n;

/** A register pair. */
export function extendedIn($: Sem, r: Field): Extended {
  return { high: $.fpr(r), low: $.fpr(r, 2) };
}

export function setExtendedPair($: Sem, r: Field, { high, low }: Extended): void {
  $.setFpr(r, high);
  $.setFpr(r, low, 2);
}

/** An integer of 64 bits, which is always exact. */
export function extendedOfInteger($: Sem, value: I64, signed: boolean): Extended {
  const sign = signed ? $.and(value, SIGN) : $.i64(0);
  const size = signed ? $.select($.ne(sign, 0), $.sub($.i64(0), value), value) : value;
  const zeros = $.clz(size);
  // The first one is not part of the fraction.
  const fraction = $.shl($.shl(size, zeros), 1);
  const exponent = $.shl($.sub($.i64(BIAS + 63n), zeros), 48);
  const zero = $.isZero(size);
  const high = $.or($.or(sign, exponent), $.shrU(fraction, 16));
  return { high: $.select(zero, $.i64(0), high), low: $.select(zero, $.i64(0), $.shl(fraction, 48)) };
}

/** Rounded to nearest even, to a format with `fraction` bits of fraction and the bias, as bits with the sign leftmost. */
function narrowed($: Sem, { high, low }: Extended, fraction: 23n | 52n, bias: bigint): Rounded<I64> {
  const magnitude = $.and(high, MAGNITUDE);
  const exponent = $.shrU(magnitude, 48);
  const inRange = $.ltU($.sub(exponent, BIAS - bias + 2n), 2n * bias - 2n);
  const zero = $.isZero($.or(magnitude, low));
  // The fraction in 112 bits: what is kept, and what is lost with its first bit leftmost.
  const wide = fraction > 48n;
  const surplus = 48n - fraction;
  const part = $.and(high, FRACTION);
  const kept = wide ? $.or($.shl(part, 4), $.shrU(low, 60)) : $.shrU(part, surplus);
  const lost = wide ? $.shl(low, 4) : $.or($.shl(part, 64n - surplus), $.zext($.ne(low, 0)));
  const tie = $.eq(lost, SIGN);
  const up = $.select(tie, $.and(kept, 1n), $.shrU(lost, 63));
  const placed = $.add($.or($.shl($.sub(exponent, BIAS - bias), fraction), kept), up);
  const signAt = wide ? $.and(high, SIGN) : $.shl($.shrU(high, 63), 31);
  return {
    value: $.or($.select(zero, $.i64(0), placed), signAt),
    safe: $.or(inRange, zero),
    inexact: $.ne(lost, 0),
  };
}

/** The bits of the long number that is nearest. */
export function longOfExtended($: Sem, value: Extended): Rounded<I64> {
  return narrowed($, value, 52n, 1023n);
}

/** The bits of the short number that is nearest. */
export function shortOfExtended($: Sem, value: Extended): Rounded<I32> {
  const { value: bits, safe, inexact } = narrowed($, value, 23n, 127n);
  return { value: $.wrap(bits), safe, inexact };
}

/** 116 bits: a significand with its one in bit 51, from the right, of the upper part, and three bits behind it, the last of them sticky. */
interface Significand {
  readonly upper: I64;
  readonly lower: I64;
}

const ONE = 1n << 51n;

function significand($: Sem, high: I64, low: I64, exponent: I64): Significand {
  const one = $.select($.isZero(exponent), $.i64(0), $.i64(1n << 48n));
  const part = $.or($.and(high, FRACTION), one);
  return { upper: $.or($.shl(part, 3), $.shrU(low, 61)), lower: $.shl(low, 3) };
}

// What is shifted out leaves a one behind in the last bit.
function shiftedRight($: Sem, { upper, lower }: Significand, by: I64): Significand {
  const back = $.sub($.i64(63), $.and(by, 63n));
  const lowerPart = $.or($.shrU(lower, by), $.shl($.shl(upper, 1), back));
  const upperPart = $.shrU(upper, by);
  const lost = $.shl($.shl(lower, 1), back);
  const far = $.cmp('ge_u', by, 64n);
  const out = $.cmp('ge_u', by, 128n);
  const none = $.i64(0);
  const all = $.select(out, $.or(upper, lower), $.select(far, $.or(lowerPart, lost), lost));
  const left = $.select(out, none, $.select(far, upperPart, lowerPart));
  return { upper: $.select(far, none, upperPart), lower: $.or(left, $.zext($.ne(all, 0))) };
}

function shiftedLeft($: Sem, { upper, lower }: Significand, by: I64): Significand {
  const far = $.cmp('ge_u', by, 64n);
  const near = $.or($.shl(upper, by), $.shrU($.shrU(lower, 1), $.sub($.i64(63), $.and(by, 63n))));
  return {
    upper: $.select(far, $.shl(lower, by), near),
    lower: $.select(far, $.i64(0), $.shl(lower, by)),
  };
}

function plus($: Sem, a: Significand, b: Significand): Significand {
  const lower = $.add(a.lower, b.lower);
  return { upper: $.add($.add(a.upper, b.upper), $.zext($.ltU(lower, a.lower))), lower };
}

function minus($: Sem, a: Significand, b: Significand): Significand {
  const borrow = $.zext($.ltU(a.lower, b.lower));
  return { upper: $.sub($.sub(a.upper, b.upper), borrow), lower: $.sub(a.lower, b.lower) };
}

const either = ($: Sem, cond: I32, a: Significand, b: Significand): Significand => ({
  upper: $.select(cond, a.upper, b.upper),
  lower: $.select(cond, a.lower, b.lower),
});

/** A sum, rounded to nearest even; the condition code tells its sign. */
export function extendedSum($: Sem, a: Extended, b: Extended): Rounded<Extended> & { readonly cc: I32 } {
  const [sizeA, sizeB] = [$.and(a.high, MAGNITUDE), $.and(b.high, MAGNITUDE)];
  const swapped = $.or($.gtU(sizeB, sizeA), $.and($.eq(sizeB, sizeA), $.gtU(b.low, a.low)));
  // x is not less than y.
  const [xHigh, xLow] = [$.select(swapped, b.high, a.high), $.select(swapped, b.low, a.low)];
  const [yHigh, yLow] = [$.select(swapped, a.high, b.high), $.select(swapped, a.low, b.low)];
  const exponentX = $.shrU($.and(xHigh, MAGNITUDE), 48);
  const sizeY = $.and(yHigh, MAGNITUDE);
  const exponentY = $.shrU(sizeY, 48);
  const x = significand($, xHigh, xLow, exponentX);
  const y = shiftedRight($, significand($, yHigh, yLow, exponentY), $.sub(exponentX, exponentY));
  const opposite = $.cmp('lt_s', $.xor(xHigh, yHigh), 0);
  const total = either($, opposite, minus($, x, y), plus($, x, y));
  const carried = $.cmp('ge_u', total.upper, ONE << 1n);
  const zeros = $.select($.isZero(total.upper), $.add($.clz(total.lower), 64n), $.clz(total.upper));
  const by = $.sub(zeros, 12n);
  const normal = either(
    $,
    carried,
    shiftedRight($, total, $.i64(1)),
    shiftedLeft($, total, $.select(carried, $.i64(0), by)),
  );
  const exponent = $.select(carried, $.add(exponentX, 1n), $.sub(exponentX, by));
  const rest = $.and(normal.lower, 7n);
  const last = $.shrU(normal.lower, 3);
  const low = $.or(last, $.shl(normal.upper, 61));
  const up = $.zext($.gtU($.add(rest, $.and(last, 1n)), 4n));
  const roundedLow = $.add(low, up);
  const carry = $.zext($.ltU(roundedLow, up));
  // The one of the significand counts once in the exponent.
  const placed = $.add($.add($.shrU(normal.upper, 3), $.shl($.sub(exponent, 1n), 48)), carry);
  const zero = $.isZero($.or(total.upper, total.lower));
  const value = {
    high: $.select(zero, $.i64(0), $.or(placed, $.and(xHigh, SIGN))),
    low: $.select(zero, $.i64(0), roundedLow),
  };
  const isNumber = $.or($.ne(exponentY, 0), $.isZero($.or(sizeY, yLow)));
  return {
    value,
    safe: $.and($.ltU($.sub(exponentX, 130n), 0x7ff0n - 130n), isNumber),
    inexact: $.ne(rest, 0),
    cc: $.select(zero, $.i32(0), $.select($.cmp('lt_s', xHigh, 0), $.i32(1), $.i32(2))),
  };
}
