import { bits, mask } from '../../../bits/bits.ts';
import { bigEndian } from '../../../bits/hex.ts';

/** A program-status word: bits 0-63 and the instruction address. */
export interface Psw {
  readonly mask: bigint;
  readonly address: bigint;
}

/** PSW bits as masks of bits 0-63 (PoP, "Program-Status-Word Format"). */
export const PSW = {
  per: mask(1),
  dat: mask(5),
  io: mask(6),
  external: mask(7),
  key: mask(8, 11),
  short: mask(12),
  machineCheck: mask(13),
  wait: mask(14),
  problem: mask(15),
  addressSpace: mask(16, 17),
  cc: mask(18, 19),
  programMask: mask(20, 23),
  runtimeInstrumentation: mask(24),
  ea: mask(31),
  ba: mask(32),
} as const;

/** The same bits in the word of PSW bits 0-31. */
export const PSW_HIGH = {
  per: 0x4000_0000,
  dat: 0x0400_0000,
  io: 0x0200_0000,
  external: 0x0100_0000,
  key: 0x00f0_0000,
  machineCheck: 0x0004_0000,
  wait: 0x0002_0000,
  problem: 0x0001_0000,
  addressSpace: 0x0000_c000,
  cc: 0x0000_3000,
  programMask: 0x0000_0f00,
  ea: 0x0000_0001,
} as const;

/** PSW bits 16-17 as a number. */
export const addressSpaceControl = { primary: 0, accessRegister: 1, secondary: 2, home: 3 } as const;

/** Bits that must be zero: 0, 2-4, 12, 24 (no runtime instrumentation here), 25-30, 33-63. */
const RESERVED = mask(0) | mask(2, 4) | mask(12) | mask(24, 30) | mask(33, 63);

/**
 * True for a PSW that can be loaded without an early specification exception (PoP, "Early Exception Recognition"). An odd
 * instruction address is not early: it is found when the instruction is fetched.
 */
export function isValidPsw(psw: Psw): boolean {
  if ((psw.mask & RESERVED) !== 0n) return false;
  const ea = (psw.mask & PSW.ea) !== 0n;
  const ba = (psw.mask & PSW.ba) !== 0n;
  if (ea) return ba;
  return psw.address <= (ba ? 0x7fff_ffffn : 0xff_ffffn);
}

/** Bits 0-31 and 32-63 that must be zero, as in `RESERVED`. */
export const RESERVED_HIGH = 0xb808_00fe;
const RESERVED_LOW = 0x7fff_ffff;

/** The same of a PSW in words, signed or not. */
export function isValidPswWords(high: number, low: number, addressHigh: number, addressLow: number): boolean {
  if ((high & RESERVED_HIGH) !== 0 || (low & RESERVED_LOW) !== 0) return false;
  if ((high & 1) !== 0) return low !== 0;
  return addressHigh === 0 && addressLow >>> 0 <= (low !== 0 ? 0x7fff_ffff : 0xff_ffff);
}

/** Address mask of the PSW's addressing mode. */
export function addressMaskOf(pswMask: bigint): bigint {
  if ((pswMask & PSW.ea) !== 0n) return 0xffff_ffff_ffff_ffffn;
  return (pswMask & PSW.ba) !== 0n ? 0x7fff_ffffn : 0xff_ffffn;
}

/** The PSW of 16 bytes, as storage has it. */
export function pswOf(bytes: Uint8Array): Psw {
  return { mask: bigEndian(bytes.subarray(0, 8)), address: bigEndian(bytes.subarray(8, 16)) };
}

/** A short (8-byte) PSW, as LPSW loads and ESA/390 images start with, in the 16-byte form; bit 12 must be one and goes. */
export function expandShortPsw(word: bigint): Psw {
  const ba = bits(word, 32, 32);
  return { mask: (word & ~PSW.short & mask(0, 31)) | (ba << 31n), address: word & 0x7fff_ffffn };
}

const spaces = ['primary', 'access-register', 'secondary', 'home'] as const;

/** The PSW in words: mode, space, key, masks, condition code. */
export function describePsw(psw: Psw): string {
  const on = (m: bigint): boolean => (psw.mask & m) !== 0n;
  const mode = on(PSW.ea) ? '64-bit' : on(PSW.ba) ? '31-bit' : '24-bit';
  const space = on(PSW.dat) ? `DAT ${spaces[Number(bits(psw.mask, 16, 17))] ?? ''}` : 'DAT off';
  const flags = [
    on(PSW.problem) ? 'problem' : 'supervisor',
    on(PSW.wait) ? 'wait' : '',
    on(PSW.io) ? 'io' : '',
    on(PSW.external) ? 'ext' : '',
    on(PSW.machineCheck) ? 'mchk' : '',
    on(PSW.per) ? 'per' : '',
  ].filter((s) => s !== '');
  const field = (from: number, to: number): string => bits(psw.mask, from, to).toString(16);
  return `${mode}, ${space}, ${flags.join(' ')}, key ${field(8, 11)}, cc ${field(18, 19)}, program mask ${field(20, 23)}`;
}

/** In place of the number of the control register with a space's ASCE: DAT is off; an access register says it. */
export const NO_SPACE = -1;
export const BY_ACCESS_REGISTER = -2;
