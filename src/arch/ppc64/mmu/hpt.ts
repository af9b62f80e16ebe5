import type { Stateful } from '../../../bits/stateful.ts';
import { PAGE_SHIFT } from '../../../machine/layout.ts';
import type { MirroredStorage } from '../../../machine/storage.ts';

/** Bits of an entry's two doublewords, by words: `0h` is the upper word of the first one. */
export const HPTE = {
  sizeHigh: 0xc000_0000,
  avpnLow: 0xffff_ff80,
  software: 0x78,
  bolted: 0x10,
  large: 4,
  secondary: 2,
  valid: 1,
  pp0High: 0x8000_0000,
  keyHigh: 0x3000_0000,
  rpnHigh: 0x0fff_ffff,
  rpnLow: 0xffff_f000,
  keyLow: 0xe00,
  reference: 0x100,
  change: 0x80,
  wimg: 0x78,
  guarded: 8,
  coherent: 0x10,
  noExecute: 4,
  pp: 3,
} as const;

export const ENTRIES_IN_GROUP = 8;
export const ENTRY_BYTES = 16;
/** log2 of the entries in a page of the table. */
const ENTRIES_SHIFT = PAGE_SHIFT - 4;

/** An actual page size in a segment with pages of a base size: its shift, and its code in the low bits of the RPN. */
export interface PageSize {
  readonly shift: 12 | 16 | 24;
  readonly code: number;
}

/** Actual sizes by the base page's shift (POWER7); a page of 4 KiB in a segment of such has no code, but L = 0. */
const sizes: Readonly<Record<number, readonly PageSize[]>> = {
  12: [
    { shift: 16, code: 7 },
    { shift: 24, code: 0x38 },
  ],
  16: [
    { shift: 16, code: 1 },
    { shift: 24, code: 8 },
  ],
  24: [{ shift: 24, code: 0 }],
};

/** All of them, the largest pages first. */
const bySize = Object.entries(sizes)
  .flatMap(([base, of]) => of.map((size) => ({ base: Number(base), ...size })))
  .sort((a, b) => b.shift - a.shift);

/** True when the second doubleword of an entry for a large page has the code of a size. */
function hasCode(low1: number, { shift, code }: { readonly shift: number; readonly code: number }): boolean {
  return (low1 & ((1 << shift) - 1) & HPTE.rpnLow) >>> 12 === code;
}

/** The actual size of the page of an entry, as its bits L and LP say it for a base size; undefined when they fit none. */
function actualShift(base: number, low0: number, low1: number): 12 | 16 | 24 | undefined {
  if ((low0 & HPTE.large) === 0) return base === 12 ? 12 : undefined;
  return sizes[base]?.find((size) => hasCode(low1, size))?.shift;
}

/** Base and actual size that an entry's bits L and LP stand for, without the segment: what H_ENTER looks at. */
export function sizeOfEntry(
  low0: number,
  low1: number,
): { readonly base: number; readonly actual: number } | undefined {
  if ((low0 & HPTE.large) === 0) return { base: 12, actual: 12 };
  // Codes of larger pages have more bits; the longest that fits is meant.
  const found = bySize.find((size) => hasCode(low1, size));
  return found === undefined ? undefined : { base: found.base, actual: found.shift };
}

/** A doubleword by its words. */
export interface Doubleword {
  readonly high: number;
  readonly low: number;
}

/** A virtual address as the page table is searched for it. */
export interface VirtualPage {
  /** The first doubleword of an entry for it, without V and H: B, AVPN. */
  high0: number;
  low0: number;
  /** Which bits of the lower word of the AVPN are compared. */
  avpnMask: number;
  /** Low 32 bits of the primary hash. */
  hash: number;
  /** Shift of the segment's base page. */
  base: number;
}

/** The virtual page of an effective address in a segment. `rs` are the words of SLBMTE's register. */
export function virtualPage(
  into: VirtualPage,
  ea: { readonly high: number; readonly low: number },
  rs: { readonly high: number; readonly low: number },
  base: number,
): void {
  const terabyte = rs.high >>> 31 === 0 && (rs.high & HPTE.sizeHigh) !== 0;
  into.base = base;
  into.avpnMask = base > 23 ? HPTE.avpnLow & ~0x80 : HPTE.avpnLow;
  if (terabyte) {
    const vsid = (rs.high << 8) | (rs.low >>> 24);
    const offsetHigh = ea.high & 0xff;
    const page = (offsetHigh << (32 - base)) | (ea.low >>> base);
    into.hash = (vsid ^ (vsid << 25) ^ page) >>> 0;
    const avpn = (offsetHigh << 9) | (ea.low >>> 23);
    into.high0 = rs.high;
    into.low0 = ((rs.low & 0xff00_0000) | (avpn << 7)) >>> 0;
    return;
  }
  const vsid = (rs.high << 20) | (rs.low >>> 12);
  into.hash = (vsid ^ ((ea.low & 0x0fff_ffff) >>> base)) >>> 0;
  into.high0 = rs.high;
  into.low0 = ((rs.low & 0xffff_f000) | (((ea.low >>> 23) & 0x1f) << 7)) >>> 0;
}

/** Those entries of a page table that are not zeros: their numbers, and words by fours. */
export interface HptState {
  readonly numbers: readonly number[];
  readonly words: readonly number[];
}

/** A hashed page table in storage. An entry is known by its number, eight to a group. */
export class Hpt implements Stateful<HptState> {
  readonly order: number;
  readonly storage: MirroredStorage;
  readonly #groupMask: number;
  /** Shift of the actual page of the entry that `search` found. */
  shift = 12;
  /** Told of the page of the table that is about to be changed. */
  onChange: ((page: number) => void) | undefined;

