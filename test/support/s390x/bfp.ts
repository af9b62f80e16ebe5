/** Binary floating-point operands for tests: interesting bit patterns, and exact values as rationals. */

import { type BfpFormat, decode, infinity, largest, signBit } from '../../../src/soft-float/format.ts';

/** A rational number; the denominator is positive. */
export interface Rational {
  readonly n: bigint;
  readonly d: bigint;
}

/** The exact value of a finite number. */
export function rationalOf(f: BfpFormat, bits: bigint): Rational {
  const { kind, negative, significand, exponent } = decode(f, bits);
  if (kind !== 'zero' && kind !== 'finite') throw new Error('not finite');
  const n = negative ? -significand : significand;
  return exponent >= 0 ? { n: n << BigInt(exponent), d: 1n } : { n, d: 1n << BigInt(-exponent) };
}

export const add = (a: Rational, b: Rational): Rational => ({ n: a.n * b.d + b.n * a.d, d: a.d * b.d });
export const multiply = (a: Rational, b: Rational): Rational => ({ n: a.n * b.n, d: a.d * b.d });
export const divide = (a: Rational, b: Rational): Rational =>
  b.n < 0n ? { n: -a.n * b.d, d: a.d * -b.n } : { n: a.n * b.d, d: a.d * b.n };
/** Sign of a - b. */
export function order(a: Rational, b: Rational): number {
  const difference = a.n * b.d - b.n * a.d;
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

const magnitudes = new WeakMap<BfpFormat, readonly bigint[]>();

/** Magnitudes at which something happens: zeros, subnormals, the ends of the range, integers, infinities, NaNs. */
function special(f: BfpFormat): readonly bigint[] {
  const known = magnitudes.get(f);
  if (known !== undefined) return known;
  const fraction = BigInt(f.precision - 1);
  const power = (e: number): bigint => BigInt(e + f.emax) << fraction;
  const inf = infinity(f, false);
  const made = [
    0n,
    1n,
    2n,
    (1n << fraction) - 1n,
    1n << fraction,
    (1n << fraction) + 1n,
    largest(f, false),
    inf,
    inf | 1n,
    inf | (1n << (fraction - 1n)),
    inf | (3n << (fraction - 2n)) | 5n,
    ...[-f.emax + 2, -f.precision, -2, -1, 0, 1, 2, 23, 24, 31, 32, 52, 53, 62, 63, 64, f.emax - 1, f.emax].flatMap(
      (e) => [power(e), power(e) + 1n, power(e) - 1n, power(e) | (1n << (fraction - 1n))],
    ),
  ];
  magnitudes.set(f, made);
  return made;
}

/** Draws operands: special ones, numbers with few bits, numbers near another, and any bit patterns. */
export class Operands {
  readonly #words: () => number;
  #last = 0n;

  constructor(words: () => number) {
    this.#words = words;
  }

  #bits(count: number): bigint {
    let value = 0n;
    for (let i = 0; i < count; i += 32) value = (value << 32n) | BigInt(this.#words());
    return BigInt.asUintN(count, value);
  }

  /** A number below `limit`. */
  below(limit: number): number {
    return this.#words() % limit;
  }

  /** A bit pattern of the format. */
  draw(f: BfpFormat): bigint {
    this.#last = this.#draw(f);
    return this.#last;
  }

  #draw(f: BfpFormat): bigint {
    const sign = signBit(f, this.below(2) === 1);
    const fraction = BigInt(f.precision - 1);
    const kinds = special(f);
    switch (this.below(6)) {
      case 0:
        return sign | (kinds[this.below(kinds.length)] ?? 0n);
      case 1: {
        const kept = BigInt(this.below(f.precision - 1));
        const exponent = BigInt(f.emax - 8 + this.below(17));
        return sign | (exponent << fraction) | ((this.#bits(f.precision - 1) >> kept) << kept);
      }
      case 2:
        return BigInt.asUintN(f.width, (this.#last ^ sign) + BigInt(this.below(7) - 3));
      case 3: {
        const exponent = BigInt(f.emax - f.precision + this.below(2 * f.precision));
        return sign | (exponent << fraction) | this.#bits(f.precision - 1);
      }
      default:
        return this.#bits(f.width);
    }
  }
}
