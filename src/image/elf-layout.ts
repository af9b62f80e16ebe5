/** How an ELF file writes its numbers. */
export interface ElfShape {
  /** ELFCLASS64: addresses, offsets and sizes have 8 bytes, else 4. */
  readonly wide: boolean;
  readonly littleEndian: boolean;
}

const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;
const CLASS_AT = 4;
const DATA_AT = 5;

/** True when `bytes` begin as an ELF file does, whatever comes after. */
export function isElf(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** The shape that an ELF file gives for itself; undefined when it is none, or of a class or byte order that there is not. */
export function elfShape(bytes: Uint8Array): ElfShape | undefined {
  const [elfClass = 0, data = 0] = [bytes[CLASS_AT], bytes[DATA_AT]];
  if (!isElf(bytes) || elfClass < 1 || elfClass > 2 || data < 1 || data > 2) return undefined;
  return { wide: elfClass === 2, littleEndian: data === 1 };
}

/** Reads the fields of an ELF file of either class and byte order; what lies outside the file is 0, never a throw. */
export class ElfReader {
  readonly bytes: Uint8Array;
  readonly wide: boolean;
  readonly littleEndian: boolean;
  readonly #view: DataView;

  /** The bytes are kept, not copied. */
  constructor(bytes: Uint8Array, { wide, littleEndian }: ElfShape) {
    this.bytes = bytes;
    this.wide = wide;
    this.littleEndian = littleEndian;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Where the fields of its class lie. */
  get layout(): ElfLayout {
    return elfLayouts[this.wide ? 64 : 32];
  }
  /** True when the whole range lies in the file. */
  holds(offset: bigint, length: bigint): boolean {
    return offset + length <= BigInt(this.bytes.length);
  }
  half(at: number): number {
    return this.#inside(at, 2) ? this.#view.getUint16(at, this.littleEndian) : 0;
  }
  word(at: number): number {
    return this.#inside(at, 4) ? this.#view.getUint32(at, this.littleEndian) : 0;
  }
  xword(at: number): bigint {
    return this.#inside(at, 8) ? this.#view.getBigUint64(at, this.littleEndian) : 0n;
  }
  /** An address, offset or size. */
  native(at: number): bigint {
    return this.wide ? this.xword(at) : BigInt(this.word(at));
  }
  #inside(at: number, width: number): boolean {
    return at >= 0 && at + width <= this.bytes.length;
  }
}

/** The type of file and the machine, which lie in the same place in both classes. */
export const ELF_TYPE_AT = 16;
export const ELF_MACHINE_AT = 18;

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
    readonly shstrndx: number;
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
    readonly flags: number;
    readonly address: number;
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
export const elfLayouts: Readonly<Record<32 | 64, ElfLayout>> = {
  32: {
    header: {
      size: 52,
      entry: 24,
      phoff: 28,
      shoff: 32,
      phentsize: 42,
      phnum: 44,
      shentsize: 46,
      shnum: 48,
      shstrndx: 50,
    },
    program: { size: 32, offset: 4, vaddr: 8, paddr: 12, filesz: 16, memsz: 20, flags: 24 },
    section: { size: 40, type: 4, flags: 8, address: 12, offset: 16, length: 20, link: 24 },
    symbol: { size: 16, value: 4, length: 8, info: 12, shndx: 14 },
  },
  64: {
    header: {
      size: 64,
      entry: 24,
      phoff: 32,
      shoff: 40,
      phentsize: 54,
      phnum: 56,
      shentsize: 58,
      shnum: 60,
      shstrndx: 62,
    },
    program: { size: 56, flags: 4, offset: 8, vaddr: 16, paddr: 24, filesz: 32, memsz: 40 },
    section: { size: 64, type: 4, flags: 8, address: 16, offset: 24, length: 32, link: 40 },
    symbol: { size: 24, info: 4, shndx: 6, value: 8, length: 16 },
  },
};
