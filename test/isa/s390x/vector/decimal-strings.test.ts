/**
 * Conversions, tests, comparisons and signs of packed decimals in vectors by the manual's words, on random operands: digits are
 * characters here, and numbers what JavaScript makes of them. No other machine at hand has these instructions.
 */

import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';
import { ENABLED } from './model.ts';

const bench = new Bench();
const next = randomWords(0xdecade);
const below = (n: number): number => next() % n;
const chance = (oneIn: number): boolean => below(oneIn) === 0;
const TRIES = 300;
const OPERAND = 0x2_0ff8;
const BEFORE = '5'.repeat(32);

const textOf = (v: bigint | undefined): string => (v ?? 0n).toString(16).padStart(32, '0');
const doubleword = (): bigint => (BigInt(next()) << 32n) | BigInt(next());

/** 31 digits and a sign, of which one may be none. */
function operand(): string {
  const digits = Array.from({ length: below(32) }, () => String(chance(4) ? pick('0', '9') : below(10))).join('');
  const text = [...`${digits.padStart(31, '0')}${pick(...'cdcdfabe')}`];
  if (chance(6)) text[below(31)] = pick(...'abcdef');
  if (chance(6)) text[31] = pick(...'0189');
  return text.join('');
}
function pick<T>(...from: readonly T[]): T {
  return from[below(from.length)] as T;
}

const digitsOf = (text: string): string => text.slice(0, 31);
const signOf = (text: string): string => text.slice(31);
const areDigits = (digits: string): boolean => !/[a-f]/.test(digits);
const isSign = (sign: string): boolean => /[a-f]/.test(sign);
const isMinus = (sign: string): boolean => sign === 'b' || sign === 'd';
const isZero = (digits: string): boolean => !/[^0]/.test(digits);
const numberOf = (text: string): bigint => BigInt(digitsOf(text)) * (isMinus(signOf(text)) ? -1n : 1n);

interface Given {
  readonly vr?: Readonly<Record<number, string>>;
  readonly gr?: Readonly<Record<number, bigint>>;
  readonly storage?: string;
  readonly programMask?: number;
}
function run(mnemonic: string, fields: Readonly<Record<string, number>>, given: Given): Outcome {
  const vr = Object.fromEntries(
    Object.entries({ 1: BEFORE, ...given.vr }).map(([n, text]) => [n, BigInt(`0x${text}`)]),
  );
  return bench.run({
    code: [encode(mnemonic, fields)],
    vr,
    gr: { 3: BigInt(OPERAND), 7: 0x1122_3344_5566_7788n, ...given.gr },
    cr: ENABLED,
    cc: 2,
    programMask: given.programMask ?? 0,
    ...(given.storage === undefined ? {} : { storage: { [OPERAND]: given.storage } }),
  });
}

