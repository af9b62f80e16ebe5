import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';
import { ENABLED } from './model.ts';

/** Decimal arithmetic as on paper, digit by digit: no other machine at hand has these instructions. */

type Digits = readonly number[];
const PLACES = 31;

const digit = (a: Digits, i: number): number => a[a.length - 1 - i] ?? 0;
const trimmed = (a: Digits): Digits =>
  a.slice(Math.max(0, a.findIndex((d) => d !== 0) < 0 ? a.length : a.findIndex((d) => d !== 0)));
const isZero = (a: Digits): boolean => a.every((d) => d === 0);

function order(a: Digits, b: Digits): number {
  const [x, y] = [trimmed(a), trimmed(b)];
  if (x.length !== y.length) return x.length - y.length;
  const at = x.findIndex((d, i) => d !== y[i]);
  return at < 0 ? 0 : (x[at] ?? 0) - (y[at] ?? 0);
}
function sum(a: Digits, b: Digits): Digits {
  const out: number[] = [];
  let carry = 0;
  for (let i = 0; i < Math.max(a.length, b.length) + 1; i++) {
    const d = digit(a, i) + digit(b, i) + carry;
    out.unshift(d % 10);
    carry = d > 9 ? 1 : 0;
  }
  return trimmed(out);
}
/** The first is not less than the second. */
function difference(a: Digits, b: Digits): Digits {
  const out: number[] = [];
  let borrow = 0;
  for (let i = 0; i < a.length; i++) {
    const d = digit(a, i) - digit(b, i) - borrow;
    out.unshift(d < 0 ? d + 10 : d);
    borrow = d < 0 ? 1 : 0;
  }
  return trimmed(out);
}
function product(a: Digits, b: Digits): Digits {
  let all: Digits = [];
  for (const d of b) {
    all = [...all, 0];
    for (let n = 0; n < d; n++) all = sum(all, a);
  }
  return trimmed(all);
}
function division(a: Digits, b: Digits): readonly [quotient: Digits, remainder: Digits] {
  const quotient: number[] = [];
  let rest: Digits = [];
  for (const d of a) {
    rest = trimmed([...rest, d]);
    let n = 0;
    for (; order(rest, b) >= 0; n++) rest = difference(rest, b);
    quotient.push(n);
  }
  return [trimmed(quotient), rest];
}
const shiftedLeft = (a: Digits, by: number): Digits => trimmed([...a, ...Array.from({ length: by }, () => 0)]);
const shiftedRight = (a: Digits, by: number): Digits => a.slice(0, Math.max(0, a.length - by));
/** To the right, one more when the last digit that goes is five or more. */
const roundedRight = (a: Digits, by: number): Digits =>
  digit(a, by - 1) >= 5 ? sum(shiftedRight(a, by), [1]) : shiftedRight(a, by);

interface Value {
  readonly digits: Digits;
  readonly minus: boolean;
}

function total(a: Value, b: Value): Value {
  if (a.minus === b.minus) return { digits: sum(a.digits, b.digits), minus: a.minus };
  if (order(a.digits, b.digits) >= 0) return { digits: difference(a.digits, b.digits), minus: a.minus };
  return { digits: difference(b.digits, a.digits), minus: b.minus };
}

const models: Readonly<Record<string, (a: Value, b: Value, places: number) => Value | undefined>> = {
  VAP: total,
  VSP: (a, b) => total(a, { ...b, minus: !b.minus }),
  VMP: (a, b) => ({ digits: product(a.digits, b.digits), minus: a.minus !== b.minus }),
  VMSP: (a, b, places) => ({ digits: shiftedRight(product(a.digits, b.digits), places), minus: a.minus !== b.minus }),
  VDP: (a, b) =>
    isZero(b.digits) ? undefined : { digits: division(a.digits, b.digits)[0], minus: a.minus !== b.minus },
  VRP: (a, b) => (isZero(b.digits) ? undefined : { digits: division(a.digits, b.digits)[1], minus: a.minus }),
  VSDP: (a, b, places) =>
    isZero(b.digits)
      ? undefined
      : { digits: division(shiftedLeft(a.digits, places), b.digits)[0], minus: a.minus !== b.minus },
};

