import { ElfReader, elfLayouts } from './elf-layout.ts';

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

const { header, section } = elfLayouts[64];
const SHSTRNDX_AT = 62;
const NT_GNU_BUILD_ID = 3;
const SHT_NOTE = 7;
const SHT_NOBITS = 8;

/** Where `sh_flags` and `sh_addr` lie in a 64-bit section header. */
export const SECTION_FLAGS_AT = 8;
export const SECTION_ADDRESS_AT = 16;
/** The section occupies storage while the program runs. */
export const SHF_ALLOC = 2n;

/** True for a 64-bit big-endian ELF file for s390. */
export function isS390xElf(bytes: Uint8Array): boolean {
  const file = new ElfReader(bytes, true);
  return file.word(0) === 0x7f454c46 && bytes[4] === 2 && bytes[5] === 2 && file.half(18) === 22;
}

/** The sections of a 64-bit big-endian ELF file; none when it is damaged. */
export function readSections(bytes: Uint8Array): readonly ElfSection[] {
  const file = new ElfReader(bytes, true);
  const table = file.native(header.shoff);
  const count = file.half(header.shnum);
  const stride = file.half(header.shentsize);
  if (stride < section.size || !file.holds(table, BigInt(count * stride))) return [];
  const at = (i: number): number => Number(table) + i * stride;
  const names = Number(file.native(at(file.half(SHSTRNDX_AT)) + section.offset));
  return Array.from({ length: count }, (_, i) => {
    const type = file.word(at(i) + section.type);
    const offset = file.native(at(i) + section.offset);
    const size = file.native(at(i) + section.length);
    const inside = type === SHT_NOBITS || file.holds(offset, size);
    return {
      name: cString(bytes, names + file.word(at(i))),
      header: at(i),
      type,
      flags: file.native(at(i) + SECTION_FLAGS_AT),
      address: file.native(at(i) + SECTION_ADDRESS_AT),
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
export function readBuildId(bytes: Uint8Array, sections: readonly ElfSection[]): string | undefined {
  for (const { type, offset, size } of sections) {
    if (type !== SHT_NOTE) continue;
    const found = buildIdOf(bytes.subarray(offset, offset + size));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The build-id among notes as they lie one after another. */
export function buildIdOf(notes: Uint8Array): string | undefined {
  const file = new ElfReader(notes, true);
  const padded = (n: number): number => (n + 3) & ~3;
  for (let at = 0; at + 12 <= notes.length; ) {
    const [nameBytes, dataBytes, type] = [file.word(at), file.word(at + 4), file.word(at + 8)];
    const data = at + 12 + padded(nameBytes);
    if (type === NT_GNU_BUILD_ID && cString(notes, at + 12) === 'GNU' && data + dataBytes <= notes.length) {
      return Buffer.from(notes.subarray(data, data + dataBytes)).toString('hex');
    }
    at = data + padded(dataBytes);
  }
  return undefined;
}
