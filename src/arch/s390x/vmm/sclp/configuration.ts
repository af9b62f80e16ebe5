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
/** Bits of `facilities`: CPU information, CPU reconfiguration, information on storage elements. */
const FACILITIES = 0x0c00_4000_0000_0000n;

/** Fields of "read SCP information". */
const scpInformation = {
  increments: 8,
  incrementMebibytes: 10,
  topologyNesting: 15,
  cpus: 16,
  cpuEntryOffset: 18,
  loadParameter: 24,
  facilities: 48,
  /** Of the 16 bytes of configuration characteristics at 80, the one with enhanced suppression on protection. */
  characteristics85: 85,
  addressPower: 99,
  incrementMebibytes2: 100,
  increments2: 104,
  highestCpu: 120,
  managedFacilities: 124,
  /** Of the CPU entries; with extended-length SCCBs there are more fields before them. */
  cpuEntries: 128,
  cpuEntriesExtended: 144,
} as const;

/** What zEC12 says: absolute addresses have 44 bits, and which of its facilities a hypervisor manages. */
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
  const entries = config.extendedLengthSccb === true ? f.cpuEntriesExtended : f.cpuEntries;
  const end = entries + cpus * CPU_ENTRY_BYTES;
  if (sccb.length < end) return tooShort(sccb, config, end);
  sccb.clearFrom(f.increments);
  const { count, mebibytes } = storageIncrements(config.storageBytes);
  if (count <= 0xffff) sccb.setHalf(f.increments, count);
  else sccb.setDoubleword(f.increments2, BigInt(count));
  if (mebibytes <= 0xff) sccb.setByte(f.incrementMebibytes, mebibytes);
  else sccb.setWord(f.incrementMebibytes2, mebibytes);
  sccb.setByte(f.topologyNesting, config.topologyNesting ?? 0);
  sccb.setHalf(f.cpus, cpus);
  sccb.setHalf(f.cpuEntryOffset, entries);
  sccb.setHalf(f.highestCpu, Math.max(cpus, config.maxVcpus ?? cpus) - 1);
  sccb.setByte(f.addressPower, ADDRESS_POWER);
  sccb.setWord(f.managedFacilities, MANAGED_FACILITIES);
  sccb.setBytes(f.loadParameter, ebcdicField(config.loadParameter ?? '', 8));
  sccb.setDoubleword(f.facilities, FACILITIES);
  if (config.suppressionOnProtection === true) sccb.setByte(f.characteristics85, SUPPRESSION_ON_PROTECTION);
  writeCpuEntries(sccb, entries, cpus);
  return response.normalReadCompletion;
}

/** With extended-length SCCBs, a guest that takes answers of any length is told how long this one would be. */
function tooShort(sccb: Sccb, config: SclpConfig, needed: number): Response {
  if (config.extendedLengthSccb === true && sccb.variableLengthResponse) sccb.setHalf(0, needed);
  return response.insufficientSccbLength;
}

/** Address in byte 0, type (0, a general-purpose CPU) in byte 14; no features. */
function writeCpuEntries(sccb: Sccb, from: number, cpus: number): void {
  for (let address = 0; address < cpus; address++) sccb.setByte(from + address * CPU_ENTRY_BYTES, address);
}

/** Fields of "read CPU information". */
const cpuInformation = { configured: 8, configuredOffset: 10, standby: 12, standbyOffset: 14, entries: 24 } as const;

function readCpuInformation(sccb: Sccb, config: SclpConfig): Response {
  const f = cpuInformation;
  const cpus = vcpuCount(config);
  const end = f.entries + cpus * CPU_ENTRY_BYTES;
  if (sccb.length < end) return tooShort(sccb, config, end);
  sccb.clearFrom(f.configured);
  sccb.setHalf(f.configured, cpus);
  sccb.setHalf(f.configuredOffset, f.entries);
  sccb.setHalf(f.standbyOffset, end);
  writeCpuEntries(sccb, f.entries, cpus);
  return response.normalReadCompletion;
}

/** Fields of "read storage element information". An entry is the number of an increment, from 1, and a subincrement. */
const storageElement = { highest: 8, assigned: 10, standby: 12, entries: 16 } as const;
const FIRST_INCREMENT = 0x1_0001;
const NEXT_INCREMENT = 0x1_0000;

function readStorageElementInformation(sccb: Sccb, config: SclpConfig, command: number): Response {
  if (operandOf(command) !== 0) return response.emptyStorageElement;
  const f = storageElement;
  const { count } = storageIncrements(config.storageBytes);
  if (count > 0xffff || sccb.length < f.entries + 4 * count) return response.insufficientSccbLength;
  sccb.clearFrom(f.highest);
  sccb.setHalf(f.assigned, count);
  for (let i = 0; i < count; i++) sccb.setWord(f.entries + 4 * i, FIRST_INCREMENT + i * NEXT_INCREMENT);
  return response.normalReadCompletion;
}

function configureCpu(_sccb: Sccb, config: SclpConfig, command: number): Response {
  return operandOf(command) < vcpuCount(config) ? response.noActionRequired : response.notRecognized;
}

/** Every vCPU stays configured: a guest stops one that it does not want by SIGP. */
function deconfigureCpu(_sccb: Sccb, config: SclpConfig, command: number): Response {
  return operandOf(command) < vcpuCount(config) ? response.improperState : response.notRecognized;
}
