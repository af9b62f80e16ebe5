import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandModule, Options } from 'yargs';
import { heldFile } from './boot-file.ts';
import type { Host } from './host.ts';
import { readInput } from './input.ts';
import { commonOptions, consoleChoice, engineChoice } from './options.ts';
import type { ProgramOptions } from './program.ts';
import { UserError } from './user-error.ts';
import { gdbAddress, historyBudget } from './values.ts';
import { wingOf, wings } from './wings.ts';

const MEMORY = 64 << 20;

interface DemoArguments {
  readonly arch: string;
  readonly gdb: string;
  readonly wait: boolean;
  readonly history: string;
  readonly 'save-on-crash': string | undefined;
  readonly clock: 'real' | 'virtual';
  readonly engine: 'translator' | 'interpreter' | undefined;
  readonly console: string;
}

/** Options of `demo` alone. */
export const demoOwnOptions = {
  arch: {
    choices: wings.map((w) => w.name),
    requiresArg: true,
    default: 's390x',
    description: 'the architecture whose demo guest is booted',
  },
} as const satisfies Record<string, Options>;

/** `guestscope demo`; `choose` is told what is to be run. */
export function demoCommand(
  host: Host,
  choose: (options: ProgramOptions) => void,
): CommandModule<object, DemoArguments> {
  return {
    command: 'demo',
    builder: (yargs) =>
      yargs.options({
        ...demoOwnOptions,
        ...commonOptions,
        clock: { ...commonOptions.clock, default: 'real' } as const,
      }),
    handler: async (argv) => {
      choose(await demoOptions(argv, host));
    },
  };
}

async function demoOptions(argv: DemoArguments, host: Host): Promise<ProgramOptions> {
  const gdb = gdbAddress(argv.gdb);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  // The same place from src/cli and from dist/cli.
  const demo = wings.find((w) => w.name === argv.arch)?.demo;
  if (demo === undefined) throw new UserError('usage', `there is no architecture ${argv.arch}`);
  const path = fileURLToPath(new URL(`../../guests/${demo}`, import.meta.url));
  const image = readInput(path, { code: 'image-unreadable', what: 'demo guest' });
  return {
    wing: await wingOf(image).load(),
    name: 'demo',
    image: heldFile(image),
    memory: MEMORY,
    vcpus: 1,
    engine: engineChoice(argv.engine, host),
    clock: argv.clock,
    console: consoleChoice(argv.console),
    // The demo guest does not read its console, and Ctrl-C shall end it.
    input: false,
    gdb,
    wait: argv.wait,
    history: historyBudget(argv.history),
    saveOnCrash: argv['save-on-crash'],
    symbols: shortest(path),
    // The image names a folder that is not there.
    sources: shortest(dirname(path)),
  };
}

/** Nobody could ever let the guest go. */
export function waitWithoutGdb(): UserError {
  return new UserError('wait-without-gdb', '--wait waits for gdb, which --gdb none keeps away: leave one of them out');
}

function shortest(path: string): string {
  const near = relative('', path);
  return near.startsWith('..') ? path : near;
}
