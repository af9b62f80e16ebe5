/** PoP, "General Instructions": DIVIDE, DIVIDE LOGICAL and DIVIDE SINGLE. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Bits 32-63 of an even-odd pair as one number. */
function dividendWords($: Sem, r1: Field): I64 {
  return $.or($.shl($.zext($.grLow(r1)), 32), $.zext($.grLow(r1, 1)));
}

/** What a quotient leaves, modulo 2^64: a second division would take as long as the first. */
function remainder($: Sem, dividend: I64, quotient: I64, divisor: I64): I64 {
  return $.sub(dividend, $.mul(quotient, divisor));
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
  resultWords($, r1, remainder($, dividend, quotient, divisor), quotient);
}

// The quotient fits when the dividend's high half is less than the divisor; a divisor of zero never is more.
function divideWordsLogical($: Sem, r1: Field, second: () => I32): void {
  $.requireEven(r1);
  const divisor = second();
  $.pgmIf($.geU($.grLow(r1), divisor), PGM.fixedPointDivide);
  const dividend = dividendWords($, r1);
  const quotient = $.divU(dividend, $.zext(divisor));
  resultWords($, r1, remainder($, dividend, quotient, $.zext(divisor)), quotient);
}

const LOW = 0xffff_ffffn;

/** A word of a quotient, and what its part of the dividend leaves. */
interface QuotientWord {
  readonly word: I64;
  readonly rest: I64;
}

/**
 * One word of the quotient of three words by a divisor of two whose first bit is one (D. Knuth, "The Art of Computer
 * Programming", 4.3.1, algorithm D): estimated by the divisor's first word, it is at most two too large. `above` are the first two
 * words, less than the divisor.
 */
function quotientWord($: Sem, above: I64, next: I64, divisor: I64): QuotientWord {
  const first = $.shrU(divisor, 32);
  const second = $.and(divisor, LOW);
  const guess = $.divU(above, first);
  const left = $.sub(above, $.mul(guess, first));
  // While what is left is less than 2^32, the next word tells whether the estimate is too large.
  const isLarge = (word: I64, rest: I64): I32 =>
    $.or($.geU(word, 1n << 32n), $.gtU($.mul(word, second), $.or($.shl(rest, 32), next)));
  const once = isLarge(guess, left);
  const word1 = $.sub(guess, $.zext(once));
  const left1 = $.select(once, $.add(left, first), left);
  const twice = $.and($.and(once, $.leU(left1, LOW)), isLarge(word1, left1));
  const word = $.sub(word1, $.zext(twice));
  return { word, rest: $.sub($.or($.shl(above, 32), next), $.mul(word, divisor)) };
}

/** Quotient of an unsigned 128-bit dividend whose high half is less than the divisor, and not zero. */
function quotient128($: Sem, high: I64, low: I64, divisor: I64): I64 {
  const shift = $.clz(divisor);
  const normal = $.shl(divisor, shift);
  // The bits that low shifts into high; none, rather than all, when nothing is shifted.
  const carried = $.shrU($.shrU(low, 1), $.sub($.i64(63), shift));
  const above = $.or($.shl(high, shift), carried);
  const below = $.shl(low, shift);
  const upper = quotientWord($, above, $.shrU(below, 32), normal);
  const lower = quotientWord($, upper.rest, $.and(below, LOW), normal);
  return $.or($.shl(upper.word, 32), lower.word);
}

function divideDoublewordsLogical($: Sem, r1: Field, second: () => I64): void {
  $.requireEven(r1);
  const divisor = second();
  const [high, low] = [$.gr(r1), $.gr(r1, 1)];
  $.pgmIf($.geU(high, divisor), PGM.fixedPointDivide);
  const quotient = $.variable($.i64(0));
  $.when(
    $.isZero(high),
    () => $.set(quotient, $.divU(low, divisor)),
    () => $.set(quotient, quotient128($, high, low, divisor)),
  );
  // Modulo 2^64 the dividend's high half does not count.
  $.setGr(r1, remainder($, low, $.get(quotient), divisor));
  $.setGr(r1, $.get(quotient), 1);
}

function divideSingle($: Sem, r1: Field, second: () => I64): void {
  $.requireEven(r1);
  const divisor = second();
  const dividend = $.gr(r1, 1);
  requireQuotient64($, dividend, divisor);
  const quotient = $.divS(dividend, divisor);
  $.setGr(r1, remainder($, dividend, quotient, divisor));
  $.setGr(r1, quotient, 1);
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
