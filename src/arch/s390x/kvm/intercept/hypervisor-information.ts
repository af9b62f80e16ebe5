/** STORE HYPERVISOR INFORMATION: what a guest may know of the machine and of the partition that its host runs in. */

import { BigEndianRecord, type RecordLayout } from '../../../../bits/record.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { conditionCode, type Outcome, program } from '../outcome.ts';
import type { KvmVcpu } from '../vcpu.ts';
import { type InterceptRow, type Operands, onIntercept } from './row.ts';

/** Where the three sections begin, and how long they are. */
const sections = { header: [0, 48], machine: [48, 64], partition: [112, 56] } as const;
/** Return code of a function that there is none of. */
const UNKNOWN_FUNCTION = 4n;

const headerFields = {
  flags: [0, 1],
  total: [8, 2],
  length: [10, 2],
  machineAt: [12, 2],
  machineLength: [14, 2],
  partitionAt: [16, 2],
  partitionLength: [18, 2],
} as const satisfies RecordLayout;
/** Weights and capabilities are not known. */
const NO_PERFORMANCE = 0x80;

const machineFields = { valid: [2, 1] } as const satisfies RecordLayout;
const partitionFields = { valid: [2, 1], number: [4, 2] } as const satisfies RecordLayout;
/** Fields that are valid: the machine's identification, the partition's, and how many CPUs that has. */
const valid = { machine: 0x40, partition: 0x10 } as const;

/** Bytes of STORE SYSTEM INFORMATION that the sections take over: from where, to where, how many. */
const fromMachine = [
  [48, 20, 4],
  [32, 24, 16],
  [80, 40, 16],
  [96, 56, 4],
] as const;
const PARTITION_NAME = [44, 16, 8] as const;

/** The answer to function 0. The host says what STORE SYSTEM INFORMATION says of the same levels. */
function information(v: KvmVcpu): Uint8Array {
  const out = new Uint8Array(PAGE_BYTES);
  const part = ([at, length]: readonly [number, number]): Uint8Array => out.subarray(at, at + length);
  const copy = (to: Uint8Array, block: Uint8Array, [from, at, length]: readonly [number, number, number]): void =>
    to.set(block.subarray(from, from + length), at);
  const header = new BigEndianRecord(headerFields, part(sections.header));
  header.set('flags', NO_PERFORMANCE);
  header.set('total', sections.partition[0] + sections.partition[1]);
  header.set('length', sections.header[1]);
  header.set('machineAt', sections.machine[0]);
  header.set('machineLength', sections.machine[1]);
  header.set('partitionAt', sections.partition[0]);
  header.set('partitionLength', sections.partition[1]);
  const machine = v.vm.userSpace.systemInformation(v, 1, 1, 1);
  if (machine !== undefined) {
    new BigEndianRecord(machineFields, part(sections.machine)).set('valid', valid.machine);
    for (const place of fromMachine) copy(part(sections.machine), machine, place);
  }
  const partition = v.vm.userSpace.systemInformation(v, 2, 2, 2);
  if (partition !== undefined) {
    const record = new BigEndianRecord(partitionFields, part(sections.partition));
    record.set('valid', valid.partition);
    record.set('number', ((partition[32] ?? 0) << 8) | (partition[33] ?? 0));
    copy(part(sections.partition), partition, PARTITION_NAME);
  }
  return out;
}

function storeHypervisorInformation(v: KvmVcpu, { r1, r2 }: Operands<'RRE'>): Outcome {
  const { vcpu, vm } = v;
  if (r1 === r2 || ((r1 | r2) & 1) !== 0) return program(PGM.specification);
  if ((vcpu.gr(r1) & 0xffffn) !== 0n) {
    vcpu.setGr(r2 + 1, UNKNOWN_FUNCTION);
    return conditionCode(3);
  }
  const address = vcpu.gr(r2) & vcpu.amask;
  if (address % BigInt(PAGE_BYTES) !== 0n) return program(PGM.specification);
  vm.core.access.write(vcpu, address, information(v), { space: 'current', ar: r2 });
  vcpu.setGr(r2 + 1, 0n);
  return conditionCode(0);
}

/** Handlers of this file. Programs in the problem state may ask, too. */
export const hypervisorInformationRows: readonly InterceptRow[] = [
  onIntercept('STHYI', 'RRE', storeHypervisorInformation, { unprivileged: true }),
];
