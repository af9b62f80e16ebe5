import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../support/sources.ts';
import { tool } from '../support/tools.ts';

// Structures are looked for in the source file where Linux has them.
const sources = ['entry.S', 'init/main.c'];
const flags = [
  ...['-g', '-O1', '-march=z10', '-mbackchain', '-mpacked-stack', '-msoft-float', '-ffreestanding'],
  ...['-fno-pie', '-no-pie', '-fno-asynchronous-unwind-tables', '-nostdlib', '-static'],
  ...['-Wl,--build-id=sha1', '-Wl,-Ttext=0x100000', '-Wl,-e,startup_continue'],
];

/** Builds the kernel of test/gdb/linux, which is like Linux in what debuggers look at; the file vanishes with the test. */
export function fakeLinux(): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-linux-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const to = join(folder, 'vmlinux');
  execFileSync(tool('s390x-linux-gnu-gcc'), [...flags, '-o', to, ...sources], { cwd: `${root}test/gdb/linux` });
  return to;
}

const ppc64Flags = [
  ...[
    '-g',
    '-O1',
    '-mcpu=power7',
    '-mabi=elfv2',
    '-mcmodel=small',
    '-msoft-float',
    '-mno-altivec',
    '-mno-vsx',
    '-ffreestanding',
  ],
  ...['-fno-pic', '-no-pie', '-fno-asynchronous-unwind-tables', '-nostdlib', '-static', '-Wl,--build-id=none'],
  ...['-Wl,--no-warn-rwx-segments', '-T', 'ppc64.lds'],
];

/** The same for ppc64, in the byte order of a compiler. */
export function fakePpc64Linux(compiler: 'powerpc64-linux-gnu-gcc' | 'powerpc64le-linux-gnu-gcc'): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestscope-linux-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const to = join(folder, 'vmlinux');
  const files = ['entry-ppc64.S', 'init/main.c'];
  execFileSync(tool(compiler), [...ppc64Flags, '-o', to, ...files], { cwd: `${root}test/gdb/linux` });
  return to;
}
