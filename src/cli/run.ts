import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { elfMachine, elfMachineName } from '../image/elf.ts';
import { isElf } from '../image/elf-layout.ts';
import type { Wing } from '../wing/wing.ts';
import { waitWithoutGdb } from './demo.ts';
import { disks } from './disk.ts';
import type { Host } from './host.ts';
import { commonOptions, consoleChoice, engineChoice, readInput } from './options.ts';
import type { ProgramOptions } from './program.ts';
import { symbolSources } from './symbol-sources.ts';
import { UserError } from './user-error.ts';
import { gdbAddress, guestIdentity, memorySize, vcpuCount } from './values.ts';
import { mostVcpus, wingOf } from './wings.ts';
import { wireOptions, wires } from './wire/options.ts';
import type { Wire } from './wire/wire.ts';

interface RunArguments {
  readonly image: string;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly memory: string;
  readonly smp: string;
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  readonly disk: readonly string[] | undefined;
  readonly net: readonly string[] | undefined;
  readonly hvc: string | undefined;
  readonly gdb: string;
  readonly symbols: string | undefined;
  readonly wait: boolean;
  readonly clock: 'real' | 'virtual' | undefined;
  readonly engine: 'translator' | 'interpreter' | undefined;
  readonly console: string;
}

/** How the clock goes when nothing is said. */
export const usualClock = 'real when a terminal is the console or with --net or --hvc, else virtual';

/** The clock for a console as `--console` says and for devices whose other end is outside: `usualClock` in words. */
export function usualClockOf(console: string, outside: readonly Wire[], host: Host): 'real' | 'virtual' {
  const atConsole = console === 'stdio' && host.stdin.isTTY === true && host.stdout.isTTY === true;
  return atConsole || outside.length > 0 ? 'real' : 'virtual';
}

/** Options that only `run` takes. */
export const runOptions = {
  initrd: { type: 'string', requiresArg: true, description: 'initial RAM disk' },
  append: { type: 'string', requiresArg: true, description: 'kernel command line' },
  symbols: {
    type: 'string',
    requiresArg: true,
    description: "the kernel's vmlinux: gdb gets its symbols where the kernel was put",
  },
  memory: { type: 'string', requiresArg: true, default: '512M', description: 'guest storage' },
  smp: { type: 'string', requiresArg: true, default: '1', description: 'number of vCPUs' },
  name: { type: 'string', requiresArg: true, description: 'name of the guest, as STSI tells it (default guestscope)' },
  uuid: { type: 'string', requiresArg: true, description: 'UUID of the guest, as STSI tells it' },
  disk: {
    type: 'string',
    array: true,
    requiresArg: true,
    description: 'a raw image as a virtio disk: FILE or FILE,readonly; may be given more than once',
  },
  ...wireOptions,
} as const;

/** `guestscope run IMAGE`; `choose` is told what is to be run. */
export function runCommand(host: Host, choose: (options: ProgramOptions) => void): CommandModule<object, RunArguments> {
  return {
    command: 'run <image>',
    describe: 'boot an ELF file or a raw kernel image and serve gdb on port 1234',
    builder: (yargs) =>
      yargs
        .positional('image', {
          type: 'string',
          demandOption: true,
          description: 'an ELF file, or a raw image (loaded at 0, entered at 0x10000 or where its IPL PSW points to)',
        })
        .options({
          ...runOptions,
          ...commonOptions,
          clock: { ...commonOptions.clock, defaultDescription: usualClock },
        }),
    handler: (argv) => choose(programOptions(argv, host)),
  };
}

function programOptions(argv: RunArguments, host: Host): ProgramOptions {
  const gdb = gdbAddress(argv.gdb);
  const memory = memorySize(argv.memory);
  vcpuCount(argv.smp, mostVcpus);
  const identity = guestIdentity(argv);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  const outside = wires(argv.net, argv.hvc);
  const image = readInput(argv.image, 'image-unreadable', 'image');
  const wing = wingOf(image);
  return {
    wing,
    name: basename(argv.image),
    image,
    initrd: argv.initrd === undefined ? undefined : readInput(argv.initrd, 'initrd-unreadable', 'initial RAM disk'),
    commandLine: argv.append,
    memory,
    vcpus: vcpuCount(argv.smp, wing.mostVcpus),
    devices: disks(argv.disk),
    wires: outside,
    identity,
    engine: engineChoice(argv.engine, host),
    clock: argv.clock ?? usualClockOf(argv.console, outside, host),
    console: consoleChoice(argv.console),
    input: argv.console === 'stdio',
    passOnStatus: true,
    gdb,
    wait: argv.wait,
    symbols: argv.symbols ?? (isElf(image) ? argv.image : undefined),
    kernelSymbols: argv.symbols === undefined ? undefined : checkedSources(argv.symbols, wing),
  };
}

/** Symbols of a kernel's file, which must be of the architecture. */
export function checkedSources(path: string, wing: Wing): ReturnType<typeof symbolSources> {
  const machine = elfMachine(readInput(path, 'symbols-unreadable', 'file with symbols'));
  if (machine !== undefined && wing.elfMachines.includes(machine)) return symbolSources(path);
  const is = machine === undefined ? 'no ELF file' : `for ${elfMachineName(machine)}`;
  throw new UserError(
    'symbols-unreadable',
    `${path} is ${is}, not an ELF file for ${wing.name}: give the vmlinux that the kernel was made from`,
  );
}
