import type { Vcpu } from '../cpu/vcpu.ts';
import type { S390xGuest } from '../guest.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** The vCPU that a debugger has selected, at whichever level. */
export function vcpuOf(guest: S390xGuest, id: number): KvmVcpu {
  return guest.looked(id).v;
}

/** What executes on it at the level that is looked at. */
export function cpuOf(guest: S390xGuest, id: number): Vcpu {
  return guest.looked(id).cpu;
}
