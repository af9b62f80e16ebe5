/** Runs images under the real qemu-system-s390x: the one place that starts it for tests. */

import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { type Exit, ended, Output } from './guest-process.ts';
import { tool } from './installed.ts';

/** QEMU's names of the consoles of SCLP: the ASCII one and the one in line mode. */
export type Console = 'sclpconsole' | 'sclplmconsole';

/** A machine without default devices. */
export interface QemuMachine {
  readonly image: string;
  /** MiB of storage. */
  readonly memory: number;
  /** More arguments. */
  readonly args?: readonly string[];
  /** The ASCII one when it is not given. */
  readonly console?: Console;
}

/** QEMU ended, or refused something, before the image was done. */
export class QemuEnded extends Error {}

/** A machine with its console on QEMU's standard output. Whoever starts it ends it, by `kill` at the latest. */
export class Qemu {
  /** What the guest wrote on its console. */
  readonly output = new Output();
  /** What QEMU itself had to say. */
  readonly words = new Output();
  readonly exit: Promise<Exit>;
  readonly #child: ChildProcess;

  constructor(machine: QemuMachine) {
    const console = ['-chardev', 'stdio,id=console', '-device', `${machine.console ?? 'sclpconsole'},chardev=console`];
    const child = startQemu(machine, console);
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => this.output.add(chunk));
    child.stderr.on('data', (chunk: Buffer) => this.words.add(chunk));
    this.exit = ended(child);
    void this.exit.then(() => {
      this.output.end();
      this.words.end();
    });
  }

  /** Ends it at once, if it has not ended. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.exit;
  }
}

/** What a guest that ends by itself wrote on its console. Throws when QEMU was not content with how it ended. */
export async function consoleUnderQemu(machine: QemuMachine): Promise<string> {
  const qemu = new Qemu(machine);
  const { status } = await qemu.exit;
  if (status === 0) return qemu.output.text;
  throw new QemuEnded(`QEMU ended with ${status}: ${qemu.words.text}\n${qemu.output.text.slice(-2000)}`);
}

/** Runs an image to its disabled wait, and looks at the machine as that left it. Throws a `QemuEnded` when it never gets there. */
export async function atDisabledWait<T>(
  { args = [], ...machine }: QemuMachine,
  look: (monitor: QemuMonitor) => Promise<T>,
): Promise<T> {
  const monitor = new QemuMonitor({ ...machine, args: [...args, '-no-shutdown', '-action', 'panic=pause', '-S'] });
  try {
    // It starts only when somebody hears how it ends.
    await monitor.ask('qmp_capabilities');
    await monitor.ask('cont');
    await monitor.panicked;
    return await look(monitor);
  } finally {
    await monitor.end();
  }
}

/** The state of the first CPU. */
export interface QemuCpu {
  readonly mask: bigint;
  readonly address: bigint;
  readonly gr: readonly bigint[];
}

interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
  readonly event?: string;
}

/** A machine that is asked over its monitor. */
class QemuMonitor {
  /** Settled when the guest has come to a disabled wait. */
  readonly panicked: Promise<void>;
  readonly #child: ReturnType<typeof startQemu>;
  readonly #waiting: { resolve: (answer: string) => void; reject: (reason: Error) => void }[] = [];
  readonly #ended: Promise<void>;

  constructor(machine: QemuMachine) {
    this.#child = startQemu(machine, ['-qmp', 'stdio']);
    let said = '';
    this.#child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    let panicked: { resolve: () => void; reject: (reason: Error) => void } | undefined;
    this.panicked = new Promise<void>((resolve, reject) => {
      panicked = { resolve, reject };
    });
    // Heard by whoever waits for it, if anybody does.
    this.panicked.catch(() => undefined);
    this.#ended = ended(this.#child).then(() => {
      const reason = new QemuEnded(`QEMU ended: ${said}`);
      panicked?.reject(reason);
      for (const w of this.#waiting.splice(0)) w.reject(reason);
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      // What QEMU says when it aborts is no message.
      const message: Message = line.startsWith('{') ? JSON.parse(line) : {};
      if (message.event === 'GUEST_PANICKED') panicked?.resolve();
      if (message.error !== undefined) this.#waiting.shift()?.reject(new Error(message.error.desc));
      else if (message.return !== undefined) this.#waiting.shift()?.resolve(String(message.return));
    });
  }

  /** Executes a command of QEMU's machine protocol and gives its answer as text. */
  ask(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  }

  /** PSW and general registers. */
  async cpu(): Promise<QemuCpu> {
    return parseRegisters(await this.ask('human-monitor-command', { 'command-line': 'info registers' }));
  }

  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

function startQemu({ image, memory, args = [] }: QemuMachine, streams: readonly string[]) {
  const bare = ['-M', 's390-ccw-virtio', '-m', String(memory), '-nodefaults', '-display', 'none'];
  return spawn(tool('qemu-system-s390x'), [...bare, ...streams, ...args, '-kernel', image], { stdio: 'pipe' });
}

function parseRegisters(text: string): QemuCpu {
  const psw = /PSW=mask ([0-9a-f]+) addr ([0-9a-f]+)/.exec(text);
  if (psw === null) throw new Error(`QEMU shows no PSW: ${text}`);
  const gr = Array.from({ length: 16 }, (_, n) => {
    const found = new RegExp(`R${String(n).padStart(2, '0')}=([0-9a-f]+)`).exec(text);
    return BigInt(`0x${found?.[1] ?? ''}`);
  });
  return { mask: BigInt(`0x${psw[1] ?? ''}`), address: BigInt(`0x${psw[2] ?? ''}`), gr };
}