  constructor(storage: MirroredStorage, order: number) {
    this.storage = storage;
    this.order = order;
    this.#groupMask = 2 ** (order - 7) - 1;
  }

  /** @inheritdoc */
  save(): HptState {
    const numbers: number[] = [];
    const words: number[] = [];
    for (let index = 0; index < this.entries; index++) {
      const [high0, low0, high1, low1] = [this.high0(index), this.low0(index), this.high1(index), this.low1(index)];
      if ((high0 | low0 | high1 | low1) === 0) continue;
      numbers.push(index);
      words.push(high0, low0, high1, low1);
    }
    return { numbers, words };
  }
  /** @inheritdoc */
  restore({ numbers, words }: HptState): void {
    this.clear();
    for (const [i, index] of numbers.entries()) {
      for (let k = 0; k < 4; k++) this.storage.setWord(index * ENTRY_BYTES + 4 * k, words[4 * i + k] ?? 0);
    }
  }
  /** There is no entry any more. */
  clear(): void {
    const { onChange, storage } = this;
    if (onChange !== undefined) for (let page = 0; page < storage.size >>> PAGE_SHIFT; page++) onChange(page);
    storage.fill(0, storage.size, 0);
  }

  /** How many entries there are. */
  get entries(): number {
    return 2 ** (this.order - 4);
  }
  get groups(): number {
    return this.#groupMask + 1;
  }

  high0(index: number): number {
    return this.storage.word(index * ENTRY_BYTES);
  }
  low0(index: number): number {
    return this.storage.word(index * ENTRY_BYTES + 4);
  }
  high1(index: number): number {
    return this.storage.word(index * ENTRY_BYTES + 8);
  }
  low1(index: number): number {
    return this.storage.word(index * ENTRY_BYTES + 12);
  }
  setLow1(index: number, value: number): void {
    this.onChange?.(index >>> ENTRIES_SHIFT);
    this.storage.setWord(index * ENTRY_BYTES + 12, value);
  }
  /** The doublewords of an entry. */
  dword0(index: number): bigint {
    return this.storage.doubleword(index * ENTRY_BYTES);
  }
  dword1(index: number): bigint {
    return this.storage.doubleword(index * ENTRY_BYTES + 8);
  }
  /** Replaces an entry: both doublewords, by their words. */
  set(index: number, dword0: Doubleword, dword1: Doubleword): void {
    const { storage } = this;
    const at = index * ENTRY_BYTES;
    this.onChange?.(index >>> ENTRIES_SHIFT);
    storage.setWord(at + 8, dword1.high);
    storage.setWord(at + 12, dword1.low);
    storage.setWord(at, dword0.high);
    storage.setWord(at + 4, dword0.low);
  }
  isValid(index: number): boolean {
    return (this.low0(index) & HPTE.valid) !== 0;
  }

  /** Group of a hash, the primary or the secondary one. */
  groupOf(hash: number, secondary: boolean): number {
    return ((secondary ? ~hash : hash) & this.#groupMask) >>> 0;
  }

  /** Number of the entry of a virtual page, -1 when there is none; `shift` says how large its page is. */
  search(page: VirtualPage): number {
    const first = this.#inGroup(page, false);
    return first >= 0 ? first : this.#inGroup(page, true);
  }

  #inGroup({ high0, low0, avpnMask, hash, base }: VirtualPage, secondary: boolean): number {
    const start = this.groupOf(hash, secondary) * ENTRIES_IN_GROUP;
    const want = ((low0 & avpnMask) | HPTE.valid | (secondary ? HPTE.secondary : 0)) >>> 0;
    const mask = avpnMask | HPTE.valid | HPTE.secondary;
    for (let index = start; index < start + ENTRIES_IN_GROUP; index++) {
      const low = this.low0(index);
      if ((low & mask) >>> 0 !== want || this.high0(index) !== high0) continue;
      const shift = actualShift(base, low, this.low1(index));
      if (shift === undefined) continue;
      this.shift = shift;
      return index;
    }
    return -1;
  }

  /** True for an entry of a page in a segment, whose RS these are the words of. */
  isOfSegment(index: number, rsHigh: number, rsLow: number): boolean {
    const high0 = this.high0(index);
    const vsid = (high0 & HPTE.sizeHigh) !== 0 ? 0xff00_0000 : 0xffff_f000;
    return high0 === rsHigh && ((this.low0(index) ^ rsLow) & vsid) === 0;
  }

  /**
   * The low word of the effective address of what an entry maps, as far as the entry gives it away: `mask` has those bits, of which
   * there are as many as the segment has. `shift` is that of its page.
   */
  addressOf(index: number): { readonly low: number; readonly mask: number; readonly shift: number } {
    const low0 = this.low0(index);
    const size = sizeOfEntry(low0, this.low1(index)) ?? { base: 12, actual: 24 };
    const group = Math.floor(index / ENTRIES_IN_GROUP);
    const hash = (low0 & HPTE.secondary) !== 0 ? ~group : group;
    const terabyte = (this.high0(index) & HPTE.sizeHigh) !== 0;
    const vsid = terabyte ? (this.high0(index) << 8) | (low0 >>> 24) : (this.high0(index) << 20) | (low0 >>> 12);
    const page = terabyte ? hash ^ vsid ^ (vsid << 25) : hash ^ vsid;
    const mask = terabyte ? 0xffff_f000 : 0x0fff_f000;
    // Bits 23 and up come from the AVPN, those below from the hash.
    const low = (((low0 >>> 7) & 0x1ff) << 23) | ((page << size.base) & 0x7f_ffff);
    return { low: (low & mask) >>> 0, mask, shift: size.actual };
  }
}
