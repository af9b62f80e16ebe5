import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fromBinary, fromDecimal, toBinary, toDecimal } from '../../../src/arch/s390x/isa/dfp/radix.ts';
import { add, divide, multiply, subtract } from '../../../src/soft-float/decimal/arithmetic.ts';
import { convert, fromInteger, toInteger } from '../../../src/soft-float/decimal/convert.ts';
import type { DecimalEnvironment } from '../../../src/soft-float/decimal/environment.ts';
import {
  bias,
  type DfpFormat,
  decode,
  encode,
  extended,
  isNan,
  largestQuantum,
  leastQuantum,
  long,
  power,
  short,
  special,
} from '../../../src/soft-float/decimal/format.ts';
import { compare } from '../../../src/soft-float/decimal/inspect.ts';
import { ieee, type Outcome, type Rounding, rounding } from '../../../src/soft-float/environment.ts';
import * as bfp from '../../../src/soft-float/format.ts';
import { root } from '../../support/sources.ts';
import { describeUnless } from '../../support/tools.ts';
import { Chance, streamOf } from '../chance.ts';

/** Decimal arithmetic beside that of gcc's library, which is Intel's: the same numbers in another encoding. gcc builds it without flags. */

/** Numbers of an operation between which others have their turn: many of them take minutes. */
const PORTION = 2000;
const perOperation = process.env.ORACLE_LONG === '1' ? 100_000 : 2_000;

/** Rounding modes that the library has, by its numbers. */
const modes: readonly Rounding[] = [
  rounding.nearestEven,
  rounding.down,
  rounding.up,
  rounding.towardZero,
  rounding.nearestAway,
];

/** A number in the binary encoding: sign, exponent and significand in one of two places. */
function binary(f: DfpFormat, bits: bigint): bigint {
  const { kind, negative, significand, quantum } = decode(f, bits);
  const sign = negative ? 1n << BigInt(f.width - 1) : 0n;
  if (kind !== 'finite') {
    const first = { infinity: 0b111100n, qnan: 0b111110n, snan: 0b111111n }[kind];
    return sign | (first << BigInt(f.width - 7)) | (kind === 'infinity' ? 0n : significand);
  }
  const exponent = BigInt(quantum + bias(f));
  const digits = BigInt(f.width - f.combination + 2);
  if (significand >> digits === 0n) return sign | (exponent << digits) | significand;
  const rest = significand & ((1n << (digits - 2n)) - 1n);
  return sign | (3n << BigInt(f.width - 3)) | (exponent << (digits - 2n)) | rest;
}

/** Which number that is, whatever quantum it has; its bits if it is none. */
function plain(f: DfpFormat, bits: bigint): string {
  const digits = BigInt(f.width - f.combination + 2);
  const first = (bits >> BigInt(f.width - 3)) & 3n;
  const large = first === 3n;
  if (large && ((bits >> BigInt(f.width - 5)) & 15n) === 15n) return bits.toString(16);
  const places = large ? digits - 2n : digits;
  const rest = BigInt.asUintN(Number(places), bits);
  const significand = large ? (1n << digits) | rest : rest;
  const exponent = BigInt.asUintN(f.width - 1 - Number(digits), bits >> places);
  const sign = bits >> BigInt(f.width - 1);
  const text = significand.toString();
  const kept = text.replace(/0+$/, '');
  return kept === '' ? `${sign} zero` : `${sign} ${kept} ${exponent + BigInt(text.length - kept.length)}`;
}

interface Operation {
  readonly name: string;
  readonly code: number;
  /** Format of the operands; integers or binary numbers when undefined. */
  readonly from: (wide: boolean) => DfpFormat | undefined;
  /** Format of the result; a number when undefined. */
  readonly to: (wide: boolean) => DfpFormat | undefined;
  /** The library knows nothing but truncation here. */
  readonly truncates?: boolean;
  run(wide: boolean, env: DecimalEnvironment, a: bigint, b: bigint): Outcome;
}

const format = (wide: boolean): DfpFormat => (wide ? extended : long);
const binaryFormat = (wide: boolean): bfp.BfpFormat => (wide ? bfp.extended : bfp.long);
const narrower = (wide: boolean): DfpFormat => (wide ? long : short);
const arithmetic = (
  name: string,
  code: number,
  run: (f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint) => Outcome,
): Operation => ({ name, code, from: format, to: format, run: (wide, env, a, b) => run(format(wide), env, a, b) });

