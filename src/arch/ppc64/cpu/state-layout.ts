/**
 * The ppc64 part of a vCPU's state: field, offset, type. Registers lie little endian, so that the leftmost byte of a
 * register is the last one of its image. Every reader uses this table.
 */

import type { RegisterFile, RegisterPart, Slot } from '../../../ir/node.ts';

/** The number that stands for RA = 0 where that means the value zero: the state keeps a zero in that place. */
export const ZERO_REGISTER = 32;

/** What slow paths are told of an access's space. */
export const spaces = { data: 0, instruction: 1 } as const;

const file = (name: string, offset: number, width: 4 | 8 | 16): RegisterFile => ({ name, offset, width });

/**
 * Register files. GPR 32 does not exist for the guest: it is the zero that RA = 0 stands for. A CR field is a number of
 * 4 bits: LT 8, GT 4, EQ 2, SO 1. The branch registers are LR and CTR.
 */
export const files = {
  gpr: file('gpr', 0x080, 8),
  cr: file('cr', 0x190, 4),
  branch: file('branch', 0x1b0, 8),
  vsr: file('vsr', 0x200, 16),
} as const;

/** Numbers in the file of branch registers. */
export const branchRegister = { lr: 0, ctr: 1 } as const;

const part = <T extends RegisterPart['ty']>(
  f: RegisterFile,
  name: string,
  offset: number,
  ty: T,
  bytes: RegisterPart['bytes'],
): RegisterPart<T> => ({ file: f, name, offset, ty, bytes });

/** Parts of registers. An FPR is the left half of VSR 0 to 31; VR 0 to 31 are VSR 32 to 63. */
export const parts = {
  gpr: part(files.gpr, 'gpr', 0, 'i64', 8),
  /** Bits 32-63. */
  gprLow: part(files.gpr, 'gprLow', 0, 'i32', 4),
  cr: part(files.cr, 'cr', 0, 'i32', 4),
  branch: part(files.branch, 'branch', 0, 'i64', 8),
  fpr: part(files.vsr, 'fpr', 8, 'i64', 8),
  vsrRight: part(files.vsr, 'vsrRight', 0, 'i64', 8),
  vsr: part(files.vsr, 'vsr', 0, 'v128', 16),
} as const;

const slot = <T extends Slot['ty']>(name: string, offset: number, ty: T): Slot<T> => ({ name, offset, ty });

