/**
 * Elliptic curves of the message-security assist: points and their multiples. Numbers are big integers, and a point at infinity
 * is no `Point`. Nothing here takes the same time for all operands: a guest's keys are no secret of this process.
 */

/** A point in affine coordinates. */
export interface Point {
  readonly x: bigint;
  readonly y: bigint;
}

/** A curve whose points can be multiplied. */
export interface Curve {
  /** The field's prime. */
  readonly prime: bigint;
  /** True for a point of the curve. */
  contains(point: Point): boolean;
  /** The sum of `terms`; undefined when it is no affine point. */
  sum(...terms: readonly (readonly [scalar: bigint, point: Point])[]): Point | undefined;
}

/** A curve of NIST's with its base point and that one's order (SP 800-186, 3.2.1). */
export interface SigningCurve extends Curve {
  readonly order: bigint;
  readonly base: Point;
}

/** The least non-negative residue. */
export function modulo(value: bigint, modulus: bigint): bigint {
  const rest = value % modulus;
  return rest < 0n ? rest + modulus : rest;
}

/** The inverse of a number that is not 0, by Euclid's algorithm. */
export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulo(value, modulus), modulus, 1n, 0n];
  while (a > 1n) {
    const quotient = b / a;
    [a, b, x, y] = [b - quotient * a, a, y - quotient * x, x];
  }
  return modulo(x, modulus);
}

/** Projective coordinates: x is X/Z, y is Y/Z. */
type Projective = readonly [x: bigint, y: bigint, z: bigint];

// Doublings from the left, all terms at a time; `add` is complete, so that no case is special.
function multiply(
  terms: readonly (readonly [scalar: bigint, point: Point])[],
  neutral: Projective,
  add: (a: Projective, b: Projective) => Projective,
): Projective {
  const width = Math.max(...terms.map(([scalar]) => scalar.toString(2).length));
  const bits = terms.map(([scalar, { x, y }]) => ({
    digits: scalar.toString(2).padStart(width, '0'),
    point: [x, y, 1n] as const,
  }));
  let sum = neutral;
  for (let i = 0; i < width; i++) {
    sum = add(sum, sum);
    for (const { digits, point } of bits) if (digits[i] === '1') sum = add(sum, point);
  }
  return sum;
}

function affine([x, y, z]: Projective, prime: bigint): Point | undefined {
  if (z === 0n) return undefined;
  const scale = inverse(z, prime);
  return { x: (x * scale) % prime, y: (y * scale) % prime };
}

/** y² = x³ - 3x + b, with the complete addition of Renes, Costello and Batina (2015). */
function weierstrass(prime: bigint, b: bigint, order: bigint, base: Point): SigningCurve {
  const add = ([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): Projective => {
    const [xx, yy, zz] = [(x1 * x2) % prime, (y1 * y2) % prime, (z1 * z2) % prime];
    const xy = (x1 * y2 + x2 * y1) % prime;
    const yz = (y1 * z2 + y2 * z1) % prime;
    const xz = (x1 * z2 + x2 * z1) % prime;
    const u = (3n * (xz - b * zz)) % prime;
    const v = (3n * (xx - zz)) % prime;
    const w = (3n * (b * xz - 3n * zz - xx)) % prime;
    const [less, more] = [yy + u, yy - u];
    return [modulo(less * xy - yz * w, prime), modulo(more * less + v * w, prime), modulo(yz * more + xy * v, prime)];
  };
  return {
    prime,
    order,
    base,
    contains: ({ x, y }) => x < prime && y < prime && modulo(y * y - x * x * x + 3n * x - b, prime) === 0n,
    sum: (...terms) => affine(multiply(terms, [0n, 1n, 0n], add), prime),
  };
}

/** ax² + y² = 1 + dx²y², whose addition is complete (RFC 8032, 5.1.4 and 5.2.4). */
function edwards(prime: bigint, a: bigint, d: bigint): Curve {
  const add = ([x1, y1, z1]: Projective, [x2, y2, z2]: Projective): Projective => {
    const z = (z1 * z2) % prime;
    const [square, c, e] = [(z * z) % prime, (x1 * x2) % prime, (y1 * y2) % prime];
    const product = (((d * c) % prime) * e) % prime;
    const [f, g] = [square - product, square + product];
    const cross = ((x1 + y1) * (x2 + y2) - c - e) % prime;
    return [
      modulo(((z * f) % prime) * cross, prime),
      modulo(((z * g) % prime) * (e - a * c), prime),
      modulo(f * g, prime),
    ];
  };
  return {
    prime,
    contains: ({ x, y }) => {
      if (x >= prime || y >= prime) return false;
      const [xx, yy] = [x * x, y * y];
      return modulo(a * xx + yy - 1n - d * xx * yy, prime) === 0n;
    },
    sum: (...terms) => affine(multiply(terms, [0n, 1n, 1n], add), prime),
  };
}

/** A curve on which only one coordinate counts (RFC 7748, 5): y² = x³ + ax² + x, `quarter` being (a - 2) / 4. */
export interface Montgomery {
  readonly prime: bigint;
  readonly quarter: bigint;
  /** Bits that a scalar has at most. */
  readonly bits: number;
}

/** The coordinate of the multiple of a point, 0 for the one at infinity. */
export function montgomeryMultiple({ prime, quarter, bits }: Montgomery, scalar: bigint, u: bigint): bigint {
  let [x2, z2, x3, z3] = [1n, 0n, u, 1n];
  let swapped = false;
  for (let i = bits - 1; i >= 0; i--) {
    const bit = ((scalar >> BigInt(i)) & 1n) === 1n;
    if (bit !== swapped) [x2, z2, x3, z3] = [x3, z3, x2, z2];
    swapped = bit;
    const [a, b] = [x2 + z2, x2 - z2];
    const [aa, bb] = [(a * a) % prime, (b * b) % prime];
    const e = aa - bb;
    const [da, cb] = [((x3 - z3) * a) % prime, ((x3 + z3) * b) % prime];
    x3 = (da + cb) ** 2n % prime;
    z3 = (u * ((da - cb) ** 2n % prime)) % prime;
    x2 = modulo(aa * bb, prime);
    z2 = modulo(e * (aa + quarter * e), prime);
  }
  const [x, z] = swapped ? [x3, z3] : [x2, z2];
  return modulo(z, prime) === 0n ? 0n : modulo(x * inverse(z, prime), prime);
}

export const p256 = weierstrass(
  2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n,
  0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn,
  0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  {
    x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
    y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
  },
);
export const p384 = weierstrass(
  2n ** 384n - 2n ** 128n - 2n ** 96n + 2n ** 32n - 1n,
  0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aefn,
  0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
  {
    x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
    y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
  },
);
export const p521 = weierstrass(
  2n ** 521n - 1n,
  0x51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00n,
  0x1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n,
  {
    x: 0xc6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66n,
    y: 0x11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650n,
  },
);

const prime25519 = 2n ** 255n - 19n;
const prime448 = 2n ** 448n - 2n ** 224n - 1n;
export const ed25519 = edwards(prime25519, -1n, modulo(-121665n * inverse(121666n, prime25519), prime25519));
export const ed448 = edwards(prime448, 1n, -39081n);
export const x25519: Montgomery = { prime: prime25519, quarter: 121665n, bits: 256 };
export const x448: Montgomery = { prime: prime448, quarter: 39081n, bits: 448 };
