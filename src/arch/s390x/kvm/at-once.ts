/**
 * Interceptions that are handled without leaving generated code: where nothing but the next instruction follows, going out to the
 * hypervisor and entering SIE again would be most of the work. What is counted, logged and stored is the same.
 */

import { engineState } from '../../../machine/layout.ts';
import { slots } from '../cpu/state-layout.ts';
import { tracesInstructions } from '../cpu/trace-table.ts';
import { UNEQUAL } from '../sie/instruction-controls.ts';
import { cpuflags, icpt, icptStatus } from '../sie/state-description.ts';
import { loadControls, storeState } from '../sie/state-transfer.ts';
import { waitingClasses } from './deliver.ts';
import type { KvmVcpu } from './vcpu.ts';

/** What may be let in by a change of masks. */
const REQUESTS = cpuflags.extInt | cpuflags.ioInt | cpuflags.stopInt | cpuflags.externalCallPending;

/**
 * Stores the interception of the instruction in execution as the machine does, the PSW behind it. False, with nothing done, when
 * somebody wants to look at each instruction, or when what is done for this one is not known to leave the run's limits alone.
 */
export function beginAtOnce(v: KvmVcpu): boolean {
  const { vcpu, block, vm } = v;
  const { core, complex } = vm;
  if (complex.events !== undefined || complex.frames.watch !== undefined || vm.trace.on || !vm.watchdog.isOff)
    return false;
  if (core.per.wanted(vcpu) || tracesInstructions(vcpu) || core.transactions.of(vcpu) !== undefined) return false;
  if ((vcpu.controls.ictl & UNEQUAL) !== 0 || !block.isAsStored || vcpu.stateOf !== block) return false;
  const [first, last, executed] = vcpu.interceptedText();
  const ipa = first >>> 16;
  const ipb = ((first << 16) | last) >>> 0;
  if (executed || vm.intercepted.find(ipa, ipb)?.atOnce !== true) return false;
  vcpu.passInstruction();
  block.icptcode = icpt.instruction;
  block.icptstatus = icptStatus.text;
  block.ipa = ipa;
  block.ipb = ipb;
  storeState(core, vcpu, block);
  return true;
}

/** True when nothing keeps the guest from going on behind an instruction that was handled so. */
export function maySimplyGoOn(v: KvmVcpu): boolean {
  const { vcpu, block, local, vm } = v;
  if (v.stopped || v.waiting || local.stop !== undefined || local.restart) return false;
  if (vcpu.num(engineState.sliceEnded) !== 0 || !vm.watchdog.isOff) return false;
  if (!block.isAsStored || vcpu.stateOf !== block) return false;
  return (waitingClasses(v) & vcpu.pswHigh) === 0;
}

/** What an entry would do: no interception is told of, and the controls are those that the hypervisor has set. */
export function goOnAtOnce({ vcpu, block }: KvmVcpu): void {
  block.clearInterception();
  loadControls(vcpu, block);
  if ((block.cpuflags & REQUESTS) !== 0) vcpu.setNum(slots.interruptionPending, 1);
}
