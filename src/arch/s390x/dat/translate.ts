/**
 * Dynamic address translation (PoP, "Dynamic Address Translation"). 64-bit values go as pairs of unsigned words: this
 * runs at every TLB miss, where bigints would cost more than the walk.
 */

import { PGM } from '../cpu/interruption-codes.ts';
import { type Gpa, gpa } from './address.ts';

/** Where tables are read: the doubleword at an absolute address that is a multiple of 8. */
export interface TableStorage {
  /** False when the address is not in the configuration. Leaves the doubleword in `high` and `low`. */
  fetchEntry(address: Gpa): boolean;
  high: number;
  low: number;
}

/** Bytes that a segment-table entry translates: a large frame, and what a gmap maps by. */
export const SEGMENT_BYTES = 0x10_0000;

/** Which enhancements take part. */
export interface DatControls {
  readonly edat1: boolean;
  readonly edat2: boolean;
  readonly iep: boolean;
}

/** ASCE bits of the low word. */
export const ASCE = {
  private: 0x100,
  storageAlterationEvent: 0x80,
  spaceSwitchEvent: 0x40,
  realSpace: 0x20,
  type: 0x0c,
  length: 0x03,
} as const;

/** Bits of the low word of region-, segment- and page-table entries. */
export const ENTRY = {
  protection: 0x200,
  offset: 0xc0,
  invalid: 0x20,
  common: 0x10,
  type: 0x0c,
  length: 0x03,
  format: 0x400,
  iep: 0x100,
  pageInvalid: 0x400,
  pageZero: 0x800,
  accessValidity: 0x1_0000,
} as const;

/** The levels of a walk, from the page table up. */
export type DatLevel = 'region-first' | 'region-second' | 'region-third' | 'segment' | 'page';

/** One step of a walk, for those who want to see it. */
export interface WalkStep {
  readonly level: DatLevel;
  /** Absolute address of the entry. */
  readonly address: number;
  readonly high: number;
  readonly low: number;
}

/** What a translation found. Reused by the next one. */
export interface Translation {
  /** Real or absolute address of the page, 53 bits at most. */
  page: number;
  /** True when `page` is absolute: it came from a format-1 entry and prefixing does not apply. */
  absolute: boolean;
  /** DAT protection. */
  protected: boolean;
  /** Instruction-execution protection. */
  noExecute: boolean;
  /** Access-control bits and fetch protection of a valid format-1 entry, as in a storage key; -1 when the key itself counts. */
  key: number;
  /** Real or absolute address of the last table entry that the walk came to. */
  entry: number;
  /** That entry lies outside its table. */
  outside: boolean;
}

/** A translation to be filled. */
export function newTranslation(): Translation {
  return { page: 0, absolute: false, protected: false, noExecute: false, key: -1, entry: 0, outside: false };
}

const levels: readonly DatLevel[] = ['segment', 'region-third', 'region-second', 'region-first'];
/** Translation exception of each table, segment table first. */
const exceptions = [
  PGM.segmentTranslation,
  PGM.regionThirdTranslation,
  PGM.regionSecondTranslation,
  PGM.regionFirstTranslation,
] as const;

const WORD = 0x1_0000_0000;
/** Table addresses past this are nowhere. */
const NOWHERE = 2 ** 53;

/**
 * Walks the tables that the address-space-control element designates. 0 when `out` holds the page, else the
 * program-interruption code. `trace` hears every entry that was fetched.
 */