describe('packed decimals in vectors', () => {
  test('VTP tells what is wrong', () => {
    for (let n = 0; n < TRIES; n++) {
      const a = operand();
      const wrong = (areDigits(digitsOf(a)) ? 0 : 2) + (isSign(signOf(a)) ? 0 : 1);
      expect([a, run('VTP', { v1: 18 }, { vr: { 18: a } }).cc]).toEqual([a, wrong]);
    }
  });

  test('VCP compares, with the signs that it is told', () => {
    for (let n = 0; n < TRIES; n++) {
      const a = operand();
      const b = chance(3) ? a.slice(0, 31) + pick(...'cdab') : operand();
      const m3 = pick(0, 4, 8, 12);
      const [plusA, plusB] = [m3 >= 8, (m3 & 4) !== 0];
      const valid =
        areDigits(digitsOf(a)) &&
        areDigits(digitsOf(b)) &&
        (plusA || isSign(signOf(a))) &&
        (plusB || isSign(signOf(b)));
      const out = run('VCP', { v1: 18, v2: 3, m3 }, { vr: { 18: a, 3: b } });
      if (!valid) {
        expect([a, b, out.pgm?.code, out.cc]).toEqual([a, b, PGM.data, 2]);
        continue;
      }
      const [x, y] = [plusA ? BigInt(digitsOf(a)) : numberOf(a), plusB ? BigInt(digitsOf(b)) : numberOf(b)];
      expect([a, b, out.pgm, out.cc]).toEqual([a, b, undefined, x === y ? 0 : x < y ? 1 : 2]);
    }
  });

  test('VCLZDP counts', () => {
    for (let n = 0; n < TRIES; n++) {
      const [a, m3] = [operand(), below(8)];
      const valid = areDigits(digitsOf(a)) && isSign(signOf(a));
      const out = run('VCLZDP', { v1: 1, v2: 18, m3 }, { vr: { 18: a } });
      if (!valid && (m3 & 4) === 0) {
        expect([a, out.pgm?.code, textOf(out.vr[1]), out.cc]).toEqual([a, PGM.data, BEFORE, 2]);
        continue;
      }
      const zeros = /^0*/.exec(digitsOf(a))?.[0].length ?? 0;
      // A zero that is less than zero counts as that when the negative-zero control is one.
      const zero = isZero(digitsOf(a)) && !(isMinus(signOf(a)) && (m3 & 2) !== 0);
      const cc = !valid ? 3 : zero ? 0 : isMinus(signOf(a)) ? 1 : 2;
      const left = zeros.toString(16).padStart(16, '0').padEnd(32, '0');
      expect([a, m3, textOf(out.vr[1]), out.cc]).toEqual([a, m3, left, (m3 & 1) !== 0 ? cc : 2]);
    }
  });

  test('VPSOP keeps, turns round and sets signs', () => {
    const operations = ['keep', 'turn', 'plus', 'minus'] as const;
    for (let n = 0; n < 2 * TRIES; n++) {
      const [a, i4, m5] = [operand(), below(256) & 0xcf, below(2)];
      const [count, masked, programMask] = [1 + below(31), chance(2), pick(0, 4)];
      const operation = operations[(i4 >> 2) & 3] ?? 'keep';
      const [unchecked, minusZero, unsigned, checksSign] = [0x80, 0x40, 2, 1].map((bit) => (i4 & bit) !== 0);
      const signMatters =
        operation === 'turn' ||
        (operation === 'keep' && unchecked !== true) ||
        (operation !== 'keep' && checksSign === true);
      const valid = (unchecked === true || areDigits(digitsOf(a))) && (!signMatters || isSign(signOf(a)));
      const fields = { v1: 1, v2: 18, i3: count | (masked ? 0x80 : 0), i4, m5 };
      const out = run('VPSOP', fields, { vr: { 18: a }, programMask });
      const label = `${a} ${JSON.stringify(fields)}`;
      if (!valid) {
        expect([label, out.pgm?.code, textOf(out.vr[1]), out.cc]).toEqual([label, PGM.data, BEFORE, 2]);
        continue;
      }
      const kept = digitsOf(a).slice(31 - count);
      const lost = !isZero(digitsOf(a).slice(0, 31 - count));
      const was = isMinus(signOf(a));
      const wanted = operation === 'minus' || (operation === 'keep' && was) || (operation === 'turn' && !was);
      const minus = wanted && (!isZero(kept) || minusZero === true);
      // What is no sign stays as it is when it is kept unchecked.
      const asItIs = operation === 'keep' && !isSign(signOf(a));
      const sign = asItIs ? signOf(a) : minus ? 'd' : unsigned === true ? 'f' : 'c';
      const cc = lost ? 3 : isZero(kept) ? 0 : minus && !asItIs ? 1 : 2;
      expect([label, textOf(out.vr[1]), out.cc, out.pgm?.code]).toEqual([
        label,
        `${kept.padStart(31, '0')}${sign}`,
        m5 === 1 ? cc : 2,
        lost && programMask === 4 && !masked ? PGM.decimalOverflow : undefined,
      ]);
    }
  });
});

