/** Comparisons, classes, and the parts of decimal numbers: exponents, significance, digits. */

import {
  bias,
  type DfpFormat,
  decode,
  digitCount,
  encode,
  isNan,
  isZero,
  largestQuantum,
  leastQuantum,
  type Operand,
  power,
  special,
} from './format.ts';

/** How two operands compare. */
export interface Comparison {
  /** 0 equal, 1 first operand low, 2 first operand high, 3 unordered. */
  readonly cc: number;
  readonly invalid: boolean;
}

/** COMPARE, and COMPARE AND SIGNAL, to which a quiet NaN is invalid as well. */
export function compare(f: DfpFormat, a: bigint, b: bigint, signals: boolean): Comparison {
  const x = decode(f, a);
  const y = decode(f, b);
  if (isNan(x) || isNan(y)) return { cc: 3, invalid: signals || x.kind === 'snan' || y.kind === 'snan' };
  const order = signed(x, y);
  return { cc: order === 0 ? 0 : order < 0 ? 1 : 2, invalid: false };
}

function signed(x: Operand, y: Operand): number {
  if (isZero(x) && isZero(y)) return 0;
  const signOf = (a: Operand): number => (isZero(a) ? 0 : a.negative ? -1 : 1);
  if (signOf(x) !== signOf(y)) return signOf(x) - signOf(y);
  return signOf(x) * magnitudes(x, y);
}

function magnitudes(x: Operand, y: Operand): number {
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    return (x.kind === 'infinity' ? 1 : 0) - (y.kind === 'infinity' ? 1 : 0);
  }
  const top = (a: Operand): number => a.quantum + digitCount(a.significand);
  if (top(x) !== top(y)) return top(x) - top(y);
  const least = Math.min(x.quantum, y.quantum);
  const [p, q] = [x.significand * power(x.quantum - least), y.significand * power(y.quantum - least)];
  return p === q ? 0 : p < q ? -1 : 1;
}

/** COMPARE BIASED EXPONENT: 0 equal, or both infinite, or both NaNs; 1 low; 2 high; 3 not comparable. */
export function compareExponent(f: DfpFormat, a: bigint, b: bigint): number {
  const x = decode(f, a);
  const y = decode(f, b);
  if (isNan(x) || isNan(y)) return isNan(x) && isNan(y) ? 0 : 3;
  if (x.kind === 'infinity' || y.kind === 'infinity') return x.kind === y.kind ? 0 : 3;
  return x.quantum === y.quantum ? 0 : x.quantum < y.quantum ? 1 : 2;
}

/** Condition code of a value: 0 zero, 1 less than zero, 2 greater than zero, 3 NaN. */
export function signCondition(f: DfpFormat, a: bigint): number {
  const x = decode(f, a);
  if (isNan(x)) return 3;
  if (isZero(x)) return 0;
  return x.negative ? 1 : 2;
}

/** The bit that TEST DATA CLASS has for the operand, of 12; positive ones are even-numbered from the left. */
export function dataClass(f: DfpFormat, a: bigint): number {
  const x = decode(f, a);
  const isNormal = x.quantum + digitCount(x.significand) - 1 >= 1 - f.emax;
  const finite = isZero(x) ? 0x800 : isNormal ? 0x080 : 0x200;
  const positive = { finite, infinity: 0x020, qnan: 0x008, snan: 0x002 }[x.kind];
  return x.negative ? positive >> 1 : positive;
}

/** The bit that TEST DATA GROUP has for the operand: by extreme exponents, and by whether the leftmost digit is zero. */
export function dataGroup(f: DfpFormat, a: bigint): number {
  const x = decode(f, a);
  const isExtreme = x.quantum === leastQuantum(f) || x.quantum === largestQuantum(f);
  const hasLeftmost = digitCount(x.significand) === f.precision;
  const safe = hasLeftmost ? 0x008 : 0x020;
  const finite = isZero(x) ? (isExtreme ? 0x200 : 0x800) : isExtreme ? 0x080 : safe;
  const positive = x.kind === 'finite' ? finite : 0x002;
  return x.negative ? positive >> 1 : positive;
}

/** What stands for the exponent, or the number of digits, of what is no finite number. */
const codes = { infinity: -1n, qnan: -2n, snan: -3n } as const;

/** EXTRACT BIASED EXPONENT. */
export function biasedExponent(f: DfpFormat, a: bigint): bigint {
  const x = decode(f, a);
  return x.kind === 'finite' ? BigInt(x.quantum + bias(f)) : codes[x.kind];
}

/** EXTRACT SIGNIFICANCE. */
export function significance(f: DfpFormat, a: bigint): bigint {
  const x = decode(f, a);
  return x.kind === 'finite' ? BigInt(digitCount(x.significand)) : codes[x.kind];
}

/** INSERT BIASED EXPONENT: sign and digits of `a` with another exponent, or what a code for one stands for. */
export function withBiasedExponent(f: DfpFormat, a: bigint, exponent: bigint): bigint {
  const x = decode(f, a);
  const digits = x.kind === 'finite' ? x.significand % power(f.precision - 1) : x.significand;
  if (exponent >= 0n && exponent <= BigInt(largestQuantum(f) + bias(f))) {
    return encode(f, x.negative, x.significand, Number(exponent) - bias(f));
  }
  const kind = exponent === codes.infinity ? 'infinity' : exponent === codes.snan ? 'snan' : 'qnan';
  return special(f, kind, x.negative, digits);
}

/** SHIFT SIGNIFICAND: the digits by so many places, to the left when positive; sign and exponent stay. */
export function shiftSignificand(f: DfpFormat, a: bigint, places: number): bigint {
  const x = decode(f, a);
  const room = power(x.kind === 'finite' ? f.precision : f.precision - 1);
  const moved = places >= 0 ? (x.significand * power(places)) % room : x.significand / power(-places);
  return x.kind === 'finite' ? encode(f, x.negative, moved, x.quantum) : special(f, x.kind, x.negative, moved);
}

/** Sign and digits of any operand, its exponent left out. */
export function digitsOf(f: DfpFormat, a: bigint): { readonly negative: boolean; readonly digits: bigint } {
  const { negative, significand } = decode(f, a);
  return { negative, digits: significand };
}
