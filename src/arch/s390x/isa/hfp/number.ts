/** Hexadecimal floating-point numbers (PoP, "HFP Data Formats"): a sign, a characteristic, and a fraction of hexadecimal digits. */

import type { Vcpu } from '../../cpu/vcpu.ts';

/** A hexadecimal format. */
export interface HfpFormat {
  readonly name: 'short' | 'long' | 'extended';
  /** Digits of the fraction. */
  readonly digits: number;
}

export const short: HfpFormat = { name: 'short', digits: 6 };
export const long: HfpFormat = { name: 'long', digits: 14 };
export const extended: HfpFormat = { name: 'extended', digits: 28 };

/** What the characteristic is above the exponent. */
export const BIAS = 64;
const LONG_BITS = 56n;

/** A number: the fraction, as an integer of the format's digits, times a power of 16. */
export interface HfpNumber {
  readonly negative: boolean;
  /** Of results it may be anything: overflow and underflow come of that. */
  readonly characteristic: number;
  readonly fraction: bigint;
}

/** The number without sign, characteristic and fraction. */
export const trueZero: HfpNumber = { negative: false, characteristic: 0, fraction: 0n };

/** Takes a short or long bit pattern apart. */
export function decode(f: HfpFormat, bits: bigint): HfpNumber {
  const fractionBits = 4 * f.digits;
  const head = Number(bits >> BigInt(fractionBits));
  return { negative: (head & 0x80) !== 0, characteristic: head & 0x7f, fraction: BigInt.asUintN(fractionBits, bits) };
}

function joined(negative: boolean, characteristic: number, digits: number, fraction: bigint): bigint {
  const head = (negative ? 0x80 : 0) | (characteristic & 0x7f);
  return (BigInt(head) << BigInt(4 * digits)) | fraction;
}

/** The bit pattern of a short or long number. Of the characteristic seven bits are left. */
export function encode(f: HfpFormat, { negative, characteristic, fraction }: HfpNumber): bigint {
  return joined(negative, characteristic, f.digits, fraction);
}

/** The number in a register or pair. Sign and characteristic of the second register are not looked at. */
export function operand(vcpu: Vcpu, f: HfpFormat, r: number): HfpNumber {
  const bits = vcpu.fpr(r);
  if (f === short) return decode(f, bits >> 32n);
  const high = decode(long, bits);
  if (f === long) return high;
  return { ...high, fraction: (high.fraction << LONG_BITS) | BigInt.asUintN(56, vcpu.fpr(r + 2)) };
}

/** Places a number; a short one leaves the right half of its register. Both halves of an extended one have sign and characteristic. */
export function setOperand(vcpu: Vcpu, f: HfpFormat, r: number, value: HfpNumber): void {
  if (f === short) return vcpu.setFpr(r, (encode(f, value) << 32n) | BigInt.asUintN(32, vcpu.fpr(r)));
  if (f === long) return vcpu.setFpr(r, encode(f, value));
  const { negative, characteristic, fraction } = value;
  vcpu.setFpr(r, joined(negative, characteristic, 14, fraction >> LONG_BITS));
  // The second half of a zero has nothing but the sign.
  const isNothing = characteristic === 0 && fraction === 0n;
  vcpu.setFpr(r + 2, joined(negative, isNothing ? 0 : characteristic - 14, 14, BigInt.asUintN(56, fraction)));
}

/** Digits of a fraction that is not zero. */
export function digitCount(fraction: bigint): number {
  return fraction.toString(16).length;
}

/** The fraction in so many digits: with zeros on the right, or cut. */
export function resized(fraction: bigint, from: number, to: number): bigint {
  return fraction << BigInt(4 * (to - from));
}

/** A number in another format: with zeros on the right, or cut. */
export function inFormat(value: HfpNumber, from: HfpFormat, to: HfpFormat): HfpNumber {
  return { ...value, fraction: resized(value.fraction, from.digits, to.digits) };
}

/** The first digit brought to the left end of `digits` digits; a fraction that is zero stays. */
export function normalized({ negative, characteristic, fraction }: HfpNumber, digits: number): HfpNumber {
  if (fraction === 0n) return { negative, characteristic, fraction };
  const zeros = digits - digitCount(fraction);
  return { negative, characteristic: characteristic - zeros, fraction: resized(fraction, 0, zeros) };
}
