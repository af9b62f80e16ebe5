import { expect, test } from 'vitest';
import { type WingEntry, wingOf, wings } from '../../../src/cli/wings.ts';
import { buildElfFile } from '../image/elf-builder.ts';

const [first] = wings;
if (first === undefined) throw new Error('there is no architecture');
const other: WingEntry = { ...first, name: 'other', elfMachines: [21], rawImages: false };
const known = [other, first];

const elf = (machine: number, littleEndian = false): Buffer =>
  buildElfFile({ wide: true, littleEndian }, { machine, segments: [{ address: 0, data: Uint8Array.of(1) }] });

test('what is said of an architecture before it is loaded is what it says itself', async () => {
  for (const { load, hasDebian, ...said } of wings) {
    const wing = await load();
    expect(wing).toMatchObject(said);
    expect(hasDebian).toBe(wing.debian !== undefined);
  }
});

test('an image goes to the architecture that its header names, in either byte order', () => {
  expect(wingOf(elf(22), known)).toBe(first);
  expect(wingOf(elf(21), known)).toBe(other);
  expect(wingOf(elf(21, true), known)).toBe(other);
});

test('an image that is no ELF file goes to the first that boots such images', () => {
  expect(wingOf(Buffer.alloc(0x20000), known)).toBe(first);
  expect(() => wingOf(Buffer.alloc(0x20000), [other])).toThrow('no ELF file');
});

test('an image for something else is refused with the names of what there is', () => {
  expect(() => wingOf(elf(62), known)).toThrow(
    'the ELF file is for x86-64: give one that was linked for other or s390x',
  );
});
