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
  /** Give 15.1.2: the guest has been told of facility 11. At most 64 vCPUs. */
  readonly topology?: boolean;
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
class Sysib {
  readonly bytes = new Uint8Array(SYSIB_BYTES);
  readonly #view = new DataView(this.bytes.buffer);

  byte(at: number, value: number): this {
    this.#view.setUint8(at, value);
    return this;
  }
  half(at: number, value: number): this {
    this.#view.setUint16(at, value);
    return this;
  }
  word(at: number, value: number): this {
    this.#view.setUint32(at, value);
    return this;
  }
  doubleword(at: number, value: bigint): this {
    this.#view.setBigUint64(at, value);
    return this;
  }
  /** EBCDIC, filled with blanks. */
  text(at: number, width: number, text: string): this {
    this.bytes.set(ebcdicField(text, width), at);
    return this;
  }
  raw(at: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, at);
    return this;
  }
  /** Four halfwords: CPUs in all, configured, standby, reserved. */
  cpus(at: number, count: number): this {
    return this.half(at, count).half(at + 2, count);
  }
}

type Builder = (info: SystemInformation) => Sysib;

/** Blocks by function code and selectors (PoP, "STORE SYSTEM INFORMATION"). */
const builders: Readonly<Record<string, Builder>> = {
  '1.1.1': basicMachine,
  '1.2.1': (info) => identity(info).half(102, info.cpuAddress),
  '1.2.2': (info) => new Sysib().word(32, CAPABILITY).cpus(36, info.vcpus),
  '2.2.1': (info) => identity(info).half(100, info.cpuAddress).half(102, info.cpuAddress),
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
  return { cc: 0, sysib: builder(info).bytes };
}

function basicMachine(info: SystemInformation): Sysib {
  const model = info.model ?? defaults.model;
  return identity(info)
    .text(32, 16, info.manufacturer ?? defaults.manufacturer)
    .text(48, 4, info.machineType ?? defaults.machineType)
    .text(64, 16, model)
    .text(100, 16, model);
}

/** Sequence code and plant, which three blocks have in one place. */
function identity(info: SystemInformation): Sysib {
  return new Sysib().text(80, 16, info.sequence ?? defaults.sequence).text(96, 4, info.plant ?? defaults.plant);
}

/** Partition number 1, whose CPUs are shared. */
function partition(info: SystemInformation): Sysib {
  const shared = 0x40;
  return new Sysib()
    .half(32, 1)
    .byte(35, shared)
    .cpus(36, info.vcpus)
    .text(44, 8, info.partition ?? defaults.partition)
    .word(52, FULL_CAPABILITY)
    .half(74, info.vcpus);
}

/** One level of virtual machine, with the extended name in UTF-8 that KVM gives since 2015. */
function virtualMachine(info: SystemInformation): Sysib {
  const name = info.name ?? defaults.name;
  const level = 32;
  const nameIsUtf8 = 2;
  const extendedName = { at: 2048, bytes: 256 };
  const block = new Sysib()
    .byte(31, 1)
    .cpus(level + 4, info.vcpus)
    .text(level + 12, 8, name)
    .word(level + 20, FULL_CAPABILITY)
    .text(level + 24, 16, CONTROL_PROGRAM)
    .byte(level + 43, nameIsUtf8)
    .raw(extendedName.at, truncatedUtf8(name, extendedName.bytes - 1));
  return info.uuid === undefined ? block : block.raw(level + 48, info.uuid.subarray(0, 16));
}

/** As much of the text as fits, whole characters only. */
function truncatedUtf8(text: string, most: number): Uint8Array {
  const into = new Uint8Array(most);
  return into.subarray(0, new TextEncoder().encodeInto(text, into).written);
}

/** One socket with every vCPU, horizontally polarized. */
function topology(info: SystemInformation): Sysib {
  const cpus = Math.min(info.vcpus, 64);
  const socketEntry = 16;
  const cpuEntry = 24;
  const nestingLevels = 2;
  const mask = ((1n << BigInt(cpus)) - 1n) << BigInt(64 - cpus);
  return new Sysib()
    .half(2, cpuEntry + 16)
    .byte(8, 1)
    .byte(9, cpus)
    .byte(11, nestingLevels)
    .byte(socketEntry, 1)
    .doubleword(cpuEntry + 8, mask);
}
