/** Hexadecimal arithmetic (PoP, "Hexadecimal-Floating-Point Instructions"): results are cut, and their characteristics not yet wrapped. */

import { BIAS, digitCount, type HfpNumber, normalized, resized, trueZero } from './number.ts';

/** A sum before it is known what becomes of a zero. */
export interface Sum {
  readonly value: HfpNumber;
  /** No digit is left: a significance exception, or a true zero. */
  readonly isZero: boolean;
}

/** Both fractions with a guard digit on the right and one characteristic, the second's sign changed when `minus`. */
function aligned(
  x: HfpNumber,
  y: HfpNumber,
  minus: boolean,
): { readonly characteristic: number; readonly total: bigint } {
  const characteristic = Math.max(x.characteristic, y.characteristic);
  const part = (a: HfpNumber, negative: boolean): bigint => {
    const shifted = (a.fraction << 4n) >> BigInt(4 * (characteristic - a.characteristic));
    return negative ? -shifted : shifted;
  };
  return { characteristic, total: part(x, x.negative) + part(y, y.negative !== minus) };
}

/** The sum of two numbers of so many digits, or the difference; normalized or not. */
export function add(digits: number, x: HfpNumber, y: HfpNumber, minus: boolean, normalizes: boolean): Sum {
  const { characteristic, total } = aligned(x, y, minus);
  const negative = total < 0n;
  const magnitude = negative ? -total : total;
  if (magnitude >> BigInt(4 * (digits + 1)) !== 0n) {
    return { value: { negative, characteristic: characteristic + 1, fraction: magnitude >> 8n }, isZero: false };
  }
  if (!normalizes) {
    const fraction = magnitude >> 4n;
    return { value: { negative: negative && fraction !== 0n, characteristic, fraction }, isZero: fraction === 0n };
  }
  const { fraction, ...rest } = normalized({ negative, characteristic, fraction: magnitude }, digits + 1);
  return { value: { ...rest, fraction: fraction >> 4n }, isZero: magnitude === 0n };
}

/** Condition code of a comparison: 0 equal, 1 first operand low, 2 high. The guard digit takes part. */
export function compare(x: HfpNumber, y: HfpNumber): number {
  const { total } = aligned(x, y, true);
  return total === 0n ? 0 : total < 0n ? 1 : 2;
}

/** The product of numbers of `digits` digits, cut to `to` digits. */
export function multiply(digits: number, to: number, x: HfpNumber, y: HfpNumber): HfpNumber {
  if (x.fraction === 0n || y.fraction === 0n) return trueZero;
  const characteristic = x.characteristic + y.characteristic - BIAS;
  const product = { negative: x.negative !== y.negative, characteristic, fraction: x.fraction * y.fraction };
  const { fraction, ...rest } = normalized(product, 2 * digits);
  return { ...rest, fraction: resized(fraction, 2 * digits, to) };
}

/** The quotient; the divisor is not zero. */
export function divide(digits: number, x: HfpNumber, y: HfpNumber): HfpNumber {
  if (x.fraction === 0n) return trueZero;
  const [a, b] = [normalized(x, digits), normalized(y, digits)];
  const characteristic = a.characteristic - b.characteristic + BIAS;
  const negative = x.negative !== y.negative;
  const quotient = resized(a.fraction, 0, digits) / b.fraction;
  // Not less than one: one digit more.
  if (digitCount(quotient) > digits) return { negative, characteristic: characteristic + 1, fraction: quotient >> 4n };
  return { negative, characteristic, fraction: quotient };
}

/** The square root of a number that is not less than zero, rounded. */
export function squareRoot(digits: number, x: HfpNumber): HfpNumber {
  if (x.fraction === 0n) return trueZero;
  const { characteristic, fraction } = normalized(x, digits);
  const isOdd = ((characteristic - BIAS) & 1) !== 0;
  // The exponent becomes even; one digit more than the result has tells how to round.
  const square = resized(fraction, 0, digits + 2 - (isOdd ? 1 : 0));
  const root = integerRoot(square);
  return {
    negative: false,
    characteristic: (characteristic - BIAS + (isOdd ? 1 : 0)) / 2 + BIAS,
    fraction: (root + 8n) >> 4n,
  };
}

/** Largest integer whose square is not above a positive one. */
function integerRoot(value: bigint): bigint {
  let root = 1n << BigInt(2 * digitCount(value) + 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Half of a number. */
export function halve(digits: number, x: HfpNumber): HfpNumber {
  if (x.fraction === 0n) return trueZero;
  const { fraction, ...rest } = normalized({ ...x, fraction: x.fraction << 3n }, digits + 1);
  return { ...rest, fraction: fraction >> 4n };
}

/** A number in fewer digits: rounded by the first bit that goes, not normalized. */
export function rounded(x: HfpNumber, from: number, to: number): HfpNumber {
  const fraction = ((x.fraction >> BigInt(4 * (from - to) - 1)) + 1n) >> 1n;
  if (fraction >> BigInt(4 * to) === 0n) return { ...x, fraction };
  return { ...x, characteristic: x.characteristic + 1, fraction: fraction >> 4n };
}

/** The integer part, normalized. */
export function integerPart(digits: number, x: HfpNumber): HfpNumber {
  const drop = digits - (x.characteristic - BIAS);
  const fraction = drop <= 0 ? x.fraction : (x.fraction >> BigInt(4 * drop)) << BigInt(4 * drop);
  return fraction === 0n ? trueZero : normalized({ ...x, fraction }, digits);
}

/** The number of an integer, cut. */
export function fromInteger(digits: number, value: bigint): HfpNumber {
  if (value === 0n) return trueZero;
  const negative = value < 0n;
  const magnitude = negative ? -value : value;
  const has = digitCount(magnitude);
  return { negative, characteristic: BIAS + has, fraction: resized(magnitude, has, digits) };
}
