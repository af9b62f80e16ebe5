import type { Instant, LoggedInput } from '../machine/inputs.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { Beginning } from './figures.ts';
import type { Future, Futures } from './future.ts';
import { type ImagePool, ZEROS } from './image-pool.ts';
import { Interval } from './interval.ts';
import type { Mark } from './mark.ts';

/** Raised whenever what is saved changes. */
export const SAVED_HISTORY_VERSION = 1;

/** An interval as plain data: pages with their images one behind the other, those of zeros apart. */
export interface SavedInterval {
  readonly pages: readonly number[];
  readonly images: Uint8Array;
  readonly zeros: readonly number[];
  readonly executed: readonly number[];
}

/** A history as plain data, its intervals aside, which are those of the way that the machine is on and then those of each future. */
export interface SavedHistory {
  readonly version: number;
  readonly base: number;
  readonly forgotten: number;
  readonly why: Beginning['why'];
  readonly explored: Instant | undefined;
  readonly marks: readonly Mark[];
  readonly inputs: readonly LoggedInput[];
  readonly futures: readonly SavedFuture[];
  readonly named: number;
}

/** A future; `from` counts the marks of the way, and then those of the futures in front of it. */
interface SavedFuture {
  readonly name: string;
  readonly from: number;
  readonly marks: readonly Mark[];
  readonly inputs: readonly LoggedInput[];
}

/** What a history gives to be saved. */
export interface HistoryParts extends Omit<SavedHistory, 'version' | 'futures' | 'named'> {
  readonly intervals: readonly Interval[];
  readonly futures: Futures;
  readonly images: PageImages;
}

/** Images of pages: where they are, and how files keep them. */
export interface PageImages {
  readonly pool: ImagePool;
  /** The bytes of a page as files keep them, or of a file's as they are here. */
  filed(page: number, bytes: Uint8Array): Uint8Array;
}

/** A history as plain data. */
export function savedHistory({ intervals, futures, images, ...parts }: HistoryParts): {
  readonly history: SavedHistory;
  readonly intervals: Iterable<SavedInterval>;
} {
  const all = inOrder(parts.marks, futures.all);
  const saved = all.futures.map(({ name, from, marks, inputs }) => ({
    ...{ name, marks, inputs },
    from: all.marks.indexOf(from),
  }));
  const every = [...intervals, ...all.futures.flatMap((future) => future.intervals)];
  return {
    history: { version: SAVED_HISTORY_VERSION, ...parts, futures: saved, named: futures.named },
    intervals: {
      *[Symbol.iterator]() {
        for (const interval of every) yield savedInterval(interval, images);
      },
    },
  };
}

/** Futures behind those that they branch off from, with all marks. */
function inOrder(way: readonly Mark[], futures: readonly Future[]): { marks: Mark[]; futures: Future[] } {
  const found = { marks: [...way], futures: [] as Future[] };
  for (let left = [...futures]; left.length > 0; ) {
    const next = left.filter(({ from }) => found.marks.includes(from));
    if (next.length === 0) throw new Error('a future branches off from nowhere');
    found.futures.push(...next);
    found.marks.push(...next.flatMap(({ marks }) => marks));
    left = left.filter((future) => !next.includes(future));
  }
  return found;
}

function savedInterval(interval: Interval, images: PageImages): SavedInterval {
  const pages = [...interval.pages];
  const kept = pages.filter(([, image]) => image !== ZEROS);
  const all = new Uint8Array(kept.length * PAGE_BYTES);
  for (const [i, [page, image]] of kept.entries()) all.set(images.filed(page, images.pool.view(image)), i * PAGE_BYTES);
  return {
    ...{ pages: kept.map(([page]) => page), images: all },
    zeros: pages.filter(([, image]) => image === ZEROS).map(([page]) => page),
    executed: [...interval.executed],
  };
}

/** Marks and intervals of what `savedHistory` gave; futures go into `futures`. */
export function restoredHistory(
  saved: SavedHistory,
  intervals: Iterable<SavedInterval>,
  images: PageImages,
  futures: Futures,
): { readonly marks: readonly Mark[]; readonly intervals: readonly Interval[] } {
  const all = Array.from(intervals, (interval) => restoredInterval(interval, images));
  const own = all.splice(0, saved.marks.length - 1);
  const marks = [...saved.marks];
  const found: Future[] = [];
  for (const { from, ...future } of saved.futures) {
    const mark = marks[from];
    if (mark === undefined) throw new Error('a future branches off from nowhere');
    marks.push(...future.marks);
    found.push({ ...future, from: mark, intervals: all.splice(0, future.marks.length) });
  }
  futures.adopt(found, saved.named);
  return { marks: saved.marks, intervals: own };
}

function restoredInterval({ pages, images: all, zeros, executed }: SavedInterval, images: PageImages): Interval {
  const interval = new Interval();
  for (const page of zeros) interval.pages.set(page, ZEROS);
  for (const [i, page] of pages.entries()) {
    const bytes = all.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
    interval.pages.set(page, images.pool.keep(images.filed(page, bytes)));
  }
  for (const page of executed) interval.executed.add(page);
  return interval;
}
