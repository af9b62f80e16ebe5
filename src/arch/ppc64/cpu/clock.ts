import { setPending } from './pending.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Ticks of the time base in a second; one tick for each instruction that passes. */
export const TIMEBASE_FREQUENCY = 512_000_000;
export const INSTRUCTIONS_PER_MICROSECOND = 512;

/** The time base. */
export function timeBase(vcpu: Vcpu): bigint {
  return BigInt.asUintN(64, vcpu.elapsed);
}

/** The decrementer, 32 bits. */
export function decrementer(vcpu: Vcpu): number {
  // Of the time nothing but the low word matters.
  return (vcpu.num(slots.decExpiry) - vcpu.instructions.low - vcpu.num(slots.skew)) >>> 0;
}

/** Sets the decrementer, a number of 32 bits that are signed. */
export function setDecrementer(vcpu: Vcpu, value: number): void {
  vcpu.setBig(slots.decExpiry, vcpu.elapsed + BigInt(value | 0));
  noteDecrementer(vcpu);
  vcpu.endSlice();
}

/** Instructions until the decrementer is negative: it interrupts as long as its first bit is one; 0 when it is. */
export function untilDecrementer(vcpu: Vcpu): number {
  const value = decrementer(vcpu);
  return value >= 0x8000_0000 ? 0 : value + 1;
}

/** Says whether the decrementer waits to interrupt. */
export function noteDecrementer(vcpu: Vcpu): void {
  setPending(vcpu, 'decrementer', untilDecrementer(vcpu) === 0);
}
