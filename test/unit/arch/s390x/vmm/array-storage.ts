import type { AbsoluteBytes } from '../../../../../src/bits/absolute-bytes.ts';

/** Guest storage in an array, which a test can look at. */
export class ArrayStorage implements AbsoluteBytes {
  readonly bytes: Uint8Array;
  /** Calls of `write` that stored something. */
  writes = 0;

  constructor(size: number) {
    this.bytes = new Uint8Array(size);
  }
  get size(): number {
    return this.bytes.length;
  }
  read(address: number, length: number): Uint8Array | undefined {
    return this.#holds(address, length) ? this.bytes.slice(address, address + length) : undefined;
  }
  write(address: number, data: Uint8Array): boolean {
    if (!this.#holds(address, data.length)) return false;
    this.writes++;
    this.bytes.set(data, address);
    return true;
  }
  half(address: number): number | undefined {
    const bytes = this.read(address, 2);
    return bytes === undefined ? undefined : ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0);
  }
  setHalf(address: number, value: number): boolean {
    return this.write(address, Uint8Array.of(value >>> 8, value));
  }
  #holds(address: number, length: number): boolean {
    return Number.isInteger(address) && address >= 0 && address + length <= this.bytes.length;
  }
}
