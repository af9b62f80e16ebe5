/** Exact arithmetic on bit patterns: sums, products, quotients (PoP, "Decimal-Floating-Point Instructions"). */

import { exact, exception, ieee, type Outcome, rounding } from '../environment.ts';
import type { DecimalEnvironment } from './environment.ts';
import {
  type DfpFormat,
  decode,
  defaultNan,
  digitCount,
  isNan,
  isZero,
  type Operand,
  power,
  special,
} from './format.ts';
import { deliver } from './round.ts';

/** What NaNs among the operands lead to: the first signaling one wins, then the first quiet one. */
export function propagated(f: DfpFormat, env: DecimalEnvironment, operands: readonly Operand[]): Outcome | undefined {
  const nan = operands.find((a) => a.kind === 'snan') ?? operands.find((a) => a.kind === 'qnan');
  if (nan === undefined) return undefined;
  const quiet = special(f, 'qnan', nan.negative, nan.significand);
  return nan.kind === 'snan' ? exception(env, ieee.invalid, quiet) : exact(quiet);
}

/** The outcome of an invalid operation without NaN operands. */
export function invalid(f: DfpFormat, env: DecimalEnvironment): Outcome {
  return exception(env, ieee.invalid, defaultNan(f));
}

/** First operand plus second. */
export function add(f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint): Outcome {
  return sum(f, env, decode(f, a), decode(f, b));
}

/** First operand minus second. */
export function subtract(f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint): Outcome {
  const y = decode(f, b);
  return sum(f, env, decode(f, a), isNan(y) ? y : { ...y, negative: !y.negative });
}

function sum(f: DfpFormat, env: DecimalEnvironment, x: Operand, y: Operand): Outcome {
  const nan = propagated(f, env, [x, y]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (x.kind === y.kind && x.negative !== y.negative) return invalid(f, env);
    return exact(special(f, 'infinity', (x.kind === 'infinity' ? x : y).negative));
  }
  const preferred = Math.min(x.quantum, y.quantum);
  const [p, q] = brought(f, x, y);
  const quantum = Math.min(p.quantum, q.quantum);
  const part = (a: Operand): bigint => {
    const magnitude = a.significand * power(a.quantum - quantum);
    return a.negative ? -magnitude : magnitude;
  };
  const total = part(p) + part(q);
  const sameSign = x.negative === y.negative;
  const zeroSign = sameSign ? x.negative : env.rounding === rounding.down;
  const negative = total === 0n ? zeroSign : total < 0n;
  return deliver(f, env, { negative, significand: total < 0n ? -total : total, quantum }, preferred);
}

// Operands that are far apart are brought together: what is far below the last place of the other is only more than nothing.
function brought(f: DfpFormat, x: Operand, y: Operand): readonly [Operand, Operand] {
  const [high, low] = x.quantum + digitCount(x.significand) > y.quantum + digitCount(y.significand) ? [x, y] : [y, x];
  const least = high.quantum - 2 * f.precision - 4;
  if (isZero(high) || isZero(low) || low.quantum + digitCount(low.significand) >= least) return apart(x, y);
  const trace = { ...low, significand: 1n, quantum: least - 1 };
  return low === y ? [x, trace] : [trace, y];
}

// A zero of a large quantum adds nothing, and need not be written out; nor does one of a small quantum.
function apart(x: Operand, y: Operand): readonly [Operand, Operand] {
  if (isZero(x)) return [{ ...x, quantum: y.quantum }, y];
  if (isZero(y)) return [x, { ...y, quantum: x.quantum }];
  return [x, y];
}

/** The product. */
export function multiply(f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint): Outcome {
  const x = decode(f, a);
  const y = decode(f, b);
  const nan = propagated(f, env, [x, y]);
  if (nan !== undefined) return nan;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return isZero(x) || isZero(y) ? invalid(f, env) : exact(special(f, 'infinity', negative));
  }
  const quantum = x.quantum + y.quantum;
  return deliver(f, env, { negative, significand: x.significand * y.significand, quantum }, quantum);
}

/** First operand divided by second. */
export function divide(f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint): Outcome {
  const x = decode(f, a);
  const y = decode(f, b);
  const nan = propagated(f, env, [x, y]);
  if (nan !== undefined) return nan;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity') {
    return y.kind === 'infinity' ? invalid(f, env) : exact(special(f, 'infinity', negative));
  }
  if (y.kind === 'infinity')
    return deliver(f, env, { negative, significand: 0n, quantum: 0 }, 2 - f.emax - f.precision);
  if (isZero(y))
    return isZero(x) ? invalid(f, env) : exception(env, ieee.divideByZero, special(f, 'infinity', negative));
  const preferred = x.quantum - y.quantum;
  if (isZero(x)) return deliver(f, env, { negative, significand: 0n, quantum: 0 }, preferred);
  // Two digits more than the precision, and one that tells of the rest.
  const more = Math.max(0, f.precision + 2 + digitCount(y.significand) - digitCount(x.significand));
  const dividend = x.significand * power(more);
  const quotient = dividend / y.significand;
  const rest = quotient * y.significand === dividend ? 0n : 1n;
  return deliver(f, env, { negative, significand: quotient * 10n + rest, quantum: preferred - more - 1 }, preferred);
}
