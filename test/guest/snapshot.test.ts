import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { s390xWing } from '../../src/api/s390x-wing.ts';
import type { S390xGuest } from '../../src/arch/s390x/guest.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { type Assembly, assemble } from '../../src/cli/assemble.ts';
import { differences } from '../support/plain.ts';
import { expectRestoredAlike } from '../support/restored.ts';
import { randomWords } from '../support/seed.ts';
import { root } from '../support/sources.ts';

const MEMORY = 64 << 20;

/** A machine with the demo guest's storage, and nothing in it yet. */
function machine(vcpus: number): Assembly<S390xGuest> {
  return assemble(s390xWing, {
    memory: MEMORY,
    vcpus,
    clock: 'virtual',
    now: () => performance.now(),
    console: () => undefined,
  });
}

function demo(vcpus: number): Assembly<S390xGuest> {
  const image = new Uint8Array(readFileSync(`${root}guests/demo/demo.elf`));
  const assembly = machine(vcpus);
  const plan = assembly.guest.boot(() => loadImage({ storage: assembly.guest.storage, image }));
  if (!plan.ok) throw new Error(plan.error.message);
  return assembly;
}

describe.each([1, 4])('the demo with %i vCPUs, saved at some instants', (vcpus) => {
  test('goes on in the same way when it is restored, in the same machine and in a new one', () => {
    const saved = demo(vcpus).machine;
    const undisturbed = demo(vcpus).machine;
    const words = randomWords(vcpus);
    let at = 0n;
    for (let i = 0; i < 4; i++) {
      at += BigInt(words() % 4_000_000);
      const end = at + BigInt(words() % 2_000_000);
      expect(saved.runTo(at)).toBe(true);
      expectRestoredAlike(saved, end, () => machine(vcpus).machine);
      at = end;
    }
    expect(undisturbed.runTo(at)).toBe(true);
    expect(differences(undisturbed.save(), saved.save())).toEqual([]);
  });
});
