/** Programs on the bare machine, in both byte orders, that say of each thing whether it is as it should be. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { interruptions } from '../../src/arch/ppc64/cpu/interruptions.ts';
import { Ppc64Machine } from '../support/ppc64/machine.ts';
import { root } from '../support/sources.ts';

/** How many things the suite tries. */
const TRIED = { power7: 150, power8: 168 } as const;

test.each([
  ['big', 'be', 'power7'],
  ['little', 'le', 'power7'],
  ['big', 'be', 'power8'],
  ['little', 'le', 'power8'],
] as const)('all is as it should be in %s-endian mode', (_, order, cpu) => {
  const image = readFileSync(`${root}guests/ppc64-suite/suite-${order}.elf`);
  const machine = new Ppc64Machine({ image, memory: 64 << 20, vcpus: 2, cpu });
  for (let i = 0; i < 400 && machine.guest.end() === undefined; i++) {
    machine.assembly.machine.runTo(machine.assembly.machine.time + 1_000_000n);
  }
  const lines = machine.output.split('\n');
  expect(lines.filter((line) => line.startsWith('FAIL'))).toEqual([]);
  expect(lines.at(-2)).toBe(`suite: ${TRIED[cpu]} passed, 0 failed`);
  expect(machine.guest.end()?.message).toBe('the guest has switched itself off');
  // A test for each vector: what a guest cannot bring about is a reset and a machine check.
  const met = machine.guest.vm.vcpus.flatMap((v) => [...v.vcpu.taken.keys(), ...v.exits.keys()]);
  const never = interruptions.filter(({ vector }) => !met.includes(vector)).map(({ name }) => name);
  expect(never).toEqual([
    'system reset',
    'machine check',
    ...(cpu === 'power7' ? ['doorbell', 'facility unavailable'] : []),
  ]);
});
