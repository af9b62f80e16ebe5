/** What decimal instructions compute (Power ISA, Book I, "Decimal Floating-Point"), on bit patterns. */

import { add, divide, multiply, propagated, subtract } from '../../../../soft-float/decimal/arithmetic.ts';
import {
  convert,
  fromInteger,
  quantize,
  reround,
  toInteger,
  toIntegral,
} from '../../../../soft-float/decimal/convert.ts';
import type { DecimalEnvironment } from '../../../../soft-float/decimal/environment.ts';
import {
  type DfpFormat,
  decode,
  defaultNan,
  encode,
  isNan,
  isZero,
  type Operand,
} from '../../../../soft-float/decimal/format.ts';
import { dataClass } from '../../../../soft-float/decimal/inspect.ts';
import { ieee, type Outcome, type Rounding, rounding } from '../../../../soft-float/environment.ts';
import { FPSCR } from '../float/fpscr.ts';

/** What an operation is told. */
export interface Context {
  readonly format: DfpFormat;
  readonly rounding: Rounding;
  /** FPSCR's enabling bits. */
  readonly enabled: number;
}

/** What it answers. */
export interface Answer {
  /** The bit pattern of the result, when no enabled exception suppresses it. */
  readonly value: bigint;
  /** Its format; undefined when it is no decimal number. */
  readonly format: DfpFormat | undefined;
  /** Bits of FPSCR of the exceptions that were met. */
  readonly raised: number;
  /** The magnitude was incremented by rounding: FR. */
  readonly up: boolean;
}

/** An operation on bit patterns, FRA's before FRB's. */
export type Operation = (context: Context, a: bigint, b: bigint) => Answer;

/** Inexactness is always told of, as a trap, since only that tells which way rounding went. */
function environment({ rounding: mode, enabled }: Context): DecimalEnvironment {
  const range = ((enabled & FPSCR.oe) === 0 ? 0 : ieee.overflow) | ((enabled & FPSCR.ue) === 0 ? 0 : ieee.underflow);
  return { masks: range | ieee.inexact, rounding: mode, inexactSuppressed: false, watchesQuantum: false };
}

const INCREMENTED = 0x04;

/** An outcome as an answer; `why` is what an invalid operation on numbers is called. */
function answered(
  format: DfpFormat | undefined,
  { value, flags, dxc }: Outcome,
  operands: readonly Operand[],
  why: number,
): Answer {
  const met = flags | dxc;
  if ((met & ieee.invalid) !== 0) {
    const signaling = operands.some(({ kind }) => kind === 'snan');
    return { value, format, raised: signaling ? FPSCR.vxsnan : why, up: false };
  }
  const raised =
    ((met & ieee.divideByZero) === 0 ? 0 : FPSCR.zx) |
    ((met & ieee.overflow) === 0 ? 0 : FPSCR.ox) |
    ((met & ieee.underflow) === 0 ? 0 : FPSCR.ux) |
    ((met & ieee.inexact) === 0 ? 0 : FPSCR.xx);
  return { value, format, raised, up: (dxc & INCREMENTED) !== 0 };
}

type Computation = (f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint) => Outcome;

function dyadic(run: Computation, why: (x: Operand, y: Operand) => number): Operation {
  return (context, a, b) => {
    const { format } = context;
    const [x, y] = [decode(format, a), decode(format, b)];
    return answered(format, run(format, environment(context), a, b), [x, y], why(x, y));
  };
}

/** FRA and FRB: sum, difference, product, quotient. */
export const arithmetic = {
  add: dyadic(add, () => FPSCR.vxisi),
  subtract: dyadic(subtract, () => FPSCR.vxisi),
  multiply: dyadic(multiply, () => FPSCR.vximz),
  divide: dyadic(divide, (x) => (isZero(x) ? FPSCR.vxzdz : FPSCR.vxidi)),
} as const;

/** FRB with the exponent of FRA. NaNs of FRA go before those of FRB. */
export function quantized(context: Context, a: bigint, b: bigint): Answer {
  const { format } = context;
  const env = environment(context);
  const operands = [decode(format, a), decode(format, b)];
  const outcome = propagated(format, env, operands) ?? quantize(format, env, b, a);
  return answered(format, outcome, operands, FPSCR.vxcvi);
}

