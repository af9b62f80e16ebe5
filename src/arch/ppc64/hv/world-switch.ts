/** The switch between the hypervisor's partition and a guest's on a hardware thread: what is loaded, and in which order. */

import type { HvVcpu } from './vcpu.ts';

/** Partition of the hypervisor, and the one that stands for nobody while the page table is changed. */
export const HOST_LPID = 0;
export const RESERVED_LPID = 0x3ff;
const HOST_LPCR = 0xdn;
const HDEC_FAR = 0x7fff_ffff;

/** The registers of a hardware thread that a guest cannot see and that say whose the thread is. */
export class HardwareThread {
  lpidr: number = HOST_LPID;
  lpcr = HOST_LPCR;
  sdr1 = 0n;
  /** Instructions until the hypervisor decrementer interrupts. */
  hdec = HDEC_FAR;
  /** The vCPU that the thread runs; undefined while the hypervisor runs. */
  guest: number | undefined;
  /** Switches to a guest so far. */
  entries = 0;
}

/** A step of the switch. */
export interface SwitchStep {
  readonly name: string;
  carryOut(v: HvVcpu, thread: HardwareThread): void;
}

const step = (name: string, carryOut: SwitchStep['carryOut']): SwitchStep => ({ name, carryOut });

const partitionOf = (whose: 'guest' | 'host'): readonly SwitchStep[] => [
  step('LPIDR := reserved', (_, thread) => {
    thread.lpidr = RESERVED_LPID;
  }),
  step(`SDR1 := the ${whose}'s`, (v, thread) => {
    thread.sdr1 = whose === 'guest' ? v.vm.sdr1 : 0n;
  }),
  step(`LPIDR := the ${whose}'s`, (v, thread) => {
    thread.lpidr = whose === 'guest' ? v.vm.lpid : HOST_LPID;
  }),
  step(`LPCR := the ${whose}'s`, (v, thread) => {
    thread.lpcr = whose === 'guest' ? v.vm.lpcr : HOST_LPCR;
  }),
];

/** Into a guest (Linux, "kvmppc_hv_entry"). */
export const stepsIn: readonly SwitchStep[] = [
  step('HDEC := what the run may last', (v, thread) => {
    thread.hdec = v.budget;
  }),
  ...partitionOf('guest'),
  step('HSRR0 and HSRR1 := where the guest goes on', ({ vcpu }) => {
    vcpu.noteWhere();
  }),
];

/** Out of a guest: what the hypervisor looks at next is read before anything is replaced. */
export const stepsOut: readonly SwitchStep[] = [
  step('SLB saved: the valid entries with their numbers', (v) => v.saveSlb()),
  ...partitionOf('host'),
  step('HDEC := far away', (_, thread) => {
    thread.hdec = HDEC_FAR;
  }),
];

/** Enters a guest. The thread must be the hypervisor's: no two partitions run on one at a time. */
export function enterGuest(v: HvVcpu, thread: HardwareThread): void {
  if (thread.guest !== undefined) throw new Error(`the thread runs vCPU ${thread.guest} already`);
  for (const step of stepsIn) step.carryOut(v, thread);
  thread.guest = v.id;
  thread.entries++;
}

/** Comes back from a guest. */
export function leaveGuest(v: HvVcpu, thread: HardwareThread): void {
  for (const step of stepsOut) step.carryOut(v, thread);
  thread.guest = undefined;
}
