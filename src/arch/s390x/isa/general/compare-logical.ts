/** PoP, "General Instructions": COMPARE LOGICAL of registers, storage and immediate operands. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareLogicalCc } from './arithmetic.ts';
import { alignedOperand } from './operand.ts';

function compare<T extends Int>($: Sem, a: Node<T>, b: Node<T>): void {
  $.setCc(compareLogicalCc($, a, b));
}

/** A 16-bit immediate with zeros on the left. */
const half = ($: Sem, i2: Field): I32 => $.and($.field(i2), 0xffff);
const half64 = ($: Sem, i2: Field): I64 => $.zext(half($, i2));

/** Unsigned comparisons. */
export const compareLogicalRows: readonly Row[] = [
  insn('CLR', { op: 0x15, fmt: 'RR', title: 'COMPARE LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.grLow(f.r2)),
  ),
  insn('CLGR', { op: 0xb921, fmt: 'RRE', title: 'COMPARE LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.gr(f.r2)),
  ),
  insn('CLGFR', { op: 0xb931, fmt: 'RRE', title: 'COMPARE LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.zext($.grLow(f.r2))),
  ),
  insn('CL', { op: 0x55, fmt: 'RX_a', title: 'COMPARE LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.fetch32($.address2(f))),
  ),
  insn('CLY', { op: 0xe355, fmt: 'RXY_a', title: 'COMPARE LOGICAL (32)', facility: 'long-displacement' }, ($, f) =>
    compare($, $.grLow(f.r1), $.fetch32($.address2(f))),
  ),
  insn('CLG', { op: 0xe321, fmt: 'RXY_a', title: 'COMPARE LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.fetch64($.address2(f))),
  ),
  insn('CLGF', { op: 0xe331, fmt: 'RXY_a', title: 'COMPARE LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f))),
  ),
  insn(
    'CLFI',
    { op: 0xc2f, fmt: 'RIL_a', title: 'COMPARE LOGICAL IMMEDIATE (32)', facility: 'extended-immediate' },
    ($, f) => compare($, $.grLow(f.r1), $.field(f.i2)),
  ),
  insn(
    'CLGFI',
    { op: 0xc2e, fmt: 'RIL_a', title: 'COMPARE LOGICAL IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => compare($, $.gr(f.r1), $.zext($.field(f.i2))),
  ),
  insn('CLI', { op: 0x95, fmt: 'SI', title: 'COMPARE LOGICAL (immediate)', facility: 'zarch' }, ($, f) =>
    compare($, $.fetch8($.address1(f)), $.field(f.i2)),
  ),
  insn(
    'CLIY',
    { op: 0xeb55, fmt: 'SIY', title: 'COMPARE LOGICAL (immediate)', facility: 'long-displacement' },
    ($, f) => compare($, $.fetch8($.address1(f)), $.field(f.i2)),
  ),
  insn(
    'CLHHSI',
    {
      op: 0xe555,
      fmt: 'SIL',
      title: 'COMPARE LOGICAL IMMEDIATE (16 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch16($.address1(f)), half($, f.i2)),
  ),
  insn(
    'CLFHSI',
    {
      op: 0xe55d,
      fmt: 'SIL',
      title: 'COMPARE LOGICAL IMMEDIATE (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch32($.address1(f)), half($, f.i2)),
  ),
  insn(
    'CLGHSI',
    {
      op: 0xe559,
      fmt: 'SIL',
      title: 'COMPARE LOGICAL IMMEDIATE (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch64($.address1(f)), half64($, f.i2)),
  ),
  insn(
    'CLRL',
    {
      op: 0xc6f,
      fmt: 'RIL_b',
      title: 'COMPARE LOGICAL RELATIVE LONG (32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.grLow(f.r1), $.fetch32(alignedOperand($, f.ri2, 4))),
  ),
  insn(
    'CLGRL',
    {
      op: 0xc6a,
      fmt: 'RIL_b',
      title: 'COMPARE LOGICAL RELATIVE LONG (64)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.gr(f.r1), $.fetch64(alignedOperand($, f.ri2, 8))),
  ),
  insn(
    'CLGFRL',
    {
      op: 0xc6e,
      fmt: 'RIL_b',
      title: 'COMPARE LOGICAL RELATIVE LONG (64 from 32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.gr(f.r1), $.fetchAs('i64', 32, alignedOperand($, f.ri2, 4))),
  ),
  insn(
    'CLHRL',
    {
      op: 0xc67,
      fmt: 'RIL_b',
      title: 'COMPARE LOGICAL RELATIVE LONG (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.grLow(f.r1), $.fetch16($.relativeOperand(f.ri2))),
  ),
  insn(
    'CLGHRL',
    {
      op: 0xc66,
      fmt: 'RIL_b',
      title: 'COMPARE LOGICAL RELATIVE LONG (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.gr(f.r1), $.fetchAs('i64', 16, $.relativeOperand(f.ri2))),
  ),
];
