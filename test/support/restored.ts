import { expect } from 'vitest';
import type { Machine } from '../../src/machine/machine.ts';
import { differences, notPlain } from './plain.ts';

/**
 * Expects that a machine, from where it is on, comes to the same at `end` undisturbed, restored, and restored into a new one
 * that `make` gives: every byte and every saved value.
 */
export function expectRestoredAlike(machine: Machine, end: bigint, make: () => Machine): void {
  const before = machine.save();
  expect(notPlain(before)).toEqual([]);
  expect(machine.runTo(end)).toBe(true);
  const after = machine.save();
  expect(differences(after, before)).not.toEqual([]);
  machine.restore(before);
  expect(machine.runTo(end)).toBe(true);
  expect(differences(machine.save(), after)).toEqual([]);
  const fresh = make();
  fresh.restore(structuredClone(before));
  expect(fresh.runTo(end)).toBe(true);
  expect(differences(fresh.save(), after)).toEqual([]);
}
