/**
 * Every vector floating-point instruction that has scalar counterparts, in every format: each element is what the scalar instruction
 * makes of it, by every rounding, with its flags; of what interrupts, the first element that would is told.
 */

import { expect, test } from 'vitest';
import { PGM } from '../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { type BfpFormat, decode, extended, long, short } from '../../../../src/soft-float/format.ts';
import { Operands } from '../../../support/s390x/bfp.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const CR = { 0: 0x6_0000n } as const;
const SINGLE = 8;
const XXC = 4;
const TRIES = 60;
const bench = new Bench();

type Code = 2 | 3 | 4;
const formats: Readonly<Record<Code, BfpFormat>> = { 2: short, 3: long, 4: extended };
/** FPCs: the rounding, some flags, and in half of the cases masks. */
const methods = [0, 1, 3, 4, 5, 6, 7] as const;

/** A scalar's result, what it leaves in the FPC, its condition code, and the code of a data exception. */
interface Scalar {
  readonly value: bigint;
  readonly fpc: number;
  readonly cc: number;
  readonly dxc: number | undefined;
}

type Registers = Readonly<Record<number, bigint>>;
/** An operand in a floating-point register, or a pair. */
function held(code: Code, register: number, value: bigint): Registers {
  if (code === 2) return { [register]: value << 32n };
  if (code === 3) return { [register]: value };
  return { [register]: value >> 64n, [register + 2]: BigInt.asUintN(64, value) };
}
function taken(code: Code, out: Outcome, register: number): bigint {
  const left = out.fpr[register] ?? 0n;
  if (code === 2) return left >> 32n;
  return code === 3 ? left : (left << 64n) | (out.fpr[register + 2] ?? 0n);
}

interface Numbers {
  readonly fpc: number;
  /** M4 and M5 of the scalar form: suppression of inexactness, rounding. */
  readonly xxc: number;
  readonly method: number;
}

function scalar(
  text: Uint8Array,
  registers: { fpr?: Registers; gr?: Registers },
  fpc: number,
  value: (out: Outcome) => bigint,
): Scalar {
  const out = bench.run({ code: [text], cr: CR, fpc, ...registers });
  const trapped = out.pgm !== undefined;
  return { value: value(out), fpc: trapped ? fpc : out.fpc, cc: out.cc, dxc: out.pgm?.dxc };
}

interface Row {
  readonly vector: string;
  readonly code: Code;
  /** Elements of the operands and of the result, in bits, and how far apart results lie when that is not their width. */
  readonly from: number;
  readonly to: number;
  readonly step?: number;
  readonly operands: 1 | 2 | 3;
  readonly rounds?: true;
  /** Fields of the vector instruction besides the registers. */
  readonly fields: (how: number, method: number) => Readonly<Record<string, number>>;
  readonly one: (operands: readonly bigint[], n: Numbers) => Scalar;
  readonly draw?: 'integers';
  /** Extended numbers are elements of their own, and operations with one element at most. */
  readonly onlySingle?: true;
}

const letters = { 2: 'E', 3: 'D', 4: 'X' } as const;
const codes = [2, 3, 4] as const;
const width = (code: Code): number => formats[code].width;

