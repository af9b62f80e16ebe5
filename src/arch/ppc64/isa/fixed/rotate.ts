/** Power ISA, Book I, "Fixed-Point Rotate and Shift Instructions". */

import type { I64 } from '../../../../ir/node.ts';
import { type Fields, field, form, forms, type PpcField } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const registers = { rs: field.gr(6), ra: field.gr(11) };
const wordForm = form({ ...registers, sh: field.bits(16, 5), mask: field.maskMbMe() });
const wordByRegister = form({ ...registers, rb: field.gr(16), mask: field.maskMbMe() });
const doubleForm = (mask: ReturnType<typeof field.maskMb6>) => form({ ...registers, sh: field.sh6(), mask });
const doubleByRegister = (mask: ReturnType<typeof field.maskMb6>) => form({ ...registers, rb: field.gr(16), mask });
const shiftBy = form({ ...registers, sh: field.bits(16, 5) });
const shiftBy6 = form({ ...registers, sh: field.sh6() });

/** The low word twice, rotated: what masks of word rotates that wrap around select from. */
function rotatedWord($: Sem, rs: PpcField, by: I64): I64 {
  const rotated = $.zext($.rotl($.low(rs), $.wrap(by)));
  return $.or(rotated, $.shl(rotated, 32));
}

function inserted($: Sem, f: Fields<Record<'ra' | 'mask', unknown>>, value: I64): I64 {
  const mask = $.rel(f.mask);
  return $.or($.and(value, mask), $.and($.gpr(f.ra), $.not(mask)));
}

const amount = ($: Sem, f: { readonly sh: PpcField }): I64 => $.zext($.field(f.sh));

const rotates: readonly Row[] = [
  insn(
    'rlwinm',
    { op: op.d(21), form: wordForm, title: 'Rotate Left Word Immediate then AND with Mask', also: ['rc'] },
    ($, f) => $.result(f.ra, $.and(rotatedWord($, f.rs, amount($, f)), $.rel(f.mask))),
  ),
  insn(
    'rlwnm',
    { op: op.d(23), form: wordByRegister, title: 'Rotate Left Word then AND with Mask', also: ['rc'] },
    ($, f) => $.result(f.ra, $.and(rotatedWord($, f.rs, $.zext($.low(f.rb))), $.rel(f.mask))),
  ),
  insn(
    'rlwimi',
    { op: op.d(20), form: wordForm, title: 'Rotate Left Word Immediate then Mask Insert', also: ['rc'] },
    ($, f) => $.result(f.ra, inserted($, f, rotatedWord($, f.rs, amount($, f)))),
  ),
  insn(
    'rldicl',
    {
      op: op.md(30, 0),
      form: doubleForm(field.maskMb6()),
      title: 'Rotate Left Doubleword Immediate then Clear Left',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, $.and($.rotl($.gpr(f.rs), amount($, f)), $.rel(f.mask))),
  ),
  insn(
    'rldicr',
    {
      op: op.md(30, 1),
      form: doubleForm(field.maskMe6()),
      title: 'Rotate Left Doubleword Immediate then Clear Right',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, $.and($.rotl($.gpr(f.rs), amount($, f)), $.rel(f.mask))),
  ),
  insn(
    'rldic',
    {
      op: op.md(30, 2),
      form: doubleForm(field.maskMbSh()),
      title: 'Rotate Left Doubleword Immediate then Clear',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, $.and($.rotl($.gpr(f.rs), amount($, f)), $.rel(f.mask))),
  ),
  insn(
    'rldcl',
    {
      op: op.mds(30, 8),
      form: doubleByRegister(field.maskMb6()),
      title: 'Rotate Left Doubleword then Clear Left',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, $.and($.rotl($.gpr(f.rs), $.gpr(f.rb)), $.rel(f.mask))),
  ),
  insn(
    'rldcr',
    {
      op: op.mds(30, 9),
      form: doubleByRegister(field.maskMe6()),
      title: 'Rotate Left Doubleword then Clear Right',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, $.and($.rotl($.gpr(f.rs), $.gpr(f.rb)), $.rel(f.mask))),
  ),
  insn(
    'rldimi',
    {
      op: op.md(30, 3),
      form: doubleForm(field.maskMbSh()),
      title: 'Rotate Left Doubleword Immediate then Mask Insert',
      also: ['rc'],
    },
    ($, f) => $.result(f.ra, inserted($, f, $.rotl($.gpr(f.rs), amount($, f)))),
  ),
].flat();

const shift = (
  mnemonic: string,
  extended: number,
  title: string,
  meaning: ($: Sem, f: typeof forms.xLogic) => I64,
): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.xLogic, title, also: ['rc'] }, ($, f) =>
    $.result(f.ra, meaning($, f)),
  );

/** RA := an algebraic shift to the right by 0 to 64; CA when ones were shifted out of a negative number. */
function algebraic($: Sem, ra: PpcField, value: I64, by: I64): void {
  const most = $.select($.gtU(by, 63), $.i64(63), by);
  const shifted = $.shrS(value, most);
  const back = $.shl(shifted, most);
  // By 64 and more all bits are lost, the sign among them.
  const lost = $.or($.ne(back, value), $.gtU(by, 63));
  $.setCa($.and($.ltS(value, 0), lost));
  $.result(ra, shifted);
}

const shifts: readonly Row[] = [
  shift('slw', 24, 'Shift Left Word', ($, f) =>
    $.select($.isZero($.and($.low(f.rb), 32)), $.zext($.shl($.low(f.rs), $.low(f.rb))), $.i64(0)),
  ),
  shift('srw', 536, 'Shift Right Word', ($, f) =>
    $.select($.isZero($.and($.low(f.rb), 32)), $.zext($.shrU($.low(f.rs), $.low(f.rb))), $.i64(0)),
  ),
  shift('sld', 27, 'Shift Left Doubleword', ($, f) =>
    $.select($.isZero($.and($.low(f.rb), 64)), $.shl($.gpr(f.rs), $.gpr(f.rb)), $.i64(0)),
  ),
  shift('srd', 539, 'Shift Right Doubleword', ($, f) =>
    $.select($.isZero($.and($.low(f.rb), 64)), $.shrU($.gpr(f.rs), $.gpr(f.rb)), $.i64(0)),
  ),
  insn(
    'srawi',
    { op: op.x(31, 824), form: shiftBy, title: 'Shift Right Algebraic Word Immediate', also: ['rc'] },
    ($, f) => algebraic($, f.ra, $.sext($.low(f.rs)), amount($, f)),
  ),
  insn('sraw', { op: op.x(31, 792), form: forms.xLogic, title: 'Shift Right Algebraic Word', also: ['rc'] }, ($, f) =>
    algebraic($, f.ra, $.sext($.low(f.rs)), $.and($.zext($.low(f.rb)), 63)),
  ),
  insn(
    'sradi',
    { op: op.xs(31, 413), form: shiftBy6, title: 'Shift Right Algebraic Doubleword Immediate', also: ['rc'] },
    ($, f) => algebraic($, f.ra, $.gpr(f.rs), amount($, f)),
  ),
  insn(
    'srad',
    { op: op.x(31, 794), form: forms.xLogic, title: 'Shift Right Algebraic Doubleword', also: ['rc'] },
    ($, f) => algebraic($, f.ra, $.gpr(f.rs), $.and($.gpr(f.rb), 127)),
  ),
].flat();

/** The instructions. */
export const rotate: readonly Row[] = [...rotates, ...shifts];
