import type { RecordLayout } from '../../../../bits/record.ts';
import { sieFeatures } from '../../kvm/cpu-model.ts';
import { ebcdicField } from '../ebcdic.ts';
import { type SclpConfig, vcpuCount } from './config.ts';
import { type Response, response } from './response.ts';
import type { Sccb } from './sccb.ts';

/** A command that asks for or changes the configuration: fills `sccb` and answers its response code. */
export type ConfigurationCommand = (sccb: Sccb, config: SclpConfig, command: number) => Response;

/** Bits 16-23 of a command are an operand: a CPU address, a storage element. */
const operandOf = (command: number): number => (command >>> 8) & 0xff;

/** The commands by their code, with the operand zero. */
export const configurationCommands: ReadonlyMap<number, ConfigurationCommand> = new Map([
  [0x0001_0001, readCpuInformation],
  [0x0002_0001, readScpInformation],
  [0x0012_0001, readScpInformation],
  [0x0004_0001, readStorageElementInformation],
  [0x0010_0001, deconfigureCpu],
  [0x0011_0001, configureCpu],
]);

/** Commands that are exempt from the page-boundary check when the machine has extended-length SCCBs. */
export const extendedLengthCommands: ReadonlySet<number> = new Set([0x0001_0001, 0x0002_0001, 0x0012_0001]);

const CPU_ENTRY_BYTES = 16;

const SUPPRESSION_ON_PROTECTION = 0x02;
/** Where the features of SIE are announced: in the configuration's fields, and in each CPU's. */
const announcedFeatures = [
  { feature: sieFeatures.gsls, field: 'characteristics85', bit: 0x80 },
  { feature: sieFeatures.kss, field: 'facilities98', bit: 0x01 },
  { feature: sieFeatures['64bscao'], field: 'facilities116', bit: 0x80 },
  // The extended system control area: signals need it beyond 64 CPUs.
  { feature: sieFeatures.sigpif, field: 'facilities116', bit: 0x08 },
  { feature: sieFeatures.ibs, field: 'facilities117', bit: 0x20 },
] as const;
const announcedCpuFeatures = [
  { feature: sieFeatures.sief2, field: 'features2', bit: 0x08 },
  { feature: sieFeatures.gpere, field: 'features3', bit: 0x20 },
  { feature: sieFeatures.siif, field: 'features3', bit: 0x10 },
  { feature: sieFeatures.sigpif, field: 'features3', bit: 0x08 },
  { feature: sieFeatures.ib, field: 'features7', bit: 0x20 },
  { feature: sieFeatures.cei, field: 'features7', bit: 0x10 },
] as const;
/** Bits of `facilities`: CPU information, CPU reconfiguration, information on storage elements. */
const FACILITIES = 0x0c00_4000_0000_0000n;

/** Fields of "read SCP information". */
const scpInformation = {
  increments: [8, 2],
  incrementMebibytes: [10, 1],
  topologyNesting: [15, 1],
  cpus: [16, 2],
  cpuEntryOffset: [18, 2],
  loadParameter: [24, 8],
  facilities: [48, 8],
  /** Of the 16 bytes of configuration characteristics at 80, the one with enhanced suppression on protection. */
  characteristics85: [85, 1],
  facilities98: [98, 1],
  addressPower: [99, 1],
  incrementMebibytes2: [100, 4],
  increments2: [104, 8],
  facilities116: [116, 1],
  facilities117: [117, 1],
  highestCpu: [120, 2],
  managedFacilities: [124, 4],
} as const satisfies RecordLayout;

/** Where its CPU entries begin; with extended-length SCCBs there are more fields before them. */
const cpuEntriesAt = { plain: 128, extended: 144 } as const;

/** What a zEC12 says of absolute addresses, and it and all later ones of the facilities that a hypervisor manages. */
const ADDRESS_POWER = 44;
const MANAGED_FACILITIES = 0x0800_0000;

/** Storage in increments: so many of so many mebibytes, a power of two. */
export interface StorageIncrements {
  readonly count: number;
  readonly mebibytes: number;
}

/** Most increments whose list fits an SCCB of a page. */
const LISTED_INCREMENTS = 1020;

/**
 * Increments of storage: as few as make a list that fits an SCCB, but never so large that the last would not be full.
 */
export function storageIncrements(storageBytes: number): StorageIncrements {
  let count = Math.floor(storageBytes / 0x10_0000);
  let mebibytes = 1;
  while (count > LISTED_INCREMENTS && count % 2 === 0) {
    count /= 2;
    mebibytes *= 2;
  }
  return { count, mebibytes };
}

