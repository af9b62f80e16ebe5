/** The guest's TOD clock. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { err, ok } from '../../../../bits/result.ts';
import type { KvmVm } from '../vm.ts';
import { type AttributeCall, type AttributeRow, present, taken } from './row.ts';

/** The epoch index of 8 bytes, of which the first counts, and the clock. */
const EXTENDED_BYTES = 16;

function todBytes(vm: KvmVm): Uint8Array {
  return toBigEndian(vm.tod(), 8);
}

function extended(time: bigint): Uint8Array {
  return Uint8Array.of(Number(time >> 64n), ...new Uint8Array(7), ...toBigEndian(time, 8));
}

const flagged = ({ flags }: AttributeCall): boolean => flags !== 0;

/** Handlers of this file. */
export const todRows: readonly AttributeRow[] = [
  {
    group: 'tod',
    name: 'low',
    attribute: 0,
    title: 'the clock',
    has: present,
    set(vm, call) {
      if (flagged(call)) return 'EINVAL';
      const found = taken(call, 8);
      if (!found.ok) return found.error;
      // The epoch index becomes 0.
      vm.setTime(bigEndian(found.value));
      return undefined;
    },
    get: (vm, call) => (flagged(call) ? err('EINVAL') : ok(todBytes(vm))),
  },
  {
    group: 'tod',
    name: 'high',
    attribute: 1,
    title: 'the byte in front of the clock, 0',
    has: present,
    set(_vm, call) {
      if (flagged(call)) return 'EINVAL';
      const found = taken(call, 1);
      if (!found.ok) return found.error;
      return found.value[0] === 0 ? undefined : 'EINVAL';
    },
    get: (_vm, call) => (flagged(call) ? err('EINVAL') : ok(Uint8Array.of(0))),
  },
  {
    group: 'tod',
    name: 'extended',
    attribute: 2,
    title: 'epoch index and clock',
    // The interface does not tell of it, though it is there.
    has: () => 'ENXIO',
    set(vm, call) {
      if (flagged(call)) return 'EINVAL';
      const found = taken(call, EXTENDED_BYTES);
      if (!found.ok) return found.error;
      const [index = 0] = found.value;
      if (index !== 0 && !vm.core.has('multiple-epoch')) return 'EINVAL';
      vm.setTime((BigInt(index) << 64n) | bigEndian(found.value.subarray(8)));
      return undefined;
    },
    get: (vm, call) => (flagged(call) ? err('EINVAL') : ok(extended(vm.time()))),
  },
];
