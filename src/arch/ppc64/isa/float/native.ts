/**
 * Floating-point operations by WebAssembly's own arithmetic, which rounds to nearest even and tells no exceptions: it stands in for the exact
 * way when FPSCR wants that rounding and enables nothing, and when the result is far from every exception but inexactness. What
 * rounding has lost is found exactly, so FI, FR and XX are known.
 */

import {
  asF64,
  bitsOfF64,
  fusedSum,
  isModerate,
  isWellNormal,
  isZero,
  productWithRest,
  promoted,
  type Rounded,
  sumWithRest,
  toOdd,
} from '../../../../ir/floating.ts';
import type { F64, I32, I64 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Sem } from '../sem.ts';
import { FPSCR } from './fpscr.ts';

/** How a product and an addend are put together. */
export interface Fusion {
  /** The addend is subtracted. */
  readonly minus: boolean;
  /** The result gets the other sign. */
  readonly negative: boolean;
}

/** A rounded long result: what is missing from it, and 1 when nothing but inexactness can have happened. */
interface Result extends Rounded {
  readonly safe: I32;
  /** What becomes of the target when that is no number. */
  readonly bits?: I64;
}

/** An operation on long numbers, given their bits. */
export type Native = ($: Sem, ...operands: I64[]) => Result;

/** A normal number or a zero of either sign, no larger than is good for what is computed of it. */
function isUsual($: Sem, value: F64): I32 {
  return $.or(isWellNormal($, value), isZero($, value));
}

function needed($: Sem, operand: I64 | undefined): F64 {
  if (operand === undefined) throw new Error('an operand is missing');
  return asF64($, operand);
}

const two =
  (of: ($: Sem, a: F64, b: F64) => Result): Native =>
  ($, a, b) =>
    of($, needed($, a), needed($, b));

function sum($: Sem, a: F64, b: F64): Result {
  const rounded = sumWithRest($, a, b);
  return { ...rounded, safe: isUsual($, rounded.value) };
}

export const nativeSum = two(sum);
export const nativeDifference = two(($, a, b) => sum($, a, $.un('neg', b)));

export const nativeProduct = two(($, a, b) => {
  const rounded = productWithRest($, a, b);
  const zero = $.or(isZero($, a), isZero($, b));
  const moderate = $.and(isModerate($, a), isModerate($, b));
  const result = $.and(isModerate($, rounded.value), $.eq(isZero($, rounded.value), zero));
  return { ...rounded, safe: $.and(moderate, result) };
});

/** What is missing from a quotient or root has the sign of what its product with `b` lacks of `a`. */
function lacking($: Sem, a: F64, value: F64, b: F64): F64 {
  const product = productWithRest($, value, b);
  return $.sub($.sub(a, product.value), product.rest);
}

export const nativeQuotient = two(($, a, b) => {
  const value = $.bin('div', a, b);
  const rest = $.mul(lacking($, a, value, b), $.bin('copysign', $.f64(1), b));
  const moderate = $.and($.and(isModerate($, a), isModerate($, b)), $.ne(b, 0));
  return { value, rest, safe: $.and(moderate, $.and(isModerate($, value), $.eq(isZero($, value), isZero($, a)))) };
});

export const nativeRoot: Native = ($, a) => {
  const operand = needed($, a);
  const value = $.un('sqrt', operand);
  return {
    value,
    rest: lacking($, operand, value, value),
    safe: $.and(isModerate($, operand), $.cmp('ge', operand, 0)),
  };
};

/** First times third operand, plus the second. */
export function nativeFused({ minus, negative }: Fusion): Native {
  return ($, a, b, c) => {
    const addend = minus ? $.un('neg', needed($, b)) : needed($, b);
    const { value, rest, oddRest, safe } = fusedSum($, needed($, a), needed($, c), addend);
    // Were the sum exact, and what it was made of not, nothing would tell on which side it is.
    const told = $.or($.ne(rest, 0), $.eq(oddRest, 0));
    const opposite = (of: F64): F64 => (negative ? $.un('neg', of) : of);
    return { value: opposite(value), rest: opposite(rest), safe: $.and(safe, told) };
  };
}

/** The number itself, for instructions that round to the short format. */
export const nativeItself: Native = ($, a) => {
  const value = needed($, a);
  return { value, rest: $.f64(0), safe: isUsual($, value) };
};

