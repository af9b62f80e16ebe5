/** PoP, "General Instructions": MULTIPLY, MULTIPLY HALFWORD, MULTIPLY LOGICAL and MULTIPLY SINGLE. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { type Arithmetic, result32, result64, signCc } from './arithmetic.ts';
import { multiplyHigh, multiplyHighSigned } from './wide.ts';

/** Places a 64-bit product in bits 32-63 of an even-odd pair. */
function productIntoWords($: Sem, r1: Field, product: I64): void {
  $.setGrLow(r1, $.wrap($.shrU(product, 32)));
  $.setGrLow(r1, $.wrap(product), 1);
}

// The multiplicand is the odd register; the specification exception comes before the second operand's access.
function multiplyWords($: Sem, r1: Field, second: () => I32, widen: (a: I32) => I64): void {
  $.requireEven(r1);
  productIntoWords($, r1, $.mul(widen($.grLow(r1, 1)), widen(second())));
}

function multiplyDoublewords($: Sem, r1: Field, second: () => I64, high: (a: I64, b: I64) => I64): void {
  $.requireEven(r1);
  const a = $.gr(r1, 1);
  const b = second();
  $.setGr(r1, high(a, b));
  $.setGr(r1, $.mul(a, b), 1);
}

function singleCc32($: Sem, a: I32, b: I32): Arithmetic<'i32'> {
  const product = $.mul($.sext(a), $.sext(b));
  const value = $.wrap(product);
  const overflow = $.ne($.sext(value), product);
  return { value, cc: $.select(overflow, $.i32(3), signCc($, value)), overflow };
}

function singleCc64($: Sem, a: I64, b: I64): Arithmetic<'i64'> {
  const value = $.mul(a, b);
  const overflow = $.ne(multiplyHighSigned($, a, b), $.shrS(value, 63));
  return { value, cc: $.select(overflow, $.i32(3), signCc($, value)), overflow };
}

const gie = 'general-instructions-extension';
const extensions2 = 'miscellaneous-extensions-2';

/** Products of twice the operands' width. */
export const multiplyRows: readonly Row[] = [
  insn('MR', { op: 0x1c, fmt: 'RR', title: 'MULTIPLY (64 from 32)', facility: 'zarch' }, ($, f) =>
    multiplyWords(
      $,
      f.r1,
      () => $.grLow(f.r2),
      (a) => $.sext(a),
    ),
  ),
  insn('M', { op: 0x5c, fmt: 'RX_a', title: 'MULTIPLY (64 from 32)', facility: 'zarch' }, ($, f) =>
    multiplyWords(
      $,
      f.r1,
      () => $.fetch32($.address2(f)),
      (a) => $.sext(a),
    ),
  ),
  insn('MFY', { op: 0xe35c, fmt: 'RXY_a', title: 'MULTIPLY (64 from 32)', facility: gie }, ($, f) =>
    multiplyWords(
      $,
      f.r1,
      () => $.fetch32($.address2(f)),
      (a) => $.sext(a),
    ),
  ),
  insn('MG', { op: 0xe384, fmt: 'RXY_a', title: 'MULTIPLY (128 from 64)', facility: extensions2 }, ($, f) =>
    multiplyDoublewords(
      $,
      f.r1,
      () => $.fetch64($.address2(f)),
      (a, b) => multiplyHighSigned($, a, b),
    ),
  ),
  insn(
    'MGRK',
    { op: 0xb9ec, fmt: 'RRF_a', title: 'MULTIPLY (128 from 64)', facility: extensions2, ignores: ['m4'] },
    ($, f) => {
      $.requireEven(f.r1);
      const [a, b] = [$.gr(f.r2), $.gr(f.r3)];
      $.setGr(f.r1, multiplyHighSigned($, a, b));
      $.setGr(f.r1, $.mul(a, b), 1);
    },
  ),
  insn('MLR', { op: 0xb996, fmt: 'RRE', title: 'MULTIPLY LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    multiplyWords(
      $,
      f.r1,
      () => $.grLow(f.r2),
      (a) => $.zext(a),
    ),
  ),
  insn('ML', { op: 0xe396, fmt: 'RXY_a', title: 'MULTIPLY LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    multiplyWords(
      $,
      f.r1,
      () => $.fetch32($.address2(f)),
      (a) => $.zext(a),
    ),
  ),
  insn('MLGR', { op: 0xb986, fmt: 'RRE', title: 'MULTIPLY LOGICAL (128 from 64)', facility: 'zarch' }, ($, f) =>
    multiplyDoublewords(
      $,
      f.r1,
      () => $.gr(f.r2),
      (a, b) => multiplyHigh($, a, b),
    ),
  ),
  insn('MLG', { op: 0xe386, fmt: 'RXY_a', title: 'MULTIPLY LOGICAL (128 from 64)', facility: 'zarch' }, ($, f) =>
    multiplyDoublewords(
      $,
      f.r1,
      () => $.fetch64($.address2(f)),
      (a, b) => multiplyHigh($, a, b),
    ),
  ),
];

