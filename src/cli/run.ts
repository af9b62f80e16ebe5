import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { elfMachine, elfMachineName } from '../image/elf.ts';
import { isElf } from '../image/elf-layout.ts';
import type { Wing } from '../wing/wing.ts';
import { type BootFile, bootFile, heldFile } from './boot-file.ts';
import { waitWithoutGdb } from './demo.ts';
import { disks } from './disk.ts';
import { checkFitting, checkModules } from './fitting.ts';
import type { Host } from './host.ts';
import { type InputFile, readInput } from './input.ts';
import { checkedModules, moduleOption } from './module-files.ts';
import { commonOptions, consoleChoice, engineChoice } from './options.ts';
import type { ProgramOptions } from './program.ts';
import { savedProgram } from './saved/saved-program.ts';
import { givenSources, symbolSources } from './symbol-sources.ts';
import { UserError } from './user-error.ts';
import {
  cpuModel,
  gdbAddress,
  guestDate,
  guestIdentity,
  historyBudget,
  incomingAddress,
  memorySize,
  vcpuCount,
} from './values.ts';
import { mostVcpus, wingOf } from './wings.ts';
import { checkListeners } from './wire/listeners.ts';
import { wireOptions, wires } from './wire/options.ts';
import type { Wire } from './wire/wire.ts';

/** The arguments of `run`, as they are typed. */
export interface RunArguments {
  readonly image: string | undefined;
  readonly snapshot: string | undefined;
  readonly 'save-on-crash': string | undefined;
  readonly initrd: string | undefined;
  readonly append: string | undefined;
  readonly memory: string;
  readonly smp: string;
  readonly cpu: string | undefined;
  readonly name: string | undefined;
  readonly uuid: string | undefined;
  readonly watchdog: 'restart' | 'reset' | 'stop';
  readonly date: string | undefined;
  readonly disk: readonly string[] | undefined;
  readonly net: readonly string[] | undefined;
  readonly hvc: string | undefined;
  readonly incoming: string | undefined;
  readonly gdb: string;
  readonly symbols: string | undefined;
  readonly module: readonly string[] | undefined;
  readonly wait: boolean;
  readonly history: string;
  readonly clock: 'real' | 'virtual' | undefined;
  readonly engine: 'translator' | 'interpreter' | undefined;
  readonly console: string;
}

/** Bytes of an image that tell what it is. */
const HEAD_BYTES = 4096;

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
  module: moduleOption,
  memory: {
    type: 'string',
    requiresArg: true,
    default: '512M',
    description: 'guest storage, such as 512M or 2G; a number alone is of mebibytes',
  },
  smp: { type: 'string', requiresArg: true, default: '1', description: 'number of vCPUs' },
  cpu: {
    type: 'string',
    requiresArg: true,
    defaultDescription: 'max, power7 for ppc64',
    description:
      'CPU model: for s390x zEC12, z13, z14, z15, z16, z17 or max, and switches behind it (z15,vx=off,cmm=on); for ppc64 power7 or power8',
  },
  name: {
    type: 'string',
    requiresArg: true,
    description: 'name of the guest, as STSI or the device tree tells it (s390x: default guestscope)',
  },
  uuid: { type: 'string', requiresArg: true, description: 'UUID of the guest, as STSI or the device tree tells it' },
  watchdog: {
    choices: ['restart', 'reset', 'stop'],
    requiresArg: true,
    default: 'reset',
    description: "when the watchdog of an s390x guest strikes: a restart interruption, a new IPL, or the guest's end",
  },
  date: {
    type: 'string',
    requiresArg: true,
    defaultDescription: '2024-01-01',
    description: "what the guest's clock shows at first: now, or a date such as 2026-01-31 or 2026-01-31T12:00Z",
  },
  disk: {
    type: 'string',
    array: true,
    requiresArg: true,
    description:
      'a raw image as a virtio disk of an s390x guest: FILE, or FILE,ro to read only; may be given more than once',
  },
  ...wireOptions,
  snapshot: {
    type: 'string',
    requiresArg: true,
    description: 'go on with the guest that FILE holds (monitor snapshot save, --save-on-crash), in place of an IMAGE',
  },
  incoming: {
    type: 'string',
    requiresArg: true,
    description: 'wait at [HOST:]PORT for a guest that moves here (monitor migrate); IMAGE is what it booted',
  },
} as const;

/** `guestscope run IMAGE`; `choose` is told what is to be run. */
export function runCommand(host: Host, choose: (options: ProgramOptions) => void): CommandModule<object, RunArguments> {
  return {
    command: 'run [image]',
    builder: (yargs) =>
      yargs
        .positional('image', {
          type: 'string',
          description:
            'an ELF file for s390x or ppc64, or a raw s390x image (loaded at 0, entered at 0x10000 or where its IPL PSW points to)',
        })
        .options({
          ...runOptions,
          ...commonOptions,
          clock: { ...commonOptions.clock, defaultDescription: usualClock },
        }),
    handler: async (argv) => {
      choose(await (argv.snapshot === undefined ? programOptions(argv, host) : snapshotOptions(argv, host)));
    },
  };
}

