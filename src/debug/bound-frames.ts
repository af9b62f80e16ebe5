import { PAGE_BYTES } from '../machine/layout.ts';
import type { StoragePiece } from '../machine/watch.ts';

/** What covers more frames than this is kept by block. */
const FEW_FRAMES = 64;
const BLOCK_FRAMES = 256;

/**
 * Pieces of storage, found by a frame that they have bytes in. To add one takes time by its blocks of 1 MiB, not by its frames: what
 * a debugger watches is bound anew at each resume, in which Ctrl-C is not heard.
 */
export class BoundFrames<T extends StoragePiece> {
  readonly #frames = new Map<number, T[]>();
  readonly #blocks = new Map<number, T[]>();

  /** All of them, some more than once. */
  *all(): Iterable<T> {
    for (const here of this.#frames.values()) yield* here;
    for (const here of this.#blocks.values()) yield* here;
  }
  clear(): void {
    this.#frames.clear();
    this.#blocks.clear();
  }

  add(piece: T): void {
    const first = Math.floor(piece.at / PAGE_BYTES);
    const last = Math.floor((piece.at + piece.length - 1) / PAGE_BYTES);
    if (last - first < FEW_FRAMES) {
      for (let frame = first; frame <= last; frame++) addTo(this.#frames, frame, piece);
    } else {
      for (let block = blockOf(first); block <= blockOf(last); block++) addTo(this.#blocks, block, piece);
    }
  }

  /** Those with bytes in a frame. */
  in(frame: number): readonly T[] {
    const few = this.#frames.get(frame);
    if (this.#blocks.size === 0) return few ?? [];
    const from = frame * PAGE_BYTES;
    const here = (this.#blocks.get(blockOf(frame)) ?? []).filter(
      ({ at, length }) => at < from + PAGE_BYTES && from < at + length,
    );
    return few === undefined ? here : [...few, ...here];
  }
}

function blockOf(frame: number): number {
  return Math.floor(frame / BLOCK_FRAMES);
}

function addTo<T>(places: Map<number, T[]>, place: number, piece: T): void {
  const there = places.get(place);
  if (there === undefined) places.set(place, [piece]);
  else there.push(piece);
}
