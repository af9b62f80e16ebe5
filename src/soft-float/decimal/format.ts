/** The decimal formats (PoP, "DFP Data Formats"): values as bit patterns, and what they stand for. */

import { decletOfNumber, numberOfDeclet } from './declet.ts';

/** A decimal floating-point format. */
export interface DfpFormat {
  readonly name: 'short' | 'long' | 'extended';
  /** Bits of the whole. */
  readonly width: number;
  /** Decimal digits of the significand. */
  readonly precision: number;
  /** Largest exponent of a finite number that stands as d.ddd; the smallest normal one is 1 - emax. */
  readonly emax: number;
  /** Bits of the combination field. */
  readonly combination: number;
  /** Powers of ten by which trapped overflow and underflow are scaled. */
  readonly alpha: number;
  /** The same for rounding from this format to a shorter one. */
  readonly roundingAlpha: number;
}

export const short: DfpFormat = {
  name: 'short',
  width: 32,
  precision: 7,
  emax: 96,
  combination: 11,
  alpha: 144,
  roundingAlpha: 0,
};
export const long: DfpFormat = {
  name: 'long',
  width: 64,
  precision: 16,
  emax: 384,
  combination: 13,
  alpha: 576,
  roundingAlpha: 192,
};
export const extended: DfpFormat = {
  name: 'extended',
  width: 128,
  precision: 34,
  emax: 6144,
  combination: 17,
  alpha: 9216,
  roundingAlpha: 3072,
};

/** What an operand is; a finite one has the magnitude `significand * 10 ** quantum`. */
export interface Operand {
  readonly kind: 'finite' | 'infinity' | 'qnan' | 'snan';
  readonly negative: boolean;
  /** Digits as an integer; those behind the first one where it is no number. */
  readonly significand: bigint;
  readonly quantum: number;
}

/** Exponent of the last place of a number of the least exponent. */
export function leastQuantum(f: DfpFormat): number {
  return 2 - f.emax - f.precision;
}
/** The largest one. */
export function largestQuantum(f: DfpFormat): number {
  return f.emax - f.precision + 1;
}
/** The exponent that is added to make one without a sign. */
export function bias(f: DfpFormat): number {
  return -leastQuantum(f);
}

/** Bits of the trailing significand: whole declets. */
function trailingBits(f: DfpFormat): number {
  return f.width - 1 - f.combination;
}

const powers: readonly bigint[] = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i));

/** 10 to the power of a number that is not negative. */
export function power(exponent: number): bigint {
  return powers[exponent] ?? 10n ** BigInt(exponent);
}

/** Number of decimal digits, of which zero has none. */
export function digitCount(value: bigint): number {
  return value === 0n ? 0 : value.toString().length;
}

function trailing(f: DfpFormat, bits: bigint): bigint {
  let value = 0n;
  for (let at = trailingBits(f) - 10; at >= 0; at -= 10) {
    value = value * 1000n + BigInt(numberOfDeclet[Number((bits >> BigInt(at)) & 1023n)] ?? 0);
  }
  return value;
}

function trailingOf(f: DfpFormat, digits: bigint): bigint {
  let bits = 0n;
  let rest = digits;
  for (let at = 0; at < trailingBits(f); at += 10) {
    bits |= BigInt(decletOfNumber[Number(rest % 1000n)] ?? 0) << BigInt(at);
    rest /= 1000n;
  }
  return bits;
}

/** Takes a bit pattern apart. */
export function decode(f: DfpFormat, bits: bigint): Operand {
  const negative = bits >> BigInt(f.width - 1) === 1n;
  const combination = Number(BigInt.asUintN(f.combination, bits >> BigInt(trailingBits(f))));
  const continuation = f.combination - 5;
  const first = combination >> continuation;
  const digits = trailing(f, bits);
  if (first >= 30) {
    const signaling = ((combination >> (continuation - 1)) & 1) === 1;
    const kind = first === 30 ? 'infinity' : signaling ? 'snan' : 'qnan';
    return { kind, negative, significand: digits, quantum: 0 };
  }
  // Two bits of the exponent and a digit: 0 to 7, or 8 and 9 where the exponent's bits would be ones.
  const isLarge = first >= 24;
  const digit = isLarge ? 8 + (first & 1) : first & 7;
  const exponent =
    ((isLarge ? (first >> 1) & 3 : first >> 3) << continuation) | (combination & ((1 << continuation) - 1));
  return {
    kind: 'finite',
    negative,
    significand: BigInt(digit) * power(f.precision - 1) + digits,
    quantum: exponent - bias(f),
  };
}

/** The sign bit when `negative`. */
export function signBit(f: DfpFormat, negative: boolean): bigint {
  return negative ? 1n << BigInt(f.width - 1) : 0n;
}

/** The bit pattern of a finite number in range. */
export function encode(f: DfpFormat, negative: boolean, significand: bigint, quantum: number): bigint {
  const top = power(f.precision - 1);
  const digit = Number(significand / top);
  const exponent = quantum + bias(f);
  const continuation = f.combination - 5;
  const high = exponent >> continuation;
  const first = digit > 7 ? 24 | (high << 1) | (digit & 1) : (high << 3) | digit;
  const combination = (first << continuation) | (exponent & ((1 << continuation) - 1));
  return signBit(f, negative) | (BigInt(combination) << BigInt(trailingBits(f))) | trailingOf(f, significand % top);
}

const specials = { infinity: 0b111100, qnan: 0b111110, snan: 0b111111 } as const;

/** The bit pattern of what is no finite number, with digits behind the first one. */
export function special(f: DfpFormat, kind: keyof typeof specials, negative: boolean, digits = 0n): bigint {
  const combination = BigInt(specials[kind]) << BigInt(f.combination - 6);
  return signBit(f, negative) | (combination << BigInt(trailingBits(f))) | trailingOf(f, digits);
}

/** A zero of the quantum that is nearest to `quantum`. */
export function zero(f: DfpFormat, negative: boolean, quantum: number): bigint {
  return encode(f, negative, 0n, inRange(f, quantum));
}

/** The quantum of the format that is nearest to `quantum`. */
export function inRange(f: DfpFormat, quantum: number): number {
  return Math.min(Math.max(quantum, leastQuantum(f)), largestQuantum(f));
}

/** The largest finite number. */
export function largest(f: DfpFormat, negative: boolean): bigint {
  return encode(f, negative, power(f.precision) - 1n, largestQuantum(f));
}

/** The NaN that an invalid operation gives: positive, quiet, without payload. */
export function defaultNan(f: DfpFormat): bigint {
  return special(f, 'qnan', false);
}

/** True for a NaN of either kind. */
export function isNan(a: Operand): boolean {
  return a.kind === 'qnan' || a.kind === 'snan';
}

/** True for a number that is zero. */
export function isZero(a: Operand): boolean {
  return a.kind === 'finite' && a.significand === 0n;
}