function binary(vector: string, stem: string): Row[] {
  return codes.map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 2,
    fields: (how) => ({ m4: code, m5: how }),
    one: ([a = 0n, b = 0n], { fpc }) =>
      scalar(
        // MULTIPLY of short numbers to short ones has a name of its own.
        encode(`${stem}${stem === 'M' && code === 2 ? 'EE' : letters[code]}BR`, { r1: 0, r2: 4 }),
        { fpr: { ...held(code, 0, a), ...held(code, 4, b) } },
        fpc,
        (out) => taken(code, out, 0),
      ),
  }));
}
function fused(vector: string, stem: string): Row[] {
  return ([2, 3] as const).map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 3,
    fields: (how) => ({ m6: code, m5: how }),
    one: ([a = 0n, b = 0n, c = 0n], { fpc }) =>
      scalar(
        encode(`${stem}${letters[code]}BR`, { r1: 0, r3: 4, r2: 8 }),
        { fpr: { ...held(code, 0, c), ...held(code, 4, a), ...held(code, 8, b) } },
        fpc,
        (out) => taken(code, out, 0),
      ),
  }));
}
function unary(vector: string, stem: string, tail: string, rounds: boolean): Row[] {
  return codes.map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 1,
    ...(rounds ? { rounds: true as const } : {}),
    fields: (how, method) => ({ m3: code, m4: how, ...(rounds ? { m5: method } : {}) }),
    one: ([a = 0n], { fpc, xxc, method }) =>
      scalar(
        encode(`${stem}${letters[code]}${tail}`, { r1: 0, r2: 4, ...(rounds ? { m3: method, m4: xxc } : {}) }),
        { fpr: held(code, 4, a) },
        fpc,
        (out) => taken(code, out, 0),
      ),
  }));
}
/** All ones where the condition code is one of these. */
function comparison(vector: string, signals: boolean, ...ccs: readonly number[]): Row[] {
  return codes.map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 2,
    fields: (how) => ({ m4: code, m5: how | (signals ? 4 : 0) }),
    one: ([a = 0n, b = 0n], { fpc }) => {
      const text = encode(`${signals ? 'K' : 'C'}${letters[code]}BR`, { r1: 0, r2: 4 });
      const found = scalar(text, { fpr: { ...held(code, 0, a), ...held(code, 4, b) } }, fpc, () => 0n);
      return { ...found, value: ccs.includes(found.cc) ? (1n << BigInt(width(code))) - 1n : 0n };
    },
  }));
}
function fromInteger(vector: string, ofShort: string, ofLong: string): Row[] {
  return ([2, 3] as const).map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 1,
    rounds: true,
    draw: 'integers',
    fields: (how, method) => ({ m3: code, m4: how, m5: method }),
    one: ([a = 0n], { fpc, xxc, method }) =>
      scalar(
        encode(code === 2 ? ofShort : ofLong, { r1: 0, r2: 4, m3: method, m4: xxc }),
        { gr: { 4: a } },
        fpc,
        (out) => taken(code, out, 0),
      ),
  }));
}
function toInteger(vector: string, ofShort: string, ofLong: string): Row[] {
  return ([2, 3] as const).map((code) => ({
    vector,
    code,
    from: width(code),
    to: width(code),
    operands: 1,
    rounds: true,
    fields: (how, method) => ({ m3: code, m4: how, m5: method }),
    one: ([a = 0n], { fpc, xxc, method }) =>
      scalar(
        encode(code === 2 ? ofShort : ofLong, { r1: 2, r2: 4, m3: method, m4: xxc }),
        { fpr: held(code, 4, a) },
        fpc,
        (out) => BigInt.asUintN(width(code), out.gr[2] ?? 0n),
      ),
  }));
}
/** To the next longer format, of every second element; and back. */
const lengthened: readonly Row[] = ([2, 3] as const).map((code) => ({
  vector: 'VFLL',
  code,
  from: width(code),
  to: width(code) * 2,
  operands: 1,
  fields: (how) => ({ m3: code, m4: how }),
  ...(code === 3 ? { onlySingle: true as const } : {}),
  one: ([a = 0n], { fpc }) =>
    scalar(encode(code === 2 ? 'LDEBR' : 'LXDBR', { r1: 0, r2: 4 }), { fpr: held(code, 4, a) }, fpc, (out) =>
      taken(code === 2 ? 3 : 4, out, 0),
    ),
}));
const rounded: readonly Row[] = ([3, 4] as const).map((code) => ({
  vector: 'VFLR',
  code,
  from: width(code),
  to: width(code) / 2,
  step: width(code),
  operands: 1,
  rounds: true,
  fields: (how, method) => ({ m3: code, m4: how, m5: method }),
  ...(code === 4 ? { onlySingle: true as const } : {}),
  one: ([a = 0n], { fpc, xxc, method }) =>
    scalar(
      encode(code === 3 ? 'LEDBRA' : 'LDXBRA', { r1: 0, r2: 4, m3: method, m4: xxc }),
      { fpr: held(code, 4, a) },
      fpc,
      (out) => taken(code === 3 ? 2 : 3, out, 0),
    ),
}));

