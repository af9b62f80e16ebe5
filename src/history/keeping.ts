import type { KeptPages, PageKeeper } from '../machine/kept-pages.ts';
import { ImagePool } from './image-pool.ts';
import { Interval } from './interval.ts';
import type { PagedDisk } from './kept-disk.ts';
import { PageSpaces } from './page-spaces.ts';

/** Where the count of intervals begins again. */
const LAST_NUMBER = 0xffff_ffff;

/**
 * Keeps, for the interval in hand, what each page held before its first change, and exchanges pages with what was kept of
 * them. A page was kept in this interval when its stamp is the interval's number.
 */
export class Keeping implements PageKeeper {
  readonly pool = new ImagePool();
  readonly #pages: KeptPages;
  readonly #spaces: PageSpaces;
  readonly #disks: readonly PagedDisk[];
  readonly #stamps: Uint32Array;
  #number: number;
  /** What has changed since the last mark. */
  open = new Interval();

  /** `number` is that of the first interval. */
  constructor(pages: KeptPages, disks: readonly PagedDisk[], number = 1) {
    this.#pages = pages;
    this.#disks = disks;
    this.#spaces = new PageSpaces(pages, disks);
    this.#spaces.onDiskChange = (page, before) => this.#keep(page, before);
    this.#spaces.onToldChange = (page) => {
      if (this.lacks(page)) this.keep(page);
    };
    this.#stamps = new Uint32Array(this.#spaces.told);
    this.#number = number;
  }

  /** @inheritdoc */
  lacks(frame: number): boolean {
    return this.#stamps[frame] !== this.#number;
  }
  /** @inheritdoc */
  keep(frame: number): void {
    this.#stamps[frame] = this.#number;
    const { space, number } = this.#spaces.of(frame);
    this.#keep(frame, space.get(number));
  }
  /** @inheritdoc */
  executes(page: number): void {
    this.open.executed.add(page);
  }
  #keep(page: number, before: Uint8Array): void {
    if (!this.open.pages.has(page)) this.open.pages.set(page, this.pool.keep(before));
  }

  /** Ends the interval in hand, and gives it. The guest must have been made to ask for first changes anew. */
  end(): Interval {
    this.#spaces.look((page, before) => this.#keep(page, before));
    const ended = this.open;
    this.begin();
    return ended;
  }
  /** Begins an interval. */
  begin(): void {
    this.open = new Interval();
    if (this.#number === LAST_NUMBER) {
      this.#stamps.fill(0);
      this.#number = 0;
    }
    this.#number++;
    for (const disk of this.#disks) disk.begin();
  }

  /** Takes back what has changed since the last mark; the frames go into `replaced`. */
  takeBack(replaced: Set<number>): void {
    const { pages } = this.end();
    for (const [page, image] of pages) {
      const { space, number } = this.#spaces.of(page);
      space.put(number, this.pool.view(image));
      this.pool.free(image);
      if (page < this.#spaces.frames) replaced.add(page);
    }
  }
  /** Pages get what an interval kept of them, and it keeps what they had. */
  exchange({ pages }: Interval, replaced: Set<number>): void {
    for (const [page, image] of pages) {
      const { space, number } = this.#spaces.of(page);
      const put = (bytes: Uint8Array): void => space.put(number, bytes);
      pages.set(page, this.pool.exchange(image, space.get(number), put));
      if (page < this.#spaces.frames) replaced.add(page);
    }
  }

  /** The bytes of a page as files keep them, or of a file's as they are here. */
  filed(page: number, bytes: Uint8Array): Uint8Array {
    return this.#spaces.of(page).space.filed?.(bytes) ?? bytes;
  }

  /** The guest is in its past, or not. */
  set away(value: boolean) {
    for (const disk of this.#disks) disk.away = value;
  }
  /** Does what saves or restores the rest of the state. */
  besides<T>(act: () => T): T {
    for (const disk of this.#disks) disk.capturing = true;
    try {
      return act();
    } finally {
      for (const disk of this.#disks) disk.capturing = false;
    }
  }
  /** Made of frames that are not what they were. */
  forget(frames: Iterable<number>): void {
    this.#pages.replaced(frames);
  }
  get parts(): readonly string[] {
    return this.#pages.parts;
  }
}
