import type { S390xGuest } from '../guest.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** The vCPU that a debugger has selected. */
export function vcpuOf(guest: S390xGuest, id: number): KvmVcpu {
  const found = guest.vm.vcpus[id];
  if (found === undefined) throw new Error(`there is no CPU ${id}`);
  return found;
}
