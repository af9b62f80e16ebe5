/** PoP, "General Instructions": TEST UNDER MASK. */

import type { Field } from '../../../../ir/field.ts';
import type { I32 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

function testStorage($: Sem, f: { b1: Field; d1: Field; i2: Field }): void {
  const mask = $.field(f.i2);
  const selected = $.and($.fetch8($.address1(f)), mask);
  $.setCc($.select($.isZero(selected), $.i32(0), $.select($.eq(selected, mask), $.i32(3), 1)));
}

// Mixed bits with a leftmost one are more than the zeros among the selected bits, read as numbers.
function testHalfword($: Sem, word: I32, immediate: I32): void {
  const mask = $.and(immediate, 0xffff);
  const selected = $.and(word, mask);
  const mixed = $.add($.gtU(selected, $.xor(selected, mask)), 1);
  $.setCc($.select($.isZero(selected), $.i32(0), $.select($.eq(selected, mask), $.i32(3), mixed)));
}

const title = 'TEST UNDER MASK';

/** TEST UNDER MASK of a byte in storage and of each halfword of a register. */
export const testUnderMaskRows: readonly Row[] = [
  insn('TM', { op: 0x91, fmt: 'SI', title, facility: 'zarch' }, testStorage),
  insn('TMY', { op: 0xeb51, fmt: 'SIY', title, facility: 'long-displacement' }, testStorage),
  insn('TMHH', { op: 0xa72, fmt: 'RI_a', title, facility: 'zarch' }, ($, f) =>
    testHalfword($, $.shrU($.grHigh(f.r1), 16), $.field(f.i2)),
  ),
  insn('TMHL', { op: 0xa73, fmt: 'RI_a', title, facility: 'zarch' }, ($, f) =>
    testHalfword($, $.grHigh(f.r1), $.field(f.i2)),
  ),
  insn('TMLH', { op: 0xa70, fmt: 'RI_a', title, facility: 'zarch' }, ($, f) =>
    testHalfword($, $.shrU($.grLow(f.r1), 16), $.field(f.i2)),
  ),
  insn('TMLL', { op: 0xa71, fmt: 'RI_a', title, facility: 'zarch' }, ($, f) =>
    testHalfword($, $.grLow(f.r1), $.field(f.i2)),
  ),
];
