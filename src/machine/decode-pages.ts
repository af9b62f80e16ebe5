import { type CodeUnit, decodeEntry, decodePageBytes, PAGE_BYTES } from './layout.ts';
import { frameOf } from './storage.ts';

/** Hears of instructions that are forgotten. */
export interface CodeObserver {
  /** Bytes of a frame that has a decode page have been stored into, or are about to be. */
  changed(frame: number, offset: number, length: number): void;
  /** No frame has a decode page any more. */
  flushed(): void;
}

/** What is stored over without a gap, so many bytes of it, is no code any more, nor is what comes behind it. */
const OVERWRITTEN = 512;

/** Pages behind those of the pool, for who puts memory there: see `DecodePages.aside`. */
export const ASIDE_PAGES = 4;

/** Where the pages of a decode cache are, and what for. */
export interface DecodePool {
  readonly base: number;
  readonly count: number;
  readonly unit: CodeUnit;
}

/**
 * The decode cache: a pool of decode pages in the machine's memory, one for each storage frame that instructions were
 * fetched from. When the pool is full all of it is given up at once, which costs less than keeping an order of use.
 */
export class DecodePages {
  readonly #base: number;
  readonly #count: number;
  readonly #unit: CodeUnit;
  /** Of one page. */
  readonly bytes: number;
  readonly #memory: Uint8Array;
  readonly #halves: Uint16Array;
  readonly #pageOfFrame = new Map<number, number>();
  readonly #frameOfPage: (number | undefined)[] = [];
  /** Numbers of pages that have been given up. */
  readonly #free: number[] = [];
  readonly #onFlush: (frames: Iterable<number>) => void;
  /** Pages that were ever in use; the others hold zeros, and memory that nobody has written to costs nothing. */
  #used = 0;
  /** Where the last store into code ended, and how many bytes in a row such stores have had. */
  #storedTo = 0;
  #inRow = 0;
  /** The frames that the pages aside serve. */
  readonly #framesAside: (number | undefined)[] = new Array(ASIDE_PAGES).fill(undefined);
  /** Which of them serves another frame next. */
  #nextAside = 0;
  /** Who else keeps something about decoded instructions. */
  observer: CodeObserver | undefined;

  /** `count` pages from `base` on, where the memory holds zeros. `onFlush` hears which frames have lost their pages; no TLB may name a page after it. */
  constructor(
    memory: WebAssembly.Memory,
    { base, count, unit }: DecodePool,
    onFlush: (frames: Iterable<number>) => void,
  ) {
    this.#base = base;
    this.#count = count;
    this.#unit = unit;
    this.bytes = decodePageBytes(unit);
    this.#memory = new Uint8Array(memory.buffer);
    this.#halves = new Uint16Array(memory.buffer);
    this.#onFlush = onFlush;
  }

