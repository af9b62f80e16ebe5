import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import {
  type BootEnd,
  bootLinux,
  type ConsolePiece,
  findLinux,
  type LinuxImages,
  linuxImages,
  linuxUnderQemu,
} from '../support/linux.ts';
import { describeUnless, describeWithTools, tool } from '../support/tools.ts';

const run = promisify(execFile);
const guest = join(import.meta.dirname, 'linux');
const flags =
  '-march=z196 -O2 -Wall -Wextra -Werror -ffreestanding -nostdlib -static -fno-pic -no-pie -fno-stack-protector';
/**
 * A boot is what takes time here: the second one for the comparison ends early unless there is time, but not before the
 * kernel writes its messages as they come, behind 2.1e9 instructions.
 */
const budget = process.env.GUESTSCOPE_LONG === '1' ? undefined : 2_300_000_000n;
/** Load on one processor is not yet load on several. */
const vcpus = 2;

/** The user program for both modes, by the path that it has in the guest. */
async function userPrograms(): Promise<Record<string, Uint8Array>> {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-user-'));
  const build = async (mode: number): Promise<[string, Uint8Array]> => {
    const program = join(directory, `user${mode}`);
    await run(tool('s390x-linux-gnu-gcc'), [`-m${mode}`, ...flags.split(' '), '-o', program, join(guest, 'user.c')]);
    return [`/root/user${mode}`, readFileSync(program)];
  };
  try {
    return Object.fromEntries([await build(64), await build(31)]);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What the script's parts said: the lines that begin with a bar, by the headings between them. */
function partsOf(console: string): Map<string, string[]> {
  const parts = new Map<string, string[]>();
  let lines: string[] = [];
  for (const line of console.split(/\r?\n/)) {
    const heading = /^\| == (.*)/.exec(line)?.[1];
    if (heading !== undefined) {
      lines = [];
      parts.set(heading, lines);
    } else if (line.startsWith('| ')) lines.push(line.slice(2));
  }
  return parts;
}

const script = readFileSync(join(guest, 'script.sh'), 'utf8');
const headings = [...script.matchAll(/^part '(.*)'$/gm)].map(([, heading = '']) => heading);

const linux = await findLinux();

describeUnless(linux.lacks, 'Debian boots, and its user space', () => {
  describeWithTools(['s390x-linux-gnu-gcc', 'qemu-system-s390x'], 'beside QEMU', comparison);
});

function comparison(): void {
  let images: LinuxImages;
  let other: Promise<string>;
  let boot: BootEnd;
  let again: BootEnd;
  let here = new Map<string, string[]>();
  let qemu = new Map<string, string[]>();

  beforeAll(async () => {
    if (linux.kernel === undefined) throw new Error(linux.lacks.join());
    const more = { files: await userPrograms(), loose: ['loop', 'virtio_blk'] };
    images = linuxImages(linux.kernel, script, ['crc32c_generic', 'ext4'], more);
    other = linuxUnderQemu(images, { vcpus });
    // It is awaited below; until then its failure is nobody's.
    other.catch(() => undefined);
    boot = await bootLinux({ images, vcpus });
    here = partsOf(boot.output);
  });
  beforeAll(async () => {
    qemu = partsOf(await other);
    again = await bootLinux({ images, vcpus, budget });
  });

  test('powers off at the end of its script', () => {
    expect(boot.output.slice(-500)).toMatch(/script ended with status 0\s/);
    expect(boot, boot.output.slice(-3000)).toMatchObject({ status: 0 });
  });

  test.each(headings)('does what it does under QEMU: %s', (heading) => {
    expect(here.get(heading)).toEqual(qemu.get(heading));
    expect(qemu.get(heading)?.length, 'lines under QEMU').toBeGreaterThan(heading === 'end' ? -1 : 0);
  });

  test('no kernel warning and no stall on the way', () => {
    expect(boot.output).not.toMatch(/WARNING:|BUG:|Oops|rcu.*stall|soft lockup|Call Trace/);
  });

  test('a second boot says the same at the same instruction', () => {
    const total = ({ at }: ConsolePiece): bigint => at.reduce((a, b) => a + b, 0n);
    const first = budget === undefined ? boot.pieces : boot.pieces.slice(0, again.pieces.length);
    expect(again.pieces).toEqual(first);
    expect(again.pieces.length).toBeGreaterThan(4);
    const last = again.pieces.at(-1);
    expect(last === undefined ? 0n : total(last)).toBeGreaterThanOrEqual(budget ?? 1_000_000_000n);
    if (budget === undefined) expect(again.instructions).toEqual(boot.instructions);
  });
}
