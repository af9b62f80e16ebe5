/** A product plus an addend, rounded once. */

import {
  fusedSum,
  isBelowInfinity,
  isWellNormal,
  isZero,
  LEAST,
  promoted,
  sumWithRest,
  toOdd,
} from '../../../../ir/floating.ts';
import type { F32, F64, I32, V128 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';

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

/** `a * b + c` of short numbers. In long, the product is exact and the sum needs care only behind its last bit. */
export function fusedShort($: Sem, a: F32, b: F32, c: F32): Fused<F32> {
  const total = sumWithRest($, $.mul(promoted($, a), promoted($, b)), promoted($, c));
  const precise = toOdd($, total);
  const value: F32 = $.conv('f32', 'demote_f64', precise);
  return {
    value,
    safe: $.and(isBelowInfinity($, total.value), $.or(isWellNormal($, value), isZero($, total.value))),
    exact: () => $.eq(promoted($, value), precise),
  };
}

/** `a * b + c` of long numbers. */
export function fusedLong($: Sem, a: F64, b: F64, c: F64): Fused<F64> {
  const { value, safe, rest, oddRest } = fusedSum($, a, b, c);
  return { value, safe, exact: () => $.and($.eq(oddRest, 0), $.eq(rest, 0)) };
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
      const exact = $.and($.eq(fused($.un('neg', p)), 0), $.eq(sumWithRest($, p, c).rest, 0));
      return $.and($.and($.or(normal, isZero($, value)), lossless), exact);
    },
  };
}
