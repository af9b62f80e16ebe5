/** Conversions between decimal formats and to and from integers (PoP, "Decimal-Floating-Point Instructions"). */

import { completed, exact, exception, ieee, type Outcome } from '../environment.ts';
import { invalid, propagated } from './arithmetic.ts';
import { type DecimalEnvironment, withQuantum } from './environment.ts';
import { type DfpFormat, decode, encode, isNan, isZero, type Operand, power, special } from './format.ts';
import { deliver, deliverRounded, roundAt } from './round.ts';

/**
 * The operand in another format: LOAD LENGTHENED, and LOAD ROUNDED (see `deliverRounded` for what traps leave).
 * `keepsSignaling` leaves a signaling NaN one.
 */
export function convert(
  from: DfpFormat,
  to: DfpFormat,
  env: DecimalEnvironment,
  a: bigint,
  keepsSignaling: boolean,
): Outcome & { readonly inSourceFormat: boolean } {
  const x = decode(from, a);
  if (x.kind === 'finite') return deliverRounded(from, to, env, x, x.quantum);
  return { ...notFinite(to, env, x, keepsSignaling), inSourceFormat: false };
}

function notFinite(to: DfpFormat, env: DecimalEnvironment, x: Operand, keepsSignaling: boolean): Outcome {
  // Of more digits than there is room for the rightmost ones stay.
  const digits = x.significand % power(to.precision - 1);
  if (x.kind === 'infinity') return exact(special(to, 'infinity', x.negative, keepsSignaling ? digits : 0n));
  if (x.kind === 'snan' && keepsSignaling) return exact(special(to, 'snan', x.negative, digits));
  const quiet = special(to, 'qnan', x.negative, digits);
  return x.kind === 'snan' ? exception(env, ieee.invalid, quiet) : exact(quiet);
}

/** LOAD FP INTEGER: rounded to an integer of the same format; what is one already stays. */
export function toIntegral(f: DfpFormat, env: DecimalEnvironment, a: bigint): Outcome {
  const x = decode(f, a);
  const nan = propagated(f, env, [x]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity') return exact(special(f, 'infinity', x.negative));
  if (x.quantum >= 0) return exact(encode(f, x.negative, x.significand, x.quantum));
  const r = roundAt(env.rounding, x, 0);
  return completed(env, encode(f, x.negative, r.significand, 0), r);
}

/** CONVERT FROM FIXED and CONVERT FROM LOGICAL: an integer in the format. */
export function fromInteger(f: DfpFormat, env: DecimalEnvironment, value: bigint): Outcome {
  const negative = value < 0n;
  return deliver(f, env, { negative, significand: negative ? -value : value, quantum: 0 }, 0);
}

/** The integers that a conversion can give. */
export interface IntegerRange {
  readonly least: bigint;
  readonly greatest: bigint;
}

/**
 * To an integer, signed or not. The condition code tells the operand's sign, or 3 for a NaN or an integer out
 * of range, which is invalid.
 */
export function toInteger(
  f: DfpFormat,
  env: DecimalEnvironment,
  a: bigint,
  range: IntegerRange,
): Outcome & { readonly cc: number } {
  const x = decode(f, a);
  const outOfRange = (value: bigint): Outcome & { readonly cc: number } => {
    const outcome = exception(env, ieee.invalid, value);
    if (outcome.dxc !== 0) return { ...outcome, cc: 3 };
    return { ...completed(env, value, { inexact: true, incremented: false }, outcome.flags), cc: 3 };
  };
  if (isNan(x)) return outOfRange(range.least);
  if (x.kind === 'infinity') return outOfRange(x.negative ? range.least : range.greatest);
  if (isZero(x)) return { ...exact(0n), cc: 0 };
  // More digits than any integer here has.
  if (x.quantum > 40) return outOfRange(x.negative ? range.least : range.greatest);
  const r = roundAt(env.rounding, x, 0);
  const value = x.negative ? -r.significand : r.significand;
  if (value < range.least) return outOfRange(range.least);
  if (value > range.greatest) return outOfRange(range.greatest);
  return { ...completed(env, value, r), cc: x.negative ? 1 : 2 };
}

/** QUANTIZE: the value with the quantum of another number. */
export function quantize(f: DfpFormat, env: DecimalEnvironment, a: bigint, reference: bigint): Outcome {
  const x = decode(f, a);
  const y = decode(f, reference);
  const nan = propagated(f, env, [x, y]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return x.kind === y.kind ? exact(special(f, 'infinity', x.negative)) : invalid(f, env);
  }
  // Too large by far: the digits need not be written out.
  if (!isZero(x) && x.quantum - y.quantum > f.precision) return invalid(f, env);
  const r = isZero(x) ? { significand: 0n, inexact: false, incremented: false } : roundAt(env.rounding, x, y.quantum);
  if (r.significand >= power(f.precision)) return invalid(f, env);
  return completed(env, encode(f, x.negative, r.significand, y.quantum), r);
}

/** REROUND: the value with so many significant digits at the most; 0 leaves all of them. */
export function reround(f: DfpFormat, env: DecimalEnvironment, a: bigint, digits: number): Outcome {
  const x = decode(f, a);
  const nan = propagated(f, env, [x]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity') return exact(special(f, 'infinity', x.negative));
  const has = x.significand === 0n ? 0 : x.significand.toString().length;
  if (digits === 0 || has <= digits) return exact(encode(f, x.negative, x.significand, x.quantum));
  let quantum = x.quantum + has - digits;
  const r = roundAt(env.rounding, x, quantum);
  let { significand } = r;
  if (significand === power(digits)) {
    significand /= 10n;
    quantum++;
  }
  if (quantum > f.emax - f.precision + 1) return invalid(f, env);
  return withQuantum(env, completed(env, encode(f, x.negative, significand, quantum), r), true);
}
