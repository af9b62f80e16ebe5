/** What people are told of the translator. */

/** What has been done. */
export interface TranslatorCounts {
  regions: number;
  modules: number;
  instructions: number;
  bytes: number;
  evicted: number;
  invalidated: number;
  flushed: number;
  refused: number;
  /** Instructions that were translated so far. */
  translated: number;
}

/** A region as people are told of it. */
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
