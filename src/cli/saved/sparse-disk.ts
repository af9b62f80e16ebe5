import type { BlockBackend } from '../../virtio/block.ts';

/** Bytes that are kept together. */
export const SPARSE_BLOCK = 1 << 16;

/** A disk whose blocks lie in memory, as far as they are no zeros, or are fetched when they are first wanted. */
export class SparseDisk implements BlockBackend {
  readonly size: number;
  readonly #blocks: Map<number, Uint8Array | (() => Uint8Array)>;

  /** `blocks` by number; taken over. */
  constructor(size: number, blocks = new Map<number, Uint8Array | (() => Uint8Array)>()) {
    this.size = size;
    this.#blocks = blocks;
  }

  read(offset: number, length: number): Uint8Array {
    const into = new Uint8Array(length);
    this.#each(offset, length, (number, from, to, at) => {
      const block = this.#block(number);
      if (block !== undefined) into.set(block.subarray(from, to), at);
    });
    return into;
  }
  write(offset: number, data: Uint8Array): boolean {
    this.#each(offset, data.length, (number, from, to, at) => {
      const block = this.#block(number) ?? new Uint8Array(SPARSE_BLOCK);
      block.set(data.subarray(at, at + to - from), from);
      this.#blocks.set(number, block);
    });
    return true;
  }
  flush(): boolean {
    return true;
  }
  zero(offset: number, length: number): boolean {
    this.#each(offset, length, (number, from, to) => {
      if (to - from === SPARSE_BLOCK) this.#blocks.delete(number);
      else this.#block(number)?.fill(0, from, to);
    });
    return true;
  }

  #block(number: number): Uint8Array | undefined {
    const found = this.#blocks.get(number);
    if (typeof found !== 'function') return found;
    const block = new Uint8Array(SPARSE_BLOCK);
    block.set(found());
    this.#blocks.set(number, block);
    return block;
  }
  // Pieces of blocks: from and to in the block, and where that lies in the whole.
  #each(offset: number, length: number, piece: (number: number, from: number, to: number, at: number) => void): void {
    for (let at = 0; at < length; ) {
      const number = Math.floor((offset + at) / SPARSE_BLOCK);
      const from = offset + at - number * SPARSE_BLOCK;
      const to = Math.min(SPARSE_BLOCK, from + length - at);
      piece(number, from, to, at);
      at += to - from;
    }
  }
}
