import type { DecodedInstruction, TranslatableArch } from '../../machine/arch.ts';
import { decodeEntry, PAGE_BYTES } from '../../machine/layout.ts';
import type { CodeFrame } from './code.ts';

/** Frames of which the decoded instructions are kept. */
const FRAMES_KEPT = 32;
/** Targets of a computed branch that become part of a region. */
const MOST_TARGETS = 32;

/** What the translator knows of entries beside what stands in them. */
export interface EntryFacts {
  /** Every instruction counts as executed. */
  readonly all: boolean;
  /** How often the translator has heard of an entry: once in so many entries by a branch. */
  readonly every: number;
  heard(entry: number): number;
  isLink(register: number): boolean;
  /** True for a handler that is a region's; if asked so, of one that is full. */
  isRegion(handler: number, full: boolean): boolean;
}

/** The code of storage frames, decoded without a trace. */
export class Frames {
  readonly #arch: TranslatableArch;
  readonly #view: DataView;
  readonly #facts: EntryFacts;
  /** Null where nothing can be translated. */
  readonly #decoded = new Map<number, Map<number, DecodedInstruction | null>>();
  /** Places in pages, counted in halfwords, that no region holds: somebody looks at the instructions there. */
  apart: ReadonlySet<number> = new Set();

  constructor(arch: TranslatableArch, memory: WebAssembly.Memory, facts: EntryFacts) {
    this.#arch = arch;
    this.#view = new DataView(memory.buffer);
    this.#facts = facts;
  }

  /** The frame's bytes have changed; false when nothing was kept of it. */
  forget(frame: number): boolean {
    return this.#decoded.delete(frame);
  }
  forgetAll(): void {
    this.#decoded.clear();
  }

  /** A frame's code. */
  frame(frame: number): CodeFrame {
    const { pages } = this.#arch.translatable;
    const entryAt = (offset: number): number => pages.entryAt(frame, offset) ?? 0;
    const decoded = this.#of(frame);
    return {
      decode: (offset) => {
        if (this.apart.has(offset >> 1)) return undefined;
        let at = decoded.get(offset);
        if (at === undefined) {
          at = this.#arch.translatable.decodeAt(frame * PAGE_BYTES + offset) ?? null;
          decoded.set(offset, at);
        }
        return at ?? undefined;
      },
      executed: (offset) => this.#facts.all || this.#view.getUint16(entryAt(offset) + decodeEntry.handler, true) !== 0,
      count: (offset) => this.#count(entryAt(offset)),
      isEntry: (offset, full) =>
        this.#facts.isRegion(this.#view.getUint16(entryAt(offset) + decodeEntry.handler, true), full),
      isLink: (register) => this.#facts.isLink(register),
      targets: () => this.#targets(frame),
    };
  }

  #of(frame: number): Map<number, DecodedInstruction | null> {
    const known = this.#decoded.get(frame);
    if (known !== undefined) return known;
    if (this.#decoded.size >= FRAMES_KEPT) this.#decoded.clear();
    const made = new Map<number, DecodedInstruction | null>();
    this.#decoded.set(frame, made);
    return made;
  }

  #count(entry: number): number {
    const { every } = this.#facts;
    return (this.#view.getUint8(entry + decodeEntry.count) % every) + this.#facts.heard(entry) * every;
  }

  // The offsets that execution came to most often, as far as it is known.
  #targets(frame: number): readonly number[] {
    const found: { readonly offset: number; readonly count: number }[] = [];
    const first = this.#arch.translatable.pages.entryAt(frame, 0);
    if (first === undefined) return [];
    for (let offset = 0; offset < PAGE_BYTES; offset += this.#arch.codeUnit) {
      const count = this.#count(first + (offset >> 1) * decodeEntry.bytes);
      if (count > 0) found.push({ offset, count });
    }
    return found
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_TARGETS)
      .map((t) => t.offset);
  }
}
