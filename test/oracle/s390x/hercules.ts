/** Runs a test image under Hercules, which knows instructions that QEMU does not. */

import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Output } from '../../support/guest-process.ts';
import { tool } from '../../support/tools.ts';
import { MachineEnded, type Oracle } from './comparison.ts';
import { herculesDifferences, missingInHercules } from './hercules-differences.ts';
import type { OracleImage } from './image.ts';
import { real, storageFor } from './layout.ts';
import { readResults } from './result.ts';

/** Hercules as an oracle. */
export const herculesOracle: Oracle = {
  vectors: false,
  run: runUnderHercules,
  // It refuses binary rounding modes that came with the floating-point extension facility.
  adapt: (of) => ({ ...of, fpc: (of.fpc & ~0x04) >>> 0 }),
  differences: herculesDifferences,
  missing: missingInHercules,
};

const RESTART_NEW_PSW = 0x1a0;
const MASK_64 = 0x0000_0001_8000_0000n;
/** What Hercules says at a disabled wait, which is how the image ends. */
const DISABLED_WAIT = /HHCCP011I CPU0000: Disabled wait state\s+PSW=[0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})/;
/** What it says to savecore: done, or that the CPU, which has just said that it waits, has not stopped yet. */
const SAVED = /HHCPN(170I|\d{3}E)/;
const NOT_STOPPED = '102E';

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
    const [, psw = ''] = await hercules.says(DISABLED_WAIT);
    const end = image.results + image.resultBytes - 1;
    const save = `savecore ${file('results')} ${image.results.toString(16)} ${end.toString(16)}`;
    for (let answer = ''; answer !== '170I'; ) {
      if (answer !== '' && answer !== NOT_STOPPED) throw new Error(`Hercules does not save its storage: ${answer}`);
      await hercules.command(save);
      answer = (await hercules.says(SAVED))[1] ?? '';
    }
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
  readonly ended: Promise<void>;
  readonly #child;
  readonly #script;
  readonly #output = new Output();
  /** How far its output was looked at. */
  #heard = 0;

  constructor(configuration: string, script: string) {
    this.#child = spawn(tool('hercules'), ['-f', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, HERCULES_RC: script },
    });
    this.#child.stdout.on('data', (chunk: Buffer) => this.#output.add(chunk));
    this.#child.stderr.on('data', (chunk: Buffer) => this.#output.add(chunk));
    this.ended = new Promise((resolve) => {
      this.#child.on('close', () => {
        this.#output.end();
        resolve();
      });
    });
    // Opened for reading, too, so that opening waits for nobody. When Hercules has ended nobody reads any more; whoever waits
    // for its words hears of that.
    this.#script = createWriteStream(script, { flags: 'r+' });
    this.#script.on('error', () => undefined);
  }

  /** Waits until it says something, behind what it was heard to say before. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    try {
      const found = await this.#output.find(pattern, this.#heard);
      this.#heard = found.index + found[0].length;
      return found;
    } catch (error) {
      throw new MachineEnded(error instanceof Error ? error.message : String(error));
    }
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