const operations: readonly Operation[] = [
  arithmetic('sum', 0, add),
  arithmetic('difference', 1, subtract),
  arithmetic('product', 2, multiply),
  arithmetic('quotient', 3, divide),
  {
    name: 'comparison',
    code: 4,
    from: format,
    to: () => undefined,
    run: (wide, _, a, b) => ({ value: BigInt(compare(format(wide), a, b, false).cc), flags: 0, dxc: 0 }),
  },
  {
    name: 'longer format',
    code: 5,
    from: narrower,
    to: format,
    run: (wide, env, a) => convert(narrower(wide), format(wide), env, a, false),
  },
  {
    name: 'shorter format',
    code: 6,
    from: format,
    to: narrower,
    run: (wide, env, a) => convert(format(wide), narrower(wide), env, a, false),
  },
  {
    name: 'from an integer',
    code: 7,
    from: () => undefined,
    to: format,
    run: (wide, env, a) => fromInteger(format(wide), env, BigInt.asIntN(64, a)),
  },
  {
    name: 'to an integer',
    code: 8,
    from: format,
    to: () => undefined,
    truncates: true,
    run: (wide, env, a) => {
      const range = { least: -(1n << 63n), greatest: (1n << 63n) - 1n };
      const outcome = toInteger(format(wide), { ...env, rounding: rounding.towardZero }, a, range);
      return { ...outcome, value: BigInt.asUintN(64, outcome.value) };
    },
  },
  {
    name: 'from a binary number',
    code: 9,
    from: () => undefined,
    to: format,
    run: (wide, env, a) => toDecimal(format(wide), env, fromBinary(binaryFormat(wide), a), true),
  },
  {
    name: 'to a binary number',
    code: 10,
    from: format,
    to: () => undefined,
    run: (wide, env, a) => toBinary(binaryFormat(wide), env, fromDecimal(format(wide), a)),
  },
];

function number(chance: Chance, f: DfpFormat, near: number | undefined): bigint {
  const negative = chance.percent(50);
  const kind = chance.below(100);
  if (kind < 2) return special(f, chance.pick(['infinity', 'qnan', 'snan']), negative);
  const count = chance.pick([f.precision, f.precision, f.precision - 1, 1 + chance.below(f.precision), 0, 1]);
  let significand = 0n;
  const style = chance.below(4);
  for (let i = 0; i < count; i++) {
    significand = significand * 10n + BigInt(style === 0 ? 9 : style === 1 && i > 0 ? 0 : chance.below(10));
  }
  const least = leastQuantum(f);
  const span = largestQuantum(f) - least;
  const anywhere = chance.pick([
    least + chance.below(40),
    largestQuantum(f) - chance.below(40),
    least + chance.below(span),
  ]);
  const quantum = near === undefined ? anywhere : near + chance.below(2 * f.precision + 6) - f.precision - 3;
  return encode(f, negative, significand, Math.min(Math.max(quantum, least), largestQuantum(f)));
}

/** A number of a binary format, often one that a decimal format can hold. */
function binaryNumber(chance: Chance, f: bfp.BfpFormat): bigint {
  if (chance.percent(3)) return chance.pick([bfp.infinity(f, true), bfp.defaultNan(f), 0n, bfp.largest(f, false)]);
  const fraction = chance.big(chance.pick([f.precision - 1, 20, 1])) << BigInt(chance.pick([0, f.precision - 21]));
  const near = BigInt(f.emax + chance.below(200) - 100);
  const exponent = chance.percent(70) ? near : chance.big(f.width - f.precision);
  return BigInt.asUintN(f.width, (exponent << BigInt(f.precision - 1)) + fraction);
}

interface Case {
  readonly wide: boolean;
  readonly mode: number;
  readonly a: bigint;
  readonly b: bigint;
}

function makeCase(chance: Chance, operation: Operation): Case {
  const wide = chance.percent(50);
  const mode = chance.below(modes.length);
  const f = operation.from(wide);
  if (operation.code === 9) return { wide, mode, a: binaryNumber(chance, binaryFormat(wide)), b: 0n };
  if (f === undefined)
    return { wide, mode, a: chance.big(1 + chance.below(64)) * (chance.percent(50) ? 1n : -1n), b: 0n };
  const near = chance.percent(70) ? chance.below(10) : undefined;
  return { wide, mode, a: number(chance, f, near), b: number(chance, f, near) };
}

