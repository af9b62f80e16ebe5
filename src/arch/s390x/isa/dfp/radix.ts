/** Numbers of one radix in another, as PERFORM FLOATING-POINT OPERATION wants them (PoP, "PFPO Convert Floating-Point Radix"). */

import * as decimal from '../../../../soft-float/decimal/format.ts';
import { deliver as deliverDecimal } from '../../../../soft-float/decimal/round.ts';
import {
  type Environment,
  exact,
  exception,
  ieee,
  inexactDxc,
  type Outcome,
} from '../../../../soft-float/environment.ts';
import * as binary from '../../../../soft-float/format.ts';
import { deliver as deliverBinary, roundAt } from '../../../../soft-float/round.ts';
import { BIAS, type HfpFormat, type HfpNumber } from '../hfp/number.ts';

/** A number of any radix: finite ones are `significand * radix ** exponent`. */
export interface AnyNumber {
  readonly kind: 'finite' | 'infinity' | 'qnan' | 'snan';
  readonly negative: boolean;
  readonly significand: bigint;
  readonly radix: 2 | 10;
  readonly exponent: number;
  /** What a NaN carries: an integer, whose first bit is the leftmost one of a binary fraction. */
  readonly payload: bigint;
}

function reversed(bits: bigint, width: number): bigint {
  return BigInt(`0b${[...bits.toString(2).padStart(width, '0')].reverse().join('')}`);
}

export function fromBinary(f: binary.BfpFormat, bits: bigint): AnyNumber {
  const { kind, negative, significand, exponent } = binary.decode(f, bits);
  const payload = reversed(BigInt.asUintN(f.precision - 2, bits), f.precision - 2);
  return { kind: kind === 'zero' ? 'finite' : kind, negative, significand, radix: 2, exponent, payload };
}

export function fromDecimal(f: decimal.DfpFormat, bits: bigint): AnyNumber {
  const { kind, negative, significand, quantum } = decimal.decode(f, bits);
  return { kind, negative, significand, radix: 10, exponent: quantum, payload: significand };
}

export function fromHexadecimal(f: HfpFormat, { negative, characteristic, fraction }: HfpNumber): AnyNumber {
  const exponent = 4 * (characteristic - BIAS - f.digits);
  return { kind: 'finite', negative, significand: fraction, radix: 2, exponent, payload: 0n };
}

/** A finite number as a binary one, with so many bits and one that tells of the rest where it has no end. */
function inBinary(x: AnyNumber, bits: number): { readonly significand: bigint; readonly exponent: number } {
  if (x.radix === 2) return x;
  if (x.exponent >= 0) return { significand: x.significand * decimal.power(x.exponent), exponent: 0 };
  const divisor = decimal.power(-x.exponent);
  const shift = binary.bitLength(divisor) + bits;
  const dividend = x.significand << BigInt(shift);
  const quotient = dividend / divisor;
  const rest = quotient * divisor === dividend ? 0n : 1n;
  return { significand: (quotient << 1n) | rest, exponent: -shift - 1 };
}

export function toBinary(f: binary.BfpFormat, env: Environment, x: AnyNumber): Outcome {
  if (x.kind === 'infinity') return exact(binary.infinity(f, x.negative));
  if (x.kind !== 'finite') {
    const width = f.precision - 2;
    const nan = binary.quieted(f, binary.infinity(f, x.negative)) | reversed(BigInt.asUintN(width, x.payload), width);
    return x.kind === 'snan' ? exception(env, ieee.invalid, nan) : exact(nan);
  }
  if (x.significand === 0n) return exact(binary.signBit(f, x.negative));
  const { significand, exponent } = inBinary(x, f.precision + 3);
  return deliverBinary(f, env, x.negative, significand, exponent);
}

/** Above every quantum: an exact result has no zeros on the right then. */
const LARGEST = 1 << 20;

/** `prefersOne` asks for the quantum nearest to one, if the result is exact; the largest one is it otherwise. */
export function toDecimal(f: decimal.DfpFormat, env: Environment, x: AnyNumber, prefersOne: boolean): Outcome {
  if (x.kind === 'infinity') return exact(decimal.special(f, 'infinity', x.negative));
  if (x.kind !== 'finite') {
    const nan = decimal.special(f, 'qnan', x.negative, x.payload % decimal.power(f.precision - 1));
    return x.kind === 'snan' ? exception(env, ieee.invalid, nan) : exact(nan);
  }
  if (x.significand === 0n) return exact(decimal.zero(f, x.negative, 0));
  // A negative power of two is one of five, and of ten.
  const significand = x.exponent >= 0 ? x.significand << BigInt(x.exponent) : x.significand * 5n ** BigInt(-x.exponent);
  const value = { negative: x.negative, significand, quantum: Math.min(0, x.exponent) };
  return deliverDecimal(f, { ...env, watchesQuantum: false }, value, prefersOne ? 0 : LARGEST);
}

/** A number in hexadecimal: what it is, flags or traps. */
export interface HexadecimalOutcome extends Omit<Outcome, 'value'> {
  readonly number: HfpNumber;
}

/** Overflow, infinities and NaNs give the largest number and are invalid; what is too small becomes zero, and underflows. */
export function toHexadecimal(f: HfpFormat, env: Environment, x: AnyNumber): HexadecimalOutcome {
  const { negative } = x;
  const most = { negative, characteristic: 127, fraction: (1n << BigInt(4 * f.digits)) - 1n };
  const nothing = { negative, characteristic: 0, fraction: 0n };
  const invalid = (): HexadecimalOutcome => ({ ...exception(env, ieee.invalid, 0n), number: most });
  if (x.kind !== 'finite') return invalid();
  if (x.significand === 0n) return { number: nothing, flags: 0, dxc: 0 };
  const { significand, exponent } = inBinary(x, 4 * f.digits + 8);
  const top = Math.ceil((exponent + binary.bitLength(significand)) / 4);
  const r = roundAt(env.rounding, negative, significand, exponent, 4 * (top - f.digits));
  const carried = r.significand >> BigInt(4 * f.digits) !== 0n;
  const characteristic = top + BIAS + (carried ? 1 : 0);
  if (characteristic > 127) return invalid();
  if (characteristic < 0) return tooSmall(env, nothing);
  const number = { negative, characteristic, fraction: carried ? r.significand >> 4n : r.significand };
  if (!r.inexact || env.inexactSuppressed) return { number, flags: 0, dxc: 0 };
  if ((env.masks & ieee.inexact) !== 0) return { number, flags: 0, dxc: inexactDxc(r) };
  return { number, flags: ieee.inexact, dxc: 0 };
}

function tooSmall(env: Environment, number: HfpNumber): HexadecimalOutcome {
  if ((env.masks & ieee.underflow) !== 0) return { number, flags: 0, dxc: ieee.underflow | ieee.inexact };
  return { number, flags: ieee.underflow | (env.inexactSuppressed ? 0 : ieee.inexact), dxc: 0 };
}
