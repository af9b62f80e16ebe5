/** PoP, "General Instructions": COMPARE and COMPARE HALFWORD, signed. */

import type { Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareCc } from './arithmetic.ts';
import { alignedOperand } from './operand.ts';

function compare<T extends Int>($: Sem, a: Node<T>, b: Node<T>): void {
  $.setCc(compareCc($, a, b));
}

/** Signed comparisons. */
export const compareRows: readonly Row[] = [
  insn('CR', { op: 0x19, fmt: 'RR', title: 'COMPARE (32)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.grLow(f.r2)),
  ),
  insn('CGR', { op: 0xb920, fmt: 'RRE', title: 'COMPARE (64)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.gr(f.r2)),
  ),
  insn('CGFR', { op: 0xb930, fmt: 'RRE', title: 'COMPARE (64 from 32)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.sext($.grLow(f.r2))),
  ),
  insn('C', { op: 0x59, fmt: 'RX_a', title: 'COMPARE (32)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.fetch32($.address2(f))),
  ),
  insn('CY', { op: 0xe359, fmt: 'RXY_a', title: 'COMPARE (32)', facility: 'long-displacement' }, ($, f) =>
    compare($, $.grLow(f.r1), $.fetch32($.address2(f))),
  ),
  insn('CG', { op: 0xe320, fmt: 'RXY_a', title: 'COMPARE (64)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.fetch64($.address2(f))),
  ),
  insn('CGF', { op: 0xe330, fmt: 'RXY_a', title: 'COMPARE (64 from 32)', facility: 'zarch' }, ($, f) =>
    compare($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f), true)),
  ),
  insn(
    'CRL',
    { op: 0xc6d, fmt: 'RIL_b', title: 'COMPARE RELATIVE LONG (32)', facility: 'general-instructions-extension' },
    ($, f) => compare($, $.grLow(f.r1), $.fetch32(alignedOperand($, f.ri2, 4))),
  ),
  insn(
    'CGRL',
    { op: 0xc68, fmt: 'RIL_b', title: 'COMPARE RELATIVE LONG (64)', facility: 'general-instructions-extension' },
    ($, f) => compare($, $.gr(f.r1), $.fetch64(alignedOperand($, f.ri2, 8))),
  ),
  insn(
    'CGFRL',
    {
      op: 0xc6c,
      fmt: 'RIL_b',
      title: 'COMPARE RELATIVE LONG (64 from 32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.gr(f.r1), $.fetchAs('i64', 32, alignedOperand($, f.ri2, 4), true)),
  ),
  insn('CFI', { op: 0xc2d, fmt: 'RIL_a', title: 'COMPARE IMMEDIATE (32)', facility: 'extended-immediate' }, ($, f) =>
    compare($, $.grLow(f.r1), $.field(f.i2)),
  ),
  insn(
    'CGFI',
    { op: 0xc2c, fmt: 'RIL_a', title: 'COMPARE IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => compare($, $.gr(f.r1), $.sext($.field(f.i2))),
  ),
  insn('CH', { op: 0x49, fmt: 'RX_a', title: 'COMPARE HALFWORD (32 from 16)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.fetch16s($.address2(f))),
  ),
  insn(
    'CHY',
    { op: 0xe379, fmt: 'RXY_a', title: 'COMPARE HALFWORD (32 from 16)', facility: 'long-displacement' },
    ($, f) => compare($, $.grLow(f.r1), $.fetch16s($.address2(f))),
  ),
  insn(
    'CGH',
    { op: 0xe334, fmt: 'RXY_a', title: 'COMPARE HALFWORD (64 from 16)', facility: 'general-instructions-extension' },
    ($, f) => compare($, $.gr(f.r1), $.fetchAs('i64', 16, $.address2(f), true)),
  ),
  insn('CHI', { op: 0xa7e, fmt: 'RI_a', title: 'COMPARE HALFWORD IMMEDIATE (32 from 16)', facility: 'zarch' }, ($, f) =>
    compare($, $.grLow(f.r1), $.field(f.i2)),
  ),
  insn(
    'CGHI',
    { op: 0xa7f, fmt: 'RI_a', title: 'COMPARE HALFWORD IMMEDIATE (64 from 16)', facility: 'zarch' },
    ($, f) => compare($, $.gr(f.r1), $.sext($.field(f.i2))),
  ),
  insn(
    'CHHSI',
    {
      op: 0xe554,
      fmt: 'SIL',
      title: 'COMPARE HALFWORD IMMEDIATE (16 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch16s($.address1(f)), $.field(f.i2)),
  ),
  insn(
    'CHSI',
    {
      op: 0xe55c,
      fmt: 'SIL',
      title: 'COMPARE HALFWORD IMMEDIATE (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch32($.address1(f)), $.field(f.i2)),
  ),
  insn(
    'CGHSI',
    {
      op: 0xe558,
      fmt: 'SIL',
      title: 'COMPARE HALFWORD IMMEDIATE (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.fetch64($.address1(f)), $.sext($.field(f.i2))),
  ),
  insn(
    'CHRL',
    {
      op: 0xc65,
      fmt: 'RIL_b',
      title: 'COMPARE HALFWORD RELATIVE LONG (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.grLow(f.r1), $.fetch16s($.relativeOperand(f.ri2))),
  ),
  insn(
    'CGHRL',
    {
      op: 0xc64,
      fmt: 'RIL_b',
      title: 'COMPARE HALFWORD RELATIVE LONG (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => compare($, $.gr(f.r1), $.fetchAs('i64', 16, $.relativeOperand(f.ri2), true)),
  ),
];
