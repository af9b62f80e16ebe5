import type { Stateful } from '../../bits/stateful.ts';
import type { BlockBackend } from '../../virtio/block.ts';
import { SPARSE_BLOCK } from './sparse-disk.ts';

/** A disk of which somebody hears what each block held when it was first touched. */
export class RecordedDisk implements BlockBackend {
  readonly size: number;
  readonly contents?: Stateful<unknown>;
  readonly zero?: (offset: number, length: number) => boolean;
  readonly #inner: BlockBackend;
  readonly #first: (block: number, bytes: Uint8Array) => void;
  readonly #touched = new Set<number>();

  constructor(inner: BlockBackend, first: (block: number, bytes: Uint8Array) => void) {
    this.#inner = inner;
    this.#first = first;
    this.size = inner.size;
    if (inner.contents !== undefined) this.contents = inner.contents;
    if (inner.zero !== undefined) {
      this.zero = (offset, length) => {
        this.#touch(offset, length);
        return inner.zero?.(offset, length) ?? false;
      };
    }
  }
  /** Blocks are told of anew. */
  forget(): void {
    this.#touched.clear();
  }
  read(offset: number, length: number): Uint8Array | undefined {
    this.#touch(offset, length);
    return this.#inner.read(offset, length);
  }
  write(offset: number, data: Uint8Array): boolean {
    this.#touch(offset, data.length);
    return this.#inner.write(offset, data);
  }
  flush(): boolean {
    return this.#inner.flush();
  }

  #touch(offset: number, length: number): void {
    for (let block = Math.floor(offset / SPARSE_BLOCK); block * SPARSE_BLOCK < offset + length; block++) {
      if (this.#touched.has(block)) continue;
      this.#touched.add(block);
      const at = block * SPARSE_BLOCK;
      const bytes = this.#inner.read(at, Math.min(SPARSE_BLOCK, this.size - at));
      if (bytes !== undefined) this.#first(block, bytes);
    }
  }
}
