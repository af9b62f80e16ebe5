import type { AbsoluteBytes } from '../bits/absolute-bytes.ts';

/** No guest address reaches this. */
const END = 2 ** 44;

/**
 * Guest storage as a virtio device reads and writes it, in the byte order that its driver uses. An access outside storage
 * is remembered in `failed`; it reads zeros and stores nothing, so that callers need ask but once.
 */
export class RingMemory {
  readonly littleEndian: boolean;
  readonly #storage: AbsoluteBytes;
  /** Some access has met no storage. */
  failed = false;

  constructor(storage: AbsoluteBytes, littleEndian: boolean) {
    this.#storage = storage;
    this.littleEndian = littleEndian;
  }

  /** A copy of `length` bytes. */
  read(address: number, length: number): Uint8Array {
    const bytes = address + length <= END ? this.#storage.read(address, length) : undefined;
    if (bytes !== undefined) return bytes;
    this.failed = true;
    return new Uint8Array(length);
  }
  write(address: number, data: Uint8Array): void {
    if (address + data.length > END || !this.#storage.write(address, data)) this.failed = true;
  }

  half(address: number): number {
    return this.#view(this.read(address, 2)).getUint16(0, this.littleEndian);
  }
  setHalf(address: number, value: number): void {
    const bytes = new Uint8Array(2);
    this.#view(bytes).setUint16(0, value, this.littleEndian);
    this.write(address, bytes);
  }
  /** Two words, one after the other. */
  setWords(address: number, first: number, second: number): void {
    const bytes = new Uint8Array(8);
    const view = this.#view(bytes);
    view.setUint32(0, first, this.littleEndian);
    view.setUint32(4, second, this.littleEndian);
    this.write(address, bytes);
  }

  #view(bytes: Uint8Array): DataView {
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
