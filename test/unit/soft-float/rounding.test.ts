import { describe, expect, test } from 'vitest';
import * as soft from '../../../src/soft-float/arithmetic.ts';
import { convert, fromInteger, integerRanges, toInteger, toIntegral } from '../../../src/soft-float/convert.ts';
import { type Environment, type Outcome, type Rounding, rounding } from '../../../src/soft-float/environment.ts';
import {
  type BfpFormat,
  decode,
  extended,
  infinity,
  largest,
  long,
  short,
  signBit,
} from '../../../src/soft-float/format.ts';
import { add, divide, multiply, Operands, order, type Rational, rationalOf } from '../../support/s390x/bfp.ts';
import { randomWords } from '../../support/seed.ts';

const methods = Object.values(rounding);
const quiet = (method: Rounding): Environment => ({ masks: 0, rounding: method, inexactSuppressed: false });

/**
 * The value and flags that a nonzero exact result must get, found another way: the greatest bit pattern not above the
 * magnitude by bisection, and a choice between it and the next one.
 */
function oracle(f: BfpFormat, method: Rounding, exact: Rational): Outcome {
  const negative = exact.n < 0n;
  const magnitude: Rational = { n: negative ? -exact.n : exact.n, d: exact.d };
  const max = largest(f, false);
  let low = 0n;
  let high = max + 1n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (order(rationalOf(f, middle), magnitude) <= 0) low = middle;
    else high = middle;
  }
  const below = rationalOf(f, low);
  const inexact = order(below, magnitude) !== 0;
  const leastNormal = 1n << BigInt(f.precision - 1);
  const tiny = order(magnitude, rationalOf(f, leastNormal)) < 0;
  // The step behind the largest number is as wide as the one before it.
  const above =
    low === max
      ? add(below, add(below, { n: -rationalOf(f, max - 1n).n, d: rationalOf(f, max - 1n).d }))
      : rationalOf(f, low + 1n);
  const side = order(add(magnitude, magnitude), add(below, above));
  const up = inexact && takesNext(method, negative, side, low);
  const beyond = low === max && order(magnitude, above) >= 0;
  const overflow = (low === max && up) || beyond;
  const sign = signBit(f, negative);
  if (overflow) {
    const infinite =
      method === rounding.nearestEven ||
      method === rounding.nearestAway ||
      method === rounding.nearestTowardZero ||
      method === rounding.awayFromZero ||
      method === (negative ? rounding.down : rounding.up);
    return { value: sign | (infinite ? infinity(f, false) : max), flags: 0x28, dxc: 0 };
  }
  return { value: sign | (low + (up ? 1n : 0n)), flags: inexact ? (tiny ? 0x18 : 0x08) : 0, dxc: 0 };
}

function takesNext(method: Rounding, negative: boolean, side: number, low: bigint): boolean {
  switch (method) {
    case rounding.nearestEven:
      return side > 0 || (side === 0 && (low & 1n) === 1n);
    case rounding.nearestAway:
      return side >= 0;
    case rounding.nearestTowardZero:
      return side > 0;
    case rounding.awayFromZero:
      return true;
    case rounding.towardZero:
      return false;
    case rounding.up:
      return !negative;
    case rounding.down:
      return negative;
    case rounding.shorter:
      return (low & 1n) === 0n;
  }
}

function isFiniteNumber(f: BfpFormat, bits: bigint): boolean {
  const { kind } = decode(f, bits);
  return kind === 'finite' || kind === 'zero';
}

const rounds = { short: 400, long: 150, extended: 12 } as const;

