import type { BuiltGuest, GuestOptions, Wing } from '../../wing/wing.ts';
import { INSTRUCTIONS_PER_MICROSECOND } from './cpu/clock.ts';
import { cpuModel } from './cpu/model.ts';
import { isDumpFile, openDump } from './gdb/dump-file.ts';
import { S390xGuest } from './guest.ts';
import type { KvmVm } from './kvm/vm.ts';
import { differentBuild } from './linux/builds.ts';
import { s390xCommands } from './monitor/commands.ts';
import { pswLines, stateDump } from './monitor/state-dump.ts';
import { ConsoleEcho } from './vmm/console-echo.ts';
import { s390Machines } from './vmm/ipl/elf.ts';
import { loadImage } from './vmm/ipl/load.ts';

/** As many CPUs as Linux takes without more than one SCLP page. */
const MOST_VCPUS = 248;

/** All that is s390x, but for the VM that a machine of it stands on. */
export const s390x = {
  name: 's390x',
  demo: 'demo/demo.elf',
  elfMachines: s390Machines,
  byteOrders: ['big'],
  rawImages: true,
  debian: {
    architecture: 's390x',
    kernelPackage: 'linux-image-s390x',
    kernelFile: 'vmlinuz',
    commandLine: 'console=ttyS1',
    consoleDevice: '/dev/ttysclp0',
  },
  mostVcpus: MOST_VCPUS,
  cpuRefusal(text) {
    const model = cpuModel(text);
    return model.ok ? undefined : model.error;
  },
  instructionsPerMicrosecond: Number(INSTRUCTIONS_PER_MICROSECOND),
  differentBuild,
  openDump,
} as const satisfies Omit<Wing<S390xGuest>, 'build'>;

/** Makes a machine of a VM: gives it a user space, and all that the program asks of a guest. */
export function buildOn(vm: KvmVm, { console, devices, identity, watchdog }: GuestOptions): BuiltGuest<S390xGuest> {
  const echo = new ConsoleEcho();
  const guest = new S390xGuest({
    vm,
    console: (bytes, from) => console(echo.filter(bytes, from), from),
    ...(devices === undefined ? {} : { devices }),
    ...(identity === undefined ? {} : { identity }),
    ...(watchdog === undefined ? {} : { watchdog }),
  });
  return {
    guest,
    commands: s390xCommands,
    boot(request, again) {
      guest.onReipl = again;
      return guest.boot(() => {
        const wanted = request();
        return wanted.ok ? loadImage({ ...wanted.value, storage: guest.storage }) : wanted;
      });
    },
    restore: (dump) => {
      // Nobody else makes dumps that come here.
      if (isDumpFile(dump)) guest.restore(dump);
    },
    moving: { storage: vm.complex.storage, dirtyLog: vm.dirtyLog },
    useSymbols: (sources) => guest.useSymbols(sources),
    positions: () => pswLines(guest),
    dump: () => stateDump(guest),
  };
}
