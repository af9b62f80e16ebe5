import { BigEndianRecord, type RecordLayout } from '../../../bits/record.ts';
import type { GuestSymbol, SymbolArea } from './kernel-elf.ts';
import type { KernelStorage } from './kernel-storage.ts';
import type { FoundKernel } from './own-kernel.ts';

/** A module by what the kernel keeps of it. */
export interface OwnModule {
  /** Address of its `struct module`. */
  readonly address: bigint;
  readonly name: string;
  /** Where its code begins. */
  readonly from: bigint;
  readonly symbols: readonly GuestSymbol[];
  readonly areas: readonly SymbolArea[];
}

/** The beginning of `struct module`: `enum module_state state; struct list_head list; char name[];`. */
const MODULE = { list: 8n, name: 24n, nameBytes: 56, bytes: 1600 } as const;
/** Functions that go through the list of modules. */
const READERS = [
  'print_modules',
  'find_module_all',
  'module_address_lookup',
  'module_kallsyms_lookup_name',
  'module_flags_taint',
];
const READER_BYTES = 512;
const UNFORMED = 3;
const MOST_MODULES = 4096;
const MOST_SYMBOLS = 200_000;
const SYMBOL_BYTES = 24;
const SHN = { undefined: 0, reserved: 0xff00 } as const;
const STT = { notype: 0, function: 2 } as const;

/**
 * The modules of a kernel of which there are no types: the head of their list is what the functions that go through it
 * refer to, and a module's symbol table is recognized by how the kernel puts it together, symbols and names in one piece.
 */
export class OwnModules {
  readonly #storage: KernelStorage;
  /** Symbols by the place and length of their table. */
  readonly #tables = new Map<string, readonly GuestSymbol[]>();
  #head: { readonly kernel: FoundKernel; readonly at: bigint } | undefined;

  constructor(storage: KernelStorage) {
    this.#storage = storage;
  }

  /** The modules, the one loaded last first; none while the list cannot be found. */
  all(kernel: FoundKernel): readonly OwnModule[] {
    if (this.#head?.kernel !== kernel) this.#head = this.#findHead(kernel);
    const head = this.#head?.at;
    if (head === undefined) return [];
    const found: OwnModule[] = [];
    let at = this.#storage.doubleword(head);
    for (let i = 0; at !== 0n && at !== head && i < MOST_MODULES; i++) {
      const module = this.#module(at - MODULE.list);
      if (module !== undefined) found.push(module);
      at = this.#storage.doubleword(at);
    }
    if (this.#tables.size > 2 * found.length) this.#tables.clear();
    return found;
  }

  // An empty list says nothing of itself: its head is looked for again.
  #findHead(kernel: FoundKernel): { readonly kernel: FoundKernel; readonly at: bigint } | undefined {
    for (const reader of READERS) {
      const from = kernel.address(reader);
      const code = from === undefined ? undefined : this.#storage.read(from, READER_BYTES);
      if (from === undefined || code === undefined) continue;
      for (const at of relativeOperands(code, from)) if (this.#isHead(at)) return { kernel, at };
    }
    return undefined;
  }

  #isHead(at: bigint): boolean {
    const next = this.#storage.doubleword(at);
    if (next === 0n || next === at || next % 8n !== 0n) return false;
    return (
      this.#storage.doubleword(next + 8n) === at &&
      this.#storage.doubleword(this.#storage.doubleword(at + 8n)) === at &&
      /^[A-Za-z0-9_]+$/.test(this.#storage.text(next - MODULE.list + MODULE.name, MODULE.nameBytes))
    );
  }

  #module(address: bigint): OwnModule | undefined {
    const name = this.#storage.text(address + MODULE.name, MODULE.nameBytes);
    if (name === '' || this.#storage.word(address) === UNFORMED) return undefined;
    const symbols = this.#symbols(address);
    const text = symbols.filter((s) => s.text).map((s) => s.address);
    const from = text.reduce((a, b) => (b < a ? b : a), text[0] ?? address);
    const last = text.reduce((a, b) => (b > a ? b : a), from);
    // The last function's end is not known; code lies in pages of its own.
    const to = (last | 0xfffn) + 1n;
    return { address, name, from, symbols, areas: [{ name: '.text', from, to, text: true }] };
  }

  // The names begin where the symbols end.
  #symbols(module: bigint): readonly GuestSymbol[] {
    const bytes = this.#storage.read(module, MODULE.bytes);
    if (bytes === undefined) return [];
    for (let at = 0; at + 24 <= bytes.length; at += 8) {
      const fields = new BigEndianRecord(kallsymsFields, bytes.subarray(at));
      const [table, count, names] = [fields.big('symbols'), fields.get('count'), fields.big('names')];
      if (table === 0n || count < 2 || count > MOST_SYMBOLS || fields.get('gap') !== 0) continue;
      if (names !== table + BigInt(count * SYMBOL_BYTES)) continue;
      const key = `${module} ${table} ${count}`;
      const known = this.#tables.get(key) ?? this.#readSymbols(table, count, names);
      this.#tables.set(key, known);
      return known;
    }
    return [];
  }

  #readSymbols(table: bigint, count: number, names: bigint): readonly GuestSymbol[] {
    const bytes = this.#storage.read(table, count * SYMBOL_BYTES);
    if (bytes === undefined) return [];
    const found: GuestSymbol[] = [];
    for (let at = SYMBOL_BYTES; at < bytes.length; at += SYMBOL_BYTES) {
      const symbol = new BigEndianRecord(symbolFields, bytes.subarray(at));
      const [section, info] = [symbol.get('section'), symbol.get('info')];
      const name = this.#storage.text(names + BigInt(symbol.get('name')), 256);
      if (section === SHN.undefined || section >= SHN.reserved || name === '' || name.startsWith('.')) continue;
      const type = info & 15;
      // Once a module is loaded, the type is the letter of nm in some kernels, and the ELF type in others.
      const text = type === STT.function || String.fromCharCode(info).toLowerCase() === 't';
      if (!text && type !== STT.notype && type > STT.function) continue;
      found.push({ name, address: symbol.big('value'), text, global: info >> 4 === 1 });
    }
    return found;
  }
}

/** A kernel's struct mod_kallsyms: symtab, num_symtab, strtab. */
const kallsymsFields = { symbols: [0, 8], count: [8, 4], gap: [12, 4], names: [16, 8] } as const satisfies RecordLayout;
const symbolFields = { name: [0, 4], info: [4, 1], section: [6, 2], value: [8, 8] } as const satisfies RecordLayout;

/** Addresses that LARL and LGRL refer to. */
function relativeOperands(code: Uint8Array, from: bigint): readonly bigint[] {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const found: bigint[] = [];
  for (let at = 0; at + 6 <= code.length; ) {
    const first = code[at] ?? 0;
    const second = (code[at + 1] ?? 0) & 15;
    const refers = (first === 0xc0 && second === 0x00) || (first === 0xc4 && second === 0x08);
    if (refers) found.push(from + BigInt(at) + 2n * BigInt(view.getInt32(at + 2)));
    at += first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
  }
  return found;
}
