import { BigEndianRecord, type RecordLayout } from '../../../bits/record.ts';
import { ebcdicField } from './ebcdic.ts';

/** The machine as STORE SYSTEM INFORMATION describes it. */
export interface SystemInformation {
  readonly vcpus: number;
  /** Of the vCPU that asks. */
  readonly cpuAddress: number;
  /** 16 bytes; zeros, which means none, when not given. */
  readonly uuid?: Uint8Array;
  /** The guest's name; KVMguest when not given. */
  readonly name?: string;
  /** Up to 16 characters. */
  readonly manufacturer?: string;
  /** Four digits, as in the CPU identification. */
  readonly machineType?: string;
  readonly model?: string;
  /** Up to 16 and 4 characters. */
  readonly sequence?: string;
  readonly plant?: string;
  /** Name of the logical partition that the guest's host seems to run in, up to 8 characters. */
  readonly partition?: string;
  /** Give 15.1.2: the guest has been told of facility 11. */
  readonly topology?: boolean;
  /** CPUs are polarized vertically. */
  readonly vertical?: boolean;
}

/** The system-information block, or condition code 3: there is none for these selectors. */
export type StsiResult = { readonly cc: 0; readonly sysib: Uint8Array } | { readonly cc: 3 };

/** Bytes of a system-information block, which is a page. */
export const SYSIB_BYTES = 4096;

const defaults = {
  manufacturer: 'GUESTSCOPE',
  machineType: '2097',
  model: 'GUESTSCOPE',
  sequence: '0000000000000001',
  plant: '00',
  partition: 'GUESTSCP',
  name: 'KVMguest',
} as const;

/** Text that Linux knows KVM by. */
const CONTROL_PROGRAM = 'KVM/Linux';

/** Capability adjustment factor: all of it. */
const FULL_CAPABILITY = 1000;

/** Capability of a CPU, a short BFP number whose size means nothing here. */
const CAPABILITY = 0x443a_fc29;

/** A block in the making. */
class Sysib<L extends RecordLayout> extends BigEndianRecord<L> {
  readonly bytes: Uint8Array;
  readonly #layout: L;

  constructor(layout: L, bytes: Uint8Array = new Uint8Array(SYSIB_BYTES)) {
    super(layout, bytes);
    this.bytes = bytes;
    this.#layout = layout;
  }

  /** EBCDIC, filled with blanks. */
  text(name: keyof L, text: string): void {
    const [at, width] = this.#layout[name] ?? [0, 0];
    this.bytes.set(ebcdicField(text, width), at);
  }
  /** The first of the bytes. */
  raw(name: keyof L, bytes: Uint8Array): void {
    const [at, width] = this.#layout[name] ?? [0, 0];
    this.bytes.set(bytes.subarray(0, width), at);
  }
}

type Builder = (info: SystemInformation) => Uint8Array;

/** Blocks by function code and selectors (PoP, "STORE SYSTEM INFORMATION"). */
const builders: Readonly<Record<string, Builder>> = {
  '1.1.1': basicMachine,
  '1.2.1': basicMachineCpu,
  '1.2.2': basicMachineCpus,
  '2.2.1': partitionCpu,
  '2.2.2': partition,
  '3.2.2': virtualMachine,
  '15.1.2': topology,
};

/**
 * The block that STORE SYSTEM INFORMATION stores for a function code and selectors, as KVM gives it to a guest. The
 * checks of reserved bits and of the address, and function code 0, are the caller's. Capability adjustment factors for
 * many CPUs are not given.
 */
export function stsi(functionCode: number, sel1: number, sel2: number, info: SystemInformation): StsiResult {
  const builder = builders[`${functionCode}.${sel1}.${sel2}`];
  if (builder === undefined || (builder === topology && info.topology !== true)) return { cc: 3 };
  return { cc: 0, sysib: builder(info) };
}

/** Sequence code and plant, which three blocks have in one place. */
const identity = { sequence: [80, 16], plant: [96, 4] } as const satisfies RecordLayout;

function identify({ bytes }: { readonly bytes: Uint8Array }, info: SystemInformation): Uint8Array {
  const block = new Sysib(identity, bytes);
  block.text('sequence', info.sequence ?? defaults.sequence);
  block.text('plant', info.plant ?? defaults.plant);
  return block.bytes;
}

const basicMachineFields = {
  manufacturer: [32, 16],
  type: [48, 4],
  modelCapacity: [64, 16],
  ...identity,
  model: [100, 16],
} as const satisfies RecordLayout;

function basicMachine(info: SystemInformation): Uint8Array {
  const block = new Sysib(basicMachineFields);
  block.text('manufacturer', info.manufacturer ?? defaults.manufacturer);
  block.text('type', info.machineType ?? defaults.machineType);
  for (const name of ['modelCapacity', 'model'] as const) block.text(name, info.model ?? defaults.model);
  return identify(block, info);
}

/** The CPU's address, and with partitions its address in the partition before it. */
const cpuFields = { ...identity, logicalCpu: [100, 2], cpu: [102, 2] } as const satisfies RecordLayout;

