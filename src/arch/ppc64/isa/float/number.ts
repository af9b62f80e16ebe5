/** What floating-point instructions compute (Power ISA, Book I, "Floating-Point Execution Models"), on bit patterns. */

import { divide, finiteSum, isNan, multiply, multiplyAdd, squareRoot } from '../../../../soft-float/arithmetic.ts';
import { toIntegral } from '../../../../soft-float/convert.ts';
import { type Environment, ieee, type Outcome, type Rounding } from '../../../../soft-float/environment.ts';
import {
  type BfpFormat,
  decode,
  defaultNan,
  infinity,
  long,
  nanAs,
  type Operand,
  quieted,
  short,
  signBit,
} from '../../../../soft-float/format.ts';
import { deliver } from '../../../../soft-float/round.ts';
import { FPSCR } from './fpscr.ts';
import {
  type Fusion,
  type Native,
  nativeDifference,
  nativeFused,
  nativeItself,
  nativeProduct,
  nativeQuotient,
  nativeRoot,
  nativeSum,
} from './native.ts';

/** What an operation is told. */
export interface Context {
  /** Format of the operands. */
  readonly from: BfpFormat;
  /** Format of the result. */
  readonly to: BfpFormat;
  readonly rounding: Rounding;
  /** FPSCR's enabling bits. */
  readonly enabled: number;
}

/** What it answers. */
export interface Answer {
  readonly value: bigint;
  /** Bits of FPSCR of the exceptions that were met. */
  readonly raised: number;
  /** The magnitude was incremented by rounding: FR. */
  readonly up?: boolean;
  /** A short result that is scaled because of an enabled exception, as a long number. */
  readonly scaled?: bigint;
}

/** An operation on bit patterns, and how it is done on long numbers by the host's arithmetic, as far as that is known. */
export interface Operation {
  (context: Context, ...operands: bigint[]): Answer;
  readonly native?: Native;
}

/** An operation that the host's arithmetic can do, too. */
export function withNative(native: Native, operation: Operation): Operation {
  return Object.assign((context: Context, ...operands: bigint[]) => operation(context, ...operands), { native });
}

const plain = (value: bigint): Answer => ({ value, raised: 0 });

/** The answer to an invalid operation. */
function invalid({ to }: Context, why: number): Answer {
  return { value: defaultNan(to), raised: why };
}

/** The first NaN among the operands, made quiet, in the result's format. */
function nanOf({ from, to }: Context, operands: readonly Operand[], raised = 0): Answer | undefined {
  const first = operands.find(isNan);
  if (first === undefined) return undefined;
  const signaling = operands.some((a) => a.kind === 'snan');
  const value = from === to ? quieted(to, first.bits) : nanAs(from, to, first);
  return { value, raised: raised | (signaling ? FPSCR.vxsnan : 0) };
}

/** Inexactness is always told of, as a trap, since only that tells which way rounding went. */
function environment({ rounding, enabled }: Context): Environment {
  const range = ((enabled & FPSCR.oe) === 0 ? 0 : ieee.overflow) | ((enabled & FPSCR.ue) === 0 ? 0 : ieee.underflow);
  return { masks: range | ieee.inexact, rounding, inexactSuppressed: false };
}

const INCREMENTED = 0x04;
const TRAPPED = ieee.overflow | ieee.underflow;
/** Short numbers with room for any exponent: scaled by more than they ought to be, so that none is negative. */
const MORE = 4096;
const far = (alpha: number): BfpFormat => ({ ...short, width: 64, alpha });
const farUp = far(short.alpha + MORE);
const farDown = far(short.alpha - MORE);

/** What a computation answers; it is told the format and how to round. */
function answered(context: Context, run: (f: BfpFormat, env: Environment) => Outcome): Answer {
  const { to } = context;
  const { value, flags, dxc } = run(to, environment(context));
  const met = flags | dxc;
  const overflow = (met & ieee.overflow) === 0 ? 0 : FPSCR.ox;
  const underflow = (met & ieee.underflow) === 0 ? 0 : FPSCR.ux;
  const inexact = (met & ieee.inexact) === 0 ? 0 : FPSCR.xx;
  const answer = { raised: overflow | underflow | inexact, up: (dxc & INCREMENTED) !== 0 };
  if (to !== short || (dxc & TRAPPED) === 0) return { ...answer, value: BigInt.asUintN(to.width, value) };
  const scaled = run((dxc & ieee.overflow) !== 0 ? farDown : farUp, environment(context)).value;
  return { ...answer, value: BigInt.asUintN(32, value), scaled: ofFar(scaled) };
}

