/** Runs a test image under qemu-system-s390x and reads its results through the monitor. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { tool } from '../../support/tools.ts';
import { MachineEnded, type Oracle } from './comparison.ts';
import type { OracleImage } from './image.ts';
import { knownDifferences, missingThere } from './known-differences.ts';
import { storageFor } from './layout.ts';

/** The CPU model: every facility that QEMU has. */
const MODEL = 'max';

/** QEMU as an oracle. */
export const qemuOracle: Oracle = { run: runUnderQemu, differences: knownDifferences, missing: missingThere };

async function runUnderQemu(image: OracleImage): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-qemu-'));
  try {
    const kernel = join(directory, 'image');
    const dump = join(directory, 'results');
    writeFileSync(kernel, image.bytes);
    const storage = `${storageFor(image.cases.length) >> 20}M`;
    const machine = ['-M', 's390-ccw-virtio', '-cpu', MODEL, '-accel', 'tcg', '-m', storage, '-nodefaults'];
    const how = ['-display', 'none', '-no-shutdown', '-action', 'panic=pause', '-S', '-qmp', 'stdio'];
    const qemu = new Qemu([...machine, ...how, '-kernel', kernel]);
    try {
      // It starts only when somebody hears how it ends.
      await qemu.ask('qmp_capabilities');
      await qemu.ask('cont');
      await qemu.panicked;
      const registers = await qemu.ask('human-monitor-command', { 'command-line': 'info registers' });
      const psw = /PSW=mask ([0-9a-f]+) addr ([0-9a-f]+)/.exec(registers);
      if (psw?.[2] !== '0000000000000000') throw new Error(`the image stopped with ${registers.slice(0, 200)}`);
      await qemu.ask('pmemsave', { val: image.results, size: image.resultBytes, filename: dump });
      return readFileSync(dump);
    } finally {
      await qemu.end();
    }
  } finally {
    rmSync(directory, { recursive: true });
  }
}

interface Message {
  readonly return?: unknown;
  readonly error?: { readonly desc?: string };
  readonly event?: string;
}

class Qemu {
  /** Settled when the guest has come to a disabled wait. */
  readonly panicked: Promise<void>;
  readonly #child;
  readonly #waiting: { resolve: (answer: string) => void; reject: (reason: Error) => void }[] = [];
  readonly #ended: Promise<void>;

  constructor(args: readonly string[]) {
    this.#child = spawn(tool('qemu-system-s390x'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
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
    this.#ended = new Promise((done) => {
      this.#child.on('close', () => {
        const reason = new MachineEnded(`QEMU ended: ${said}`);
        panicked?.reject(reason);
        for (const w of this.#waiting.splice(0)) w.reject(reason);
        done();
      });
    });
    createInterface(this.#child.stdout).on('line', (line) => {
      // What QEMU says when it aborts is no message.
      const message: Message = line.startsWith('{') ? JSON.parse(line) : {};
      if (message.event === 'GUEST_PANICKED') panicked?.resolve();
      if (message.error !== undefined) this.#waiting.shift()?.reject(new Error(message.error.desc));
      else if (message.return !== undefined) this.#waiting.shift()?.resolve(String(message.return));
    });
  }

  /** Executes a monitor command and gives its answer as text. */
  ask(execute: string, args: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#child.stdin.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  }

  /** Ends the process. */
  async end(): Promise<void> {
    this.#child.kill();
    await this.#ended;
  }
}
