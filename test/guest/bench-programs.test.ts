import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CpuComplex } from '../../src/arch/s390x/cpu/complex.ts';
import { S390xCore } from '../../src/arch/s390x/cpu/core.ts';
import { instructionTable } from '../../src/arch/s390x/isa/table.ts';
import { loadImage } from '../../src/arch/s390x/vmm/ipl/load.ts';
import { Machine } from '../../src/machine/machine.ts';
import { buildTestEngine } from '../support/engine.ts';
import { guestOn } from '../support/s390x/guest.ts';

const programs = fileURLToPath(new URL('../../guests/bench/', import.meta.url));

/** Runs a program of guests/bench to its end: where its PSW is, 0 when its result was the expected one. */
function run(name: string): Promise<bigint> {
  const complex = new CpuComplex({ vcpus: 1, storage: 128 << 20 });
  const core = new S390xCore(complex, instructionTable);
  const interpreter = buildTestEngine(core, complex.memory, complex.filterAddress);
  const guest = guestOn(core, interpreter);
  const image = new Uint8Array(readFileSync(`${programs}${name}.elf`));
  const booted = guest.boot(() => loadImage({ storage: guest.storage, image }));
  expect(booted.ok).toBe(true);
  const machine = new Machine(guest, {
    clock: 'virtual',
    now: () => performance.now(),
    instructionsPerMicrosecond: 100,
  });
  return new Promise((resolve, reject) => {
    machine.onFault = reject;
    machine.onEnd = () => resolve(complex.vcpus[0]?.psw.address ?? -1n);
    machine.start();
  });
}

// One for each kind of code.
test.each([
  'float',
  'moves',
  'calls',
  'lists',
  'divide',
  'vmatrix',
  'vchecksum',
])('the compiled program %s comes to its expected result', async (name) => {
  expect(await run(name)).toBe(0n);
});
