/** PoP, "General Instructions": loads of general registers from registers and storage. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { signCc } from './arithmetic.ts';
import { alignedOperand } from './operand.ts';

function loadAndTest32($: Sem, r1: Field, value: I32): void {
  $.setGrLow(r1, value);
  $.setCc(signCc($, value));
}

function loadAndTest64($: Sem, r1: Field, value: I64): void {
  $.setGr(r1, value);
  $.setCc(signCc($, value));
}

/** Loads. */
export const loadRows: readonly Row[] = [
  insn('LR', { op: 0x18, fmt: 'RR', title: 'LOAD (32)', facility: 'zarch' }, ($, f) => $.setGrLow(f.r1, $.grLow(f.r2))),
  insn('LGR', { op: 0xb904, fmt: 'RRE', title: 'LOAD (64)', facility: 'zarch' }, ($, f) => $.setGr(f.r1, $.gr(f.r2))),
  insn('LGFR', { op: 0xb914, fmt: 'RRE', title: 'LOAD (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.sext($.grLow(f.r2))),
  ),
  insn('L', { op: 0x58, fmt: 'RX_a', title: 'LOAD (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.fetch32($.address2(f))),
  ),
  insn('LY', { op: 0xe358, fmt: 'RXY_a', title: 'LOAD (32)', facility: 'long-displacement' }, ($, f) =>
    $.setGrLow(f.r1, $.fetch32($.address2(f))),
  ),
  insn('LG', { op: 0xe304, fmt: 'RXY_a', title: 'LOAD (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetch64($.address2(f))),
  ),
  insn('LGF', { op: 0xe314, fmt: 'RXY_a', title: 'LOAD (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 32, $.address2(f), true)),
  ),
  insn(
    'LRL',
    { op: 0xc4d, fmt: 'RIL_b', title: 'LOAD RELATIVE LONG (32)', facility: 'general-instructions-extension' },
    ($, f) => $.setGrLow(f.r1, $.fetch32(alignedOperand($, f.ri2, 4))),
  ),
  insn(
    'LGRL',
    { op: 0xc48, fmt: 'RIL_b', title: 'LOAD RELATIVE LONG (64)', facility: 'general-instructions-extension' },
    ($, f) => $.setGr(f.r1, $.fetch64(alignedOperand($, f.ri2, 8))),
  ),
  insn(
    'LGFRL',
    { op: 0xc4c, fmt: 'RIL_b', title: 'LOAD RELATIVE LONG (64 from 32)', facility: 'general-instructions-extension' },
    ($, f) => $.setGr(f.r1, $.fetchAs('i64', 32, alignedOperand($, f.ri2, 4), true)),
  ),
  insn('LBR', { op: 0xb926, fmt: 'RRE', title: 'LOAD BYTE (32 from 8)', facility: 'extended-immediate' }, ($, f) =>
    $.setGrLow(f.r1, $.extend(8, $.grByte(f.r2))),
  ),
  insn('LGBR', { op: 0xb906, fmt: 'RRE', title: 'LOAD BYTE (64 from 8)', facility: 'extended-immediate' }, ($, f) =>
    $.setGr(f.r1, $.extend(8, $.gr(f.r2))),
  ),
  insn('LB', { op: 0xe376, fmt: 'RXY_a', title: 'LOAD BYTE (32 from 8)', facility: 'long-displacement' }, ($, f) =>
    $.setGrLow(f.r1, $.fetch8s($.address2(f))),
  ),
  insn('LGB', { op: 0xe377, fmt: 'RXY_a', title: 'LOAD BYTE (64 from 8)', facility: 'long-displacement' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 8, $.address2(f), true)),
  ),
  insn('LHR', { op: 0xb927, fmt: 'RRE', title: 'LOAD HALFWORD (32 from 16)', facility: 'extended-immediate' }, ($, f) =>
    $.setGrLow(f.r1, $.extend(16, $.grHalf(f.r2))),
  ),
  insn(
    'LGHR',
    { op: 0xb907, fmt: 'RRE', title: 'LOAD HALFWORD (64 from 16)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.extend(16, $.gr(f.r2))),
  ),
  insn('LH', { op: 0x48, fmt: 'RX_a', title: 'LOAD HALFWORD (32 from 16)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.fetch16s($.address2(f))),
  ),
  insn(
    'LHY',
    { op: 0xe378, fmt: 'RXY_a', title: 'LOAD HALFWORD (32 from 16)', facility: 'long-displacement' },
    ($, f) => $.setGrLow(f.r1, $.fetch16s($.address2(f))),
  ),
  insn('LGH', { op: 0xe315, fmt: 'RXY_a', title: 'LOAD HALFWORD (64 from 16)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 16, $.address2(f), true)),
  ),
  insn(
    'LHRL',
    {
      op: 0xc45,
      fmt: 'RIL_b',
      title: 'LOAD HALFWORD RELATIVE LONG (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => $.setGrLow(f.r1, $.fetch16s($.relativeOperand(f.ri2))),
  ),
  insn(
    'LGHRL',
    {
      op: 0xc44,
      fmt: 'RIL_b',
      title: 'LOAD HALFWORD RELATIVE LONG (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => $.setGr(f.r1, $.fetchAs('i64', 16, $.relativeOperand(f.ri2), true)),
  ),
  insn('LHI', { op: 0xa78, fmt: 'RI_a', title: 'LOAD HALFWORD IMMEDIATE (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.field(f.i2)),
  ),
  insn('LGHI', { op: 0xa79, fmt: 'RI_a', title: 'LOAD HALFWORD IMMEDIATE (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.sext($.field(f.i2))),
  ),
  insn(
    'LGFI',
    { op: 0xc01, fmt: 'RIL_a', title: 'LOAD IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.sext($.field(f.i2))),
  ),
  insn('LTR', { op: 0x12, fmt: 'RR', title: 'LOAD AND TEST (32)', facility: 'zarch' }, ($, f) =>
    loadAndTest32($, f.r1, $.grLow(f.r2)),
  ),
  insn('LTGR', { op: 0xb902, fmt: 'RRE', title: 'LOAD AND TEST (64)', facility: 'zarch' }, ($, f) =>
    loadAndTest64($, f.r1, $.gr(f.r2)),
  ),
  insn('LTGFR', { op: 0xb912, fmt: 'RRE', title: 'LOAD AND TEST (64 from 32)', facility: 'zarch' }, ($, f) =>
    loadAndTest64($, f.r1, $.sext($.grLow(f.r2))),
  ),
  insn('LT', { op: 0xe312, fmt: 'RXY_a', title: 'LOAD AND TEST (32)', facility: 'extended-immediate' }, ($, f) =>
    loadAndTest32($, f.r1, $.fetch32($.address2(f))),
  ),
  insn('LTG', { op: 0xe302, fmt: 'RXY_a', title: 'LOAD AND TEST (64)', facility: 'extended-immediate' }, ($, f) =>
    loadAndTest64($, f.r1, $.fetch64($.address2(f))),
  ),
  insn(
    'LTGF',
    { op: 0xe332, fmt: 'RXY_a', title: 'LOAD AND TEST (64 from 32)', facility: 'general-instructions-extension' },
    ($, f) => loadAndTest64($, f.r1, $.fetchAs('i64', 32, $.address2(f), true)),
  ),
];
