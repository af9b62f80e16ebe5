import { pendingBits, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Says whether something waits to interrupt, or to make the program branch. */
export function setPending(vcpu: Vcpu, what: keyof typeof pendingBits, waits: boolean): void {
  const others = vcpu.num(slots.pending) & ~pendingBits[what];
  vcpu.setNum(slots.pending, waits ? others | pendingBits[what] : others);
}