/** A scaled short number with room for its exponent, as a long one. */
function ofFar(bits: bigint): bigint {
  const magnitude = BigInt.asUintN(63, bits);
  const biased = (magnitude >> 23n) + BigInt(long.emax - short.emax - MORE);
  return ((bits >> 63n) << 63n) | (BigInt.asUintN(11, biased) << 52n) | ((magnitude & 0x7f_ffffn) << 29n);
}

function negated(a: Operand): Operand {
  return isNan(a) ? a : { ...a, negative: !a.negative };
}

function sumOf(context: Context, x: Operand, y: Operand): Answer {
  const nan = nanOf(context, [x, y]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity' || y.kind === 'infinity') {
    if (x.kind === y.kind && x.negative !== y.negative) return invalid(context, FPSCR.vxisi);
    return plain(infinity(context.to, x.kind === 'infinity' ? x.negative : y.negative));
  }
  return answered(context, (f, env) => finiteSum(f, env, x, y));
}

export const add = withNative(nativeSum, (context, a = 0n, b = 0n) =>
  sumOf(context, decode(context.from, a), decode(context.from, b)),
);

export const subtract = withNative(nativeDifference, (context, a = 0n, b = 0n) =>
  sumOf(context, decode(context.from, a), negated(decode(context.from, b))),
);

export const product = withNative(nativeProduct, (context, a = 0n, b = 0n) => {
  const x = decode(context.from, a);
  const y = decode(context.from, b);
  const nan = nanOf(context, [x, y]);
  if (nan !== undefined) return nan;
  if (isInfiniteTimesZero(x, y)) return invalid(context, FPSCR.vximz);
  return answered(context, (f, env) => multiply(context.from, env, a, b, f));
});

function isInfiniteTimesZero(x: Operand, y: Operand): boolean {
  return (x.kind === 'infinity' && y.kind === 'zero') || (x.kind === 'zero' && y.kind === 'infinity');
}

