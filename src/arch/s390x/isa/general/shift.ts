/** PoP, "General Instructions": SHIFT and ROTATE LEFT SINGLE LOGICAL. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { type Arithmetic, result32, result64, signCc } from './arithmetic.ts';

/** The bits of the second-operand address that count: no addressing mode touches the low six. */
function amountOf($: Sem, f: { b2: Field; d2: Field }): I32 {
  return $.and($.add($.grLow(f.b2), $.field(f.d2)), 63);
}

function leftLogical32($: Sem, value: I32, amount: I32): I32 {
  return $.wrap($.shl($.zext(value), $.zext(amount)));
}

function rightLogical32($: Sem, value: I32, amount: I32): I32 {
  return $.wrap($.shrU($.zext(value), $.zext(amount)));
}

function right32($: Sem, value: I32, amount: I32): Arithmetic<'i32'> {
  const result = $.wrap($.shrS($.sext(value), $.zext(amount)));
  return { value: result, cc: signCc($, result), overflow: undefined };
}

function right64($: Sem, value: I64, amount: I32): Arithmetic<'i64'> {
  const result = $.shrS(value, $.zext(amount));
  return { value: result, cc: signCc($, result), overflow: undefined };
}

// A bit unlike the sign is lost when the amount reaches the first such bit, or, for all ones, the zeros shifted in.
function left64($: Sem, value: I64, amount: I32): Arithmetic<'i64'> {
  const sign = $.and(value, 1n << 63n);
  const result = $.or($.and($.shl(value, $.zext(amount)), (1n << 63n) - 1n), sign);
  const room = $.wrap($.clz($.xor(value, $.shrS(value, 63))));
  const overflow = $.and($.ne(value, 0), $.geU(amount, room));
  return { value: result, cc: $.select(overflow, $.i32(3), signCc($, result)), overflow };
}

function left32($: Sem, value: I32, amount: I32): Arithmetic<'i32'> {
  const sign = $.and(value, 1 << 31);
  const result = $.or($.and(leftLogical32($, value, amount), 0x7fff_ffff), sign);
  const room = $.clz($.xor(value, $.shrS(value, 31)));
  const overflow = $.and($.ne(value, 0), $.geU(amount, room));
  return { value: result, cc: $.select(overflow, $.i32(3), signCc($, result)), overflow };
}

/** Bits 32-63 of a register pair as one number. */
function pair($: Sem, r1: Field): I64 {
  return $.or($.shl($.zext($.grLow(r1)), 32), $.zext($.grLow(r1, 1)));
}

function setPair($: Sem, r1: Field, value: I64): void {
  $.setGrLow(r1, $.wrap($.shrU(value, 32)));
  $.setGrLow(r1, $.wrap(value), 1);
}

function doubleSigned($: Sem, r1: Field, result: Arithmetic<'i64'>): void {
  setPair($, r1, result.value);
  $.setCc(result.cc);
  if (result.overflow !== undefined) $.fixedPointOverflow(result.overflow);
}

const z196 = 'zenterprise-196';

