/**
 * The s390x part of a vCPU's state: field, offset, type. Registers lie little endian, so that the leftmost byte of a
 * register is the last one of its image. Every reader uses this table.
 */

import type { RegisterFile, RegisterPart, Slot } from '../../../ir/node.ts';

/** The number that stands for "no register" in a decoded base or index: the state keeps a zero in that place. */
export const ZERO_REGISTER = 16;

/** Stands in the place of an access register's number for an operand that lies where instructions are fetched from. */
export const INSTRUCTION_SPACE = 17;

const file = (name: string, offset: number, width: 4 | 8 | 16): RegisterFile => ({ name, offset, width });

/** Register files. General register 16 does not exist for the guest: it is the zero that base register 0 stands for. */
export const files = {
  gr: file('gr', 0x080, 8),
  ar: file('ar', 0x110, 4),
  cr: file('cr', 0x150, 8),
  vr: file('vr', 0x200, 16),
} as const;

const part = <T extends RegisterPart['ty']>(
  f: RegisterFile,
  name: string,
  offset: number,
  ty: T,
  bytes: RegisterPart['bytes'],
): RegisterPart<T> => ({ file: f, name, offset, ty, bytes });

/** How many registers of a file a guest has. */
export const registerCounts = { gr: 16, ar: 16, cr: 16, vr: 32 } as const satisfies Record<keyof typeof files, number>;

/** Parts of registers. `fpr` and `fprShort` are the leftmost 64 and 32 bits of a vector register. */
export const parts = {
  gr: part(files.gr, 'gr', 0, 'i64', 8),
  grLow: part(files.gr, 'grLow', 0, 'i32', 4),
  grHigh: part(files.gr, 'grHigh', 4, 'i32', 4),
  /** Bits 48-63 and 56-63. */
  grLowHalf: part(files.gr, 'grLowHalf', 0, 'i32', 2),
  grLowByte: part(files.gr, 'grLowByte', 0, 'i32', 1),
  ar: part(files.ar, 'ar', 0, 'i32', 4),
  cr: part(files.cr, 'cr', 0, 'i64', 8),
  crLow: part(files.cr, 'crLow', 0, 'i32', 4),
  fpr: part(files.vr, 'fpr', 8, 'i64', 8),
  fprShort: part(files.vr, 'fprShort', 12, 'i32', 4),
  vr: part(files.vr, 'vr', 0, 'v128', 16),
} as const;

const slot = <T extends Slot['ty']>(name: string, offset: number, ty: T): Slot<T> => ({ name, offset, ty });

/** Scalars. */
export const slots = {
  /** PSW bits 0-31 with condition code and program mask zero. */
  pswHigh: slot('pswHigh', 0x400, 'i32'),
  /** Condition code, 0 to 3. */
  cc: slot('cc', 0x404, 'i32'),
  /** Program mask, 4 bits. */
  programMask: slot('programMask', 0x408, 'i32'),
  /** Addressing mode: PSW bits 31 and 32 as a number, 0 (24-bit), 1 (31-bit) or 3 (64-bit). */
  addressingMode: slot('addressingMode', 0x40c, 'i32'),
  /** Breaking-event address. */
  bea: slot('bea', 0x410, 'i64'),
  /** Floating-point-control register. */
  fpc: slot('fpc', 0x418, 'i32'),
  /** Prefix: bits 33-50 in place. */
  prefix: slot('prefix', 0x41c, 'i32'),
  /** Clock comparator, in TOD-clock units. */
  clockComparator: slot('clockComparator', 0x420, 'i64'),
  /** CPU timer as of the count of executed instructions in `cpuTimerBase`. */
  cpuTimer: slot('cpuTimer', 0x428, 'i64'),
  cpuTimerBase: slot('cpuTimerBase', 0x430, 'i64'),
  /** TOD programmable register. */
  todProgrammable: slot('todProgrammable', 0x438, 'i32'),
  /** Program parameter (LPP). */
  programParameter: slot('programParameter', 0x440, 'i64'),
  /** Guest TOD minus host TOD. */
  epoch: slot('epoch', 0x448, 'i64'),
  /** Instructions that passed without being executed here, signed: see Clock. */
  timeSkew: slot('timeSkew', 0x450, 'i64'),
  /** Nonzero when enabling may make an interruption happen: a change of the PSW's masks must be looked at. */
  interruptionPending: slot('interruptionPending', 0x458, 'i32'),
  /** Interception controls of the state description in force: instructions, loads of control registers. */
  ictl: slot('ictl', 0x45c, 'i32'),
  lctl: slot('lctl', 0x460, 'i32'),
  /** Guarded storage: designation, section mask, address of the event parameter list. */
  gsd: slot('gsd', 0x468, 'i64'),
  gssm: slot('gssm', 0x470, 'i64'),
  gsepla: slot('gsepla', 0x478, 'i64'),
  /** Of control register 0 the bits that allow floating-point and vector registers: generated code is made for them. */
  registerControls: slot('registerControls', 0x480, 'i32'),
  /** What stands before the epoch: guest epoch index minus that of the host, one byte. */
  epochIndex: slot('epochIndex', 0x484, 'i32'),
} as const;

/** Where a vCPU that executes guests of guests keeps what its last entry has found, to compare it with what the next one finds. */
export const lastEntry = { offset: 0x500, bytes: 256 } as const;
