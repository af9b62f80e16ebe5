/**
 * A handler of the decrementer that returns to find it negative again would let its program stand still. The program gets as many
 * instructions as the handler took before the decrementer interrupts it once more.
 */

import type { Ppc64Core } from './core.ts';
import { VECTOR } from './interruptions.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Instructions that a handler may take for its program to get as many. */
const MOST_HELD = 0x1_0000n;

/** The decrementer, which is negative, interrupts; false when it does not yet. */
export function interruptByDecrementer(vcpu: Vcpu, core: Ppc64Core): boolean {
  if (isHeld(vcpu, core)) return false;
  vcpu.setBig(slots.decTaken, vcpu.executed);
  vcpu.interrupt(VECTOR.decrementer, vcpu.pc);
  return true;
}

function isHeld(vcpu: Vcpu, core: Ppc64Core): boolean {
  if (vcpu.executed < vcpu.big(slots.decHeld)) return true;
  if (vcpu.pc !== vcpu.big(slots.srr0) || !core.isReturn(vcpu.ia)) return false;
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
