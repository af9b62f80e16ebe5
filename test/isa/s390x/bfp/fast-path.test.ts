/** The instructions against the exact arithmetic, whatever path they take: operands at random, several FPC contents. */

import { describe, expect, test } from 'vitest';
import * as soft from '../../../../src/soft-float/arithmetic.ts';
import { compare, signCondition } from '../../../../src/soft-float/compare.ts';
import {
  convert,
  fromInteger,
  integerRanges,
  lengthen,
  toInteger,
  toIntegral,
} from '../../../../src/soft-float/convert.ts';
import { type Environment, type Outcome, rounding } from '../../../../src/soft-float/environment.ts';
import { type BfpFormat, extended, long, short } from '../../../../src/soft-float/format.ts';
import { Operands } from '../../../support/s390x/bfp.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const bench = new Bench();
const AFP = { 0: 0x40000n };
const brm = [rounding.nearestEven, rounding.towardZero, rounding.up, rounding.down, 0, 0, 0, rounding.shorter] as const;
const m3s = [
  undefined,
  rounding.nearestAway,
  undefined,
  rounding.shorter,
  rounding.nearestEven,
  rounding.towardZero,
  rounding.up,
  rounding.down,
] as const;
/** Default; inexact flagged; each with other rounding; single masks. */
const fpcs = [
  0, 0, 0x80000, 0x80000, 0x80000, 1, 0x80002, 0x80003, 7, 0x0800_0000, 0x0808_0000, 0x1008_0000, 0x2000_0000,
  0xf800_0000,
] as const;

type Wanted = Outcome & { readonly cc?: number; readonly inSourceFormat?: boolean };

function environmentOf(fpc: number): Environment {
  return { masks: fpc >>> 24, rounding: brm[fpc & 7] ?? 0, inexactSuppressed: false };
}

/** Bits in the register's place. */
const placed = (f: BfpFormat, bits: bigint): bigint => (f === short ? (bits << 32n) | 0x5a5a_5a5an : bits);
const merged = (f: BfpFormat, old: bigint, bits: bigint): bigint =>
  f === short ? (bits << 32n) | (old & 0xffff_ffffn) : bits;

function expected(fpc: number, to: BfpFormat, old: bigint, cc: number, wanted: Wanted): Record<string, unknown> {
  const { dxc, flags } = wanted;
  const after = (fpc | (flags << 16)) & ~(dxc === 0 ? 0 : 0xff00);
  const suppressed = dxc >= 0x40;
  return {
    result: (suppressed ? old : merged(to, old, wanted.value)).toString(16),
    fpc: ((after | (dxc << 8)) >>> 0).toString(16),
    dxc: dxc === 0 ? undefined : dxc,
    cc: suppressed ? cc : (wanted.cc ?? cc),
  };
}

const count = 250;

/** Runs `count` cases of one instruction that leaves its result in FPR 1. */
function check(
  stream: number,
  mnemonic: string,
  from: BfpFormat,
  to: BfpFormat,
  operation: (env: Environment, a: bigint, b: bigint) => Wanted,
  fields: Readonly<Record<string, number>> = {},
): void {
  const operands = new Operands(randomWords(stream));
  for (let i = 0; i < count; i++) {
    const [a, b] = [operands.draw(from), operands.draw(from)];
    const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
    const old = placed(from, a);
    const out = bench.run({
      code: [encode(mnemonic, { r1: 1, r2: 3, ...fields })],
      cr: AFP,
      fpr: { 1: old, 3: placed(from, b) },
      fpc,
      cc: 3,
    });
    const wanted = operation(environmentOf(fpc), a, b);
    const label = `${a.toString(16)} ${b.toString(16)} fpc ${fpc.toString(16)}`;
    const got = { result: (out.fpr[1] ?? 0n).toString(16), fpc: out.fpc.toString(16), dxc: out.pgm?.dxc, cc: out.cc };
    expect({ label, ...got }).toEqual({
      label,
      ...expected(fpc, wanted.inSourceFormat === true ? from : to, old, 3, wanted),
    });
  }
}

