/** A way to write ELF files: class and byte order. */
export interface BuiltShape {
  readonly wide: boolean;
  readonly littleEndian: boolean;
}

/** Every shape there is. */
export const shapes: readonly BuiltShape[] = [
  { wide: false, littleEndian: false },
  { wide: false, littleEndian: true },
  { wide: true, littleEndian: false },
  { wide: true, littleEndian: true },
];

/** A section of a file that a test makes. */
export interface BuiltSection {
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly address?: number;
  /** Index of the section that it refers to; the first one of `sections` is 1. */
  readonly link?: number;
  readonly data: Uint8Array;
}

/** A growing run of numbers in one byte order. */
export class Numbers {
  readonly #shape: BuiltShape;
  readonly #bytes: number[] = [];

  constructor(shape: BuiltShape) {
    this.#shape = shape;
  }
  /** Appends a number of `width` bytes. */
  put(width: number, ...values: readonly number[]): this {
    for (const value of values) {
      const bytes = Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) & 255);
      this.#bytes.push(...(this.#shape.littleEndian ? bytes.reverse() : bytes));
    }
    return this;
  }
  /** Appends addresses, offsets or sizes. */
  native(...values: readonly number[]): this {
    return this.put(this.#shape.wide ? 8 : 4, ...values);
  }
  /** Appends bytes as they are. */
  bytes(values: Iterable<number>): this {
    this.#bytes.push(...values);
    return this;
  }
  text(text: string): this {
    return this.bytes(Buffer.from(`${text}\0`));
  }
  get length(): number {
    return this.#bytes.length;
  }
  finish(): Buffer {
    return Buffer.from(this.#bytes);
  }
}

/** A segment of a file that a test makes. */
export interface BuiltSegment {
  readonly type?: number;
  readonly address: number;
  readonly virtualAddress?: number;
  readonly data: Uint8Array;
  readonly size?: number;
}

/** An ELF file of any shape: header, program headers, contents, section headers. */
export function buildElfFile(
  shape: BuiltShape,
  {
    machine,
    entry = 0,
    type = 2,
    segments = [],
    sections = [],
  }: {
    readonly machine: number;
    readonly entry?: number;
    readonly type?: number;
    readonly segments?: readonly BuiltSegment[];
    readonly sections?: readonly BuiltSection[];
  },
): Buffer {
  const { wide } = shape;
  const [headerBytes, programBytes, sectionBytes] = wide ? [64, 56, 64] : [52, 32, 40];
  const names = new Numbers(shape).text('');
  const all = [...sections, { name: '.shstrtab', type: 3, data: new Uint8Array(0) }];
  const nameAt = all.map(({ name }) => {
    const at = names.length;
    names.text(name);
    return at;
  });
  const contents = [...segments.map((s) => s.data), ...sections.map((s) => s.data), names.finish()];
  const offsets: number[] = [];
  let end = headerBytes + programBytes * segments.length;
  for (const data of contents) {
    offsets.push(end);
    end += data.length;
  }
  const out = new Numbers(shape).bytes([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, shape.littleEndian ? 1 : 2, 1]);
  out.bytes(new Uint8Array(9)).put(2, type, machine).put(4, 1).native(entry, headerBytes, end).put(4, 0);
  out.put(2, headerBytes, programBytes, segments.length, sectionBytes, all.length + 1, all.length);
  for (const [
    i,
    { type: kind = 1, address, virtualAddress = address, data, size = data.length },
  ] of segments.entries()) {
    const flags = 5;
    out.put(4, kind);
    if (wide) out.put(4, flags);
    out.native(offsets[i] ?? 0, virtualAddress, address, data.length, size);
    if (!wide) out.put(4, flags);
    out.native(1);
  }
  for (const data of contents) out.bytes(data);
  out.bytes(new Uint8Array(sectionBytes));
  for (const [i, { name: _, type: kind, flags = 0, address = 0, link = 0, data }] of (
    all as BuiltSection[]
  ).entries()) {
    const length = i === sections.length ? names.length : data.length;
    out.put(4, nameAt[i] ?? 0, kind).native(flags, address, offsets[segments.length + i] ?? 0, length);
    out.put(4, link, 0).native(1, 0);
  }
  return out.finish();
}
