import type { DecodedInstruction, TranslatableArch } from '../../machine/arch.ts';
import { PAGE_BYTES } from '../../machine/layout.ts';
import type { CodeFrames } from './code.ts';
import { type CodeFacts, type Counted, placeKind } from './facts.ts';
import { type CodePages, pageOf, within } from './pages.ts';

/** Frames of which the decoded instructions are kept. */
const FRAMES_KEPT = 32;
/** Targets of a computed branch that become part of a region. */
const MOST_TARGETS = 32;

/** How code is looked at. */
export interface FramesOptions {
  /** Every instruction counts as executed. */
  readonly all: boolean;
  isLink(register: number): boolean;
}

/** The code of storage frames, decoded without a trace. */
export class Frames {
  readonly #arch: TranslatableArch;
  readonly #facts: CodeFacts;
  readonly #options: FramesOptions;
  /** Null where nothing can be translated. */
  readonly #decoded = new Map<number, Map<number, DecodedInstruction | null>>();
  /** Places in pages, counted in halfwords, that no region holds: somebody looks at the instructions there. */
  apart: ReadonlySet<number> = new Set();

  constructor(arch: TranslatableArch, facts: CodeFacts, options: FramesOptions) {
    this.#arch = arch;
    this.#facts = facts;
    this.#options = options;
  }

  /** The frame's bytes have changed; false when nothing was kept of it. */
  forget(frame: number): boolean {
    return this.#decoded.delete(frame);
  }
  forgetAll(): void {
    this.#decoded.clear();
  }

  /** The code of pages. */
  code(pages: CodePages): CodeFrames {
    const kind = (offset: number): number => {
      const frame = pages.frameOf(pageOf(offset));
      return frame === undefined ? placeKind.unknown : this.#facts.kind(frame, within(offset));
    };
    return {
      knows: (page) => pages.frameOf(page) !== undefined,
      decode: (offset) => this.#decode(pages, offset),
      executed: (offset) =>
        pages.frameOf(pageOf(offset)) !== undefined && (this.#options.all || kind(offset) !== placeKind.unknown),
      count: (offset) => {
        const frame = pages.frameOf(pageOf(offset));
        return frame === undefined ? 0 : this.#facts.count(frame, within(offset));
      },
      isEntry: (offset, full) => kind(offset) >= (full ? placeKind.full : placeKind.region),
      isLink: (register) => this.#options.isLink(register),
      targets: (of) => this.#targets(pages, of),
    };
  }

  #decode(pages: CodePages, offset: number): DecodedInstruction | undefined {
    const frame = pages.frameOf(pageOf(offset));
    if (frame === undefined || this.apart.has(within(offset) >> 1)) return undefined;
    const decoded = this.#of(frame);
    const at = frame * PAGE_BYTES + within(offset);
    let found = decoded.get(within(offset));
    if (found === undefined) {
      found = this.#arch.translatable.decodeAt(at) ?? null;
      decoded.set(within(offset), found);
    }
    if (found !== null) return found;
    const behind = pages.frameOf(pageOf(offset) + 1);
    return behind === undefined ? undefined : this.#arch.translatable.decodeCrossing(at, behind * PAGE_BYTES);
  }

  #of(frame: number): Map<number, DecodedInstruction | null> {
    const known = this.#decoded.get(frame);
    if (known !== undefined) return known;
    if (this.#decoded.size >= FRAMES_KEPT) this.#decoded.clear();
    const made = new Map<number, DecodedInstruction | null>();
    this.#decoded.set(frame, made);
    return made;
  }

  // The offsets that execution came to most often, as far as it is known.
  #targets(pages: CodePages, of: ReadonlySet<number>): readonly number[] {
    const found: Counted[] = [];
    for (const page of of) {
      const frame = pages.frameOf(page);
      if (frame === undefined) continue;
      for (const { offset, count } of this.#facts.counted(frame))
        found.push({ offset: page * PAGE_BYTES + offset, count });
    }
    return found
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_TARGETS)
      .map((t) => t.offset);
  }
}
