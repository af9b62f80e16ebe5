import type { EngineHooks, Translatable } from '../machine/arch.ts';
import {
  BREAKPOINT_FILTER_BYTES,
  decodeEntry,
  engineState,
  filterSlot,
  handlers,
  PAGE_BYTES,
} from '../machine/layout.ts';

/** As many struck slots of the filter are breakpoints; more are a range, and each instruction is looked at. */
const MOST = 256;
const HALFWORDS = PAGE_BYTES / 2;

/**
 * Breakpoints in decode-cache entries: an instruction whose place in its page is that of some breakpoint has a handler that asks
 * before it goes on with the instruction's own. All other instructions run as if there were none.
 */
export class Breakpoints {
  readonly #translatable: Pick<Translatable, 'pages'>;
  readonly #hooks: EngineHooks;
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
  /** Told of places in pages at which instructions must be looked at from now on, or no longer. */
  changed: (struck: ReadonlySet<number>) => void = () => undefined;

  /** `filter` is the address of the breakpoint filter in the memory. */
  constructor(
    translatable: Pick<Translatable, 'pages'>,
    hooks: EngineHooks,
    memory: WebAssembly.Memory,
    filter: number,
  ) {
    this.#translatable = translatable;
    this.#hooks = hooks;
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

  /** An entry has been filled. */
  decoded(entry: number): void {
    if (this.#struck.size === 0) return;
    const at = this.#translatable.pages.storageOffset(entry);
    if (at !== undefined && this.isStruck(at % PAGE_BYTES)) this.#strike(entry);
  }

  /** Generated code is at an entry with the handler that asks: the handler to go on with, or -1 when the run has ended. */
  ask(vcpu: number, entry: number): number {
    const slot = filterSlot(this.#view.getBigUint64(vcpu + engineState.pc.offset, true));
    if (this.#asked && this.#filter[slot] === 1 && this.#hooks.breakpoint(vcpu) !== 0) return -1;
    return this.#own.get(entry) ?? handlers.decode;
  }

  // Makes entries fit the filter; false when too much of it is struck.
  #fit(): boolean {
    if (this.#words.every((word, i) => word === this.#known[i])) return true;
    const struck = new Set<number>();
    let count = 0;
    for (const [slot, value] of this.#filter.entries()) {
      if (value === 0) continue;
      if (++count > MOST) return false;
      struck.add(slot % HALFWORDS);
    }
    this.#known.set(this.#words);
    for (const [entry, own] of this.#own)
      if (this.#handlerOf(entry) === handlers.breakpoint) this.#setHandler(entry, own);
    this.#own.clear();
    this.#struck = struck;
    this.changed(struck);
    for (const page of this.#translatable.pages.all())
      for (const place of struck) {
        const entry = page + place * decodeEntry.bytes;
        if (this.#handlerOf(entry) !== handlers.decode) this.#strike(entry);
      }
    return true;
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
