import yargs, { type CommandModule } from 'yargs';
import { description, epilogue, version } from './about.ts';
import { type CommandOptions, readArguments } from './arguments.ts';
import { type CommandRow, commandRows } from './commands.ts';
import { completionCommand } from './completion.ts';
import { coreCommand } from './core.ts';
import { demoCommand } from './demo.ts';
import type { ProgramEnd } from './ending.ts';
import { exitStatus } from './exit-status.ts';
import type { Host } from './host.ts';
import { linuxCommand } from './linux/command.ts';
import { type ProgramOptions, runProgram } from './program.ts';
import { type RecordChoice, recordCommand, replayCommand } from './record.ts';
import { runCommand } from './run.ts';
import { UserError } from './user-error.ts';

/** What the command line asks for. */
type Request =
  | { readonly kind: 'run'; readonly options: ProgramOptions }
  | { readonly kind: 'say'; readonly text: string };

/** The program: carries out a command line, without the words before its arguments. Never rejects. */
export async function main(args: readonly string[], host: Host): Promise<ProgramEnd> {
  try {
    const request = await parse(args, host);
    if (request.kind === 'run') return await runProgram(request.options, host);
    host.stdout.write(`${request.text}\n`);
    return { status: exitStatus.done };
  } catch (error) {
    if (error instanceof UserError) {
      host.stderr.write(`guestscope: ${error.message} [${error.code}]\n`);
      return { status: exitStatus.usage };
    }
    host.stderr.write(`guestscope: internal error: ${error instanceof Error ? error.stack : String(error)}\n`);
    return { status: exitStatus.fault };
  }
}

const commands: CommandOptions = Object.fromEntries(commandRows.map((row) => [row.name, row.options]));

/** A command line, in front of which a recording may be asked for. */
async function parse(args: readonly string[], host: Host): Promise<Request> {
  const cut = args[0] === 'record' ? args.indexOf('--') : -1;
  if (cut < 0) return parseOne(args, host, undefined);
  const inner = await parseOne(args.slice(cut + 1), host, undefined);
  if (inner.kind !== 'run' || inner.options.dump !== undefined || inner.options.replay !== undefined) {
    throw new UserError(
      'usage',
      'record wants a guest that runs behind --, such as: guestscope record FILE -- run IMAGE',
    );
  }
  return parseOne(args.slice(0, cut), host, inner.options);
}

/** `recorded` is what a recording is to be made of. */
async function parseOne(args: readonly string[], host: Host, recorded: ProgramOptions | undefined): Promise<Request> {
  let chosen: ProgramOptions | undefined;
  let text = '';
  let printed: string | undefined;
  const choose = (options: ProgramOptions): void => {
    chosen = options;
  };
  const parser = yargs()
    .scriptName('guestscope')
    .usage(`$0 <command> [options]\n\n${description}`)
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'duplicate-arguments-array': true,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .command(described(demoCommand(host, choose)))
    .command(described(runCommand(host, choose)))
    .command(described(linuxCommand(host, choose)))
    .command(described(coreCommand(choose)))
    .command(described(recordCommand((record) => choose(recordedOptions(recorded, record)))))
    .command(described(replayCommand(host, choose)))
    .command(
      described(
        completionCommand(commandRows, (script) => {
          printed = script;
        }),
      ),
    )
    .demandCommand(
      1,
      'say what to do: guestscope demo, guestscope linux, guestscope run IMAGE, or guestscope core FILE',
    )
    .strict()
    .version(version())
    .help()
    .alias({ help: 'h', version: 'V' })
    .epilogue(epilogue)
    .wrap(width(args, host))
    .exitProcess(false)
    .fail((message, error) => {
      // Errors of yargs itself are about the arguments, too.
      if (error instanceof Error && error.name !== 'YError') throw error;
      throw new UserError('usage', `${complaint(args, message)}; guestscope --help says more`);
    });
  await parser.parseAsync(readArguments(args, commands), {}, (_error: unknown, _argv: unknown, output: string) => {
    text = output;
  });
  if (chosen !== undefined) return { kind: 'run', options: chosen };
  return { kind: 'say', text: printed ?? text };
}

function recordedOptions(recorded: ProgramOptions | undefined, record: RecordChoice): ProgramOptions {
  if (recorded !== undefined) return { ...recorded, record };
  throw new UserError('usage', 'record needs a command behind --, such as: guestscope record FILE -- run IMAGE');
}

/** A command with its summary. */
function described<T>(command: CommandModule<object, T>): CommandModule<object, T> {
  const name = String(command.command).split(' ')[0];
  const row = commandRows.find((r) => r.name === name);
  if (row === undefined) throw new Error(`the command ${name} has no row`);
  return { ...command, describe: row.summary };
}

/** Columns for a help text. It is made whether it is wanted or not, and is soonest made without. */
function width(args: readonly string[], { stdout }: Host): number | null {
  if (args.length > 0 && !args.some((a) => ['help', '--help', '-h'].includes(a))) return null;
  return stdout.isTTY === true ? Math.min(120, yargs().terminalWidth()) : 100;
}

/** What is left to complain of once the words are read: too many of them, or none where one is needed. */
function complaint(args: readonly string[], message: string | null): string {
  const said = (message ?? '').trim().replace(/\s*\n\s*/g, ' ');
  if (said.startsWith('Not enough non-option')) return missingWord(args);
  const words = /^Unknown (?:arguments?|commands?): (.*)$/.exec(said)?.[1];
  return words === undefined ? said.replace(/[.?]$/, '') : `too many words: ${words}`;
}

function missingWord(args: readonly string[]): string {
  const row: CommandRow | undefined = commandRows.find((r) => r.name === args.find((a) => !a.startsWith('-')));
  if (row?.words !== undefined) return `${row.name} needs one of ${row.words.join(', ')}`;
  const word = row?.word?.toUpperCase() ?? 'word';
  return `${row?.name ?? 'the command'} needs ${/^[AEIO]/.test(word) ? 'an' : 'a'} ${word}`;
}
