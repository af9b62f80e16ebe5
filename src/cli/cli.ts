import { readFileSync } from 'node:fs';
import yargs from 'yargs';
import { type CommandOptions, readArguments } from './arguments.ts';
import { coreCommand, coreOptions } from './core.ts';
import { demoCommand } from './demo.ts';
import { exitStatus } from './exit-status.ts';
import type { Host } from './host.ts';
import { linuxCommand, linuxOptions, linuxSharedOptions } from './linux/command.ts';
import { commonOptions } from './options.ts';
import { type ProgramEnd, type ProgramOptions, runProgram } from './program.ts';
import { runCommand, runOptions } from './run.ts';
import { UserError } from './user-error.ts';

const epilogue = [
  "The guest's console is standard output; guestscope's own words go to standard error.",
  'Exit status: 0 the guest stopped itself, 1 it crashed, 2 a mistake in the command line or its files,',
  '3 a fault of guestscope or an instruction that it lacks, 128 + N when signal N ended it.',
  'A test image that prints EXIT: STATUS=n and stops its CPUs makes it (n - 1) / 2 under run.',
].join('\n');

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

const commands: CommandOptions = {
  demo: commonOptions,
  run: { ...runOptions, ...commonOptions },
  linux: { ...linuxSharedOptions, ...linuxOptions, ...commonOptions },
  core: coreOptions,
};

async function parse(args: readonly string[], host: Host): Promise<Request> {
  let chosen: ProgramOptions | undefined;
  let text = '';
  const choose = (options: ProgramOptions): void => {
    chosen = options;
  };
  const parser = yargs()
    .scriptName('guestscope')
    .usage('$0 <command> [options]\n\nRuns an s390x guest under an emulated SIE core and serves gdb over TCP.')
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
    .command(demoCommand(host, choose))
    .command(runCommand(host, choose))
    .command(linuxCommand(host, choose))
    .command(coreCommand(choose))
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
  return { kind: 'say', text };
}

/** Columns for a help text. It is made whether it is wanted or not, and is soonest made without. */
function width(args: readonly string[], { stdout }: Host): number | null {
  if (args.length > 0 && !args.some((a) => ['help', '--help', '-h'].includes(a))) return null;
  return stdout.isTTY === true ? Math.min(120, yargs().terminalWidth()) : 100;
}

/** What is left to complain of once the words are read: too many of them, or none where one is needed. */
function complaint(args: readonly string[], message: string | null): string {
  const said = (message ?? '').trim().replace(/\s*\n\s*/g, ' ');
  if (said.startsWith('Not enough non-option'))
    return args.includes('core') ? 'core needs a FILE' : 'run needs an IMAGE';
  const words = /^Unknown (?:arguments?|commands?): (.*)$/.exec(said)?.[1];
  return words === undefined ? said.replace(/[.?]$/, '') : `too many words: ${words}`;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) return String(manifest.version);
  throw new Error('package.json has no version');
}
