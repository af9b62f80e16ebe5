/** A guest in storage of either byte order: the same instruction by instruction, and what leaves the one is taken by the other. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ByteOrder } from '../../src/bits/byte-order.ts';
import { StorageDigest } from '../../src/cli/saved/digest.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { move } from '../support/moving.ts';
import { historyOf, seek, stateOf } from '../support/past.ts';
import { differences } from '../support/plain.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

const guests = [
  ['ppc64-suite/suite-le', 2, 'power8', 420_000],
  ['ppc64-suite/suite-be', 2, 'power7', 420_000],
  ['demo-ppc64/demo', 1, 'power7', 31_000],
] as const;

type Begin = (order: ByteOrder) => Ppc64Machine;

function beginning(name: string, vcpus: number, cpu: string): Begin {
  const image = readFileSync(`${root}guests/${name}.elf`);
  return (order) => new Ppc64Machine({ image, memory: 32 << 20, vcpus, cpu, order });
}

const machineOf = ({ assembly }: Ppc64Machine): Machine => assembly.machine;
const storageOf = ({ guest }: Ppc64Machine) => guest.vm.complex.storage;

/** Random instants in rising order. */
function instants(words: () => number, end: number, count: number): bigint[] {
  return Array.from({ length: count }, () => BigInt(words() % end) + 1n).sort((a, b) => Number(a - b));
}

test.each(guests)('%s with %i vCPUs of a %s is the same at each instant', (name, vcpus, cpu, end) => {
  const begin = beginning(name, vcpus, cpu);
  const [big, little] = [begin('big'), begin('little')];
  expect([storageOf(big).order, storageOf(little).order]).toEqual(['big', 'little']);
  const digests = [big, little].map((m) => new StorageDigest(storageOf(m)));
  for (const at of [...instants(randomWords(vcpus), end, 12), BigInt(end) * 4n]) {
    expect(machineOf(little).runTo(at)).toBe(machineOf(big).runTo(at));
    expect(differences(machineOf(little).save(), machineOf(big).save())).toEqual([]);
    for (const digest of digests) digest.lookAtAll();
    expect(digests[1]?.total).toBe(digests[0]?.total);
  }
  expect(little.output).toBe(big.output);
  expect(little.counts).toEqual(big.counts);
});

test.each(guests)('%s with %i vCPUs of a %s moves to storage of the other order', async (name, vcpus, cpu, end) => {
  const begin = beginning(name, vcpus, cpu);
  const words = randomWords(end + vcpus);
  for (const [here, there] of [
    ['big', 'little'],
    ['little', 'big'],
  ] as const) {
    const [from, to, undisturbed] = [begin(here), begin(there), begin(here)];
    for (const m of [from, undisturbed]) machineOf(m).runTo(BigInt(words() % end) + 1n);
    const at = machineOf(from).time;
    undisturbed.assembly.machine.runTo(at);
    const moving = (m: Ppc64Machine) => ({ machine: machineOf(m), storage: storageOf(m), dirtyLog: m.guest.vm.dirty });
    expect(await move(moving(from), moving(to))).toMatchObject({ how: 'moved', arrived: false });
    expect(differences(machineOf(to).save(), machineOf(from).save())).toEqual([]);
    const further = at + 5_000n;
    expect(machineOf(to).runTo(further)).toBe(machineOf(from).runTo(further));
    expect(differences(machineOf(to).save(), machineOf(from).save())).toEqual([]);
  }
});

test.each(guests)('the past of %s with %i vCPUs of a %s goes along in a file', (name, vcpus, cpu, end) => {
  const begin = beginning(name, vcpus, cpu);
  const words = randomWords(end - vcpus);
  for (const [here, there] of [
    ['big', 'little'],
    ['little', 'big'],
  ] as const) {
    const [from, to] = [begin(here), begin(there)];
    const history = historyOf(machineOf(from), 3000n);
    const seen = instants(words, end, 6).map((at) => {
      machineOf(from).runTo(at);
      return { at: machineOf(from).time, state: stateOf(machineOf(from)) };
    });
    const saved = history.save();
    const intervals = [...saved.intervals];
    expect(intervals.some(({ pages }) => pages.length > 0)).toBe(true);
    const other = historyOf(machineOf(to), 3000n);
    machineOf(to).restore(machineOf(from).save());
    other.adopt(saved.history, intervals);
    for (const { at, state } of seen.toReversed()) {
      seek(other, at);
      expect(differences(stateOf(machineOf(to)), state)).toEqual([]);
    }
    // What the one writes of it, the other does to the byte.
    other.goToPresent();
    const again = [...other.save().intervals];
    expect(again.slice(0, intervals.length)).toEqual(intervals);
  }
});
