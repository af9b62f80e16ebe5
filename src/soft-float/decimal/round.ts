/** Rounding, range and quanta of decimal results (PoP, "DFP Rounding", "Preferred Quantum"). */

import { completed, type Inexactness, ieee, inexactDxc, type Outcome, type Rounding } from '../environment.ts';
import { order, overflowsToInfinity, roundsUp } from '../rounding.ts';
import { type DecimalEnvironment, withQuantum } from './environment.ts';
import {
  type DfpFormat,
  digitCount,
  encode,
  inRange,
  largest,
  largestQuantum,
  leastQuantum,
  power,
  special,
  zero,
} from './format.ts';

/** A magnitude in units of the quantum it was rounded to. */
export interface Rounded extends Inexactness {
  readonly significand: bigint;
}

/** A magnitude that is not yet a number of a format. */
export interface Precise {
  readonly negative: boolean;
  readonly significand: bigint;
  readonly quantum: number;
}

/** Rounds `significand * 10 ** quantum` to a multiple of `10 ** to`. */
export function roundAt(mode: Rounding, { negative, significand, quantum }: Precise, to: number): Rounded {
  const drop = to - quantum;
  if (drop <= 0 || significand === 0n) {
    return { significand: significand * power(Math.max(0, -drop)), inexact: false, incremented: false };
  }
  // Far below the last place all digits together are no more than any rest that is not zero.
  if (drop > digitCount(significand) + 1) return roundAt(mode, { negative, significand: 1n, quantum: to - 2 }, to);
  const unit = power(drop);
  const kept = significand / unit;
  const rest = significand % unit;
  if (rest === 0n) return { significand: kept, inexact: false, incremented: false };
  const [isOdd, isLeftByShorter] = [(kept & 1n) === 1n, kept % 5n === 0n];
  const incremented = roundsUp(mode, { negative, half: order(2n * rest, unit), isOdd, isLeftByShorter });
  return { significand: incremented ? kept + 1n : kept, inexact: true, incremented };
}

/** The same magnitude with a quantum as near to the preferred one as `precision` digits and its value allow. */
function towards({ negative, significand, quantum }: Precise, preferred: number, precision: number): Precise {
  if (quantum > preferred) {
    const more = Math.max(0, Math.min(quantum - preferred, precision - digitCount(significand)));
    return { negative, significand: significand * power(more), quantum: quantum - more };
  }
  let [rest, at] = [significand, quantum];
  while (at < preferred && rest % 10n === 0n) {
    rest /= 10n;
    at++;
  }
  return { negative, significand: rest, quantum: at };
}

/** The magnitude with `precision` digits at the most, its quantum not below `least`. */
function fitted(
  mode: Rounding,
  value: Precise,
  precision: number,
  least: number,
): Rounded & { readonly quantum: number } {
  const to = Math.max(value.quantum, value.quantum + digitCount(value.significand) - precision, least);
  const r = roundAt(mode, value, to);
  // Rounded up to the next power of ten.
  if (r.significand === power(precision)) return { ...r, significand: r.significand / 10n, quantum: to + 1 };
  return { ...r, quantum: to };
}

/** The result in a format of a precise value, with its overflow, underflow, inexactness and quantum. */
export function deliver(f: DfpFormat, env: DecimalEnvironment, value: Precise, preferred: number): Outcome {
  const found = ranged(f, env, value, preferred);
  if (typeof found !== 'number') return found;
  return scaled(f, f, env, value, preferred, found === ieee.overflow ? -f.alpha : f.alpha, found);
}

/**
 * The result of LOAD ROUNDED: as `deliver`, except that a trapped overflow or underflow leaves the rounded value in the
 * source format, scaled by that format's amount.
 */
export function deliverRounded(
  from: DfpFormat,
  to: DfpFormat,
  env: DecimalEnvironment,
  value: Precise,
  preferred: number,
): Outcome & { readonly inSourceFormat: boolean } {
  const found = ranged(to, env, value, preferred);
  if (typeof found !== 'number') return { ...found, inSourceFormat: false };
  const alpha = found === ieee.overflow ? -from.roundingAlpha : from.roundingAlpha;
  return { ...scaled(to, from, env, value, preferred, alpha, found), inSourceFormat: true };
}

// The result when the masks allow one in the format, else which exception traps. Tininess is found before rounding.
function ranged(f: DfpFormat, env: DecimalEnvironment, value: Precise, preferred: number): Outcome | 0x20 | 0x10 {
  const { negative } = value;
  if (value.significand === 0n) {
    const nothing = { value: zero(f, negative, preferred), flags: 0, dxc: 0 };
    return withQuantum(env, nothing, inRange(f, preferred) === preferred);
  }
  const e = value.quantum + digitCount(value.significand) - 1;
  const tiny = e < 1 - f.emax;
  if (tiny && (env.masks & ieee.underflow) !== 0) return ieee.underflow;
  const r = fitted(env.rounding, towards(value, preferred, f.precision), f.precision, leastQuantum(f));
  if (r.quantum + digitCount(r.significand) - 1 > f.emax) {
    if ((env.masks & ieee.overflow) !== 0) return ieee.overflow;
    const toInfinity = overflowsToInfinity(env.rounding, negative);
    const result = toInfinity ? special(f, 'infinity', negative) : largest(f, negative);
    return completed(env, result, { inexact: true, incremented: toInfinity }, ieee.overflow);
  }
  // A large exponent needs zeros behind the digits.
  const folded = Math.max(0, r.quantum - largestQuantum(f));
  const quantum = r.quantum - folded;
  const bits = encode(f, negative, r.significand * power(folded), quantum);
  const outcome = completed(env, bits, r, tiny && r.inexact ? ieee.underflow : 0);
  return withQuantum(env, outcome, quantum === preferred);
}

// Rounded to the precision of `f` with any exponent, and scaled into the range of `as`.
function scaled(
  f: DfpFormat,
  as: DfpFormat,
  env: DecimalEnvironment,
  value: Precise,
  preferred: number,
  alpha: number,
  dxc: number,
): Outcome {
  const r = fitted(env.rounding, towards(value, preferred, f.precision), f.precision, Number.NEGATIVE_INFINITY);
  const quantum = inRange(as, r.quantum + alpha);
  const by = r.quantum + alpha - quantum;
  const significand = by >= 0 ? r.significand * power(by) : r.significand / power(-by);
  return { value: encode(as, value.negative, significand, quantum), flags: 0, dxc: dxc | inexactDxc(r) };
}