function library(program: string, operation: Operation, cases: readonly Case[]): Buffer {
  const input = Buffer.alloc(cases.length * 40);
  const put = (at: number, value: bigint): void => {
    input.writeBigUInt64LE(BigInt.asUintN(64, value), at);
    input.writeBigUInt64LE(BigInt.asUintN(64, value >> 64n), at + 8);
  };
  for (const [i, { wide, mode, a, b }] of cases.entries()) {
    const at = i * 40;
    input[at] = operation.code;
    input[at + 1] = wide ? 1 : 0;
    input[at + 2] = mode;
    const f = operation.from(wide);
    put(at + 8, f === undefined ? a : binary(f, a));
    put(at + 24, f === undefined ? b : binary(f, b));
  }
  const { stdout, status } = spawnSync(program, { input, maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error('the program with the library ended badly');
  return stdout;
}

const isBinaryNan = (wide: boolean, bits: bigint): boolean =>
  ['qnan', 'snan'].includes(bfp.decode(binaryFormat(wide), bits).kind);

/** What the library says differs from ours, in words. */
function differences(program: string, operation: Operation, cases: readonly Case[]): string[] {
  const theirs = library(program, operation, cases);
  return cases.flatMap((c, i) => {
    const { wide, mode, a, b } = c;
    const at = i * 16;
    const env = { masks: 0, rounding: modes[mode] ?? 0, inexactSuppressed: false, watchesQuantum: false };
    const ours = operation.run(wide, env, a, b);
    const to = operation.to(wide);
    const value = to === undefined ? ours.value : binary(to, ours.value);
    const width = to?.width ?? (operation.code === 10 && wide ? 128 : 64);
    const found = BigInt.asUintN(width, theirs.readBigUInt64LE(at) | (theirs.readBigUInt64LE(at + 8) << 64n));
    // An integer that cannot be told is another one there.
    const beyond = operation.code === 8 && (ours.flags & ieee.invalid) !== 0;
    // Which of several NaNs a result is made of is the library's own choice.
    const bothBinaryNan = operation.code === 10 && isBinaryNan(wide, found) && isBinaryNan(wide, value);
    const bothNan =
      to !== undefined && isNan(decode(to, ours.value)) && BigInt.asUintN(5, found >> BigInt(to.width - 6)) === 31n;
    const sameNumber = operation.code === 9 && plain(format(wide), found) === plain(format(wide), value);
    if (found === value || sameNumber || bothBinaryNan || bothNan || (beyond && found === 1n << 63n)) return [];
    const hex = (n: bigint): string => n.toString(16);
    return [
      `${operation.name} ${wide ? 'extended' : 'long'}, mode ${mode}: ${hex(a)}, ${hex(b)}: there ${hex(found)}, here ${hex(value)}`,
    ];
  });
}

const lacks = process.arch === 'x64' ? [] : ['gcc has this arithmetic on x86-64'];

describeUnless(
  lacks,
  'compared with the decimal arithmetic of gcc',
  () => {
    const directory = mkdtempSync(join(tmpdir(), 'guestscope-decimal-'));
    const program = join(directory, 'operations');
    const built = spawnSync('gcc', ['-O1', '-o', program, `${root}test/oracle/decimal/operations.c`], {
      encoding: 'utf8',
    });
    process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
    test('the program is built', () => {
      expect([built.status, built.stderr]).toEqual([0, '']);
    });
    test.each(operations.map((operation) => [operation.name, operation] as const))('%s', async (name, operation) => {
      const chance = new Chance(streamOf(`decimal ${name}`));
      for (let left = perOperation; left > 0; left -= PORTION) {
        const cases = Array.from({ length: Math.min(left, PORTION) }, () => makeCase(chance, operation));
        expect(differences(program, operation, cases).slice(0, 10)).toEqual([]);
        await turn();
      }
    });
  },
  { required: false },
);

test('the binary encoding has its two places for a significand', () => {
  expect(binary(long, encode(long, false, 1n, 0))).toBe(0x31c0_0000_0000_0001n);
  expect(binary(long, encode(long, true, power(16) - 1n, 0))).toBe(0xec73_86f2_6fc0_ffffn);
});