const rows: readonly Row[] = [
  ...binary('VFA', 'A'),
  ...binary('VFS', 'S'),
  ...binary('VFM', 'M'),
  ...binary('VFD', 'D'),
  ...fused('VFMA', 'MA'),
  ...fused('VFMS', 'MS'),
  ...unary('VFSQ', 'SQ', 'BR', false),
  ...unary('VFI', 'FI', 'BRA', true),
  ...comparison('VFCE', false, 0),
  ...comparison('VFCE', true, 0),
  ...comparison('VFCH', false, 2),
  ...comparison('VFCH', true, 2),
  ...comparison('VFCHE', false, 0, 2),
  ...comparison('VFCHE', true, 0, 2),
  ...fromInteger('VCDG', 'CEFBRA', 'CDGBRA'),
  ...fromInteger('VCDLG', 'CELFBR', 'CDLGBR'),
  ...toInteger('VCGD', 'CFEBRA', 'CGDBRA'),
  ...toInteger('VCLGD', 'CLFEBR', 'CLGDBR'),
  ...lengthened,
  ...rounded,
];

/** Elements of a vector; with `step` of them only those at multiples of it. */
const elements = (v: bigint, bits: number, step: number): bigint[] =>
  Array.from({ length: 128 / step }, (_, i) => BigInt.asUintN(bits, v >> BigInt(128 - step * i - bits)));
const isNan = (code: Code, value: bigint): boolean => /nan/i.test(decode(formats[code], value).kind);
/** The reason of a vector-processing exception by that of a data exception. */
const reason = (dxc: number): number => [0x80, 0x40, 0x20, 0x10, 0x08].findIndex((bit) => (dxc & bit) !== 0) + 1;

/** One instruction and its elements one by one. True when it is interrupted. */
function attempt(row: Row, operands: Operands): boolean {
  const { code, from, to } = row;
  const step = Math.max(from, to);
  const count = 128 / from;
  const draw = (): bigint => {
    if (row.draw === 'integers') return BigInt.asUintN(from, operands.draw(long) >> BigInt(operands.below(60)));
    const bits = operands.draw(formats[code]);
    // Numbers with fractions that matter are rare among random ones.
    return row.rounds && code < 4 && operands.below(2) === 0 ? bits & (-1n << BigInt(operands.below(30))) : bits;
  };
  const sources = Array.from({ length: row.operands }, () => Array.from({ length: count }, draw));
  const single = row.onlySingle === true || operands.below(3) === 0 ? SINGLE : 0;
  const xxc = row.rounds && operands.below(4) === 0 ? XXC : 0;
  const method = row.rounds ? (methods[operands.below(methods.length)] ?? 0) : 0;
  const masks = operands.below(2) * (operands.below(32) << 27);
  const fpc = (masks | ([0, 0x8_0000, 0x88_0000][operands.below(3)] ?? 0) | (operands.below(4) & 3)) >>> 0;
  const places = Array.from({ length: single === SINGLE ? 1 : 128 / step }, (_, i) => (i * step) / from);
  const singles = places.map((at) =>
    row.one(
      sources.map((elements) => elements[at] ?? 0n),
      { fpc, xxc, method },
    ),
  );
  // Which of several NaNs comes out is for scalars and vectors to say each for themselves.
  const many = places.some((at) => sources.filter((s) => isNan(code, s[at] ?? 0n)).length > 1);
  if (row.operands === 3 && many) return false;
  const vectors = sources.map((s) => s.reduce((v, e) => (v << BigInt(from)) | e, 0n));
  const [a = 0n, b = 0n, c = 0n] = vectors;
  const registers = { v1: 1, v2: 18, ...(row.operands > 1 ? { v3: 3 } : {}), ...(row.operands > 2 ? { v4: 20 } : {}) };
  const text = encode(row.vector, { ...registers, ...row.fields(single | xxc, method) });
  const out = bench.run({ code: [text], cr: CR, fpc, vr: { 1: 0x77n, 18: a, 3: b, 20: c } });
  const label = `${row.vector} ${vectors.map((v) => v.toString(16)).join(' ')} fpc ${fpc.toString(16)} ${single | xxc} ${method}`;
  const trap = singles.findIndex(({ dxc }) => dxc !== undefined);
  if (trap >= 0) {
    const index = row.vector === 'VFLL' ? (places[trap] ?? 0) : trap;
    const vxc = (index << 4) | reason(singles[trap]?.dxc ?? 0);
    expect({ label, pgm: out.pgm?.code, vr: out.vr[1], fpc: out.fpc }).toEqual({
      label,
      pgm: PGM.vectorProcessing,
      vr: 0x77n,
      fpc: ((fpc & ~0xff00) | (vxc << 8)) >>> 0,
    });
    return true;
  }
  const flags = singles.reduce((all, one) => all | one.fpc, fpc) >>> 0;
  const left = elements(out.vr[1] ?? 0n, to, step).slice(0, places.length);
  expect({ label, pgm: out.pgm, left, fpc: out.fpc }).toEqual({
    label,
    pgm: undefined,
    left: singles.map(({ value }) => value),
    fpc: flags,
  });
  return false;
}