function basicMachineCpu(info: SystemInformation): Uint8Array {
  const block = new Sysib(cpuFields);
  block.set('cpu', info.cpuAddress);
  return identify(block, info);
}

function partitionCpu(info: SystemInformation): Uint8Array {
  const block = new Sysib(cpuFields);
  for (const name of ['logicalCpu', 'cpu'] as const) block.set(name, info.cpuAddress);
  return identify(block, info);
}

/** CPUs in all and configured; behind them stand-by and reserved ones, of which there are none. */
const cpuCounts = { cpus: [36, 2], configuredCpus: [38, 2] } as const satisfies RecordLayout;

const basicMachineCpusFields = { capability: [32, 4], ...cpuCounts } as const satisfies RecordLayout;

function basicMachineCpus(info: SystemInformation): Uint8Array {
  const block = new Sysib(basicMachineCpusFields);
  block.set('capability', CAPABILITY);
  for (const name of ['cpus', 'configuredCpus'] as const) block.set(name, info.vcpus);
  return block.bytes;
}

const partitionFields = {
  number: [32, 2],
  characteristics: [35, 1],
  ...cpuCounts,
  name: [44, 8],
  capabilityFactor: [52, 4],
  sharedCpus: [74, 2],
} as const satisfies RecordLayout;

/** Partition number 1, whose CPUs are shared. */
function partition(info: SystemInformation): Uint8Array {
  const shared = 0x40;
  const block = new Sysib(partitionFields);
  block.set('number', 1);
  block.set('characteristics', shared);
  for (const name of ['cpus', 'configuredCpus', 'sharedCpus'] as const) block.set(name, info.vcpus);
  block.text('name', info.partition ?? defaults.partition);
  block.set('capabilityFactor', FULL_CAPABILITY);
  return block.bytes;
}

/** One level of virtual machine, with the extended name that KVM gives since 2015. */
const virtualMachineFields = {
  levels: [31, 1],
  ...cpuCounts,
  name: [44, 8],
  capabilityFactor: [52, 4],
  controlProgram: [56, 16],
  extendedNameEncoding: [75, 1],
  uuid: [80, 16],
  extendedName: [2048, 256],
} as const satisfies RecordLayout;

function virtualMachine(info: SystemInformation): Uint8Array {
  const utf8 = 2;
  const name = info.name ?? defaults.name;
  const block = new Sysib(virtualMachineFields);
  block.set('levels', 1);
  for (const count of ['cpus', 'configuredCpus'] as const) block.set(count, info.vcpus);
  block.text('name', name);
  block.set('capabilityFactor', FULL_CAPABILITY);
  block.text('controlProgram', CONTROL_PROGRAM);
  block.set('extendedNameEncoding', utf8);
  block.raw('extendedName', truncatedUtf8(name, virtualMachineFields.extendedName[1] - 1));
  if (info.uuid !== undefined) block.raw('uuid', info.uuid);
  return block.bytes;
}

/** As much of the text as fits, whole characters only. */
function truncatedUtf8(text: string, most: number): Uint8Array {
  const into = new Uint8Array(most);
  return into.subarray(0, new TextEncoder().encodeInto(text, into).written);
}

/** Of the topology list, the entry of a socket; those of its CPUs are behind it. */
const topologyFields = {
  length: [2, 2],
  sockets: [8, 1],
  cpusOfSocket: [9, 1],
  nestingLevels: [11, 1],
  socketLevel: [16, 1],
} as const satisfies RecordLayout;
const CPU_ENTRIES = 24;
/** An entry of up to 64 CPUs that are alike: how they are polarized, their type, the first one's address. */
const cpuEntry = { polarization: [4, 1], type: [5, 1], origin: [6, 2], mask: [8, 8] } as const satisfies RecordLayout;
const CPU_ENTRY_BYTES = 16;
const CPUS_OF_ENTRY = 64;
/** Integrated facilities for Linux; none is dedicated, so that each is entitled to some of a real one. */
const FACILITY_FOR_LINUX = 3;
const MEDIUM = 2;

/** One socket with every vCPU. */
function topology({ vcpus, vertical = false }: SystemInformation): Uint8Array {
  const entries = Math.ceil(vcpus / CPUS_OF_ENTRY);
  const block = new Sysib(topologyFields);
  block.set('length', CPU_ENTRIES + entries * CPU_ENTRY_BYTES);
  block.set('sockets', 1);
  block.set('cpusOfSocket', vcpus);
  block.set('nestingLevels', 2);
  block.set('socketLevel', 1);
  for (let i = 0; i < entries; i++) {
    const entry = new BigEndianRecord(cpuEntry, block.bytes.subarray(CPU_ENTRIES + i * CPU_ENTRY_BYTES));
    const cpus = Math.min(vcpus - i * CPUS_OF_ENTRY, CPUS_OF_ENTRY);
    entry.set('polarization', vertical ? MEDIUM : 0);
    entry.set('type', FACILITY_FOR_LINUX);
    entry.set('origin', i * CPUS_OF_ENTRY);
    entry.setBig('mask', ((1n << BigInt(cpus)) - 1n) << BigInt(CPUS_OF_ENTRY - cpus));
  }
  return block.bytes;
}