/** Runs fused operations: the addend lies anywhere, near the product, or near a part of it. */
function checkFused(mnemonic: string, f: BfpFormat, minus: boolean): void {
  const operands = new Operands(randomWords(6));
  const near: Environment = { masks: 0, rounding: rounding.nearestEven, inexactSuppressed: false };
  for (let i = 0; i < 4 * count; i++) {
    const [a, b] = [operands.draw(f), operands.draw(f)];
    const product = soft.multiply(f, near, a, b).value;
    const step = BigInt(operands.below(5) - 2) << BigInt(operands.below(f.precision));
    const sign = BigInt(operands.below(2)) << BigInt(f.width - 1);
    const part = BigInt(operands.below(2 * f.precision)) << BigInt(f.precision - 1);
    const c = [operands.draw(f), product + step, product - part + step, product + step][operands.below(4)] ?? 0n;
    const first = BigInt.asUintN(f.width, c ^ sign);
    const fpc = [0, 0x80000, 0x80000, 1][operands.below(4)] ?? 0;
    const old = placed(f, first);
    const out = bench.run({
      code: [encode(mnemonic, { r1: 1, r2: 3, r3: 5 })],
      cr: AFP,
      fpr: { 1: old, 3: placed(f, b), 5: placed(f, a) },
      fpc,
    });
    const label = `${a.toString(16)} ${b.toString(16)} ${first.toString(16)} fpc ${fpc.toString(16)}`;
    const wanted = soft.multiplyAdd(f, environmentOf(fpc), a, b, first, minus);
    const got = { result: (out.fpr[1] ?? 0n).toString(16), fpc: out.fpc.toString(16), dxc: out.pgm?.dxc, cc: out.cc };
    expect({ label, ...got }).toEqual({ label, ...expected(fpc, f, old, 0, wanted) });
  }
}

const withCc = (f: BfpFormat, outcome: Outcome): Wanted => ({ ...outcome, cc: signCondition(f, outcome.value) });

describe.each([
  ['E', short],
  ['D', long],
] as const)('format %s', (letter, f) => {
  test(`A${letter}BR`, () => check(1, `A${letter}BR`, f, f, (env, a, b) => withCc(f, soft.add(f, env, a, b))));
  test(`S${letter}BR`, () => check(2, `S${letter}BR`, f, f, (env, a, b) => withCc(f, soft.subtract(f, env, a, b))));
  const multiply = f === short ? 'MEEBR' : 'MDBR';
  test(multiply, () => check(3, multiply, f, f, (env, a, b) => soft.multiply(f, env, a, b)));
  test(`D${letter}BR`, () => check(4, `D${letter}BR`, f, f, (env, a, b) => soft.divide(f, env, a, b)));
  test(`SQ${letter}BR`, () => check(5, `SQ${letter}BR`, f, f, (env, _, b) => soft.squareRoot(f, env, b)));
  test.each([
    ['MA', false],
    ['MS', true],
  ] as const)(`%s${letter}BR, addends near the product among them`, (letters, minus) =>
    checkFused(`${letters}${letter}BR`, f, minus));
  test.each([0, 1, 3, 4, 5, 6, 7])(`FI${letter}BRA with M3 = %i`, (m3) =>
    check(
      10 + m3,
      `FI${letter}BRA`,
      f,
      f,
      (env, _, b) => toIntegral(f, { ...env, rounding: m3s[m3] ?? env.rounding }, b),
      { m3 },
    ));
  test(`FI${letter}BRA with inexactness suppressed`, () =>
    check(18, `FI${letter}BRA`, f, f, (env, _, b) => toIntegral(f, { ...env, inexactSuppressed: true }, b), { m4: 4 }));
  test.each([
    ['C', false],
    ['K', true],
  ] as const)(`%s${letter}BR`, (which, signals) =>
    check(8, `${which}${letter}BR`, f, f, (env, a, b) => {
      const { cc, invalid } = compare(f, a, b, signals);
      const value = a;
      if (!invalid) return { value, flags: 0, dxc: 0, cc };
      return (env.masks & 0x80) !== 0 ? { value, flags: 0, dxc: 0x80 } : { value, flags: 0x80, dxc: 0, cc };
    }));
});

test('MDEBR', () => check(30, 'MDEBR', short, long, (env, a, b) => soft.multiply(short, env, a, b, long)));
test('LDEBR', () => check(31, 'LDEBR', short, long, (env, _, b) => lengthen(short, long, env, b)));
test.each([0, 1, 3, 4, 5, 6, 7])('LEDBRA with M3 = %i', (m3) =>
  check(
    32 + m3,
    'LEDBRA',
    long,
    short,
    (env, _, b) => {
      return convert(long, short, { ...env, rounding: m3s[m3] ?? env.rounding }, b);
    },
    { m3 },
  ));

test.each([
  ['LXEBR', short],
  ['LXDBR', long],
] as const)('%s', (mnemonic, f) => {
  const operands = new Operands(randomWords(60));
  for (let i = 0; i < count; i++) {
    const a = operands.draw(f);
    const wanted = lengthen(f, extended, environmentOf(0), a);
    const out = bench.run({ code: [encode(mnemonic, { r1: 4, r2: 1 })], cr: AFP, fpr: { 1: placed(f, a) } });
    const got = ((out.fpr[4] ?? 0n) << 64n) | (out.fpr[6] ?? 0n);
    expect([a, got.toString(16), out.fpc]).toEqual([a, wanted.value.toString(16), wanted.flags << 16]);
  }
});

