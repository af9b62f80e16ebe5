/** How instructions of this chapter come to the hypervisor, and what their helpers share. */

import { type AccessPath, operand } from '../../cpu/access-path.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import type { UnwindCause } from '../../cpu/unwind-cause.ts';
import { cpuflags, icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import type { Sem } from '../sem.ts';

const instruction: UnwindCause = { kind: 'intercept', code: icpt.instruction };

const interceptInstruction = helper(
  'interceptInstruction',
  { params: [], result: undefined, effects: { faults: true, ends: true }, intercepts: true },
  (vcpu) => {
    if (!vcpu.core.carriesOut(vcpu)) vcpu.end(instruction, vcpu.ilc);
  },
);

const interceptKeyInstruction = helper(
  'interceptKeyInstruction',
  { params: ['i32'], result: undefined, effects: { faults: true, ends: true }, intercepts: true },
  (vcpu, control) => {
    const { controls } = vcpu;
    if ((controls.cpuflags & cpuflags.kss) !== 0) vcpu.leave({ kind: 'intercept', code: icpt.kss, retry: true }, 0);
    if ((controls.ictl & control) !== 0) vcpu.end(instruction, vcpu.ilc);
  },
);

/** Instruction interception, always. */
export function intercept($: Sem): void {
  $.callVoid(interceptInstruction);
}

/** Instruction interception when the control is on. */
export function interceptIf($: Sem, control: number): void {
  $.when($.and($.state(slots.ictl), control), () => intercept($));
}

/** Interception of an instruction on storage keys: by its control, or because the guest has used none so far. */
export function interceptKeys($: Sem, control: number): void {
  $.callVoid(interceptKeyInstruction, control);
}

/** The access path of an operand whose base register came as a helper's argument. */
export function pathOf(ar: number): AccessPath {
  return ar === ZERO_REGISTER ? operand : { space: 'current', ar };
}

/** Upper and lower word of an address that came as a helper's argument. */
export function words(address: bigint): readonly [high: number, low: number] {
  const a = BigInt.asUintN(64, address);
  return [Number(a >> 32n), Number(a & 0xffff_ffffn)];
}
