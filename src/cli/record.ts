import type { CommandModule } from 'yargs';
import { waitWithoutGdb } from './demo.ts';
import type { Host } from './host.ts';
import { checkedModules, moduleOption } from './module-files.ts';
import { commonOptions, consoleChoice, engineChoice } from './options.ts';
import type { ProgramOptions } from './program.ts';
import { Recording } from './saved/recording.ts';
import { openGuest, programOf } from './saved/saved-program.ts';
import { givenSources } from './symbol-sources.ts';
import { UserError } from './user-error.ts';
import { gdbAddress, historyBudget } from './values.ts';

const MIB = 1 << 20;
const LEAST_ROOM = 16;

/** Where a recording goes. */
export type RecordChoice = NonNullable<ProgramOptions['record']>;

interface RecordArguments {
  readonly file: string;
  readonly room: string;
}

/** Options that `record` takes in front of `--`. */
export const recordOptions = {
  room: {
    type: 'string',
    requiresArg: true,
    default: '1024M',
    description: 'how large the file may become; what came first goes then, such as 256M',
  },
} as const;

/** `guestscope record FILE -- COMMAND`; `choose` is told where to. */
export function recordCommand(choose: (choice: RecordChoice) => void): CommandModule<object, RecordArguments> {
  return {
    command: 'record <file>',
    builder: (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, description: 'what `replay` is to be given' })
        .options(recordOptions),
    handler: ({ file, room }) => choose({ path: file, room: roomOf(room) }),
  };
}

function roomOf(text: string): number {
  const found = /^(\d+)([MG])?$/i.exec(text);
  const mebibytes = Number(found?.[1] ?? Number.NaN) * (found?.[2]?.toUpperCase() === 'G' ? 1024 : 1);
  if (mebibytes >= LEAST_ROOM) return mebibytes * MIB;
  throw new UserError('usage', `--room ${text}: give a size from ${LEAST_ROOM}M on, such as 256M or 4G`);
}

interface ReplayArguments {
  readonly file: string;
  readonly gdb: string;
  readonly wait: boolean;
  readonly history: string;
  readonly engine: 'translator' | 'interpreter' | undefined;
  readonly console: string;
  readonly symbols: string | undefined;
  readonly module: readonly string[] | undefined;
}

const { gdb, wait, engine, history, console } = commonOptions;

/** Options that `replay` takes. */
export const replayOptions = {
  ...{ gdb, wait, engine, history, console },
  symbols: {
    type: 'string',
    requiresArg: true,
    description: "the kernel's vmlinux: gdb gets its symbols where the kernel was put",
  },
  module: moduleOption,
} as const;

/** `guestscope replay FILE`; `choose` is told what is to be run. */
export function replayCommand(
  host: Host,
  choose: (options: ProgramOptions) => void,
): CommandModule<object, ReplayArguments> {
  return {
    command: 'replay <file>',
    builder: (yargs) =>
      yargs
        .positional('file', { type: 'string', demandOption: true, description: 'what `record` has written' })
        .options(replayOptions),
    handler: async (argv) => choose(await replayProgram(argv, host)),
  };
}

async function replayProgram(argv: ReplayArguments, host: Host): Promise<ProgramOptions> {
  const gdb = gdbAddress(argv.gdb);
  if (argv.wait && gdb === undefined) throw waitWithoutGdb();
  const history = historyBudget(argv.history);
  if (history === undefined)
    throw new UserError('history-size', 'a replay goes by its history: leave --history off away');
  const recording = openGuest(argv.file, (path) => new Recording(path), 'recording-unreadable');
  const { symbols } = argv;
  const saved = await programOf(recording);
  const modules = checkedModules(argv.module, saved.wing);
  return {
    ...saved,
    // Nobody waits for what is known.
    clock: 'virtual',
    passOnStatus: false,
    replay: recording,
    engine: engineChoice(argv.engine, host),
    console: consoleChoice(argv.console),
    input: false,
    ...{ gdb, history, wait: argv.wait },
    ...(symbols === undefined ? {} : { symbols }),
    kernelSymbols: givenSources(symbols, modules),
  };
}
