/**
 * The performance monitor (Power ISA, Book III-S, "Performance Monitor Facility"): six counters, which count instructions or cycles, of
 * which there is one for each instruction. Other events of MMCR1, TRIGGER and events of the time base are not there.
 */

import { alertIsEvent, branchEvent } from './branch-events.ts';
import { MSR } from './msr.ts';
import { setPending } from './pending.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits of the monitor mode control register 0, in words of the manual. */
const MMCR0 = {
  freeze: 0x8000_0000,
  freezeSupervisor: 0x4000_0000,
  freezeProblem: 0x2000_0000,
  freezeMarked: 0x1000_0000,
  freezeUnmarked: 0x0800_0000,
  alertEnable: 0x0400_0000,
  freezeOnAlert: 0x0200_0000,
  firstEnable: 0x8000,
  othersEnable: 0x4000,
  /** With it the bit for problem state is for one that is not below a hypervisor. */
  problemCondition: 0x1000,
  /** PMC5 and PMC6 need no run latch. */
  withoutLatch: 0x100,
  alert: 0x80,
  freezeFirstFour: 0x20,
  freezeLastTwo: 0x10,
} as const;

/** Bits of MMCR2 (POWER8) that freeze one counter, as those of the leftmost nine for the first. */
const ALONE = { supervisor: 0x100, problem: 0x80, marked: 0x20, unmarked: 0x10, withoutLatch: 0x08 } as const;

/** Where alerts leave that they were in problem state, and that SIAR is right: MMCRA of POWER7, SIER of POWER8. */
const MMCRA_PROBLEM = 0x0200_0000_0000n;
const SIER = { problem: 0x200_0000n, address: 0x40_0000n } as const;

/** PMC1 to PMC6. */
export const counters = [slots.pmc1, slots.pmc2, slots.pmc3, slots.pmc4, slots.pmc5, slots.pmc6] as const;
const FIRST_FOUR = 4;
const LAST_TWO = 0x30;
const NEGATIVE = 0x8000_0000;

/** Events that count in each of the first four counters, and those of one of them; the latter two while the run latch is on. */
const EVERYWHERE: readonly number[] = [0x02, 0x1e];
const IN_ONE: readonly (readonly number[])[] = [[0xf0, 0xfe], [], [], []];
const WITH_LATCH: readonly (number | undefined)[] = [undefined, 0xf4, undefined, 0xfa];

/** Counters whose events count, as bits, PMC1 the lowest. */
function chosen(vcpu: Vcpu, latch: boolean): number {
  const mmcr1 = vcpu.num(slots.mmcr1);
  let on = 0;
  for (let n = 0; n < FIRST_FOUR; n++) {
    const event = (mmcr1 >>> (24 - 8 * n)) & 0xff;
    const counts = EVERYWHERE.includes(event) || IN_ONE[n]?.includes(event) || (latch && WITH_LATCH[n] === event);
    if (counts) on |= 1 << n;
  }
  return on;
}

/** Those that MMCR2 freezes. */
function frozenAlone(vcpu: Vcpu, problem: boolean, marked: boolean, latch: boolean): number {
  const mmcr2 = vcpu.big(slots.mmcr2);
  if (mmcr2 === 0n) return 0;
  const because =
    (problem ? ALONE.problem : ALONE.supervisor) |
    (marked ? ALONE.marked : ALONE.unmarked) |
    (latch ? 0 : ALONE.withoutLatch);
  let off = 0;
  for (let n = 0; n < counters.length; n++) {
    if ((Number((mmcr2 >> BigInt(55 - 9 * n)) & 0x1ffn) & because) !== 0) off |= 1 << n;
  }
  return off;
}

/** Counters that run, as bits, PMC1 the lowest. */
function running(vcpu: Vcpu): number {
  const mmcr0 = vcpu.num(slots.mmcr0);
  const problem = (vcpu.msrLow & MSR.pr) !== 0;
  const marked = (vcpu.msrLow & MSR.pmm) !== 0;
  const latch = (vcpu.num(slots.ctrl) & 1) !== 0;
  const stops =
    MMCR0.freeze | (marked ? MMCR0.freezeMarked : MMCR0.freezeUnmarked) | (problem ? 0 : MMCR0.freezeSupervisor);
  if ((mmcr0 & stops) !== 0) return 0;
  if (problem && ((mmcr0 & MMCR0.freezeProblem) === 0) !== ((mmcr0 & MMCR0.problemCondition) === 0)) return 0;
  let on = (mmcr0 & MMCR0.freezeFirstFour) !== 0 ? 0 : chosen(vcpu, latch);
  const last = (mmcr0 & MMCR0.freezeLastTwo) === 0 && (latch || (mmcr0 & MMCR0.withoutLatch) !== 0);
  if (last) on |= LAST_TWO;
  return on & ~frozenAlone(vcpu, problem, marked, latch);
}

