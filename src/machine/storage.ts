import type { Stateful } from '../bits/stateful.ts';
import { PAGE_BYTES, PAGE_SHIFT } from './layout.ts';

/**
 * Guest storage in one WebAssembly memory, mirrored: the byte at host-side address H lies at `top - 1 - H`, so that a
 * big-endian access of n bytes is one plain little-endian access at `top - n - H`. Only this class and generated code
 * know. Addresses here are offsets into the storage, which `Gmap`-like layers give guest addresses.
 */
export class MirroredStorage implements Stateful<StorageState> {
  readonly size: number;
  readonly top: number;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** The memory as words; see `word`. */
  readonly words: Uint32Array;

  /** The `size` bytes below `top`, both multiples of a page. */
  constructor(memory: WebAssembly.Memory, top: number, size: number) {
    if (size % PAGE_BYTES !== 0 || top % PAGE_BYTES !== 0 || size > top) throw new Error('storage must be whole pages');
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
    for (const [i, byte] of data.entries()) this.bytes[end - 1 - i] = byte;
  }
  fill(at: number, length: number, byte: number): void {
    this.bytes.fill(byte, this.top - at - length, this.top - at);
  }

  /** @inheritdoc */
  save(): StorageState {
    const blocks: { at: number; bytes: Uint8Array }[] = [];
    for (let at = 0; at < this.size; at += SAVED_BLOCK) {
      const length = Math.min(SAVED_BLOCK, this.size - at);
      if (!this.#isZero(at, length)) blocks.push({ at, bytes: this.read(at, length) });
    }
    return { blocks };
  }
  /** @inheritdoc */
  restore({ blocks }: StorageState): void {
    this.fill(0, this.size, 0);
    for (const { at, bytes } of blocks) this.write(at, bytes);
  }

  #isZero(at: number, length: number): boolean {
    const end = (this.top - at) >>> 2;
    for (let i = end - length / 4; i < end; i++) if (this.words[i] !== 0) return false;
    return true;
  }
}

/** Bytes that are saved or left out together: what holds nothing but zeros is not kept. */
const SAVED_BLOCK = 16 * PAGE_BYTES;

/** Storage as it is saved: what is not all zeros, in guest order. */
export interface StorageState {
  readonly blocks: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Up to so many bytes a loop is quicker than the built-in copy and reversal. */
const SHORT = 32;

/** Flags of a storage frame, one byte each. */
export const frameFlags = {
  /** Holds instructions that are in the decode cache. */
  code: 1,
  /** Some TLB entry may refer to it. */
  mapped: 2,
} as const;

/** Number of the frame that holds an offset. */
export function frameOf(at: number): number {
  return at >>> PAGE_SHIFT;
}
