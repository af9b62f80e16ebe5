import { tagBits, tlbEntry } from '../../../machine/layout.ts';
import { frameFlags, frameOf } from '../../../machine/storage.ts';
import { entryOffset, storeTagReason } from '../../../machine/tlb.ts';
import { PREFIX_AREA_BYTES } from '../dat/prefix.ts';
import type { AccessKind } from './access-path.ts';
import type { CpuComplex } from './complex.ts';
import { CR0 } from './control-register-bits.ts';
import type { Vcpu } from './vcpu.ts';

/** A page that an access has found. */
export interface FoundPage {
  /** The bank of the access's space. */
  readonly bank: number;
  /** The virtual address, by words, and the storage offset that it has. */
  readonly high: number;
  readonly low: number;
  readonly at: number;
  readonly kind: AccessKind;
  /** Accesses of the page are told of. */
  readonly watched: boolean;
  /** What allowed the access does not cover all of the page. */
  readonly partial: boolean;
}

/**
 * Enters a page into a bank of the TLB for accesses of the kind. What is known of the same page stays; an entry for
 * instructions needs its tag and its decode page from the caller.
 */
export function fillTlb(complex: CpuComplex, vcpu: Vcpu, found: FoundPage): void {
  const { bank, high, low, at, kind } = found;
  if (bank === vcpu.tlb.empty) return;
  const { words } = complex.storage;
  vcpu.tlb.filling(bank + entryOffset(low));
  const entry = (bank + entryOffset(low)) >>> 2;
  const page = (low & 0xfffff000) >>> 0;
  const frame = frameOf(at);
  // The fetch tag of an entry that is not empty names its page, whatever the page may be used for.
  const tag = words[entry] ?? 0;
  const samePage = tag !== 0 && (tag & ~0xfff) >>> 0 === page && words[entry + 1] === high;
  if (!samePage) for (let i = 0; i < tlbEntry.bytes / 4; i++) words[entry + i] = 0;
  if (kind === 'fetch' || !samePage) {
    const allowed = kind === 'fetch' && !found.watched && !found.partial;
    words[entry] = (page | (allowed ? tagBits.access : tagBits.never)) >>> 0;
    words[entry + 1] = high;
  }
  if (kind === 'store') {
    let reason = 0;
    if (found.watched) reason |= storeTagReason.watched;
    if (((complex.frames.flags[frame] ?? 0) & frameFlags.code) !== 0) reason |= storeTagReason.code;
    // Private spaces are not told apart here: the slow path does.
    const guarded = high === 0 && low < PREFIX_AREA_BYTES && (vcpu.crLow(0) & CR0.lowAddressProtection) !== 0;
    if (guarded) reason |= storeTagReason.lowAddress;
    words[entry + tlbEntry.storeTag / 4] = (page | (reason === 0 ? tagBits.access : reason)) >>> 0;
    words[entry + tlbEntry.storeTag / 4 + 1] = high;
  }
  words[entry + tlbEntry.addend / 4] = complex.storage.addend(at, low);
  complex.frames.mapped(frame, low, kind);
}
