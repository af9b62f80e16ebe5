/** What a record's bytes are reached by: a `DataView`, or a window on other storage that looks like one: big endian unless told. */
export interface RecordBytes {
  getUint8(offset: number): number;
  getUint16(offset: number, littleEndian?: boolean): number;
  getUint32(offset: number, littleEndian?: boolean): number;
  getBigUint64(offset: number, littleEndian?: boolean): bigint;
  setUint8(offset: number, value: number): void;
  setUint16(offset: number, value: number, littleEndian?: boolean): void;
  setUint32(offset: number, value: number, littleEndian?: boolean): void;
  setBigUint64(offset: number, value: bigint, littleEndian?: boolean): void;
}

/** Fields of a record by name: offset and bytes. */
export type RecordLayout = Readonly<Record<string, readonly [offset: number, bytes: number]>>;

/** Names of the fields that have so many bytes. */
export type FieldOf<L extends RecordLayout, B extends number> = {
  [K in keyof L]: L[K] extends readonly [number, B] ? K : never;
}[keyof L] &
  string;

/**
 * Named fields over bytes that somebody else may own: fields of 1, 2 and 4 bytes are numbers, those of 8 bigints, of which the
 * lowest bits are written that have room. Bits of a field are given as a mask of it.
 */
export class FieldRecord<L extends RecordLayout> {
  readonly #layout: L;
  readonly #view: RecordBytes;
  readonly #littleEndian: boolean;

  constructor(layout: L, bytes: Uint8Array | RecordBytes, littleEndian: boolean) {
    this.#layout = layout;
    this.#view = bytes instanceof Uint8Array ? new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) : bytes;
    this.#littleEndian = littleEndian;
  }

  get(name: FieldOf<L, 1 | 2 | 4>): number {
    const place = this.#place(name);
    if (place[1] === 1) return this.#view.getUint8(place[0]);
    if (place[1] === 2) return this.#view.getUint16(place[0], this.#littleEndian);
    return this.#view.getUint32(place[0], this.#littleEndian);
  }
  set(name: FieldOf<L, 1 | 2 | 4>, value: number): void {
    const place = this.#place(name);
    if (place[1] === 1) this.#view.setUint8(place[0], value);
    else if (place[1] === 2) this.#view.setUint16(place[0], value, this.#littleEndian);
    else this.#view.setUint32(place[0], value >>> 0, this.#littleEndian);
  }
  big(name: FieldOf<L, 8>): bigint {
    return this.#view.getBigUint64(this.#place(name)[0], this.#littleEndian);
  }
  setBig(name: FieldOf<L, 8>, value: bigint): void {
    this.#view.setBigUint64(this.#place(name)[0], BigInt.asUintN(64, value), this.#littleEndian);
  }
  /** True when any of the bits is one. */
  has(name: FieldOf<L, 1 | 2 | 4>, bits: number): boolean {
    return (this.get(name) & bits) !== 0;
  }
  /** Replaces the bits of `mask`. */
  replace(name: FieldOf<L, 1 | 2 | 4>, mask: number, bits: number): void {
    this.set(name, (this.get(name) & ~mask) | (bits & mask));
  }

  #place(name: keyof L): readonly [number, number] {
    const place = this.#layout[name];
    if (place === undefined) throw new Error(`a record has no field ${String(name)}`);
    return place;
  }
}

/** A record whose fields are big endian, as all are that the architecture of a big-endian machine lays down. */
export class BigEndianRecord<L extends RecordLayout> extends FieldRecord<L> {
  constructor(layout: L, bytes: Uint8Array | RecordBytes) {
    super(layout, bytes, false);
  }
}

/** Bytes whose end a field may lie beyond: it is read as zero then, and writing it does nothing. */
export class BoundedBytes implements RecordBytes {
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  #holds(at: number, bytes: number): boolean {
    return at + bytes <= this.#view.byteLength;
  }
  getUint8(at: number): number {
    return this.#holds(at, 1) ? this.#view.getUint8(at) : 0;
  }
  getUint16(at: number, littleEndian = false): number {
    return this.#holds(at, 2) ? this.#view.getUint16(at, littleEndian) : 0;
  }
  getUint32(at: number, littleEndian = false): number {
    return this.#holds(at, 4) ? this.#view.getUint32(at, littleEndian) : 0;
  }
  getBigUint64(at: number, littleEndian = false): bigint {
    return this.#holds(at, 8) ? this.#view.getBigUint64(at, littleEndian) : 0n;
  }
  setUint8(at: number, value: number): void {
    if (this.#holds(at, 1)) this.#view.setUint8(at, value);
  }
  setUint16(at: number, value: number, littleEndian = false): void {
    if (this.#holds(at, 2)) this.#view.setUint16(at, value, littleEndian);
  }
  setUint32(at: number, value: number, littleEndian = false): void {
    if (this.#holds(at, 4)) this.#view.setUint32(at, value, littleEndian);
  }
  setBigUint64(at: number, value: bigint, littleEndian = false): void {
    if (this.#holds(at, 8)) this.#view.setBigUint64(at, value, littleEndian);
  }
}
