/** A program that debugs another one by Linux's ptrace, and a kprobe: users of the guest's own program-event recording. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { tool } from './tools.ts';

const run = promisify(execFile);
const flags =
  '-m64 -march=z196 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -fno-stack-protector';

/** The debugging program, and places in it by name. */
export async function traced(): Promise<{ readonly program: Uint8Array; readonly at: (name: string) => bigint }> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-traced-'));
  try {
    const file = join(directory, 'traced');
    const source = join(import.meta.dirname, '../guest/linux/traced.c');
    await run(tool('s390x-linux-gnu-gcc'), [...flags.split(' '), '-o', file, source]);
    const { stdout } = await run('s390x-linux-gnu-nm', [file]);
    const places = new Map(
      [...stdout.matchAll(/^([0-9a-f]+) \w (\w+)$/gm)].map(([, at = '', name = '']) => [name, at]),
    );
    return { program: readFileSync(file), at: (name) => BigInt(`0x${places.get(name) ?? '0'}`) };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Runs the program, and then lets the kernel probe itself. */
export const tracedScript = `
dmesg -n 1
/root/traced
mount -t tracefs none /sys/kernel/tracing
cd /sys/kernel/tracing
echo 'p:gs do_sys_openat2+6' >kprobe_events && echo 1 >events/kprobes/gs/enable
cat /proc/uptime >/dev/null
awk '{ print "| probe " ($2 > 0 ? "hit" : "missed") }' kprobe_profile
`;

/** What both say, by what its own PER must do: seven steps to known places, and a store that is met. */
export const tracedLines = [
  '| stopped with 137f',
  '| steps 7',
  `| where they led ${[4, 8, 0x10, 0x16, 0x1a, 0x22, 0x26].reduce((sum, at) => sum * 31n + BigInt(at), 0n).toString(16)}`,
  '| register 2 7',
  '| stopped with 137f',
  '| watchpoint 57f',
  '| behind the store 0',
  '| ended with 700',
  '| probe hit',
];
