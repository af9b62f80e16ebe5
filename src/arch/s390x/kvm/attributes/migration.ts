/** Migration mode, and the topology. */

import { toBigEndian } from '../../../../bits/hex.ts';
import { ok } from '../../../../bits/result.ts';
import { type AttributeRow, present } from './row.ts';

/** Handlers of this file. */
export const migrationRows: readonly AttributeRow[] = [
  {
    group: 'migration',
    name: 'stop',
    attribute: 0,
    title: 'leave migration mode',
    has: present,
    set(vm) {
      vm.cmma.stopMigration();
      return undefined;
    },
  },
  {
    group: 'migration',
    name: 'start',
    attribute: 1,
    title: 'enter migration mode: usage states that change are noted',
    has: present,
    set: (vm) => vm.cmma.startMigration(),
  },
  {
    group: 'migration',
    name: 'status',
    attribute: 2,
    title: 'whether it is on',
    has: present,
    get: (vm) => ok(toBigEndian(vm.cmma.migrating ? 1n : 0n, 8)),
  },
];

/** Handlers of this file. */
export const topologyRows: readonly AttributeRow[] = [
  {
    group: 'cpu-topology',
    name: 'topology-change-report',
    attribute: undefined,
    title: 'the report of a change, by the number of the attribute',
    has: (vm) => (vm.core.has('topology') ? undefined : 'ENXIO'),
    set(vm, _call, attribute) {
      if (!vm.core.has('topology')) return 'ENXIO';
      vm.topologyChanged = attribute !== 0;
      return undefined;
    },
    get: (vm) =>
      vm.core.has('topology') ? ok(Uint8Array.of(vm.topologyChanged ? 1 : 0)) : { ok: false, error: 'ENXIO' },
  },
];
