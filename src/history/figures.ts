/** How much is kept, and how often. */
export interface HistoryOptions {
  /** Bytes of images and states at most. */
  readonly budget: number;
  /** Instructions between two marks at least, all vCPUs together; some 10^8 when not given. */
  readonly spacing?: bigint;
  /** As many instructions at least for each page that was kept: a burst of changes stretches the spacing. */
  readonly spacingOfPage?: bigint;
}

/** Instructions to a mark, about a tenth of a second of a guest at work, and for each page that was kept since the last one. */
const USUAL_SPACING = 100_000_000n;
const USUAL_SPACING_OF_PAGE = 50_000n;

/** How many instructions lie between two marks when so many pages were kept in between. */
export function spacingOf(options: HistoryOptions, pages: number): bigint {
  const { spacing = USUAL_SPACING, spacingOfPage = USUAL_SPACING_OF_PAGE } = options;
  const stretched = BigInt(pages) * spacingOfPage;
  return spacing > stretched ? spacing : stretched;
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
