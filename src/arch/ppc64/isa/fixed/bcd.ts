/** Power ISA, Book I, "BCD Assist Instructions". */

import { decletOfNumber, numberOfDeclet } from '../../../../soft-float/decimal/declet.ts';
import { forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';

const pure = { params: ['i64'], result: 'i64', effects: { registers: { reads: [], writes: [] } } } as const;

/** Both words of a doubleword as `convert` makes them, told the number of a half word's part by its width. */
function ofWords(value: bigint, from: 10 | 12, to: 10 | 12, convert: (part: number) => number): bigint {
  const part = (at: number, n: number): bigint => {
    const bits = Number((value >> BigInt(at + n * from)) & ((1n << BigInt(from)) - 1n));
    return BigInt(convert(bits)) << BigInt(at + n * to);
  };
  return part(32, 1) | part(32, 0) | part(0, 1) | part(0, 0);
}

/** Three digits of four bits each, of a number below 1000. */
function digitsOf(number: number): number {
  return (Math.trunc(number / 100) << 8) | (Math.trunc((number / 10) % 10) << 4) | (number % 10);
}

/** The number of three digits; what is no digit counts as it is, and what is too much is left away: it is not defined. */
function numberOf(digits: number): number {
  return ((digits >> 8) * 100 + ((digits >> 4) & 15) * 10 + (digits & 15)) % 1000;
}

const toDigits = helper('declets to digits', pure, (_vcpu, _core, value) =>
  ofWords(BigInt.asUintN(64, value), 10, 12, (declet) => digitsOf(numberOfDeclet[declet] ?? 0)),
);
const toDeclets = helper('digits to declets', pure, (_vcpu, _core, value) =>
  ofWords(BigInt.asUintN(64, value), 12, 10, (digits) => decletOfNumber[numberOf(digits)] ?? 0),
);

/** Ones at the right end of each digit. */
const ONES = 0x1111_1111_1111_1111n;

/** The instructions. */
export const bcdAssist: readonly Row[] = [
  ...insn('addg6s', { op: op.xo(31, 74), form: forms.xo, title: 'Add and Generate Sixes' }, ($, f) => {
    const [a, b] = [$.gpr(f.ra), $.gpr(f.rb)];
    const sum = $.add(a, b);
    // A bit differs from the sum without carries where a carry came into it: out of the digit to its right.
    const into = $.and($.xor($.xor(a, b), sum), ONES);
    const carries = $.or($.shrU(into, 4), $.shl($.zext($.ltU(sum, a)), 60));
    const without = $.xor(carries, ONES);
    $.setGpr(f.rt, $.or($.shl(without, 1), $.shl(without, 2)));
  }),
  ...insn(
    'cdtbcd',
    { op: op.x(31, 282), form: forms.xLogic2, title: 'Convert Declets To Binary Coded Decimal' },
    ($, f) => $.setGpr(f.ra, $.call(toDigits, $.gpr(f.rs))),
  ),
  ...insn(
    'cbcdtd',
    { op: op.x(31, 314), form: forms.xLogic2, title: 'Convert Binary Coded Decimal To Declets' },
    ($, f) => $.setGpr(f.ra, $.call(toDeclets, $.gpr(f.rs))),
  ),
];
