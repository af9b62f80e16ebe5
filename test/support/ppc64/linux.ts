/** What boots as Linux on ppc64: made or fetched by the scripts of `guests/ppc64-linux` where the cache does not have it yet. */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../sources.ts';

/** A file of the cache, or why it is not there: for `describeUnless`. */
export interface Made {
  /** Empty where it is lacking. */
  readonly path: string;
  readonly lacks: readonly string[];
  /** Whether it is the script's fault that there is none, and not that something from outside is missing. */
  readonly required: boolean;
}

/** What a script ends with that misses something from outside. */
const LACKING = 3;
/** Of what a script has said, the end. */
const LINES_SHOWN = 12;

/** The big-endian kernel with the types of its main structures. Two or three minutes of processor time where it is not there. */
export function builtKernel(): Promise<Made> {
  return made('build-kernel.sh', 'vmlinux');
}
/** Debian's busybox for it, static. */
export function compiledBusybox(): Promise<Made> {
  return made('compile-busybox.sh', 'busybox-ppc64');
}
/** Debian's little-endian kernel. */
export function debianKernel(): Promise<Made> {
  return made('get-debian.sh', 'vmlinux-ppc64el');
}
/** Debian's busybox for it, which wants a POWER8. */
export function debianBusybox(): Promise<Made> {
  return made('get-debian.sh', 'busybox-ppc64el');
}

/** What takes long is tested where that is asked for. */
export function unlessLong(make: () => Promise<Made>): () => Promise<Made> {
  if (process.env.GUESTSCOPE_LONG === '1') return make;
  return () => Promise.resolve({ path: '', lacks: ['is long: GUESTSCOPE_LONG=1'], required: false });
}

async function made(script: string, name: string): Promise<Made> {
  const cache = process.env.GUESTSCOPE_CACHE_PPC64 ?? join(homedir(), '.cache', 'guestscope', 'ppc64');
  const { status, said } = await run(script, cache);
  if (status === 0) return { path: join(cache, name), lacks: [], required: true };
  const words = said.trim().split('\n').slice(-LINES_SHOWN).join('\n');
  return { path: '', lacks: [`guests/ppc64-linux/${script}: ${words}`], required: status !== LACKING };
}

/** The initial ramdisk of `guests/ppc64-linux` with a small shell without a C library. */
export function buildInitrd(prefix = 'powerpc64-linux-gnu-'): Promise<Uint8Array> {
  return ramdisk('build-init.sh', prefix, 'initrd.cpio');
}
/** The one with a busybox. */
export function busyboxInitrd(busybox: string): Promise<Uint8Array> {
  return ramdisk('build-busybox.sh', busybox, 'busybox.cpio');
}

async function ramdisk(script: string, argument: string, name: string): Promise<Uint8Array> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-init-'));
  try {
    const { status, said } = await run(script, directory, argument);
    if (status !== 0) throw new Error(`guests/ppc64-linux/${script}: ${said}`);
    return readFileSync(join(directory, name));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function run(
  script: string,
  ...args: readonly string[]
): Promise<{ readonly status: number | null; readonly said: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', [join(root, 'guests/ppc64-linux', script), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    const heard = (chunk: Buffer): void => {
      said += chunk.toString();
    };
    child.stdout.on('data', heard);
    child.stderr.on('data', heard);
    child.on('error', (error) => resolve({ status: LACKING, said: error.message }));
    child.on('close', (status) => resolve({ status, said }));
  });
}
