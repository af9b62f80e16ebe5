/** Runs a test image under Hercules, which knows instructions that QEMU does not. */

import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tool } from '../support/tools.ts';
import { MachineEnded, type Oracle } from './comparison.ts';
import { herculesDifferences, missingInHercules } from './hercules-differences.ts';
import type { OracleImage } from './image.ts';
import { real, storageFor } from './layout.ts';
import { readResults } from './result.ts';

/** Hercules as an oracle. */
export const herculesOracle: Oracle = {
  run: runUnderHercules,
  // It refuses rounding modes that came with the floating-point extension facility.
  adapt: (of) => ({ ...of, fpc: (of.fpc & ~0x74) >>> 0 }),
  differences: herculesDifferences,
  missing: missingInHercules,
};

const RESTART_NEW_PSW = 0x1a0;
const MASK_64 = 0x0000_0001_8000_0000n;
/** What Hercules says at a disabled wait, which is how the image ends. */
const DISABLED_WAIT = /HHCCP011I CPU0000: Disabled wait state\s+PSW=[0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})/;

async function runUnderHercules(image: OracleImage): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-hercules-'));
  const file = (name: string): string => join(directory, name);
  const bytes = image.bytes.slice();
  const view = new DataView(bytes.buffer);
  view.setBigUint64(RESTART_NEW_PSW, MASK_64);
  view.setBigUint64(RESTART_NEW_PSW + 8, BigInt(real.runner));
  writeFileSync(file('image'), bytes);
  const size = `MAINSIZE ${storageFor(image.cases.length) >> 20}`;
  writeFileSync(file('configuration'), `${size}\nNUMCPU 1\nARCHMODE ESAME\nOSTAILOR QUIET\n000C 3505 /dev/null\n`);
  // The script of commands is a pipe, so that the last ones come when the image has ended, however long that takes.
  execFileSync('mkfifo', [file('script')]);
  const hercules = new Hercules(file('configuration'), file('script'));
  try {
    await hercules.command(`loadcore ${file('image')} 0`);
    await hercules.command('restart');
    const psw = await hercules.waits;
    const end = image.results + image.resultBytes - 1;
    await hercules.command(`savecore ${file('results')} ${image.results.toString(16)} ${end.toString(16)}`);
    await hercules.command('exit');
    await hercules.ended;
    const results = readFileSync(file('results'));
    if (BigInt(`0x${psw}`) === 0n) return results;
    const done = readResults(results, image.cases.length);
    const at = image.cases[done.findIndex((r) => r.pswMask === 0n && r.address === 0n)];
    throw new Error(`the image stopped at ${psw}, in case ${at?.mnemonic}:${at?.number} (${at?.text})`);
  } finally {
    await hercules.end();
    rmSync(directory, { recursive: true });
  }
}

class Hercules {
  /** Settled with the PSW's address when the CPU has come to a disabled wait. */
  readonly waits: Promise<string>;
  readonly ended: Promise<void>;
  readonly #child;
  readonly #script;

  constructor(configuration: string, script: string) {
    this.#child = spawn(tool('hercules'), ['-f', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HERCULES_RC: script },
    });
    let said = '';
    let settle: { resolve: (address: string) => void; reject: (reason: Error) => void } | undefined;
    this.waits = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    // Heard by whoever waits for it, if anybody does.
    this.waits.catch(() => undefined);
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      const address = DISABLED_WAIT.exec(said)?.[1];
      if (address !== undefined) settle?.resolve(address);
    };
    this.#child.stdout.on('data', hear);
    this.#child.stderr.on('data', hear);
    this.ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        settle?.reject(new MachineEnded(`Hercules ended: ${said.slice(-1000)}`));
        resolve();
      });
    });
    this.#script = createWriteStream(script);
    // When it has ended nobody reads any more; that is heard above.
    this.#script.on('error', () => undefined);
  }

  /** Gives it a command to carry out. */
  command(words: string): Promise<void> {
    return new Promise((resolve) => {
      this.#script.write(`${words}\n`, () => resolve());
    });
  }

  /** Ends the process, if it has not ended by itself. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
    this.#script.destroy();
  }
}
