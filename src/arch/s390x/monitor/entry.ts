/** Region-, segment- and page-table entries in words (PoP, "Dynamic Address Translation"). */

import { hex } from '../../../bits/hex.ts';
import { ENTRY, type WalkStep } from '../dat/translate.ts';

const WORD = 0x1_0000_0000;

/** What a table entry says: its fields in the manual's words. */
export function describeEntry(step: WalkStep): string {
  const { low } = step;
  const on = (bit: number, word: string): string => ((low & bit) !== 0 ? word : '');
  const words = step.level === 'page' ? pageWords(step, on) : tableWords(step, on);
  return words.filter((word) => word !== '').join(', ');
}

type On = (bit: number, word: string) => string;

function pageWords({ high, low }: WalkStep, on: On): string[] {
  return [
    `frame ${origin(high, low, 0xfffff000)}`,
    on(ENTRY.pageInvalid, 'invalid'),
    on(ENTRY.protection, 'protected'),
    on(ENTRY.iep, 'no execute'),
    on(ENTRY.pageZero, 'bit 52 is one'),
  ];
}

function tableWords(step: WalkStep, on: On): string[] {
  const { level, high, low } = step;
  const large = isLarge(step);
  const next = level === 'segment' ? origin(high, low, 0xfffff800) : origin(high, low, 0xfffff000);
  const frame = level === 'segment' ? origin(high, low, 0xfff00000) : origin(high, low, 0x80000000);
  const where = large ? `${level === 'segment' ? '1 MiB' : '2 GiB'} frame ${frame}` : `table ${next}`;
  const extent =
    level === 'segment' ? '' : `entries ${((low & ENTRY.offset) >>> 6) * 512} to ${(low & ENTRY.length) * 512 + 511}`;
  return [
    where,
    large ? '' : extent,
    on(ENTRY.invalid, 'invalid'),
    on(ENTRY.protection, 'protected'),
    large ? on(ENTRY.iep, 'no execute') : '',
    on(ENTRY.common, 'common'),
    large && (low & ENTRY.accessValidity) !== 0
      ? `access key ${hex((low >>> 12) & 15)}${on(0x800, ' fetch-protected')}`
      : '',
  ];
}

/** True for an entry that designates a large frame (format 1). */
export function isLarge({ level, low }: WalkStep): boolean {
  return (level === 'segment' || level === 'region-third') && (low & ENTRY.format) !== 0;
}

function origin(high: number, low: number, keep: number): string {
  return hex((high >>> 0) * WORD + ((low & keep) >>> 0));
}
