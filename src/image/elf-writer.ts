/** Writes 64-bit ELF files (System V ABI, "Object Files"): symbols for a debugger, and cores. */

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
  const view = new DataView(bytes.buffer);
  const half = (at: number, value: number): void => view.setUint16(at, value, littleEndian);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, littleEndian ? 1 : 2, 1]);
  half(16, type);
  half(18, machine);
  view.setUint32(20, 1, littleEndian);
  view.setBigUint64(32, BigInt(tables.programsAt ?? 0), littleEndian);
  view.setBigUint64(40, tables.sectionsAt ?? 0n, littleEndian);
  half(52, SIZES.header);
  half(54, SIZES.program);
  half(56, tables.programs ?? 0);
  half(58, SIZES.section);
  half(60, tables.sections ?? 0);
  half(62, (tables.sections ?? 1) - 1);
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
  const view = new DataView(out.buffer);
  const { littleEndian: little = false } = identity;
  for (const [i, section] of sections.entries() as Iterable<[number, ElfOutSection]>) {
    const bytes = contents[i];
    const offset = offsets[i] ?? 0;
    if (bytes !== undefined) out.set(bytes, offset);
    if (section.type === SHT.null) continue;
    const at = table + i * SIZES.section;
    view.setUint32(at, nameOffsets[i] ?? 0, little);
    view.setUint32(at + 4, section.type, little);
    view.setBigUint64(at + 8, BigInt(section.flags ?? 0), little);
    view.setBigUint64(at + 16, section.address ?? 0n, little);
    view.setBigUint64(at + 24, BigInt(offset), little);
    view.setBigUint64(at + 32, section.size ?? BigInt(bytes?.length ?? 0), little);
    const link = section.link === undefined ? 0 : sections.findIndex(({ name }) => name === section.link);
    view.setUint32(at + 40, Math.max(0, link), little);
    view.setUint32(at + 44, section.info ?? 0, little);
    view.setBigUint64(at + 48, BigInt(section.type === SHT.nobits ? 1 : ALIGN), little);
    view.setBigUint64(at + 56, BigInt(section.entrySize ?? 0), little);
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
  const view = new DataView(table.buffer);
  for (const [i, { name, value, size, kind, global, section }] of ordered.entries()) {
    const at = (i + 1) * SIZES.symbol;
    view.setUint32(at, names.offset(name), littleEndian);
    view.setUint8(at + 4, (global ? 0x10 : 0) | types[kind]);
    view.setUint16(at + 6, (section === undefined ? undefined : numbers.get(section)) ?? SHN_ABS, littleEndian);
    view.setBigUint64(at + 8, value, littleEndian);
    view.setBigUint64(at + 16, size, littleEndian);
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
