/**
 * Vectors as the bodies see them. A register's leftmost byte is the last one of its image, so element 0 is the highest
 * lane: of n elements, element e is lane n - 1 - e.
 */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { CR0_REGISTERS } from '../../cpu/control-register-bits.ts';
import { DXC, PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import { dataException } from '../data-exception.ts';
import type { Sem } from '../sem.ts';

/** The element-size control: bytes, halfwords, words, doublewords, quadwords. */
export type ElementSize = 0 | 1 | 2 | 3 | 4;
/** Sizes of which WebAssembly has lanes. */
export type LaneSize = 0 | 1 | 2 | 3;

/** Bytes of a vector register. */
export const VR_BYTES = 16;
/** Bit 3 of a field: the condition code is set. */
export const SETS_CC = 1;

export const BYTE = 0;
export const HALFWORD = 1;
export const WORD = 2;
export const DOUBLEWORD = 3;
export const QUADWORD = 4;

/** Bits of an element. */
export function bitsOf(es: ElementSize): number {
  return 8 << es;
}

/** WebAssembly's name of a vector of such elements. */
export const shapeOf = ['i8x16', 'i16x8', 'i32x4', 'i64x2'] as const;

/** A vector instruction: data exception unless the AFP-register and the vector control of CR0 are both one. */
export function vectorInstruction($: Sem): void {
  $.when($.ne($.state(slots.registerControls), CR0_REGISTERS), () => $.callVoid(dataException, DXC.vectorInstruction));
}

/** Does `body` for the element size that the field names, if it is among `sizes`; specification exception otherwise. */
export function byElement<E extends number>($: Sem, field: Field, sizes: readonly E[], body: (es: E) => void): void {
  const value = $.field(field);
  const from = (nth: number): void => {
    const es = sizes[nth];
    if (es === undefined) return $.trap(PGM.specification);
    $.when(
      $.eq(value, es),
      () => body(es),
      () => from(nth + 1),
    );
  };
  from(0);
}

// ---- making vectors, and taking them apart

/** A vector from its doublewords. */
export function pair($: Sem, high: I64, low: I64): V128 {
  return $.lane('v128', 'i64x2.replace_lane', 1, $.conv('v128', 'i64x2.splat', low), high);
}
/** A constant vector. */
export function constant($: Sem, high: bigint, low: bigint): V128 {
  return pair($, $.i64(high), $.i64(low));
}
export function zero($: Sem): V128 {
  return $.conv('v128', 'i64x2.splat', $.i64(0));
}
export function ones($: Sem): V128 {
  return $.conv('v128', 'i64x2.splat', $.i64(-1));
}
/** Doubleword element 0. */
export function high($: Sem, a: V128): I64 {
  return $.lane('i64', 'i64x2.extract_lane', 1, a);
}
/** Doubleword element 1. */
export function low($: Sem, a: V128): I64 {
  return $.lane('i64', 'i64x2.extract_lane', 0, a);
}
/** Word element e. */
export function word($: Sem, a: V128, e: 0 | 1 | 2 | 3): I32 {
  return $.lane('i32', 'i32x4.extract_lane', 3 - e, a);
}
/** A vector from its words, leftmost first. */
export function words($: Sem, w: readonly [I32, I32, I32, I32]): V128 {
  let v = $.conv('v128', 'i32x4.splat', w[3]);
  for (const e of [2, 1, 0] as const) v = $.lane('v128', 'i32x4.replace_lane', 3 - e, v, w[e]);
  return v;
}
/** Byte 7, the rightmost one of the left doubleword. */
export function byte7($: Sem, a: V128): I32 {
  return $.lane('i32', 'i8x16.extract_lane_u', 8, a);
}
/** Every element the same: the low bits of an integer. */
export function splat($: Sem, es: LaneSize, value: I64): V128 {
  return es === DOUBLEWORD
    ? $.conv('v128', 'i64x2.splat', value)
    : $.conv('v128', `${shapeOf[es]}.splat`, $.wrap(value));
}
/** Lane numbers, 0 to 15, in the byte lanes. */
export function laneNumbers($: Sem): V128 {
  return constant($, 0x0f0e_0d0c_0b0a_0908n, 0x0706_0504_0302_0100n);
}

// ---- operations on lanes

export function not($: Sem, a: V128): V128 {
  return $.un('v128.not', a);
}
/** Bits of `a` where `mask` is one, of `b` where it is zero. */
export function choose($: Sem, mask: V128, a: V128, b: V128): V128 {
  return $.or($.and(a, mask), $.bin('v128.andnot', b, mask));
}
export function lanewise($: Sem, es: LaneSize, op: string, a: V128, b: V128): V128 {
  return $.bin(`${shapeOf[es]}.${op}`, a, b);
}
/** All lanes shifted by one number, taken modulo their width. */
export function shifted($: Sem, es: LaneSize, op: 'shl' | 'shr_s' | 'shr_u', a: V128, by: I32 | number): V128 {
  return $.lanesBy(`${shapeOf[es]}.${op}`, a, by);
}
/** Lanes with their leftmost bit inverted, which turns an unsigned order into a signed one. */
function biased($: Sem, es: LaneSize, a: V128): V128 {
  return $.xor(a, splat($, es, $.i64(1n << BigInt(bitsOf(es) - 1))));
}
/** Ones in lanes where `a` is greater. */
export function greater($: Sem, es: LaneSize, signed: boolean, a: V128, b: V128): V128 {
  if (signed) return lanewise($, es, 'gt_s', a, b);
  if (es === DOUBLEWORD) return lanewise($, es, 'gt_s', biased($, es, a), biased($, es, b));
  return lanewise($, es, 'gt_u', a, b);
}
/** Ones in lanes that are equal. */
export function equal($: Sem, es: LaneSize, a: V128, b: V128): V128 {
  return lanewise($, es, 'eq', a, b);
}

/** Lanes shifted each by the number in its own lane of `by`, modulo the width: bit by bit of the numbers. */
export function shiftedEach($: Sem, es: LaneSize, op: 'shl' | 'shr_s' | 'shr_u', a: V128, by: V128): V128 {
  let result = a;
  for (let bit = 1; bit < bitsOf(es); bit *= 2) {
    const one = splat($, es, $.i64(bit));
    const taken = equal($, es, $.and(by, one), one);
    result = choose($, taken, shifted($, es, op, result, bit), result);
  }
  return result;
}

/** Bytes of a vector by lane number; a number past 15 gives zero. */
export function swizzle($: Sem, a: V128, lanes: V128): V128 {
  return $.bin('i8x16.swizzle', a, lanes);
}

// ---- 128-bit integers

/** The carry of an unsigned 64-bit sum, 1 or 0. */
function carried($: Sem, sum: I64, a: I64): I64 {
  return $.zext($.ltU(sum, a));
}

/** A 128-bit sum and its carry. */
export interface Sum {
  readonly value: V128;
  /** 1 or 0. */
  readonly carry: I64;
}

/** `a + b + carryIn`, where `carryIn` is 1 or 0. */
export function add128($: Sem, a: V128, b: V128, carryIn: I64): Sum {
  const lowSum = $.add(low($, a), low($, b));
  const lowAll = $.add(lowSum, carryIn);
  const fromLow = $.or(carried($, lowSum, low($, a)), carried($, lowAll, lowSum));
  const highSum = $.add(high($, a), high($, b));
  const highAll = $.add(highSum, fromLow);
  const carry = $.or(carried($, highSum, high($, a)), carried($, highAll, highSum));
  return { value: pair($, highAll, lowAll), carry };
}

/** The integer in the rightmost doubleword of an otherwise zero vector. */
export function rightmost($: Sem, value: I64): V128 {
  return pair($, $.i64(0), value);
}

/** The product of two unsigned doublewords, as high and low doubleword. */
export function multiply64($: Sem, a: I64, b: I64): readonly [high: I64, low: I64] {
  const mask = 0xffff_ffffn;
  const [a1, a0] = [$.shrU(a, 32), $.and(a, mask)];
  const [b1, b0] = [$.shrU(b, 32), $.and(b, mask)];
  const lowest = $.mul(a0, b0);
  const crossed = $.add($.mul(a1, b0), $.shrU(lowest, 32));
  const middle = $.add($.mul(a0, b1), $.and(crossed, mask));
  const highest = $.add($.add($.mul(a1, b1), $.shrU(crossed, 32)), $.shrU(middle, 32));
  return [highest, $.or($.shl(middle, 32), $.and(lowest, mask))];
}

// ---- what comparisons say

/** Condition code of a comparison of all elements: 0 true for all, 1 for some, 3 for none. */
export function allSomeNone($: Sem, mask: V128): I32 {
  const all = $.conv('i32', 'i8x16.all_true', mask);
  const any = $.conv('i32', 'v128.any_true', mask);
  return $.select(all, $.i32(0), $.select(any, $.i32(1), 3));
}

/** Number of the leftmost byte that is not zero, 16 when there is none. */
export function leftmost($: Sem, mask: V128): I64 {
  const bits = $.conv('i32', 'i8x16.bitmask', $.bin('i8x16.ne', mask, zero($)));
  return $.zext($.clz($.or($.shl(bits, 16), 0x8000)));
}
