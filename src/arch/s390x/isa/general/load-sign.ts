/** PoP, "General Instructions": LOAD COMPLEMENT, LOAD NEGATIVE, LOAD POSITIVE, LOAD REVERSED and STORE REVERSED. */

import type { Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { reversed16, reversed32, reversed64 } from '../../../../ir/reversed.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { type Arithmetic, result32, result64, subtractSigned } from './arithmetic.ts';

const complement = <T extends Int>($: Sem, zero: Node<T>, value: Node<T>): Arithmetic<T> =>
  subtractSigned($, zero, value);

/** All ones for a negative number, else zero. */
const signMask = <T extends Int>($: Sem, value: Node<T>): Node<T> => $.shrS(value, value.ty === 'i32' ? 31 : 63);

/** The number with a minus sign; there is no overflow. */
function negative<T extends Int>($: Sem, value: Node<T>): Arithmetic<T> {
  const mask = signMask($, value);
  const absolute = $.sub($.xor(value, mask), mask);
  const result = $.sub($.xor(absolute, -1), -1);
  return { value: result, cc: $.ltS(result, 0), overflow: undefined };
}

/** The number with a plus sign; CC 3 for the most negative one, which has none. */
function positive<T extends Int>($: Sem, value: Node<T>): Arithmetic<T> {
  const mask = signMask($, value);
  const result = $.sub($.xor(value, mask), mask);
  const overflow = $.ltS(result, 0);
  return { value: result, cc: $.select(overflow, $.i32(3), $.shl($.ne(result, 0), 1)), overflow };
}

/** Loads that change the sign. */
export const loadSignRows: readonly Row[] = [
  insn('LCR', { op: 0x13, fmt: 'RR', title: 'LOAD COMPLEMENT (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, complement($, $.i32(0), $.grLow(f.r2))),
  ),
  insn('LCGR', { op: 0xb903, fmt: 'RRE', title: 'LOAD COMPLEMENT (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, complement($, $.i64(0), $.gr(f.r2))),
  ),
  insn('LCGFR', { op: 0xb913, fmt: 'RRE', title: 'LOAD COMPLEMENT (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, complement($, $.i64(0), $.sext($.grLow(f.r2)))),
  ),
  insn('LNR', { op: 0x11, fmt: 'RR', title: 'LOAD NEGATIVE (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, negative($, $.grLow(f.r2))),
  ),
  insn('LNGR', { op: 0xb901, fmt: 'RRE', title: 'LOAD NEGATIVE (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, negative($, $.gr(f.r2))),
  ),
  insn('LNGFR', { op: 0xb911, fmt: 'RRE', title: 'LOAD NEGATIVE (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, negative($, $.sext($.grLow(f.r2)))),
  ),
  insn('LPR', { op: 0x10, fmt: 'RR', title: 'LOAD POSITIVE (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, positive($, $.grLow(f.r2))),
  ),
  insn('LPGR', { op: 0xb900, fmt: 'RRE', title: 'LOAD POSITIVE (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, positive($, $.gr(f.r2))),
  ),
  insn('LPGFR', { op: 0xb910, fmt: 'RRE', title: 'LOAD POSITIVE (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, positive($, $.sext($.grLow(f.r2)))),
  ),
];

/** Loads and stores with the bytes reversed. */
export const reversedRows: readonly Row[] = [
  insn('LRVR', { op: 0xb91f, fmt: 'RRE', title: 'LOAD REVERSED (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, reversed32($, $.grLow(f.r2))),
  ),
  insn('LRVGR', { op: 0xb90f, fmt: 'RRE', title: 'LOAD REVERSED (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, reversed64($, $.gr(f.r2))),
  ),
  insn('LRVH', { op: 0xe31f, fmt: 'RXY_a', title: 'LOAD REVERSED (16)', facility: 'zarch' }, ($, f) =>
    $.setGrHalf(f.r1, reversed16($, $.fetch16($.address2(f)))),
  ),
  insn('LRV', { op: 0xe31e, fmt: 'RXY_a', title: 'LOAD REVERSED (32)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, reversed32($, $.fetch32($.address2(f)))),
  ),
  insn('LRVG', { op: 0xe30f, fmt: 'RXY_a', title: 'LOAD REVERSED (64)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, reversed64($, $.fetch64($.address2(f)))),
  ),
  insn('STRVH', { op: 0xe33f, fmt: 'RXY_a', title: 'STORE REVERSED (16)', facility: 'zarch' }, ($, f) =>
    $.store16($.address2(f), reversed16($, $.grLow(f.r1))),
  ),
  insn('STRV', { op: 0xe33e, fmt: 'RXY_a', title: 'STORE REVERSED (32)', facility: 'zarch' }, ($, f) =>
    $.store32($.address2(f), reversed32($, $.grLow(f.r1))),
  ),
  insn('STRVG', { op: 0xe32f, fmt: 'RXY_a', title: 'STORE REVERSED (64)', facility: 'zarch' }, ($, f) =>
    $.store64($.address2(f), reversed64($, $.gr(f.r1))),
  ),
];
