/** Layouts of a C program's structures from its debug information (DWARF 4 and 5, 32-bit format). */

import { type Cursor, type Form, form, readForm, sleb, uleb } from './dwarf-forms.ts';
import { cString, type ElfSection, readSections } from './elf-file.ts';
import { elfShape } from './elf-layout.ts';

const TAG = { member: 0x0d, structure: 0x13, union: 0x17 } as const;
const AT = { name: 0x03, byteSize: 0x0b, memberLocation: 0x38, type: 0x49, declaration: 0x3c, sibling: 0x01 } as const;

/** Anonymous structures in one another: more is damage. */
const MOST_NESTED = 8;

/** Where the members of a structure lie, in bytes from its beginning. */
export interface StructLayout {
  readonly bytes: number;
  readonly members: ReadonlyMap<string, number>;
}

interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  readonly attributes: readonly { readonly at: number; readonly form: Form; readonly constant: number }[];
}

interface Unit {
  /** Offset of the unit in the section. */
  readonly from: number;
  readonly end: number;
  readonly firstEntry: number;
  /** Bytes of an address. */
  readonly addressBytes: number;
  readonly abbreviations: number;
}

/** A debugging information entry as far as it matters here. */
interface Entry {
  readonly at: number;
  readonly tag: number;
  readonly children: boolean;
  readonly next: number;
  readonly name: string | undefined;
  readonly bytes: number | undefined;
  readonly location: number | undefined;
  readonly type: number | undefined;
  readonly declaration: boolean;
  readonly sibling: number | undefined;
}

/** Reads structure layouts from an ELF file with debug information; a unit is read when it is asked for. */
export class DebugInfo {
  readonly #bytes: Uint8Array;
  readonly #littleEndian: boolean;
  readonly #sections: ReadonlyMap<string, ElfSection>;
  #units: ReadonlyMap<string, Unit> | undefined;

  /** The bytes are kept, not copied. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#littleEndian = elfShape(bytes)?.littleEndian === true;
    this.#sections = new Map(readSections(bytes).map((s): [string, ElfSection] => [s.name, s]));
  }

  /** The structures of these names that the source file defines or includes; those that it does not are left out. */
  structs(source: string, names: readonly string[]): ReadonlyMap<string, StructLayout> {
    const found = new Map<string, StructLayout>();
    this.#units ??= this.#readUnits();
    const unit = this.#units.get(source);
    if (unit === undefined) return found;
    const table = this.#abbreviations(unit);
    for (let at = unit.firstEntry; at < unit.end && found.size < names.length; ) {
      const entry = this.#entry(unit, table, at);
      if (entry === undefined) {
        at = this.#afterNull(at);
        continue;
      }
      const wanted = entry.tag === TAG.structure && !entry.declaration && entry.name !== undefined;
      if (wanted && names.includes(entry.name ?? '')) {
        const members = new Map<string, number>();
        this.#members(unit, table, entry, 0, members);
        found.set(entry.name ?? '', { bytes: entry.bytes ?? 0, members });
      }
      at = at === unit.firstEntry ? entry.next : this.#skip(unit, table, entry);
    }
    return found;
  }

