import type { S390xCore } from '../../../src/arch/s390x/cpu/core.ts';
import { gpa, hostAddress } from '../../../src/arch/s390x/dat/address.ts';
import { S390xGuest } from '../../../src/arch/s390x/guest.ts';
import { KvmVm } from '../../../src/arch/s390x/kvm/vm.ts';
import type { Interpreter } from '../../../src/machine/arch.ts';

/** A guest of a core whose engine was made before: all of the complex's vCPUs and storage, and no devices. */
export function guestOn(core: S390xCore, interpreter: Interpreter): S390xGuest {
  const vm = new KvmVm(core, interpreter);
  vm.addSlot({ slot: 0, guest: gpa(0), bytes: core.complex.storage.size, host: hostAddress(0) });
  return new S390xGuest({ vm, console: () => undefined });
}
