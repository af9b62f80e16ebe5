import type { Stateful } from '../../../bits/stateful.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { MemorySlot } from './slots.ts';

/** Unchanged blocks that are passed on rather than begin a run anew. */
const LONGEST_GAP = 16;

/** Which blocks' usage states have changed since they were last got, for a guest that moves. */
export class CmmaDirty implements Stateful<Uint8Array> {
  /** One byte a frame. */
  readonly #marks: Uint8Array;
  #count = 0;

  constructor(frames: number) {
    this.#marks = new Uint8Array(frames);
  }

  /** How many are marked. */
  get count(): number {
    return this.#count;
  }
  mark(frame: number): void {
    if (this.#marks[frame] === 0) this.#count++;
    this.#marks[frame] = 1;
  }
  markAll(first: number, frames: number): void {
    for (let f = first; f < first + frames; f++) this.mark(f);
  }
  #clear(frame: number): void {
    if (this.#marks[frame] === 1) this.#count--;
    this.#marks[frame] = 0;
  }

  /**
   * Guest frame numbers of a run from the first marked one at `from` or behind it, at most so many; above the last slot it
   * begins at the first one. Their marks go.
   */
  take(
    slots: readonly MemorySlot[],
    from: number,
    most: number,
  ): { readonly start: number; readonly gfns: readonly number[] } {
    const ordered = [...slots].sort((a, b) => a.guest - b.guest);
    const end = ordered.reduce((last, slot) => Math.max(last, (slot.guest + slot.bytes) / PAGE_BYTES), 0);
    const start = this.#next(ordered, from >= end ? 0 : from) ?? end;
    const gfns: number[] = [];
    let next = this.#next(ordered, start + 1) ?? end;
    for (let gfn = start; gfn < end && gfns.length < most; gfn++) {
      const frame = frameOf(ordered, gfn);
      if (frame === undefined) break;
      this.#clear(frame);
      gfns.push(gfn);
      if (next > gfn + LONGEST_GAP) break;
      if (gfn === next) next = this.#next(ordered, gfn + 1) ?? end;
      if (next >= end || next - start >= most) break;
    }
    return { start, gfns };
  }

  #next(ordered: readonly MemorySlot[], from: number): number | undefined {
    for (const slot of ordered) {
      const base = slot.guest / PAGE_BYTES;
      const [first, frames] = [slot.host / PAGE_BYTES, slot.bytes / PAGE_BYTES];
      if (from >= base + frames) continue;
      const found = this.#marks.indexOf(1, first + Math.max(0, from - base));
      if (found >= 0 && found < first + frames) return base + (found - first);
    }
    return undefined;
  }

  /** @inheritdoc */
  save(): Uint8Array {
    return this.#marks.slice();
  }
  /** @inheritdoc */
  restore(marks: Uint8Array): void {
    this.#marks.set(marks);
    this.#count = marks.reduce((n, mark) => n + mark, 0);
  }
}

function frameOf(slots: readonly MemorySlot[], gfn: number): number | undefined {
  const at = gfn * PAGE_BYTES;
  const slot = slots.find((s) => at >= s.guest && at < s.guest + s.bytes);
  return slot && (slot.host + at - slot.guest) / PAGE_BYTES;
}
