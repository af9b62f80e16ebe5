/** PoP, "General Instructions": access registers and the program mask. */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32 } from '../../../../ir/node.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { setAddress } from './load-address.ts';

/** The access-list-entry token of the space in which the PSW has operands: 0 primary, 1 secondary, 2 home, or B2's. */
function operandSpace($: Sem, b2: Field): I32 {
  const space = $.and($.shrU($.state(slots.pswHigh), 14), 3);
  const alet = $.variable($.select($.eq(space, 2), $.i32(1), $.shl($.eq(space, 3), 1)));
  const byRegister = $.and($.eq(space, 1), $.ne($.field(b2), ZERO_REGISTER));
  $.when(byRegister, () => $.set(alet, $.ar(b2)));
  return $.get(alet);
}

function loadAddressExtended($: Sem, f: { readonly r1: Field; readonly b2: Field }, address: Address): void {
  const alet = operandSpace($, f.b2);
  setAddress($, f.r1, address.at);
  $.setAr(f.r1, alet);
}

/** Bits 32-39 become 00, the condition code, the program mask. */
function insertProgramMask($: Sem, r1: Field): void {
  const byte = $.or($.shl($.cc(), 4), $.state(slots.programMask));
  $.setGrLow(r1, $.or($.and($.grLow(r1), 0x00ff_ffff), $.shl(byte, 24)));
}

function setProgramMask($: Sem, r1: Field): void {
  const byte = $.shrU($.grLow(r1), 24);
  $.setCc($.and($.shrU(byte, 4), 3));
  $.setState(slots.programMask, $.and(byte, 15));
}

/** Access registers and the program mask. */
export const accessRegisterRows: readonly Row[] = [
  insn('CPYA', { op: 0xb24d, fmt: 'RRE', title: 'COPY ACCESS', facility: 'zarch' }, ($, f) =>
    $.setAr(f.r1, $.ar(f.r2)),
  ),
  insn('EAR', { op: 0xb24f, fmt: 'RRE', title: 'EXTRACT ACCESS', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, $.ar(f.r2)),
  ),
  insn('SAR', { op: 0xb24e, fmt: 'RRE', title: 'SET ACCESS', facility: 'zarch' }, ($, f) =>
    $.setAr(f.r1, $.grLow(f.r2)),
  ),
  insn('LAE', { op: 0x51, fmt: 'RX_a', title: 'LOAD ADDRESS EXTENDED', facility: 'zarch' }, ($, f) =>
    loadAddressExtended($, f, $.address2(f)),
  ),
  insn(
    'LAEY',
    { op: 0xe375, fmt: 'RXY_a', title: 'LOAD ADDRESS EXTENDED', facility: 'general-instructions-extension' },
    ($, f) => loadAddressExtended($, f, $.address2(f)),
  ),
  insn('IPM', { op: 0xb222, fmt: 'RRE', title: 'INSERT PROGRAM MASK', facility: 'zarch', ignores: ['r2'] }, ($, f) =>
    insertProgramMask($, f.r1),
  ),
  insn('SPM', { op: 0x04, fmt: 'RR', title: 'SET PROGRAM MASK', facility: 'zarch', ignores: ['r2'] }, ($, f) =>
    setProgramMask($, f.r1),
  ),
];
