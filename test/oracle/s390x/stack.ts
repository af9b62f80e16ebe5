/** A linkage stack for instructions on it: control register 15 holds zero, so the entry lies at the end of the address space. */

import type { Chance } from '../chance.ts';
import { frames } from './layout.ts';
import type { Patch } from './placed.ts';

const PAGE = 4096;
/** Bytes of an entry before its descriptor. */
const BEFORE = 288;
const types = [0x0c, 0x0c, 0x0c, 0x0c, 0x0d, 0x0d, 0x0d, 0x8c, 0x09, 0x89, 0x0a, 0x04] as const;

/** Bytes for the last entry and its descriptor; `next` is where a return goes to. */
export function stackPatches(chance: Chance, mnemonic: string, next: number): Patch[] {
  const returns = mnemonic === 'PR';
  if (!returns && !/^(EREGG?|ESTA|MSTA)$/.test(mnemonic)) return [];
  const descriptor = chance.bytes(8);
  descriptor[0] = chance.pick(types);
  const entry = chance.bytes(BEFORE);
  const view = new DataView(entry.buffer, entry.byteOffset);
  if (returns) returnTo(chance, view, next);
  return [
    { offset: frames.zero * PAGE, bytes: descriptor },
    { offset: frames.top * PAGE + PAGE - BEFORE, bytes: entry },
  ];
}

/** A PSW that runs on, with address-space numbers that need no translation. */
function returnTo(chance: Chance, view: DataView, next: number): void {
  view.setUint16(130, 0);
  view.setUint16(134, 0);
  const problem = chance.percent(30) ? 0x1_0000 : 0;
  const space = chance.percent(90) ? 0 : 0x4000;
  const mode = chance.pick([
    [1, 0x8000_0000],
    [0, 0x8000_0000],
    [0, 0],
  ]);
  view.setUint32(136, (0x0400_0000 | problem | space | (chance.below(64) << 8) | (mode[0] ?? 0)) >>> 0);
  view.setUint32(140, mode[1] ?? 0);
  view.setUint32(168, 0);
  view.setUint32(172, next);
  // Not one that waits, or lets interruptions in.
  if (chance.percent(8)) view.setUint8(139 + chance.below(5), chance.below(256));
}
