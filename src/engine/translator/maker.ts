import type { TranslatableArch } from '../../machine/arch.ts';
import { PAGE_BYTES } from '../../machine/layout.ts';
import { ModuleBuilder } from '../../wasm/module-builder.ts';
import { handlerParams, handlerResults } from '../interpreter/next.ts';
import { type Found, findBlocks, type Limits } from './code.ts';
import { Courses } from './courses.ts';
import type { CodeFacts } from './facts.ts';
import { Frames } from './frames.ts';
import { hostFuses } from './host-fuses.ts';
import { holds, type Piece, piecesOf } from './installed.ts';
import type { TranslatorOptions } from './options.ts';
import { type CodePages, pageOf } from './pages.ts';
import { type Mode, Region } from './region.ts';

/** How eagerly a maker goes about it. */
export type MakerOptions = Pick<TranslatorOptions, 'threshold' | 'instructions' | 'blocks' | 'log'>;

/** A place that a region is to be made for. */
export interface MakePlace {
  readonly mode: Mode;
  /** The offset in its page, which is the first one. */
  readonly start: number;
  readonly pages: CodePages;
  /** It is made of others, or of one and what more is known by now. */
  readonly again?: MakeAgain | undefined;
}

/** What there is already where a region is made again. */
export interface MakeAgain {
  /** Instructions that are worth the effort, at most. */
  readonly most: number;
  /** That of the one that is entered there. */
  readonly shape: string | undefined;
  /** Where others are entered, in some pages, that may become part of it. */
  entries(pages: ReadonlySet<number>): readonly number[];
}

/** Code that a region was made of. */
export interface Covered {
  readonly mode: Mode;
  readonly pieces: readonly Piece[];
}

/** A region whose function is in the module, exported by the number of its place. */
export interface MadeRegion extends Covered {
  /** Where it is entered, in the order of their numbers. */
  readonly entries: readonly number[];
  readonly instructions: number;
  /** Of its WebAssembly. */
  readonly bytes: number;
  readonly shape: string;
  readonly full: boolean;
}

/**
 * What became of a place: a region; nothing can be made of it; a region made again would have so many instructions, which is not
 * worth it yet; another region that was made holds it; nothing new has become known.
 */
export type Outcome =
  | { readonly kind: 'made'; readonly region: MadeRegion }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'early'; readonly instructions: number }
  | { readonly kind: 'covered' | 'same' };

/** What was made at one time. */
export interface Made {
  /** Undefined when no region was made. */
  readonly module: WebAssembly.Module | undefined;
  /** In the order of the places. */
  readonly outcomes: readonly Outcome[];
}

/** What a region's module imports from `slots`: the table index of the first entry of a region, by the number of its place. */
export function slotName(place: number): string {
  return `${place}`;
}

/** Makes regions of code. It changes nothing, and knows nothing of what becomes of them. */
export class Maker {
  readonly #arch: TranslatableArch;
  readonly #options: MakerOptions;
  readonly #facts: CodeFacts;
  readonly #courses = new Courses();
  readonly frames: Frames;
  /** Found out when there is a region to be made: V8 may be told of relaxed operations until then. */
  #fuses: boolean | undefined;

  constructor(arch: TranslatableArch, options: MakerOptions, facts: CodeFacts) {
    this.#arch = arch;
    this.#options = options;
    this.#facts = facts;
    this.frames = new Frames(arch, facts, {
      all: options.threshold === 1,
      isLink: (register) => this.#courses.links.has(register),
    });
  }

  /** Makes a module for some places. Those that `before` holds, or one of them, need none. Equal modes must be one value. */
  make(places: readonly MakePlace[], before: readonly Covered[] = []): Made {
    const m = new ModuleBuilder();
    m.importMemory('machine', 'memory', { min: 1 });
    const covered = [...before];
    const outcomes = places.map((place, i): Outcome => {
      if (covered.some((c) => isIn(place, c))) return { kind: 'covered' };
      const outcome = this.#one(m, place, i);
      if (outcome.kind === 'made') covered.push(outcome.region);
      return outcome;
    });
    const any = outcomes.some((o) => o.kind === 'made');
    return { module: any ? new WebAssembly.Module(m.finish()) : undefined, outcomes };
  }

  #one(m: ModuleBuilder, place: MakePlace, number: number): Outcome {
    const { mode, start, pages, again } = place;
    const found = this.#find(place);
    if (again !== undefined) {
      const instructions = [...found.blocks.values()].reduce((n, b) => n + b.instructions.length, 0);
      if (instructions > again.most) return { kind: 'early', instructions };
    }
    const others = again?.entries(new Set([...found.blocks.keys()].map(pageOf))) ?? [];
    const region = this.#region(mode, found, [start, ...found.resumed, ...found.targets, ...others]);
    if (!region.entries.includes(start))
      return { kind: 'refused', why: 'its first instruction is left to the interpreter' };
    // Nothing new has become known.
    if (again?.shape === region.shape) return { kind: 'same' };
    const where = ((pages.frameOf(0) ?? 0) * PAGE_BYTES + start).toString(16);
    const index = m.declare(`region ${where}`, handlerParams, handlerResults);
    const slot = m.importGlobal('slots', slotName(number), 'i32', false);
    let bytes = 0;
    m.define(index, (f) => {
      region.emit(f, slot, (page) => this.#facts.decodePage(pages.frameOf(page) ?? 0));
      bytes = f.size;
    });
    m.exportFunction(slotName(number), index);
    this.#options.log?.(() => [`region 0x${where}`, ...region.listing()]);
    const { entries, instructions, shape } = region;
    const pieces = piecesOf(region, pages);
    return { kind: 'made', region: { mode, entries, pieces, instructions, bytes, shape, full: found.full } };
  }

  /** A region as pseudo-code, entered at some offsets of which one is in the first page. */
  listing(place: MakePlace, entries: readonly number[]): readonly string[] {
    return this.#region(place.mode, this.#find(place), entries).listing();
  }

  #region(mode: Mode, found: Found, entries: readonly number[]): Region {
    this.#fuses ??= hostFuses();
    return new Region(this.#arch, mode, found, entries, this.#fuses);
  }

  #find({ mode, start, pages, again }: MakePlace): Found {
    return findBlocks(
      this.frames.code(pages),
      [start],
      (decoded, at) => this.#courses.of(this.#arch, mode, decoded, at),
      this.#limits(again !== undefined),
    );
  }

  #limits(merge: boolean): Limits {
    const { threshold, instructions, blocks } = this.#options;
    return { instructions, blocks, merge, count: threshold === 1 ? 0 : Math.floor(threshold / 20) };
  }
}

// Execution came to the place from the region that holds it, when they became hot at the same time.
function isIn({ mode, start, pages }: MakePlace, covered: Covered): boolean {
  const frame = pages.frameOf(0);
  return covered.mode === mode && frame !== undefined && holds(covered, frame, start, start + 1);
}