  #section(name: string): ElfSection | undefined {
    return this.#sections.get(name);
  }

  // The units by the names of their source files.
  #readUnits(): ReadonlyMap<string, Unit> {
    const units = new Map<string, Unit>();
    const info = this.#section('.debug_info');
    if (info === undefined) return units;
    // A damaged file may say that a section, or a unit, is longer than the file.
    const bytes = this.#bytes.subarray(info.offset, info.offset + info.size);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const order = this.#littleEndian;
    for (let from = 0; from + 12 <= bytes.length; ) {
      const length = view.getUint32(from, order);
      // The 64-bit format begins like this; no kernel comes near it.
      if (length >= 0xffff_fff0) break;
      const version = view.getUint16(from + 4, order);
      const five = version >= 5;
      const unit: Unit = {
        from,
        end: Math.min(from + 4 + length, bytes.length),
        firstEntry: from + (five ? 12 : 11),
        addressBytes: view.getUint8(from + (five ? 7 : 10)),
        abbreviations: view.getUint32(from + (five ? 8 : 6), order),
      };
      const name = version >= 4 && version <= 5 ? this.#unitName(unit) : undefined;
      if (name !== undefined) units.set(name, unit);
      from = unit.end;
    }
    return units;
  }

  #unitName(unit: Unit): string | undefined {
    // The first entry's abbreviation stands near the front of the unit's table, so there is no need for all of it.
    return this.#entry(unit, this.#abbreviations(unit, this.#code(unit.firstEntry)), unit.firstEntry)?.name;
  }

  #code(at: number): number {
    return uleb(this.#cursor('.debug_info', at));
  }

  #cursor(section: string, at: number): Cursor {
    const found = this.#section(section);
    return { bytes: this.#bytes, littleEndian: this.#littleEndian, at: (found?.offset ?? 0) + at };
  }

  #abbreviations(unit: Unit, only?: number): ReadonlyMap<number, Abbreviation> {
    const table = new Map<number, Abbreviation>();
    const cursor = this.#cursor('.debug_abbrev', unit.abbreviations);
    for (;;) {
      const code = uleb(cursor);
      if (code === 0) return table;
      const tag = uleb(cursor);
      const children = this.#bytes[cursor.at++] === 1;
      const attributes: { at: number; form: Form; constant: number }[] = [];
      for (;;) {
        const [at, kind] = [uleb(cursor), uleb(cursor)];
        const constant = kind === form.implicitConst ? sleb(cursor) : 0;
        if (at === 0 && kind === 0) break;
        attributes.push({ at, form: kind, constant });
      }
      table.set(code, { tag, children, attributes });
      if (code === only) return table;
    }
  }

  #afterNull(at: number): number {
    const cursor = this.#cursor('.debug_info', at);
    uleb(cursor);
    return at + 1;
  }

  #entry(unit: Unit, table: ReadonlyMap<number, Abbreviation>, at: number): Entry | undefined {
    const cursor = this.#cursor('.debug_info', at);
    const base = cursor.at - at;
    const abbreviation = table.get(uleb(cursor));
    if (abbreviation === undefined) return undefined;
    const values = new Map<number, number | string>();
    for (const attribute of abbreviation.attributes) {
      const value = readForm(cursor, attribute.form, unit.addressBytes, attribute.constant, (section, offset) =>
        cString(this.#bytes, (this.#section(section)?.offset ?? 0) + offset),
      );
      if (value !== undefined) values.set(attribute.at, value);
    }
    const number = (key: number): number | undefined => {
      const value = values.get(key);
      return typeof value === 'number' ? value : undefined;
    };
    const name = values.get(AT.name);
    const [type, sibling] = [number(AT.type), number(AT.sibling)];
    return {
      at,
      tag: abbreviation.tag,
      children: abbreviation.children,
      next: cursor.at - base,
      name: typeof name === 'string' ? name : undefined,
      bytes: number(AT.byteSize),
      location: number(AT.memberLocation),
      type: type === undefined ? undefined : unit.from + type,
      declaration: values.has(AT.declaration),
      sibling: sibling === undefined ? undefined : unit.from + sibling,
    };
  }

  // Past an entry and all that lies in it.
  #skip(unit: Unit, table: ReadonlyMap<number, Abbreviation>, entry: Entry): number {
    if (!entry.children) return entry.next;
    if (entry.sibling !== undefined && entry.sibling > entry.at) return entry.sibling;
    let at = entry.next;
    while (at < unit.end) {
      const child = this.#entry(unit, table, at);
      if (child === undefined) return at + 1;
      at = this.#skip(unit, table, child);
    }
    return at;
  }

  // Members of anonymous structures and unions count as the outer one's, as they do in C.
  #members(
    unit: Unit,
    table: ReadonlyMap<number, Abbreviation>,
    owner: Entry,
    base: number,
    into: Map<string, number>,
    within: readonly number[] = [],
  ): void {
    if (!owner.children || within.length > MOST_NESTED || within.includes(owner.at)) return;
    for (let at = owner.next; at < unit.end; ) {
      const child = this.#entry(unit, table, at);
      if (child === undefined) return;
      if (child.tag === TAG.member) {
        const offset = base + (child.location ?? 0);
        if (child.name !== undefined) into.set(child.name, offset);
        else if (child.type !== undefined) {
          const inner = this.#entry(unit, table, child.type);
          const anonymous = inner?.tag === TAG.structure || inner?.tag === TAG.union;
          if (anonymous) this.#members(unit, table, inner, offset, into, [...within, owner.at]);
        }
      }
      at = this.#skip(unit, table, child);
    }
  }
}
