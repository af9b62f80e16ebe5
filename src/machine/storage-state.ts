import type { Stateful } from '../bits/stateful.ts';
import { PAGE_BYTES } from './layout.ts';
import type { GuestStorage } from './storage.ts';

/** Bytes that are saved or left out together: what holds nothing but zeros is not kept. */
const SAVED_BLOCK = 16 * PAGE_BYTES;

/** Storage as it is saved: what is not all zeros, in guest order. */
export interface StorageState {
  readonly blocks: Iterable<{ readonly at: number; readonly bytes: Uint8Array }>;
}

/** All bytes of a storage as a part of the state. Whoever restores it must forget what was made of the old ones. */
export class StorageContents implements Stateful<StorageState> {
  readonly #storage: GuestStorage;

  constructor(storage: GuestStorage) {
    this.#storage = storage;
  }

  /** @inheritdoc */
  save(): StorageState {
    const { size } = this.#storage;
    const blocks: { at: number; bytes: Uint8Array }[] = [];
    for (let at = 0; at < size; at += SAVED_BLOCK) {
      const length = Math.min(SAVED_BLOCK, size - at);
      if (!this.#isZero(at, at + length)) blocks.push({ at, bytes: this.#storage.read(at, length) });
    }
    return { blocks };
  }
  /** @inheritdoc */
  restore({ blocks }: StorageState): void {
    this.#storage.fill(0, this.#storage.size, 0);
    for (const { at, bytes } of blocks) this.#storage.write(at, bytes);
  }

  #isZero(from: number, to: number): boolean {
    for (let at = from; at < to; at += 4) if (this.#storage.word(at) !== 0) return false;
    return true;
  }
}
