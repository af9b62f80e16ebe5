import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { atDisabledWait } from '../support/qemu.ts';
import { describeWithTools } from '../support/tools.ts';

const run = promisify(execFile);
const corpus = join(import.meta.dirname, 'corpus');
const programs = [
  'integers',
  'wide',
  'strings',
  'floating',
  'control',
  'structures',
  'atomics',
  'self_modifying',
  'vectors',
];
const flags =
  '-ffreestanding -fno-math-errno -fno-tree-loop-distribute-patterns -nostdlib -static -fno-pic -no-pie -Wl,-Ttext=0x20000 -Wl,--build-id=none';

interface Ending {
  readonly mask: bigint;
  readonly address: bigint;
  readonly gr: readonly bigint[];
}

/** Runs an image on the emulated machine to its end. */
function runHere(image: string): Promise<Ending> {
  const { guest, machine } = assemble(s390xWing, {
    memory: 16 << 20,
    vcpus: 1,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
  const plan = loadImage({ storage: guest.storage, image: new Uint8Array(readFileSync(image)) });
  if (!plan.ok) throw new Error(plan.error.message);
  guest.start(plan.value.psw);
  return new Promise((resolve, reject) => {
    machine.onFault = reject;
    machine.onEnd = () => {
      const vcpu = guest.vm.vcpus[0]?.vcpu;
      if (vcpu === undefined) throw new Error('no vCPU');
      const { mask, address } = vcpu.psw;
      resolve({ mask, address, gr: Array.from({ length: 16 }, (_, n) => vcpu.gr(n)) });
    };
    machine.start();
  });
}

/** The digests by program, for a message that names the one that differs. */
function digests(gr: readonly bigint[]): Record<string, string> {
  return Object.fromEntries(programs.map((name, i) => [name, (gr[i + 2] ?? 0n).toString(16)]));
}

describeWithTools(
  ['s390x-linux-gnu-gcc', 'qemu-system-s390x'],
  'compiled programs give what they give under QEMU',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'guestscope-corpus-'));
    afterAll(() => rmSync(directory, { recursive: true }));
    const sources = readdirSync(corpus)
      .filter((f) => f.endsWith('.c') || f.endsWith('.S'))
      .map((f) => join(corpus, f));

    /** Of the first image that was run in each mode: an instruction set changes no result. */
    const first = new Map<string, Record<string, string>>();

    describe.each(['-m64', '-m31 -mzarch'])('%s', (mode) => {
      describe.each(['z10', 'z196', 'zEC12', 'z13', 'z14', 'z15'])('-march=%s', (march) => {
        test.each(['-O0', '-O1', '-O2', '-O3'])('%s', async (level) => {
          const image = join(directory, `${mode}${march}${level}.elf`.replaceAll(' ', ''));
          await run('s390x-linux-gnu-gcc', [
            ...mode.split(' '),
            `-march=${march}`,
            level,
            ...flags.split(' '),
            '-o',
            image,
            ...sources,
          ]);
          const theirs = await atDisabledWait({ image, memory: 16, args: ['-cpu', 'max'] }, (monitor) => monitor.cpu());
          const here = await runHere(image);
          expect(theirs.address).toBe(0n);
          expect(digests(here.gr)).toEqual(digests(theirs.gr));
          expect(digests(here.gr)).toEqual(first.get(mode) ?? digests(here.gr));
          first.set(mode, digests(here.gr));
          expect(here.gr).toEqual(theirs.gr);
          expect(here.address).toBe(theirs.address);
          expect(here.mask).toBe(theirs.mask);
        });
      });
    });
  },
);
