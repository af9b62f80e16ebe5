import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { historyOf, seek, stateOf } from '../support/past.ts';
import { differences } from '../support/plain.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

const MEMORY = 64 << 20;
const SPACING = 150_000n;
const now = (): number => performance.now();

function demo(vcpus: number): Assembly<S390xGuest> {
  const image = new Uint8Array(readFileSync(`${root}guests/demo/demo.elf`));
  const assembly = assemble(s390xWing, { memory: MEMORY, vcpus, clock: 'virtual', now, console: () => undefined });
  const plan = assembly.guest.boot(() => loadImage({ storage: assembly.guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  return assembly;
}

describe.each([1, 4])('the history of the demo with %i vCPUs', (vcpus) => {
  test('leads back to each instant as it was, in any order, and on from the present', () => {
    const { machine } = demo(vcpus);
    const history = historyOf(machine, SPACING);
    const words = randomWords(vcpus);
    const seen: { readonly at: bigint; readonly state: object }[] = [];
    for (let at = 0n; seen.length < 6; ) {
      at += BigInt(1 + (words() % 3_000_000));
      expect(machine.runTo(at)).toBe(true);
      seen.push({ at, state: stateOf(machine) });
    }
    expect(history.counts.marks).toBeGreaterThan(5);
    for (let i = 0; i < 12; i++) {
      const { at, state } = seen[words() % seen.length] ?? { at: 0n, state: {} };
      seek(history, at);
      expect(machine.time).toBe(at);
      expect(differences(stateOf(machine), state)).toEqual([]);
    }
    history.goToPresent();
    expect(history.isPast).toBe(false);
    const end = machine.time + 1_000_000n;
    expect(machine.runTo(end)).toBe(true);
    const undisturbed = demo(vcpus).machine;
    expect(undisturbed.runTo(end)).toBe(true);
    expect(differences(undisturbed.save(), machine.save())).toEqual([]);
  });
});

describe('the room of a history', () => {
  test('is what was given, at each turn, in the past, and behind a fork', () => {
    const BUDGET = 1 << 20;
    const { machine } = demo(2);
    const history = historyOf(machine, SPACING, BUDGET);
    const most = { live: 0, past: 0, forked: 0 };
    const note = (where: keyof typeof most): void => {
      most[where] = Math.max(most[where], history.counts.bytes);
    };
    const run = (to: bigint): void => {
      for (let at = machine.time; at < to; ) {
        at += 10_000n;
        expect(machine.runTo(at)).toBe(true);
        note(history.futures.length > 0 ? 'forked' : 'live');
      }
    };
    run(8_000_000n);
    expect(history.beginning.why).toBe('budget');
    const words = randomWords(7);
    for (let round = 0; round < 8; round++) {
      const { at } = history.beginning;
      seek(history, at + (BigInt(words() % 1000) * (history.end - at)) / 1000n);
      history.settle();
      note('past');
      const first = history.fork();
      note('forked');
      expect(first === undefined || history.futures.includes(first)).toBe(true);
      run(machine.time + 300_000n);
      // One that branches off elsewhere cannot be entered from here.
      if (round % 2 === 1 && history.futures.some((future) => history.enter(future, true))) {
        note('past');
        history.goToPresent();
      }
    }
    for (const bytes of Object.values(most)) expect(bytes).toBeLessThanOrEqual(BUDGET);
    expect(most.live).toBeGreaterThan(BUDGET / 2);
  });
});
