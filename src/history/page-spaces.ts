import type { KeptPages } from '../machine/kept-pages.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { GuestStorage } from '../machine/storage.ts';
import type { PagedDisk } from './kept-disk.ts';

/** Pages that are kept together. */
export interface PageSpace {
  /** How many there are. */
  readonly pages: number;
  /** The bytes of a page, not kept by the caller. */
  get(page: number): Uint8Array;
  put(page: number, bytes: Uint8Array): void;
  /** The bytes of a page as files keep them, which may be others; also the way back. Absent where they are the same. */
  filed?(bytes: Uint8Array): Uint8Array;
}

/** The frames of a storage. */
export class StoragePages implements PageSpace {
  readonly pages: number;
  readonly #storage: GuestStorage;

  constructor(storage: GuestStorage) {
    this.#storage = storage;
    this.pages = storage.size / PAGE_BYTES;
  }
  get(page: number): Uint8Array {
    return this.#storage.frame(page * PAGE_BYTES);
  }
  put(page: number, bytes: Uint8Array): void {
    this.get(page).set(bytes);
  }
  filed(bytes: Uint8Array): Uint8Array {
    return this.#storage.filed(bytes);
  }
}

/** Bytes of whose changes nobody hears: a copy of them tells which pages have changed. */
export class ComparedPages implements PageSpace {
  readonly pages: number;
  readonly #bytes: Uint8Array;
  readonly #before: Uint8Array;
  readonly #page = new Uint8Array(PAGE_BYTES);

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#before = bytes.slice();
    this.pages = Math.ceil(bytes.length / PAGE_BYTES);
  }
  get(page: number): Uint8Array {
    return this.#padded(this.#bytes, page);
  }
  put(page: number, bytes: Uint8Array): void {
    const at = page * PAGE_BYTES;
    const length = Math.min(PAGE_BYTES, this.#bytes.length - at);
    this.#bytes.set(bytes.subarray(0, length), at);
    this.#before.set(bytes.subarray(0, length), at);
  }
  /** Calls `changed` with each page that is not what it was when this was last asked, and what that was. */
  look(changed: (page: number, before: Uint8Array) => void): void {
    for (let page = 0; page < this.pages; page++) {
      const [from, to] = [page * PAGE_BYTES, Math.min((page + 1) * PAGE_BYTES, this.#bytes.length)];
      const now = this.#bytes.subarray(from, to);
      if (Buffer.compare(now, this.#before.subarray(from, to)) === 0) continue;
      changed(page, this.#padded(this.#before, page));
      this.#before.set(now, from);
    }
  }
  #padded(bytes: Uint8Array, page: number): Uint8Array {
    this.#page.fill(0);
    this.#page.set(bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES));
    return this.#page;
  }
}

/** All pages that a history keeps, under numbers of one sequence: storage first, so that a frame's number is its page's. */
export class PageSpaces {
  readonly #spaces: readonly { readonly first: number; readonly space: PageSpace }[];
  readonly #compared: readonly { readonly first: number; readonly space: ComparedPages }[];
  readonly frames: number;
  /** How many pages there are whose changes are told each time: those of storage, and of what is told beside it. */
  readonly told: number;

  constructor(kept: KeptPages, disks: readonly PagedDisk[]) {
    const compared = kept.compared.map((bytes) => new ComparedPages(bytes));
    let first = 0;
    const placed = <S extends PageSpace>(space: S): { readonly first: number; readonly space: S } => {
      const at = first;
      first += space.pages;
      return { first: at, space };
    };
    const storage = placed(new StoragePages(kept.storage));
    const told = (kept.told ?? []).map((one) => {
      const here = placed(new StoragePages(one.storage));
      one.onChange = (page) => this.onToldChange?.(here.first + page);
      return here;
    });
    this.told = first;
    this.#compared = compared.map(placed);
    const others = disks.map((disk) => {
      const here = placed(disk.space);
      disk.onChange = (block, before) => this.onDiskChange?.(here.first + block, before);
      return here;
    });
    this.#spaces = [storage, ...told, ...this.#compared, ...others];
    this.frames = storage.space.pages;
  }

  /** Told in front of each change of a page beside storage. */
  onToldChange: ((page: number) => void) | undefined;
  /** Told of the first change of a block of a disk, with its bytes before that. */
  onDiskChange: ((page: number, before: Uint8Array) => void) | undefined;

  /** The space of a page, and the page's number in it. */
  of(page: number): { readonly space: PageSpace; readonly number: number } {
    const found = this.#spaces.find(({ first, space }) => page >= first && page < first + space.pages);
    if (found === undefined) throw new Error(`there is no page ${page}`);
    return { space: found.space, number: page - found.first };
  }
  /** Calls `changed` with each compared page that has changed since this was last asked. */
  look(changed: (page: number, before: Uint8Array) => void): void {
    for (const { first, space } of this.#compared) space.look((page, before) => changed(first + page, before));
  }
}
