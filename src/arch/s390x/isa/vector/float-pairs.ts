/**
 * Arithmetic of both long elements of a vector at once, by WebAssembly's, and when that gives what the exact one would: see
 * `bfp/fast.ts` and `bfp/fused.ts`, whose steps these are.
 */

import type { I32, V128 } from '../../../../ir/node.ts';
import type { HostFused } from '../bfp/fused.ts';
import type { Sem } from '../sem.ts';
import { not } from './lanes.ts';

/** Long results, and when they may be believed: see `fastOr`. */
export interface LongPair {
  readonly value: V128;
  readonly safe: I32;
  exact(): I32;
}

const bitsOf = (value: number): bigint => new DataView(Float64Array.of(value).buffer).getBigInt64(0, true);

function number($: Sem, value: number): V128 {
  return $.conv('v128', 'i64x2.splat', $.i64(bitsOf(value)));
}
const floats = ($: Sem, op: string, a: V128, b: V128): V128 => $.bin(`f64x2.${op}`, a, b);
const magnitude = ($: Sem, a: V128): V128 => $.un('f64x2.abs', a);

/** 1 when both lanes of a mask are ones. */
function both($: Sem, mask: V128): I32 {
  return $.eq($.conv('i32', 'i64x2.bitmask', mask), 3);
}

/** Rounded values and what is missing from them. */
interface Sums {
  readonly value: V128;
  readonly rest: V128;
}

function sums($: Sem, a: V128, b: V128): Sums {
  const value = floats($, 'add', a, b);
  const partOfB = floats($, 'sub', value, a);
  const rest = floats($, 'add', floats($, 'sub', a, floats($, 'sub', value, partOfB)), floats($, 'sub', b, partOfB));
  return { value, rest };
}

function halves($: Sem, a: V128): Sums {
  const spread = floats($, 'mul', a, number($, 2 ** 27 + 1));
  const value = floats($, 'sub', spread, floats($, 'sub', spread, a));
  return { value, rest: floats($, 'sub', a, value) };
}

function products($: Sem, a: V128, b: V128): Sums {
  const times = (x: V128, y: V128): V128 => floats($, 'mul', x, y);
  const value = times(a, b);
  const [x, y] = [halves($, a), halves($, b)];
  const high = floats($, 'sub', times(x.value, y.value), value);
  const crossed = floats($, 'add', floats($, 'add', high, times(x.value, y.rest)), times(x.rest, y.value));
  return { value, rest: floats($, 'add', crossed, times(x.rest, y.rest)) };
}

// Of the two neighbours of an inexact sum, the one with an odd last bit.
function toOdd($: Sem, { value, rest }: Sums): V128 {
  const nothing = number($, 0);
  const one = $.conv('v128', 'i64x2.splat', $.i64(1));
  const outward = $.bin('i64x2.eq', floats($, 'gt', rest, nothing), floats($, 'gt', value, nothing));
  const isEven = $.bin('i64x2.eq', $.and(value, one), nothing);
  const moves = $.bin('v128.andnot', isEven, floats($, 'eq', rest, nothing));
  // 1 outward, -1 inward.
  return $.bin('i64x2.add', value, $.and(moves, $.or(not($, outward), one)));
}

/** Bounds between which nothing below overflows or loses bits by underflow. */
const GREATEST = 2 ** 900;
const LEAST = 2 ** -900;
const LEAST_LONG = 2 ** -1022;

/** `a + b`. */
export function sumPair($: Sem, a: V128, b: V128): LongPair {
  const { value, rest } = sums($, a, b);
  return {
    value,
    safe: both($, floats($, 'lt', magnitude($, value), number($, Number.POSITIVE_INFINITY))),
    exact: () => both($, floats($, 'eq', rest, number($, 0))),
  };
}

/** `a * b + c`. */
export function fusedPair($: Sem, a: V128, b: V128, c: V128): LongPair {
  const p = products($, a, b);
  const low = sums($, c, p.rest);
  const high = sums($, p.value, low.value);
  const rest = sums($, low.rest, high.rest);
  const last = sums($, high.value, toOdd($, rest));
  return {
    value: last.value,
    safe: both($, isModerate($, a, b, c, p.value, last.value)),
    exact: () => both($, $.and(floats($, 'eq', rest.rest, number($, 0)), floats($, 'eq', last.rest, number($, 0)))),
  };
}

/**
 * Ones where `a`, `b`, their product and `c` are moderate: below the upper bound, and those of the product above the lower one, unless
 * a factor is zero. A NaN that `pmin` and `pmax` let pass makes the result one, which is not above anything.
 */
function isModerate($: Sem, a: V128, b: V128, c: V128, product: V128, result: V128): V128 {
  const [x, y, p] = [magnitude($, a), magnitude($, b), magnitude($, product)];
  const most = floats($, 'pmax', floats($, 'pmax', floats($, 'pmax', p, x), y), magnitude($, c));
  const factor = floats($, 'pmin', x, y);
  const lossless = $.or(
    floats($, 'gt', floats($, 'pmin', factor, p), number($, LEAST)),
    floats($, 'eq', factor, number($, 0)),
  );
  const bounded = $.and(floats($, 'lt', most, number($, GREATEST)), lossless);
  return $.and(bounded, floats($, 'gt', magnitude($, result), number($, LEAST_LONG)));
}

/** `a * b + c`, where `$.fuses()`: see `hostFusedLong`. */
export function hostFusedPair($: Sem, a: V128, b: V128, c: V128): HostFused<V128> {
  const nothing = (v: V128): V128 => floats($, 'eq', v, number($, 0));
  const value = $.fused(a, b, c);
  const size = magnitude($, value);
  const normal = $.and(
    floats($, 'gt', size, number($, LEAST_LONG)),
    floats($, 'lt', size, number($, Number.POSITIVE_INFINITY)),
  );
  return {
    value,
    usual: both($, normal),
    rare: () => {
      const p = floats($, 'mul', a, b);
      const lossless = $.or(floats($, 'gt', magnitude($, p), number($, LEAST)), $.or(nothing(a), nothing(b)));
      const exact = $.and(nothing($.fused(a, b, $.un('f64x2.neg', p))), nothing(sums($, p, c).rest));
      return both($, $.and($.and($.or(normal, nothing(value)), lossless), exact));
    },
  };
}
