import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import type { GuestEnd } from '../../src/machine/guest.ts';
import { consoleUnderQemu } from '../support/qemu.ts';
import { buildSuite } from '../support/suite.ts';
import { describeWithTools } from '../support/tools.ts';

/** Each suite with its number of CPUs, and their model: 16 MiB of storage, checks by the program itself, its verdicts on the console. */
const suites: readonly (readonly [name: string, vcpus: number, cpu?: string])[] = [
  ['facilities', 1],
  ['control', 1],
  ['keys', 1],
  ['frames', 1],
  ['dat', 1],
  ['execute', 1],
  ['emulated', 1],
  ['per', 1],
  ['signals', 3],
  ['clocks', 3],
  ['many', 248],
  ['interpretive', 1],
  ['topology', 70, 'max,ctop=on'],
];

/** What QEMU 7.2 does otherwise than the architecture has it, by the names of the checks that fail. */
const qemuFails: readonly (readonly [suite: string, why: string, checks: readonly string[]])[] = [
  ['facilities', 'it announces the floating-point extension without decimal floating point', ['37 implies 42']],
  [
    'execute',
    'odd addresses, alignment of operands by relative address, overflow exceptions, SET ADDRESS SPACE CONTROL',
    [
      'EX of an odd address',
      'its length',
      'a branch to an odd address',
      'LRL unaligned',
      'LGRL unaligned',
      'LGFRL unaligned',
      'LLGFRL unaligned',
      'STRL unaligned',
      'STGRL unaligned',
      'CRL unaligned',
      'CGRL unaligned',
      'CLGFRL unaligned',
      'CDSG of an odd register',
      'overflow under the program mask',
      'SAC 100 with DAT off',
      'SAC 0 with DAT off',
      'SAC 100 without secondary-space control',
      'SAC 500',
      'SAC 300',
      'SAC 100',
      'SAC 200',
      'no interruption',
      'SAC 300 in the problem state',
    ],
  ],
];

interface Outcome {
  readonly lines: readonly string[];
  readonly end: GuestEnd;
}

function runHere(image: string, vcpus: number, kind: 'translator' | 'interpreter', cpu = 'max'): Promise<Outcome> {
  let text = '';
  const { guest, machine } = assemble(s390xWing, {
    memory: 16 << 20,
    vcpus,
    cpu,
    engine: { kind },
    clock: 'virtual',
    now: () => performance.now(),
    console: (bytes) => {
      text += Buffer.from(bytes).toString('latin1');
    },
  });
  const plan = loadImage({ storage: guest.storage, image: new Uint8Array(readFileSync(image)) });
  if (!plan.ok) throw new Error(plan.error.message);
  guest.start(plan.value.psw);
  return new Promise((resolve, reject) => {
    machine.onFault = reject;
    machine.onEnd = (end) => resolve({ lines: linesOf(text), end });
    machine.start();
  });
}

/** The console of a run under QEMU, which ends by itself. */
async function runUnderQemu(image: string): Promise<readonly string[]> {
  return linesOf(await consoleUnderQemu({ image, memory: 16, args: ['-no-reboot'] }));
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).filter((line) => line !== '');
}

function failed(lines: readonly string[]): string[] {
  return lines.filter((line) => line.startsWith('NOT OK'));
}

describeWithTools(['s390x-linux-gnu-gcc', 'qemu-system-s390x'], 'programs that test their machine', () => {
  const directory = mkdtempSync(join(tmpdir(), 'guestscope-suites-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  const built = new Map<string, Promise<string>>();
  const build = (name: string): Promise<string> => {
    const before = built.get(name);
    if (before !== undefined) return before;
    const made = buildSuite(name, directory);
    built.set(name, made);
    return made;
  };

  const both = suites.flatMap(([name, vcpus, cpu]) =>
    (['translator', 'interpreter'] as const).map((kind) => [name, kind, vcpus, cpu] as const),
  );
  test.each(both)('%s: every check of it holds, %s', async (name, kind, vcpus, cpu) => {
    const { lines, end } = await runHere(await build(name), vcpus, kind, cpu);
    expect(failed(lines)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('ok ')).length).toBeGreaterThan(30);
    expect(end.status).toBe(0);
  });

  test.each(qemuFails)('%s under QEMU fails where QEMU is wrong: %s', async (name, _why, checks) => {
    const found = failed(await runUnderQemu(await build(name))).map((line) => /^NOT OK +([^:]+)/.exec(line)?.[1]);
    expect([...new Set(found)]).toEqual(checks);
  });
});
