/** DIVIDE TO INTEGER (PoP, "Binary-Floating-Point Instructions"). */

import { finiteSum, invalid, propagated } from './arithmetic.ts';
import { integral } from './convert.ts';
import { type Environment, exact, isSuppressed, type Outcome, type Rounding } from './environment.ts';
import { type BfpFormat, bitLength, decode, encode, type Operand, signBit } from './format.ts';
import { roundAt } from './round.ts';

/** Both results of DIVIDE TO INTEGER; the outcome itself is the remainder's. */
export interface Division extends Outcome {
  readonly quotient: bigint;
  /** 0 remainder complete, 1 so with quotient overflow or NaN, 2 remainder incomplete, 3 so with quotient overflow. */
  readonly cc: number;
}

/**
 * Divides. A quotient below 2 to the power of the precision is final: it is rounded to an integer as `quotientRounding`
 * says. A larger one is partial: it is cut to the precision, and the remainder is incomplete unless it is zero. Only the
 * remainder makes overflow, underflow or inexact exceptions; a quotient out of range is scaled without any.
 */
export function divideToInteger(
  f: BfpFormat,
  env: Environment,
  quotientRounding: Rounding,
  a: bigint,
  b: bigint,
): Division {
  const x = decode(f, a);
  const y = decode(f, b);
  const nan = propagated(f, env, [x, y]) ?? (x.kind === 'infinity' || y.kind === 'zero' ? invalid(f, env) : undefined);
  if (nan !== undefined) return { ...nan, quotient: nan.value, cc: isSuppressed(nan) ? 0 : 1 };
  const negative = x.negative !== y.negative;
  if (y.kind === 'infinity' || x.kind === 'zero') return { ...exact(a), quotient: signBit(f, negative), cc: 0 };

  const shift = x.exponent - y.exponent;
  const dividend = shift >= 0 ? x.significand << BigInt(shift) : x.significand;
  const divisor = shift >= 0 ? y.significand : y.significand << BigInt(-shift);
  const whole = dividend / divisor;
  const final = whole >> BigInt(f.precision) === 0n;
  const magnitude = final ? roundedQuotient(quotientRounding, negative, whole, dividend, divisor) : cut(f, whole);
  const remainder = remainderOf(f, env, x, y, magnitude);
  const overflow = bitLength(magnitude === 0n ? 1n : magnitude) - 1 > f.emax;
  const quotient = overflow ? scaledQuotient(f, negative, magnitude) : integral(f, negative, magnitude);
  const complete = final || BigInt.asUintN(f.width - 1, remainder.value) === 0n;
  return { ...remainder, quotient, cc: (complete ? 0 : 2) | (overflow ? 1 : 0) };
}

// Two more bits say whether the quotient lies below, at or above the middle of two integers.
function roundedQuotient(mode: Rounding, negative: boolean, whole: bigint, dividend: bigint, divisor: bigint): bigint {
  const twice = (dividend - whole * divisor) * 2n;
  const half = twice >= divisor ? 2n : 0n;
  const beyond = twice === 0n || twice === divisor ? 0n : 1n;
  return roundAt(mode, negative, (whole << 2n) | half | beyond, -2, 0).significand;
}

function cut(f: BfpFormat, whole: bigint): bigint {
  const drop = BigInt(bitLength(whole) - f.precision);
  return (whole >> drop) << drop;
}

function scaledQuotient(f: BfpFormat, negative: boolean, magnitude: bigint): bigint {
  const quantum = bitLength(magnitude) - f.precision;
  return encode(f, negative, magnitude >> BigInt(quantum), quantum - f.alpha);
}

/** Dividend minus divisor times quotient; a zero has the dividend's sign. */
function remainderOf(f: BfpFormat, env: Environment, x: Operand, y: Operand, quotient: bigint): Outcome {
  const product: Operand = { ...y, negative: !x.negative, significand: y.significand * quotient };
  const remainder = finiteSum(f, env, x, product);
  const isZero = BigInt.asUintN(f.width - 1, remainder.value) === 0n && remainder.flags === 0 && remainder.dxc === 0;
  return isZero ? exact(signBit(f, x.negative)) : remainder;
}
