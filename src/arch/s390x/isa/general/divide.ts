/** PoP, "General Instructions": DIVIDE, DIVIDE LOGICAL and DIVIDE SINGLE. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Bits 32-63 of an even-odd pair as one number. */
function dividendWords($: Sem, r1: Field): I64 {
  return $.or($.shl($.zext($.grLow(r1)), 32), $.zext($.grLow(r1, 1)));
}

/** Remainder into the even register, quotient into the odd one; the operation is suppressed until here. */
function resultWords($: Sem, r1: Field, remainder: I64, quotient: I64): void {
  $.setGrLow(r1, $.wrap(remainder));
  $.setGrLow(r1, $.wrap(quotient), 1);
}

/** Fixed-point-divide exception for a divisor of zero, and for the one signed quotient that 64 bits do not hold. */
function requireQuotient64($: Sem, dividend: I64, divisor: I64): void {
  const tooBig = $.and($.eq(dividend, -(1n << 63n)), $.eq(divisor, -1));
  $.pgmIf($.or($.isZero(divisor), tooBig), PGM.fixedPointDivide);
}

function divideWords($: Sem, r1: Field, second: () => I32): void {
  $.requireEven(r1);
  const divisor = $.sext(second());
  const dividend = dividendWords($, r1);
  requireQuotient64($, dividend, divisor);
  const quotient = $.divS(dividend, divisor);
  $.pgmIf($.ne($.extend(32, quotient), quotient), PGM.fixedPointDivide);
  resultWords($, r1, $.remS(dividend, divisor), quotient);
}

// The quotient fits when the dividend's high half is less than the divisor; a divisor of zero never is more.
function divideWordsLogical($: Sem, r1: Field, second: () => I32): void {
  $.requireEven(r1);
  const divisor = second();
  $.pgmIf($.geU($.grLow(r1), divisor), PGM.fixedPointDivide);
  const dividend = dividendWords($, r1);
  resultWords($, r1, $.remU(dividend, $.zext(divisor)), $.divU(dividend, $.zext(divisor)));
}

/** Quotient of an unsigned 128-bit dividend whose high half is less than the divisor. */
const quotient128 = helper(
  'quotient128',
  { params: ['i64', 'i64', 'i64'], result: 'i64', effects: {} },
  (_vcpu, high, low, divisor) => {
    const dividend = (BigInt.asUintN(64, high) << 64n) | BigInt.asUintN(64, low);
    return BigInt.asIntN(64, dividend / BigInt.asUintN(64, divisor));
  },
);

function divideDoublewordsLogical($: Sem, r1: Field, second: () => I64): void {
  $.requireEven(r1);
  const divisor = second();
  const [high, low] = [$.gr(r1), $.gr(r1, 1)];
  $.pgmIf($.geU(high, divisor), PGM.fixedPointDivide);
  const quotient = $.variable($.i64(0));
  $.when(
    $.isZero(high),
    () => $.set(quotient, $.divU(low, divisor)),
    () => $.set(quotient, $.call(quotient128, high, low, divisor)),
  );
  // Modulo 2^64 the dividend's high half does not count.
  $.setGr(r1, $.sub(low, $.mul($.get(quotient), divisor)));
  $.setGr(r1, $.get(quotient), 1);
}

function divideSingle($: Sem, r1: Field, second: () => I64): void {
  $.requireEven(r1);
  const divisor = second();
  const dividend = $.gr(r1, 1);
  requireQuotient64($, dividend, divisor);
  $.setGr(r1, $.remS(dividend, divisor));
  $.setGr(r1, $.divS(dividend, divisor), 1);
}

/** Divisions. */
export const divideRows: readonly Row[] = [
  insn('DR', { op: 0x1d, fmt: 'RR', title: 'DIVIDE (32 from 64)', facility: 'zarch' }, ($, f) =>
    divideWords($, f.r1, () => $.grLow(f.r2)),
  ),
  insn('D', { op: 0x5d, fmt: 'RX_a', title: 'DIVIDE (32 from 64)', facility: 'zarch' }, ($, f) =>
    divideWords($, f.r1, () => $.fetch32($.address2(f))),
  ),
  insn('DLR', { op: 0xb997, fmt: 'RRE', title: 'DIVIDE LOGICAL (32 from 64)', facility: 'zarch' }, ($, f) =>
    divideWordsLogical($, f.r1, () => $.grLow(f.r2)),
  ),
  insn('DL', { op: 0xe397, fmt: 'RXY_a', title: 'DIVIDE LOGICAL (32 from 64)', facility: 'zarch' }, ($, f) =>
    divideWordsLogical($, f.r1, () => $.fetch32($.address2(f))),
  ),
  insn('DLGR', { op: 0xb987, fmt: 'RRE', title: 'DIVIDE LOGICAL (64 from 128)', facility: 'zarch' }, ($, f) =>
    divideDoublewordsLogical($, f.r1, () => $.gr(f.r2)),
  ),
  insn('DLG', { op: 0xe387, fmt: 'RXY_a', title: 'DIVIDE LOGICAL (64 from 128)', facility: 'zarch' }, ($, f) =>
    divideDoublewordsLogical($, f.r1, () => $.fetch64($.address2(f))),
  ),
  insn('DSGR', { op: 0xb90d, fmt: 'RRE', title: 'DIVIDE SINGLE (64)', facility: 'zarch' }, ($, f) =>
    divideSingle($, f.r1, () => $.gr(f.r2)),
  ),
  insn('DSG', { op: 0xe30d, fmt: 'RXY_a', title: 'DIVIDE SINGLE (64)', facility: 'zarch' }, ($, f) =>
    divideSingle($, f.r1, () => $.fetch64($.address2(f))),
  ),
  insn('DSGFR', { op: 0xb91d, fmt: 'RRE', title: 'DIVIDE SINGLE (64 from 32)', facility: 'zarch' }, ($, f) =>
    divideSingle($, f.r1, () => $.sext($.grLow(f.r2))),
  ),
  insn('DSGF', { op: 0xe31d, fmt: 'RXY_a', title: 'DIVIDE SINGLE (64 from 32)', facility: 'zarch' }, ($, f) =>
    divideSingle($, f.r1, () => $.fetchAs('i64', 32, $.address2(f), true)),
  ),
];