/** Shifts of 32 bits, and rotation. */
export const shiftRows: readonly Row[] = [
  insn(
    'SLL',
    { op: 0x89, fmt: 'RS_a', title: 'SHIFT LEFT SINGLE LOGICAL (32)', facility: 'zarch', ignores: ['r3'] },
    ($, f) => $.setGrLow(f.r1, leftLogical32($, $.grLow(f.r1), amountOf($, f))),
  ),
  insn('SLLK', { op: 0xebdf, fmt: 'RSY_a', title: 'SHIFT LEFT SINGLE LOGICAL (32)', facility: z196 }, ($, f) =>
    $.setGrLow(f.r1, leftLogical32($, $.grLow(f.r3), amountOf($, f))),
  ),
  insn('SLLG', { op: 0xeb0d, fmt: 'RSY_a', title: 'SHIFT LEFT SINGLE LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.shl($.gr(f.r3), $.zext(amountOf($, f)))),
  ),
  insn(
    'SRL',
    { op: 0x88, fmt: 'RS_a', title: 'SHIFT RIGHT SINGLE LOGICAL (32)', facility: 'zarch', ignores: ['r3'] },
    ($, f) => $.setGrLow(f.r1, rightLogical32($, $.grLow(f.r1), amountOf($, f))),
  ),
  insn('SRLK', { op: 0xebde, fmt: 'RSY_a', title: 'SHIFT RIGHT SINGLE LOGICAL (32)', facility: z196 }, ($, f) =>
    $.setGrLow(f.r1, rightLogical32($, $.grLow(f.r3), amountOf($, f))),
  ),
  insn('SRLG', { op: 0xeb0c, fmt: 'RSY_a', title: 'SHIFT RIGHT SINGLE LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.shrU($.gr(f.r3), $.zext(amountOf($, f)))),
  ),
  insn('SLA', { op: 0x8b, fmt: 'RS_a', title: 'SHIFT LEFT SINGLE (32)', facility: 'zarch', ignores: ['r3'] }, ($, f) =>
    result32($, f.r1, left32($, $.grLow(f.r1), amountOf($, f))),
  ),
  insn('SLAK', { op: 0xebdd, fmt: 'RSY_a', title: 'SHIFT LEFT SINGLE (32)', facility: z196 }, ($, f) =>
    result32($, f.r1, left32($, $.grLow(f.r3), amountOf($, f))),
  ),
  insn('SLAG', { op: 0xeb0b, fmt: 'RSY_a', title: 'SHIFT LEFT SINGLE (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, left64($, $.gr(f.r3), amountOf($, f))),
  ),
  insn('SRA', { op: 0x8a, fmt: 'RS_a', title: 'SHIFT RIGHT SINGLE (32)', facility: 'zarch', ignores: ['r3'] }, ($, f) =>
    result32($, f.r1, right32($, $.grLow(f.r1), amountOf($, f))),
  ),
  insn('SRAK', { op: 0xebdc, fmt: 'RSY_a', title: 'SHIFT RIGHT SINGLE (32)', facility: z196 }, ($, f) =>
    result32($, f.r1, right32($, $.grLow(f.r3), amountOf($, f))),
  ),
  insn('SRAG', { op: 0xeb0a, fmt: 'RSY_a', title: 'SHIFT RIGHT SINGLE (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, right64($, $.gr(f.r3), amountOf($, f))),
  ),
  insn(
    'SLDL',
    { op: 0x8d, fmt: 'RS_a', title: 'SHIFT LEFT DOUBLE LOGICAL', facility: 'zarch', ignores: ['r3'] },
    ($, f) => {
      $.requireEven(f.r1);
      setPair($, f.r1, $.shl(pair($, f.r1), $.zext(amountOf($, f))));
    },
  ),
  insn(
    'SRDL',
    { op: 0x8c, fmt: 'RS_a', title: 'SHIFT RIGHT DOUBLE LOGICAL', facility: 'zarch', ignores: ['r3'] },
    ($, f) => {
      $.requireEven(f.r1);
      setPair($, f.r1, $.shrU(pair($, f.r1), $.zext(amountOf($, f))));
    },
  ),
  insn('SLDA', { op: 0x8f, fmt: 'RS_a', title: 'SHIFT LEFT DOUBLE', facility: 'zarch', ignores: ['r3'] }, ($, f) => {
    $.requireEven(f.r1);
    doubleSigned($, f.r1, left64($, pair($, f.r1), amountOf($, f)));
  }),
  insn('SRDA', { op: 0x8e, fmt: 'RS_a', title: 'SHIFT RIGHT DOUBLE', facility: 'zarch', ignores: ['r3'] }, ($, f) => {
    $.requireEven(f.r1);
    doubleSigned($, f.r1, right64($, pair($, f.r1), amountOf($, f)));
  }),
  insn('RLL', { op: 0xeb1d, fmt: 'RSY_a', title: 'ROTATE LEFT SINGLE LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.rotl($.grLow(f.r3), amountOf($, f))),
  ),
  insn('RLLG', { op: 0xeb1c, fmt: 'RSY_a', title: 'ROTATE LEFT SINGLE LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.rotl($.gr(f.r3), $.zext(amountOf($, f)))),
  ),
];
