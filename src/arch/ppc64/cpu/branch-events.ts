/**
 * Event-based branches (Power ISA 2.07, Book II, "Event-Based Branch Facility"): what a program asked to hear of makes it branch to its
 * handler, without an interruption. An event waits until the program runs: see `pendingBits.branch`.
 */

import { engineState } from '../../../machine/layout.ts';
import { MSR } from './msr.ts';
import { setPending } from './pending.ts';
import { pendingBits, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits of the branch event status and control register, those of bits 0-31 as a number of 32 bits. */
export const BESCR_HIGH = { enabled: 0x8000_0000, external: 2, performance: 1 } as const;
/** Those of bits 32-63: what has happened. */
export const BESCR = { external: 2, performance: 1 } as const;
/** Bits of MMCR0: an alert has occurred; alerts are events for the program. */
const [ALERT, EVENT_BASED] = [0x80, 0x10_0000];
/** Bit of FSCR without which a program has no such branches. */
const FACILITY = 1 << 7;

/** Sets BESCR: an alert of the performance monitor that is there already is an event for who asks for it now. */
export function setBescr(vcpu: Vcpu, value: bigint): void {
  vcpu.setBig(slots.bescr, value);
  if (!alertIsEvent(vcpu.num(slots.mmcr0)) || !branchEvent(vcpu, 'performance')) noteBranchEvent(vcpu);
}

/** True when MMCR0 has an alert that is for the program, and no interruption. */
export function alertIsEvent(mmcr0: number): boolean {
  return (mmcr0 & ALERT) !== 0 && (mmcr0 & EVENT_BASED) !== 0;
}

// Says whether an event waits, and ends the run when it need not wait.
function noteBranchEvent(vcpu: Vcpu): void {
  const happened = vcpu.num(slots.bescr) & (BESCR.external | BESCR.performance);
  const waits = happened !== 0 && (vcpu.highOf(slots.bescr) & BESCR_HIGH.enabled) !== 0;
  setPending(vcpu, 'branch', waits);
  if (waits && (vcpu.msrLow & MSR.pr) !== 0) vcpu.endSlice();
}

/** An event has happened that the program may have asked to hear of: once, until it asks again. */
export function branchEvent(vcpu: Vcpu, event: keyof typeof BESCR): boolean {
  const high = vcpu.highOf(slots.bescr);
  if ((high & BESCR_HIGH[event]) === 0) return false;
  vcpu.setWords(slots.bescr, high & ~BESCR_HIGH[event], vcpu.num(slots.bescr) | BESCR[event]);
  noteBranchEvent(vcpu);
  return true;
}

/** Between two instructions: the program goes on at its handler when an event waits and it may have that. */
export function branchForEvent(vcpu: Vcpu): void {
  if ((vcpu.num(slots.pending) & pendingBits.branch) === 0) return;
  if ((vcpu.msrLow & MSR.pr) === 0 || (vcpu.num(slots.fscr) & FACILITY) === 0) return;
  vcpu.setWords(slots.bescr, vcpu.highOf(slots.bescr) & ~BESCR_HIGH.enabled, vcpu.num(slots.bescr));
  noteBranchEvent(vcpu);
  vcpu.setBig(slots.ebbrr, vcpu.pc);
  vcpu.setWords(engineState.pc, vcpu.highOf(slots.ebbhr), vcpu.num(slots.ebbhr) & ~3);
}

/** The handler returns (RFEBB): events make the program branch again, or not. */
export function returnFromBranchEvent(vcpu: Vcpu, enabled: boolean): void {
  const high = vcpu.highOf(slots.bescr) & ~BESCR_HIGH.enabled;
  vcpu.setWords(slots.bescr, enabled ? high | BESCR_HIGH.enabled : high, vcpu.num(slots.bescr));
  vcpu.setWords(engineState.pc, vcpu.highOf(slots.ebbrr), vcpu.num(slots.ebbrr) & ~3);
  noteBranchEvent(vcpu);
}
