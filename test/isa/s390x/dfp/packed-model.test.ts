/** CPDT and CPXT, CDPT and CXPT on random operands: decimal floating-point numbers to packed ones and back, digits as characters. */

import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { randomWords } from '../../../support/seed.ts';
import { bits, extended, fromRegister, inRegister, long, run, text } from './vector.ts';

const OPERAND = 0x2_0ff4;
const next = randomWords(0xcd97);
const below = (n: number): number => next() % n;
const chance = (oneIn: number): boolean => below(oneIn) === 0;
const pick = <T>(...from: readonly T[]): T => from[below(from.length)] as T;
const digitsUpTo = (most: number): string =>
  Array.from({ length: below(most + 1) }, () => (chance(4) ? pick('0', '9') : String(below(10)))).join('');
const number = (digits: string): string => digits.replace(/^0+(?=.)/, '') || '0';
const TRIES = 250;

describe.each([
  ['D', long, 16, 9],
  ['X', extended, 34, 18],
] as const)('format %s', (letter, f, precision, longest) => {
  test(`CP${letter}T`, () => {
    for (let n = 0; n < TRIES; n++) {
      const [digits, minus] = [number(digitsUpTo(precision)), chance(2)];
      const kind = pick('', '', '', `e${below(200) - 100}`);
      const [signed, unsignedPlus, plusZero] = [chance(2), chance(2), chance(2)];
      const bytes = 1 + below(longest);
      const m3 = (signed ? 8 : 0) | (unsignedPlus ? 2 : 0) | (plusZero ? 1 : 0);
      const value = `${minus ? '-' : ''}${digits}${kind}`;
      const out = run(
        `CP${letter}T`,
        { l2: bytes - 1, b2: 3, m3 },
        { gr: { 3: BigInt(OPERAND) }, fpr: inRegister(f, 0, bits(f, value)), storage: { [OPERAND]: 'ee'.repeat(20) } },
      );
      const room = 2 * bytes - (signed ? 1 : 0);
      const all = digits.padStart(room, '0');
      const kept = all.slice(-room);
      const lost = /[1-9]/.test(all.slice(0, all.length - room));
      const zero = !/[1-9]/.test(kept);
      const sign = minus && !(zero && plusZero) ? 'd' : unsignedPlus ? 'f' : 'c';
      const label = `${value} ${bytes} ${m3}`;
      expect([label, out.storage(OPERAND, 20), out.cc, out.pgm]).toEqual([
        label,
        `${kept}${signed ? sign : ''}`.padEnd(40, 'e'),
        lost ? 3 : zero ? 0 : minus ? 1 : 2,
        undefined,
      ]);
    }
  });

  test(`C${letter}PT`, () => {
    let refused = 0;
    for (let n = 0; n < TRIES; n++) {
      const [signed, ignored] = [chance(2), chance(3)];
      const bytes = 1 + below(longest);
      const room = 2 * bytes - (signed ? 1 : 0);
      const packed = [...digitsUpTo(room).padStart(room, '0')];
      if (chance(8)) packed[below(room)] = pick(...'abcdef');
      const sign = signed ? pick(...'abcdefcd5') : '';
      const digits = packed.join('');
      const m3 = (signed ? 8 : 0) | (ignored ? 1 : 0);
      const out = run(
        `C${letter}PT`,
        { l2: bytes - 1, b2: 3, m3 },
        { gr: { 3: BigInt(OPERAND) }, fpr: { 0: 9n }, storage: { [OPERAND]: `${digits}${sign}` }, cc: 2 },
      );
      const label = `${digits}${sign} ${m3}`;
      const valid = /^[0-9]*$/.test(digits) && (!signed || ignored || /[a-f]/.test(sign));
      if (!valid || number(digits).length > precision) {
        refused++;
        expect([label, out.pgm?.code, out.fpr[0], out.cc]).toEqual([label, PGM.data, 9n, 2]);
        continue;
      }
      const minus = signed && !ignored && /[bd]/.test(sign);
      expect([label, out.pgm, text(f, fromRegister(f, 0, out)), out.cc]).toEqual([
        label,
        undefined,
        `${minus ? '-' : ''}${number(digits)}`,
        2,
      ]);
    }
    expect(refused).toBeGreaterThan(10);
  });
});
