import type { GuestVcpu } from './guest.ts';

/** What a user would not expect of the step of a vCPU of this name that executed nothing. */
export function idleNote(vcpu: GuestVcpu, name: string): string {
  if (!vcpu.waiting) return `${name} is stopped and has executed nothing`;
  return `${name} waits for an interruption and has executed nothing; to set its PC ends the wait`;
}
