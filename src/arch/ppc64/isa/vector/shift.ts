/** Power ISA, Book I, "Vector Facility": shifts and rotations of elements and of whole registers. */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  BYTE,
  bitsOf,
  lanewise,
  letters,
  places,
  shiftedEach,
  sizes,
  splat,
  splatWord,
  type WideSize,
} from './lanes.ts';
import { binary } from './rows.ts';

/** Lanes rotated to the left, each by the number in its own lane. */
export function rotatedEach($: Sem, size: WideSize, a: V128, by: V128): V128 {
  const back = lanewise($, size, 'sub', splat($, size, bitsOf(size)), by);
  // A distance of nothing meets itself: the other shift is modulo the width, too.
  return $.bin('v128.or', shiftedEach($, size, 'shl', a, by), shiftedEach($, size, 'shr_u', a, back));
}

const elements = sizes.flatMap((size) => {
  const letter = letters[size];
  const at = size * 64;
  return [
    ...binary(`vrl${letter}`, 4 + at, 'Vector Rotate Left', ($, a, b) => rotatedEach($, size, a, b)),
    ...binary(`vsl${letter}`, 260 + at, 'Vector Shift Left', ($, a, b) => shiftedEach($, size, 'shl', a, b)),
    ...binary(`vsr${letter}`, 516 + at, 'Vector Shift Right', ($, a, b) => shiftedEach($, size, 'shr_u', a, b)),
    ...binary(`vsra${letter}`, 772 + at, 'Vector Shift Right Algebraic', ($, a, b) =>
      shiftedEach($, size, 'shr_s', a, b),
    ),
  ];
});

/** Bits of the distance in VRB, from its right end. */
function distance($: Sem, b: V128, from: number, mask: number): I32 {
  return $.and($.shrU($.wrap($.rightOf(b)), from), mask);
}

/** What the shift by less than 8 bits moves from one half of the register into the other. */
function moved($: Sem, half: I64, by: I64, left: boolean): I64 {
  const rest = $.sub($.i64(63), by);
  return left ? $.shrU($.shrU(half, 1), rest) : $.shl($.shl(half, 1), rest);
}

function shiftedBits($: Sem, a: V128, b: V128, left: boolean): V128 {
  const by = $.zext(distance($, b, 0, 7));
  const [high, low] = [$.leftOf(a), $.rightOf(a)];
  if (left) return $.quad($.or($.shl(high, by), moved($, low, by, true)), $.shl(low, by));
  return $.quad($.shrU(high, by), $.or($.shrU(low, by), moved($, high, by, false)));
}

function shiftedOctets($: Sem, a: V128, b: V128, left: boolean): V128 {
  const by = splatWord($, BYTE, distance($, b, 3, 15));
  const lanes = places($, (place) => 15 - place);
  // A lane that does not exist is zero.
  return $.bin('i8x16.swizzle', a, $.bin(left ? 'i8x16.sub' : 'i8x16.add', lanes, by));
}

/** The instructions. */
export const vectorShifts: readonly Row[] = [
  ...elements,
  ...binary('vsl', 452, 'Vector Shift Left', ($, a, b) => shiftedBits($, a, b, true)),
  ...binary('vsr', 708, 'Vector Shift Right', ($, a, b) => shiftedBits($, a, b, false)),
  ...binary('vslo', 1036, 'Vector Shift Left by Octet', ($, a, b) => shiftedOctets($, a, b, true)),
  ...binary('vsro', 1100, 'Vector Shift Right by Octet', ($, a, b) => shiftedOctets($, a, b, false)),
];
