import { PAGE_BYTES } from '../../machine/layout.ts';
import { type CodePages, pageOf, within } from './pages.ts';
import type { Mode, Region } from './region.ts';

/** A place in a frame. */
export interface Place {
  readonly frame: number;
  readonly offset: number;
}

/** Bytes of a frame: the first, and behind the last. */
export interface Piece {
  readonly frame: number;
  readonly from: number;
  readonly to: number;
}

/** A region in use. */
export interface Installed {
  readonly mode: Mode;
  readonly firstSlot: number;
  readonly pages: CodePages;
  /** Where it is entered, in the order of its slots; offsets count from its first page. */
  readonly entries: readonly number[];
  /** The same as places. */
  readonly places: readonly Place[];
  /** What it was made from. */
  readonly pieces: readonly Piece[];
  readonly instructions: number;
  readonly bytes: number;
  /** Equal for regions of the same instructions. */
  readonly shape: string;
  /** As large as regions become: it stays as it is. */
  readonly full: boolean;
  /** It was made of others. */
  readonly merged: boolean;
}

/** Where offsets of a region lie. */
export function placesOf(offsets: readonly number[], pages: CodePages): Place[] {
  return offsets.map((o) => ({ frame: pages.frameOf(pageOf(o)) ?? 0, offset: within(o) }));
}

/** What a region is made from. */
export function piecesOf(region: Region, pages: CodePages): Piece[] {
  const pieces: Piece[] = [];
  const add = (from: number, to: number): void => {
    for (let at = from; at < to; ) {
      const end = Math.min(to, (pageOf(at) + 1) * PAGE_BYTES);
      const frame = pages.frameOf(pageOf(at));
      if (frame !== undefined) pieces.push({ frame, from: within(at), to: within(at) + end - at });
      at = end;
    }
  };
  for (const block of region.blocks()) {
    const last = block.instructions.at(-1);
    if (last !== undefined) add(block.offset, last.offset + last.decoded.length);
    for (const { decoded, offset } of block.instructions) {
      const { also } = decoded;
      const page = offset - within(offset);
      if (also !== undefined) add(page + also.offset, page + also.offset + also.length);
    }
  }
  return pieces;
}

/** True when a region was made from one of some bytes. */
export function holds({ pieces }: Pick<Installed, 'pieces'>, frame: number, from: number, to: number): boolean {
  return pieces.some((p) => p.frame === frame && from < p.to && to > p.from);
}

/** The frames that a region's bytes lie in. */
export function framesOf({ pieces }: Installed): ReadonlySet<number> {
  return new Set(pieces.map((p) => p.frame));
}