async function programOptions(argv: RunArguments, host: Host): Promise<ProgramOptions> {
  const gdb = gdbAddress(argv.gdb);
  const memory = memorySize(argv.memory);
  vcpuCount(argv.smp, mostVcpus);
  const identity = guestIdentity(argv);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  const outside = wires(argv.net, argv.hvc);
  const incoming = incomingAddress(argv.incoming);
  checkListeners(gdb, outside, incoming);
  if (argv.image === undefined) throw new UserError('usage', 'run needs an IMAGE; guestscope --help says more');
  const kept = argv['save-on-crash'] !== undefined;
  const image = fileOf(argv.image, { code: 'image-unreadable', what: 'image' }, kept);
  const head = image.head(HEAD_BYTES);
  const wing = await wingOf(head).load();
  checkFitting(argv, wing);
  checkModules(argv.module, wing);
  return {
    wing,
    memoryAsGiven: argv.memory,
    name: basename(argv.image),
    image,
    initrd:
      argv.initrd === undefined
        ? undefined
        : fileOf(argv.initrd, { code: 'initrd-unreadable', what: 'initial RAM disk', most: memory }, kept),
    commandLine: argv.append,
    memory,
    vcpus: vcpuCount(argv.smp, wing.mostVcpus),
    ...cpuModel(argv.cpu, wing),
    devices: disks(argv.disk),
    wires: outside,
    identity,
    watchdog: argv.watchdog,
    ...guestDate(argv.date, host),
    engine: engineChoice(argv.engine, host),
    clock: argv.clock ?? usualClockOf(argv.console, outside, host),
    console: consoleChoice(argv.console),
    input: argv.console === 'stdio',
    passOnStatus: true,
    gdb,
    incoming,
    wait: argv.wait,
    history: historyBudget(argv.history),
    saveOnCrash: argv['save-on-crash'],
    symbols: argv.symbols ?? (isElf(head) ? argv.image : undefined),
    kernelSymbols: checkedSources(argv, wing, argv.symbols === undefined ? undefined : image.read()),
  };
}

// Whoever crashes shall not be lost because a file has changed.
function fileOf(path: string, input: InputFile, kept: boolean): BootFile {
  return kept ? heldFile(readInput(path, input)) : bootFile(path, input);
}

/** Options that say what a snapshot knows by itself, with what they are when they are not given. */
const known: readonly (readonly [keyof RunArguments, unknown?])[] = [
  ['image'],
  ['initrd'],
  ['append'],
  ['memory', runOptions.memory.default],
  ['smp', runOptions.smp.default],
  ['cpu'],
  ['name'],
  ['uuid'],
  ['watchdog', runOptions.watchdog.default],
  ['date'],
  ['disk'],
  ['incoming'],
];

async function snapshotOptions(argv: RunArguments, host: Host): Promise<ProgramOptions> {
  const path = argv.snapshot ?? '';
  const [given] = known.find(([name, usual]) => argv[name] !== usual) ?? [];
  if (given !== undefined) {
    const what = given === 'image' ? 'the IMAGE' : `--${given}`;
    throw new UserError('usage', `--snapshot knows what the guest is made of: leave ${what} away`);
  }
  const gdb = gdbAddress(argv.gdb);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  const outside = wires(argv.net, argv.hvc);
  checkListeners(gdb, outside);
  const { symbols } = argv;
  const saved = await savedProgram(path, outside);
  const modules = checkedModules(argv.module, saved.wing);
  return {
    ...saved,
    engine: engineChoice(argv.engine, host),
    ...(argv.clock === undefined ? {} : { clock: argv.clock }),
    console: consoleChoice(argv.console),
    input: argv.console === 'stdio',
    gdb,
    wait: argv.wait,
    history: historyBudget(argv.history),
    saveOnCrash: argv['save-on-crash'],
    ...(symbols === undefined ? {} : { symbols }),
    kernelSymbols: givenSources(symbols, modules),
  };
}

/** Symbols of the user's files, which must be of the architecture, and the kernel's of the image's build when there is one. */
export function checkedSources(
  { symbols: path, module }: Pick<RunArguments, 'symbols' | 'module'>,
  wing: Wing,
  image?: Uint8Array,
): ReturnType<typeof givenSources> {
  const modules = checkedModules(module, wing);
  if (path === undefined) return givenSources(undefined, modules);
  const symbols = readInput(path, { code: 'symbols-unreadable', what: 'file with symbols' });
  const machine = elfMachine(symbols);
  if (machine !== undefined && wing.elfMachines.includes(machine)) {
    const differs = image === undefined ? undefined : wing.differentBuild(image, symbols);
    if (differs === undefined) return symbolSources({ vmlinux: path, modules });
    throw new UserError('symbols-mismatch', `${path} is of another build than the image: ${differs}`);
  }
  const is = machine === undefined ? 'no ELF file' : `for ${elfMachineName(machine)}`;
  throw new UserError(
    'symbols-unreadable',
    `${path} is ${is}, not an ELF file for ${wing.name}: give the vmlinux that the kernel was made from`,
  );
}
