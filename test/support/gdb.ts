import { type ChildProcess, spawn } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { type Exit, ended, Output } from './guest-process.ts';
import { root } from './sources.ts';
import { tool } from './tools.ts';

/** Settings under which gdb says the same wherever it runs. */
const settings = [
  'set prompt',
  'set confirm off',
  'set pagination off',
  'set width 0',
  'set height 0',
  'set style enabled off',
  'set print thread-events off',
  'set debuginfod enabled off',
  'set sysroot',
  // A server on a busy host takes its time; with gdb's own two seconds a late answer would be taken for the next question's.
  'set remotetimeout 3600',
  'set tcp connect-timeout 3600',
  `directory ${root}guests/demo`,
];

/** A real gdb that takes commands one after another; it ends with the test. */
export class Gdb {
  readonly #child: ChildProcess;
  readonly #output = new Output();
  readonly exit: Promise<Exit>;
  #commands = 0;
  #read = 0;

  /** `files` are programs whose symbols gdb reads, at most one. */
  constructor(...files: readonly string[]) {
    const args = ['-nx', '-q', ...settings.flatMap((line) => ['-iex', line]), ...files];
    const child = spawn('sh', ['-c', 'exec "$0" "$@" 2>&1', tool('gdb-multiarch'), ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, LC_ALL: 'C', TERM: 'dumb' },
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    child.stdout.on('data', (chunk: Buffer) => this.#output.add(chunk));
    // A gdb that has quit is seen by the end of its output.
    child.stdin.on('error', () => undefined);
    this.exit = ended(child);
    void this.exit.then(() => this.#output.end());
    this.#child = child;
  }

  /** Everything that gdb has said, marks between commands left out. */
  get transcript(): string {
    return this.#output.text.replaceAll(/^@@\d+\n/gm, '');
  }

  /** Carries out commands; resolves to what each of them said, without the last line end. */
  async run(...commands: readonly string[]): Promise<string[]> {
    const said: string[] = [];
    for (const command of commands) said.push(await this.start(command));
    return said;
  }

  /** Carries out one command, which may take until `interrupt`. */
  async start(command: string): Promise<string> {
    const mark = `@@${++this.#commands}`;
    this.#child.stdin?.write(`${command}\necho ${mark}\\n\n`);
    const found = await this.#output.find(new RegExp(`^${mark}\n`, 'm'), this.#read);
    const said = this.#output.text.slice(this.#read, found.index);
    this.#read = found.index + found[0].length;
    return said.replace(/\n$/, '');
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }
  /** Gone without a word to the server. */
  die(): void {
    this.#child.kill('SIGKILL');
  }
}

/** A gdb with a program's symbols, attached to the server at `port`. */
export async function attach(port: number, ...files: readonly string[]): Promise<Gdb> {
  const gdb = new Gdb(...files);
  await gdb.run(`target remote 127.0.0.1:${port}`);
  return gdb;
}
