/** Reads the fields of a big-endian ELF file of either class; offsets outside the file give undefined, never a throw. */
export class ElfReader {
  readonly bytes: Uint8Array;
  readonly wide: boolean;
  readonly #view: DataView;

  /** `wide` for ELFCLASS64. The bytes are kept, not copied. */
  constructor(bytes: Uint8Array, wide: boolean) {
    this.bytes = bytes;
    this.wide = wide;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when the whole range lies in the file. */
  holds(offset: bigint, length: bigint): boolean {
    return offset + length <= BigInt(this.bytes.length);
  }
  half(at: number): number {
    return this.#inside(at, 2) ? this.#view.getUint16(at) : 0;
  }
  word(at: number): number {
    return this.#inside(at, 4) ? this.#view.getUint32(at) : 0;
  }
  xword(at: number): bigint {
    return this.#inside(at, 8) ? this.#view.getBigUint64(at) : 0n;
  }
  /** An address, offset or size: 8 bytes wide in the 64-bit class, else 4. */
  native(at: number): bigint {
    return this.wide ? this.xword(at) : BigInt(this.word(at));
  }
  #inside(at: number, width: number): boolean {
    return at >= 0 && at + width <= this.bytes.length;
  }
}

/** Where the fields of one ELF class lie: file header, program header, section header, symbol. */
export interface ElfLayout {
  readonly header: {
    readonly size: number;
    readonly entry: number;
    readonly phoff: number;
    readonly shoff: number;
    readonly phentsize: number;
    readonly phnum: number;
    readonly shentsize: number;
    readonly shnum: number;
  };
  readonly program: {
    readonly size: number;
    readonly flags: number;
    readonly offset: number;
    readonly vaddr: number;
    readonly paddr: number;
    readonly filesz: number;
    readonly memsz: number;
  };
  readonly section: {
    readonly size: number;
    readonly type: number;
    readonly offset: number;
    readonly length: number;
    readonly link: number;
  };
  readonly symbol: {
    readonly size: number;
    readonly info: number;
    readonly shndx: number;
    readonly value: number;
    readonly length: number;
  };
}

/** The layouts by class (System V ABI, "Object Files"). */
export const elfLayouts: Readonly<Record<31 | 64, ElfLayout>> = {
  31: {
    header: { size: 52, entry: 24, phoff: 28, shoff: 32, phentsize: 42, phnum: 44, shentsize: 46, shnum: 48 },
    program: { size: 32, offset: 4, vaddr: 8, paddr: 12, filesz: 16, memsz: 20, flags: 24 },
    section: { size: 40, type: 4, offset: 16, length: 20, link: 24 },
    symbol: { size: 16, value: 4, length: 8, info: 12, shndx: 14 },
  },
  64: {
    header: { size: 64, entry: 24, phoff: 32, shoff: 40, phentsize: 54, phnum: 56, shentsize: 58, shnum: 60 },
    program: { size: 56, flags: 4, offset: 8, vaddr: 16, paddr: 24, filesz: 32, memsz: 40 },
    section: { size: 64, type: 4, offset: 24, length: 32, link: 40 },
    symbol: { size: 24, info: 4, shndx: 6, value: 8, length: 16 },
  },
};
