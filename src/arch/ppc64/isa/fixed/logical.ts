/** Power ISA, Book I, "Fixed-Point Compare", "Trap", "Select", "Logical" and "Binary Coded Decimal Assist Instructions". */

import type { I32, I64 } from '../../../../ir/node.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { type Fields, field, form, forms } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

function compare($: Sem, f: Pick<typeof forms.cmp, 'bf'>, a: I64, b: I64, signed: boolean): void {
  $.setCrf(f.bf, $.ordering(signed ? $.ltS(a, b) : $.ltU(a, b), $.eq(a, b)));
}
// L, bit 10, says doublewords.
const long = (primary: number, l: number, extended?: number) =>
  extended === undefined
    ? op.exactly((primary << 26) | (l << 21), 0xfc20_0000)
    : op.exactly((primary << 26) | (l << 21) | (extended << 1), 0xfc20_07fe);

const compares: readonly Row[] = [
  insn('cmpwi', { op: long(11, 0), form: forms.cmpi, title: 'Compare Immediate' }, ($, f) =>
    compare($, f, $.sext($.low(f.ra)), $.sext($.field(f.si)), true),
  ),
  insn('cmpdi', { op: long(11, 1), form: forms.cmpi, title: 'Compare Immediate' }, ($, f) =>
    compare($, f, $.gpr(f.ra), $.sext($.field(f.si)), true),
  ),
  insn('cmpw', { op: long(31, 0, 0), form: forms.cmp, title: 'Compare' }, ($, f) =>
    compare($, f, $.sext($.low(f.ra)), $.sext($.low(f.rb)), true),
  ),
  insn('cmpd', { op: long(31, 1, 0), form: forms.cmp, title: 'Compare' }, ($, f) =>
    compare($, f, $.gpr(f.ra), $.gpr(f.rb), true),
  ),
  insn('cmplwi', { op: long(10, 0), form: forms.cmpli, title: 'Compare Logical Immediate' }, ($, f) =>
    compare($, f, $.zext($.low(f.ra)), $.zext($.field(f.ui)), false),
  ),
  insn('cmpldi', { op: long(10, 1), form: forms.cmpli, title: 'Compare Logical Immediate' }, ($, f) =>
    compare($, f, $.gpr(f.ra), $.zext($.field(f.ui)), false),
  ),
  insn('cmplw', { op: long(31, 0, 32), form: forms.cmp, title: 'Compare Logical' }, ($, f) =>
    compare($, f, $.zext($.low(f.ra)), $.zext($.low(f.rb)), false),
  ),
  insn('cmpld', { op: long(31, 1, 32), form: forms.cmp, title: 'Compare Logical' }, ($, f) =>
    compare($, f, $.gpr(f.ra), $.gpr(f.rb), false),
  ),
].flat();

const toImmediate = form({ to: field.bits(6, 5), ra: field.gr(11), si: field.si() });
const toRegister = form({ to: field.bits(6, 5), ra: field.gr(11), rb: field.gr(16) });

/** A trap when one of the relations that TO names holds. */
function trapWhen($: Sem, to: I32, a: I64, b: I64): void {
  const wanted = (bit: number, holds: I32): I32 => $.and($.shrU(to, bit), holds);
  const signed = $.or($.or(wanted(4, $.ltS(a, b)), wanted(3, $.gtS(a, b))), wanted(2, $.eq(a, b)));
  const logical = $.or(wanted(1, $.ltU(a, b)), wanted(0, $.gtU(a, b)));
  $.trapIf($.and($.or(signed, logical), 1), trapCode.trap);
}

const traps: readonly Row[] = [
  insn('twi', { op: op.d(3), form: toImmediate, title: 'Trap Word Immediate' }, ($, f) =>
    trapWhen($, $.field(f.to), $.sext($.low(f.ra)), $.sext($.field(f.si))),
  ),
  insn('tw', { op: op.x(31, 4), form: toRegister, title: 'Trap Word' }, ($, f) =>
    trapWhen($, $.field(f.to), $.sext($.low(f.ra)), $.sext($.low(f.rb))),
  ),
  insn('tdi', { op: op.d(2), form: toImmediate, title: 'Trap Doubleword Immediate' }, ($, f) =>
    trapWhen($, $.field(f.to), $.gpr(f.ra), $.sext($.field(f.si))),
  ),
  insn('td', { op: op.x(31, 68), form: toRegister, title: 'Trap Doubleword' }, ($, f) =>
    trapWhen($, $.field(f.to), $.gpr(f.ra), $.gpr(f.rb)),
  ),
].flat();

type Two = ($: Sem, s: I64, b: I64) => I64;
const logic = (mnemonic: string, extended: number, title: string, meaning: Two): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.xLogic, title, also: ['rc'] }, ($, f) =>
    $.result(f.ra, meaning($, $.gpr(f.rs), $.gpr(f.rb))),
  );
/** An immediate operand, shifted to the left or not; two of them record. */
const immediate = (mnemonic: string, primary: number, title: string, shift: number, meaning: Two): Row[] =>
  insn(mnemonic, { op: op.d(primary), form: forms.dLogic, title }, ($, f) => {
    const value = meaning($, $.gpr(f.rs), $.shl($.zext($.field(f.ui)), shift));
    $.setGpr(f.ra, value);
    if (mnemonic.endsWith('.')) $.setCr0(value);
  });
const single = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, s: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.xLogic2, title, also: ['rc'] }, ($, f) =>
    $.result(f.ra, meaning($, $.gpr(f.rs))),
  );
/** Without a form that records. */
const plain = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, s: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.xLogic2, title }, ($, f) =>
    $.setGpr(f.ra, meaning($, $.gpr(f.rs))),
  );

const BYTES_01 = 0x0101_0101_0101_0101n;

