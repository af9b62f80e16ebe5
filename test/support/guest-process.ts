import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { root } from './sources.ts';

/** What a process wrote, to be waited for piece by piece. */
export class Output {
  #text = '';
  #ended = false;
  #waiters: (() => void)[] = [];

  get text(): string {
    return this.#text;
  }
  add(chunk: Buffer): void {
    this.#text += chunk.toString('latin1');
    this.#wake();
  }
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The first match at or behind `from`; rejects when the output ends without one. */
  async find(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    for (;;) {
      const match = new RegExp(pattern.source, `g${pattern.flags.replace('g', '')}`);
      match.lastIndex = from;
      const found = match.exec(this.#text);
      if (found !== null) return found;
      if (this.#ended) throw new Error(`the output ended without ${pattern}:\n${this.#text.slice(from)}`);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #wake(): void {
    for (const resume of this.#waiters.splice(0)) resume();
  }
}

/** How a process ended. */
export interface Exit {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Waits until a process has ended and all that it wrote was read. */
export function ended(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => child.once('close', (status, signal) => resolve({ status, signal })));
}

/** A `guestscope` that runs as a program of its own and ends with the test. */
export class GuestProcess {
  /** The guest's console. */
  readonly console = new Output();
  /** The program's own words. */
  readonly words = new Output();
  /** The port of its gdb server. */
  readonly port: number;
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, exit: Promise<Exit>, console: Output, words: Output, port: number) {
    this.#child = child;
    this.exit = exit;
    this.console = console;
    this.words = words;
    this.port = port;
  }

  /** Runs an image with its first instruction yet to come, on a clock that depends on nothing but the guest. */
  static start(image: string, options: readonly string[] = []): Promise<GuestProcess> {
    const stopped = ['--gdb', '0', '--wait', '--clock', 'virtual', '--memory', '64M'];
    return GuestProcess.startWith(['run', image, ...stopped, ...options]);
  }

  /** Runs the program with these arguments, which must make it listen. */
  static async startWith(args: readonly string[]): Promise<GuestProcess> {
    const program = process.env.GUESTSCOPE_PROGRAM ?? `${root}dist/cli/main.js`;
    if (!existsSync(program)) throw new Error(`${program} is not there: npm run build makes it`);
    const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    const [console, words] = [new Output(), new Output()];
    child.stdout.on('data', (chunk: Buffer) => console.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => words.add(chunk));
    const exit = ended(child);
    void exit.then(() => {
      console.end();
      words.end();
    });
    const found = await words.find(/gdb server on 127\.0\.0\.1:(\d+).*to attach/);
    return new GuestProcess(child, exit, console, words, Number(found[1]));
  }

  /** Ends it as a shell would. */
  interrupt(): void {
    this.#child.kill('SIGINT');
  }
}

/** The demo guest with its debug information. */
export const demoImage = `${root}guests/demo/demo.elf`;
