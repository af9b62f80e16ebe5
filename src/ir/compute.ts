/**
 * What WebAssembly's operations compute, on bigints: every value is the unsigned integer of its bits, lane 0 of a vector in
 * the lowest ones. For the evaluator, which has to be plain rather than fast.
 */

import type { Op } from '../wasm/op.ts';

const { asIntN, asUintN } = BigInt;

/** Thrown where WebAssembly would trap. */
export class ComputeTrap extends Error {}

type Meaning = (a: bigint, b: bigint, bits: number) => bigint | boolean;

const count = (b: bigint, bits: number): bigint => b % BigInt(bits);
const rotate = (a: bigint, by: bigint, bits: number): bigint => (a << by) | (a >> (BigInt(bits) - by));
const digits = (a: bigint, bits: number): string => a.toString(2).padStart(bits, '0');

function divide(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new ComputeTrap('division by zero');
  return a / b;
}

function remainder(a: bigint, b: bigint): bigint {
  if (b === 0n) throw new ComputeTrap('division by zero');
  return a % b;
}

function divideSigned(a: bigint, b: bigint, bits: number): bigint {
  const quotient = divide(asIntN(bits, a), asIntN(bits, b));
  if (asIntN(bits, quotient) !== quotient) throw new ComputeTrap('the quotient does not fit');
  return quotient;
}

/** Integer operations of any width; results are taken modulo it. */
const integer: Readonly<Record<string, Meaning>> = {
  eqz: (a) => a === 0n,
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt_s: (a, b, bits) => asIntN(bits, a) < asIntN(bits, b),
  lt_u: (a, b) => a < b,
  gt_s: (a, b, bits) => asIntN(bits, a) > asIntN(bits, b),
  gt_u: (a, b) => a > b,
  le_s: (a, b, bits) => asIntN(bits, a) <= asIntN(bits, b),
  le_u: (a, b) => a <= b,
  ge_s: (a, b, bits) => asIntN(bits, a) >= asIntN(bits, b),
  ge_u: (a, b) => a >= b,
  clz: (a, _b, bits) => BigInt(digits(a, bits).concat('1').indexOf('1')),
  ctz: (a, _b, bits) => BigInt([...digits(a, bits)].reverse().concat('1').indexOf('1')),
  popcnt: (a, _b, bits) => BigInt(digits(a, bits).replaceAll('0', '').length),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div_s: divideSigned,
  div_u: divide,
  rem_s: (a, b, bits) => remainder(asIntN(bits, a), asIntN(bits, b)),
  rem_u: remainder,
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
  shl: (a, b, bits) => a << count(b, bits),
  shr_s: (a, b, bits) => asIntN(bits, a) >> count(b, bits),
  shr_u: (a, b, bits) => a >> count(b, bits),
  rotl: (a, b, bits) => rotate(a, count(b, bits), bits),
  rotr: (a, b, bits) => rotate(a, BigInt(bits) - count(b, bits), bits),
  extend8_s: (a) => asIntN(8, a),
  extend16_s: (a) => asIntN(16, a),
  extend32_s: (a) => asIntN(32, a),
  // lanes only
  neg: (a) => -a,
  abs: (a, _b, bits) => (asIntN(bits, a) < 0n ? -a : a),
  not: (a) => ~a,
  andnot: (a, b) => a & ~b,
  min_u: (a, b) => (a < b ? a : b),
  max_u: (a, b) => (a > b ? a : b),
  min_s: (a, b, bits) => (asIntN(bits, a) < asIntN(bits, b) ? a : b),
  max_s: (a, b, bits) => (asIntN(bits, a) > asIntN(bits, b) ? a : b),
};

type FloatMeaning = (a: number, b: number) => number | boolean;

/** Floating-point operations on numbers; a result is rounded to its format once more, which is exact for these. */
const floating: Readonly<Record<string, FloatMeaning>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  gt: (a, b) => a > b,
  le: (a, b) => a <= b,
  ge: (a, b) => a >= b,
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  sqrt: (a) => Math.sqrt(a),
  ceil: (a) => Math.ceil(a),
  floor: (a) => Math.floor(a),
  trunc: (a) => Math.trunc(a),
  nearest: roundToEven,
  min: (a, b) => Math.min(a, b),
  max: (a, b) => Math.max(a, b),
};

function roundToEven(a: number): number {
  if (!Number.isFinite(a) || Math.abs(a) >= 2 ** 52) return a;
  const down = Math.floor(a);
  const rest = a - down;
  const up = rest > 0.5 || (rest === 0.5 && down % 2 !== 0);
  const rounded = up ? down + 1 : down;
  // The sign of a zero stays.
  return rounded === 0 && (a < 0 || Object.is(a, -0)) ? -0 : rounded;
}

/** The number that the bits of an f32 or f64 stand for. */
export function toNumber(value: bigint, bits: 32 | 64): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value);
  return bits === 64 ? view.getFloat64(0) : view.getFloat32(4);
}

