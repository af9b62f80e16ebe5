/** One element of a vector by a number that is known at run time only. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32, I64, V128 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Sem } from '../sem.ts';
import { bitsOf, high, type LaneSize, low, pair, VR_BYTES } from './lanes.ts';

/** Bits that element `index` is away from the right end of its doubleword. */
function place($: Sem, es: LaneSize, index: I32): I64 {
  const perDoubleword = 8 >> es;
  const fromRight = $.sub($.i32(perDoubleword - 1), $.and(index, perDoubleword - 1));
  return $.zext($.shl(fromRight, 3 + es));
}

function isLeft($: Sem, es: LaneSize, index: I32): I32 {
  return $.ltU(index, 8 >> es);
}

function maskOf(es: LaneSize): bigint {
  return (1n << BigInt(bitsOf(es))) - 1n;
}

/** Specification exception unless the field is the number of an element. */
export function requireElement($: Sem, es: LaneSize, field: Field): void {
  $.pgmIf($.gtU($.field(field), (VR_BYTES >> es) - 1), PGM.specification);
}

/** Element `index`, zero extended. */
export function element($: Sem, es: LaneSize, a: V128, index: I32): I64 {
  const doubleword = $.select(isLeft($, es, index), high($, a), low($, a));
  return es === 3 ? doubleword : $.and($.shrU(doubleword, place($, es, index)), maskOf(es));
}

/** `a` with another element `index`: the low bits of `value`. */
export function withElement($: Sem, es: LaneSize, a: V128, index: I32, value: I64): V128 {
  const left = isLeft($, es, index);
  const [h, l] = [high($, a), low($, a)];
  if (es === 3) return pair($, $.select(left, value, h), $.select(left, l, value));
  const by = place($, es, index);
  const kept = $.not($.shl($.i64(maskOf(es)), by));
  const moved = $.shl($.and(value, maskOf(es)), by);
  const put = (doubleword: I64): I64 => $.or($.and(doubleword, kept), moved);
  return pair($, $.select(left, put(h), h), $.select(left, l, put(l)));
}

/** An element of storage, zero extended. */
export function fetchElement($: Sem, es: LaneSize, address: Address): I64 {
  return $.fetchAs('i64', widths[es], address);
}
/** Stores the low bits of `value`. */
export function storeElement($: Sem, es: LaneSize, address: Address, value: I64): void {
  $.storeAs(widths[es], address, value);
}

const widths = [8, 16, 32, 64] as const;
