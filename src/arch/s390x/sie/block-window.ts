import type { RecordBytes } from '../../../bits/record.ts';
import type { MirroredStorage } from '../../../machine/storage.ts';

/** The bytes of a state description where they lie in storage. Who writes must tell of it: see `CpuComplex.stored`. */
export class BlockWindow implements RecordBytes {
  readonly #storage: MirroredStorage;
  /** Offset into the storage. */
  at = 0;

  constructor(storage: MirroredStorage) {
    this.#storage = storage;
  }
  getUint8(offset: number): number {
    return this.#storage.byte(this.at + offset);
  }
  getUint16(offset: number): number {
    return this.#storage.half(this.at + offset);
  }
  getUint32(offset: number): number {
    return this.#storage.word(this.at + offset);
  }
  getBigUint64(offset: number): bigint {
    return this.#storage.doubleword(this.at + offset);
  }
  setUint8(offset: number, value: number): void {
    this.#storage.setByte(this.at + offset, value);
  }
  setUint16(offset: number, value: number): void {
    this.#storage.setHalf(this.at + offset, value);
  }
  setUint32(offset: number, value: number): void {
    this.#storage.setWord(this.at + offset, value);
  }
  setBigUint64(offset: number, value: bigint): void {
    this.#storage.setDoubleword(this.at + offset, value);
  }
}