/** How many bits are 1 in each byte, or word. */
function counts($: Sem, s: I64, words: boolean): I64 {
  const pairs = $.sub(s, $.and($.shrU(s, 1), 0x5555_5555_5555_5555n));
  const fours = $.add($.and(pairs, 0x3333_3333_3333_3333n), $.and($.shrU(pairs, 2), 0x3333_3333_3333_3333n));
  const bytes = $.and($.add(fours, $.shrU(fours, 4)), 0x0f0f_0f0f_0f0f_0f0fn);
  if (!words) return bytes;
  const halves = $.add(bytes, $.shrU(bytes, 8));
  return $.and($.add(halves, $.shrU(halves, 16)), 0x0000_003f_0000_003fn);
}

/** The parity of the last bits of the bytes of each word, or of the doubleword. */
function parity($: Sem, s: I64, double: boolean): I64 {
  let folded = $.xor(s, $.shrU(s, 8));
  folded = $.xor(folded, $.shrU(folded, 16));
  if (!double) return $.and(folded, 0x0000_0001_0000_0001n);
  return $.and($.xor(folded, $.shrU(folded, 32)), 1);
}

/** ff in each byte that is the same in both, 00 in the others. */
function equalBytes($: Sem, s: I64, b: I64): I64 {
  const differ = $.xor(s, b);
  const low7 = 0x7f7f_7f7f_7f7f_7f7fn;
  const some = $.or($.add($.and(differ, low7), low7), differ);
  const same = $.and($.shrU($.not(some), 7), BYTES_01);
  return $.mul(same, 0xff);
}

/** Each of the bits of RB that the bytes of RS name, the first in bit 56 of the result. */
function permuteBits($: Sem, s: I64, b: I64): I64 {
  let all = $.i64(0);
  for (let i = 0; i < 8; i++) {
    const index = $.and($.shrU(s, 8 * i), 0xff);
    const bit = $.and($.shrU(b, $.sub($.i64(63), $.and(index, 63))), 1);
    all = $.or(all, $.shl($.select($.ltU(index, 64), bit, $.i64(0)), i));
  }
  return all;
}

const logicals: readonly Row[] = [
  immediate('andi.', 28, 'AND Immediate', 0, ($, s, u) => $.and(s, u)),
  immediate('andis.', 29, 'AND Immediate Shifted', 16, ($, s, u) => $.and(s, u)),
  immediate('ori', 24, 'OR Immediate', 0, ($, s, u) => $.or(s, u)),
  immediate('oris', 25, 'OR Immediate Shifted', 16, ($, s, u) => $.or(s, u)),
  immediate('xori', 26, 'XOR Immediate', 0, ($, s, u) => $.xor(s, u)),
  immediate('xoris', 27, 'XOR Immediate Shifted', 16, ($, s, u) => $.xor(s, u)),
  logic('and', 28, 'AND', ($, s, b) => $.and(s, b)),
  logic('xor', 316, 'XOR', ($, s, b) => $.xor(s, b)),
  logic('nand', 476, 'NAND', ($, s, b) => $.not($.and(s, b))),
  logic('or', 444, 'OR', ($, s, b) => $.or(s, b)),
  logic('nor', 124, 'NOR', ($, s, b) => $.not($.or(s, b))),
  logic('eqv', 284, 'Equivalent', ($, s, b) => $.not($.xor(s, b))),
  logic('andc', 60, 'AND with Complement', ($, s, b) => $.and(s, $.not(b))),
  logic('orc', 412, 'OR with Complement', ($, s, b) => $.or(s, $.not(b))),
  single('extsb', 954, 'Extend Sign Byte', ($, s) => $.extend(8, s)),
  single('extsh', 922, 'Extend Sign Halfword', ($, s) => $.extend(16, s)),
  single('cntlzw', 26, 'Count Leading Zeros Word', ($, s) => $.zext($.clz($.wrap(s)))),
  single('extsw', 986, 'Extend Sign Word', ($, s) => $.extend(32, s)),
  single('cntlzd', 58, 'Count Leading Zeros Doubleword', ($, s) => $.clz(s)),
  insn('cmpb', { op: op.x(31, 508), form: forms.xLogic, title: 'Compare Bytes' }, ($, f) =>
    $.setGpr(f.ra, equalBytes($, $.gpr(f.rs), $.gpr(f.rb))),
  ),
  insn('bpermd', { op: op.x(31, 252), form: forms.xLogic, title: 'Bit Permute Doubleword' }, ($, f) =>
    $.setGpr(f.ra, permuteBits($, $.gpr(f.rs), $.gpr(f.rb))),
  ),
  plain('popcntb', 122, 'Population Count Bytes', ($, s) => counts($, s, false)),
  plain('popcntw', 378, 'Population Count Words', ($, s) => counts($, s, true)),
  plain('popcntd', 506, 'Population Count Doubleword', ($, s) => $.popcnt(s)),
  plain('prtyw', 154, 'Parity Word', ($, s) => parity($, s, false)),
  plain('prtyd', 186, 'Parity Doubleword', ($, s) => parity($, s, true)),
].flat();

const iselForm: Fields<Record<'rt' | 'ra' | 'rb' | 'bc' | 'bit', unknown>> = form({
  ...{ rt: field.gr(6), ra: field.gr0(11), rb: field.gr(16) },
  ...{ bc: field.crf(21), bit: field.bits(24, 2) },
});

/** The instructions. */
export const logical: readonly Row[] = [
  ...compares,
  ...traps,
  ...insn('isel', { op: op.a(31, 15), form: iselForm, title: 'Integer Select' }, ($, f) =>
    $.setGpr(f.rt, $.select($.crBit(f.bc, f.bit), $.gpr(f.ra), $.gpr(f.rb))),
  ),
  ...logicals,
];
