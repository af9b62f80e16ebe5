/** Storage keys of ranges of frames, as user space gets and sets them. */

import { err, ok, type Result } from '../../../bits/result.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { frameOf } from '../../../machine/storage.ts';
import { KEY, setKey } from '../cpu/storage-keys.ts';
import { type Gpa, gpa } from '../dat/address.ts';
import type { Errno } from './errno.ts';
import type { KvmVm } from './vm.ts';

/** Keys that one call moves at most. */
const MOST_KEYS = 1 << 20;

/** Frames by guest frame number, one key each. */
export interface KeyRange {
  readonly startGfn: number;
  readonly count: number;
  /** None is known. */
  readonly flags?: number;
}

/** Host frames of a range; undefined when some are not there. */
function framesOf(vm: KvmVm, startGfn: number, count: number): readonly number[] | undefined {
  const frames = Array.from({ length: count }, (_, i) => vm.gmap.peek(gpa((startGfn + i) * PAGE_BYTES)) / PAGE_BYTES);
  return frames.some((frame) => frame < 0) ? undefined : frames;
}

/**
 * A key for each frame, or `none` while the guest has not used any. EINVAL for flags, then for a count of none or too many,
 * EFAULT where there is no storage.
 */
export function getKeys(vm: KvmVm, { startGfn, count, flags = 0 }: KeyRange): Result<Uint8Array | 'none', Errno> {
  if (flags !== 0) return err('EINVAL');
  if (!vm.usesKeys) return ok('none');
  if (count < 1 || count > MOST_KEYS) return err('EINVAL');
  const frames = framesOf(vm, startGfn, count);
  if (frames === undefined) return err('EFAULT');
  return ok(Uint8Array.from(frames, (frame) => vm.complex.keys[frame] ?? 0));
}

/**
 * Sets a key for each frame; keys are kept from then on. EINVAL for flags, for none or too many, and at a key with a bit too
 * many, in front of which keys are set; EFAULT where there is no storage.
 */
export function setKeys(vm: KvmVm, startGfn: number, keys: Uint8Array, flags = 0): Errno | undefined {
  if (flags !== 0 || keys.length < 1 || keys.length > MOST_KEYS) return 'EINVAL';
  const frames = framesOf(vm, startGfn, keys.length);
  if (frames === undefined) return 'EFAULT';
  vm.enableKeys();
  for (const [i, frame] of frames.entries()) {
    const key = keys[i] ?? 0;
    if ((key & ~KEY.all) !== 0) return 'EINVAL';
    setKey(vm.complex, frame, key);
  }
  return undefined;
}

/** What can be done to one key from outside. */
export type KeyOperation = 'iske' | 'rrbe' | 'sske';

/** Does what the instruction does to the key of the frame at an address; the old key. EFAULT where there is no storage. */
export function operateOnKey(vm: KvmVm, operation: KeyOperation, address: Gpa, key = 0): Result<number, Errno> {
  const host = vm.gmap.peek(address);
  if (host < 0) return err('EFAULT');
  vm.enableKeys();
  const frame = frameOf(host);
  const old = vm.complex.keys[frame] ?? 0;
  if (operation === 'rrbe') setKey(vm.complex, frame, old & ~KEY.reference);
  if (operation === 'sske') setKey(vm.complex, frame, key & KEY.all);
  return ok(old);
}
