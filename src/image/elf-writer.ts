/** Writes 64-bit ELF files (System V ABI, "Object Files"): symbols for a debugger, and cores. */

import { FieldRecord, type RecordLayout } from '../bits/record.ts';

/** Types of sections, as far as they are written. */
export const SHT = { null: 0, progbits: 1, symtab: 2, strtab: 3, note: 7, nobits: 8 } as const;
/** Flags of sections. */
export const SHF = { write: 1, alloc: 2, execute: 4 } as const;
/** Types of files. */
export const ET = { executable: 2, core: 4 } as const;

const SIZES = { header: 64, program: 56, section: 64, symbol: 24 } as const;
const SHN_ABS = 0xfff1;
const ALIGN = 8;

/** What is common to a file. */
export interface ElfIdentity {
  readonly type: number;
  readonly machine: number;
  readonly littleEndian?: boolean;
}

/** A section; one without `bytes` is `size` long and not in the file. */
export interface ElfOutSection {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: bigint;
  readonly bytes?: Uint8Array;
  readonly size?: bigint;
  /** Name of the section that this one refers to. */
  readonly link?: string;
  readonly info?: number;
  readonly entrySize?: number;
}

/** A symbol; one whose `section` is undefined is a number. */
export interface ElfOutSymbol {
  readonly name: string;
  readonly value: bigint;
  readonly size: bigint;
  readonly kind: 'function' | 'object' | 'label';
  readonly global: boolean;
  readonly section: string | undefined;
}

/** Fields of the file header, of a section header and of a symbol (System V ABI, ELF-64). */
const headerFields = {
  type: [16, 2],
  machine: [18, 2],
  version: [20, 4],
  programsAt: [32, 8],
  sectionsAt: [40, 8],
  headerBytes: [52, 2],
  programBytes: [54, 2],
  programs: [56, 2],
  sectionBytes: [58, 2],
  sections: [60, 2],
  namesSection: [62, 2],
} as const satisfies RecordLayout;
const sectionFields = {
  name: [0, 4],
  type: [4, 4],
  flags: [8, 8],
  address: [16, 8],
  offset: [24, 8],
  bytes: [32, 8],
  link: [40, 4],
  info: [44, 4],
  align: [48, 8],
  entryBytes: [56, 8],
} as const satisfies RecordLayout;
const symbolFields = {
  name: [0, 4],
  info: [4, 1],
  section: [6, 2],
  value: [8, 8],
  bytes: [16, 8],
} as const satisfies RecordLayout;

const padded = (n: number): number => (n + ALIGN - 1) & -ALIGN;

/** The file header's bytes; offsets of tables that are not there are 0. */
export function elfFileHeader(
  { type, machine, littleEndian = false }: ElfIdentity,
  tables: {
    readonly programs?: number;
    readonly programsAt?: number;
    readonly sections?: number;
    readonly sectionsAt?: bigint;
  },
): Uint8Array {
  const bytes = new Uint8Array(SIZES.header);
  const header = new FieldRecord(headerFields, bytes, littleEndian);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1]);
  header.set('type', type);
  header.set('machine', machine);
  header.set('version', 1);
  header.setBig('programsAt', BigInt(tables.programsAt ?? 0));
  header.setBig('sectionsAt', tables.sectionsAt ?? 0n);
  header.set('headerBytes', SIZES.header);
  header.set('programBytes', SIZES.program);
  header.set('programs', tables.programs ?? 0);
  header.set('sectionBytes', SIZES.section);
  header.set('sections', tables.sections ?? 0);
  header.set('namesSection', (tables.sections ?? 1) - 1);
  return bytes;
}

/** A file of sections alone, those with bytes one after another. The last section holds the names of all. */
export function writeElf(identity: ElfIdentity, given: readonly ElfOutSection[]): Uint8Array {
  const names = new StringTable();
  const sections = [{ name: '', type: SHT.null }, ...given, { name: '.shstrtab', type: SHT.strtab }];
  const nameOffsets = sections.map(({ name }) => names.offset(name));
  const contents = sections.map((s: ElfOutSection, i) => (i === sections.length - 1 ? names.bytes() : s.bytes));
  let end: number = SIZES.header;
  const offsets = contents.map((bytes) => {
    const at = padded(end);
    end = at + (bytes?.length ?? 0);
    return at;
  });
  const table = padded(end);
  const out = new Uint8Array(table + sections.length * SIZES.section);
  out.set(elfFileHeader(identity, { sections: sections.length, sectionsAt: BigInt(table) }));
  for (const [i, section] of sections.entries() as Iterable<[number, ElfOutSection]>) {
    const bytes = contents[i];
    const offset = offsets[i] ?? 0;
    if (bytes !== undefined) out.set(bytes, offset);
    if (section.type === SHT.null) continue;
    const at = table + i * SIZES.section;
    const header = new FieldRecord(sectionFields, out.subarray(at), identity.littleEndian ?? false);
    header.set('name', nameOffsets[i] ?? 0);
    header.set('type', section.type);
    header.setBig('flags', BigInt(section.flags ?? 0));
    header.setBig('address', section.address ?? 0n);
    header.setBig('offset', BigInt(offset));
    header.setBig('bytes', section.size ?? BigInt(bytes?.length ?? 0));
    const link = section.link === undefined ? 0 : sections.findIndex(({ name }) => name === section.link);
    header.set('link', Math.max(0, link));
    header.set('info', section.info ?? 0);
    header.setBig('align', BigInt(section.type === SHT.nobits ? 1 : ALIGN));
    header.setBig('entryBytes', BigInt(section.entrySize ?? 0));
  }
  return out;
}

/** `.symtab` and `.strtab` of symbols that lie in `sections`, which stand first in the file. */
export function symbolSections(
  symbols: readonly ElfOutSymbol[],
  sections: readonly ElfOutSection[],
  littleEndian = false,
): readonly ElfOutSection[] {
  const types = { label: 0, object: 1, function: 2 } as const;
  const numbers = new Map(sections.map(({ name }, i): [string, number] => [name, i + 1]));
  const names = new StringTable();
  const locals = symbols.filter(({ global }) => !global);
  const ordered = [...locals, ...symbols.filter(({ global }) => global)];
  const table = new Uint8Array((ordered.length + 1) * SIZES.symbol);
  for (const [i, { name, value, size, kind, global, section }] of ordered.entries()) {
    const at = (i + 1) * SIZES.symbol;
    const symbol = new FieldRecord(symbolFields, table.subarray(at), littleEndian);
    symbol.set('name', names.offset(name));
    symbol.set('info', (global ? 0x10 : 0) | types[kind]);
    symbol.set('section', (section === undefined ? undefined : numbers.get(section)) ?? SHN_ABS);
    symbol.setBig('value', value);
    symbol.setBig('bytes', size);
  }
  const shape = { entrySize: SIZES.symbol, info: locals.length + 1, link: '.strtab' };
  return [
    { name: '.symtab', type: SHT.symtab, bytes: table, ...shape },
    { name: '.strtab', type: SHT.strtab, bytes: names.bytes() },
  ];
}

/** Names one after another, each with its NUL; the empty one is at 0. */
class StringTable {
  readonly #parts: Buffer[] = [Buffer.of(0)];
  #length = 1;

  offset(name: string): number {
    if (name === '') return 0;
    const at = this.#length;
    const part = Buffer.from(`${name}\0`, 'latin1');
    this.#parts.push(part);
    this.#length += part.length;
    return at;
  }
  bytes(): Uint8Array {
    return Buffer.concat(this.#parts);
  }
}