/** Gives the counters what was executed since this was done last: before one is looked at, or what they count changes. */
export function settleCounters(vcpu: Vcpu): void {
  const now = vcpu.executed;
  const passed = Number(BigInt.asUintN(32, now - vcpu.big(slots.countedTo)));
  vcpu.setBig(slots.countedTo, now);
  const on = running(vcpu);
  counters.forEach((counter, n) => {
    if ((on & (1 << n)) !== 0) vcpu.setNum(counter, (vcpu.num(counter) + passed) >>> 0);
  });
}

/** Counters that may interrupt when they are negative. */
function enabled(mmcr0: number): number {
  return ((mmcr0 & MMCR0.firstEnable) !== 0 ? 1 : 0) | ((mmcr0 & MMCR0.othersEnable) !== 0 ? 0x3e : 0);
}

/** Instructions until a counter interrupts; infinite when none will. */
export function untilAlert(vcpu: Vcpu): number {
  const mmcr0 = vcpu.num(slots.mmcr0);
  if ((mmcr0 & MMCR0.alertEnable) === 0) return Number.POSITIVE_INFINITY;
  settleCounters(vcpu);
  const on = running(vcpu) & enabled(mmcr0);
  const left = counters.map((counter, n) =>
    (on & (1 << n)) === 0 ? Number.POSITIVE_INFINITY : Math.max(0, NEGATIVE - vcpu.num(counter)),
  );
  return Math.min(...left);
}

/** Says that the monitor waits to interrupt, when a counter has become negative that may. */
export function noteAlert(vcpu: Vcpu): void {
  const mmcr0 = vcpu.num(slots.mmcr0);
  if ((mmcr0 & MMCR0.alertEnable) === 0) return;
  settleCounters(vcpu);
  const may = enabled(mmcr0);
  if (!counters.some((counter, n) => (may & (1 << n)) !== 0 && vcpu.num(counter) >= NEGATIVE)) return;
  const frozen = (mmcr0 & MMCR0.freezeOnAlert) !== 0 ? MMCR0.freeze : 0;
  setMmcr0(vcpu, BigInt(((mmcr0 & ~MMCR0.alertEnable) | MMCR0.alert | frozen) >>> 0));
  vcpu.setBig(slots.siar, vcpu.pc);
  const problem = (vcpu.msrLow & MSR.pr) !== 0;
  const mmcra = vcpu.big(slots.mmcra) & ~MMCRA_PROBLEM;
  vcpu.setBig(slots.mmcra, problem ? mmcra | MMCRA_PROBLEM : mmcra);
  vcpu.setBig(slots.sier, problem ? SIER.address | SIER.problem : SIER.address);
}

/** Which bits of the MSR must not change without the counters: none while none of them counts by states. */
function noteStates(vcpu: Vcpu): void {
  const mmcr0 = vcpu.num(slots.mmcr0);
  const states =
    MMCR0.freezeSupervisor | MMCR0.freezeProblem | MMCR0.problemCondition | MMCR0.freezeMarked | MMCR0.freezeUnmarked;
  const counts = (mmcr0 & MMCR0.freeze) === 0 && ((mmcr0 & states) !== 0 || vcpu.big(slots.mmcr2) !== 0n);
  vcpu.setNum(slots.countsBy, counts ? MSR.pr | MSR.pmm : 0);
}

/** Sets MMCR0. */
export function setMmcr0(vcpu: Vcpu, value: bigint): void {
  settleCounters(vcpu);
  vcpu.setBig(slots.mmcr0, value);
  const low = Number(value & 0xffff_ffffn);
  const isEvent = alertIsEvent(low);
  setPending(vcpu, 'performance', (low & MMCR0.alert) !== 0 && !isEvent);
  if (isEvent) branchEvent(vcpu, 'performance');
  noteStates(vcpu);
  vcpu.endSlice();
}
/** Sets another register by which the counters count. */
export function setCounting(vcpu: Vcpu, slot: typeof slots.mmcr1 | typeof slots.mmcr2, value: bigint): void {
  settleCounters(vcpu);
  vcpu.setBig(slot, value);
  noteStates(vcpu);
  vcpu.endSlice();
}
/** Sets a counter, or the control register with the run latch. */
export function setCounter(vcpu: Vcpu, slot: (typeof counters)[number] | typeof slots.ctrl, value: bigint): void {
  settleCounters(vcpu);
  vcpu.setNum(slot, Number(value & 0xffff_ffffn));
  vcpu.endSlice();
}
