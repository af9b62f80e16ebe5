/** Exact arithmetic on bit patterns: sums, products, quotients, square roots (PoP, "Binary-Floating-Point Instructions"). */

import { type Environment, exact, exception, ieee, type Outcome, rounding } from './environment.ts';
import {
  type BfpFormat,
  bitLength,
  decode,
  defaultNan,
  infinity,
  nanAs,
  type Operand,
  quieted,
  signBit,
} from './format.ts';
import { deliver } from './round.ts';

/** True for a NaN of either kind. */
export function isNan(a: Operand): boolean {
  return a.kind === 'qnan' || a.kind === 'snan';
}

// An operand whose result is of another format; a NaN has its bits in that one, but for being quiet or not.
function operandFor(f: BfpFormat, to: BfpFormat, bits: bigint): Operand {
  const a = decode(f, bits);
  return f !== to && isNan(a) ? { ...a, bits: nanAs(f, to, a) } : a;
}

/** What NaNs among the operands lead to: the first signaling one wins, then the first quiet one. */
export function propagated(f: BfpFormat, env: Environment, operands: readonly Operand[]): Outcome | undefined {
  const signaling = operands.find((a) => a.kind === 'snan');
  if (signaling !== undefined) return exception(env, ieee.invalid, quieted(f, signaling.bits));
  const quiet = operands.find((a) => a.kind === 'qnan');
  return quiet === undefined ? undefined : exact(quiet.bits);
}

/** The outcome of an invalid operation without NaN operands. */
export function invalid(f: BfpFormat, env: Environment): Outcome {
  return exception(env, ieee.invalid, defaultNan(f));
}

/** An operand with the other sign; a NaN stays as it is. */
function negated(f: BfpFormat, a: Operand): Operand {
  if (isNan(a)) return a;
  return { ...a, negative: !a.negative, bits: a.bits ^ signBit(f, true) };
}

/** First operand plus second. */
export function add(f: BfpFormat, env: Environment, a: bigint, b: bigint): Outcome {
  return sum(f, env, decode(f, a), decode(f, b));
}

/** First operand minus second. */
export function subtract(f: BfpFormat, env: Environment, a: bigint, b: bigint): Outcome {
  return sum(f, env, decode(f, a), negated(f, decode(f, b)));
}

function sum(f: BfpFormat, env: Environment, x: Operand, y: Operand): Outcome {
  const nan = propagated(f, env, [x, y]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (x.kind === y.kind && x.negative !== y.negative) return invalid(f, env);
    return exact(x.kind === 'infinity' ? x.bits : y.bits);
  }
  return finiteSum(f, env, x, y);
}

/** The sum of two operands that are zero or finite; they need not be numbers of the format. */
export function finiteSum(f: BfpFormat, env: Environment, x: Operand, y: Operand): Outcome {
  const exponent = Math.min(x.exponent, y.exponent);
  const part = (a: Operand): bigint => {
    const magnitude = a.significand << BigInt(a.exponent - exponent);
    return a.negative ? -magnitude : magnitude;
  };
  const total = part(x) + part(y);
  if (total === 0n) {
    const sameSign = x.negative === y.negative;
    return exact(signBit(f, sameSign ? x.negative : env.rounding === rounding.down));
  }
  return deliver(f, env, total < 0n, total < 0n ? -total : total, exponent);
}

/** The product of two operands of one format in the same or a wider format. */
export function multiply(f: BfpFormat, env: Environment, a: bigint, b: bigint, to: BfpFormat = f): Outcome {
  const x = operandFor(f, to, a);
  const y = operandFor(f, to, b);
  const nan = propagated(to, env, [x, y]);
  if (nan !== undefined) return nan;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return x.kind === 'zero' || y.kind === 'zero' ? invalid(to, env) : exact(infinity(to, negative));
  }
  if (x.kind === 'zero' || y.kind === 'zero') return exact(signBit(to, negative));
  return deliver(to, env, negative, x.significand * y.significand, x.exponent + y.exponent);
}

/** First operand divided by second, of one format, in the same or another format. */
export function divide(f: BfpFormat, env: Environment, a: bigint, b: bigint, to: BfpFormat = f): Outcome {
  const x = operandFor(f, to, a);
  const y = operandFor(f, to, b);
  const nan = propagated(to, env, [x, y]);
  if (nan !== undefined) return nan;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity') return y.kind === 'infinity' ? invalid(to, env) : exact(infinity(to, negative));
  if (y.kind === 'infinity') return exact(signBit(to, negative));
  if (y.kind === 'zero') {
    return x.kind === 'zero' ? invalid(to, env) : exception(env, ieee.divideByZero, infinity(to, negative));
  }
  if (x.kind === 'zero') return exact(signBit(to, negative));
  // Two bits more than the precision, and one that tells of the rest.
  const shift = Math.max(0, to.precision + 2 + bitLength(y.significand) - bitLength(x.significand));
  const dividend = x.significand << BigInt(shift);
  const quotient = dividend / y.significand;
  const rest = quotient * y.significand === dividend ? 0n : 1n;
  return deliver(to, env, negative, (quotient << 1n) | rest, x.exponent - y.exponent - shift - 1);
}

/** The square root, in the same or another format; of a negative zero it is negative zero. */
export function squareRoot(f: BfpFormat, env: Environment, a: bigint, to: BfpFormat = f): Outcome {
  const x = operandFor(f, to, a);
  const nan = propagated(to, env, [x]);
  if (nan !== undefined) return nan;
  if (x.kind === 'zero') return exact(signBit(to, x.negative));
  if (x.negative) return invalid(to, env);
  if (x.kind === 'infinity') return exact(infinity(to, false));
  let shift = Math.max(0, 2 * to.precision + 4 - bitLength(x.significand));
  if (((x.exponent - shift) & 1) !== 0) shift++;
  const square = x.significand << BigInt(shift);
  const root = integerRoot(square);
  const rest = root * root === square ? 0n : 1n;
  return deliver(to, env, false, (root << 1n) | rest, (x.exponent - shift) / 2 - 1);
}

/** Largest integer whose square is not above a positive one. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt((bitLength(value) + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * Third operand times second, plus (or minus) the first, rounded once. Among NaNs the third operand goes before the
 * second and that before the first; infinity times zero is invalid whatever the first operand is.
 */
export function multiplyAdd(
  f: BfpFormat,
  env: Environment,
  third: bigint,
  second: bigint,
  first: bigint,
  minus: boolean,
  to: BfpFormat = f,
): Outcome {
  const x = operandFor(f, to, third);
  const y = operandFor(f, to, second);
  const z = operandFor(f, to, first);
  const infiniteZero = (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
  if (infiniteZero) return invalid(to, env);
  const nan = propagated(to, env, [x, y, z]);
  if (nan !== undefined) return nan;
  const addend = minus ? negated(f, z) : z;
  const negative = x.negative !== y.negative;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (addend.kind === 'infinity' && addend.negative !== negative) return invalid(to, env);
    return exact(infinity(to, negative));
  }
  if (addend.kind === 'infinity') return exact(infinity(to, addend.negative));
  const zero = x.kind === 'zero' || y.kind === 'zero';
  const product: Operand = {
    kind: zero ? 'zero' : 'finite',
    negative,
    significand: x.significand * y.significand,
    exponent: x.exponent + y.exponent,
    bits: 0n,
  };
  return finiteSum(to, env, product, addend);
}