/** The bits of a number as f32 or f64, rounded to it; every NaN becomes the default one. */
export function fromNumber(value: number, bits: 32 | 64): bigint {
  const view = new DataView(new ArrayBuffer(8));
  if (Number.isNaN(value)) return bits === 64 ? 0x7ff8_0000_0000_0000n : 0x7fc0_0000n;
  if (bits === 64) view.setFloat64(0, value);
  else view.setFloat32(4, value);
  return view.getBigUint64(0);
}

const signBit = (bits: number): bigint => 1n << BigInt(bits - 1);

/** Operations on the bits, which keep what a NaN says. */
function signOperation(name: string, a: bigint, b: bigint, bits: number): bigint | undefined {
  const sign = signBit(bits);
  if (name === 'abs') return a & ~sign;
  if (name === 'neg') return a ^ sign;
  if (name === 'copysign') return (a & ~sign) | (b & sign);
  return undefined;
}

/** An integer rounded to f32 in one step: through f64 it might be rounded twice. */
function integerToShort(value: bigint): bigint {
  const size = value < 0n ? -value : value;
  const surplus = BigInt(Math.max(0, size.toString(2).length - 24));
  const half = surplus === 0n ? 0n : 1n << (surplus - 1n);
  const kept = size >> surplus;
  const rest = size - (kept << surplus);
  const up = surplus > 0n && (rest > half || (rest === half && (kept & 1n) === 1n)) ? 1n : 0n;
  const rounded = (kept + up) << surplus;
  return fromNumber(Number(value < 0n ? -rounded : rounded), 32);
}

function truncate(name: string, value: number, bits: number, signed: boolean): bigint {
  const saturating = name.startsWith('trunc_sat');
  if (Number.isNaN(value)) {
    if (saturating) return 0n;
    throw new ComputeTrap('a NaN has no integer');
  }
  const low = signed ? -signBit(bits) : 0n;
  const high = signed ? signBit(bits) - 1n : (1n << BigInt(bits)) - 1n;
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : value < 0 ? low - 1n : high + 1n;
  if (whole >= low && whole <= high) return whole;
  if (!saturating) throw new ComputeTrap('the integer does not fit');
  return whole < low ? low : high;
}

/** Operations that name a second type: wraps, extensions, reinterpretations and conversions. */
function convert(bits: 32 | 64, name: string, a: bigint): bigint | undefined {
  const [, what = '', from = '', suffix = ''] = /^(\w+?)_([if]\d\d)(?:_([su]))?$/.exec(name) ?? [];
  const fromBits = from.endsWith('32') ? 32 : 64;
  const signed = suffix === 's';
  switch (what) {
    case 'wrap':
    case 'reinterpret':
      return a;
    case 'extend':
      return signed ? asIntN(32, a) : a;
    case 'demote':
    case 'promote':
      return fromNumber(toNumber(a, fromBits), bits);
    case 'convert': {
      const value = signed ? asIntN(fromBits, a) : a;
      return bits === 32 ? integerToShort(value) : fromNumber(Number(value), 64);
    }
    case 'trunc':
    case 'trunc_sat':
      return truncate(what, toNumber(a, fromBits), bits, signed);
    default:
      return undefined;
  }
}

function scalar(type: string, name: string, a: bigint, b: bigint): bigint | undefined {
  const bits = type.endsWith('32') ? 32 : 64;
  if (type.startsWith('i')) {
    const value = integer[name]?.(a, b, bits) ?? convert(bits, name, a);
    return value === undefined ? undefined : asUintN(bits, BigInt(value));
  }
  const kept = signOperation(name, a, b, bits);
  if (kept !== undefined) return kept;
  const value = floating[name]?.(toNumber(a, bits), toNumber(b, bits));
  if (value === undefined) return convert(bits, name, a);
  return typeof value === 'boolean' ? BigInt(value) : fromNumber(value, bits);
}

const VECTOR = 128;

/** The lanes of a vector, lane 0 first. */
export function lanes(value: bigint, bits: number): bigint[] {
  return Array.from({ length: VECTOR / bits }, (_, i) => asUintN(bits, value >> BigInt(i * bits)));
}

/** A vector of lanes; each is taken modulo its width. */
export function vector(values: readonly bigint[], bits: number): bigint {
  return values.reduce((all, v, i) => all | (asUintN(bits, v) << BigInt(i * bits)), 0n);
}

function widen(name: string, a: bigint, bits: number): bigint | undefined {
  const [, half, sign] = /^extend_(low|high)_i\d+x\d+_([su])$/.exec(name) ?? [];
  if (half === undefined) return undefined;
  const narrow = lanes(a, bits / 2);
  const part = half === 'low' ? narrow.slice(0, narrow.length / 2) : narrow.slice(narrow.length / 2);
  return vector(sign === 's' ? part.map((v) => asIntN(bits / 2, v)) : part, bits);
}

