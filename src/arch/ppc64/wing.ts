import type { BuiltGuest, GuestOptions, Wing } from '../../wing/wing.ts';
import { INSTRUCTIONS_PER_MICROSECOND } from './cpu/clock.ts';
import { CpuComplex } from './cpu/complex.ts';
import { Ppc64Core } from './cpu/core.ts';
import { cpuModelOf, cpuModels } from './cpu/model.ts';
import { isDumpFile, openDump } from './gdb/dump-file.ts';
import { Ppc64Guest } from './guest.ts';
import { GUEST_AT, HOST_PAGE_BYTES, vrmaSegment } from './hv/vm.ts';
import { hasInstruction, instructionTable } from './isa/table.ts';
import { Hpt } from './mmu/hpt.ts';
import { Translator } from './mmu/translate.ts';
import { ppc64Commands } from './monitor/commands.ts';
import { positions, stateDump } from './monitor/state-dump.ts';
import { ELF_MACHINE_PPC64 } from './vmm/loader.ts';

const MOST_VCPUS = 8;
/** What the clock shows when nothing is said: the beginning of 2024. */
const USUAL_DATE = Date.UTC(2024, 0, 1);

/** All that is ppc64, as the program takes it. */
export const ppc64Wing = {
  name: 'ppc64',
  demo: 'demo-ppc64/demo.elf',
  elfMachines: [ELF_MACHINE_PPC64],
  rawImages: false,
  debian: {
    architecture: 'ppc64el',
    kernelPackage: 'linux-image-powerpc64le',
    kernelFile: 'vmlinux',
    cpu: 'power8',
    commandLine: 'console=hvc0',
    consoleDevice: '/dev/hvc0',
  },
  lacks: {
    devices: 'a ppc64 guest has its console and no other device',
    watchdog: 'a ppc64 guest has no watchdog',
    modules: "gdb is not served the symbols of a ppc64 guest's modules",
  },
  byteOrders: ['big', 'little'],
  mostVcpus: MOST_VCPUS,
  cpuRefusal: (text) =>
    cpuModelOf(text) === undefined ? `there is no CPU ${text}: give ${Object.keys(cpuModels).join(' or ')}` : undefined,
  memoryRefusal: (bytes) =>
    bytes % HOST_PAGE_BYTES === 0 ? undefined : 'a ppc64 guest is made of pages of 16 MiB: give a multiple of that',
  instructionsPerMicrosecond: INSTRUCTIONS_PER_MICROSECOND,
  differentBuild: () => undefined,
  build,
  openDump: (file) => openDump(file, HOST_PAGE_BYTES),
} as const satisfies Wing<Ppc64Guest>;

function build({
  memory,
  vcpus,
  engine,
  console,
  date,
  identity,
  byteOrder = 'big',
  cpu = 'power7',
}: GuestOptions): BuiltGuest<Ppc64Guest> {
  const model = cpuModelOf(cpu) ?? cpuModels.power7;
  const complex = new CpuComplex({ vcpus, storage: memory, order: byteOrder });
  const hpt = new Hpt(complex.hptStorage, complex.hptOrder);
  const partition = { hpt, hostBase: GUEST_AT, bytes: memory, vrma: vrmaSegment };
  const core = new Ppc64Core(complex, instructionTable, {
    ...{ translator: new Translator(partition), model },
    has: (row) => hasInstruction(model, row),
  });
  const interpreter = engine(core, complex.memory, complex.filterAddress);
  const guest = new Ppc64Guest({
    ...{ core, interpreter, partition, date: date ?? USUAL_DATE, identity },
    console: (bytes) => console(bytes, 'vty'),
  });
  return {
    guest,
    commands: ppc64Commands,
    boot: (request, again) => guest.boot(request, again),
    restore: (dump) => {
      // Nobody else makes dumps that come here.
      if (isDumpFile(dump)) guest.restore(dump);
    },
    moving: { storage: complex.storage, dirtyLog: guest.vm.dirty },
    useSymbols: () => undefined,
    positions: () => positions(guest),
    dump: () => stateDump(guest),
  };
}
