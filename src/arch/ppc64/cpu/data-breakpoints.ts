/** The guest's own data breakpoints: DABR, of a doubleword, and DAWR of a POWER8, of up to 64 of them. */

import { DSISR, VECTOR } from './interruptions.ts';
import { MSR } from './msr.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits of DAWRX: the states in which it counts, the translation that it is meant for, the accesses. */
export const DAWRX = {
  user: 1,
  kernel: 2,
  hypervisor: 4,
  anyTranslation: 8,
  translation: 0x10,
  read: 0x20,
  write: 0x40,
} as const;
/** Bits of DABR. */
const DABR = { read: 1, write: 2 } as const;
/** DAWRX has the number of doublewords but one here. */
const LENGTH_SHIFT = 10;
/** A range ends where its 512 bytes do. */
const REACH = 512;

const isInPage = (vcpu: Vcpu, at: number, high: number, low: number): boolean =>
  vcpu.view.getUint32(at + 4, true) === high && (vcpu.view.getUint32(at, true) ^ low) >>> 12 === 0;

/** True when a breakpoint is in the page of an effective address: its accesses stay slow. */
export function guards(vcpu: Vcpu, high: number, low: number): boolean {
  const { view, base } = vcpu;
  const dabr = base + slots.dabr.offset;
  if ((view.getUint32(dabr, true) & (DABR.read | DABR.write)) !== 0 && isInPage(vcpu, dabr, high, low)) return true;
  const kinds = view.getUint32(base + slots.dawrx.offset, true) & (DAWRX.read | DAWRX.write);
  return kinds !== 0 && isInPage(vcpu, base + slots.dawr.offset, high, low);
}

function isOfDabr(vcpu: Vcpu, low: number, bytes: number, isStore: boolean): boolean {
  const word = vcpu.num(slots.dabr);
  const from = (word & ~7) >>> 0;
  return (word & (isStore ? DABR.write : DABR.read)) !== 0 && low < from + 8 && low + bytes > from;
}

function isOfDawr(vcpu: Vcpu, low: number, bytes: number, isStore: boolean): boolean {
  const controls = vcpu.num(slots.dawrx);
  if ((controls & (isStore ? DAWRX.write : DAWRX.read)) === 0) return false;
  const msr = vcpu.msrLow;
  if ((controls & ((msr & MSR.pr) === 0 ? DAWRX.kernel : DAWRX.user)) === 0) return false;
  const isTranslated = (msr & MSR.dr) !== 0;
  if ((controls & DAWRX.anyTranslation) === 0 && ((controls & DAWRX.translation) !== 0) !== isTranslated) return false;
  const from = (vcpu.num(slots.dawr) & ~7) >>> 0;
  const length = 8 * (((controls >>> LENGTH_SHIFT) & 63) + 1);
  const end = Math.min(from + length, from - (from % REACH) + REACH);
  return low < end && low + bytes > from;
}

/** Raises the data storage interruption of an access that a breakpoint is for; false when none is. */
export function stopsAt(vcpu: Vcpu, high: number, low: number, bytes: number, isStore: boolean): boolean {
  // An access may begin in the page before: words of the same upper half are compared.
  const { view, base } = vcpu;
  const isNear = (slot: number): boolean => view.getUint32(base + slot + 4, true) === high;
  const hit =
    (isNear(slots.dabr.offset) && isOfDabr(vcpu, low, bytes, isStore)) ||
    (isNear(slots.dawr.offset) && isOfDawr(vcpu, low, bytes, isStore));
  if (!hit) return false;
  vcpu.setBig(slots.dar, (BigInt(high) << 32n) | BigInt(low));
  vcpu.setNum(slots.dsisr, DSISR.dabr | (isStore ? DSISR.store : 0));
  vcpu.fault(VECTOR.dataStorage);
  return true;
}
