/** Power ISA, Book II: "Load and Reserve", "Store Conditional Instructions"; those of other widths than words came with POWER8. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { parts, slots } from '../../cpu/state-layout.ts';
import { forms, type PpcField } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { aligned, evenRegister, second } from './operands.ts';

/** Bytes of a reservation's granule. */
const GRANULE = 128;
const NO_RESERVATION = 1;

function reserve(mnemonic: string, extended: number, title: string, bits: 8 | 16 | 32 | 64): Row[] {
  return insn(mnemonic, { op: op.x(31, extended), form: forms.loadX, title }, ($, f) => {
    const ea = $.ea($.gpr(f.ra), $.gpr(f.rb));
    aligned($, ea, bits / 8);
    const value = $.fetch(bits, ea);
    $.setState(slots.reservation, $.and(ea, -GRANULE));
    $.setGpr(f.rt, value);
  });
}

/** Stores when the reservation is still there, and says so in CR field 0; there is none afterwards. */
function storeIfReserved($: Sem, ea: I64, store: () => void): void {
  const held = $.eq($.state(slots.reservation), $.and(ea, -GRANULE));
  const so = $.so();
  $.when(held, store);
  $.setState(slots.reservation, $.i64(NO_RESERVATION));
  $.setCrN(0, $.or($.shl(held, 1), so));
}

function conditional(mnemonic: string, extended: number, title: string, bits: 8 | 16 | 32 | 64): Row[] {
  return insn(mnemonic, { op: op.xDot(31, extended), form: forms.loadX, title }, ($, f) => {
    const ea = $.ea($.gpr(f.ra), $.gpr(f.rb));
    aligned($, ea, bits / 8);
    const value = $.gpr(f.rt);
    storeIfReserved($, ea, () => $.store(bits, ea, value));
  });
}

/** The instructions that POWER7 has. */
export const reservations: readonly Row[] = [
  ...reserve('lwarx', 20, 'Load Word and Reserve Indexed', 32),
  ...conditional('stwcx.', 150, 'Store Word Conditional Indexed', 32),
  ...reserve('ldarx', 84, 'Load Doubleword and Reserve Indexed', 64),
  ...conditional('stdcx.', 214, 'Store Doubleword Conditional Indexed', 64),
];

const quadwords: readonly Row[] = [
  ...insn('lqarx', { op: op.x(31, 276), form: forms.loadX, title: 'Load Quadword And Reserve Indexed' }, ($, f) => {
    evenRegister($, f.rt);
    // The target may not be where the address comes from.
    const same = (other: PpcField): I32 => $.eq($.field(f.rt), $.field(other));
    $.trapIf($.or(same(f.ra), same(f.rb)), trapCode.illegal);
    const ea = $.ea($.gpr(f.ra), $.gpr(f.rb));
    aligned($, ea, 16);
    const value = $.fetchQuad(ea);
    $.setState(slots.reservation, $.and(ea, -GRANULE));
    $.setGpr(f.rt, $.leftOf(value));
    $.writeReg(parts.gpr, second(f.rt), $.rightOf(value));
  }),
  ...insn(
    'stqcx.',
    { op: op.xDot(31, 182), form: forms.loadX, title: 'Store Quadword Conditional Indexed' },
    ($, f) => {
      evenRegister($, f.rt);
      const ea = $.ea($.gpr(f.ra), $.gpr(f.rb));
      aligned($, ea, 16);
      const value = $.quad($.gpr(f.rt), $.readReg(parts.gpr, second(f.rt)));
      storeIfReserved($, ea, () => $.storeQuad(ea, value));
    },
  ),
];

/** Those that POWER8 brought. */
export const moreReservations: readonly Row[] = [
  ...reserve('lbarx', 52, 'Load Byte And Reserve Indexed', 8),
  ...conditional('stbcx.', 694, 'Store Byte Conditional Indexed', 8),
  ...reserve('lharx', 116, 'Load Halfword And Reserve Indexed', 16),
  ...conditional('sthcx.', 726, 'Store Halfword Conditional Indexed', 16),
  ...quadwords,
];
