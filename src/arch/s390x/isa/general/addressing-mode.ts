/** PoP, "General Instructions": instructions that change or show the addressing mode, and BRANCH AND LINK. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { engineState } from '../../../../machine/layout.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const addressMasks = { 24: 0xff_ffffn, 31: 0x7fff_ffffn, 64: -1n } as const;
/** PSW bits 31 and 32 as the state has them. */
const modes = { 24: 0, 31: 1, 64: 3 } as const;
const BIT_32 = 0x8000_0000 | 0;

function setMode($: Sem, mode: 24 | 31 | 64): void {
  $.setState(slots.addressingMode, modes[mode]);
  $.setState(engineState.amask, addressMasks[mode]);
}

/** Takes the mode from bits 63 and 32 of a branch address, and branches in it. */
function branchAndSetMode($: Sem, target: I64): void {
  const word = $.wrap(target);
  const branch = (mode: 24 | 31 | 64): void => {
    setMode($, mode);
    $.branchTo($.and($.and(target, addressMasks[mode]), -2));
  };
  $.when(
    $.and(word, 1),
    () => branch(64),
    () =>
      $.when(
        $.ltS(word, 0),
        () => branch(31),
        () => branch(24),
      ),
  );
}

/** The link information of BRANCH AND LINK: in 24-bit mode instruction length, condition code and program mask too. */
function link($: Sem, r1: Field): void {
  const next = $.wrapAddress($.next());
  const low = $.wrap(next);
  $.when(
    $.is64(),
    () => $.setGr(r1, next),
    () => {
      const halfwords = $.shrU($.wrap($.sub($.next(), $.ia())), 1);
      const status = $.or($.or($.shl(halfwords, 30), $.shl($.cc(), 28)), $.shl($.state(slots.programMask), 24));
      $.setGrLow(r1, $.or(low, $.select($.is24(), status, BIT_32)));
    },
  );
}

/** The mode bits and the next address, as BRANCH AND SAVE AND SET MODE leaves them. */
function linkWithMode($: Sem, r1: Field): void {
  const next = $.wrapAddress($.next());
  $.when(
    $.is64(),
    () => $.setGr(r1, $.or(next, 1)),
    () => $.setGrLow(r1, $.or($.wrap(next), $.select($.is24(), $.i32(0), BIT_32))),
  );
}

// It is the address of this instruction, not of the next one, that must exist in the new mode.
function setAddressingMode(mode: 24 | 31 | 64): ($: Sem) => void {
  return ($) => {
    $.pgmIf($.ne($.and($.ia(), ~addressMasks[mode]), 0), PGM.specification);
    setMode($, mode);
    $.branch($.and($.next(), addressMasks[mode]));
  };
}

function notZero($: Sem, field: Field): I32 {
  return $.ne($.field(field), 0);
}

/** Instructions whose effect depends on the addressing mode, or is one. */
export const addressingModeRows: readonly Row[] = [
  insn('BALR', { op: 0x05, fmt: 'RR', title: 'BRANCH AND LINK', facility: 'zarch' }, ($, f) => {
    const target = $.wrapAddress($.gr(f.r2));
    link($, f.r1);
    $.when(notZero($, f.r2), () => $.branchTo(target));
  }),
  insn('BAL', { op: 0x45, fmt: 'RX_a', title: 'BRANCH AND LINK', facility: 'zarch' }, ($, f) => {
    const target = $.address2(f).at;
    link($, f.r1);
    $.branchTo(target);
  }),
  insn('BASSM', { op: 0x0c, fmt: 'RR', title: 'BRANCH AND SAVE AND SET MODE', facility: 'zarch' }, ($, f) => {
    const target = $.gr(f.r2);
    linkWithMode($, f.r1);
    $.when(notZero($, f.r2), () => branchAndSetMode($, target));
  }),
  insn('BSM', { op: 0x0b, fmt: 'RR', title: 'BRANCH AND SET MODE', facility: 'zarch' }, ($, f) => {
    const target = $.gr(f.r2);
    $.when(notZero($, f.r1), () =>
      $.when(
        $.is64(),
        () => $.setGr(f.r1, $.or($.gr(f.r1), 1)),
        () => $.setGrLow(f.r1, $.or($.and($.grLow(f.r1), ~BIT_32), $.select($.is24(), $.i32(0), BIT_32))),
      ),
    );
    $.when(notZero($, f.r2), () => branchAndSetMode($, target));
  }),
  insn('SAM24', { op: 0x010c, fmt: 'E', title: 'SET ADDRESSING MODE', facility: 'zarch' }, setAddressingMode(24)),
  insn('SAM31', { op: 0x010d, fmt: 'E', title: 'SET ADDRESSING MODE', facility: 'zarch' }, setAddressingMode(31)),
  insn('SAM64', { op: 0x010e, fmt: 'E', title: 'SET ADDRESSING MODE', facility: 'zarch' }, setAddressingMode(64)),
  insn('TAM', { op: 0x010b, fmt: 'E', title: 'TEST ADDRESSING MODE', facility: 'zarch' }, ($) =>
    $.setCc($.state(slots.addressingMode)),
  ),
];
