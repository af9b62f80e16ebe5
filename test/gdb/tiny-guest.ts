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

/** Compiles a bare-metal guest of C whose first function is `begin`; the ELF file vanishes with the test. */
export function cGuest(source: string, name: string, optimized: '-O0' | '-O1' = '-O1'): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-gdb-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [from, to] = [join(folder, `${name}.c`), join(folder, `${name}.elf`)];
  writeFileSync(from, `${source}${entry}`);
  const flags = ['-w', '-g', optimized, '-march=z10', '-ffreestanding', '-fno-pie', '-no-pie', '-nostdlib', '-static'];
  const more = ['-fno-inline', '-fno-ipa-sra', '-fno-optimize-sibling-calls', '-Wl,--build-id=none'];
  const start = `-Wl,-Ttext=0x${TINY_START.toString(16)}`;
  execFileSync(tool('s390x-linux-gnu-gcc'), [...flags, ...more, start, '-o', to, from], { cwd: folder });
  return to;
}
const entry = `
asm(".globl _start\\n_start: larl %r15, stack\\n aghi %r15, 8032\\n brasl %r14, begin\\n j .\\n"
    ".bss\\n.balign 8\\nstack: .space 8192\\n.text\\n");
`;

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
