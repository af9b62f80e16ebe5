import { type ByteOrder, turnedWord } from '../bits/byte-order.ts';
import { PAGE_BYTES, PAGE_SHIFT } from './layout.ts';

/**
 * Guest storage in one WebAssembly memory. Addresses here are offsets into the storage, which a `MemoryMap` gives guest
 * addresses; numbers and bytes are in the guest's order. How they lie in the memory is for these classes and for generated
 * code to know.
 */
export interface GuestStorage {
  readonly order: ByteOrder;
  readonly size: number;
  byte(at: number): number;
  setByte(at: number, value: number): void;
  half(at: number): number;
  setHalf(at: number, value: number): void;
  /** Word at a multiple of 4. */
  word(at: number): number;
  setWord(at: number, value: number): void;
  doubleword(at: number): bigint;
  setDoubleword(at: number, value: bigint): void;
  /** A copy of `length` bytes. */
  read(at: number, length: number): Uint8Array;
  readInto(at: number, into: Uint8Array): void;
  write(at: number, data: Uint8Array): void;
  fill(at: number, length: number, byte: number): void;
  /** The bytes of the frame at an offset, as they lie in the memory; they are the storage's own. */
  frame(at: number): Uint8Array;
  /** The bytes of a frame as files keep them, which is from the last one to the first, for those in the memory; also the way back. */
  filed(frame: Uint8Array): Uint8Array;
  /** Where generated code reads what begins at `at`: the answer of a fetch that took the slow path. */
  accessAddress(at: number): number;
  /** What generated code is given of bytes that it goes through by itself: the first one's address, or the last one's end where mirrored. */
  pointer(at: number): number;
  /** Stores the number of `bytes` bytes that generated code has put at an address of the memory. */
  storeFrom(address: number, at: number, bytes: number): void;
  /** Brings a number that lies in two pieces to an address of the memory; gives where generated code reads it. */
  fetchSplit(address: number, split: Split): number;
  /** Stores such a number, which is at an address of the memory. */
  storeSplit(address: number, split: Split): void;
  /** The TLB's `addend` of a page that holds the byte at `at`, whose address has the low word `low`. */
  addend(at: number, low: number): number;
}

/** Where a number lies of whose bytes the first ones are at one place and the others at another. */
export interface Split {
  readonly at: number;
  readonly bytes: number;
  readonly otherAt: number;
  readonly otherBytes: number;
}

/** The word at a multiple of 4 in a byte order, whatever that of the storage is. */
export function wordIn(storage: GuestStorage, at: number, order: ByteOrder): number {
  const word = storage.word(at);
  return storage.order === order ? word : turnedWord(word);
}
/** Stores a word at a multiple of 4 in a byte order. */
export function setWordIn(storage: GuestStorage, at: number, value: number, order: ByteOrder): void {
  storage.setWord(at, storage.order === order ? value : turnedWord(value));
}

/** Storage for a guest of a byte order, in `size` bytes of the memory from `base` on, both multiples of a page. */
export function makeStorage(memory: WebAssembly.Memory, base: number, size: number, order: ByteOrder): GuestStorage {
  return order === 'big' ? new MirroredStorage(memory, base + size, size) : new PlainStorage(memory, base, size);
}

function requirePages(memory: WebAssembly.Memory, base: number, size: number): void {
  const whole = [base, size].every((n) => n >= 0 && n % PAGE_BYTES === 0);
  if (!whole || base + size > memory.buffer.byteLength) throw new Error('storage must be whole pages of the memory');
}

/**
 * Storage of a big-endian guest, mirrored: the byte at offset H lies at `top - 1 - H`, so that a big-endian access of n bytes
 * is one plain little-endian access at `top - n - H`.
 */
export class MirroredStorage implements GuestStorage {
  readonly order = 'big';
  readonly size: number;
  readonly top: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** The memory as words; see `word`. */
  readonly words: Uint32Array;

