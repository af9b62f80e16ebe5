/** PoP, "Vector Integer Instructions": masks, selection by them and functions of three bits (vector-enhancements facility 3). */

import type { I64, V128 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  bitsOf,
  byElement,
  choose,
  constant,
  type ElementSize,
  equal,
  high,
  pair,
  shifted,
  splat,
  vectorInstruction,
} from './lanes.ts';

const facility = 'vector-enhancements-3';
const title = (what: string): string => `VECTOR ${what}`;
const sizes = [0, 1, 2, 3, 4] as const;

/** All ones in elements whose leftmost bit is one. */
function signs($: Sem, es: ElementSize, a: V128): V128 {
  if (es === 4) return $.conv('v128', 'i64x2.splat', $.shrS(high($, a), 63));
  return shifted($, es, 'shr_s', a, bitsOf(es) - 1);
}

/** All ones in every element whose number is that of a one among the leftmost bits. */
function generatedMasks($: Sem, es: ElementSize, a: V128): V128 {
  if (es === 4) return signs($, es, a);
  const left = high($, a);
  // Of the leftmost bits, as many as there are elements, bit n from the right tells of lane n.
  const byLanes = (source: V128, bits: V128): V128 => equal($, es, $.and(source, bits), bits);
  if (es === 0) {
    const copies = (byte: I64): I64 => $.mul($.and(byte, 0xff), 0x0101_0101_0101_0101n);
    const bits = splat($, 3, $.i64(BigInt.asIntN(64, 0x8040_2010_0804_0201n)));
    return byLanes(pair($, copies($.shrU(left, 56)), copies($.shrU(left, 48))), bits);
  }
  const bits = {
    1: constant($, 0x80_0040_0020_0010n, 0x8_0004_0002_0001n),
    2: constant($, 0x8_0000_0004n, 0x2_0000_0001n),
    3: constant($, 2n, 1n),
  };
  return byLanes(splat($, es, $.shrU(left, 64 - 128 / bitsOf(es))), bits[es]);
}

/** Bit by bit, the bit of the table that three bits are the number of, from the left. */
function evaluated($: Sem, table: I64, a: V128, b: V128, c: V128): V128 {
  const entry = (number: number): V128 =>
    $.conv('v128', 'i64x2.splat', $.sub($.i64(0), $.and($.shrU(table, 7 - number), 1)));
  const byC = (number: number): V128 => choose($, c, entry(number + 1), entry(number));
  return choose($, a, choose($, b, byC(6), byC(4)), choose($, b, byC(2), byC(0)));
}

/** Blending, masks from bits, and evaluation. */
export const evaluateRows: readonly Row[] = [
  insn('VBLEND', { op: 0xe789, fmt: 'VRR_d', title: title('BLEND'), facility, ignores: ['m6'] }, ($, f) => {
    vectorInstruction($);
    const [a, b, selector] = [$.vr(f.v2), $.vr(f.v3), $.vr(f.v4)];
    byElement($, f.m5, sizes, (es) => $.setVr(f.v1, choose($, signs($, es, selector), a, b)));
  }),
  insn('VEVAL', { op: 0xe788, fmt: 'VRI_k', title: title('EVALUATE'), facility }, ($, f) => {
    vectorInstruction($);
    $.setVr(f.v1, evaluated($, $.zext($.field(f.i5)), $.vr(f.v2), $.vr(f.v3), $.vr(f.v4)));
  }),
  insn(
    'VGEM',
    { op: 0xe754, fmt: 'VRR_a', title: title('GENERATE ELEMENT MASKS'), facility, ignores: ['m4', 'm5'] },
    ($, f) => {
      vectorInstruction($);
      const a = $.vr(f.v2);
      byElement($, f.m3, sizes, (es) => $.setVr(f.v1, generatedMasks($, es, a)));
    },
  ),
];
