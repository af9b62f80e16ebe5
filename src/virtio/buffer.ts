import type { RingMemory } from './ring-memory.ts';

/** A run of guest storage. */
export interface BufferPart {
  readonly address: number;
  readonly length: number;
}

const sum = (parts: readonly BufferPart[]): number => parts.reduce((n, p) => n + p.length, 0);

/** A buffer that a driver has made available: bytes for the device to read, and after them room for it to write. */
export class VirtqueueBuffer {
  /** Its first descriptor: by that the driver knows it. */
  readonly head: number;
  readonly readableBytes: number;
  readonly writableBytes: number;
  readonly #memory: RingMemory;
  readonly #readable: readonly BufferPart[];
  readonly #writable: readonly BufferPart[];

  constructor(memory: RingMemory, head: number, readable: readonly BufferPart[], writable: readonly BufferPart[]) {
    this.#memory = memory;
    this.head = head;
    this.#readable = readable;
    this.#writable = writable;
    this.readableBytes = sum(readable);
    this.writableBytes = sum(writable);
  }

  /** True when some access has met no storage: what was read is zeros. */
  get failed(): boolean {
    return this.#memory.failed;
  }

  /** A copy of the readable bytes from `offset` on, up to `length`. */
  read(offset = 0, length: number = this.readableBytes - offset): Uint8Array {
    const out = new Uint8Array(Math.max(0, Math.min(length, this.readableBytes - offset)));
    for (const { address, at, count } of pieces(this.#readable, offset, out.length)) {
      out.set(this.#memory.read(address, count), at);
    }
    return out;
  }

  /** Writes bytes into the writable part, from `offset` on; what does not fit is left. Returns how many fitted. */
  write(offset: number, data: Uint8Array): number {
    const length = Math.max(0, Math.min(data.length, this.writableBytes - offset));
    for (const { address, at, count } of pieces(this.#writable, offset, length)) {
      this.#memory.write(address, data.subarray(at, at + count));
    }
    return length;
  }
}

/** The runs that hold `length` bytes from `offset` on; `at` counts from `offset`. */
function* pieces(
  parts: readonly BufferPart[],
  offset: number,
  length: number,
): Generator<{ readonly address: number; readonly at: number; readonly count: number }> {
  let start = 0;
  for (const part of parts) {
    const from = Math.max(offset, start);
    const to = Math.min(offset + length, start + part.length);
    if (from < to) yield { address: part.address + from - start, at: from - offset, count: to - from };
    start += part.length;
    if (start >= offset + length) return;
  }
}
