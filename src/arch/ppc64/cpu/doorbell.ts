import { VECTOR } from './interruptions.ts';
import { setPending } from './pending.ts';
import type { Vcpu } from './vcpu.ts';

/** A doorbell for the processor's thread rings from now on, or does not any more. */
export function setDoorbell(vcpu: Vcpu, rings: boolean): void {
  setPending(vcpu, 'doorbell', rings);
}

/** The processor takes the interruption of its doorbell, which has rung then. */
export function answerDoorbell(vcpu: Vcpu): void {
  setDoorbell(vcpu, false);
  vcpu.interrupt(VECTOR.doorbell, vcpu.pc);
}
