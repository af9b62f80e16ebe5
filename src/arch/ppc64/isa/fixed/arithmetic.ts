/** Power ISA, Book I, "Fixed-Point Arithmetic Instructions". */

import type { I32, I64 } from '../../../../ir/node.ts';
import { forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** What a sum is of: RA, or its complement for the subtractions; the other operand; a carry. */
interface Addends {
  readonly a: I64;
  readonly b: I64;
  readonly c?: I32;
}

type ThreeRegisters = typeof forms.xo;

/** RT := a sum; CA when the instruction is one of the carrying ones. */
function summed($: Sem, f: Pick<ThreeRegisters, 'rt'>, { a, b, c }: Addends, carrying: boolean): void {
  const { value, carry } = $.sum(a, b, c);
  if ($.variant.oe) $.setOverflow($.sumOverflow(a, b, value));
  if (carrying) $.setCa(carry);
  $.result(f.rt, value);
}

const one = ($: Sem): I32 => $.i32(1);
const xo = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, f: ThreeRegisters) => void): Row[] =>
  insn(mnemonic, { op: op.xo(31, extended), form: forms.xo, title, also: ['rc', 'oe'] }, meaning);
const xo2 = (
  mnemonic: string,
  extended: number,
  title: string,
  meaning: ($: Sem, f: typeof forms.xo2) => void,
): Row[] => insn(mnemonic, { op: op.xo(31, extended), form: forms.xo2, title, also: ['rc', 'oe'] }, meaning);
/** High halves of products have no form with OE; bit 21 is reserved and not looked at. */
const high = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, f: ThreeRegisters) => void): Row[] =>
  insn(mnemonic, { op: op.xo(31, extended), form: forms.xo, title, also: ['rc'] }, meaning);

/** The upper 64 bits of a product of two unsigned numbers. */
function highProduct($: Sem, a: I64, b: I64): I64 {
  const low = (v: I64): I64 => $.and(v, 0xffff_ffff);
  const up = (v: I64): I64 => $.shrU(v, 32);
  const middle = $.add($.mul(up(a), low(b)), up($.mul(low(a), low(b))));
  const other = $.add($.mul(low(a), up(b)), low(middle));
  return $.add($.add($.mul(up(a), up(b)), up(middle)), up(other));
}

/** The same of signed numbers: a negative factor has counted for 2^64 more than it is. */
function highSignedProduct($: Sem, a: I64, b: I64): I64 {
  const surplus = $.add($.and($.shrS(a, 63), b), $.and($.shrS(b, 63), a));
  return $.sub(highProduct($, a, b), surplus);
}

/** A word division; where the quotient is not defined, the dividend is taken for it. */
function divideWords($: Sem, f: ThreeRegisters, signed: boolean): void {
  const a = $.low(f.ra);
  const b = $.low(f.rb);
  const zero = $.isZero(b);
  const bad = signed ? $.or(zero, $.and($.eq(a, 0x8000_0000 | 0), $.eq(b, -1))) : zero;
  const by = $.select(bad, $.i32(1), b);
  if ($.variant.oe) $.setOverflow(bad);
  $.result(f.rt, $.zext(signed ? $.divS(a, by) : $.divU(a, by)));
}

function divideDoublewords($: Sem, f: ThreeRegisters, signed: boolean): void {
  const a = $.gpr(f.ra);
  const b = $.gpr(f.rb);
  const zero = $.isZero(b);
  const bad = signed ? $.or(zero, $.and($.eq(a, -(1n << 63n)), $.eq(b, -1))) : zero;
  const by = $.select(bad, $.i64(1), b);
  if ($.variant.oe) $.setOverflow(bad);
  $.result(f.rt, signed ? $.divS(a, by) : $.divU(a, by));
}

const none = { registers: { reads: [], writes: [] } } as const;
const { asIntN, asUintN } = BigInt;