  /** The `size` bytes below `top`, both multiples of a page. */
  constructor(memory: WebAssembly.Memory, top: number, size: number) {
    requirePages(memory, top - size, size);
    this.size = size;
    this.top = top;
    this.bytes = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer);
    this.words = new Uint32Array(memory.buffer);
  }

  /** Word at a multiple of 4. */
  word(at: number): number {
    return this.words[(this.top - 4 - at) >>> 2] ?? 0;
  }
  setWord(at: number, value: number): void {
    this.words[(this.top - 4 - at) >>> 2] = value;
  }
  byte(at: number): number {
    return this.bytes[this.top - 1 - at] ?? 0;
  }
  setByte(at: number, value: number): void {
    this.bytes[this.top - 1 - at] = value;
  }
  half(at: number): number {
    return this.#view.getUint16(this.top - 2 - at, true);
  }
  doubleword(at: number): bigint {
    return this.#view.getBigUint64(this.top - 8 - at, true);
  }
  setHalf(at: number, value: number): void {
    this.#view.setUint16(this.top - 2 - at, value, true);
  }
  setDoubleword(at: number, value: bigint): void {
    this.#view.setBigUint64(this.top - 8 - at, BigInt.asUintN(64, value), true);
  }

  /** A copy of `length` bytes in guest order. */
  read(at: number, length: number): Uint8Array {
    return this.bytes.slice(this.top - at - length, this.top - at).reverse();
  }
  /** Copies bytes in guest order into `into`. */
  readInto(at: number, into: Uint8Array): void {
    const end = this.top - at;
    if (into.length > SHORT) {
      into.set(this.bytes.subarray(end - into.length, end));
      into.reverse();
      return;
    }
    for (let i = 0; i < into.length; i++) into[i] = this.bytes[end - 1 - i] ?? 0;
  }
  /** Stores bytes given in guest order. */
  write(at: number, data: Uint8Array): void {
    const end = this.top - at;
    if (data.length > SHORT) {
      const to = this.bytes.subarray(end - data.length, end);
      to.set(data);
      to.reverse();
      return;
    }
    for (let i = 0; i < data.length; i++) this.bytes[end - 1 - i] = data[i] ?? 0;
  }
  fill(at: number, length: number, byte: number): void {
    this.bytes.fill(byte, this.top - at - length, this.top - at);
  }
  frame(at: number): Uint8Array {
    return this.bytes.subarray(this.top - PAGE_BYTES - at, this.top - at);
  }
  filed(frame: Uint8Array): Uint8Array {
    return frame;
  }
  accessAddress(at: number): number {
    return this.top - 16 - at;
  }
  pointer(at: number): number {
    return this.top - at;
  }
  storeFrom(address: number, at: number, bytes: number): void {
    this.bytes.copyWithin(this.top - at - bytes, address, address + bytes);
  }
  fetchSplit(address: number, { at, bytes, otherAt, otherBytes }: Split): number {
    const { bytes: memory, top } = this;
    memory.copyWithin(address + otherBytes, top - at - bytes, top - at);
    memory.copyWithin(address, top - otherAt - otherBytes, top - otherAt);
    return address - 16 + bytes + otherBytes;
  }
  storeSplit(address: number, { at, bytes, otherAt, otherBytes }: Split): void {
    this.storeFrom(address + otherBytes, at, bytes);
    this.storeFrom(address, otherAt, otherBytes);
  }
  addend(at: number, low: number): number {
    return (this.top - 16 - at + low) >>> 0;
  }
}

/** Storage of a little-endian guest: the byte at offset H lies at `base + H`. */
export class PlainStorage implements GuestStorage {
  readonly order = 'little';
  readonly size: number;
  readonly base: number;
  readonly bytes: Uint8Array;
  readonly #memory: Uint8Array;
  readonly #view: DataView;

  /** The `size` bytes from `base` on, both multiples of a page. */
  constructor(memory: WebAssembly.Memory, base: number, size: number) {
    requirePages(memory, base, size);
    this.size = size;
    this.base = base;
    this.bytes = new Uint8Array(memory.buffer, base, size);
    this.#memory = new Uint8Array(memory.buffer);
    this.#view = new DataView(memory.buffer, base, size);
  }

  byte(at: number): number {
    return this.bytes[at] ?? 0;
  }
  setByte(at: number, value: number): void {
    this.bytes[at] = value;
  }
  half(at: number): number {
    return this.#view.getUint16(at, true);
  }
  setHalf(at: number, value: number): void {
    this.#view.setUint16(at, value, true);
  }
  word(at: number): number {
    return this.#view.getUint32(at, true);
  }
  setWord(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
  doubleword(at: number): bigint {
    return this.#view.getBigUint64(at, true);
  }
  setDoubleword(at: number, value: bigint): void {
    this.#view.setBigUint64(at, value, true);
  }
  read(at: number, length: number): Uint8Array {
    return this.bytes.slice(at, at + length);
  }
  readInto(at: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(at, at + into.length));
  }
  write(at: number, data: Uint8Array): void {
    this.bytes.set(data, at);
  }
  fill(at: number, length: number, byte: number): void {
    this.bytes.fill(byte, at, at + length);
  }
  frame(at: number): Uint8Array {
    return this.bytes.subarray(at, at + PAGE_BYTES);
  }
  filed(frame: Uint8Array): Uint8Array {
    return frame.toReversed();
  }
  accessAddress(at: number): number {
    return this.base + at;
  }
  pointer(at: number): number {
    return this.base + at;
  }
  storeFrom(address: number, at: number, bytes: number): void {
    this.#memory.copyWithin(this.base + at, address, address + bytes);
  }
  fetchSplit(address: number, { at, bytes, otherAt, otherBytes }: Split): number {
    const { base } = this;
    this.#memory.copyWithin(address, base + at, base + at + bytes);
    this.#memory.copyWithin(address + bytes, base + otherAt, base + otherAt + otherBytes);
    return address;
  }
  storeSplit(address: number, { at, bytes, otherAt, otherBytes }: Split): void {
    this.storeFrom(address, at, bytes);
    this.storeFrom(address + bytes, otherAt, otherBytes);
  }
  addend(at: number, low: number): number {
    return (this.base + at - low) >>> 0;
  }
}

/** Up to so many bytes a loop is quicker than the built-in copy and reversal. */
const SHORT = 32;

/** Flags of a storage frame, one byte each. */
export const frameFlags = {
  /** Holds instructions that are in the decode cache. */
  code: 1,
  /** Some TLB entry may refer to it. */
  mapped: 2,
  /** Holds tables by which a TLB of a guest's guest was filled. */
  combined: 4,
} as const;

/** Number of the frame that holds an offset. */
export function frameOf(at: number): number {
  return at >>> PAGE_SHIFT;
}
