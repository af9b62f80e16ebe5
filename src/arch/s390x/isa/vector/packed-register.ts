/** Signed packed decimal numbers in vector registers: 31 digits and a sign (PoP, "Vector Decimal Instructions"). */

import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { isMinus, raiseDecimalOperand } from '../decimal/packed.ts';
import { programMask } from '../sem.ts';

/** Digits that a register has room for. */
export const VECTOR_DIGITS = 31;

/** Sign codes of results. */
export const SIGN = { plus: 0x0c, minus: 0x0d, unsigned: 0x0f } as const;

/** What a register holds, whether it is a number or not. */
export interface Codes {
  /** A hexadecimal digit for each of the 31 places. */
  readonly digits: string;
  readonly sign: number;
}

/** Takes a register apart. */
export function codesIn(v: bigint): Codes {
  const digits = (v >> 4n).toString(16).padStart(VECTOR_DIGITS, '0');
  return { digits, sign: Number(v & 15n) };
}

/** Puts one together; `digits` may be fewer than 31. */
export function fromCodes(digits: string, sign: number): bigint {
  return (BigInt(`0x${digits}`) << 4n) | BigInt(sign);
}

/** True when all places hold decimal digits. */
export function areDigits(digits: string): boolean {
  return /^[0-9]*$/.test(digits);
}

/** True when there is no digit but zeros. */
export function areZeros(digits: string): boolean {
  return /^0*$/.test(digits);
}

/** True for a code that is a sign. */
export function isSign(code: number): boolean {
  return code > 9;
}

/** The number in a register; with `forcedPlus` its sign is not looked at. A data exception when there is none. */
export function numberIn(vcpu: Vcpu, v: bigint, forcedPlus: boolean): bigint {
  const { digits, sign } = codesIn(v);
  if (!areDigits(digits) || !(forcedPlus || isSign(sign))) raiseDecimalOperand(vcpu);
  const magnitude = BigInt(digits);
  return !forcedPlus && isMinus(sign) ? -magnitude : magnitude;
}

/** The immediate that tells of a result. */
export interface ResultControls {
  /** Instruction-overflow mask: no exception of an overflow. */
  readonly masked: boolean;
  /** Bits 3-7: the result's digits, or a number of places to shift by. */
  readonly count: number;
}

/** Bits of the immediate operand. */
const IOM = 0x80;
const RESERVED = 0x60;
const COUNT = 0x1f;

/** Reads the immediate: a specification exception for bits that must be zeros, and for a count of digits that is zero. */
export function resultControls(
  vcpu: Vcpu,
  immediate: number,
  of: 'digits' | 'places',
  reserved = RESERVED,
): ResultControls {
  const count = immediate & COUNT;
  if ((immediate & reserved) !== 0 || (of === 'digits' && count === 0)) vcpu.raise(PGM.specification);
  return { masked: overflowMask(vcpu, (immediate & IOM) !== 0), count };
}

/** The instruction-overflow mask, which came with the enhancement facility and has to be zero without it. */
export function overflowMask(vcpu: Vcpu, isOne: boolean): boolean {
  if (isOne && !vcpu.core.has('vector-packed-decimal-enhancement')) vcpu.raise(PGM.specification);
  return isOne;
}

/** A decimal-overflow exception, unless a mask is against it; all results are in place. */
export function decimalOverflow(vcpu: Vcpu, masked: boolean): void {
  if (!masked && (vcpu.num(slots.programMask) & programMask.decimalOverflow) !== 0) vcpu.raise(PGM.decimalOverflow);
}

/** How a result goes into its register. */
export interface Placing {
  /** Rightmost digits of it that are kept. */
  readonly digits: number;
  /** The sign becomes the code of numbers without one. */
  readonly forcedPlus: boolean;
  readonly setsCc: boolean;
  readonly masked: boolean;
}

/** Condition code: 0 zero, 1 less than zero, 2 greater, 3 digits lost on the left, which an exception may tell of. */
export function placeResult(vcpu: Vcpu, v1: number, result: bigint, how: Placing): void {
  const all = (result < 0n ? -result : result).toString();
  const kept = all.slice(-how.digits);
  const overflow = all.length > how.digits;
  const negative = result < 0n && !how.forcedPlus;
  // What is left of a negative number may be zero, which is plus.
  const sign = how.forcedPlus ? SIGN.unsigned : negative && !areZeros(kept) ? SIGN.minus : SIGN.plus;
  vcpu.setVr(v1, fromCodes(kept, sign));
  if (how.setsCc) vcpu.cc = overflow ? 3 : result === 0n ? 0 : negative ? 1 : 2;
  if (overflow) decimalOverflow(vcpu, how.masked);
}
