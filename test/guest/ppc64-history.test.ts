import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { historyOf, seek, stateOf } from '../support/past.ts';
import { differences } from '../support/plain.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { expectRestoredAlike } from '../support/restored.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

const imageOf = (name: string): Uint8Array => readFileSync(`${root}guests/${name}.elf`);

/** Guests that do much in few instructions, and how many of those they certainly have. */
const guests = [
  { name: 'demo-ppc64/demo', vcpus: 1, cpu: 'power7', end: 400_000_000n, early: 30_000n },
  { name: 'ppc64-suite/suite-be', vcpus: 2, cpu: 'power7', end: 430_000n, early: 430_000n },
  { name: 'ppc64-suite/suite-le', vcpus: 2, cpu: 'power8', end: 430_000n, early: 430_000n },
] as const;

describe.each(guests)('the past of $name with $vcpus vCPUs of a $cpu', ({ name, vcpus, cpu, end, early }) => {
  const image = imageOf(name);
  const begin = (): Machine => new Ppc64Machine({ image, memory: 64 << 20, vcpus, cpu }).assembly.machine;
  /** Instants in rising order, half of them where it does most. */
  const instants = (words: () => number, count: number): bigint[] =>
    Array.from({ length: count }, (_, i) => BigInt(words()) % (i % 2 === 0 ? early : end)).sort((a, b) =>
      Number(a - b),
    );

  test('leads back to each instant as it was, in any order, and on from the present', () => {
    const machine = begin();
    const history = historyOf(machine, 3000n);
    const words = randomWords(vcpus);
    const seen = instants(words, 8).map((at) => {
      expect(machine.runTo(at)).toBe(true);
      return { at, state: stateOf(machine) };
    });
    expect(history.counts.marks).toBeGreaterThan(5);
    for (let i = 0; i < 12; i++) {
      const { at, state } = seen[words() % seen.length] ?? { at: 0n, state: {} };
      seek(history, at);
      expect(machine.time).toBe(at);
      expect(differences(stateOf(machine), state)).toEqual([]);
    }
    history.goToPresent();
    expect(history.isPast).toBe(false);
    expect(machine.runTo(end)).toBe(true);
    const undisturbed = begin();
    expect(undisturbed.runTo(end)).toBe(true);
    expect(differences(undisturbed.save(), machine.save())).toEqual([]);
  });

  test('goes on alike when it is restored at any instant, in the same machine and in a new one', () => {
    const saved = begin();
    for (const [from, to] of pairs(instants(randomWords(vcpus), 8))) {
      expect(saved.runTo(from)).toBe(true);
      expectRestoredAlike(saved, to, begin);
    }
    const undisturbed = begin();
    expect(undisturbed.runTo(saved.time)).toBe(true);
    expect(differences(undisturbed.save(), saved.save())).toEqual([]);
  });
});

test('what a guest does behind a wait does not depend on what the machine executed before it was restored there', () => {
  const machine = new Ppc64Machine({ image: imageOf('demo-ppc64/demo'), memory: 64 << 20, vcpus: 1, cpu: 'power7' });
  const { machine: run } = machine.assembly;
  const [v] = machine.guest.vm.vcpus;
  const waits = (): boolean => v?.ceded === true;
  const toWait = (): void => {
    for (let i = 0; !waits() && i < 1e6; i++) run.runTo(run.time + 1n);
    expect(waits()).toBe(true);
  };
  run.runTo(300_000_000n);
  toWait();
  const waiting = run.save();
  // A beat of its clock: what it executes between two waits.
  for (let i = 0; waits() && i < 1000; i++) run.runTo(run.time + 10_000n);
  const returns: bigint[] = [];
  for (let i = 0; !waits() && i < 10_000; i++) {
    run.runTo(run.time + 1n);
    if (v !== undefined && machine.guest.vm.core.textAt(v.vcpu) === 0x4c00_0024) returns.push(run.time);
  }
  expect(returns.length).toBeGreaterThan(0);
  const end = run.time + 5_000_000n;
  run.runTo(end);
  const state = run.save();
  for (const at of returns) {
    run.restore(waiting);
    run.runTo(at);
    run.restore(waiting);
    run.runTo(end);
    expect(differences(run.save(), state)).toEqual([]);
  }
});

function pairs(all: readonly bigint[]): (readonly [bigint, bigint])[] {
  return all.flatMap((from, i) => {
    const to = all[i + 1];
    return i % 2 === 1 || to === undefined || to === from ? [] : [[from, to] as const];
  });
}
