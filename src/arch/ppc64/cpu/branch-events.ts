/**
 * Event-based branches (Power ISA 2.07, Book II, "Event-Based Branch Facility"): what a program asked to hear of makes it branch to its
 * handler, without an interruption. An event waits until the program runs: see `pendingBits.branch`.
 */

import { engineState } from '../../../machine/layout.ts';
import { MSR } from './msr.ts';
import { pendingBits, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits of the branch event status and control register, those of bits 0-31 as a number of 32 bits. */
export const BESCR_HIGH = { enabled: 0x8000_0000, external: 2, performance: 1 } as const;
/** Those of bits 32-63: what has happened. */
export const BESCR = { external: 2, performance: 1 } as const;
/** Bit of FSCR without which a program has no such branches. */
const FACILITY = 1 << 7;

/** BESCR has been set: says whether an event waits, and ends the run when it need not wait. */
export function noteBranchEvent(vcpu: Vcpu): void {
  const happened = vcpu.num(slots.bescr) & (BESCR.external | BESCR.performance);
  const waits = happened !== 0 && (vcpu.highOf(slots.bescr) & BESCR_HIGH.enabled) !== 0;
  const others = vcpu.num(slots.pending) & ~pendingBits.branch;
  vcpu.setNum(slots.pending, waits ? others | pendingBits.branch : others);
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
