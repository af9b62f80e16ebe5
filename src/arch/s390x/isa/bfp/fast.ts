/**
 * The fast path: WebAssembly's own arithmetic rounds to nearest even and tells no exceptions, so it may stand in for the
 * exact path when the FPC says that rounding, no mask that could matter is one, the result is far from every exception
 * but inexactness, and that is flagged already or known not to happen.
 */

import { bitsOfF64 } from '../../../../ir/floating.ts';
import type { F64, I32, I64, Node } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';
import { fpc } from './operand.ts';

/** BRM, and the masks of inexactness and underflow (an exact subnormal result traps). */
const MATTERS = 0x1800_0007;
const SFX = 0x0008_0000;

/** What the fast path of an operation needs. */
export interface FastPath {
  /** 1 when no exception but inexactness is possible. */
  readonly safe: I32;
  /** 1 when the result is surely exact. Evaluated when inexactness is not flagged yet. */
  exact(): I32;
  /** Places the result. */
  place(): void;
  /** Does the whole operation exactly. */
  slow(): void;
}

/** Takes the fast path when it gives what the exact one would. */
export function fastOr($: Sem, path: FastPath): void {
  const state = fpc($);
  const safe = $.and($.isZero($.and(state, MATTERS)), path.safe);
  const taken = $.variable($.and(safe, $.ne($.and(state, SFX), 0)));
  $.when($.and(safe, $.isZero($.get(taken))), () => $.set(taken, path.exact()));
  $.when(
    $.get(taken),
    () => path.place(),
    () => path.slow(),
  );
}

/** What the fast path of an operation needs whose test is cheap for usual results alone. */
export interface UsualPath extends Pick<FastPath, 'place' | 'slow'> {
  /** 1 when no exception but inexactness is possible. */
  readonly usual: I32;
  /** 1 when no exception at all is possible. Evaluated for unusual results, and when inexactness is not flagged yet. */
  rare(): I32;
}

/** Takes the fast path when it gives what the exact one would. */
export function usualOr($: Sem, path: UsualPath): void {
  const state = fpc($);
  const allowed = $.isZero($.and(state, MATTERS));
  const taken = $.variable($.and($.and(allowed, path.usual), $.ne($.and(state, SFX), 0)));
  $.when($.and(allowed, $.isZero($.get(taken))), () => $.set(taken, path.rare()));
  $.when(
    $.get(taken),
    () => path.place(),
    () => path.slow(),
  );
}

/** 1 when a result that was rounded to nearest even is what the FPC wants, and needs no flag that is not set. */
export function needsNoFlag($: Sem, exact: I32): I32 {
  const state = fpc($);
  return $.and($.isZero($.and(state, MATTERS)), $.or($.ne($.and(state, SFX), 0), exact));
}

/** 1 when the rounded sum lost nothing: the error of a sum is itself a number, found by subtracting back. */
export function sumIsExact<T extends 'f32' | 'f64'>($: Sem, a: Node<T>, b: Node<T>, sum: Node<T>): I32 {
  const partOfB = $.sub(sum, a);
  const error = $.add($.sub(a, $.sub(sum, partOfB)), $.sub(b, partOfB));
  return $.eq(error, 0);
}

/** Number of zero bits at the right of a long number's significand; of a subnormal one, no more than there are. */
function trailingZeros($: Sem, value: F64): I64 {
  const fraction = $.and(bitsOfF64($, value), 0x000f_ffff_ffff_ffffn);
  return $.un('ctz', $.or(fraction, 0x0010_0000_0000_0000n));
}

/** 1 when the product of two long numbers surely fits in a significand. */
export function productFits($: Sem, a: F64, b: F64): I32 {
  return $.cmp('ge_u', $.add(trailingZeros($, a), trailingZeros($, b)), 53);
}
