/** PoP, "Vector Overview and Support Instructions": vectors made of immediates, elements and general registers. */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { insn, type Row } from '../row.ts';
import { element, withElement } from './element.ts';
import { constant, high, low, pair, splat, VR_BYTES, vectorInstruction, zero } from './lanes.ts';

const sizes = [0, 1, 2, 3] as const;
const title = (what: string): string => `VECTOR ${what}`;

/** Byte masks and constants of immediates, and vectors of general registers. */
export const generateRows: readonly Row[] = [
  insn(
    'VGBM',
    { op: 0xe744, fmt: 'VRI_a', title: title('GENERATE BYTE MASK'), facility: 'vector', ignores: ['m3'] },
    ($, f) => {
      vectorInstruction($);
      const bits = $.zext($.and($.field(f.i2), 0xffff));
      const spread = (byte: I64): I64 => $.mul(byte, 0x0101_0101_0101_0101n);
      const bytes = pair($, spread($.shrU(bits, 8)), spread($.and(bits, 0xff)));
      const places = constant($, 0x8040_2010_0804_0201n, 0x8040_2010_0804_0201n);
      $.setVr(f.v1, $.bin('i8x16.ne', $.and(bytes, places), zero($)));
    },
  ),
  insn('VGM', { op: 0xe746, fmt: 'VRI_b', title: title('GENERATE MASK'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m4), 3), PGM.specification);
    for (const es of sizes) {
      $.when($.eq($.field(f.m4), es), () => {
        const width = 8 << es;
        const at = (field: Field): I64 => $.zext($.add($.and($.field(field), width - 1), 64 - width));
        const [first, last] = [at(f.i2), at(f.i3)];
        const from = $.shrU($.i64(-1), first);
        const to = $.shl($.i64(-1), $.sub($.i64(63), last));
        const wraps = $.gtU(first, last);
        $.setVr(f.v1, splat($, es, $.select(wraps, $.or(from, to), $.and(from, to))));
      });
    }
  }),
  insn('VREPI', { op: 0xe745, fmt: 'VRI_a', title: title('REPLICATE IMMEDIATE'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m3), 3), PGM.specification);
    const value = $.sext($.field(f.i2));
    for (const es of sizes) $.when($.eq($.field(f.m3), es), () => $.setVr(f.v1, splat($, es, value)));
  }),
  insn('VREP', { op: 0xe74d, fmt: 'VRI_c', title: title('REPLICATE'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m4), 3), PGM.specification);
    $.pgmIf($.geU($.field(f.i2), $.shrU($.i32(VR_BYTES), $.field(f.m4))), PGM.specification);
    for (const es of sizes) {
      $.when($.eq($.field(f.m4), es), () => $.setVr(f.v1, splat($, es, element($, es, $.vr(f.v3), $.field(f.i2)))));
    }
  }),
  insn('VLVGP', { op: 0xe762, fmt: 'VRR_f', title: title('LOAD VR FROM GRS DISJOINT'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.setVr(f.v1, pair($, $.gr(f.r2), $.gr(f.r3)));
  }),
  insn('VLVG', { op: 0xe722, fmt: 'VRS_b', title: title('LOAD VR ELEMENT FROM GR'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m4), 3), PGM.specification);
    const index = $.wrap($.address2(f).at);
    for (const es of sizes) {
      $.when($.eq($.field(f.m4), es), () =>
        $.setVr(f.v1, withElement($, es, $.vr(f.v1), $.and(index, (VR_BYTES >> es) - 1), $.gr(f.r3))),
      );
    }
  }),
  insn('VLGV', { op: 0xe721, fmt: 'VRS_c', title: title('LOAD GR FROM VR ELEMENT'), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    $.pgmIf($.gtU($.field(f.m4), 3), PGM.specification);
    const index = $.wrap($.address2(f).at);
    for (const es of sizes) {
      $.when($.eq($.field(f.m4), es), () =>
        $.setGr(f.r1, element($, es, $.vr(f.v3), $.and(index, (VR_BYTES >> es) - 1))),
      );
    }
  }),
  insn(
    'VPDI',
    {
      op: 0xe784,
      fmt: 'VRR_c',
      title: title('PERMUTE DOUBLEWORD IMMEDIATE'),
      facility: 'vector',
      ignores: ['m5', 'm6'],
    },
    ($, f) => {
      vectorInstruction($);
      const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
      const m = $.field(f.m4);
      const left = $.select($.and(m, 4), low($, a), high($, a));
      $.setVr(f.v1, pair($, left, $.select($.and(m, 1), low($, b), high($, b))));
    },
  ),
];
