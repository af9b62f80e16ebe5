/** DAT tables for vectors: one space that maps the first 4 MiB to themselves in large frames, except what a test wants. */

/** Doublewords as hex text. */
export function doublewords(...values: readonly bigint[]): string {
  return values.map((v) => BigInt.asUintN(64, v).toString(16).padStart(16, '0')).join('');
}

/** PSW bits. */
export const DAT = 0x0400_0000_0000_0000n;
export const PROBLEM = 0x0001_0000_0000_0000n;
export const SECONDARY = 0x0000_8000_0000_0000n;
export const ACCESS_REGISTER = 0x0000_4000_0000_0000n;
export const HOME = 0x0000_c000_0000_0000n;

/** CR0 with EDAT on. */
export const EDAT = 0x80_0000n;

/** Where the segment table of `identity` lies; its ASCE. */
export const SEGMENT_TABLE = 0x20_0000;
/** Where the page table for segment 1 lies when a test gives one. */
export const PAGE_TABLE = 0x20_8000;

/** Storage of a segment table that maps the 4 MiB to themselves; `segments` replaces entries, `pages` fills a page table. */
export function identity(
  segments: Readonly<Record<number, bigint>> = {},
  pages: Readonly<Record<number, bigint>> = {},
): Record<number, string> {
  const entry = (i: number): bigint => segments[i] ?? BigInt(i) * 0x10_0000n + 0x400n;
  const storage: Record<number, string> = { [SEGMENT_TABLE]: doublewords(entry(0), entry(1), entry(2), entry(3)) };
  for (const [i, e] of Object.entries(segments)) {
    if (Number(i) > 3) storage[SEGMENT_TABLE + Number(i) * 8] = doublewords(e);
  }
  for (const [i, e] of Object.entries(pages)) storage[PAGE_TABLE + Number(i) * 8] = doublewords(e);
  return storage;
}
