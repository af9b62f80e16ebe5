import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { attach, type Gdb } from '../support/gdb.ts';
import { GuestProcess } from '../support/guest-process.ts';
import { tool } from '../support/tools.ts';

/** Where a tiny guest's code lies and begins. */
export const TINY_START = 0x10000;

/** Assembles a bare-metal guest, entered at `_start` at 0x10000 with DAT off; the ELF file vanishes with the test. */
export function tinyGuest(source: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-gdb-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, 'tiny.S'), join(folder, 'tiny.elf')];
  writeFileSync(from, `\t.text\n\t.globl _start\n${source}\n`);
  const link = ['-nostdlib', '-static', '-Wl,--build-id=none', `-Wl,-Ttext=0x${TINY_START.toString(16)}`];
  execFileSync(tool('s390x-linux-gnu-gcc'), ['-g', '-march=z10', '-o', to, from, ...link], { cwd: folder });
  return to;
}

/** A PSW for `.quad` that waits for ever at `address`, 64-bit addressing, all interruptions disabled. */
export function disabledWait(address: number): string {
  return `.quad 0x0002000180000000, 0x${address.toString(16)}`;
}

/** A tiny guest that has begun to wait for gdb, and gdb at it with its symbols. */
export async function debugTiny(source: string): Promise<Gdb> {
  const image = tinyGuest(source);
  const { port } = await GuestProcess.start(image);
  return attach(port, image);
}