  /** Address of the decode page of a storage frame, a new one when there is none. */
  pageFor(frame: number): number {
    const known = this.#pageOfFrame.get(frame);
    if (known !== undefined) return known;
    if (this.#free.length === 0 && this.#frameOfPage.length === this.#count) this.flush();
    const number = this.#free.pop() ?? this.#frameOfPage.length;
    const page = this.#base + number * this.bytes;
    this.#frameOfPage[number] = frame;
    this.#pageOfFrame.set(frame, page);
    if (number < this.#used) this.#memory.fill(0, page, page + this.bytes);
    else this.#used = number + 1;
    return page;
  }

  /**
   * Address of a page behind the others, for instructions of a frame that are decoded otherwise than the rest: a few frames have one, and
   * nothing of them is translated. The frame has a page among the others, too, so that stores into it are looked at.
   */
  aside(frame: number): number {
    const known = this.#framesAside.indexOf(frame);
    if (known >= 0) return this.#pageAside(known);
    const number = this.#nextAside;
    this.#nextAside = (number + 1) % ASIDE_PAGES;
    const page = this.#pageAside(number);
    if (this.#framesAside[number] !== undefined) this.#clear(page, 0, PAGE_BYTES / this.#unit - 1);
    this.#framesAside[number] = frame;
    return page;
  }
  #clearAside(): void {
    for (const [number, frame] of this.#framesAside.entries()) {
      if (frame !== undefined) this.#clear(this.#pageAside(number), 0, PAGE_BYTES / this.#unit - 1);
    }
    this.#framesAside.fill(undefined);
  }
  #pageAside(number: number): number {
    return this.#base + (this.#count + number) * this.bytes;
  }

  /** Addresses of the decode pages in use. */
  *all(): IterableIterator<number> {
    for (let i = 0; i < this.#frameOfPage.length; i++) yield this.#base + i * this.bytes;
  }

  /** Storage offset of the instruction that an entry of a decode page stands for; undefined for an entry elsewhere. */
  storageOffset(entry: number): number | undefined {
    const from = entry - this.#base;
    const number = Math.floor(from / this.bytes);
    const frame = number >= this.#count ? this.#framesAside[number - this.#count] : this.#frameOfPage[number];
    if (from < 0 || frame === undefined) return undefined;
    return frame * PAGE_BYTES + ((from % this.bytes) >>> decodeEntry.shift) * this.#unit;
  }

  /** Address of the entry for an offset of a frame; undefined when the frame has no decode page. */
  entryAt(frame: number, offset: number): number | undefined {
    const page = this.#pageOfFrame.get(frame);
    return page === undefined ? undefined : page + this.distance(offset);
  }
  /** How far the entries of instructions lie apart that are so many bytes apart, in one page. */
  distance(bytes: number): number {
    return Math.floor(bytes / this.#unit) << decodeEntry.shift;
  }

  /**
   * Forgets the instructions that have a byte among the `length` at storage offset `at`, all in one frame. Where they lie at
   * multiples of 2, one may begin up to three halfwords before the first byte and reach it.
   */
  invalidate(at: number, length: number): void {
    const page = this.#pageOfFrame.get(frameOf(at));
    if (page === undefined) return;
    const offset = at % PAGE_BYTES;
    this.observer?.changed(frameOf(at), offset, length);
    const unit = this.#unit;
    const first = unit === 2 ? Math.max(0, (offset >> 1) - 2) : offset >> 2;
    const last = Math.min(PAGE_BYTES / unit - 1, Math.floor((offset + length - 1) / unit));
    this.#clear(page, first, last);
    const aside = this.#framesAside.indexOf(frameOf(at));
    if (aside >= 0) this.#clear(this.#pageAside(aside), first, last);
  }
  /**
   * Bytes of a frame with a page are stored: forgets its instructions there. True when so many bytes in a row have been stored that the
   * frame's page is given up: no TLB may name it any more, and stores into the frame need not be looked at.
   */
  overwritten(at: number, length: number): boolean {
    this.invalidate(at, length);
    this.#inRow = at === this.#storedTo ? this.#inRow + length : length;
    this.#storedTo = at + length;
    if (this.#inRow < OVERWRITTEN) return false;
    this.#release(frameOf(at));
    return true;
  }
  #release(frame: number): void {
    const page = this.#pageOfFrame.get(frame);
    if (page === undefined) return;
    this.invalidate(frame * PAGE_BYTES, PAGE_BYTES);
    const number = (page - this.#base) / this.bytes;
    this.#pageOfFrame.delete(frame);
    this.#frameOfPage[number] = undefined;
    this.#free.push(number);
  }
  // Entries keep their length: the instruction in execution may still be asked for it.
  #clear(page: number, first: number, last: number): void {
    const step = decodeEntry.bytes >> 1;
    let half = (page + first * decodeEntry.bytes) >> 1;
    for (let i = first; i <= last; i++, half += step) this.#halves[half] = 0;
  }

  /** Forgets everything. */
  flush(): void {
    const frames = [...this.#pageOfFrame.keys()];
    this.#frameOfPage.length = 0;
    this.#free.length = 0;
    this.#pageOfFrame.clear();
    this.#clearAside();
    this.observer?.flushed();
    this.#onFlush(frames);
  }
}
