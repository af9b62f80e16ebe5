import type { AbsoluteBytes } from '../bits/absolute-bytes.ts';
import { FieldRecord, type RecordLayout } from '../bits/record.ts';

const halfField = { half: [0, 2] } as const satisfies RecordLayout;
const wordFields = { first: [0, 4], second: [4, 4] } as const satisfies RecordLayout;

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
    return new FieldRecord(halfField, this.read(address, 2), this.littleEndian).get('half');
  }
  setHalf(address: number, value: number): void {
    const bytes = new Uint8Array(2);
    new FieldRecord(halfField, bytes, this.littleEndian).set('half', value);
    this.write(address, bytes);
  }
  /** Two words, one after the other. */
  setWords(address: number, first: number, second: number): void {
    const bytes = new Uint8Array(8);
    const words = new FieldRecord(wordFields, bytes, this.littleEndian);
    words.set('first', first);
    words.set('second', second);
    this.write(address, bytes);
  }
}
