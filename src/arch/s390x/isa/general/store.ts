/** PoP, "General Instructions": stores of general registers and moves of immediate operands. */

import { insn, type Row } from '../row.ts';
import { alignedOperand } from './operand.ts';

/** Stores. */
export const storeRows: readonly Row[] = [
  insn('ST', { op: 0x50, fmt: 'RX_a', title: 'STORE (32)', facility: 'zarch' }, ($, f) =>
    $.store32($.address2(f), $.grLow(f.r1)),
  ),
  insn('STY', { op: 0xe350, fmt: 'RXY_a', title: 'STORE (32)', facility: 'long-displacement' }, ($, f) =>
    $.store32($.address2(f), $.grLow(f.r1)),
  ),
  insn('STG', { op: 0xe324, fmt: 'RXY_a', title: 'STORE (64)', facility: 'zarch' }, ($, f) =>
    $.store64($.address2(f), $.gr(f.r1)),
  ),
  insn(
    'STRL',
    { op: 0xc4f, fmt: 'RIL_b', title: 'STORE RELATIVE LONG (32)', facility: 'general-instructions-extension' },
    ($, f) => $.store32(alignedOperand($, f.ri2, 4), $.grLow(f.r1)),
  ),
  insn(
    'STGRL',
    { op: 0xc4b, fmt: 'RIL_b', title: 'STORE RELATIVE LONG (64)', facility: 'general-instructions-extension' },
    ($, f) => $.store64(alignedOperand($, f.ri2, 8), $.gr(f.r1)),
  ),
  insn('STH', { op: 0x40, fmt: 'RX_a', title: 'STORE HALFWORD', facility: 'zarch' }, ($, f) =>
    $.store16($.address2(f), $.grLow(f.r1)),
  ),
  insn('STHY', { op: 0xe370, fmt: 'RXY_a', title: 'STORE HALFWORD', facility: 'long-displacement' }, ($, f) =>
    $.store16($.address2(f), $.grLow(f.r1)),
  ),
  insn(
    'STHRL',
    { op: 0xc47, fmt: 'RIL_b', title: 'STORE HALFWORD RELATIVE LONG', facility: 'general-instructions-extension' },
    ($, f) => $.store16($.relativeOperand(f.ri2), $.grLow(f.r1)),
  ),
  insn('STC', { op: 0x42, fmt: 'RX_a', title: 'STORE CHARACTER', facility: 'zarch' }, ($, f) =>
    $.store8($.address2(f), $.grLow(f.r1)),
  ),
  insn('STCY', { op: 0xe372, fmt: 'RXY_a', title: 'STORE CHARACTER', facility: 'long-displacement' }, ($, f) =>
    $.store8($.address2(f), $.grLow(f.r1)),
  ),
  insn('MVI', { op: 0x92, fmt: 'SI', title: 'MOVE (immediate)', facility: 'zarch' }, ($, f) =>
    $.store8($.address1(f), $.field(f.i2)),
  ),
  insn('MVIY', { op: 0xeb52, fmt: 'SIY', title: 'MOVE (immediate)', facility: 'long-displacement' }, ($, f) =>
    $.store8($.address1(f), $.field(f.i2)),
  ),
  insn(
    'MVHHI',
    { op: 0xe544, fmt: 'SIL', title: 'MOVE (16 from 16)', facility: 'general-instructions-extension' },
    ($, f) => $.store16($.address1(f), $.field(f.i2)),
  ),
  insn(
    'MVHI',
    { op: 0xe54c, fmt: 'SIL', title: 'MOVE (32 from 16)', facility: 'general-instructions-extension' },
    ($, f) => $.store32($.address1(f), $.field(f.i2)),
  ),
  insn(
    'MVGHI',
    { op: 0xe548, fmt: 'SIL', title: 'MOVE (64 from 16)', facility: 'general-instructions-extension' },
    ($, f) => $.store64($.address1(f), $.sext($.field(f.i2))),
  ),
];
