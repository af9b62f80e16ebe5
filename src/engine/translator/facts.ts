import type { TranslatableArch } from '../../machine/arch.ts';
import { decodeEntry, PAGE_BYTES } from '../../machine/layout.ts';

/** What is known of an instruction at a place: it was executed; a region is entered there; one that stays as it is. */
export const placeKind = { unknown: 0, executed: 1, region: 2, full: 3 } as const;

/** An offset in a frame, and how often execution came there. */
export interface Counted {
  readonly offset: number;
  readonly count: number;
}

/** What is known of the code in frames of storage beside what it says. */
export interface CodeFacts {
  /** `placeKind` of an offset. */
  kind(frame: number, offset: number): number;
  /** How often execution is known to have come to an offset by a branch. */
  count(frame: number, offset: number): number;
  /** The offsets of a frame to which execution is known to have come, in their order. */
  counted(frame: number): readonly Counted[];
  /** Where the frame's decode page lies. */
  decodePage(frame: number): number;
}

/** Who counts arrivals, and knows regions by their handlers. */
export interface Counting {
  /** The translator hears of every so many arrivals at an entry. */
  readonly every: number;
  heard(entry: number): number;
  /** `placeKind` of an entry with this handler, which is not 0. */
  kind(handler: number): number;
}

/** What decode-cache entries say at this moment. */
export class LiveFacts implements CodeFacts {
  readonly #arch: TranslatableArch;
  readonly #view: DataView;
  readonly #counting: Counting;

  constructor(arch: TranslatableArch, view: DataView, counting: Counting) {
    this.#arch = arch;
    this.#view = view;
    this.#counting = counting;
  }

  /** @inheritdoc */
  kind(frame: number, offset: number): number {
    const entry = this.#arch.translatable.pages.entryAt(frame, offset);
    const handler = entry === undefined ? 0 : this.#view.getUint16(entry + decodeEntry.handler, true);
    return handler === 0 ? placeKind.unknown : this.#counting.kind(handler);
  }

  /** @inheritdoc */
  count(frame: number, offset: number): number {
    const entry = this.#arch.translatable.pages.entryAt(frame, offset);
    return entry === undefined ? 0 : this.#countAt(entry);
  }

  /** @inheritdoc */
  counted(frame: number): readonly Counted[] {
    const found: Counted[] = [];
    const { pages } = this.#arch.translatable;
    const first = pages.entryAt(frame, 0);
    if (first === undefined) return found;
    for (let offset = 0; offset < PAGE_BYTES; offset += this.#arch.codeUnit) {
      const count = this.#countAt(first + pages.distance(offset));
      if (count > 0) found.push({ offset, count });
    }
    return found;
  }

  /** @inheritdoc */
  decodePage(frame: number): number {
    return this.#arch.translatable.pages.entryAt(frame, 0) ?? 0;
  }

  /** Instructions from an entry on, up to one that branches often lead to, or that was not executed yet; at most so many. */
  run(entry: number, most: number): number {
    const { pages } = this.#arch.translatable;
    const at = pages.storageOffset(entry);
    const end = at === undefined ? entry : entry + pages.distance(PAGE_BYTES - (at % PAGE_BYTES));
    // Runs begin anywhere, too.
    const few = this.#countAt(entry) / 8;
    let n = 0;
    for (let next = entry; next < end && n < most; n++) {
      const ilc = this.#view.getUint8(next + decodeEntry.ilc);
      const executed = ilc > 0 && this.#view.getUint16(next + decodeEntry.handler, true) !== 0;
      if (!executed || (n > 0 && this.#countAt(next) > few)) break;
      next += pages.distance(ilc);
    }
    return n;
  }

  #countAt(entry: number): number {
    const { every } = this.#counting;
    return (this.#view.getUint8(entry + decodeEntry.count) % every) + this.#counting.heard(entry) * every;
  }
}
