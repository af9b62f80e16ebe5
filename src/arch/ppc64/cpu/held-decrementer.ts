/**
 * A handler of the decrementer that returns to find it negative again would let its program stand still. The program gets as many
 * instructions as the handler took before the decrementer interrupts it once more.
 */

import { VECTOR } from './interruptions.ts';
import { MSR } from './msr.ts';
import { pendingBits, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Instructions that a handler may take for its program to get as many. */
const MOST_HELD = 0x1_0000n;

/**
 * RFID has been executed. What it returned to is looked at behind it, in front of the next instruction, and perhaps by a machine that was
 * restored there: the state says so, and not which instruction was the last one.
 */
export function noteReturn(vcpu: Vcpu): void {
  const opened = (vcpu.msrLow & MSR.ee) !== 0;
  if (opened && (vcpu.num(slots.pending) & pendingBits.decrementer) !== 0)
    vcpu.setBig(slots.decReturned, vcpu.executed);
}

/** The decrementer, which is negative, interrupts; false when it does not yet. */
export function interruptByDecrementer(vcpu: Vcpu): boolean {
  if (isHeld(vcpu)) return false;
  vcpu.setBig(slots.decTaken, vcpu.executed);
  vcpu.interrupt(VECTOR.decrementer, vcpu.pc);
  return true;
}

function isHeld(vcpu: Vcpu): boolean {
  if (vcpu.executed < vcpu.big(slots.decHeld)) return true;
  if (vcpu.executed !== vcpu.big(slots.decReturned)) return false;
  const taken = vcpu.big(slots.decTaken);
  const took = vcpu.executed - taken;
  if (taken === 0n || took > MOST_HELD) return false;
  vcpu.setBig(slots.decHeld, vcpu.executed + took);
  return true;
}

/** Instructions until it may interrupt, when it is held; else `left`. */
export function heldFor(vcpu: Vcpu, left: number): number {
  const held = vcpu.instructions.until(vcpu.big(slots.decHeld));
  return held > 0 ? held : left;
}