/** Halves of the lanes, twice as wide, multiplied. */
function extendedProduct(name: string, a: bigint, b: bigint, bits: number): bigint | undefined {
  const [, half, rest] = /^extmul_(low|high)_(i\d+x\d+_[su])$/.exec(name) ?? [];
  if (half === undefined) return undefined;
  const wide = (v: bigint): bigint[] => lanes(widen(`extend_${half}_${rest ?? ''}`, v, bits) ?? 0n, bits);
  const factors = wide(b);
  return vector(
    wide(a).map((v, i) => v * (factors[i] ?? 0n)),
    bits,
  );
}

/** Lanes of half the width, the nearest integers that they hold; those of `a` in the low lanes. */
function narrowed(name: string, a: bigint, b: bigint, bits: number): bigint | undefined {
  const [, sign] = /^narrow_i\d+x\d+_([su])$/.exec(name) ?? [];
  if (sign === undefined) return undefined;
  const least = sign === 's' ? -signBit(bits) : 0n;
  const most = sign === 's' ? signBit(bits) - 1n : (1n << BigInt(bits)) - 1n;
  const wide = [...lanes(a, bits * 2), ...lanes(b, bits * 2)].map((v) => asIntN(bits * 2, v));
  return vector(
    wide.map((v) => (v < least ? least : v > most ? most : v)),
    bits,
  );
}

/** Sums of neighbouring lanes of half the width. */
function pairSums(name: string, a: bigint, bits: number): bigint | undefined {
  const [, sign] = /^extadd_pairwise_i\d+x\d+_([su])$/.exec(name) ?? [];
  if (sign === undefined) return undefined;
  const narrow = lanes(a, bits / 2).map((v) => (sign === 's' ? asIntN(bits / 2, v) : v));
  return vector(
    lanes(a, bits).map((_, i) => (narrow[2 * i] ?? 0n) + (narrow[2 * i + 1] ?? 0n)),
    bits,
  );
}

/** Comparisons give masks; `pmin` and `pmax` choose a whole lane, the first one when the second is not beyond it. */
function floatingLanes(
  type: string,
  name: string,
  as: readonly bigint[],
  bs: readonly bigint[],
  bits: number,
): bigint | undefined {
  const one = (a: bigint, b: bigint): bigint | undefined => {
    if (name === 'pmin') return scalar(type, 'lt', b, a) === 1n ? b : a;
    if (name === 'pmax') return scalar(type, 'lt', a, b) === 1n ? b : a;
    const value = scalar(type, name, a, b);
    return value !== undefined && isComparison(name) ? -value : value;
  };
  const results = as.map((a, i) => one(a, bs[i] ?? 0n));
  const known = results.filter((r) => r !== undefined);
  return known.length === results.length ? vector(known, bits) : undefined;
}

const isComparison = (name: string): boolean => ['eq', 'ne', 'lt', 'gt', 'le', 'ge'].includes(name);

function vectorOperation(shape: string, name: string, a: bigint, b: bigint, c: bigint): bigint | undefined {
  if (shape === 'v128') {
    if (name === 'any_true') return a === 0n ? 0n : 1n;
    if (name === 'bitselect') return (a & c) | (b & asUintN(VECTOR, ~c));
    const value = integer[name]?.(a, b, VECTOR);
    return value === undefined ? undefined : asUintN(VECTOR, BigInt(value));
  }
  const bits = Number(shape.slice(1, shape.indexOf('x')));
  const [as, bs] = [lanes(a, bits), lanes(b, bits)];
  if (name === 'splat') return vector(as.fill(asUintN(bits, a)), bits);
  if (name === 'all_true') return as.every((v) => v !== 0n) ? 1n : 0n;
  if (name === 'bitmask') return as.reduce((all, v, i) => all | ((v >> BigInt(bits - 1)) << BigInt(i)), 0n);
  if (name === 'swizzle')
    return vector(
      bs.map((i) => as[Number(i)] ?? 0n),
      bits,
    );
  if (name.startsWith('sh'))
    return vector(
      as.map((v) => BigInt(integer[name]?.(v, b, bits) ?? 0n)),
      bits,
    );
  if (shape.startsWith('f')) return floatingLanes(`f${bits}`, name, as, bs, bits);
  if (name.includes('div') || name.includes('rem')) return undefined;
  const meaning = integer[name];
  if (meaning === undefined) {
    return (
      widen(name, a, bits) ?? extendedProduct(name, a, b, bits) ?? narrowed(name, a, b, bits) ?? pairSums(name, a, bits)
    );
  }
  const results = as.map((v, i) => meaning(v, bs[i] ?? 0n, bits));
  return vector(
    results.map((r) => (typeof r === 'boolean' ? -BigInt(r) : r)),
    bits,
  );
}

/** The result of an operation. Throws for one that is not written here yet, and a ComputeTrap where WebAssembly traps. */
export function compute(op: Op, args: readonly bigint[]): bigint {
  const [a = 0n, b = 0n, c = 0n] = args;
  const dot = op.indexOf('.');
  const [type, name] = [op.slice(0, dot), op.slice(dot + 1)];
  const value = type.length === 3 ? scalar(type, name, a, b) : vectorOperation(type, name, a, b, c);
  if (value === undefined) throw new Error(`the evaluator does not know ${op}`);
  return value;
}
