/** What makes a state description in storage one that cannot be interpreted, in the order in which it is found. */

import type { CpuComplex } from '../cpu/complex.ts';
import type { HostSpaceSetting } from '../cpu/host-space.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa } from '../dat/address.ts';
import { cpuflags, eca, ecb, ecb2, ecb3, ecd, type SieBlock, sieFields, validityReason } from './state-description.ts';

/** Satellite blocks lie at or above this. */
const LOWEST_SATELLITE = 0x2000;
const PAGE_MASK = 0xfff;
/** Bytes of a basic system control area; an extended one has whole pages. */
const BASIC_SCA_BYTES = 840;

/** Bytes of a crypto control block of format 1; the next format has as many again. */
const CRYPTO_BYTES = 128;

/** Where the system control area is that a block names: its absolute address, 0 when there is none. */
export function systemControlArea(block: SieBlock): number {
  const { controlBytes } = block;
  const low = controlBytes.getUint32(sieFields.scaol[0]);
  const high = controlBytes.getUint32(sieFields.scaoh[0]);
  if (low === 0 && high === 0) return 0;
  const extended = (controlBytes.getUint8(sieFields.ecb2[0]) & ecb2.esca) !== 0;
  return high * 0x1_0000_0000 + (extended ? low - (low & 0x3f) : low - (low & 0xf));
}

/** Reason of a validity interception at entry, undefined when nothing stands in the way. `prefix` is the guest's. */
export function validityAtEntry(
  complex: CpuComplex,
  host: Vcpu,
  block: SieBlock,
  setting: HostSpaceSetting,
  prefix: number,
): number | undefined {
  const mode = modeReason(complex.dat, block.cpuflags) ?? cryptoReason(complex, host, block);
  if (mode !== undefined) return mode;
  const area = systemControlAreaReason(complex, host, block);
  if (area !== undefined) return area;
  const { controlBytes } = block;
  const wanted =
    (controlBytes.getUint8(sieFields.ecb[0]) & (ecb.te | ecb.gs)) |
    (controlBytes.getUint32(sieFields.eca[0]) & eca.vx) |
    (controlBytes.getUint8(sieFields.ecb3[0]) & ecb3.ri);
  if (wanted !== 0)
    for (const { used, address, reason } of satellites) {
      if (used(block) && !isThere(complex, address(block))) return reason;
    }
  const guarded = guardedStorageReason(complex, block);
  if (guarded !== undefined) return guarded;
  if (setting.extent <= 0) return validityReason.limitBelowOrigin;
  if (prefix + 0x2000 > setting.extent) return validityReason.prefixOutside;
  return undefined;
}

/** Modes that the machine does not have, or not together. */
export function modeReason({ edat1, edat2 }: CpuComplex['dat'], flags: number): number | undefined {
  if ((flags & cpuflags.zarch) === 0 || (flags & (cpuflags.rrf | cpuflags.mcds)) !== 0) return validityReason.mode;
  if ((flags & (cpuflags.slsv | cpuflags.slsr)) !== 0) return validityReason.storageLimitMode;
  const both = edat1 && edat2 && (flags & cpuflags.ged) !== 0 && (flags & cpuflags.ged2) !== 0;
  return both ? validityReason.mode : undefined;
}

// The masks for keys that are wrapped, which nobody looks at without a control.
function cryptoReason(complex: CpuComplex, host: Vcpu, { controlBytes }: SieBlock): number | undefined {
  if ((controlBytes.getUint8(sieFields.ecb3[0]) & (ecb3.aes | ecb3.dea)) === 0) return undefined;
  if (!host.core.has('message-security-assist-3')) return undefined;
  const designation = controlBytes.getUint32(sieFields.crycbd[0]);
  const format = designation & 3;
  if (format === 0) return undefined;
  if (format === 2) return validityReason.cryptoFormat;
  const address = designation - format;
  if (address === 0) return validityReason.noCrypto;
  const bytes = format === 1 ? CRYPTO_BYTES : CRYPTO_BYTES * 2;
  if ((address & PAGE_MASK) + bytes > PAGE_MASK + 1) return validityReason.cryptoCrossesPage;
  return complex.hostAddress(gpa(address)) < 0 ? validityReason.cryptoAddress : undefined;
}

function systemControlAreaReason(complex: CpuComplex, host: Vcpu, block: SieBlock): number | undefined {
  const sca = systemControlArea(block);
  if (sca === 0) return undefined;
  if (sca < LOWEST_SATELLITE) return validityReason.scaTooLow;
  if (Math.floor(sca / 0x2000) * 0x2000 === host.prefix) return validityReason.scaInPrefix;
  const extended = block.has('ecb2', ecb2.esca);
  if (!extended && (sca & PAGE_MASK) + BASIC_SCA_BYTES > PAGE_MASK + 1) return validityReason.scaCrossesPage;
  return complex.hostAddress(gpa(sca)) < 0 ? validityReason.scaAddress : undefined;
}

/** Bits of the extension's designation that are the length, a power of two, as its logarithm. */
const EXTENSION_LENGTH = 0xfn;
const EXTENSION_LENGTHS = { least: 6, most: 12 } as const;

// The extension of the state description: where the guest's guarded-storage registers are unless its host manages them.
function guardedStorageReason(complex: CpuComplex, block: SieBlock): number | undefined {
  if (!block.has('ecb', ecb.gs) || block.has('ecd', ecd.hostRegisterManagement)) return undefined;
  const designation = block.big('sdnxo');
  const length = Number(designation & EXTENSION_LENGTH);
  const address = designation - BigInt(length);
  if (address < LOWEST_SATELLITE) return validityReason.extensionAddress;
  if (length < EXTENSION_LENGTHS.least || length > EXTENSION_LENGTHS.most) return validityReason.extensionLength;
  if ((address & ((1n << BigInt(length)) - 1n)) !== 0n) return validityReason.extensionBoundary;
  return isThere(complex, address) ? undefined : validityReason.extensionAddress;
}

// None of them crosses a page: each lies on a boundary of its length.
function isThere(complex: CpuComplex, address: bigint): boolean {
  return address >= LOWEST_SATELLITE && complex.hostAddress(gpa(Number(address))) >= 0;
}

/** Blocks that a control asks for. What no control asks for may hold anything. */
const satellites: readonly {
  readonly reason: number;
  readonly used: (block: SieBlock) => boolean;
  readonly address: (block: SieBlock) => bigint;
}[] = [
  {
    reason: validityReason.interceptionTdb,
    used: (block) => block.has('ecb', ecb.te),
    address: (block) => block.big('itdba') & ~0xffn,
  },
  {
    reason: validityReason.vectorSaveArea,
    used: (block) => block.has('eca', eca.vx) && !block.has('ecd', ecd.hostRegisterManagement),
    address: (block) => block.big('gvrd') & ~0x1ffn,
  },
  {
    reason: validityReason.runtimeInstrumentation,
    used: (block) => block.has('ecb3', ecb3.ri),
    address: (block) => block.big('riccbd') & ~0x3fn,
  },
];
