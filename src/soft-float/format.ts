/** The binary formats (PoP, "Floating-Point Data Formats"): values as bit patterns, and what they stand for. */

/** A binary floating-point format. */
export interface BfpFormat {
  readonly name: 'short' | 'long' | 'extended';
  /** Bits of the whole. */
  readonly width: number;
  /** Bits of the significand, the implied one included. */
  readonly precision: number;
  /** Largest exponent of a finite number whose significand stands as 1.xxx; the smallest normal one is 1 - emax. */
  readonly emax: number;
  /** Exponent adjustment of trapped overflow and underflow. */
  readonly alpha: number;
  /** The same for LOAD ROUNDED from this format. */
  readonly roundingAlpha: number;
}

export const short: BfpFormat = { name: 'short', width: 32, precision: 24, emax: 127, alpha: 192, roundingAlpha: 0 };
export const long: BfpFormat = { name: 'long', width: 64, precision: 53, emax: 1023, alpha: 1536, roundingAlpha: 512 };
export const extended: BfpFormat = {
  name: 'extended',
  width: 128,
  precision: 113,
  emax: 16383,
  alpha: 24576,
  roundingAlpha: 8192,
};

/** What an operand is; a finite nonzero number has the magnitude `significand * 2 ** exponent`. */
export interface Operand {
  readonly kind: 'zero' | 'finite' | 'infinity' | 'qnan' | 'snan';
  readonly negative: boolean;
  readonly significand: bigint;
  readonly exponent: number;
  /** The bit pattern itself. */
  readonly bits: bigint;
}

/** Exponent of the last place of a number of the least exponent. */
export function leastQuantum(f: BfpFormat): number {
  return 2 - f.emax - f.precision;
}

/** Takes a bit pattern apart. */
export function decode(f: BfpFormat, bits: bigint): Operand {
  const fractionBits = BigInt(f.precision - 1);
  const fraction = BigInt.asUintN(f.precision - 1, bits);
  const biased = Number((bits >> fractionBits) & BigInt(2 * f.emax + 1));
  const negative = bits >> BigInt(f.width - 1) === 1n;
  if (biased === 2 * f.emax + 1) {
    const kind = fraction === 0n ? 'infinity' : fraction >> (fractionBits - 1n) === 0n ? 'snan' : 'qnan';
    return { kind, negative, significand: 0n, exponent: 0, bits };
  }
  if (biased === 0) {
    const kind = fraction === 0n ? 'zero' : 'finite';
    return { kind, negative, significand: fraction, exponent: leastQuantum(f), bits };
  }
  const significand = fraction | (1n << fractionBits);
  return { kind: 'finite', negative, significand, exponent: leastQuantum(f) + biased - 1, bits };
}

/** The sign bit when `negative`. */
export function signBit(f: BfpFormat, negative: boolean): bigint {
  return negative ? 1n << BigInt(f.width - 1) : 0n;
}

/**
 * The bit pattern of `significand * 2 ** quantum`. The significand has no more bits than the format, except that it may
 * be the next power of two; it has all of them unless the quantum is the least one.
 */
export function encode(f: BfpFormat, negative: boolean, significand: bigint, quantum: number): bigint {
  const steps = BigInt(quantum - leastQuantum(f));
  return signBit(f, negative) | ((steps << BigInt(f.precision - 1)) + significand);
}

export function infinity(f: BfpFormat, negative: boolean): bigint {
  return signBit(f, negative) | (BigInt(2 * f.emax + 1) << BigInt(f.precision - 1));
}

/** The largest finite number. */
export function largest(f: BfpFormat, negative: boolean): bigint {
  return signBit(f, negative) | ((BigInt(2 * f.emax + 1) << BigInt(f.precision - 1)) - 1n);
}

/** The NaN that an invalid operation gives: positive, quiet, without payload. */
export function defaultNan(f: BfpFormat): bigint {
  return infinity(f, false) | quietBit(f);
}

function quietBit(f: BfpFormat): bigint {
  return 1n << BigInt(f.precision - 2);
}

/** A NaN made quiet. */
export function quieted(f: BfpFormat, bits: bigint): bigint {
  return bits | quietBit(f);
}

/** A NaN in another format, made quiet: sign and leftmost fraction bits stay, zeros are added on the right. */
export function nanAs(from: BfpFormat, to: BfpFormat, nan: Operand): bigint {
  const fraction = BigInt.asUintN(from.precision - 1, nan.bits);
  const more = to.precision - from.precision;
  const moved = more >= 0 ? fraction << BigInt(more) : fraction >> BigInt(-more);
  return quieted(to, infinity(to, nan.negative) | moved);
}

/** Number of bits up to the leftmost one bit of a positive integer. */
export function bitLength(value: bigint): number {
  const near = Number(value);
  if (near < 2 ** 1000) {
    // The logarithm of the rounded value may be one off.
    const guess = Math.floor(Math.log2(near));
    if (value >> BigInt(guess) === 0n) return guess;
    return value >> BigInt(guess + 1) === 0n ? guess + 1 : guess + 2;
  }
  const digits = value.toString(16);
  return digits.length * 4 - Math.clz32(Number.parseInt(digits.charAt(0), 16)) + 28;
}
