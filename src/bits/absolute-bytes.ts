/**
 * Guest storage as devices and loaders see it: bytes at absolute addresses, no prefixing, no keys, no protection. The
 * machine supplies it.
 */
export interface AbsoluteBytes {
  /** Bytes of storage; the addresses are 0 to `size - 1`. */
  readonly size: number;
  /** A copy of `length` bytes in guest order, or undefined when any of them lies outside storage. */
  read(address: number, length: number): Uint8Array | undefined;
  /**
   * Stores `data`, which is given in guest order and not kept, and marks the pages changed; false, with nothing stored,
   * when any byte lies outside storage.
   */
  write(address: number, data: Uint8Array): boolean;
  /** The halfword at a multiple of 2, or undefined when it lies outside storage. */
  half(address: number): number | undefined;
  /** Stores a halfword at a multiple of 2, as `write` does. */
  setHalf(address: number, value: number): boolean;
}
