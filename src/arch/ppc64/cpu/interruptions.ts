/** Interruptions of POWER7 by vector (Power ISA, Book III-S, "Interrupt Definitions"), and who takes them. */

/** Real addresses of the handlers. */
export const VECTOR = {
  systemReset: 0x100,
  machineCheck: 0x200,
  dataStorage: 0x300,
  dataSegment: 0x380,
  instructionStorage: 0x400,
  instructionSegment: 0x480,
  external: 0x500,
  alignment: 0x600,
  program: 0x700,
  fpUnavailable: 0x800,
  decrementer: 0x900,
  hypervisorDecrementer: 0x980,
  doorbell: 0xa00,
  systemCall: 0xc00,
  trace: 0xd00,
  hypervisorDataStorage: 0xe00,
  hypervisorInstructionStorage: 0xe20,
  hypervisorEmulation: 0xe40,
  performanceMonitor: 0xf00,
  vectorUnavailable: 0xf20,
  vsxUnavailable: 0xf40,
  facilityUnavailable: 0xf60,
} as const;

/** A vector's address. */
export type Vector = (typeof VECTOR)[keyof typeof VECTOR];

/** Why a program interruption happened, as SRR1 bits. */
export const PROGRAM = {
  floatingPoint: 0x10_0000,
  /** An exception that had been met before it could interrupt: SRR0 is not at what met it. */
  earlierFloatingPoint: 0x11_0000,
  illegal: 0x8_0000,
  privileged: 0x4_0000,
  trap: 0x2_0000,
} as const;

/** Where interruptions of translated code go by LPCR[AIL], beside their vector: high and low words. */
export const RELOCATED: readonly (readonly [high: number, low: number])[] = [
  [0, 0],
  [0, 0],
  [0, 0x1_8000],
  [0xc000_0000, 0x4000],
];

/** Bits of DSISR, and those of them that SRR1 has after an instruction storage interruption. */
export const DSISR = {
  noEntry: 0x4000_0000,
  /** Instructions only: no-execute or guarded. */
  noExecute: 0x1000_0000,
  protection: 0x0800_0000,
  badAccess: 0x0400_0000,
  store: 0x0200_0000,
  dabr: 0x0040_0000,
  key: 0x0020_0000,
} as const;

/** Whom an interruption goes to when a guest runs: itself, without an exit, or the hypervisor. */
export interface InterruptionRow {
  readonly vector: Vector;
  readonly name: string;
  readonly to: 'guest' | 'hypervisor';
}

const row = (vector: Vector, name: string, to: InterruptionRow['to'] = 'guest'): InterruptionRow => ({
  vector,
  name,
  to,
});

/** Every interruption, in the order of vectors. */
export const interruptions: readonly InterruptionRow[] = [
  row(VECTOR.systemReset, 'system reset'),
  row(VECTOR.machineCheck, 'machine check', 'hypervisor'),
  row(VECTOR.dataStorage, 'data storage'),
  row(VECTOR.dataSegment, 'data segment'),
  row(VECTOR.instructionStorage, 'instruction storage'),
  row(VECTOR.instructionSegment, 'instruction segment'),
  row(VECTOR.external, 'external'),
  row(VECTOR.alignment, 'alignment'),
  row(VECTOR.program, 'program'),
  row(VECTOR.fpUnavailable, 'floating-point unavailable'),
  row(VECTOR.decrementer, 'decrementer'),
  row(VECTOR.hypervisorDecrementer, 'hypervisor decrementer', 'hypervisor'),
  row(VECTOR.doorbell, 'doorbell'),
  row(VECTOR.systemCall, 'system call'),
  row(VECTOR.trace, 'trace'),
  row(VECTOR.hypervisorDataStorage, 'hypervisor data storage', 'hypervisor'),
  row(VECTOR.hypervisorInstructionStorage, 'hypervisor instruction storage', 'hypervisor'),
  row(VECTOR.hypervisorEmulation, 'hypervisor emulation assistance', 'hypervisor'),
  row(VECTOR.performanceMonitor, 'performance monitor'),
  row(VECTOR.vectorUnavailable, 'vector unavailable'),
  row(VECTOR.vsxUnavailable, 'VSX unavailable'),
  row(VECTOR.facilityUnavailable, 'facility unavailable'),
];

const names = new Map<number, string>(interruptions.map(({ vector, name }) => [vector, name]));

/** What the interruption of a vector is called. */
export function interruptionName(vector: number): string {
  return names.get(vector) ?? 'unknown';
}

/** Codes that rows trap with: a vector, and the SRR1 bits beside it in the upper half (shifted right by 4). */
export const trapCode = {
  trap: VECTOR.program | (PROGRAM.trap << 4),
  illegal: VECTOR.program | (PROGRAM.illegal << 4),
  privileged: VECTOR.program | (PROGRAM.privileged << 4),
  fpUnavailable: VECTOR.fpUnavailable,
  vectorUnavailable: VECTOR.vectorUnavailable,
  vsxUnavailable: VECTOR.vsxUnavailable,
  alignment: VECTOR.alignment,
} as const;

/** What a trap's code says. */
export function ofTrapCode(code: number): { readonly vector: number; readonly bits: number } {
  return { vector: code & 0xfff, bits: (code >>> 16) << 12 };
}
