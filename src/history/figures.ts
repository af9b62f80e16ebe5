/** How much is kept, and how often. */
export interface HistoryOptions {
  /** Bytes of images and states at most. */
  readonly budget: number;
  /** Instructions between two marks at least, all vCPUs together; `usualSpacing` when not given. */
  readonly spacing?: bigint;
  /** As many instructions at least for each page that was kept: a burst of changes stretches the spacing. */
  readonly spacingOfPage?: bigint;
}

/** Where a history begins, and why not earlier. */
export interface Beginning {
  readonly at: bigint;
  readonly why: 'start' | 'budget' | 'restored';
}

/** What a history holds. */
export interface HistoryCounts {
  readonly marks: number;
  readonly inputs: number;
  readonly bytes: number;
  readonly budget: number;
  /** Pages that were kept so far, and how long all marks took, in milliseconds. */
  readonly keptPages: number;
  readonly markMs: number;
}
