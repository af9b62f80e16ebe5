/** Memory control: collaborative memory management, and how far guest addresses go. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { ok } from '../../../../bits/result.ts';
import { type AttributeRow, present, taken } from './row.ts';

/** Says that there is no limit but the host's. */
const NO_LIMIT = 0xffff_ffff_ffff_ffffn;

/** Handlers of this file. */
export const memoryRows: readonly AttributeRow[] = [
  {
    group: 'memory',
    name: 'enable-cmma',
    attribute: 0,
    title: 'keep usage states of blocks (ESSA)',
    has: present,
    set(vm) {
      if (vm.vcpus.length > 0) return 'EBUSY';
      vm.cmma.enable();
      return undefined;
    },
  },
  {
    group: 'memory',
    name: 'clear-cmma',
    attribute: 1,
    title: 'make all blocks stable',
    has: present,
    set(vm) {
      if (!vm.cmma.enabled) return 'EINVAL';
      vm.cmma.clear();
      return undefined;
    },
  },
  {
    group: 'memory',
    name: 'limit-size',
    attribute: 2,
    title: 'bytes of guest addresses',
    has: present,
    set(vm, call) {
      const found = taken(call, 8);
      if (!found.ok) return found.error;
      const limit = bigEndian(found.value);
      const most = BigInt(vm.hostLimit);
      if (limit !== NO_LIMIT && limit > most) return 'E2BIG';
      if (limit === 0n) return 'EINVAL';
      if (vm.vcpus.length > 0) return 'EBUSY';
      vm.setMemoryLimit(limit === NO_LIMIT ? vm.hostLimit : Number(limit));
      return undefined;
    },
    get: (vm) => ok(toBigEndian(BigInt(vm.gmap.limit), 8)),
  },
];
