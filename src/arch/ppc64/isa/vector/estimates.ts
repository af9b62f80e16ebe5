/**
 * Estimates of powers of two and of logarithms (Power ISA, Book I, "Vector Floating-Point Estimate Instructions"). They are made
 * of sums and products alone, so that every host gives the same.
 */

import { files, slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import { oneOperand } from './rows.ts';

const QUIET = 0x0040_0000;
const DEFAULT_NAN = 0x7fc0_0000;
const LN2 = Math.LN2;

/** 2 to the power of a number that is not large. */
export function powerOfTwo(x: number): number {
  const whole = Math.floor(x);
  const part = (x - whole) * LN2;
  let term = 1;
  let sum = 1;
  for (let n = 1; n < 18; n++) {
    term *= part / n;
    sum += term;
  }
  return scaled(sum, whole);
}

function scaled(value: number, exponent: number): number {
  // In two steps, since a subnormal result may need more than one factor can have.
  const half = Math.trunc(exponent / 2);
  return value * 2 ** half * 2 ** (exponent - half);
}

/** The logarithm to base 2 of a positive finite number. */
export function logarithmOfTwo(x: number): number {
  let [mantissa, exponent] = [x, 0];
  for (; mantissa >= Math.SQRT2; exponent++) mantissa /= 2;
  for (; mantissa < Math.SQRT1_2; exponent--) mantissa *= 2;
  const z = (mantissa - 1) / (mantissa + 1);
  let power = z;
  let sum = 0;
  for (let n = 1; n < 40; n += 2) {
    sum += power / n;
    power *= z * z;
  }
  return exponent + (2 * sum) / LN2;
}

function numberOf(bits: number): number {
  return new Float32Array(Uint32Array.of(bits).buffer)[0] ?? 0;
}
function bitsOf(value: number): number {
  return new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
}

function exponentialOf(bits: number): number {
  const x = numberOf(bits);
  if (x > 200) return bitsOf(Number.POSITIVE_INFINITY);
  return x < -200 ? 0 : bitsOf(powerOfTwo(x));
}

function logarithmOf(bits: number): number {
  const x = numberOf(bits);
  if (x === 0) return bitsOf(Number.NEGATIVE_INFINITY);
  if (x < 0) return DEFAULT_NAN;
  return x === Number.POSITIVE_INFINITY ? bits : bitsOf(logarithmOfTwo(x));
}

/** An element's result; with VSCR[NJ] a subnormal operand or result counts as a zero of its sign. */
function estimated(of: (bits: number) => number, bits: number, nonJava: boolean): number {
  const flush = (word: number): number => (nonJava && (word & 0x7f80_0000) === 0 ? word & 0x8000_0000 : word) >>> 0;
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) return (bits | QUIET) >>> 0;
  return flush(of(flush(bits)));
}

function row(mnemonic: string, extended: number, title: string, of: (bits: number) => number): Row[] {
  const run = helper(
    mnemonic,
    {
      ...{ params: ['i32', 'i32'], result: undefined },
      effects: { registers: { reads: [files.vsr], writes: [files.vsr] } },
    },
    (vcpu: Vcpu, _core, target, from) => {
      const nonJava = (vcpu.num(slots.vscr) & 0x1_0000) !== 0;
      for (const half of [0, 1] as const) {
        const both = vcpu.vsr(from, half);
        const [left, right] = [Number(both >> 32n), Number(both & 0xffff_ffffn)].map((word) =>
          BigInt(estimated(of, word, nonJava)),
        );
        vcpu.setVsr(target, half, ((left ?? 0n) << 32n) | (right ?? 0n));
      }
    },
  );
  return insn(mnemonic, { op: op.vx(4, extended), form: oneOperand, title }, ($, f) => {
    $.needsVector();
    $.callVoid(run, $.field(f.vrt), $.field(f.vrb));
  });
}

/** VEXPTEFP. */
export function exponential(extended: number): Row[] {
  return row('vexptefp', extended, 'Vector 2 Raised to the Exponent Estimate', exponentialOf);
}
/** VLOGEFP. */
export function logarithm(extended: number): Row[] {
  return row('vlogefp', extended, 'Vector Log Base 2 Estimate', logarithmOf);
}
