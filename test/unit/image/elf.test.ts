import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { elfMachine, parseElf } from '../../../src/image/elf.ts';
import { buildIdOf, readBuildId, readSections } from '../../../src/image/elf-file.ts';
import { type BuiltSection, type BuiltShape, buildElfFile, Numbers, shapes } from './elf-builder.ts';

const code = Uint8Array.of(1, 2, 3, 4);
const BUILD_ID = 'a1b2c3d4';

function buildIdNote(shape: BuiltShape): Uint8Array {
  return new Numbers(shape).put(4, 4, 4, 3).text('GNU').bytes(Buffer.from(BUILD_ID, 'hex')).finish();
}

/** A symbol table with the names `start`, a function, and `here`, a label, and its strings. */
function symbolSections(shape: BuiltShape): readonly BuiltSection[] {
  const strings = Buffer.from('\0start\0here\0');
  const table = new Numbers(shape).bytes(new Uint8Array(shape.wide ? 24 : 16));
  for (const [name, type, address, size] of [
    [1, 2, 0x2000, 4],
    [7, 0, 0x2010, 0],
  ] as const) {
    table.put(4, name);
    if (shape.wide) table.bytes([type, 0]).put(2, 1).native(address, size);
    else table.native(address, size).bytes([type, 0]).put(2, 1);
  }
  return [
    { name: '.symtab', type: 2, link: 2, data: table.finish() },
    { name: '.strtab', type: 3, data: strings },
  ];
}

function sample(shape: BuiltShape): Buffer {
  return buildElfFile(shape, {
    machine: 21,
    entry: 0x2000,
    segments: [
      { type: 3, address: 0x100, data: Buffer.from('/lib/ld.so\0') },
      { address: 0x2000, virtualAddress: 0xc0002000, data: code, size: 0x20 },
    ],
    sections: [
      ...symbolSections(shape),
      { name: '.note.gnu.build-id', type: 7, flags: 2, address: 0x3000, data: buildIdNote(shape) },
    ],
  });
}

describe.each(shapes)('an ELF file, wide $wide, little endian $littleEndian', (shape) => {
  const image = sample(shape);

  test('says what it is for and what goes where', () => {
    const parsed = parseElf(image);
    if (!parsed.ok) throw new Error(parsed.error.message);
    const { machine, entry, wide, littleEndian, interpreted, segments } = parsed.value;
    expect({ machine, entry, wide, littleEndian, interpreted }).toEqual({
      ...shape,
      machine: 21,
      entry: 0x2000n,
      interpreted: true,
    });
    expect(segments).toMatchObject([
      { address: 0x2000n, virtualAddress: 0xc0002000n, fileBytes: 4, size: 0x20n, executable: true },
    ]);
    expect(image.subarray(segments[0]?.offset, (segments[0]?.offset ?? 0) + 4)).toEqual(Buffer.from(code));
  });

  test('names its addresses', () => {
    const parsed = parseElf(image);
    const symbols = parsed.ok ? parsed.value.symbols : undefined;
    expect(symbols?.all()).toEqual([
      { name: 'start', address: 0x2000n, size: 4n, kind: 'function' },
      { name: 'here', address: 0x2010n, size: 0n, kind: 'label' },
    ]);
    expect(symbols?.at(0x2003n)?.name).toBe('start');
  });

  test('has sections, and a build id among them', () => {
    const note = readSections(image).find((s) => s.name === '.note.gnu.build-id');
    expect(note).toMatchObject({ type: 7, flags: 2n, address: 0x3000n, size: 20 });
    expect(readBuildId(image)).toBe(BUILD_ID);
  });

  test('however damaged never throws', () => {
    const edits = fc.array(fc.tuple(fc.nat(image.length - 1), fc.nat(255)), { maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(image.length), (changes, length) => {
        const damaged = Buffer.from(image);
        for (const [at, value] of changes) damaged.writeUInt8(value, at);
        const cut = damaged.subarray(0, length);
        readBuildId(cut);
        elfMachine(cut);
        const parsed = parseElf(cut);
        if (parsed.ok) parsed.value.symbols.at(0x2000n);
      }),
      { numRuns: 1000 },
    );
  });
});

test('a note that says it is longer than any file ends the notes, and is not read again', () => {
  const notes = new Numbers({ wide: true, littleEndian: false }).put(4, 0xffff_fff0, 0, 1).bytes(new Uint8Array(8));
  expect(buildIdOf(notes.finish(), false)).toBeUndefined();
});

test('the machine of what is no ELF file, or has no byte order, is not known', () => {
  const image = sample({ wide: true, littleEndian: true });
  expect(elfMachine(image)).toBe(21);
  for (const at of [0, 4, 5]) {
    const damaged = Buffer.from(image);
    damaged.writeUInt8(9, at);
    expect(elfMachine(damaged)).toBeUndefined();
  }
  expect(elfMachine(image.subarray(0, 19))).toBeUndefined();
});
