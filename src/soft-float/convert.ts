/** Conversions between formats and to and from integers (PoP, "Binary-Floating-Point Instructions"). */

import { invalid, isNan, propagated } from './arithmetic.ts';
import { completed, type Environment, exact, exception, ieee, type Outcome } from './environment.ts';
import { type BfpFormat, bitLength, decode, encode, infinity, nanAs, signBit } from './format.ts';
import { deliver, deliverRounded, roundAt } from './round.ts';

/** LOAD LENGTHENED: always exact; a signaling NaN is invalid. */
export function lengthen(from: BfpFormat, to: BfpFormat, env: Environment, a: bigint): Outcome {
  const { inSourceFormat, ...outcome } = convert(from, to, env, a);
  return outcome;
}

/** LOAD ROUNDED, and LOAD LENGTHENED too: the value in another format; see `deliverRounded` for what traps leave. */
export function convert(
  from: BfpFormat,
  to: BfpFormat,
  env: Environment,
  a: bigint,
): Outcome & { readonly inSourceFormat: boolean } {
  const x = decode(from, a);
  const inTarget = (outcome: Outcome): Outcome & { readonly inSourceFormat: boolean } => ({
    ...outcome,
    inSourceFormat: false,
  });
  if (isNan(x)) {
    const nan = nanAs(from, to, x);
    return inTarget(x.kind === 'snan' ? exception(env, ieee.invalid, nan) : exact(nan));
  }
  if (x.kind === 'infinity') return inTarget(exact(infinity(to, x.negative)));
  if (x.kind === 'zero') return inTarget(exact(signBit(to, x.negative)));
  return deliverRounded(from, to, env, x.negative, x.significand, x.exponent);
}

/** LOAD FP INTEGER: rounded to an integer of the same format; a zero keeps the operand's sign. */
export function toIntegral(f: BfpFormat, env: Environment, a: bigint): Outcome {
  const x = decode(f, a);
  const nan = propagated(f, env, [x]);
  if (nan !== undefined) return nan;
  if (x.kind !== 'finite' || x.exponent >= 0) return exact(a);
  const r = roundAt(env.rounding, x.negative, x.significand, x.exponent, 0);
  return completed(env, integral(f, x.negative, r.significand), r);
}

/** The bit pattern of an integer that the format holds exactly. */
export function integral(f: BfpFormat, negative: boolean, magnitude: bigint): bigint {
  if (magnitude === 0n) return signBit(f, negative);
  const quantum = bitLength(magnitude) - f.precision;
  const significand = quantum >= 0 ? magnitude >> BigInt(quantum) : magnitude << BigInt(-quantum);
  return encode(f, negative, significand, quantum);
}

/** CONVERT FROM FIXED and CONVERT FROM LOGICAL: an integer in the format. */
export function fromInteger(f: BfpFormat, env: Environment, value: bigint): Outcome {
  if (value === 0n) return exact(0n);
  return deliver(f, env, value < 0n, value < 0n ? -value : value, 0);
}

/** The integers that a conversion can give. */
export interface IntegerRange {
  readonly least: bigint;
  readonly greatest: bigint;
}

export const integerRanges = {
  fixed32: { least: -(1n << 31n), greatest: (1n << 31n) - 1n },
  fixed64: { least: -(1n << 63n), greatest: (1n << 63n) - 1n },
  logical32: { least: 0n, greatest: (1n << 32n) - 1n },
  logical64: { least: 0n, greatest: (1n << 64n) - 1n },
} as const;

/**
 * To an integer, signed or not. The condition code tells the operand's sign, or 3 for a NaN or an integer out
 * of range: that is invalid, and inexact as well.
 */
export function toInteger(
  f: BfpFormat,
  env: Environment,
  a: bigint,
  range: IntegerRange,
): Outcome & { readonly cc: number } {
  const x = decode(f, a);
  if (x.kind === 'zero') return { ...exact(0n), cc: 0 };
  const outOfRange = (value: bigint): Outcome & { readonly cc: number } => {
    const outcome = invalid(f, env);
    if (outcome.dxc !== 0) return { ...outcome, cc: 3 };
    return { ...completed(env, value, { inexact: true, incremented: false }, outcome.flags), cc: 3 };
  };
  if (isNan(x)) return outOfRange(range.least);
  if (x.kind === 'infinity') return outOfRange(x.negative ? range.least : range.greatest);
  const r = roundAt(env.rounding, x.negative, x.significand, x.exponent, 0);
  const value = x.negative ? -r.significand : r.significand;
  if (value < range.least) return outOfRange(range.least);
  if (value > range.greatest) return outOfRange(range.greatest);
  return { ...completed(env, value, r), cc: x.negative ? 1 : 2 };
}