test.each(rows.map((row, n) => [row.vector, row.code, n] as const))('%s of format %i (row %i)', (_, __, n) => {
  const row = rows[n];
  if (row === undefined) throw new Error('no row');
  const operands = new Operands(randomWords(0x5ca + n));
  let interrupted = 0;
  for (let i = 0; i < TRIES; i++) if (attempt(row, operands)) interrupted++;
  expect(interrupted).toBeLessThan(TRIES - 5);
});

test('WFC and WFK set the condition code of COMPARE and COMPARE AND SIGNAL, in every format', () => {
  for (const [vector, stem] of [
    ['WFC', 'C'],
    ['WFK', 'K'],
  ] as const) {
    for (const code of codes) {
      const operands = new Operands(randomWords(0x3fc + code));
      for (let i = 0; i < TRIES; i++) {
        const [a, b] = [operands.draw(formats[code]), operands.draw(formats[code])];
        const fpc = (operands.below(2) << 31) >>> 0;
        const fpr = { ...held(code, 0, a), ...held(code, 4, b) };
        const one = scalar(encode(`${stem}${letters[code]}BR`, { r1: 0, r2: 4 }), { fpr }, fpc, () => 0n);
        const left = BigInt(128 - width(code));
        const vr = { 18: a << left, 19: b << left };
        const out = bench.run({ code: [encode(vector, { v1: 18, v2: 19, m3: code })], cr: CR, fpc, vr, cc: 0 });
        if (one.dxc !== undefined) expect(out.pgm?.code).toBe(PGM.vectorProcessing);
        else expect([vector, a, b, out.pgm, out.cc, out.fpc]).toEqual([vector, a, b, undefined, one.cc, one.fpc]);
      }
    }
  }
});

test('VFTCI tests the classes of TEST DATA CLASS, in every format', () => {
  for (const code of codes) {
    const operands = new Operands(randomWords(0x7c1 + code));
    for (let i = 0; i < TRIES; i++) {
      const a = operands.draw(formats[code]);
      const mask = operands.below(4096);
      const text = encode(`TC${letters[code]}B`, { r1: 0, b2: 0, d2: mask });
      const one = bench.run({ code: [text], cr: CR, fpr: held(code, 0, a) });
      const vr = { 18: a << BigInt(128 - width(code)) };
      const test = encode('VFTCI', { v1: 1, v2: 18, i3: mask, m4: code, m5: SINGLE });
      const out = bench.run({ code: [test], cr: CR, vr });
      const ones = (1n << BigInt(width(code))) - 1n;
      const found = (out.vr[1] ?? 0n) >> BigInt(128 - width(code));
      expect([a, mask, found, out.cc]).toEqual([a, mask, one.cc === 1 ? ones : 0n, one.cc === 1 ? 0 : 3]);
    }
  }
});