describe.each([short, long, extended])('$name results of all rounding methods are those of exact rationals', (f) => {
  const operands = new Operands(randomWords(f.width));
  const draw = (): bigint => {
    for (;;) {
      const bits = operands.draw(f);
      if (isFiniteNumber(f, bits)) return bits;
    }
  };
  test.each([
    ['add', soft.add, (a, b) => add(rationalOf(f, a), rationalOf(f, b))],
    ['subtract', soft.subtract, (a, b) => add(rationalOf(f, a), multiply(rationalOf(f, b), { n: -1n, d: 1n }))],
    ['multiply', soft.multiply, (a, b) => multiply(rationalOf(f, a), rationalOf(f, b))],
    ['divide', soft.divide, (a, b) => divide(rationalOf(f, a), rationalOf(f, b))],
  ] satisfies [string, typeof soft.add, (a: bigint, b: bigint) => Rational][])('%s', (name, operation, exact) => {
    let compared = 0;
    for (let i = 0; i < rounds[f.name]; i++) {
      const [a, b] = [draw(), draw()];
      if (name === 'divide' && decode(f, b).kind === 'zero') continue;
      const wanted = exact(a, b);
      if (wanted.n === 0n) continue;
      for (const method of methods) {
        const label = `${a.toString(16)} ${b.toString(16)} method ${method}`;
        expect({ label, ...operation(f, quiet(method), a, b) }).toEqual({ label, ...oracle(f, method, wanted) });
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(0);
  });
  test('multiply and add rounds once', () => {
    for (let i = 0; i < rounds[f.name]; i++) {
      const [a, b, c] = [draw(), draw(), draw()];
      const wanted = add(multiply(rationalOf(f, a), rationalOf(f, b)), rationalOf(f, c));
      if (wanted.n === 0n) continue;
      for (const method of methods) {
        const label = `${a.toString(16)} ${b.toString(16)} ${c.toString(16)} method ${method}`;
        const outcome = soft.multiplyAdd(f, quiet(method), a, b, c, false);
        expect({ label, ...outcome }).toEqual({ label, ...oracle(f, method, wanted) });
      }
    }
  });
  test('square root: the root of the result lies between its neighbours', () => {
    for (let i = 0; i < rounds[f.name]; i++) {
      const a = BigInt.asUintN(f.width - 1, draw());
      if (a === 0n) continue;
      const cut = soft.squareRoot(f, quiet(rounding.towardZero), a);
      const low = rationalOf(f, cut.value);
      const high = rationalOf(f, cut.value + 1n);
      expect(order(multiply(low, low), rationalOf(f, a))).toBe(cut.flags === 0 ? 0 : -1);
      expect(order(multiply(high, high), rationalOf(f, a))).toBe(1);
      const middle = { n: low.n * high.d + high.n * low.d, d: 2n * low.d * high.d };
      const side = order(rationalOf(f, a), multiply(middle, middle));
      const nearest = soft.squareRoot(f, quiet(rounding.nearestEven), a);
      expect(nearest.value).toBe(side > 0 ? cut.value + 1n : cut.value);
      expect(soft.squareRoot(f, quiet(rounding.up), a).value).toBe(cut.flags === 0 ? cut.value : cut.value + 1n);
      expect(soft.squareRoot(f, quiet(rounding.shorter), a).value).toBe(cut.flags === 0 ? cut.value : cut.value | 1n);
    }
  });
  test('conversions to narrower formats and from integers', () => {
    for (let i = 0; i < rounds[f.name]; i++) {
      const a = draw();
      const integer = BigInt.asIntN(64, a ^ (a << 7n));
      for (const method of methods) {
        for (const to of [short, long]) {
          if (to.width >= f.width || rationalOf(f, a).n === 0n) continue;
          const { inSourceFormat, ...outcome } = convert(f, to, quiet(method), a);
          expect(inSourceFormat).toBe(false);
          expect(outcome).toEqual(oracle(to, method, rationalOf(f, a)));
        }
        if (integer !== 0n)
          expect(fromInteger(f, quiet(method), integer)).toEqual(oracle(f, method, { n: integer, d: 1n }));
      }
    }
  });
  test('integers: the value, a format integer, and a fixed-point integer agree', () => {
    for (let i = 0; i < rounds[f.name]; i++) {
      const a = draw();
      const { n, d } = rationalOf(f, a);
      const floor = n >= 0n ? n / d : -((-n + d - 1n) / d);
      const ceiling = n % d === 0n ? floor : floor + 1n;
      const wanted = new Map<Rounding, bigint>([
        [rounding.down, floor],
        [rounding.up, ceiling],
        [rounding.towardZero, n < 0n ? ceiling : floor],
        [rounding.shorter, (floor & 1n) === 1n ? floor : ceiling],
      ]);
      for (const [method, integer] of wanted) {
        const whole = n % d === 0n ? n / d : integer;
        const outcome = toIntegral(f, quiet(method), a);
        expect(rationalOf(f, outcome.value).n).toBe(whole * rationalOf(f, outcome.value).d);
        expect(outcome.flags).toBe(n % d === 0n ? 0 : 8);
        const fixed = toInteger(f, quiet(method), a, integerRanges.fixed64);
        const fits = whole >= -(1n << 63n) && whole < 1n << 63n;
        expect(fixed.value).toBe(fits ? whole : whole < 0n ? -(1n << 63n) : (1n << 63n) - 1n);
        expect(fixed.cc).toBe(fits ? (n === 0n ? 0 : n < 0n ? 1 : 2) : 3);
        expect(fixed.flags).toBe(fits ? outcome.flags : 0x88);
      }
    }
  });
});

test('long sums, products, quotients and roots are those of the host', () => {
  const operands = new Operands(randomWords(7));
  const view = new DataView(new ArrayBuffer(8));
  const number = (bits: bigint): number => {
    view.setBigUint64(0, bits);
    return view.getFloat64(0);
  };
  const near = quiet(rounding.nearestEven);
  for (let i = 0; i < 3000; i++) {
    const [a, b] = [operands.draw(long), operands.draw(long)];
    const [x, y] = [number(a), number(b)];
    for (const [outcome, host] of [
      [soft.add(long, near, a, b), x + y],
      [soft.subtract(long, near, a, b), x - y],
      [soft.multiply(long, near, a, b), x * y],
      [soft.divide(long, near, a, b), x / y],
      [soft.squareRoot(long, near, a), Math.sqrt(x)],
    ] as const) {
      const got = number(outcome.value);
      expect([a.toString(16), b.toString(16), got]).toEqual([a.toString(16), b.toString(16), host]);
    }
  }
});
