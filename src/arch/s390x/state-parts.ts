import { StateParts } from '../../machine/snapshot.ts';
import { StorageContents } from '../../machine/storage-state.ts';
import type { KvmVm } from './kvm/vm.ts';
import type { ChannelSubsystem } from './vmm/css/channel-subsystem.ts';
import type { Ipl } from './vmm/ipl/ipl.ts';
import type { Sclp } from './vmm/sclp/sclp.ts';
import type { GuestDevices } from './vmm/virtio-ccw/guest-devices.ts';

/** All of a guest that has a state. */
export interface StatefulParts {
  readonly vm: KvmVm;
  readonly sclp: Sclp;
  readonly css: ChannelSubsystem;
  readonly devices: GuestDevices;
  readonly ipl: Ipl;
}

/** The parts of a VM's state. Whoever changes what a part saves raises its version. */
export function vmStateParts(vm: KvmVm): StateParts {
  return addCpus(vmParts(vm), vm);
}

/** The parts of an s390x guest's state: its VM's, and those of user space. */
export function s390xStateParts({ vm, sclp, css, devices, ipl }: StatefulParts): StateParts {
  const parts = vmParts(vm)
    .add('sclp', 1, sclp)
    // Devices before the subchannels that lead to them.
    .add('devices', 1, devices)
    .add('channel subsystem', 1, css)
    .add('ipl', 1, ipl);
  return addCpus(parts, vm);
}

function vmParts(vm: KvmVm): StateParts {
  const { core, complex } = vm;
  return new StateParts()
    .add('storage', 1, new StorageContents(complex.storage))
    .add('storage keys', 1, {
      save: () => complex.keys.slice(),
      restore: (keys: Uint8Array) => complex.keys.set(keys),
    })
    .add('clock', 1, core.clock)
    .add('random numbers', 1, core.random)
    .add('transactions', 1, core.transactions)
    .add('virtual machine', 4, vm)
    .add('CPU model', 1, vm.model)
    .add('gmap', 2, vm.gmap)
    .add('dirty log', 1, vm.dirtyLog)
    .add('slot logs', 1, vm.logs)
    .add('collaborative memory', 1, vm.cmma)
    .add('floating interruptions', 1, vm.floating)
    .add('watchdog', 1, vm.watchdog);
}

function addCpus(parts: StateParts, vm: KvmVm): StateParts {
  for (const v of vm.vcpus) {
    parts.add(`registers of CPU ${v.id}`, 1, v.vcpu).add(`CPU ${v.id}`, 3, v);
    if (v.vcpu.inner !== undefined) {
      parts
        .add(`registers of CPU ${v.id} for its guest`, 1, v.vcpu.inner)
        .add(`interpretation of CPU ${v.id}`, 1, v.interpretation);
    }
  }
  return parts;
}
