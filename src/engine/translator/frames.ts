import type { DecodedInstruction, TranslatableArch } from '../../machine/arch.ts';
import { decodeEntry, PAGE_BYTES } from '../../machine/layout.ts';
import type { CodeFrames } from './code.ts';
import { type CodePages, pageOf, within } from './pages.ts';

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

  /** The code of pages. */
  code(pages: CodePages): CodeFrames {
    const handler = (offset: number): number => {
      const entry = this.#entryAt(pages, offset);
      return entry === undefined ? 0 : this.#view.getUint16(entry + decodeEntry.handler, true);
    };
    return {
      knows: (page) => pages.frameOf(page) !== undefined,
      decode: (offset) => this.#decode(pages, offset),
      executed: (offset) => pages.frameOf(pageOf(offset)) !== undefined && (this.#facts.all || handler(offset) !== 0),
      count: (offset) => {
        const entry = this.#entryAt(pages, offset);
        return entry === undefined ? 0 : this.#count(entry);
      },
      isEntry: (offset, full) => this.#facts.isRegion(handler(offset), full),
      isLink: (register) => this.#facts.isLink(register),
      targets: (of) => this.#targets(pages, of),
    };
  }

  #entryAt(pages: CodePages, offset: number): number | undefined {
    const frame = pages.frameOf(pageOf(offset));
    return frame === undefined ? undefined : this.#arch.translatable.pages.entryAt(frame, within(offset));
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

  #count(entry: number): number {
    const { every } = this.#facts;
    return (this.#view.getUint8(entry + decodeEntry.count) % every) + this.#facts.heard(entry) * every;
  }

  // The offsets that execution came to most often, as far as it is known.
  #targets(pages: CodePages, of: ReadonlySet<number>): readonly number[] {
    const found: { readonly offset: number; readonly count: number }[] = [];
    for (const page of of) {
      const first = this.#entryAt(pages, page * PAGE_BYTES);
      if (first === undefined) continue;
      for (let offset = 0; offset < PAGE_BYTES; offset += this.#arch.codeUnit) {
        const count = this.#count(first + (offset >> 1) * decodeEntry.bytes);
        if (count > 0) found.push({ offset: page * PAGE_BYTES + offset, count });
      }
    }
    return found
      .sort((a, b) => b.count - a.count)
      .slice(0, MOST_TARGETS)
      .map((t) => t.offset);
  }
}
