/** Extended operands against the exact arithmetic, whatever path they take. */

import { describe, expect, test } from 'vitest';
import { add, subtract } from '../../../../src/soft-float/arithmetic.ts';
import { signCondition } from '../../../../src/soft-float/compare.ts';
import { convert, fromInteger } from '../../../../src/soft-float/convert.ts';
import { type Environment, type Outcome, rounding } from '../../../../src/soft-float/environment.ts';
import { type BfpFormat, extended, long, short } from '../../../../src/soft-float/format.ts';
import { Operands } from '../../../support/s390x/bfp.ts';
import { encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';
import { AFP, bench } from './vector.ts';

const brm = [rounding.nearestEven, rounding.towardZero, rounding.up, rounding.down] as const;
const fpcs = [0, 0, 0x80000, 0x80000, 0x80000, 1, 0x80002, 0x80003, 0x0800_0000, 0x1008_0000, 0xf800_0000] as const;
const count = 1200;

const environmentOf = (fpc: number): Environment => ({
  masks: fpc >>> 24,
  rounding: brm[fpc & 3] ?? rounding.nearestEven,
  inexactSuppressed: false,
});
const pair = (bits: bigint, r: number) => ({ [r]: bits >> 64n, [r + 2]: BigInt.asUintN(64, bits) });
const powers = 1n << 112n;

/** A number, and one that is near it, or near in size to a part of it that rounding looks at. */
function two(operands: Operands): readonly [bigint, bigint] {
  const a = operands.draw(extended);
  const sign = BigInt(operands.below(2)) << 127n;
  const step = BigInt(operands.below(5) - 2) << BigInt(operands.below(116));
  const lower = a - BigInt(operands.below(132)) * powers;
  const fraction = operands.draw(extended) % powers;
  const b = [
    operands.draw(extended),
    a + step,
    lower,
    (lower & ~(powers - 1n)) + fraction,
    (lower & ~(powers - 1n)) + step,
  ];
  const [x, y] = [a, BigInt.asUintN(128, (b[operands.below(b.length)] ?? 0n) ^ sign)];
  return operands.below(2) === 0 ? [x, y] : [y, x];
}

function wantedOf(outcome: Outcome, fpc: number, old: bigint, cc: number, ccThen: number) {
  const { dxc, flags } = outcome;
  const suppressed = dxc >= 0x40;
  return {
    result: (suppressed ? old : outcome.value).toString(16),
    fpc: ((((fpc | (flags << 16)) & ~(dxc === 0 ? 0 : 0xff00)) | (dxc << 8)) >>> 0).toString(16),
    dxc: dxc === 0 ? undefined : dxc,
    cc: suppressed ? cc : ccThen,
  };
}

test.each([
  ['AXBR', add],
  ['SXBR', subtract],
] as const)('%s', (mnemonic, operation) => {
  const operands = new Operands(randomWords(70));
  for (let i = 0; i < count; i++) {
    const [a, b] = two(operands);
    const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
    const code = [encode(mnemonic, { r1: 1, r2: 4 })];
    const out = bench.run({ code, cr: AFP, fpr: { ...pair(a, 1), ...pair(b, 4) }, fpc, cc: 3 });
    const outcome = operation(extended, environmentOf(fpc), a, b);
    const got = {
      result: (((out.fpr[1] ?? 0n) << 64n) | (out.fpr[3] ?? 0n)).toString(16),
      fpc: out.fpc.toString(16),
      dxc: out.pgm?.dxc,
      cc: out.cc,
    };
    expect(got, `${a.toString(16)} ${b.toString(16)} fpc ${fpc.toString(16)}`).toEqual(
      wantedOf(outcome, fpc, a, 3, signCondition(extended, outcome.value)),
    );
  }
});

describe.each([
  ['LDXBRA', long],
  ['LEXBRA', short],
] as const)('%s', (mnemonic, to: BfpFormat) => {
  test.each([0, 5])('with M3 = %i', (m3) => {
    const operands = new Operands(randomWords(71));
    const lost = BigInt(113 - to.precision);
    for (let i = 0; i < count; i++) {
      // In the range of the format and beside it, with nothing, a half and nearly a half lost.
      const drawn = operands.draw(extended);
      const exponent = BigInt(16383 - to.emax - 4 + operands.below(2 * to.emax + 8)) << 112n;
      const kept = ((drawn % powers) >> lost) << lost;
      const rest = [0n, 1n, 1n << (lost - 1n), (1n << (lost - 1n)) - 1n, drawn % (1n << lost)][operands.below(5)] ?? 0n;
      const near = exponent + kept + rest + (BigInt(operands.below(2)) << 127n);
      const a = operands.below(4) === 0 ? drawn : near;
      const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
      const old = 0x1122_3344_5566_7788n;
      const code = [encode(mnemonic, { r1: 1, r2: 4, m3 })];
      const out = bench.run({ code, cr: AFP, fpr: { 1: old, 3: old, ...pair(a, 4) }, fpc, cc: 2 });
      const env = environmentOf(fpc);
      const outcome = convert(extended, to, m3 === 0 ? env : { ...env, rounding: rounding.towardZero }, a);
      const label = `${a.toString(16)} fpc ${fpc.toString(16)}`;
      const both = ((out.fpr[1] ?? 0n) << 64n) | (out.fpr[3] ?? 0n);
      const plain = outcome.inSourceFormat === true ? outcome.value : outcome.value << (to === long ? 64n : 96n);
      const mask = outcome.inSourceFormat === true ? 0n : (1n << (to === long ? 64n : 96n)) - 1n;
      const before = (old << 64n) | old;
      const wanted = { ...outcome, value: plain | (before & mask) };
      const got = { result: both.toString(16), fpc: out.fpc.toString(16), dxc: out.pgm?.dxc, cc: out.cc };
      expect(got, label).toEqual(wantedOf(wanted, fpc, before, 2, 2));
    }
  });
});

test.each([
  ['CXGBRA', 64, true],
  ['CXLGBR', 64, false],
  ['CXFBRA', 32, true],
  ['CXLFBR', 32, false],
] as const)('%s', (mnemonic, bits, signed) => {
  const operands = new Operands(randomWords(72));
  for (let i = 0; i < count; i++) {
    const shift = BigInt(operands.below(65));
    const kinds = [operands.draw(long) >> shift, (1n << shift) - BigInt(operands.below(3)), -(1n << shift)];
    const source = BigInt.asUintN(64, kinds[operands.below(3)] ?? 0n);
    const value = signed ? BigInt.asIntN(bits, source) : BigInt.asUintN(bits, source);
    const out = bench.run({ code: [encode(mnemonic, { r1: 1, r2: 3 })], cr: AFP, gr: { 3: source } });
    const got = ((out.fpr[1] ?? 0n) << 64n) | (out.fpr[3] ?? 0n);
    expect([value, got.toString(16), out.fpc]).toEqual([
      value,
      fromInteger(extended, environmentOf(0), value).value.toString(16),
      0,
    ]);
  }
});