/** The nearest long number to a signed doubleword. What is missing is another one, of which the sign matters alone. */
export const nativeFromInteger: Native = ($, integer) => {
  if (integer === undefined) throw new Error('an operand is missing');
  const value: F64 = $.conv('f64', 'convert_i64_s', integer);
  const missing: F64 = $.conv('f64', 'convert_i64_s', $.sub(integer, $.conv('i64', 'trunc_sat_f64_s', value)));
  // No doubleword is as large as that.
  const rest = $.select($.eq(value, 2 ** 63), $.f64(-1), missing);
  return { value, rest, safe: $.i32(1) };
};

/** Toward zero to a signed integer of so many bits, which stands in a doubleword. */
export const nativeToInteger =
  (bits: 32 | 64): Native =>
  ($, a) => {
    const value = needed($, a);
    // Its sign is that of what is missing: the magnitude is never incremented.
    const rest = $.sub(value, $.un('trunc', value));
    const safe = $.cmp('lt', $.un('abs', value), 2 ** (bits - 1));
    return { value, rest, safe, bits: $.conv('i64', 'trunc_sat_f64_s', value) };
  };

/** A result rounded to the short format, once: a long number that was rounded to odd does not mislead. */
function toShort($: Sem, result: Result): Result {
  const precise = toOdd($, result);
  const narrow = $.conv('f32', 'demote_f64', precise);
  const value = promoted($, narrow);
  return {
    value,
    rest: $.sub(precise, value),
    safe: $.and(result.safe, $.or(isWellNormal($, narrow), isZero($, precise))),
  };
}

const MATTERS = 0xff;
const FROM_RIGHT = 12;

/** FPRF of a normal number or a zero, in place. */
function classOf($: Sem, value: F64): I32 {
  const negative = $.wrap($.shrU(bitsOfF64($, value), 63));
  const zero = $.or($.shl(negative, 4), 2);
  return $.shl($.select(isZero($, value), zero, $.shl($.i32(4), negative)), FROM_RIGHT);
}

/** FPSCR behind results of which some are inexact, when nothing is enabled. */
function inexactly($: Sem, before: I32, inexact: I32): I32 {
  const first = $.isZero($.and(before, FPSCR.xx));
  const flags = $.or($.i32(FPSCR.xx), $.select(first, $.i32(FPSCR.fx | 0), 0));
  return $.or(before, $.select(inexact, flags, 0));
}

function told($: Sem, kind: NativeKind, before: I32, { value, rest }: Rounded): I32 {
  const inexact = $.ne(rest, 0);
  const flagged = inexactly($, before, inexact);
  if (kind.tells === 'nothing') return flagged;
  // The magnitude was incremented when something of the other sign is missing.
  const up = $.and(inexact, $.xor($.cmp('lt', rest, 0), $.cmp('lt', value, 0)));
  const rounded = $.or($.select(inexact, $.i32(FPSCR.fi), 0), $.select(up, $.i32(FPSCR.fr), 0));
  const cleared = $.and(flagged, ~(FPSCR.fr | FPSCR.fi | (kind.tells === 'all' ? FPSCR.fprf : 0)));
  const with_ = $.or(cleared, rounded);
  return kind.tells === 'all' ? $.or(with_, classOf($, value)) : with_;
}

/** What the fast way must know of an instruction. */
export interface NativeKind {
  /** Results are short numbers, which stand in registers as long ones. */
  readonly widened: boolean;
  readonly tells: 'nothing' | 'rounding' | 'all';
}

/** What the fast way of an instruction works on. */
export interface NativePath {
  readonly kind: NativeKind;
  readonly native: Native;
  /** The operands' elements, an array for each element. */
  readonly elements: readonly (readonly I64[])[];
  /** Places the results. */
  place(values: readonly I64[]): void;
  /** Does all of it exactly. */
  slow(): void;
}

/** Takes the fast way when it gives what the exact one would. */
export function nativeOr($: Sem, { kind, native, elements, place, slow }: NativePath): void {
  const results = elements.map((operands) => {
    const result = native($, ...operands);
    return kind.widened ? toShort($, result) : result;
  });
  const before = $.state(slots.fpscrLow);
  const allowed = $.isZero($.and(before, MATTERS));
  const safe = results.reduce((all, { safe }) => $.and(all, safe), allowed);
  $.when(
    safe,
    () => {
      $.setState(
        slots.fpscrLow,
        results.reduce((fpscr, result) => told($, kind, fpscr, result), before),
      );
      place(results.map(({ value, bits }) => bits ?? bitsOfF64($, value)));
    },
    slow,
  );
}