/** FRB with an exponent. */
export function quantizedTo(context: Context, exponent: number, b: bigint): Answer {
  return quantized(context, encode(context.format, false, 1n, exponent), b);
}

/** FRB with so many digits at the most; 0 leaves all of them. */
export function rerounded(context: Context, digits: number, b: bigint): Answer {
  const { format } = context;
  return answered(format, reround(format, environment(context), b, digits), [decode(format, b)], FPSCR.vxcvi);
}

/** FRB rounded to an integer; without telling of inexactness when that is not wanted. */
export function integral(context: Context, b: bigint, inexactly: boolean): Answer {
  const { format } = context;
  const answer = answered(format, toIntegral(format, environment(context), b), [decode(format, b)], 0);
  return inexactly ? answer : { ...answer, raised: answer.raised & ~FPSCR.xx, up: false };
}

/**
 * A number in another format. A scaled one, of an enabled overflow or underflow, is of the format that it was in. Signaling NaNs stay
 * so when the short format is one of the two.
 */
export function reformatted(context: Context, to: DfpFormat, b: bigint): Answer {
  const { format: from } = context;
  const keeps = from.name === 'short' || to.name === 'short';
  const outcome = convert(from, to, environment(context), b, keeps);
  return answered(outcome.inSourceFormat ? from : to, outcome, [decode(from, b)], 0);
}

const doubleword = { least: -(1n << 63n), greatest: (1n << 63n) - 1n } as const;

/** To an integer of 64 bits. What is out of range, and a NaN, is an invalid conversion. */
export function toFixed(context: Context, b: bigint): Answer {
  const { format } = context;
  const operand = decode(format, b);
  const outcome = toInteger(format, environment(context), b, doubleword);
  const { value, raised, up } = answered(format, outcome, [operand], 0);
  const invalid = (outcome.flags & ieee.invalid) === 0 ? 0 : FPSCR.vxcvi;
  return { value: BigInt.asUintN(64, value), format: undefined, raised: raised | invalid, up };
}

/** From an integer of 64 bits. */
export function fromFixed(context: Context, b: bigint): Answer {
  const { format } = context;
  return answered(format, fromInteger(format, environment(context), BigInt.asIntN(64, b)), [], 0);
}

/** From decimal digits of four bits each, the last of which is a sign when they are signed; others are an invalid conversion. */
export function fromPacked({ format }: Context, packed: bigint, places: number, signed: boolean): Answer {
  const text = packed.toString(16).padStart(places, '0');
  const digits = signed ? text.slice(0, -1) : text;
  const sign = signed ? Number.parseInt(text.slice(-1), 16) : 12;
  if (!/^[0-9]+$/.test(digits) || sign < 10) {
    return { value: defaultNan(format), format, raised: FPSCR.vxcvi, up: false };
  }
  const negative = sign === 11 || sign === 13;
  return { value: encode(format, negative, BigInt(digits), 0), format, raised: 0, up: false };
}

const classes: Readonly<Record<number, number>> = {
  0x800: 0x02,
  0x200: 0x14,
  0x80: 0x04,
  0x20: 0x05,
  0x8: 0x11,
  0x2: 0x01,
};

/** FPRF of a result: its class and sign, in place. */
export function resultFlags(f: DfpFormat, bits: bigint): number {
  const operand = decode(f, bits);
  const positive = classes[dataClass(f, bits) << (operand.negative ? 1 : 0)] ?? 0;
  if (!operand.negative || isNan(operand)) return positive << 12;
  return (isZero(operand) ? 0x12 : (positive & 0x11) | 0x08) << 12;
}

/** How RMC and R say that an instruction rounds; undefined is as FPSCR says. */
const immediates: readonly (Rounding | undefined)[] = [
  ...[rounding.nearestEven, rounding.towardZero, rounding.nearestAway, undefined],
  ...[rounding.up, rounding.down, rounding.awayFromZero, rounding.nearestTowardZero],
];

/** The context with the rounding of an instruction's fields. */
export function roundedBy(context: Context, rmc: number, r = 0): Context {
  return { ...context, rounding: immediates[4 * r + rmc] ?? context.rounding };
}