/** What a result leaves, and its condition code. */
function placed(value: Value, count: number, forced: boolean): readonly [text: string, cc: number] {
  const kept = Array.from({ length: count }, (_, i) => digit(value.digits, count - 1 - i));
  const minus = value.minus && !forced;
  const sign = forced ? 'f' : minus && !isZero(kept) ? 'd' : 'c';
  const lost = trimmed(value.digits).length > count;
  const cc = lost ? 3 : isZero(value.digits) ? 0 : minus ? 1 : 2;
  return [`${kept.join('')}${sign}`.padStart(32, '0'), cc];
}

const next = randomWords(0xdec);
const below = (n: number): number => next() % n;
function operand(): string {
  const length = below(4) === 0 ? PLACES : below(PLACES + 1);
  const kind = below(4);
  const digits = Array.from({ length }, () => (kind === 0 ? 9 : kind === 1 ? (below(5) === 0 ? 1 : 0) : below(10)));
  return `${digits.join('')}${'cdcdfabe'.charAt(below(8))}`.padStart(32, '0');
}
function valueIn(text: string, forced: boolean): Value {
  return { digits: [...text.slice(0, -1)].map(Number), minus: !forced && /[bd]$/.test(text) };
}

const bench = new Bench();
function attempt(mnemonic: string, fields: Readonly<Record<string, number>>, a: string, b: string) {
  const programMask = below(2) * 4;
  const out = bench.run({
    code: [encode(mnemonic, { v1: 17, v2: 2, ...(mnemonic === 'VSRP' ? {} : { v3: 19 }), ...fields })],
    vr: { 2: BigInt(`0x${a}`), 19: BigInt(`0x${b}`) },
    cr: ENABLED,
    cc: 1,
    programMask,
  });
  return { text: (out.vr[17] ?? 0n).toString(16).padStart(32, '0'), cc: out.cc, pgm: out.pgm?.code, programMask };
}

function check(
  name: string,
  immediate: number,
  m5: number,
  found: ReturnType<typeof attempt>,
  want: Value | undefined,
  count: number,
): void {
  const { programMask, ...out } = found;
  if (want === undefined) return expect(out).toEqual({ text: '0'.repeat(32), cc: 1, pgm: PGM.decimalDivide });
  const [text, cc] = placed(want, count, (m5 & 2) !== 0);
  const overflows = cc === 3 && programMask !== 0 && (immediate & 0x80) === 0;
  expect({ name, ...out }).toEqual({
    name,
    text,
    cc: (m5 & 1) !== 0 ? cc : 1,
    pgm: overflows ? PGM.decimalOverflow : undefined,
  });
}

describe('vector decimals are what they are on paper', () => {
  test.each(Object.entries(models))('%s', (mnemonic, model) => {
    for (let i = 0; i < 400; i++) {
      const shifts = /^V[MS](SP|DP)$/.test(mnemonic);
      const count = shifts ? below(32) : 1 + below(31);
      const [i4, m5] = [count | (below(2) * 0x80), below(16)];
      const [a, b] = [operand(), operand()];
      const want = model(valueIn(a, (m5 & 8) !== 0), valueIn(b, (m5 & 4) !== 0), count);
      check(`${mnemonic} ${a} ${b}`, i4, m5, attempt(mnemonic, { i4, m5 }, a, b), want, shifts ? PLACES : count);
    }
  });
  test.each(['VSRP', 'VSRPR'])('%s', (mnemonic) => {
    for (let i = 0; i < 400; i++) {
      const [count, places, rounds, m5] = [1 + below(31), below(64) - 32, below(2) === 1, below(16)];
      const immediate = count | (below(2) * 0x80);
      const a = operand();
      const value = valueIn(a, (m5 & 8) !== 0);
      const moved = rounds && places < 0 ? roundedRight(value.digits, -places) : shiftedRight(value.digits, -places);
      const want = { ...value, digits: places >= 0 ? shiftedLeft(value.digits, places) : moved };
      const fields =
        mnemonic === 'VSRP'
          ? { i3: immediate, i4: (places & 0x7f) | (rounds ? 0x80 : 0), m5 }
          : { i4: immediate | (rounds ? 0x40 : 0), m5 };
      const by = (places & 0xff).toString(16).padStart(16, '0').padEnd(32, '5');
      check(`${mnemonic} ${a} by ${places}`, immediate, m5, attempt(mnemonic, fields, a, by), want, count);
    }
  });
});
