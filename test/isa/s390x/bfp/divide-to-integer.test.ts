import { describe, expect, test } from 'vitest';
import { divideToInteger } from '../../../../src/soft-float/divide-to-integer.ts';
import { rounding } from '../../../../src/soft-float/environment.ts';
import { type BfpFormat, decode, long, short } from '../../../../src/soft-float/format.ts';
import { add, divide, multiply, Operands, order, rationalOf } from '../../../support/s390x/bfp.ts';
import { randomWords } from '../../../support/seed.ts';
import { hex, left, run } from './vector.ts';

const float = (value: number): number => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return view.getUint32(0);
};

/** Remainder, quotient, condition code, FPC and DXC of DIEBR. */
function diebr(a: number, b: number, m4 = 0, fpc = 0): [number, number, number, string, number | undefined] {
  const out = run(
    'DIEBR',
    { r1: 1, r3: 3, r2: 2, m4 },
    { fpr: { 1: left(a, 5n), 2: left(b), 3: left(9, 6n) }, fpc, cc: 3 },
  );
  expect([BigInt.asUintN(32, out.fpr[1] ?? 0n), BigInt.asUintN(32, out.fpr[3] ?? 0n)]).toEqual([5n, 6n]);
  const high = (r: number): number => Number((out.fpr[r] ?? 0n) >> 32n);
  return [high(1), high(3), out.cc, out.fpc.toString(16), out.pgm?.dxc];
}

describe('DIVIDE TO INTEGER', () => {
  test('seven by two, each way; an exact remainder is no exception however the quotient was rounded', () => {
    const [seven, two] = [float(7), float(2)];
    expect([1, 3, 4, 5, 6, 7].map((m4) => diebr(seven, two, m4))).toEqual(
      [4, 3, 4, 3, 4, 3].map((q) => [float(7 - 2 * q), float(q), 0, '0', undefined]),
    );
    expect(diebr(seven, two, 0, 3)).toEqual([float(1), float(3), 0, '3', undefined]);
  });
  test('a remainder of zero has the sign of the dividend, a quotient of zero that of the operands together', () => {
    expect(diebr(float(-6), float(3))).toEqual([float(-0), float(-2), 0, '0', undefined]);
    expect(diebr(float(1), float(-4))).toEqual([float(1), float(-0), 0, '0', undefined]);
    expect(diebr(float(-0), float(4))).toEqual([float(-0), float(-0), 0, '0', undefined]);
  });
  test('a divisor of infinity leaves the dividend, tiny or not', () => {
    expect(diebr(1, 0xff80_0000, 6, 0x1000_0000)).toEqual([1, float(-0), 0, '10000000', undefined]);
  });
  test('a quotient of 25 bits is partial: cut, the remainder incomplete', () => {
    // 67108864 / 3 = 22369621.3; the last place of the quotient is 2.
    expect(diebr(float(2 ** 26), float(3))).toEqual([float(4), float(22369620), 2, '0', undefined]);
    expect(diebr(float(2 ** 26), float(-3), 6)).toEqual([float(4), float(-22369620), 2, '0', undefined]);
  });
  test('a large quotient that is exact completes', () => {
    expect(diebr(float(2 ** 100), float(2))).toEqual([0, float(2 ** 99), 0, '0', undefined]);
  });
  test('a quotient out of range is scaled by 2 ** -192, without overflow whatever the masks', () => {
    // 2**127 / 2**-149 = 2**276; -192 leaves 2**84.
    expect(diebr(float(2 ** 127), 1, 0, 0xf800_0000)).toEqual([0, float(2 ** 84), 1, 'f8000000', undefined]);
    const [remainder, quotient, cc] = diebr(float(2 ** 127), 3);
    expect([remainder !== 0, quotient, cc]).toEqual([true, float((2 ** 24 - 1 - (2 ** 24 - 1) / 3) * 2 ** 59), 3]);
  });
  test('a remainder that does not fit is rounded as the FPC says: flag or trap', () => {
    const tiny = float(2 ** -60);
    expect(diebr(tiny, float(1), 6)).toEqual([float(-1), float(1), 0, '80000', undefined]);
    expect(diebr(tiny, float(1), 6, 1)).toEqual([float(-1 + 2 ** -24), float(1), 0, '80001', undefined]);
    expect(diebr(tiny, float(1), 6, 0x0800_0000)).toEqual([float(-1), float(1), 0, '8000c00', 0x0c]);
    expect(diebr(tiny, float(1), 6, 0x0800_0001)).toEqual([float(-1 + 2 ** -24), float(1), 0, '8000801', 0x08]);
  });
  test('a tiny remainder is exact: trapped only, scaled by 2 ** 192', () => {
    expect(diebr(3, 2, 5)).toEqual([1, float(1), 0, '0', undefined]);
    expect(diebr(3, 2, 5, 0x1000_0000)).toEqual([float(2 ** 43), float(1), 0, '10001000', 0x10]);
  });
  test('zero divisors and infinite dividends are invalid; NaNs go to both results', () => {
    const nan = 0x7fc0_0000;
    expect(diebr(float(4), 0)).toEqual([nan, nan, 1, '800000', undefined]);
    expect(diebr(0x7f80_0000, float(2))).toEqual([nan, nan, 1, '800000', undefined]);
    expect(diebr(0x7fc0_0005, 0xff80_0007)).toEqual([0xffc0_0007, 0xffc0_0007, 1, '800000', undefined]);
    expect(diebr(0x7fc0_0005, 0xffc0_0007)).toEqual([0x7fc0_0005, 0x7fc0_0005, 1, '0', undefined]);
    expect(diebr(float(4), 0, 0, 0x8000_0000)).toEqual([float(4), 9, 3, '80008000', 0x80]);
  });
  test.each([
    { r1: 1, r3: 1, r2: 2 },
    { r1: 1, r3: 2, r2: 2 },
    { r1: 2, r3: 3, r2: 2 },
    { r1: 1, r3: 3, r2: 2, m4: 2 },
    { r1: 1, r3: 3, r2: 2, m4: 8 },
  ])('%o: specification exception', (fields) => {
    for (const mnemonic of ['DIEBR', 'DIDBR']) {
      const out = run(mnemonic, fields, { fpr: { 1: 4n, 2: 3n }, cc: 2 });
      expect([out.pgm?.code, out.fpr[1], out.fpr[2], out.cc]).toEqual([6, 4n, 3n, 2]);
    }
  });
  test('DIDBR', () => {
    const out = run(
      'DIDBR',
      { r1: 1, r3: 3, r2: 2 },
      { fpr: { 1: 0x4024_0000_0000_0000n, 2: 0x4010_0000_0000_0000n } },
    );
    expect([hex(out.fpr[1]), hex(out.fpr[3]), out.cc]).toEqual(['4000000000000000', '4000000000000000', 0]);
  });
});

