import { todOfDate } from '../arch/s390x/cpu/clock.ts';
import type { S390xGuest } from '../arch/s390x/guest.ts';
import { buildOn, s390x } from '../arch/s390x/wing.ts';
import type { Wing } from '../wing/wing.ts';
import { Vm } from './vm.ts';

/** All that is s390x, as the program takes it: its machine is a VM of the library, with a user space around it. */
export const s390xWing = {
  ...s390x,
  build(options) {
    const { memory, vcpus, cpu, engine, date } = options;
    const vm = new Vm({ storage: memory, vcpus, ...(cpu === undefined ? {} : { cpu }) }, engine);
    if (date !== undefined) vm.kvm.core.clock.start = todOfDate(date);
    for (let id = 0; id < vcpus; id++) vm.createVcpu();
    vm.addSlot({ slot: 0, guest: 0, bytes: memory, host: 0 });
    return buildOn(vm.kvm, options);
  },
} as const satisfies Wing<S390xGuest>;