/** Products of the operands' width. */
export const multiplySingleRows: readonly Row[] = [
  insn('MSR', { op: 0xb252, fmt: 'RRE', title: 'MULTIPLY SINGLE (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn('MS', { op: 0x71, fmt: 'RX_a', title: 'MULTIPLY SINGLE (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('MSY', { op: 0xe351, fmt: 'RXY_a', title: 'MULTIPLY SINGLE (32)', facility: 'long-displacement' }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('MSGR', { op: 0xb90c, fmt: 'RRE', title: 'MULTIPLY SINGLE (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.gr(f.r2))),
  ),
  insn('MSG', { op: 0xe30c, fmt: 'RXY_a', title: 'MULTIPLY SINGLE (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.fetch64($.address2(f)))),
  ),
  insn('MSGFR', { op: 0xb91c, fmt: 'RRE', title: 'MULTIPLY SINGLE (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.sext($.grLow(f.r2)))),
  ),
  insn('MSGF', { op: 0xe31c, fmt: 'RXY_a', title: 'MULTIPLY SINGLE (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.fetchAs('i64', 32, $.address2(f), true))),
  ),
  insn('MSFI', { op: 0xc21, fmt: 'RIL_a', title: 'MULTIPLY SINGLE IMMEDIATE (32)', facility: gie }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.field(f.i2))),
  ),
  insn('MSGFI', { op: 0xc20, fmt: 'RIL_a', title: 'MULTIPLY SINGLE IMMEDIATE (64 from 32)', facility: gie }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn('MH', { op: 0x4c, fmt: 'RX_a', title: 'MULTIPLY HALFWORD (32 from 16)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn('MHY', { op: 0xe37c, fmt: 'RXY_a', title: 'MULTIPLY HALFWORD (32 from 16)', facility: gie }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn('MGH', { op: 0xe33c, fmt: 'RXY_a', title: 'MULTIPLY HALFWORD (64 from 16)', facility: extensions2 }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.fetchAs('i64', 16, $.address2(f), true))),
  ),
  insn('MHI', { op: 0xa7c, fmt: 'RI_a', title: 'MULTIPLY HALFWORD IMMEDIATE (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.mul($.grLow(f.r1), $.field(f.i2))),
  ),
  insn('MGHI', { op: 0xa7d, fmt: 'RI_a', title: 'MULTIPLY HALFWORD IMMEDIATE (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.mul($.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn(
    'MSRKC',
    { op: 0xb9fd, fmt: 'RRF_a', title: 'MULTIPLY SINGLE (32)', facility: extensions2, ignores: ['m4'] },
    ($, f) => result32($, f.r1, singleCc32($, $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn('MSC', { op: 0xe353, fmt: 'RXY_a', title: 'MULTIPLY SINGLE (32)', facility: extensions2 }, ($, f) =>
    result32($, f.r1, singleCc32($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn(
    'MSGRKC',
    { op: 0xb9ed, fmt: 'RRF_a', title: 'MULTIPLY SINGLE (64)', facility: extensions2, ignores: ['m4'] },
    ($, f) => result64($, f.r1, singleCc64($, $.gr(f.r2), $.gr(f.r3))),
  ),
  insn('MSGC', { op: 0xe383, fmt: 'RXY_a', title: 'MULTIPLY SINGLE (64)', facility: extensions2 }, ($, f) =>
    result64($, f.r1, singleCc64($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
];
