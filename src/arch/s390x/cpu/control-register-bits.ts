/**
 * Bits of control registers, as masks of their low words (PoP, "Control Registers"). The names are those under which
 * people see them, too.
 */

export const CR0 = {
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

/** Bits of control register 0 in its high word. */
export const CR0_HIGH = { transactions: 0x0080_0000, filteringOverride: 0x0040_0000 } as const;

/** Guarded storage; transaction diagnostics: in the problem state alone, and which transactions are aborted. */
export const CR2 = { guardedStorage: 0x10, diagnosticScope: 0x4, diagnosticControl: 0x3 } as const;

/** CR0 bits that a TLB entry may have been made by. */
export const CR0_TRANSLATION =
  CR0.lowAddressProtection |
  CR0.fetchProtectionOverride |
  CR0.storageProtectionOverride |
  CR0.edat |
  CR0.instructionExecutionProtection;

/** CR0 bits without which floating-point or vector instructions are data exceptions. */
export const CR0_REGISTERS = CR0.afpRegisters | CR0.vector;

/** Program-event recording. */
export const CR9 = {
  branching: 0x8000_0000,
  instructionFetching: 0x4000_0000,
  storageAlteration: 0x2000_0000,
  storageKeyAlteration: 0x1000_0000,
  storeUsingRealAddress: 0x0800_0000,
  zeroAddressDetection: 0x0400_0000,
  transactionEnd: 0x0200_0000,
  instructionFetchingNullification: 0x0100_0000,
  branchAddressControl: 0x0080_0000,
  suppression: 0x0040_0000,
  storageAlterationSpace: 0x0020_0000,
} as const;

export const CR12 = { asnTrace: 0x0000_0002, explicitTrace: 0x0000_0001 } as const;

/** Bits of control register 12 in its high word. */
export const CR12_HIGH = { branchTrace: 0x8000_0000, modeTrace: 0x4000_0000 } as const;

/** Subclasses of machine checks, and the control of ASN translation. */
export const CR14 = {
  channelReport: 0x1000_0000,
  recovery: 0x0800_0000,
  degradation: 0x0400_0000,
  externalDamage: 0x0200_0000,
  warning: 0x0100_0000,
  asnTranslation: 0x0008_0000,
} as const;

/** The bit of CR6 that enables an I/O-interruption subclass. */
export function iscMask(isc: number): number {
  return (0x8000_0000 >>> isc) >>> 0;
}
