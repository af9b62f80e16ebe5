import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';

/**
 * Decimal instructions by the words of the manual, on text: QEMU has none of them. A number is its hexadecimal digits in
 * storage, the last of them the sign.
 */

const bench = new Bench();
const runs = { numRuns: 300 };
/** Near the end of a page, so that operands cross it now and then. */
const FIRST = 0x2_0ff6;
const SECOND = 0x3_0ffa;

interface Value {
  readonly digits: bigint;
  readonly minus: boolean;
}

/** The number in some digits, undefined when one is invalid. */
function numberIn(text: string): Value | undefined {
  return /^[0-9]+[a-f]$/.test(text) ? { digits: BigInt(text.slice(0, -1)), minus: /[bd]$/.test(text) } : undefined;
}

const signed = (v: Value): bigint => (v.minus ? -v.digits : v.digits);
const textOf = (digits: bigint, minus: boolean, bytes: number): string =>
  `${digits
    .toString()
    .padStart(64, '0')
    .slice(1 - bytes * 2)}${minus ? 'd' : 'c'}`;

/** What stands in a field of the length, and the condition code. */
function placed(digits: bigint, minus: boolean, bytes: number): { readonly text: string; readonly cc: number } {
  const text = textOf(digits, minus, bytes);
  if (BigInt(text.slice(0, -1)) !== digits) return { text, cc: 3 };
  if (digits === 0n) return { text: textOf(0n, false, bytes), cc: 0 };
  return { text, cc: minus ? 1 : 2 };
}

/** Fields of a length: mostly valid numbers, short ones and nines among them. */
function field(bytes: number): fc.Arbitrary<string> {
  const places = bytes * 2 - 1;
  const digits = fc.oneof(
    fc.bigInt({ min: 0n, max: 10n ** BigInt(places) - 1n }),
    fc.nat(places).map((n) => 10n ** BigInt(n) - 1n),
    fc.nat(places - 1).map((n) => 10n ** BigInt(n)),
    fc.constantFrom(1n, 10n ** BigInt(places) - 1n),
    fc.nat(999).map((n) => BigInt(n) % 10n ** BigInt(places)),
  );
  const number = fc
    .tuple(digits, fc.constantFrom(...'cdcdfabe'))
    .map(([d, sign]) => d.toString().padStart(places, '0') + sign);
  const anything = fc.string({
    minLength: bytes * 2,
    maxLength: bytes * 2,
    unit: fc.constantFrom(...'0123456789ab'),
  });
  return fc.oneof({ weight: 12, arbitrary: number }, { weight: 1, arbitrary: anything });
}

const lengths = fc.record({ l1: fc.integer({ min: 1, max: 16 }), l2: fc.integer({ min: 1, max: 16 }) });
const pair = lengths.chain(({ l1, l2 }) => fc.tuple(field(l1), field(l2)));
/** Operands of MP and DP: the second one is shorter and has at most eight bytes, nearly always. */
const unequal = fc
  .tuple(fc.integer({ min: 1, max: 16 }), fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 8 }))
  .chain(([l1, l2, zeros]) => {
    const left = Math.min(zeros, l1 - 1);
    return fc.tuple(
      field(l1 - left).map((text) => '00'.repeat(left) + text),
      field(Math.min(l2, 9)),
    );
  });

function run(mnemonic: string, a: string, b: string, programMask: number): Outcome {
  const operands = { l1: a.length / 2 - 1, l2: b.length / 2 - 1, b1: 1, b2: 2 };
  return bench.run({
    code: [encode(mnemonic, operands)],
    gr: { 1: BigInt(FIRST), 2: BigInt(SECOND) },
    cc: 1,
    programMask,
    storage: { [FIRST]: a, [SECOND]: b },
  });
}

/** What an operation comes to: an interruption or none, and what it leaves. */
interface Expected {
  readonly pgm?: number;
  readonly text?: string;
  readonly cc?: number;
}

function expectRun(
  mnemonic: string,
  a: string,
  b: string,
  mask: number,
  model: (x: Value, y: Value) => Expected,
): void {
  const out = run(mnemonic, a, b, mask);
  const y = numberIn(b);
  const x = mnemonic === 'ZAP' ? { digits: 0n, minus: false } : numberIn(a);
  const want = x === undefined || y === undefined ? { pgm: PGM.data } : model(x, y);
  const overflows = want.cc === 3 && (mask & 4) !== 0 ? PGM.decimalOverflow : undefined;
  expect([out.pgm?.code, out.storage(FIRST, a.length / 2), out.cc]).toEqual([
    want.pgm ?? overflows,
    want.text ?? a,
    want.cc ?? 1,
  ]);
}

const mask = fc.constantFrom(0, 4);

