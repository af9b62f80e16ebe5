/** Rounding and range (PoP, "Binary-Floating-Point Instructions": results, overflow, underflow). */

import {
  completed,
  type Environment,
  type Inexactness,
  ieee,
  inexactDxc,
  type Outcome,
  type Rounding,
} from './environment.ts';
import { type BfpFormat, bitLength, encode, infinity, largest, leastQuantum } from './format.ts';
import { order, overflowsToInfinity, roundsUp } from './rounding.ts';

/** A magnitude in units of the quantum it was rounded to. */
export interface Rounded extends Inexactness {
  readonly significand: bigint;
}

/** Rounds `significand * 2 ** exponent` to a multiple of `2 ** quantum`. */
export function roundAt(
  mode: Rounding,
  negative: boolean,
  significand: bigint,
  exponent: number,
  quantum: number,
): Rounded {
  const drop = quantum - exponent;
  if (drop <= 0) return { significand: significand << BigInt(-drop), inexact: false, incremented: false };
  const kept = significand >> BigInt(drop);
  const rest = significand - (kept << BigInt(drop));
  if (rest === 0n) return { significand: kept, inexact: false, incremented: false };
  const half = 1n << BigInt(drop - 1);
  const isOdd = (kept & 1n) === 1n;
  const incremented = roundsUp(mode, { negative, half: order(rest, half), isOdd, isLeftByShorter: !isOdd });
  return { significand: incremented ? kept + 1n : kept, inexact: true, incremented };
}

/** The result in the target format of a precise value that is not zero, with its overflow, underflow and inexactness. */
export function deliver(
  f: BfpFormat,
  env: Environment,
  negative: boolean,
  significand: bigint,
  exponent: number,
): Outcome {
  const range = inRange(f, env, negative, significand, exponent);
  if (typeof range !== 'number') return range;
  const alpha = range === ieee.overflow ? -f.alpha : f.alpha;
  return scaled(f, f, env, negative, significand, exponent, alpha, range);
}

/**
 * The result of LOAD ROUNDED: as `deliver`, except that a trapped overflow or underflow leaves the rounded value in the
 * source format, scaled by that format's amount.
 */
export function deliverRounded(
  from: BfpFormat,
  to: BfpFormat,
  env: Environment,
  negative: boolean,
  significand: bigint,
  exponent: number,
): Outcome & { readonly inSourceFormat: boolean } {
  const range = inRange(to, env, negative, significand, exponent);
  if (typeof range !== 'number') return { ...range, inSourceFormat: false };
  const alpha = range === ieee.overflow ? -from.roundingAlpha : from.roundingAlpha;
  return { ...scaled(to, from, env, negative, significand, exponent, alpha, range), inSourceFormat: true };
}

// The result when the masks allow one in the format, else which exception traps. Tininess is found before rounding.
function inRange(
  f: BfpFormat,
  env: Environment,
  negative: boolean,
  significand: bigint,
  exponent: number,
): Outcome | 0x20 | 0x10 {
  const e = exponent + bitLength(significand) - 1;
  const tiny = e < 1 - f.emax;
  if (tiny && (env.masks & ieee.underflow) !== 0) return ieee.underflow;
  const quantum = Math.max(e - f.precision + 1, leastQuantum(f));
  const r = roundAt(env.rounding, negative, significand, exponent, quantum);
  const carried = r.significand >> BigInt(f.precision) !== 0n;
  if (e + (carried ? 1 : 0) > f.emax) {
    if ((env.masks & ieee.overflow) !== 0) return ieee.overflow;
    const toInfinity = overflowsToInfinity(env.rounding, negative);
    const value = toInfinity ? infinity(f, negative) : largest(f, negative);
    return completed(env, value, { inexact: true, incremented: toInfinity }, ieee.overflow);
  }
  return completed(env, encode(f, negative, r.significand, quantum), r, tiny && r.inexact ? ieee.underflow : 0);
}

// Rounded to the precision of `f` with any exponent, scaled into range, in format `as`.
function scaled(
  f: BfpFormat,
  as: BfpFormat,
  env: Environment,
  negative: boolean,
  significand: bigint,
  exponent: number,
  alpha: number,
  dxc: number,
): Outcome {
  const quantum = exponent + bitLength(significand) - f.precision;
  const r = roundAt(env.rounding, negative, significand, exponent, quantum);
  const wider = as.precision - f.precision;
  const value = encode(as, negative, r.significand << BigInt(wider), quantum - wider + alpha);
  return { value, flags: 0, dxc: dxc | inexactDxc(r) };
}