/** The quotient of RA with as many zeros behind it by RB, 0 when it does not fit: what is not defined there. */
function extended(a: bigint, b: bigint, bits: number, signed: boolean): bigint {
  const dividend = (signed ? asIntN(bits, a) : asUintN(bits, a)) << BigInt(bits);
  const divisor = signed ? asIntN(bits, b) : asUintN(bits, b);
  const quotient = divisor === 0n ? undefined : dividend / divisor;
  const fits = quotient !== undefined && (signed ? asIntN(bits, quotient) : asUintN(bits, quotient)) === quotient;
  return fits ? asUintN(bits, quotient) : -1n;
}

const signature = { params: ['i64', 'i64', 'i32'], result: 'i64', effects: none } as const;
/** The kind of an extended division: 1 for doublewords, 2 for signed numbers. */
const divideExtended = helper('divide extended', signature, (_v, _core, a, b, kind) => {
  const bits = (kind & 1) !== 0 ? 64 : 32;
  const q = extended(a, b, bits, (kind & 2) !== 0);
  return q < 0n ? 0n : (kind & 2) !== 0 ? asIntN(bits, q) : asIntN(64, q);
});
const divisible = helper('divide extended fits', { ...signature, result: 'i32' }, (_v, _core, a, b, kind) =>
  extended(a, b, (kind & 1) !== 0 ? 64 : 32, (kind & 2) !== 0) < 0n ? 0 : 1,
);

const divideExtendedRow = (mnemonic: string, extendedOpcode: number, title: string, kind: number): Row[] =>
  xo(mnemonic, extendedOpcode, title, ($, f) => {
    const a = $.gpr(f.ra);
    const b = $.gpr(f.rb);
    if ($.variant.oe) $.setOverflow($.isZero($.call(divisible, a, b, $.i32(kind))));
    $.result(f.rt, $.call(divideExtended, a, b, $.i32(kind)));
  });

