/** Storage keys of frames: access-control bits 0-3, fetch protection, reference, change (PoP, "Storage Key"). */

import { hex } from '../../../bits/hex.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { CpuComplex } from './complex.ts';
import { PGM } from './interruption-codes.ts';
import type { Vcpu } from './vcpu.ts';

/** Bits of a storage key. */
export const KEY = { accessAndFetch: 0xf8, reference: 0x04, change: 0x02, all: 0xfe } as const;

/**
 * Sets the key of a frame. A key is part of what a hypervisor copies: its change counts as a change of the frame. TLB entries
 * were made by the key, and hold that reference and change are recorded.
 */
export function setKey(complex: CpuComplex, frame: number, key: number): void {
  const before = complex.keys[frame] ?? 0;
  if (before === key) return;
  complex.keys[frame] = key;
  if (complex.events !== undefined) tellKey(complex, frame, before, key);
  if (complex.frames.dirty.isClean(frame)) complex.frames.dirty.mark(frame);
  complex.frames.changed(frame);
}

/** Special-operation exception for what needs storage keys, on a machine that has none (PoP, "Storage-Key-Removal Facility"). */
export function requireKeys(vcpu: Vcpu): void {
  if (vcpu.core.has('storage-key-removal')) vcpu.raise(PGM.specialOperation);
}

/** The same for an access key: without storage keys it is zero. */
export function requireAccessKey(vcpu: Vcpu, key: number): void {
  if (key !== 0) requireKeys(vcpu);
}

function tellKey(complex: CpuComplex, frame: number, before: number, key: number): void {
  const at = frame * PAGE_BYTES;
  complex.events?.happened(
    undefined,
    'key',
    at,
    () => `storage key of ${hex(at)}: ${hex(before, 2)} -> ${hex(key, 2)}`,
  );
}

/** Sets a key unless it differs in masked bits only; true when it was set. */
export function setKeyUnless(complex: CpuComplex, frame: number, key: number, ignored: number): boolean {
  if (ignored !== 0 && (((complex.keys[frame] ?? 0) ^ key) & KEY.all & ~ignored) === 0) return false;
  setKey(complex, frame, key);
  return true;
}