test.each([short, long])('$name: divisor times quotient plus remainder is the dividend', (f: BfpFormat) => {
  const operands = new Operands(randomWords(80 + f.width));
  const env = { masks: 0, rounding: rounding.nearestEven, inexactSuppressed: false };
  let partial = 0;
  for (let i = 0; i < 1500; i++) {
    const [a, b] = [operands.draw(f), operands.draw(f)];
    if (decode(f, a).kind !== 'finite' || decode(f, b).kind !== 'finite') continue;
    const d = divideToInteger(f, env, rounding.towardZero, a, b);
    const scale = (d.cc & 1) === 0 ? 1n : 1n << BigInt(f.alpha);
    const quotient = multiply(rationalOf(f, d.quotient), { n: scale, d: 1n });
    const remainder = rationalOf(f, d.value);
    const again = add(multiply(rationalOf(f, b), quotient), remainder);
    const label = `${a.toString(16)} / ${b.toString(16)}`;
    expect([label, d.flags, d.dxc, order(again, rationalOf(f, a)), quotient.n % quotient.d]).toEqual([
      label,
      0,
      0,
      0,
      0n,
    ]);
    const precise = divide(rationalOf(f, a), rationalOf(f, b));
    const magnitude = precise.n < 0n ? -precise.n / precise.d : precise.n / precise.d;
    const fits = magnitude < 1n << BigInt(f.precision);
    expect([label, (d.cc & 2) === 0]).toEqual([label, fits || remainder.n === 0n]);
    if ((d.cc & 2) !== 0) partial++;
  }
  expect(partial).toBeGreaterThan(20);
});