/** The instructions, in the manual's order. */
export const arithmetic: readonly Row[] = [
  insn('addi', { op: op.d(14), form: forms.dArith, title: 'Add Immediate' }, ($, f) =>
    $.setGpr(f.rt, $.add($.gpr(f.ra), $.sext($.field(f.si)))),
  ),
  insn('addis', { op: op.d(15), form: forms.dArith, title: 'Add Immediate Shifted' }, ($, f) =>
    $.setGpr(f.rt, $.add($.gpr(f.ra), $.shl($.sext($.field(f.si)), 16))),
  ),
  xo('add', 266, 'Add', ($, f) => summed($, f, { a: $.gpr(f.ra), b: $.gpr(f.rb) }, false)),
  xo('subf', 40, 'Subtract From', ($, f) => summed($, f, { a: $.not($.gpr(f.ra)), b: $.gpr(f.rb), c: one($) }, false)),
  insn('addic', { op: op.d(12), form: forms.dArithRa, title: 'Add Immediate Carrying' }, ($, f) =>
    summed($, f, { a: $.gpr(f.ra), b: $.sext($.field(f.si)) }, true),
  ),
  insn('addic.', { op: op.d(13), form: forms.dArithRa, title: 'Add Immediate Carrying and Record' }, ($, f) => {
    summed($, f, { a: $.gpr(f.ra), b: $.sext($.field(f.si)) }, true);
    $.setCr0($.gpr(f.rt));
  }),
  insn('subfic', { op: op.d(8), form: forms.dArithRa, title: 'Subtract From Immediate Carrying' }, ($, f) =>
    summed($, f, { a: $.not($.gpr(f.ra)), b: $.sext($.field(f.si)), c: one($) }, true),
  ),
  xo('addc', 10, 'Add Carrying', ($, f) => summed($, f, { a: $.gpr(f.ra), b: $.gpr(f.rb) }, true)),
  xo('subfc', 8, 'Subtract From Carrying', ($, f) =>
    summed($, f, { a: $.not($.gpr(f.ra)), b: $.gpr(f.rb), c: one($) }, true),
  ),
  xo('adde', 138, 'Add Extended', ($, f) => summed($, f, { a: $.gpr(f.ra), b: $.gpr(f.rb), c: $.ca() }, true)),
  xo('subfe', 136, 'Subtract From Extended', ($, f) =>
    summed($, f, { a: $.not($.gpr(f.ra)), b: $.gpr(f.rb), c: $.ca() }, true),
  ),
  xo2('addme', 234, 'Add to Minus One Extended', ($, f) =>
    summed($, f, { a: $.gpr(f.ra), b: $.i64(-1), c: $.ca() }, true),
  ),
  xo2('subfme', 232, 'Subtract From Minus One Extended', ($, f) =>
    summed($, f, { a: $.not($.gpr(f.ra)), b: $.i64(-1), c: $.ca() }, true),
  ),
  xo2('addze', 202, 'Add to Zero Extended', ($, f) => summed($, f, { a: $.gpr(f.ra), b: $.i64(0), c: $.ca() }, true)),
  xo2('subfze', 200, 'Subtract From Zero Extended', ($, f) =>
    summed($, f, { a: $.not($.gpr(f.ra)), b: $.i64(0), c: $.ca() }, true),
  ),
  xo2('neg', 104, 'Negate', ($, f) => summed($, f, { a: $.not($.gpr(f.ra)), b: $.i64(0), c: one($) }, false)),
  insn('mulli', { op: op.d(7), form: forms.dArithRa, title: 'Multiply Low Immediate' }, ($, f) =>
    $.setGpr(f.rt, $.mul($.gpr(f.ra), $.sext($.field(f.si)))),
  ),
  xo('mullw', 235, 'Multiply Low Word', ($, f) => {
    const product = $.mul($.sext($.low(f.ra)), $.sext($.low(f.rb)));
    if ($.variant.oe) $.setOverflow($.ne($.extend(32, product), product));
    $.result(f.rt, product);
  }),
  high('mulhw', 75, 'Multiply High Word', ($, f) =>
    $.result(f.rt, $.shrU($.mul($.sext($.low(f.ra)), $.sext($.low(f.rb))), 32)),
  ),
  high('mulhwu', 11, 'Multiply High Word Unsigned', ($, f) =>
    $.result(f.rt, $.shrU($.mul($.zext($.low(f.ra)), $.zext($.low(f.rb))), 32)),
  ),
  xo('divw', 491, 'Divide Word', ($, f) => divideWords($, f, true)),
  xo('divwu', 459, 'Divide Word Unsigned', ($, f) => divideWords($, f, false)),
  divideExtendedRow('divwe', 427, 'Divide Word Extended', 2),
  divideExtendedRow('divweu', 395, 'Divide Word Extended Unsigned', 0),
  xo('mulld', 233, 'Multiply Low Doubleword', ($, f) => {
    const a = $.gpr(f.ra);
    const b = $.gpr(f.rb);
    const product = $.mul(a, b);
    if ($.variant.oe) $.setOverflow($.ne(highSignedProduct($, a, b), $.shrS(product, 63)));
    $.result(f.rt, product);
  }),
  high('mulhd', 73, 'Multiply High Doubleword', ($, f) =>
    $.result(f.rt, highSignedProduct($, $.gpr(f.ra), $.gpr(f.rb))),
  ),
  high('mulhdu', 9, 'Multiply High Doubleword Unsigned', ($, f) =>
    $.result(f.rt, highProduct($, $.gpr(f.ra), $.gpr(f.rb))),
  ),
  xo('divd', 489, 'Divide Doubleword', ($, f) => divideDoublewords($, f, true)),
  xo('divdu', 457, 'Divide Doubleword Unsigned', ($, f) => divideDoublewords($, f, false)),
  divideExtendedRow('divde', 425, 'Divide Doubleword Extended', 3),
  divideExtendedRow('divdeu', 393, 'Divide Doubleword Extended Unsigned', 1),
].flat();
