/** Control registers in words (PoP, "Control Registers"). */

import { flagNames } from './show.ts';
import { describeAsce } from './space.ts';

const cr0 = {
  ssmSuppression: 0x4000_0000,
  lowAddressProtection: 0x1000_0000,
  extractionAuthority: 0x0800_0000,
  secondarySpace: 0x0400_0000,
  fetchProtectionOverride: 0x0200_0000,
  storageProtectionOverride: 0x0100_0000,
  edat: 0x0080_0000,
  instructionExecutionProtection: 0x0010_0000,
  asnAndLxReuse: 0x0008_0000,
  afpRegisters: 0x0004_0000,
  vector: 0x0002_0000,
  malfunctionAlert: 0x8000,
  emergencySignal: 0x4000,
  externalCall: 0x2000,
  clockComparator: 0x0800,
  cpuTimer: 0x0400,
  serviceSignal: 0x0200,
  interruptKey: 0x0040,
  measurementAlert: 0x0020,
  timingAlert: 0x0010,
} as const;

const cr9 = {
  branching: 0x8000_0000,
  instructionFetching: 0x4000_0000,
  storageAlteration: 0x2000_0000,
  storageKeyAlteration: 0x1000_0000,
  storeUsingRealAddress: 0x0800_0000,
  zeroAddressDetection: 0x0400_0000,
  instructionFetchingNullification: 0x0100_0000,
  branchAddressControl: 0x0080_0000,
  suppression: 0x0040_0000,
  storageAlterationSpace: 0x0020_0000,
} as const;

const cr14 = {
  channelReport: 0x1000_0000,
  recovery: 0x0800_0000,
  degradation: 0x0400_0000,
  externalDamage: 0x0200_0000,
  warning: 0x0100_0000,
  asnTranslation: 0x0008_0000,
} as const;

/** What a control register's value means, as far as that can be said in a few words; empty otherwise. */
export function describeControlRegister(number: number, value: bigint): string {
  const low = Number(value & 0xffff_ffffn);
  switch (number) {
    case 0:
      return flagNames(low, cr0).join(' ');
    case 1:
      return value === 0n ? '' : `primary: ${describeAsce(value)}`;
    case 7:
      return value === 0n ? '' : `secondary: ${describeAsce(value)}`;
    case 13:
      return value === 0n ? '' : `home: ${describeAsce(value)}`;
    case 6:
      return subclasses(low);
    case 9:
      return flagNames(low, cr9).join(' ');
    case 14:
      return flagNames(low, cr14).join(' ');
    default:
      return '';
  }
}

function subclasses(low: number): string {
  const enabled = [0, 1, 2, 3, 4, 5, 6, 7].filter((isc) => (low & (0x8000_0000 >>> isc)) !== 0);
  return enabled.length === 0 ? '' : `I/O subclass${enabled.length === 1 ? '' : 'es'} ${enabled.join(' ')}`;
}
