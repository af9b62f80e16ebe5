/** Power ISA, Book I, "Floating-Point Status and Control Register Instructions". */

import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import { floatEffects } from './execute.ts';
import { DRN, EXCEPTIONS, FPSCR, fpscrOf, interruptIfEnabled, recordInCr1, SETTABLE, summed } from './fpscr.ts';

/** Makes the register what it is told, with the sums that follow, then CR field 1, and an interruption if there is cause now. */
function conclude(vcpu: Vcpu, low: number, record: number): void {
  vcpu.setNum(slots.fpscr, summed(low & SETTABLE));
  if (record !== 0) recordInCr1(vcpu);
  interruptIfEnabled(vcpu);
}

/** Replaces bits of the whole register. */
function replace(vcpu: Vcpu, value: bigint, mask: bigint, record: number): void {
  const now = (value & mask) | (vcpu.big(slots.fpscr) & ~mask);
  vcpu.setBig(slots.fpscr, now & (DRN | 0xffff_ffffn));
  conclude(vcpu, Number(now & 0xffff_ffffn), record);
}

/** The bits of the fields that FLM names, of the half that W names. */
function fieldsMask(flm: number, w: number): bigint {
  let mask = 0n;
  for (let n = 0; n < 8; n++) if ((flm & (0x80 >> n)) !== 0) mask |= 0xfn << BigInt(28 - 4 * n);
  return w === 0 ? mask : mask << 32n;
}

const ALL = 0xffff_ffff_ffff_ffffn;
const setFields = helper(
  'mtfsf',
  { params: ['i64', 'i32', 'i32', 'i32'], result: undefined, effects: floatEffects },
  (vcpu, _core, value, flm, lw, record) => {
    const mask = (lw & 2) !== 0 ? ALL : fieldsMask(flm, lw & 1);
    replace(vcpu, BigInt.asUintN(64, value), mask, record);
  },
);
const setField = helper(
  'mtfsfi',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: floatEffects },
  (vcpu, _core, bf, w, u, record) => {
    const shift = BigInt(28 - 4 * bf + 32 * w);
    replace(vcpu, BigInt(u) << shift, 0xfn << shift, record);
  },
);
const setBit = helper(
  'mtfsb',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: floatEffects },
  (vcpu, _core, number, on, record) => {
    const bit = (0x8000_0000 >>> number) & SETTABLE;
    const before = fpscrOf(vcpu);
    // An exception that is met for the first time is told by FX.
    const fx = on !== 0 && (bit & EXCEPTIONS & ~before) !== 0 ? FPSCR.fx : 0;
    conclude(vcpu, on !== 0 ? before | bit | fx : before & ~bit, record);
  },
);
const moveField = helper(
  'mcrfs',
  { params: ['i32', 'i32'], result: undefined, effects: floatEffects },
  (vcpu, _core, bf, bfa) => {
    const before = fpscrOf(vcpu);
    vcpu.setCrField(bf, (before >>> (28 - 4 * bfa)) & 15);
    const copied = (0xf000_0000 >>> (4 * bfa)) & (EXCEPTIONS | FPSCR.fx);
    vcpu.setNum(slots.fpscr, summed(before & ~copied));
  },
);

const opcodeOf = (extended: number): Opcode => op.x(63, extended);
const fields = form({ flm: field.bits(7, 8), l: field.bits(6, 1), w: field.bits(15, 1), frb: field.fr(16) });
const immediate = form({ bf: field.crf(6), w: field.bits(15, 1), u: field.bits(16, 4) });

const bit = (mnemonic: string, extended: number, title: string, on: 0 | 1): Row[] =>
  insn(mnemonic, { op: opcodeOf(extended), form: form({ bt: field.bits(6, 5) }), title, also: ['rc'] }, ($, f) => {
    $.needsFp();
    $.callVoid(setBit, $.field(f.bt), on, $.variant.rc ? 1 : 0);
  });

/** The instructions. */
export const floatControl: readonly Row[] = [
  ...insn(
    'mffs',
    { op: opcodeOf(583), form: form({ frt: field.fr(6) }), title: 'Move From FPSCR', also: ['rc'] },
    ($, f) => {
      $.needsFp();
      $.setFpr(f.frt, $.or($.shl($.zext($.state(slots.fpscrHigh)), 32), $.zext($.state(slots.fpscrLow))));
      $.recordFpscr();
    },
  ),
  ...insn('mtfsf', { op: opcodeOf(711), form: fields, title: 'Move To FPSCR Fields', also: ['rc'] }, ($, f) => {
    $.needsFp();
    const which = $.or($.shl($.field(f.l), 1), $.field(f.w));
    $.callVoid(setFields, $.fpr(f.frb), $.field(f.flm), which, $.variant.rc ? 1 : 0);
  }),
  ...insn(
    'mtfsfi',
    { op: opcodeOf(134), form: immediate, title: 'Move To FPSCR Field Immediate', also: ['rc'] },
    ($, f) => {
      $.needsFp();
      $.callVoid(setField, $.field(f.bf), $.field(f.w), $.field(f.u), $.variant.rc ? 1 : 0);
    },
  ),
  ...bit('mtfsb0', 70, 'Move To FPSCR Bit 0', 0),
  ...bit('mtfsb1', 38, 'Move To FPSCR Bit 1', 1),
  ...insn(
    'mcrfs',
    {
      ...{ op: opcodeOf(64), form: form({ bf: field.crf(6), bfa: field.crf(11) }) },
      title: 'Move to Condition Register from FPSCR',
    },
    ($, f) => {
      $.needsFp();
      $.callVoid(moveField, $.field(f.bf), $.field(f.bfa));
    },
  ),
];
