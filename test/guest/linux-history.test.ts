import { beforeAll, describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { assemble } from '../../src/cli/assemble.ts';
import { History } from '../../src/history/history.ts';
import { KeptDisk } from '../../src/history/kept-disk.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { MemoryDisk } from '../../src/virtio/block.ts';
import { type FoundLinux, findLinux, linuxImages } from '../support/linux.ts';
import { differences } from '../support/plain.ts';
import { randomWords } from '../support/seed.ts';
import { describeUnless } from '../support/tools.ts';

const long = process.env.GUESTSCOPE_LONG === '1';
/** Moves, places to move to, and where in a boot these begin and end. */
const { moves, places, first, span } = long
  ? { moves: 1000, places: 40, first: 200_000_000, span: 2_000_000_000 }
  : { moves: 10, places: 4, first: 100_000_000, span: 60_000_000 };
const CPUS = 4;
const SECTORS = 2048;
const now = (): number => performance.now();

const found: FoundLinux = await findLinux();

/** All of a state, but for what a mark leaves in the count of rounds. */
function stateOf(machine: Machine, disk: Uint8Array): object {
  const { progress: _, ...parts } = machine.capture([], false);
  return { ...parts, disk: disk.slice() };
}

function seek(history: History, to: bigint): void {
  history.leave();
  history.goTo(Math.max(0, history.before(to)));
  for (const way = history.forward(to, false); ; ) if (way.next().done === true) return;
}

describeUnless(found.lacks, 'the history of a boot of Linux on four CPUs', () => {
  let images: ReturnType<typeof linuxImages>;
  beforeAll(() => {
    if (found.kernel === undefined) throw new Error('there is no kernel');
    const script = 'while read line; do echo "$line" | dd of=/dev/vda seek=$((seek++)); done';
    images = linuxImages(found.kernel, script, ['virtio_blk']);
  });

  describe.each(['interpreter', 'translator'] as const)('in the %s', (kind) => {
    test('leads from any instant to any other, disk and input included, and every byte is what it was', () => {
      const bytes = new Uint8Array(512 * SECTORS);
      const disk = new KeptDisk(new MemoryDisk(bytes));
      const { guest, machine } = assemble(s390xWing, {
        memory: 128 << 20,
        vcpus: CPUS,
        devices: [{ kind: 'block', backend: disk }],
        clock: 'virtual',
        engine: { kind },
        now,
        console: () => undefined,
      });
      const { kernel: image, initramfs: initrd, commandLine } = images;
      const plan = guest.boot(() => loadImage({ storage: guest.storage, image, initrd, commandLine }));
      if (!plan.ok) throw new Error(plan.error.message);
      const { pages } = guest.state;
      if (pages === undefined) throw new Error('nothing is kept of this guest');
      const options = { budget: 64 << 20, spacing: 7_000_000n, spacingOfPage: 1000n };
      const history = new History(machine, pages, [disk], options, now);
      const words = randomWords(CPUS);
      const seen: { readonly at: bigint; readonly state: object }[] = [];
      let at = BigInt(first);
      for (let i = 0; i < places; i++, at += BigInt(1 + (words() % Math.floor(span / places)))) {
        expect(machine.runTo(at)).toBe(true);
        machine.enter({ kind: 'console-input', data: Buffer.from(`line ${i}\n`) });
        expect(machine.runTo(at + 1000n)).toBe(true);
        seen.push({ at: at + 1000n, state: stateOf(machine, bytes) });
      }
      expect(history.counts.marks).toBeGreaterThan(5);
      for (let i = 0; i < moves; i++) {
        const place = seen[words() % seen.length] ?? { at: 0n, state: {} };
        seek(history, place.at);
        const whole = disk.read(0, bytes.length) ?? new Uint8Array(0);
        expect(differences(stateOf(machine, whole), place.state)).toEqual([]);
      }
      history.goToPresent();
      expect(machine.time).toBe(seen.at(-1)?.at);
    });
  });
});
