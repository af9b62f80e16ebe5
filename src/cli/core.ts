import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { elfMachineName } from '../image/elf.ts';
import { type PiecewiseFile, readCore } from '../image/elf-core-reader.ts';
import type { Dump, Wing } from '../wing/wing.ts';
import { heldFile } from './boot-file.ts';
import { moduleOption } from './module-files.ts';
import { commonOptions } from './options.ts';
import type { ProgramOptions } from './program.ts';
import { checkedSources } from './run.ts';
import { UserError } from './user-error.ts';
import { gdbAddress } from './values.ts';
import { wings } from './wings.ts';

interface CoreArguments {
  readonly file: string;
  readonly gdb: string;
  readonly symbols: string | undefined;
  readonly module: readonly string[] | undefined;
}

/** Options that `core` takes. */
export const coreOptions = {
  gdb: commonOptions.gdb,
  symbols: {
    type: 'string',
    requiresArg: true,
    description: "the kernel's vmlinux: gdb gets its symbols where the kernel was put",
  },
  module: moduleOption,
} as const;

/** `guestscope core FILE`; `choose` is told what is to be opened. */
export function coreCommand(choose: (options: ProgramOptions) => void): CommandModule<object, CoreArguments> {
  return {
    command: 'core <file>',
    builder: (yargs) =>
      yargs
        .positional('file', {
          type: 'string',
          demandOption: true,
          description: "a core file (of `monitor dump`, of QEMU's dump-guest-memory) or a stand-alone dump",
        })
        .options(coreOptions),
    handler: async (argv) => {
      choose(await coreProgram(argv));
    },
  };
}

async function coreProgram({ file, gdb, symbols, module }: CoreArguments): Promise<ProgramOptions> {
  const address = gdbAddress(gdb);
  if (address === undefined)
    throw new UserError('core-without-gdb', 'a dump is there to be looked at: leave --gdb none out');
  const { wing, dump } = await opened(file);
  return {
    wing,
    name: basename(file),
    image: heldFile(new Uint8Array(0)),
    dump,
    memory: dump.memory,
    vcpus: dump.vcpus,
    clock: 'virtual',
    console: 'none',
    input: false,
    gdb: address,
    wait: true,
    symbols,
    kernelSymbols: checkedSources({ symbols, module }, wing),
  };
}

async function opened(path: string): Promise<{ readonly wing: Wing; readonly dump: Dump }> {
  const file = piecewise(path);
  for (const entry of wings) {
    const wing = await entry.load();
    const found = wing.openDump(file);
    if (found === undefined) continue;
    if (!found.ok) throw new UserError('dump-unreadable', `${path}: ${found.error.message}`);
    const { vcpus } = found.value;
    if (vcpus > entry.mostVcpus)
      throw new UserError('dump-unreadable', `${path} has ${vcpus} CPUs; up to ${entry.mostVcpus} can be had`);
    return { wing, dump: found.value };
  }
  const machine = readCore(file)?.machine;
  if (machine !== undefined) {
    const known = wings.map(({ name }) => name).join(' or ');
    throw new UserError(
      'dump-unreadable',
      `${path}: the core file is for ${elfMachineName(machine)}, not for ${known}`,
    );
  }
  const kinds = "a core file of `monitor dump` or of QEMU's dump-guest-memory, or a stand-alone dump";
  throw new UserError('dump-unreadable', `${path} is no dump of a guest that is known here: give ${kinds}`);
}

/** A file that may be larger than what can be read at once. It is opened for each read, of which there are few and large ones. */
function piecewise(path: string): PiecewiseFile {
  const using = <T>(use: (fd: number) => T): T => {
    let fd: number | undefined;
    try {
      fd = openSync(path, 'r');
      return use(fd);
    } catch (error) {
      throw new UserError(
        'dump-unreadable',
        `cannot read the dump: ${error instanceof Error ? error.message : String(error)}`,
      );
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
  const size = using((fd) => fstatSync(fd).size);
  return {
    size,
    read: (offset, count) =>
      using((fd) => {
        // A place that no file can have, too.
        if (offset >= size) return new Uint8Array(0);
        const bytes = new Uint8Array(count);
        return bytes.subarray(0, readSync(fd, bytes, 0, count, offset));
      }),
  };
}
