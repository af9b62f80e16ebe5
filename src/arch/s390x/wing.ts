import type { BuiltGuest, GuestOptions, Wing } from '../../wing/wing.ts';
import { INSTRUCTIONS_PER_MICROSECOND, todOfDate } from './cpu/clock.ts';
import { CpuComplex } from './cpu/complex.ts';
import { S390xCore } from './cpu/core.ts';
import { cpuModel } from './cpu/model.ts';
import { isDumpFile, openDump } from './gdb/dump-file.ts';
import { S390xGuest } from './guest.ts';
import { instructionTable } from './isa/table.ts';
import { differentBuild } from './linux/builds.ts';
import { s390xCommands } from './monitor/commands.ts';
import { pswLines, stateDump } from './monitor/state-dump.ts';
import { ConsoleEcho } from './vmm/console-echo.ts';
import { s390Machines } from './vmm/ipl/elf.ts';
import { loadImage } from './vmm/ipl/load.ts';

/** As many CPUs as Linux takes without more than one SCLP page. */
const MOST_VCPUS = 248;

/** All that is s390x, as the program takes it. */
export const s390xWing = {
  name: 's390x',
  demo: 'demo/demo.elf',
  elfMachines: s390Machines,
  rawImages: true,
  debian: {
    architecture: 's390x',
    kernelPackage: 'linux-image-s390x',
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
  build,
  openDump,
} as const satisfies Wing<S390xGuest>;

function build({
  memory,
  vcpus,
  cpu,
  engine,
  console,
  devices,
  identity,
  watchdog,
  date,
}: GuestOptions): BuiltGuest<S390xGuest> {
  const complex = new CpuComplex({ vcpus, storage: memory });
  const model = cpuModel(cpu ?? 'max');
  if (!model.ok) throw new Error(model.error);
  const core = new S390xCore(complex, instructionTable, model.value);
  const interpreter = engine(core, complex.memory, complex.filterAddress);
  if (date !== undefined) core.clock.start = todOfDate(date);
  const echo = new ConsoleEcho();
  const guest = new S390xGuest({
    core,
    interpreter,
    cmm: model.value.cmm,
    sief2: model.value.sief2,
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
      return guest.boot(() => loadImage({ ...request, storage: guest.storage }));
    },
    restore: (dump) => {
      // Nobody else makes dumps that come here.
      if (isDumpFile(dump)) guest.restore(dump);
    },
    moving: { storage: complex.storage, dirtyLog: guest.vm.dirtyLog },
    useSymbols: (sources) => guest.useSymbols(sources),
    positions: () => pswLines(guest),
    dump: () => stateDump(guest),
  };
}
