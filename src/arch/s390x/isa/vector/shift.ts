/** PoP, "Vector Integer Instructions": shifts and rotations of elements and of whole vectors. */

import type { I32, V128 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { binaryRow } from './integer.ts';
import {
  bitsOf,
  byElement,
  byte7,
  choose,
  type LaneSize,
  laneNumbers,
  lanewise,
  shifted,
  shiftedEach,
  splat,
  swizzle,
  vectorInstruction,
} from './lanes.ts';

const title = (what: string): string => `VECTOR ${what}`;
const lanes = [0, 1, 2, 3] as const;
type Direction = 'shl' | 'shr_s' | 'shr_u';

/** Lanes rotated to the left by one number, taken modulo their width. */
function rotated($: Sem, es: LaneSize, a: V128, by: I32): V128 {
  const back = $.sub($.i32(bitsOf(es)), $.and(by, bitsOf(es) - 1));
  // A distance of nothing meets itself: the other shift is modulo the width, too.
  return $.or(shifted($, es, 'shl', a, by), shifted($, es, 'shr_u', a, back));
}

function rotatedEach($: Sem, es: LaneSize, a: V128, by: V128): V128 {
  const back = lanewise($, es, 'sub', splat($, es, $.i64(bitsOf(es))), by);
  return $.or(shiftedEach($, es, 'shl', a, by), shiftedEach($, es, 'shr_u', a, back));
}

function scalarRow(
  mnemonic: string,
  op: number,
  what: string,
  shift: ($: Sem, es: LaneSize, a: V128, by: I32) => V128,
): Row {
  return insn(mnemonic, { op, fmt: 'VRS_a', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    const a = $.vr(f.v3);
    const by = $.wrap($.address2(f).at);
    byElement($, f.m4, lanes, (es) => $.setVr(f.v1, shift($, es, a, by)));
  });
}

const elementRows: readonly Row[] = [
  scalarRow('VESL', 0xe730, 'ELEMENT SHIFT LEFT', ($, es, a, by) => shifted($, es, 'shl', a, by)),
  scalarRow('VESRA', 0xe73a, 'ELEMENT SHIFT RIGHT ARITHMETIC', ($, es, a, by) => shifted($, es, 'shr_s', a, by)),
  scalarRow('VESRL', 0xe738, 'ELEMENT SHIFT RIGHT LOGICAL', ($, es, a, by) => shifted($, es, 'shr_u', a, by)),
  scalarRow('VERLL', 0xe733, 'ELEMENT ROTATE LEFT LOGICAL', rotated),
  binaryRow('VESLV', { op: 0xe770, title: 'ELEMENT SHIFT LEFT', sizes: lanes }, ($, es, a, by) =>
    shiftedEach($, es, 'shl', a, by),
  ),
  binaryRow('VESRAV', { op: 0xe77a, title: 'ELEMENT SHIFT RIGHT ARITHMETIC', sizes: lanes }, ($, es, a, by) =>
    shiftedEach($, es, 'shr_s', a, by),
  ),
  binaryRow('VESRLV', { op: 0xe778, title: 'ELEMENT SHIFT RIGHT LOGICAL', sizes: lanes }, ($, es, a, by) =>
    shiftedEach($, es, 'shr_u', a, by),
  ),
  binaryRow('VERLLV', { op: 0xe773, title: 'ELEMENT ROTATE LEFT LOGICAL', sizes: lanes }, rotatedEach),
  insn(
    'VERIM',
    { op: 0xe772, fmt: 'VRI_d', title: title('ELEMENT ROTATE AND INSERT UNDER MASK'), facility: 'vector' },
    ($, f) => {
      vectorInstruction($);
      const [old, a, mask] = [$.vr(f.v1), $.vr(f.v2), $.vr(f.v3)];
      byElement($, f.m5, lanes, (es) => $.setVr(f.v1, choose($, mask, rotated($, es, a, $.field(f.i4)), old)));
    },
  ),
];

// ---- the whole vector

/** What comes in on the right of each byte: the byte next to it. */
function neighbours($: Sem, direction: Direction, a: V128): V128 {
  if (direction === 'shl') return swizzle($, a, $.bin('i8x16.sub', laneNumbers($), splat($, 0, $.i64(1))));
  return swizzle($, a, $.bin('i8x16.add', laneNumbers($), splat($, 0, $.i64(1))));
}

/**
 * Shifted by 0 to 7 bits. Each byte has its own number, and takes in bits of the byte beside it (as with the
 * vector-enhancements facility 2; without it the numbers must be the same).
 */
function shiftedByBits($: Sem, direction: Direction, a: V128, by: V128): V128 {
  const seven = splat($, 0, $.i64(7));
  const count = $.and(by, seven);
  const rest = $.bin('i8x16.sub', seven, count);
  const beside = neighbours($, direction, a);
  if (direction === 'shl') {
    const incoming = shiftedEach($, 0, 'shr_u', shifted($, 0, 'shr_u', beside, 1), rest);
    return $.or(shiftedEach($, 0, 'shl', a, count), incoming);
  }
  const incoming = shiftedEach($, 0, 'shl', shifted($, 0, 'shl', beside, 1), rest);
  const logical = $.or(shiftedEach($, 0, 'shr_u', a, count), incoming);
  if (direction === 'shr_u') return logical;
  // The leftmost byte alone takes in its sign.
  const leftmost = $.bin('i8x16.gt_u', laneNumbers($), splat($, 0, $.i64(14)));
  return choose($, leftmost, shiftedEach($, 0, 'shr_s', a, count), logical);
}

/** Shifted by 0 to 15 bytes. */
function shiftedByBytes($: Sem, direction: Direction, a: V128, by: I32): V128 {
  const bytes = $.conv('v128', 'i8x16.splat', by);
  if (direction === 'shl') return swizzle($, a, $.bin('i8x16.sub', laneNumbers($), bytes));
  const from = $.bin('i8x16.add', laneNumbers($), bytes);
  const logical = swizzle($, a, from);
  if (direction === 'shr_u') return logical;
  const sign = $.conv('v128', 'i8x16.splat', $.shrS($.lane('i32', 'i8x16.extract_lane_s', 15, a), 7));
  return choose($, $.bin('i8x16.gt_u', from, splat($, 0, $.i64(15))), sign, logical);
}

const ignores = ['m4', 'm5', 'm6'] as const;

function bitRow(mnemonic: string, op: number, what: string, direction: Direction): Row {
  return insn(mnemonic, { op, fmt: 'VRR_c', title: title(what), facility: 'vector', ignores }, ($, f) => {
    vectorInstruction($);
    $.setVr(f.v1, shiftedByBits($, direction, $.vr(f.v2), $.vr(f.v3)));
  });
}

function byteRow(mnemonic: string, op: number, what: string, direction: Direction): Row {
  return insn(mnemonic, { op, fmt: 'VRR_c', title: title(what), facility: 'vector', ignores }, ($, f) => {
    vectorInstruction($);
    const by = $.and($.shrU(byte7($, $.vr(f.v3)), 3), 15);
    $.setVr(f.v1, shiftedByBytes($, direction, $.vr(f.v2), by));
  });
}

/** Shifts and rotations. */
export const shiftRows: readonly Row[] = [
  ...elementRows,
  bitRow('VSL', 0xe774, 'SHIFT LEFT', 'shl'),
  byteRow('VSLB', 0xe775, 'SHIFT LEFT BY BYTE', 'shl'),
  bitRow('VSRL', 0xe77c, 'SHIFT RIGHT LOGICAL', 'shr_u'),
  byteRow('VSRLB', 0xe77d, 'SHIFT RIGHT LOGICAL BY BYTE', 'shr_u'),
  bitRow('VSRA', 0xe77e, 'SHIFT RIGHT ARITHMETIC', 'shr_s'),
  byteRow('VSRAB', 0xe77f, 'SHIFT RIGHT ARITHMETIC BY BYTE', 'shr_s'),
];
