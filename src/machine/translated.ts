/** Translated code as people are told of it. Nothing that a guest can see depends on any of it. */

/** A region of translated code. */
export interface RegionReport {
  /** Offset in the storage of its first entry. */
  readonly address: number;
  readonly entries: number;
  readonly instructions: number;
  /** Of its WebAssembly. */
  readonly bytes: number;
  /** How often it was entered from outside, about. */
  readonly entered: number;
}

/** How much there is, and was. */
export interface TranslatorCounts {
  regions: number;
  /** Modules made so far, and instructions translated so far. */
  modules: number;
  translated: number;
  /** Guest instructions, and bytes of WebAssembly, in use. */
  instructions: number;
  bytes: number;
  /** Regions given up for newer ones, because the code changed, because all decoded code was forgotten, and for one that holds them. */
  evicted: number;
  invalidated: number;
  flushed: number;
  replaced: number;
  refused: number;
}

/** What a translator says of itself. */
export interface TranslatedCode {
  readonly counts: Readonly<TranslatorCounts>;
  /** The regions in use, those first that are most often entered from outside. */
  regions(): readonly RegionReport[];
  /** Storage offsets of code that was hot and not translated, and why not. */
  refusals(): ReadonlyMap<number, string>;
  /** The pseudo-code of the region that is entered at a storage offset; undefined when none is. */
  listing(address: number): readonly string[] | undefined;
}