describe('binary and packed', () => {
  test.each([
    ['VCVB', 32],
    ['VCVBG', 64],
  ] as const)('%s', (mnemonic, bits) => {
    for (let n = 0; n < 2 * TRIES; n++) {
      const long = operand();
      const digits = digitsOf(long).slice(-1 - below(bits === 32 ? 12 : 22));
      const a = digits.padStart(31, '0') + signOf(long);
      const [plus, logical, sets, masked, programMask] = [chance(3), chance(2), chance(2), chance(3), pick(0, 8)];
      const fields = { r1: 7, v2: 18, m3: (plus ? 8 : 0) | (logical ? 2 : 0) | (sets ? 1 : 0), m4: masked ? 8 : 0 };
      const out = run(mnemonic, fields, { vr: { 18: a }, programMask });
      const label = `${a} ${JSON.stringify(fields)}`;
      if (!areDigits(digits) || !(plus || isSign(signOf(a)))) {
        expect([label, out.pgm?.code, out.gr[7], out.cc]).toEqual([label, PGM.data, 0x1122_3344_5566_7788n, 2]);
        continue;
      }
      // A logical result is the magnitude.
      const value = plus || logical ? BigInt(digits) : numberOf(a);
      const fits = logical
        ? value < 1n << BigInt(bits)
        : value >= -(1n << BigInt(bits - 1)) && value < 1n << BigInt(bits - 1);
      const right = BigInt.asUintN(bits, value);
      expect([label, out.gr[7], out.cc, out.pgm?.code]).toEqual([
        label,
        bits === 64 ? right : (0x1122_3344n << 32n) | right,
        sets ? (fits ? 0 : 3) : 2,
        !fits && programMask === 8 && !masked ? PGM.fixedPointOverflow : undefined,
      ]);
    }
  });

  test.each([
    ['VCVD', 32],
    ['VCVDG', 64],
  ] as const)('%s', (mnemonic, bits) => {
    for (let n = 0; n < 2 * TRIES; n++) {
      const source = chance(2) ? doubleword() : doubleword() & ((1n << BigInt(below(64))) - 1n);
      const [logical, plus, sets, masked, programMask] = [chance(2), chance(3), chance(2), chance(3), pick(0, 4)];
      const count = 1 + below(31);
      const value = logical ? BigInt.asUintN(bits, source) : BigInt.asIntN(bits, source);
      const digits = String(value < 0n ? -value : value);
      const kept = digits.slice(-count);
      // What is left of a negative number may be zero: whether it is less than zero then, is not tried.
      if (value < 0n && isZero(kept)) continue;
      const fields = {
        v1: 1,
        r2: 6,
        i3: count | (masked ? 0x80 : 0),
        m4: (logical ? 8 : 0) | (plus ? 2 : 0) | (sets ? 1 : 0),
      };
      const out = run(mnemonic, fields, { gr: { 6: BigInt.asUintN(64, source) }, programMask });
      const lost = digits.length > count;
      const sign = plus ? 'f' : value < 0n ? 'd' : 'c';
      expect([source, fields, textOf(out.vr[1]), out.cc, out.pgm?.code]).toEqual([
        source,
        fields,
        `${kept.padStart(31, '0')}${sign}`,
        sets ? (lost ? 3 : 0) : 2,
        lost && programMask === 4 && !masked ? PGM.decimalOverflow : undefined,
      ]);
    }
  });
});