describe('decimal instructions do what the manual says of random operands', () => {
  test.each([
    ['AP', 1n],
    ['SP', -1n],
  ] as const)('%s', (mnemonic, sign) => {
    const sum = (bytes: number) => (x: Value, y: Value) => {
      const total = signed(x) + sign * signed(y);
      return placed(total < 0n ? -total : total, total < 0n, bytes);
    };
    fc.assert(
      fc.property(pair, mask, ([a, b], m) => expectRun(mnemonic, a, b, m, sum(a.length / 2))),
      runs,
    );
  });
  test('ZAP', () => {
    fc.assert(
      fc.property(pair, mask, ([a, b], m) =>
        expectRun('ZAP', a, b, m, (_, y) => placed(y.digits, y.minus, a.length / 2)),
      ),
      runs,
    );
  });
  test('CP', () => {
    const order = (x: Value, y: Value) => ({ cc: signed(x) === signed(y) ? 0 : signed(x) < signed(y) ? 1 : 2 });
    fc.assert(
      fc.property(pair, ([a, b]) => expectRun('CP', a, b, 4, order)),
      runs,
    );
  });
  test('MP', () => {
    const product = (a: string, b: string) => (x: Value, y: Value) =>
      /^0*$/.test(a.slice(0, b.length))
        ? { text: textOf(x.digits * y.digits, x.minus !== y.minus, a.length / 2) }
        : { pgm: PGM.data };
    fc.assert(
      fc.property(unequal, ([a, b]) => {
        if (b.length > 16 || b.length >= a.length) expect(run('MP', a, b, 0).pgm?.code).toBe(PGM.specification);
        else expectRun('MP', a, b, 4, product(a, b));
      }),
      runs,
    );
  });
  test('DP', () => {
    // The divisor's leftmost digit is aligned one place to the right of the dividend's: it must be greater then.
    const quotient = (a: string, b: string) => (x: Value, y: Value) => {
      if (y.digits * 10n ** BigInt(a.length - b.length - 1) <= x.digits) return { pgm: PGM.decimalDivide };
      const left = textOf(x.digits / y.digits, x.minus !== y.minus, (a.length - b.length) / 2);
      return { text: left + textOf(x.digits % y.digits, x.minus, b.length / 2) };
    };
    fc.assert(
      fc.property(unequal, fc.constantFrom(undefined, 0n, 1n), ([dividend, b], less) => {
        if (b.length > 16 || b.length >= dividend.length) {
          expect(run('DP', dividend, b, 0).pgm?.code).toBe(PGM.specification);
          return;
        }
        // The least dividend that is too large, and the one below it.
        const aligned = (numberIn(b)?.digits ?? 0n) * 10n ** BigInt(dividend.length - b.length - 1);
        const edge =
          less === undefined || aligned === 0n ? dividend : textOf(aligned - less, false, dividend.length / 2);
        expectRun('DP', edge, b, 4, quotient(edge, b));
      }),
      runs,
    );
  });
  test('SRP', () => {
    const operand = fc.integer({ min: 1, max: 16 }).chain(field);
    fc.assert(
      fc.property(operand, fc.nat(63), fc.nat(10), mask, (a, shift, i3, programMask) => {
        const l1 = a.length / 2 - 1;
        const code = [encode('SRP', { l1, i3, b1: 1, d2: shift | 0xfc0 })];
        const out = bench.run({ code, gr: { 1: BigInt(FIRST) }, cc: 1, programMask, storage: { [FIRST]: a } });
        const x = numberIn(a);
        if (x === undefined || i3 > 9) {
          expect([out.pgm?.code, out.storage(FIRST, a.length / 2)]).toEqual([PGM.data, a]);
          return;
        }
        const right = 64 - shift;
        const wide = x.digits.toString().padStart(64, '0');
        const rounded = BigInt(wide.slice(0, -right)) + (Number(wide.at(-right)) + i3 > 9 ? 1n : 0n);
        const want = placed(shift > 31 ? rounded : x.digits * 10n ** BigInt(shift), x.minus, a.length / 2);
        const pgm = want.cc === 3 && programMask !== 0 ? PGM.decimalOverflow : undefined;
        expect([out.pgm?.code, out.storage(FIRST, a.length / 2), out.cc]).toEqual([pgm, want.text, want.cc]);
      }),
      runs,
    );
  });
  test.each([
    ['CVB', 8, 32n],
    ['CVBG', 16, 64n],
  ] as const)('%s', (mnemonic, bytes, bits) => {
    const limit = 1n << (bits - 1n);
    const near = fc
      .tuple(fc.bigInt({ min: limit - 2n, max: limit + 1n }), fc.boolean())
      .map(([n, minus]) => textOf(n, minus, bytes));
    fc.assert(
      fc.property(fc.oneof(field(bytes), near), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (text, old) => {
        const out = bench.run({
          code: [encode(mnemonic, { r1: 3, b2: 2 })],
          gr: { 2: BigInt(SECOND), 3: old },
          storage: { [SECOND]: text },
        });
        const x = numberIn(text);
        const value = x === undefined ? 0n : signed(x);
        const fits = BigInt.asIntN(Number(bits), value) === value;
        const code = x === undefined ? PGM.data : fits ? undefined : PGM.fixedPointDivide;
        // The doubleword form leaves its register when the number is too large.
        const changes = x !== undefined && (fits || bits === 32n);
        const kept = bits === 32n ? (old >> 32n) << 32n : 0n;
        expect([out.pgm?.code, out.gr[3]]).toEqual([code, changes ? kept | BigInt.asUintN(Number(bits), value) : old]);
      }),
      runs,
    );
  });
});
