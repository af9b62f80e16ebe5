import { expect, test } from 'vitest';
import { s390xWing } from '../../../../src/api/s390x-wing.ts';
import { heldFile } from '../../../../src/cli/boot-file.ts';
import type { ProgramOptions } from '../../../../src/cli/program.ts';
import { deviceOf, type NumberedDevice, recipeOf } from '../../../../src/cli/saved/recipe.ts';
import { SparseDisk } from '../../../../src/cli/saved/sparse-disk.ts';
import { type BlockBackend, MemoryDisk } from '../../../../src/virtio/block.ts';
import { deviceFunction } from '../../../../src/virtio/devices.ts';
import { SeededBytes } from '../../../../src/virtio/rng.ts';

const options: ProgramOptions = {
  ...{
    wing: s390xWing,
    name: 'guest',
    image: heldFile(new Uint8Array(0)),
    memory: 1 << 20,
    vcpus: 1,
    clock: 'virtual',
  },
  ...{ console: 'none', input: false, gdb: undefined, wait: false },
};

/** As a file on the host is. */
const file: BlockBackend = {
  size: 1 << 20,
  read: (_, length) => new Uint8Array(length),
  write: () => true,
  flush: () => true,
};
const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);

test.each<readonly [string, NumberedDevice]>([
  ['a disk that is a file', { kind: 'block', number: 3, backend: file }],
  ['a disk that can make bytes zero', { kind: 'block', number: 1, backend: new MemoryDisk(new Uint8Array(4096)) }],
  ['a disk to read only, with a name', { kind: 'block', number: 2, backend: file, readOnly: true, serial: 'name' }],
  ['a network card', { kind: 'net', number: 4, mac, backend: { send: () => undefined } }],
  ['random numbers', { kind: 'rng', number: 5, source: new SeededBytes(1) }],
  ['a console', { kind: 'console', number: 6, output: () => undefined }],
])('%s is offered to a guest by its recipe as it was: what is offered decides what the guest does', (_, device) => {
  const [recipe] = recipeOf(options, [device]).devices;
  if (recipe === undefined) throw new Error('there is no recipe');
  const made = deviceOf(structuredClone(recipe), (_number, size) => new SparseDisk(size));
  expect(made.number).toBe(device.number);
  const [before, after] = [deviceFunction(device), deviceFunction(made)];
  expect(after.type).toBe(before.type);
  expect(after.features).toBe(before.features);
  expect(after.queueSizes).toEqual(before.queueSizes);
  for (const littleEndian of [false, true]) {
    expect(after.configuration(littleEndian)).toEqual(before.configuration(littleEndian));
  }
  if (device.kind === 'block' && made.kind === 'block') {
    expect({ readOnly: made.readOnly, serial: made.serial }).toEqual({
      readOnly: device.readOnly ?? false,
      serial: device.serial ?? '',
    });
  }
});
