/** PoP, "General Instructions": CONVERT TO BINARY and CONVERT TO DECIMAL. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { dataException } from '../data-exception.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { highDoubleword, lowDoubleword, quadword } from './wide.ts';

/** Decimal digits of a packed doubleword besides its sign. */
const DIGITS = 15;

/** Not zero when one of the sixteen hexadecimal digits is not a decimal one: 8 set, and 4 or 2 with it. */
function nonDecimal($: Sem, digits: I64): I64 {
  const eights = $.and($.shrU(digits, 3), 0x1111_1111_1111_1111n);
  return $.and(eights, $.or($.shrU(digits, 2), $.shrU(digits, 1)));
}

/** The value of sixteen packed digits: neighbours are joined, four times over. */
function digitsToBinary($: Sem, digits: I64): I64 {
  const join = (value: I64, bits: number, low: bigint, weight: bigint): I64 =>
    $.add($.mul($.and($.shrU(value, bits), low), weight), $.and(value, low));
  const pairs = join(digits, 4, 0x0f0f_0f0f_0f0f_0f0fn, 10n);
  const fours = join(pairs, 8, 0x00ff_00ff_00ff_00ffn, 100n);
  const eights = join(fours, 16, 0x0000_ffff_0000_ffffn, 10_000n);
  return join(eights, 32, 0xffff_ffffn, 100_000_000n);
}

/** Data exception for an invalid digit or sign; 1 when the sign is minus (B or D). */
function checkedSign($: Sem, invalidDigits: I64, low: I64): I32 {
  const sign = $.and($.wrap(low), 15);
  $.when($.or($.ne(invalidDigits, 0), $.ltU(sign, 10)), () => $.callVoid(dataException, 0));
  return $.or($.eq(sign, 0xb), $.eq(sign, 0xd));
}

function withSign($: Sem, minus: I32, value: I64): I64 {
  return $.select(minus, $.sub($.i64(0), value), value);
}

// Too large a number for 32 bits: the rightmost of them are placed, and then the exception is recognized.
function toBinary32($: Sem, f: Parameters<Sem['address2']>[0] & { readonly r1: Parameters<Sem['grLow']>[0] }): void {
  const source = $.fetch64($.address2(f));
  const digits = $.shrU(source, 4);
  const minus = checkedSign($, nonDecimal($, digits), source);
  const value = withSign($, minus, digitsToBinary($, digits));
  $.setGrLow(f.r1, $.wrap(value));
  $.pgmIf($.ne($.extend(32, value), value), PGM.fixedPointDivide);
}

/** The packed digits of a number below 10 to the 16th, rightmost at bit 63. */
function binaryToDigits($: Sem, value: I64): I64 {
  const rest = $.variable(value);
  const digits = $.variable($.i64(0));
  const place = $.variable($.i64(0));
  $.repeat(() => {
    const now = $.get(rest);
    const quotient = $.divU(now, 10);
    $.set(digits, $.or($.get(digits), $.shl($.sub(now, $.mul(quotient, 10)), $.get(place))));
    $.set(place, $.add($.get(place), 4));
    $.set(rest, quotient);
    return $.ne(quotient, 0);
  });
  return $.get(digits);
}

function absolute($: Sem, value: I64): I64 {
  return $.select($.ltS(value, 0), $.sub($.i64(0), value), value);
}

/** C for plus, D for minus. */
function signDigit($: Sem, value: I64): I64 {
  return $.or($.shrU(value, 63), 0xc);
}

function toDecimal64($: Sem, value: I64): I64 {
  return $.or($.shl(binaryToDigits($, absolute($, value)), 4), signDigit($, value));
}

/** Conversions between binary integers and packed decimal numbers. */
export const convertRows: readonly Row[] = [
  insn('CVB', { op: 0x4f, fmt: 'RX_a', title: 'CONVERT TO BINARY (32)', facility: 'zarch' }, toBinary32),
  insn(
    'CVBY',
    { op: 0xe306, fmt: 'RXY_a', title: 'CONVERT TO BINARY (32)', facility: 'long-displacement' },
    toBinary32,
  ),
  insn('CVBG', { op: 0xe30e, fmt: 'RXY_a', title: 'CONVERT TO BINARY (64)', facility: 'zarch' }, ($, f) => {
    const source = $.fetch128($.address2(f));
    const [first, second] = [highDoubleword($, source), lowDoubleword($, source)];
    const lowDigits = $.shrU(second, 4);
    const minus = checkedSign($, $.or(nonDecimal($, first), nonDecimal($, lowDigits)), second);
    const high = digitsToBinary($, first);
    // 9223 times 10 to the 15th, and any 15 digits more, stay below 2 to the 64th.
    const magnitude = $.add($.mul(high, 10n ** BigInt(DIGITS)), digitsToBinary($, lowDigits));
    const largest = $.add($.zext(minus), (1n << 63n) - 1n);
    $.pgmIf($.or($.gtU(high, 9223), $.gtU(magnitude, largest)), PGM.fixedPointDivide);
    $.setGr(f.r1, withSign($, minus, magnitude));
  }),
  insn('CVD', { op: 0x4e, fmt: 'RX_a', title: 'CONVERT TO DECIMAL (32)', facility: 'zarch' }, ($, f) =>
    $.store64($.address2(f), toDecimal64($, $.sext($.grLow(f.r1)))),
  ),
  insn('CVDY', { op: 0xe326, fmt: 'RXY_a', title: 'CONVERT TO DECIMAL (32)', facility: 'long-displacement' }, ($, f) =>
    $.store64($.address2(f), toDecimal64($, $.sext($.grLow(f.r1)))),
  ),
  insn('CVDG', { op: 0xe32e, fmt: 'RXY_a', title: 'CONVERT TO DECIMAL (64)', facility: 'zarch' }, ($, f) => {
    const value = $.gr(f.r1);
    const magnitude = absolute($, value);
    const split = 10n ** BigInt(DIGITS);
    const high = $.divU(magnitude, split);
    const low = $.sub(magnitude, $.mul(high, split));
    const rightmost = $.or($.shl(binaryToDigits($, low), 4), signDigit($, value));
    $.storeAs(128, $.address2(f), quadword($, binaryToDigits($, high), rightmost));
  }),
];