describe('integers', () => {
  const ranges = {
    F: integerRanges.fixed32,
    G: integerRanges.fixed64,
    LF: integerRanges.logical32,
    LG: integerRanges.logical64,
  };
  const cases = (['F', 'G', 'LF', 'LG'] as const).flatMap((target) =>
    (
      [
        ['E', short],
        ['D', long],
      ] as const
    ).map(([letter, f]) => ({ target, letter, f })),
  );
  test.each(cases)('to $target from $letter', ({ target, letter, f }) => {
    const operands = new Operands(randomWords(40 + target.length));
    const suffix = target.startsWith('L') ? '' : 'A';
    for (let i = 0; i < count; i++) {
      const a = operands.draw(f);
      const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
      const m3 = [0, 0, 1, 3, 4, 5, 5, 6, 7][operands.below(9)] ?? 0;
      const env = environmentOf(fpc);
      const wanted = toInteger(f, { ...env, rounding: m3s[m3] ?? env.rounding }, a, ranges[target]);
      const old = 0x1122_3344_5566_7788n;
      const out = bench.run({
        code: [encode(`C${target}${letter}BR${suffix}`, { r1: 9, r2: 3, m3 })],
        cr: AFP,
        gr: { 9: old },
        fpr: { 3: placed(f, a) },
        fpc,
        cc: 1,
      });
      const value = target.endsWith('F')
        ? (old & ~0xffff_ffffn) | BigInt.asUintN(32, wanted.value)
        : BigInt.asUintN(64, wanted.value);
      const label = `${a.toString(16)} m3 ${m3} fpc ${fpc.toString(16)}`;
      const suppressed = wanted.dxc >= 0x40;
      expect({ label, gr: out.gr[9]?.toString(16), cc: out.cc, dxc: out.pgm?.dxc, fpc: out.fpc.toString(16) }).toEqual({
        label,
        gr: (suppressed ? old : value).toString(16),
        cc: suppressed ? 1 : wanted.cc,
        dxc: wanted.dxc === 0 ? undefined : wanted.dxc,
        fpc: ((fpc | (wanted.flags << 16) | (wanted.dxc << 8)) >>> 0).toString(16),
      });
    }
  });
  test.each(cases)('from $target to $letter', ({ target, letter, f }) => {
    const operands = new Operands(randomWords(50 + target.length));
    const suffix = target.startsWith('L') ? '' : 'A';
    for (let i = 0; i < count; i++) {
      const shift = BigInt(operands.below(64));
      const source = BigInt.asUintN(
        64,
        operands.below(3) === 0 ? operands.draw(long) >> shift : (1n << shift) - BigInt(operands.below(3)),
      );
      const fpc = fpcs[operands.below(fpcs.length)] ?? 0;
      const m3 = [0, 0, 0, 0, 1, 3, 4, 5, 6, 7][operands.below(10)] ?? 0;
      const env = environmentOf(fpc);
      const bits = target.endsWith('F') ? 32 : 64;
      const value = target.startsWith('L') ? BigInt.asUintN(bits, source) : BigInt.asIntN(bits, source);
      const wanted = fromInteger(f, { ...env, rounding: m3s[m3] ?? env.rounding }, value);
      const out = bench.run({
        code: [encode(`C${letter}${target}BR${suffix}`, { r1: 1, r2: 3, m3 })],
        cr: AFP,
        gr: { 3: source },
        fpr: { 1: placed(f, 0n) },
        fpc,
        cc: 1,
      });
      const label = `${source.toString(16)} m3 ${m3} fpc ${fpc.toString(16)}`;
      const got = { result: (out.fpr[1] ?? 0n).toString(16), fpc: out.fpc.toString(16), dxc: out.pgm?.dxc, cc: out.cc };
      expect({ label, ...got }).toEqual({ label, ...expected(fpc, f, placed(f, 0n), 1, wanted) });
    }
  });
});

type PairOf = (env: Environment, a: bigint, b: bigint, c: bigint) => Outcome;