export const quotient = withNative(nativeQuotient, (context, a = 0n, b = 0n) => {
  const x = decode(context.from, a);
  const y = decode(context.from, b);
  const nan = nanOf(context, [x, y]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity' && y.kind === 'infinity') return invalid(context, FPSCR.vxidi);
  if (y.kind === 'zero' && x.kind === 'zero') return invalid(context, FPSCR.vxzdz);
  if (y.kind === 'zero' && x.kind === 'finite') {
    return { value: infinity(context.to, x.negative !== y.negative), raised: FPSCR.zx };
  }
  if (y.kind === 'zero') return plain(infinity(context.to, x.negative !== y.negative));
  return answered(context, (f, env) => divide(context.from, env, a, b, f));
});

export const root = withNative(nativeRoot, (context, b = 0n) => {
  const x = decode(context.from, b);
  const nan = nanOf(context, [x]);
  if (nan !== undefined) return nan;
  if (x.negative && x.kind !== 'zero') return invalid(context, FPSCR.vxsqrt);
  return answered(context, (f, env) => squareRoot(context.from, env, b, f));
});

/** First times third operand, plus the second, rounded once; NaNs go by that order. */
export function fused({ minus, negative }: Fusion): Operation {
  return withNative(nativeFused({ minus, negative }), (context, a = 0n, b = 0n, c = 0n) => {
    const [x, y, z] = [a, b, c].map((bits) => decode(context.from, bits));
    if (x === undefined || y === undefined || z === undefined) throw new Error('an operand is missing');
    const wrong = isInfiniteTimesZero(x, z);
    const nan = nanOf(context, [x, y, z], wrong ? FPSCR.vximz : 0);
    if (nan !== undefined) return nan;
    if (wrong) return invalid(context, FPSCR.vximz);
    const infinite = x.kind === 'infinity' || z.kind === 'infinity';
    const sign = x.negative !== z.negative;
    if (infinite && y.kind === 'infinity' && sign !== (y.negative !== minus)) return invalid(context, FPSCR.vxisi);
    const answer = answered(context, (f, env) => multiplyAdd(context.from, env, a, c, b, minus, f));
    return negative ? opposite(context, answer) : answer;
  });
}

function opposite({ to }: Context, answer: Answer): Answer {
  const value = answer.value ^ signBit(to, true);
  return answer.scaled === undefined
    ? { ...answer, value }
    : { ...answer, value, scaled: answer.scaled ^ signBit(long, true) };
}

/** The estimate of a reciprocal, which is the quotient itself; inexactness is not told of. */
export const reciprocal: Operation = (context, b = 0n) => {
  const one = context.from === long ? 0x3ff0_0000_0000_0000n : 0x3f80_0000n;
  const answer = quotient(context, one, b);
  return { ...answer, raised: answer.raised & ~FPSCR.xx, up: false };
};

/** The estimate of a reciprocal square root. */
export const reciprocalRoot: Operation = (context, b = 0n) => {
  const square = root({ ...context, to: context.from }, b);
  if ((square.raised & (FPSCR.vxsnan | FPSCR.vxsqrt)) !== 0 || isNan(decode(context.from, b))) {
    const nan = nanOf(context, [decode(context.from, square.value)]);
    return { value: nan?.value ?? square.value, raised: square.raised };
  }
  return reciprocal(context, square.value);
};

/** The same value in the result's format. */
export const converted = withNative(nativeItself, (context, b = 0n) => {
  const x = decode(context.from, b);
  const nan = nanOf(context, [x]);
  if (nan !== undefined) return nan;
  if (x.kind === 'infinity') return plain(infinity(context.to, x.negative));
  if (x.kind === 'zero') return plain(signBit(context.to, x.negative));
  return answered(context, (f, env) => deliver(f, env, x.negative, x.significand, x.exponent));
});

/** Rounded to an integer of the same format: by a method, which tells nothing of inexactness, or as the register says. */
export function toInteger(method: Rounding | 'current'): Operation {
  return (context, b = 0n) => {
    const x = decode(context.from, b);
    const nan = nanOf(context, [x]);
    if (nan !== undefined) return nan;
    const rounding = method === 'current' ? context.rounding : method;
    const answer = answered({ ...context, rounding }, (f, env) => toIntegral(f, env, b));
    return method === 'current' ? answer : plain(answer.value);
  };
}

/** Orders numbers; a negative zero is below a positive one. */
function orderOf(f: BfpFormat, bits: bigint): bigint {
  const magnitude = BigInt.asUintN(f.width - 1, bits);
  return bits >> BigInt(f.width - 1) === 0n ? magnitude : -magnitude - 1n;
}

function extreme(isFirst: (a: bigint, b: bigint) => boolean): Operation {
  return (context, a = 0n, b = 0n) => {
    const [f, x, y] = [context.from, decode(context.from, a), decode(context.from, b)];
    const raised = x.kind === 'snan' || y.kind === 'snan' ? FPSCR.vxsnan : 0;
    if (x.kind === 'snan' || (x.kind === 'qnan' && isNan(y))) return { value: quieted(f, a), raised };
    if (y.kind === 'snan') return { value: quieted(f, b), raised };
    if (x.kind === 'qnan') return plain(b);
    if (y.kind === 'qnan') return plain(a);
    return plain(isFirst(orderOf(f, a), orderOf(f, b)) ? a : b);
  };
}

/** The larger one; a number goes before a quiet NaN. */
export const maximum = extreme((a, b) => a >= b);
export const minimum = extreme((a, b) => a <= b);

/** Why a comparison is invalid: signaling NaNs always, quiet ones for those that are ordered, while signaling ones do not trap. */
export function invalidComparison(kinds: readonly Operand['kind'][], ordered: boolean, enabled: number): number {
  const signaling = kinds.includes('snan');
  const quiet = kinds.includes('qnan');
  const why = signaling ? FPSCR.vxsnan : 0;
  if (!ordered) return why;
  return why | ((signaling ? (enabled & FPSCR.ve) === 0 : quiet) ? FPSCR.vxvc : 0);
}
