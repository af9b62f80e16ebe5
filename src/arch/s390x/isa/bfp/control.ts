/** PoP, "Floating-Point Support Instructions": those on the floating-point-control register. */

import type { I32 } from '../../../../ir/node.ts';
import { ieee } from '../../../../soft-float/environment.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { bfpInstruction, dfpInstruction, fpc } from './operand.ts';

/** Bits of the register that are not assigned. */
const UNASSIGNED = 0x0303_0088;
const BRM = 7;
const DRM = 0x70;
const FLAGS = 0x00ff_0000;
/** Data-exception codes of simulated exceptions end in this. */
const SIMULATED = 3;
const QUANTUM = 0x04;

function isRoundingMode(vcpu: Vcpu, mode: number): boolean {
  return mode <= 3 || (mode === 7 && vcpu.core.has('floating-point-extension'));
}

function check(vcpu: Vcpu, value: number): void {
  if ((value & UNASSIGNED) !== 0 || !isRoundingMode(vcpu, value & BRM)) vcpu.raise(PGM.specification);
}

const setFpc = helper('setFpc', { params: ['i32'], result: undefined, effects: { faults: true } }, (vcpu, value) => {
  check(vcpu, value);
  vcpu.fpc = value;
});

const setRoundingMode = helper(
  'setBfpRoundingMode',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, mode) => {
    if (!isRoundingMode(vcpu, mode)) vcpu.raise(PGM.specification);
    vcpu.fpc = (vcpu.fpc & ~BRM) | mode;
  },
);

/** The data-exception code of flags that are signaled to enabled masks, 0 when there is none to signal. */
function simulatedDxc(flags: number, masks: number): number {
  const enabled = flags & masks;
  for (const which of [ieee.invalid, ieee.divideByZero]) if ((enabled & which) !== 0) return which | SIMULATED;
  for (const which of [ieee.overflow, ieee.underflow]) {
    if ((enabled & which) !== 0) return which | (flags & ieee.inexact) | SIMULATED;
  }
  if ((enabled & ieee.inexact) !== 0) return ieee.inexact | SIMULATED;
  return (enabled & QUANTUM) !== 0 ? QUANTUM | SIMULATED : 0;
}

const setFpcAndSignal = helper(
  'setFpcAndSignal',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, value) => {
    check(vcpu, value);
    const signaling = vcpu.fpc & FLAGS;
    vcpu.fpc = value | signaling;
    const dxc = simulatedDxc(signaling >>> 16, value >>> 24);
    if (dxc !== 0) raiseData(vcpu, dxc);
  },
);

/** The second-operand address as a number, not as a place in storage. */
function addressBits($: Sem, f: Parameters<Sem['address2']>[0], mask: number): I32 {
  return $.and($.wrap($.address2(f).at), mask);
}

const support = 'floating-point-support';

/** Instructions on the floating-point-control register. */
export const floatingPointControlRows: readonly Row[] = [
  insn('EFPC', { op: 0xb38c, fmt: 'RRE', title: 'EXTRACT FPC', facility: 'zarch', ignores: ['r2'] }, ($, f) => {
    bfpInstruction($);
    $.setGrLow(f.r1, fpc($));
  }),
  insn('SFPC', { op: 0xb384, fmt: 'RRE', title: 'SET FPC', facility: 'zarch', ignores: ['r2'] }, ($, f) => {
    bfpInstruction($);
    $.callVoid(setFpc, $.grLow(f.r1));
  }),
  insn('LFPC', { op: 0xb29d, fmt: 'S', title: 'LOAD FPC', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    $.callVoid(setFpc, $.fetch32($.address2(f)));
  }),
  insn('STFPC', { op: 0xb29c, fmt: 'S', title: 'STORE FPC', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    $.store32($.address2(f), fpc($));
  }),
  insn('SRNM', { op: 0xb299, fmt: 'S', title: 'SET BFP ROUNDING MODE (2-bit)', facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    $.setState(slots.fpc, $.or($.and(fpc($), ~BRM), addressBits($, f, 3)));
  }),
  insn(
    'SRNMB',
    { op: 0xb2b8, fmt: 'S', title: 'SET BFP ROUNDING MODE (3-bit)', facility: 'floating-point-extension' },
    ($, f) => {
      bfpInstruction($);
      $.callVoid(setRoundingMode, addressBits($, f, 0xff));
    },
  ),
  insn('SRNMT', { op: 0xb2b9, fmt: 'S', title: 'SET DFP ROUNDING MODE', facility: support }, ($, f) => {
    dfpInstruction($);
    $.setState(slots.fpc, $.or($.and(fpc($), ~DRM), $.shl(addressBits($, f, 7), 4)));
  }),
  insn('SFASR', { op: 0xb385, fmt: 'RRE', title: 'SET FPC AND SIGNAL', facility: support, ignores: ['r2'] }, ($, f) => {
    dfpInstruction($);
    $.callVoid(setFpcAndSignal, $.grLow(f.r1));
  }),
  insn('LFAS', { op: 0xb2bd, fmt: 'S', title: 'LOAD FPC AND SIGNAL', facility: support }, ($, f) => {
    dfpInstruction($);
    $.callVoid(setFpcAndSignal, $.fetch32($.address2(f)));
  }),
];