function readScpInformation(sccb: Sccb, config: SclpConfig): Response {
  const f = scpInformation;
  const cpus = vcpuCount(config);
  const entries = config.extendedLengthSccb === true ? cpuEntriesAt.extended : cpuEntriesAt.plain;
  const end = entries + cpus * CPU_ENTRY_BYTES;
  if (sccb.length < end) return tooShort(sccb, config, end);
  sccb.clearFrom(f.increments[0]);
  const info = sccb.fields(f);
  const { count, mebibytes } = storageIncrements(config.storageBytes);
  if (count <= 0xffff) info.set('increments', count);
  else info.setBig('increments2', BigInt(count));
  if (mebibytes <= 0xff) info.set('incrementMebibytes', mebibytes);
  else info.set('incrementMebibytes2', mebibytes);
  info.set('topologyNesting', config.topologyNesting ?? 0);
  info.set('cpus', cpus);
  info.set('cpuEntryOffset', entries);
  info.set('highestCpu', Math.max(cpus, config.maxVcpus ?? cpus) - 1);
  info.set('addressPower', config.addressPower ?? ADDRESS_POWER);
  info.set('managedFacilities', MANAGED_FACILITIES);
  sccb.setBytes(f.loadParameter[0], ebcdicField(config.loadParameter ?? '', f.loadParameter[1]));
  info.setBig('facilities', FACILITIES);
  info.set('characteristics85', config.suppressionOnProtection === true ? SUPPRESSION_ON_PROTECTION : 0);
  for (const { feature, field, bit } of announcedFeatures) {
    if (config.sieFeatures?.has(feature) === true) info.replace(field, bit, bit);
  }
  writeCpuEntries(sccb, entries, cpus, config);
  return response.normalReadCompletion;
}

/** With extended-length SCCBs, a guest that takes answers of any length is told how long this one would be. */
function tooShort(sccb: Sccb, config: SclpConfig, needed: number): Response {
  if (config.extendedLengthSccb === true && sccb.variableLengthResponse) sccb.statedLength = needed;
  return response.insufficientSccbLength;
}

/** Of the type, 0 is a general-purpose CPU. */
const cpuEntry = {
  address: [0, 1],
  features2: [2, 1],
  features3: [3, 1],
  features7: [7, 1],
  type: [14, 1],
} as const satisfies RecordLayout;

function writeCpuEntries(sccb: Sccb, from: number, cpus: number, { sieFeatures: has }: SclpConfig): void {
  for (let address = 0; address < cpus; address++) {
    const entry = sccb.fields(cpuEntry, from + address * CPU_ENTRY_BYTES);
    entry.set('address', address);
    for (const { feature, field, bit } of announcedCpuFeatures) {
      if (has?.has(feature) === true) entry.replace(field, bit, bit);
    }
  }
}

/** Fields of "read CPU information", and where its entries begin. */
const cpuInformation = {
  configured: [8, 2],
  configuredOffset: [10, 2],
  standby: [12, 2],
  standbyOffset: [14, 2],
} as const satisfies RecordLayout;
const CPU_INFORMATION_ENTRIES = 24;

function readCpuInformation(sccb: Sccb, config: SclpConfig): Response {
  const cpus = vcpuCount(config);
  const end = CPU_INFORMATION_ENTRIES + cpus * CPU_ENTRY_BYTES;
  if (sccb.length < end) return tooShort(sccb, config, end);
  sccb.clearFrom(cpuInformation.configured[0]);
  const info = sccb.fields(cpuInformation);
  info.set('configured', cpus);
  info.set('configuredOffset', CPU_INFORMATION_ENTRIES);
  info.set('standbyOffset', end);
  writeCpuEntries(sccb, CPU_INFORMATION_ENTRIES, cpus, config);
  return response.normalReadCompletion;
}

/** Fields of "read storage element information"; an entry is the number of an increment, from 1, and a subincrement. */
const storageElement = { highest: [8, 2], assigned: [10, 2], standby: [12, 2] } as const satisfies RecordLayout;
const STORAGE_ENTRIES = 16;
const storageEntry = { increment: [0, 4] } as const satisfies RecordLayout;
const FIRST_INCREMENT = 0x1_0001;
const NEXT_INCREMENT = 0x1_0000;

function readStorageElementInformation(sccb: Sccb, config: SclpConfig, command: number): Response {
  if (operandOf(command) !== 0) return response.emptyStorageElement;
  const { count } = storageIncrements(config.storageBytes);
  if (count > 0xffff || sccb.length < STORAGE_ENTRIES + 4 * count) return response.insufficientSccbLength;
  sccb.clearFrom(storageElement.highest[0]);
  sccb.fields(storageElement).set('assigned', count);
  for (let i = 0; i < count; i++) {
    sccb.fields(storageEntry, STORAGE_ENTRIES + 4 * i).set('increment', FIRST_INCREMENT + i * NEXT_INCREMENT);
  }
  return response.normalReadCompletion;
}

function configureCpu(_sccb: Sccb, config: SclpConfig, command: number): Response {
  return operandOf(command) < vcpuCount(config) ? response.noActionRequired : response.notRecognized;
}

/** Every vCPU stays configured: a guest stops one that it does not want by SIGP. */
function deconfigureCpu(_sccb: Sccb, config: SclpConfig, command: number): Response {
  return operandOf(command) < vcpuCount(config) ? response.improperState : response.notRecognized;
}
