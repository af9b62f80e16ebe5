import { ElfReader, elfShape } from './elf-layout.ts';

/** A section of an ELF file, by the names of its header's fields. */
export interface ElfSection {
  readonly name: string;
  /** Where its header lies in the file. */
  readonly header: number;
  readonly type: number;
  readonly flags: bigint;
  readonly address: bigint;
  readonly offset: number;
  readonly size: number;
}

const NT_GNU_BUILD_ID = 3;
/** The note in which a program says which operating system it is for. */
export const NT_GNU_ABI_TAG = 1;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;

/** The section occupies storage while the program runs. */
export const SHF_ALLOC = 2n;

/** The sections of an ELF file; none when it is damaged. */
export function readSections(bytes: Uint8Array): readonly ElfSection[] {
  const shape = elfShape(bytes);
  if (shape === undefined) return [];
  const file = new ElfReader(bytes, shape);
  const { header, section } = file.layout;
  const table = file.native(header.shoff);
  const count = file.half(header.shnum);
  const stride = file.half(header.shentsize);
  if (stride < section.size || !file.holds(table, BigInt(count * stride))) return [];
  const at = (i: number): number => Number(table) + i * stride;
  const names = Number(file.native(at(file.half(header.shstrndx)) + section.offset));
  return Array.from({ length: count }, (_, i) => {
    const type = file.word(at(i) + section.type);
    const offset = file.native(at(i) + section.offset);
    const size = file.native(at(i) + section.length);
    const inside = type === SHT_NOBITS || file.holds(offset, size);
    return {
      name: cString(bytes, names + file.word(at(i))),
      header: at(i),
      type,
      flags: file.native(at(i) + section.flags),
      address: file.native(at(i) + section.address),
      offset: inside ? Number(offset) : 0,
      size: inside ? Number(size) : 0,
    };
  });
}

/** The text at `at` up to its NUL. */
export function cString(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', at, end < 0 ? at : end);
}

/** The build-id in hex, from whichever note section holds it. */
export function readBuildId(bytes: Uint8Array, sections = readSections(bytes)): string | undefined {
  const littleEndian = elfShape(bytes)?.littleEndian === true;
  for (const { type, offset, size } of sections) {
    if (type !== SHT_NOTE) continue;
    const found = buildIdOf(bytes.subarray(offset, offset + size), littleEndian);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The build-id among notes as they lie one after another. */
export function buildIdOf(notes: Uint8Array, littleEndian: boolean): string | undefined {
  const id = noteOf(notes, NT_GNU_BUILD_ID, littleEndian);
  return id === undefined ? undefined : Buffer.from(id).toString('hex');
}

/** What a note of GNU's says, among notes as they lie one after another. */
export function noteOf(notes: Uint8Array, wanted: number, littleEndian: boolean): Uint8Array | undefined {
  const file = new ElfReader(notes, { wide: true, littleEndian });
  const padded = (n: number): number => Math.ceil(n / 4) * 4;
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameBytes, dataBytes, type] = [file.word(at), file.word(at + 4), file.word(at + 8)];
    const data = at + 12 + padded(nameBytes);
    if (type === wanted && cString(notes, at + 12) === 'GNU' && data + dataBytes <= notes.length) {
      return notes.subarray(data, data + dataBytes);
    }
    at = data + padded(dataBytes);
  }
  return undefined;
}
