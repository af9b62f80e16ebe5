import type { EngineHooks, Translatable, TranslatableArch } from '../machine/arch.ts';
import {
  BREAKPOINT_FILTER_BYTES,
  decodeEntry,
  engineState,
  filterByte,
  handlers,
  PAGE_BYTES,
} from '../machine/layout.ts';
import type { QuickTest, QuickTests } from '../machine/quick-test.ts';

/** As many struck slots of the filter are breakpoints; more are a range, and each instruction is looked at. */
const MOST = 256;
/** As many places may stay struck for breakpoints that are gone: a debugger takes all out at a stop and puts them back. */
const MOST_KEPT = 64;
/** After so many instructions that were looked at for a breakpoint that is gone, its place is given back. */
const MOST_NEEDLESS = 1000;
const HALFWORDS = PAGE_BYTES / 2;

/** What breakpoints need of an architecture. */
export interface BreakpointArch extends Pick<TranslatableArch, 'hooks' | 'quickTests'> {
  readonly translatable: Pick<Translatable, 'pages'>;
}

/** As `filterSlot`, of the low word of an address. */
function slotOf(low: number): number {
  return (low >>> 1) & (BREAKPOINT_FILTER_BYTES - 1);
}
// What cannot be said is looked at by whoever is asked.
function holds(test: QuickTest, vcpu: number): boolean {
  try {
    return test.holds(vcpu);
  } catch {
    return true;
  }
}

/**
 * Breakpoints in decode-cache entries: an instruction whose place in its page is that of some breakpoint has a handler that asks
 * before it goes on with the instruction's own. All other instructions run as if there were none.
 */
export class Breakpoints {
  readonly #translatable: Pick<Translatable, 'pages'>;
  readonly #hooks: EngineHooks;
  readonly #quickTests: QuickTests;
  readonly #view: DataView;
  readonly #filter: Uint8Array;
  readonly #words: Uint32Array;
  /** The filter as it was when entries were last made to fit it. */
  readonly #known = new Uint32Array(BREAKPOINT_FILTER_BYTES / 4);
  /** By place of a halfword in its page. */
  #struck: ReadonlySet<number> = new Set();
  /** The handler that each entry with this one's has of its own. */
  readonly #own = new Map<number, number>();
  /** Breakpoints count in the run in progress. */
  #asked = false;
  /** Instructions that were looked at though no breakpoint has their place. */
  #needless = 0;
  /** Told of places in pages at which instructions must be looked at from now on, or no longer. */
  changed: (struck: ReadonlySet<number>) => void = () => undefined;

  /** `filter` is the address of the breakpoint filter in the memory. */
  constructor(
    { translatable, hooks, quickTests = new Map() }: BreakpointArch,
    memory: WebAssembly.Memory,
    filter: number,
  ) {
    this.#translatable = translatable;
    this.#hooks = hooks;
    this.#quickTests = quickTests;
    this.#view = new DataView(memory.buffer);
    this.#filter = new Uint8Array(memory.buffer, filter, BREAKPOINT_FILTER_BYTES);
    this.#words = new Uint32Array(memory.buffer, filter, BREAKPOINT_FILTER_BYTES / 4);
  }

  /** True for an offset in a page at which instructions are looked at. */
  isStruck(offset: number): boolean {
    return this.#struck.has(offset >> 1);
  }

  /** Does a run that stops at breakpoints; false, and nothing is done, when there are too many of them. */
  run(run: () => void): boolean {
    if (!this.#fit()) return false;
    this.#asked = true;
    try {
      run();
    } finally {
      this.#asked = false;
    }
    return true;
  }

  /** A run comes that does not stop at breakpoints: places that cost it too much are given back. */
  beforeUnasked(): void {
    if (this.#needless > MOST_NEEDLESS) this.#fit();
  }

  /** True, with a stop to come, when a run must not go to an address that cannot even be fetched from. */
  stopsAt(vcpu: number): boolean {
    return this.#asked && this.#isWanted(vcpu) && this.#hooks.breakpoint(vcpu) !== 0;
  }

  /** An entry has been filled. */
  decoded(entry: number): void {
    if (this.#struck.size === 0) return;
    const at = this.#translatable.pages.storageOffset(entry);
    if (at !== undefined && this.isStruck(at % PAGE_BYTES)) this.#strike(entry);
  }

  /** Generated code is at an entry with the handler that asks: the handler to go on with, or -1 when the run has ended. */
  ask(vcpu: number, entry: number): number {
    if (this.#filter[slotOf(this.#pcLow(vcpu))] === filterByte.pass) this.#needless++;
    else if (this.stopsAt(vcpu)) return -1;
    return this.#own.get(entry) ?? handlers.decode;
  }

  #pcLow(vcpu: number): number {
    return this.#view.getUint32(vcpu + engineState.pc.offset, true);
  }
  #isWanted(vcpu: number): boolean {
    const low = this.#pcLow(vcpu);
    const byte = this.#filter[slotOf(low)];
    if (byte !== filterByte.quick) return byte === filterByte.ask;
    const test = this.#quickTests.get(slotOf(low));
    const isThere = test?.low === low && test.high === this.#view.getUint32(vcpu + engineState.pc.offset + 4, true);
    return !isThere || holds(test, vcpu);
  }

  // Makes entries fit the filter; false when too much of it is struck.
  #fit(): boolean {
    const costly = this.#needless > MOST_NEEDLESS;
    if (!costly && !this.#filterChanged()) return true;
    const wanted = this.#wanted();
    if (wanted === undefined) return false;
    this.#known.set(this.#words);
    this.#needless = 0;
    const kept = costly || this.#struck.size + wanted.size > MOST_KEPT ? wanted : new Set([...this.#struck, ...wanted]);
    if (kept.size !== this.#struck.size || ![...kept].every((place) => this.#struck.has(place))) this.#strikeAll(kept);
    return true;
  }

  #filterChanged(): boolean {
    for (let i = 0; i < this.#words.length; i++) if (this.#words[i] !== this.#known[i]) return true;
    return false;
  }

  /** The places of all breakpoints; undefined when there are too many. */
  #wanted(): Set<number> | undefined {
    const places = new Set<number>();
    let count = 0;
    for (let i = 0; i < this.#words.length; i++) {
      if (this.#words[i] === 0) continue;
      for (let slot = 4 * i; slot < 4 * i + 4; slot++) {
        if (this.#filter[slot] === 0) continue;
        if (++count > MOST) return undefined;
        places.add(slot % HALFWORDS);
      }
    }
    return places;
  }

  #strikeAll(places: ReadonlySet<number>): void {
    for (const [entry, own] of this.#own)
      if (this.#handlerOf(entry) === handlers.breakpoint) this.#setHandler(entry, own);
    this.#own.clear();
    this.#struck = places;
    this.changed(places);
    for (const page of this.#translatable.pages.all())
      for (const place of places) {
        const entry = page + this.#translatable.pages.distance(place * 2);
        if (this.#handlerOf(entry) !== handlers.decode) this.#strike(entry);
      }
  }

  #strike(entry: number): void {
    const own = this.#handlerOf(entry);
    if (own === handlers.breakpoint) return;
    this.#own.set(entry, own);
    this.#setHandler(entry, handlers.breakpoint);
  }
  #handlerOf(entry: number): number {
    return this.#view.getUint16(entry + decodeEntry.handler, true);
  }
  #setHandler(entry: number, handler: number): void {
    this.#view.setUint16(entry + decodeEntry.handler, handler, true);
  }
}
