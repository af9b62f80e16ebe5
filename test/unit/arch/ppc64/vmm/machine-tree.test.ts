import { expect, test } from 'vitest';
import { cpuModels } from '../../../../../src/arch/ppc64/cpu/model.ts';
import { machineTree } from '../../../../../src/arch/ppc64/vmm/machine-tree.ts';
import type { GuestIdentity } from '../../../../../src/wing/wing.ts';

const tree = (identity?: GuestIdentity): string =>
  Buffer.from(
    machineTree({
      ...{ memory: 64 << 20, vcpus: 1, model: cpuModels.power7, hptOrder: 24, rtas: 0x3f0_0000, commandLine: '' },
      identity,
    }),
  ).toString('utf8');

test('a guest is told what it is called', () => {
  const said = tree({ name: 'Köln', uuid: Uint8Array.from({ length: 16 }, (_, i) => i) });
  for (const text of ['ibm,partition-name\0', 'Köln\0', 'system-id\0', 'vm,uuid\0']) expect(said).toContain(text);
  expect(said).toContain('00010203-0405-0607-0809-0a0b0c0d0e0f\0');
});

test('a guest without a name is told of none', () => {
  expect(tree()).not.toMatch(/partition-name|system-id|vm,uuid/);
});
