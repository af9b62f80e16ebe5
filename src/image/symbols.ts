import { ElfReader, elfShape } from './elf-layout.ts';

/** A name for an address of the image. The address is the linked one, which is virtual where the image says so. */
export interface ImageSymbol {
  readonly name: string;
  readonly address: bigint;
  /** In bytes; 0 when the image does not say, as for labels in assembly. */
  readonly size: bigint;
  readonly kind: 'function' | 'object' | 'label';
}

const SHT_SYMTAB = 2;
/** Types of a symbol by number; the others, sections and files, are no names of the program. */
const kinds: readonly ('function' | 'object' | 'label' | undefined)[] = ['label', 'object', 'function'];

/**
 * The symbols of an ELF file, for diagnostics: read when first asked for. A damaged or absent symbol table is an empty
 * one, since the image boots without.
 */
export class ImageSymbols {
  readonly #file: ElfReader;
  #sorted: readonly ImageSymbol[] | undefined;
  #named: ReadonlyMap<string, ImageSymbol> | undefined;

  /** `image` is kept, not copied. One that is no ELF file has no symbols. */
  constructor(image: Uint8Array) {
    const shape = elfShape(image);
    const bytes = shape === undefined ? new Uint8Array(0) : image;
    this.#file = new ElfReader(bytes, shape ?? { wide: true, littleEndian: false });
  }

  /** Every symbol with a name, by ascending address. */
  all(): readonly ImageSymbol[] {
    this.#sorted ??= this.#read().sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    return this.#sorted;
  }

  /** The symbol of this name. Of several with one name, the one at the lowest address. */
  named(name: string): ImageSymbol | undefined {
    if (this.#named === undefined) {
      const named = new Map<string, ImageSymbol>();
      for (const symbol of this.all()) if (!named.has(symbol.name)) named.set(symbol.name, symbol);
      this.#named = named;
    }
    return this.#named.get(name);
  }

  /** The symbol that `address` lies in, or that it follows when that one's size is not known. */
  at(address: bigint): ImageSymbol | undefined {
    const sorted = this.all();
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    for (let i = low - 1; i >= 0; i--) {
      const symbol = sorted[i];
      if (symbol === undefined) return undefined;
      if (symbol.size !== 0n) return address < symbol.address + symbol.size ? symbol : undefined;
      // A label: the nearest one wins, but a sized symbol at the same address says more.
      if (sorted[i - 1]?.address !== symbol.address) return symbol;
    }
    return undefined;
  }

  #read(): ImageSymbol[] {
    const { header, section } = this.#file.layout;
    const file = this.#file;
    const table = file.native(header.shoff);
    const count = file.half(header.shnum);
    const stride = file.half(header.shentsize);
    if (stride < section.size || !file.holds(table, BigInt(count * stride))) return [];
    const sectionAt = (i: number): number => Number(table) + i * stride;
    for (let i = 0; i < count; i++) {
      const at = sectionAt(i);
      if (file.word(at + section.type) !== SHT_SYMTAB) continue;
      const link = file.word(at + section.link);
      return link < count ? this.#readTable(this.#sectionBytes(at), this.#sectionBytes(sectionAt(link))) : [];
    }
    return [];
  }

  #sectionBytes(at: number): { readonly from: number; readonly length: number } {
    const { section } = this.#file.layout;
    const [from, length] = [this.#file.native(at + section.offset), this.#file.native(at + section.length)];
    return this.#file.holds(from, length) ? { from: Number(from), length: Number(length) } : { from: 0, length: 0 };
  }

  #readTable(
    table: { readonly from: number; readonly length: number },
    strings: { readonly from: number; readonly length: number },
  ): ImageSymbol[] {
    const { symbol } = this.#file.layout;
    const file = this.#file;
    const names = Buffer.from(file.bytes.buffer, file.bytes.byteOffset + strings.from, strings.length);
    const found: ImageSymbol[] = [];
    for (let at = table.from; at + symbol.size <= table.from + table.length; at += symbol.size) {
      const kind = kinds[(file.bytes[at + symbol.info] ?? 0) & 15];
      const nameAt = file.word(at);
      const end = names.indexOf(0, nameAt);
      if (kind === undefined || nameAt >= names.length || end <= nameAt) continue;
      if (!isDefined(file.half(at + symbol.shndx))) continue;
      found.push({
        name: names.toString('latin1', nameAt, end),
        address: file.native(at + symbol.value),
        size: file.native(at + symbol.length),
        kind,
      });
    }
    return found;
  }
}

/** Section 0 is a reference to another file, and the reserved numbers are constants, not addresses. */
function isDefined(section: number): boolean {
  return section !== 0 && section < 0xff00;
}