/** Runs operations on two long elements at once; the addend of each lies near the product, or anywhere. */
function checkPair(mnemonic: string, fields: Readonly<Record<string, number>>, operation: PairOf): void {
  const operands = new Operands(randomWords(7));
  const near: Environment = { masks: 0, rounding: rounding.nearestEven, inexactSuppressed: false };
  const element = (): readonly [bigint, bigint, bigint] => {
    const [a, b] = [operands.draw(long), operands.draw(long)];
    const step = BigInt(operands.below(5) - 2) << BigInt(operands.below(long.precision));
    const sign = BigInt(operands.below(2)) << 63n;
    const close = BigInt.asUintN(64, soft.multiply(long, near, a, b).value + step) ^ sign;
    return [a, b, operands.below(2) === 0 ? close : operands.draw(long)];
  };
  const joined = (x: bigint, y: bigint): bigint => (x << 64n) | y;
  for (let i = 0; i < 4 * count; i++) {
    const [x, y] = [element(), element()];
    const fpc = [0, 0x80000, 0x80000, 1][operands.below(4)] ?? 0;
    const [v2, v3, v4] = [joined(x[0], y[0]), joined(x[1], y[1]), joined(x[2], y[2])];
    const out = bench.run({
      code: [encode(mnemonic, { v1: 1, v2: 2, v3: 3, ...fields })],
      cr: { 0: 0x60000n },
      vr: { 2: v2, 3: v3, 4: v4 },
      fpc,
    });
    const [first, second] = [x, y].map((e) => operation(environmentOf(fpc), ...e));
    const wanted = joined(first?.value ?? 0n, second?.value ?? 0n);
    const flags = (first?.flags ?? 0) | (second?.flags ?? 0);
    expect([out.vr[1]?.toString(16), out.fpc.toString(16)], [v2, v3, v4].map((v) => v.toString(16)).join(' ')).toEqual([
      wanted.toString(16),
      (fpc | (flags << 16)).toString(16),
    ]);
  }
}

// Of two NaNs in the product the third operand's counts, which the exact arithmetic has in front.
test.each([
  ['VFMA', { v4: 4, m6: 3 }, (env, a, b, c) => soft.multiplyAdd(long, env, b, a, c, false)],
  ['VFMS', { v4: 4, m6: 3 }, (env, a, b, c) => soft.multiplyAdd(long, env, b, a, c, true)],
  ['VFA', { m4: 3 }, (env, a, b) => soft.add(long, env, a, b)],
  ['VFS', { m4: 3 }, (env, a, b) => soft.subtract(long, env, a, b)],
] as const satisfies readonly (readonly [string, Record<string, number>, PairOf])[])(
  '%s of two long elements',
  checkPair,
);

/** Runs operations on the leftmost short element alone. */
function checkShort(mnemonic: string, fields: Readonly<Record<string, number>>, operation: PairOf): void {
  const operands = new Operands(randomWords(8));
  for (let i = 0; i < 4 * count; i++) {
    const [a, b, c] = [operands.draw(short), operands.draw(short), operands.draw(short)];
    const fpc = fpcs.filter((f) => f < 0x0100_0000)[operands.below(9)] ?? 0;
    const place = (bits: bigint): bigint => (bits << 96n) | 0x7fc0_0000_1234_5678n;
    const out = bench.run({
      code: [encode(mnemonic, { v1: 1, v2: 2, v3: 3, ...fields })],
      cr: { 0: 0x60000n },
      vr: { 2: place(a), 3: place(b), 4: place(c) },
      fpc,
    });
    const wanted = operation(environmentOf(fpc), a, b, c);
    const label = [a, b, c].map((v) => v.toString(16)).join(' ');
    expect([out.vr[1]?.toString(16), out.fpc.toString(16)], `${label} fpc ${fpc.toString(16)}`).toEqual([
      (wanted.value << 96n).toString(16),
      (fpc | (wanted.flags << 16)).toString(16),
    ]);
  }
}

test.each([
  ['VFMA', { v4: 4, m6: 2, m5: 8 }, (env, a, b, c) => soft.multiplyAdd(short, env, b, a, c, false)],
  ['VFMS', { v4: 4, m6: 2, m5: 8 }, (env, a, b, c) => soft.multiplyAdd(short, env, b, a, c, true)],
  ['VFA', { m4: 2, m5: 8 }, (env, a, b) => soft.add(short, env, a, b)],
  ['VFS', { m4: 2, m5: 8 }, (env, a, b) => soft.subtract(short, env, a, b)],
  ['VFM', { m4: 2, m5: 8 }, (env, a, b) => soft.multiply(short, env, a, b)],
  ['VFD', { m4: 2, m5: 8 }, (env, a, b) => soft.divide(short, env, a, b)],
] as const satisfies readonly (readonly [string, Record<string, number>, PairOf])[])(
  '%s of one short element',
  checkShort,
);