describe('zoned and packed', () => {
  test('VPKZ packs whatever is there', () => {
    for (let n = 0; n < TRIES; n++) {
      const i3 = below(31);
      const bytes = Array.from({ length: i3 + 1 }, () => (next() & 0xff).toString(16).padStart(2, '0'));
      const out = run('VPKZ', { v1: 1, b2: 3, i3 }, { storage: bytes.join('') });
      const digits = bytes.map((byte) => byte[1]).join('');
      expect(textOf(out.vr[1])).toBe(`${digits}${bytes.at(-1)?.[0]}`.padStart(32, '0'));
    }
  });

  test('VUPKZ unpacks as much as there is room for', () => {
    for (let n = 0; n < TRIES; n++) {
      const [a, i3] = [operand(), below(31)];
      const out = run('VUPKZ', { v1: 18, b2: 3, i3 }, { vr: { 18: a }, storage: 'ee'.repeat(32) });
      const digits = [...digitsOf(a).slice(-i3 - 1)];
      const zoned = digits.map((digit, i) => `${i === i3 ? signOf(a) : 'f'}${digit}`).join('');
      expect(out.storage(OPERAND, 32)).toBe(zoned.padEnd(64, 'ee'));
    }
  });

  test('VUPKZH and VUPKZL unpack 15 digits and 16', () => {
    for (let n = 0; n < TRIES; n++) {
      const [a, m3] = [operand(), pick(0, 0, 2, 4, 6, 8, 10)];
      const valid = (m3 & 4) !== 0 || (areDigits(digitsOf(a)) && ((m3 & 8) !== 0 || isSign(signOf(a))));
      const zoned = [...`0${digitsOf(a)}`].map((digit) => `f${digit}`);
      for (const [mnemonic, part] of [
        ['VUPKZH', zoned.slice(0, 16)],
        ['VUPKZL', [...zoned.slice(16, 31), `${(m3 & 2) !== 0 ? 'f' : signOf(a)}${a[30]}`]],
      ] as const) {
        const out = run(mnemonic, { v1: 1, v2: 18, m3 }, { vr: { 18: a } });
        const wanted = valid ? [undefined, part.join('')] : [PGM.data, BEFORE];
        expect([mnemonic, a, m3, out.pgm?.code, textOf(out.vr[1])]).toEqual([mnemonic, a, m3, ...wanted]);
      }
    }
  });

  test('VPKZR packs the digits of two registers', () => {
    for (let n = 0; n < TRIES; n++) {
      const a = operand();
      const [count, sets, masked, programMask] = [1 + below(31), chance(2), chance(2), pick(0, 4)];
      // 32 digits, of which one more than there is room for; zones do not count but for the last one.
      const digits = `${chance(2) ? '0' : pick(...'0123a')}${digitsOf(a)}`;
      const bytes = [...digits].map((digit, i) => `${i === 31 ? signOf(a) : (next() & 15).toString(16)}${digit}`);
      const zoned = bytes.join('');
      const fields = { v1: 1, v2: 18, v3: 3, i4: count | (masked ? 0x80 : 0), m5: sets ? 1 : 0 };
      const out = run('VPKZR', fields, { vr: { 18: zoned.slice(0, 32), 3: zoned.slice(32) }, programMask });
      if (!areDigits(digits) || !isSign(signOf(a))) {
        expect([zoned, out.pgm?.code, textOf(out.vr[1]), out.cc]).toEqual([zoned, PGM.data, BEFORE, 2]);
        continue;
      }
      const lost = !isZero(digits.slice(0, 32 - count));
      const cc = lost ? 3 : isZero(digits) ? 0 : isMinus(signOf(a)) ? 1 : 2;
      expect([zoned, count, textOf(out.vr[1]), out.cc, out.pgm?.code]).toEqual([
        zoned,
        count,
        `${digits.slice(32 - count)}${signOf(a)}`.padStart(32, '0'),
        sets ? cc : 2,
        lost && programMask === 4 && !masked ? PGM.decimalOverflow : undefined,
      ]);
    }
  });

  test('VLRL, VLRLR, VSTRL and VSTRLR have to do with the rightmost bytes', () => {
    for (let n = 0; n < TRIES; n++) {
      const bytes = textOf((doubleword() << 64n) | doubleword());
      const by = chance(4) ? below(1 << 20) + 16 : below(16);
      const count = Math.min(by, 15) + 1;
      const given = { gr: { 6: (BigInt(next()) << 32n) | BigInt(by) } };
      const right = bytes.slice(0, 2 * count).padStart(32, '0');
      const loaded = run('VLRLR', { v1: 1, r3: 6, b2: 3 }, { ...given, storage: bytes });
      expect(textOf(loaded.vr[1])).toBe(right);
      const stored = run('VSTRLR', { v1: 18, r3: 6, b2: 3 }, { ...given, vr: { 18: bytes }, storage: 'ee'.repeat(16) });
      const left = bytes.slice(32 - 2 * count).padEnd(32, 'ee');
      expect(stored.storage(OPERAND, 16)).toBe(left);
      if (by > 15) continue;
      expect(textOf(run('VLRL', { v1: 1, i3: by, b2: 3 }, { storage: bytes }).vr[1])).toBe(right);
      const fixed = run('VSTRL', { v1: 18, i3: by, b2: 3 }, { vr: { 18: bytes }, storage: 'ee'.repeat(16) });
      expect(fixed.storage(OPERAND, 16)).toBe(left);
    }
  });
});