/** Scalars. */
export const slots = {
  /** The machine state register. */
  msr: slot('msr', 0x600, 'i64'),
  /** Bits 32-63 of it. */
  msrLow: slot('msrLow', 0x600, 'i32'),
  /** Bits 0-31; generated code knows the MSR by its words alone, since what it sets is in a local. */
  msrHigh: slot('msrHigh', 0x604, 'i32'),
  /** MSR[SF]: 1 in 64-bit mode. */
  sf: slot('sf', 0x608, 'i32'),
  /** XER, in parts: bits 35 to 56 do not exist. */
  ca: slot('ca', 0x60c, 'i32'),
  ov: slot('ov', 0x610, 'i32'),
  so: slot('so', 0x614, 'i32'),
  byteCount: slot('byteCount', 0x618, 'i32'),
  vrsave: slot('vrsave', 0x61c, 'i32'),
  srr0: slot('srr0', 0x620, 'i64'),
  srr1: slot('srr1', 0x628, 'i64'),
  sprg0: slot('sprg0', 0x630, 'i64'),
  sprg1: slot('sprg1', 0x638, 'i64'),
  sprg2: slot('sprg2', 0x640, 'i64'),
  sprg3: slot('sprg3', 0x648, 'i64'),
  dar: slot('dar', 0x650, 'i64'),
  dsisr: slot('dsisr', 0x658, 'i32'),
  /** Control register: bit 31 is the run latch. */
  ctrl: slot('ctrl', 0x65c, 'i32'),
  cfar: slot('cfar', 0x660, 'i64'),
  amr: slot('amr', 0x668, 'i64'),
  uamor: slot('uamor', 0x670, 'i64'),
  dscr: slot('dscr', 0x678, 'i64'),
  ppr: slot('ppr', 0x680, 'i64'),
  fpscr: slot('fpscr', 0x688, 'i64'),
  /** Its halves, by which alone generated code knows it. */
  fpscrLow: slot('fpscrLow', 0x688, 'i32'),
  fpscrHigh: slot('fpscrHigh', 0x68c, 'i32'),
  vscr: slot('vscr', 0x690, 'i32'),
  /** What a conditional store must find: the address of the granule that was reserved; an odd value is no reservation. */
  reservation: slot('reservation', 0x698, 'i64'),
  /** Time base at which the decrementer passes zero. */
  decExpiry: slot('decExpiry', 0x6a0, 'i64'),
  /** Instructions that passed without being executed here. */
  skew: slot('skew', 0x6a8, 'i64'),
  dabr: slot('dabr', 0x6b0, 'i64'),
  dabrx: slot('dabrx', 0x6b8, 'i32'),
  pir: slot('pir', 0x6bc, 'i32'),
  mmcr0: slot('mmcr0', 0x6c0, 'i64'),
  mmcr1: slot('mmcr1', 0x6c8, 'i64'),
  mmcra: slot('mmcra', 0x6d0, 'i64'),
  pmc1: slot('pmc1', 0x6d8, 'i32'),
  pmc2: slot('pmc2', 0x6dc, 'i32'),
  pmc3: slot('pmc3', 0x6e0, 'i32'),
  pmc4: slot('pmc4', 0x6e4, 'i32'),
  pmc5: slot('pmc5', 0x6e8, 'i32'),
  pmc6: slot('pmc6', 0x6ec, 'i32'),
  /** What waits: interruptions from outside for MSR[EE], a branch for MSR[PR]; `pendingBits`. */
  pending: slot('pending', 0x6f0, 'i32'),
  siar: slot('siar', 0x720, 'i64'),
  sdar: slot('sdar', 0x728, 'i64'),
  /** Of POWER8: branch target, facility control, event-based branches, and others that are kept. */
  tar: slot('tar', 0x730, 'i64'),
  fscr: slot('fscr', 0x738, 'i64'),
  bescr: slot('bescr', 0x740, 'i64'),
  ebbhr: slot('ebbhr', 0x748, 'i64'),
  ebbrr: slot('ebbrr', 0x750, 'i64'),
  iamr: slot('iamr', 0x758, 'i64'),
  mmcr2: slot('mmcr2', 0x760, 'i64'),
  sier: slot('sier', 0x768, 'i64'),
  pspb: slot('pspb', 0x770, 'i32'),
  dawrx: slot('dawrx', 0x774, 'i32'),
  dawr: slot('dawr', 0x778, 'i64'),
  /** Instructions up to which the counters of the performance monitor have counted. */
  countedTo: slot('countedTo', 0x780, 'i64'),
  /** Bits of the MSR by which they count: the counters must have counted before one changes. */
  countsBy: slot('countsBy', 0x788, 'i32'),
  /** LPCR[AIL]: where interruptions of translated code go, translated themselves; 0 when they do not. */
  ail: slot('ail', 0x78c, 'i32'),
  /** The instruction breakpoint: an address, and in its last two bits the state that it is for. */
  ciabr: slot('ciabr', 0x790, 'i64'),
  /**
   * Instruction counts: behind the last RFID that opened EE to a decrementer that waited; of its last interruption, and up to which it
   * does not interrupt again.
   */
  decReturned: slot('decReturned', 0x798, 'i64'),
  decTaken: slot('decTaken', 0x7a0, 'i64'),
  decHeld: slot('decHeld', 0x7a8, 'i64'),
  /** Hypervisor registers: what an interruption to the hypervisor leaves. */
  hsrr0: slot('hsrr0', 0x700, 'i64'),
  hsrr1: slot('hsrr1', 0x708, 'i64'),
  hdar: slot('hdar', 0x710, 'i64'),
  hdsisr: slot('hdsisr', 0x718, 'i32'),
  heir: slot('heir', 0x71c, 'i32'),
} as const;

/**
 * Bits of `slots.pending`: the decrementer is negative; the external line is up; the performance monitor has an alert; an event makes
 * the program branch when it runs; a doorbell rings.
 */
export const pendingBits = { decrementer: 1, external: 2, performance: 4, branch: 8, doorbell: 16 } as const;

/** Where the vCPU's segment lookaside buffer lies: 32 entries of two doublewords, RB and RS of SLBMTE. */
export const slbState = { offset: 0x800, entries: 32, bytes: 16 } as const;
