/** Which machine the guest sees. */

import { bigEndian, toBigEndian } from '../../../../bits/hex.ts';
import { ok } from '../../../../bits/result.ts';
import { type CpuModelState, MACHINE_FEATURES } from '../cpu-model.ts';
import type { KvmVm } from '../vm.ts';
import { type AttributeRow, present, taken } from './row.ts';

/** Bytes of a facility list in the interface. */
const LIST_BYTES = 2048;
const HEADER_BYTES = 16;
const FEATURE_BYTES = 128;

/** Bits numbered from the left. */
function bitsOf(numbers: Iterable<number>, bytes: number): Uint8Array {
  const list = new Uint8Array(bytes);
  for (const n of numbers) list[n >> 3] = (list[n >> 3] ?? 0) | (0x80 >> (n & 7));
  return list;
}
function numbersOf(list: Uint8Array): Set<number> {
  const all = Array.from({ length: list.length * 8 }, (_, n) => n);
  return new Set(all.filter((n) => ((list[n >> 3] ?? 0) & (0x80 >> (n & 7))) !== 0));
}

// The instruction-blocking control has 2 bytes of a processor, 4 of a machine.
function header({ cpuId, ibc }: CpuModelState, ibcBytes: 2 | 4): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(toBigEndian(cpuId, 8));
  bytes.set(toBigEndian(BigInt(ibc), ibcBytes), 8);
  return bytes;
}

function setProcessor(vm: KvmVm, data: Uint8Array): void {
  const ibc = Number(bigEndian(data.subarray(8, 10)));
  vm.model.set({ cpuId: bigEndian(data.subarray(0, 8)), ibc }, numbersOf(data.subarray(HEADER_BYTES)));
}

/** Query blocks one behind the other: an instruction's name, and the bytes of its block. */
const subfunctionBlocks = [
  ['PLO', 32],
  ['PTFF', 16],
  ['KMAC', 16],
  ['KMC', 16],
  ['KM', 16],
  ['KIMD', 16],
  ['KLMD', 16],
  ['PCKMO', 16],
  ['KMCTR', 16],
  ['KMF', 16],
  ['KMO', 16],
  ['PCC', 16],
  ['PRNO', 16],
  ['KMA', 16],
  ['KDSA', 16],
] as const;
const SUBFUNCTION_BYTES = 2048;

/** What the queries of a guest's instructions tell; zeros for those that it has not. */
function subfunctionsOf({ core }: KvmVm): Uint8Array {
  const bytes = new Uint8Array(SUBFUNCTION_BYTES);
  let at = 0;
  for (const [mnemonic, length] of subfunctionBlocks) {
    const row = core.table.find((each) => each.mnemonic === mnemonic);
    if (row !== undefined && core.has(row.facility)) {
      const there = (row.functions ?? []).filter((code) => core.has(row.later?.get(code) ?? row.facility));
      bytes.set(bitsOf(there, length), at);
    }
    at += length;
  }
  return bytes;
}

/** Handlers of this file. */
export const cpuModelRows: readonly AttributeRow[] = [
  {
    group: 'cpu-model',
    name: 'processor',
    attribute: 0,
    title: 'CPU identification, level and facilities of the guest',
    has: present,
    set(vm, call) {
      if (vm.vcpus.length > 0) return 'EBUSY';
      const found = taken(call, HEADER_BYTES + LIST_BYTES);
      if (!found.ok) return found.error;
      setProcessor(vm, found.value);
      return undefined;
    },
    get: (vm) => ok(Uint8Array.of(...header(vm.model.state, 2), ...bitsOf(vm.core.facilities, LIST_BYTES))),
  },
  {
    group: 'cpu-model',
    name: 'machine',
    attribute: 1,
    title: 'the same of the host, with the mask of what a guest can have',
    has: present,
    get(vm) {
      const { machine } = vm.model;
      const list = bitsOf(machine.facilities, LIST_BYTES);
      return ok(Uint8Array.of(...header(machine, 4), ...list, ...list));
    },
  },
  {
    group: 'cpu-model',
    name: 'processor-features',
    attribute: 2,
    title: 'what SIE does for the guest as a hypervisor',
    has: present,
    set(vm, call) {
      const found = taken(call, FEATURE_BYTES);
      if (!found.ok) return found.error;
      const wanted = numbersOf(found.value);
      if (![...wanted].every((n) => MACHINE_FEATURES.has(n))) return 'EINVAL';
      if (vm.vcpus.length > 0) return 'EBUSY';
      vm.model.features = wanted;
      return undefined;
    },
    get: (vm) => ok(bitsOf(vm.model.features, FEATURE_BYTES)),
  },
  {
    group: 'cpu-model',
    name: 'machine-features',
    attribute: 3,
    title: 'what SIE of the host could do',
    has: present,
    get: () => ok(bitsOf(MACHINE_FEATURES, FEATURE_BYTES)),
  },
  {
    group: 'cpu-model',
    name: 'processor-subfunctions',
    attribute: 4,
    title: 'functions that the queries of instructions tell of',
    has: present,
    set(vm, call) {
      if (vm.vcpus.length > 0) return 'EBUSY';
      const found = taken(call, SUBFUNCTION_BYTES);
      if (!found.ok) return found.error;
      // The machine interprets these instructions: their queries tell what it has.
      vm.model.subfunctions = found.value.slice();
      return undefined;
    },
    get: (vm) => ok((vm.model.subfunctions ?? subfunctionsOf(vm)).slice()),
  },
  {
    group: 'cpu-model',
    name: 'machine-subfunctions',
    attribute: 5,
    title: 'the same of the host',
    has: present,
    get: (vm) => ok(subfunctionsOf(vm)),
  },
];