export function translate(
  tables: TableStorage,
  controls: DatControls,
  asceHigh: number,
  asceLow: number,
  high: number,
  low: number,
  out: Translation,
  trace?: (step: WalkStep) => void,
): number {
  out.absolute = false;
  out.protected = false;
  out.noExecute = false;
  out.key = -1;
  out.entry = 0;
  out.outside = false;
  if ((asceLow & ASCE.realSpace) !== 0) {
    out.page = high * WORD + ((low & 0xfffff000) >>> 0);
    return 0;
  }
  let level = (asceLow & ASCE.type) >>> 2;
  for (let above = 3; above > level; above--) if (indexOf(above, high, low) !== 0) return PGM.asceType;
  let index = indexOf(level, high, low);
  out.entry = asceHigh * WORD + ((asceLow & 0xfffff000) >>> 0) + index * 8;
  if (index >>> 9 > (asceLow & ASCE.length)) {
    out.outside = true;
    return exceptions[level] ?? PGM.asceType;
  }
  for (; ; level--) {
    const address = out.entry;
    if (address >= NOWHERE || !tables.fetchEntry(gpa(address))) return PGM.addressing;
    const entryHigh = tables.high;
    const entry = tables.low;
    trace?.({ level: levels[level] ?? 'segment', address, high: entryHigh, low: entry });
    if ((entry & ENTRY.invalid) !== 0) return exceptions[level] ?? PGM.asceType;
    if ((entry & ENTRY.type) >>> 2 !== level) return PGM.translationSpecification;
    if ((level === 0 || controls.edat1) && (entry & ENTRY.protection) !== 0) out.protected = true;
    if (level === 0) return segment(tables, controls, asceLow, entryHigh, entry, low, out, trace);
    if (level === 1 && controls.edat2) {
      if ((entry & ENTRY.common) !== 0 && (asceLow & ASCE.private) !== 0) return PGM.translationSpecification;
      if ((entry & ENTRY.format) !== 0) {
        out.noExecute = controls.iep && (entry & ENTRY.iep) !== 0;
        out.key = largeFrameKey(entry);
        out.absolute = true;
        out.page = entryHigh * WORD + ((entry & 0x80000000) >>> 0) + (low & 0x7ffff000);
        return 0;
      }
    }
    index = indexOf(level - 1, high, low);
    out.entry = entryHigh * WORD + ((entry & 0xfffff000) >>> 0) + index * 8;
    if (index >>> 9 < (entry & ENTRY.offset) >>> 6 || index >>> 9 > (entry & ENTRY.length)) {
      out.outside = true;
      return exceptions[level - 1] ?? PGM.asceType;
    }
  }
}

// Virtual address: RFX 11, RSX 11, RTX 11, SX 11, PX 8, BX 12. The index into the tables of a level, from the segment table up.
function indexOf(level: number, high: number, low: number): number {
  switch (level) {
    case 0:
      return (low >>> 20) & 0x7ff;
    case 1:
      return ((high & 0x3ff) << 1) | (low >>> 31);
    case 2:
      return (high >>> 10) & 0x7ff;
    default:
      return high >>> 21;
  }
}

// Bits 48-52 of a format-1 entry stand for the storage keys of the whole large frame when bit 47 says that they are valid.
function largeFrameKey(entry: number): number {
  return (entry & ENTRY.accessValidity) === 0 ? -1 : (entry >>> 8) & 0xf8;
}

function segment(
  tables: TableStorage,
  controls: DatControls,
  asceLow: number,
  high: number,
  low: number,
  va: number,
  out: Translation,
  trace?: (step: WalkStep) => void,
): number {
  if ((low & ENTRY.common) !== 0 && (asceLow & ASCE.private) !== 0) return PGM.translationSpecification;
  if (controls.edat1 && (low & ENTRY.format) !== 0) {
    out.noExecute = controls.iep && (low & ENTRY.iep) !== 0;
    out.key = largeFrameKey(low);
    out.absolute = true;
    out.page = high * WORD + ((low & 0xfff00000) >>> 0) + (va & 0x000ff000);
    return 0;
  }
  const address = high * WORD + ((low & 0xfffff800) >>> 0) + ((va >>> 12) & 0xff) * 8;
  out.entry = address;
  if (address >= NOWHERE || !tables.fetchEntry(gpa(address))) return PGM.addressing;
  const page = tables.low;
  trace?.({ level: 'page', address, high: tables.high, low: page });
  if ((page & ENTRY.pageInvalid) !== 0) return PGM.pageTranslation;
  if ((page & ENTRY.pageZero) !== 0) return PGM.translationSpecification;
  if ((page & ENTRY.protection) !== 0) out.protected = true;
  out.noExecute = controls.iep && (page & ENTRY.iep) !== 0;
  out.page = tables.high * WORD + ((page & 0xfffff000) >>> 0);
  return 0;
}
