/** Program-interruption codes (PoP, "Program-Interruption Conditions"). */
export const PGM = {
  operation: 0x01,
  privilegedOperation: 0x02,
  execute: 0x03,
  protection: 0x04,
  addressing: 0x05,
  specification: 0x06,
  data: 0x07,
  fixedPointOverflow: 0x08,
  fixedPointDivide: 0x09,
  decimalOverflow: 0x0a,
  decimalDivide: 0x0b,
  hfpExponentOverflow: 0x0c,
  hfpExponentUnderflow: 0x0d,
  hfpSignificance: 0x0e,
  hfpDivide: 0x0f,
  segmentTranslation: 0x10,
  pageTranslation: 0x11,
  translationSpecification: 0x12,
  specialOperation: 0x13,
  operand: 0x15,
  traceTable: 0x16,
  transactionConstraint: 0x18,
  vectorProcessing: 0x1b,
  spaceSwitchEvent: 0x1c,
  hfpSquareRoot: 0x1d,
  pcTranslationSpecification: 0x1f,
  afxTranslation: 0x20,
  asxTranslation: 0x21,
  lxTranslation: 0x22,
  exTranslation: 0x23,
  primaryAuthority: 0x24,
  secondaryAuthority: 0x25,
  lfxTranslation: 0x26,
  lsxTranslation: 0x27,
  aletSpecification: 0x28,
  alenTranslation: 0x29,
  aleSequence: 0x2a,
  asteValidity: 0x2b,
  asteSequence: 0x2c,
  extendedAuthority: 0x2d,
  lsteSequence: 0x2e,
  asteInstance: 0x2f,
  stackFull: 0x30,
  stackEmpty: 0x31,
  stackSpecification: 0x32,
  stackType: 0x33,
  stackOperation: 0x34,
  asceType: 0x38,
  regionFirstTranslation: 0x39,
  regionSecondTranslation: 0x3a,
  regionThirdTranslation: 0x3b,
  monitorEvent: 0x40,
  perEvent: 0x80,
  /** Beside another code: a transaction was aborted. */
  transactional: 0x200,
  cryptoOperation: 0x119,
} as const;

/** Exceptions of dynamic address translation that the next attempt may not meet. */
export const translationExceptions: readonly number[] = [
  PGM.segmentTranslation,
  PGM.pageTranslation,
  PGM.asceType,
  PGM.regionFirstTranslation,
  PGM.regionSecondTranslation,
  PGM.regionThirdTranslation,
];

export type ProgramInterruptionCode = (typeof PGM)[keyof typeof PGM];

const nullifying: ReadonlySet<number> = new Set([
  0x10, 0x11, 0x16, 0x19, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f,
  0x30, 0x31, 0x32, 0x33, 0x34, 0x38, 0x39, 0x3a, 0x3b, 0x119,
]);

/** True when the interruption leaves the PSW at the instruction, which can be done again once the cause is gone. */
export function isNullifying(code: number): boolean {
  return nullifying.has(code & 0x017f);
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(PGM).map(([name, code]): [number, string] => [
    code,
    name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`),
  ]),
);

/** The manual's name of a program-interruption code; the bits for PER and transactions aside. */
export function programInterruptionName(code: number): string {
  return (
    names.get(code & ~(PGM.perEvent | PGM.transactional)) ??
    (code === PGM.perEvent ? 'PER event' : `code 0x${code.toString(16)}`)
  );
}

/** External-interruption codes. */
export const EXT = {
  interruptKey: 0x0040,
  clockComparator: 0x1004,
  cpuTimer: 0x1005,
  malfunctionAlert: 0x1200,
  emergencySignal: 0x1201,
  externalCall: 0x1202,
  serviceSignal: 0x2401,
} as const;

const externalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(EXT).map(([name, code]): [number, string] => [
    code,
    name.replace(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`),
  ]),
);

/** The manual's name of an external-interruption code. */
export function externalInterruptionName(code: number): string {
  return externalNames.get(code) ?? `code 0x${code.toString(16)}`;
}

/** Data-exception codes of the controls (PoP, "Data-Exception Code (DXC)"). */
export const DXC = {
  afpRegister: 0x01,
  bfpInstruction: 0x02,
  dfpInstruction: 0x03,
  vectorInstruction: 0xfe,
} as const;
