import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { kinds } from '../../src/machine/migration/protocol.ts';
import { type Cut, goWith, move } from '../support/moving.ts';
import { differences } from '../support/plain.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

/**
 * Guests whose stores, hypercalls and page-table calls all come within so many instructions. A suite ends by itself, which may be at any
 * moment of a move, so that it stands still meanwhile; the demo runs, and waits for its decrementer between its heartbeats.
 */
const guests = [
  ['ppc64-suite/suite-be', 2, 'power7', 420_000, false],
  ['ppc64-suite/suite-le', 2, 'power8', 420_000, false],
  ['demo-ppc64/demo', 1, 'power7', 31_000, true],
] as const;

const movingOf = ({ assembly, guest }: Ppc64Machine) => ({
  machine: assembly.machine,
  storage: guest.vm.complex.storage,
  dirtyLog: guest.vm.dirty,
});

/** Both go on, and come to the same, storage and page table included. */
function expectAlike(a: Ppc64Machine, b: Ppc64Machine): void {
  const [one, other] = [a.assembly.machine, b.assembly.machine];
  expect(differences(one.save(), other.save())).toEqual([]);
  const end = one.time + 5_000n;
  expect(one.runTo(end)).toBe(other.runTo(end));
  expect(differences(one.save(), other.save())).toEqual([]);
}

test.each(
  guests,
)('%s with %i vCPUs of a %s moves at any instant, or stays where it is when the link breaks', async (name, vcpus, cpu, end, runs) => {
  const image = readFileSync(`${root}guests/${name}.elf`);
  const begin = (): Ppc64Machine => new Ppc64Machine({ image, memory: 32 << 20, vcpus, cpu });
  const words = randomWords(vcpus);
  for (let i = 0; i < 4; i++) {
    const [from, to] = [begin(), begin()];
    const { machine } = from.assembly;
    machine.runTo(BigInt(words() % end) + 1n);
    if (runs) machine.start();
    const cuts: Cut[] = [{}, { forth: words() % 12_000 }, {}, { inside: { kind: kinds.commit, at: words() } }];
    const { how, arrived } = await move(movingOf(from), movingOf(to), cuts[i]);
    machine.halt();
    if ((i & 1) === 0) {
      expect([how, arrived]).toEqual(['moved', runs]);
      expectAlike(from, to);
    } else {
      expect([how, arrived]).toEqual(['failed', undefined]);
      const undisturbed = begin();
      goWith(undisturbed.assembly.machine, machine);
      expectAlike(from, undisturbed);
      expect(from.guest.vm.dirty.readers()).toEqual([]);
    }
  }
});

test('what hypercalls store is in the log: it goes along though it was sent before', async () => {
  const image = readFileSync(`${root}guests/ppc64-suite/suite-be.elf`);
  const begin = (): Ppc64Machine => new Ppc64Machine({ image, memory: 32 << 20, vcpus: 2 });
  const [from, to] = [begin(), begin()];
  const { machine } = from.assembly;
  const reader = from.guest.vm.dirty.open('test');
  machine.runTo(1000n);
  reader.take(0, 8192, true);
  // Calls of firmware, which user space answers in storage, and areas of processors, which the kernel's side counts in.
  machine.runTo(420_000n);
  const frames = new Set(reader.take(0, 8192, true));
  const before = begin();
  before.assembly.machine.runTo(1000n);
  const bytes = ({ guest }: Ppc64Machine, frame: number) => guest.vm.complex.storage.read(frame * 4096, 4096);
  const changed = Array.from({ length: 8192 }, (_, frame) => frame).filter(
    (frame) => Buffer.compare(bytes(from, frame), bytes(before, frame)) !== 0,
  );
  expect(changed.length).toBeGreaterThan(5);
  expect(changed.filter((frame) => !frames.has(frame))).toEqual([]);
  from.guest.vm.dirty.close(reader);
  expect(await move(movingOf(from), movingOf(to))).toMatchObject({ how: 'moved', arrived: false });
  expectAlike(from, to);
});
