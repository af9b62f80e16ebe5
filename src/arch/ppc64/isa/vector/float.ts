/**
 * Power ISA, Book I, "Vector Floating-Point Instructions": short numbers, rounded to nearest, without exceptions. With VSCR[NJ]
 * subnormal numbers count as zeros.
 */

import type { V128 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { exponential, logarithm } from './estimates.ts';
import { any, choose, DOUBLEWORD, shifted, splat, WORD } from './lanes.ts';
import { binary, comparison, saturated, ternary, unary, withImmediate } from './rows.ts';

const MAGNITUDE = 0x7fff_ffff;
const EXPONENT = 0x7f80_0000;
const QUIET = 0x0040_0000;
const DEFAULT_NAN = 0x7fc0_0000;

/** Zeros of the same sign in place of subnormal numbers, with VSCR[NJ]. */
function flushed($: Sem, a: V128): V128 {
  const nonJava = $.sub($.i32(0), $.and($.shrU($.state(slots.vscr), 16), 1));
  const mask = $.bin('v128.and', $.conv('v128', 'i32x4.splat', nonJava), splat($, WORD, MAGNITUDE));
  const exponent = $.bin('v128.and', a, splat($, WORD, EXPONENT));
  const small = $.bin('i32x4.eq', exponent, splat($, WORD, 0));
  return $.bin('v128.andnot', a, $.bin('v128.and', mask, small));
}

const nan = ($: Sem, a: V128): V128 => $.bin('f32x4.ne', a, a);

/** The result, or the first NaN among the operands, made quiet; the default NaN where there was none before. */
function withNans($: Sem, operands: readonly V128[], value: V128): V128 {
  const made = choose($, nan($, value), splat($, WORD, DEFAULT_NAN), value);
  return operands.reduceRight(
    (result, a) => choose($, nan($, a), $.bin('v128.or', a, splat($, WORD, QUIET)), result),
    made,
  );
}

type Lanes = ($: Sem, ...operands: V128[]) => V128;

/** An operation on numbers with what happens to NaNs and subnormal numbers around it. */
function computed($: Sem, operands: readonly V128[], run: Lanes): V128 {
  const inputs = operands.map((a) => flushed($, a));
  return flushed($, withNans($, operands, run($, ...inputs)));
}

const two = (mnemonic: string, extended: number, title: string, operation: string): Row[] =>
  binary(mnemonic, extended, title, ($, a, b) =>
    computed($, [a, b], (_, x, y) => {
      if (x === undefined || y === undefined) throw new Error('an operand is missing');
      return $.bin(operation, x, y);
    }),
  );

/** Two long numbers, rounded to odd: a sum, and what it lost. A later rounding to short is then as if there had been none. */
function oddSum($: Sem, p: V128, b: V128): V128 {
  const sum = $.bin('f64x2.add', p, b);
  const ofB = $.bin('f64x2.sub', sum, p);
  const ofP = $.bin('f64x2.sub', sum, ofB);
  const lost = $.bin('f64x2.add', $.bin('f64x2.sub', p, ofP), $.bin('f64x2.sub', b, ofB));
  const zero = splat($, DOUBLEWORD, 0);
  const inexact = $.bin('v128.or', $.bin('f64x2.lt', lost, zero), $.bin('f64x2.gt', lost, zero));
  const one = splat($, DOUBLEWORD, 1);
  const even = $.bin('i64x2.eq', $.bin('v128.and', sum, one), zero);
  // Away from zero when what was lost has the sign of the sum, else towards it: 1, or -1.
  const towards = shifted($, DOUBLEWORD, 'shr_s', $.bin('v128.xor', sum, lost), 63);
  const step = $.bin('v128.and', $.bin('v128.or', towards, one), $.bin('v128.and', inexact, even));
  return $.bin('i64x2.add', sum, step);
}

/** a * c + b, rounded once; products of short numbers are exact as long ones. */
function fusedLanes($: Sem, a: V128, b: V128, c: V128): V128 {
  const half = (high: boolean): V128 => {
    const long = (v: V128): V128 => {
      const lanes = high ? $.bin('i8x16.swizzle', v, upperLanes($)) : v;
      return $.conv('v128', 'f64x2.promote_low_f32x4', lanes);
    };
    const product = $.bin('f64x2.mul', long(a), long(c));
    return $.conv('v128', 'f32x4.demote_f64x2_zero', oddSum($, product, long(b)));
  };
  const [high, low] = [half(true), half(false)];
  return $.quad($.rightOf(high), $.rightOf(low));
}

/** Lane numbers 8 to 15 in the low lanes. */
function upperLanes($: Sem): V128 {
  return $.quad($.i64(-1), $.i64(0x0f0e_0d0c_0b0a_0908n));
}

const fused = (mnemonic: string, extended: number, title: string, minus: boolean): Row[] =>
  ternary(mnemonic, extended, title, ($, a, b, c) =>
    computed($, [a, b, c], (_, x, y, z) => {
      if (x === undefined || y === undefined || z === undefined) throw new Error('an operand is missing');
      const value = fusedLanes($, x, minus ? $.un('f32x4.neg', y) : y, z);
      return minus ? $.un('f32x4.neg', value) : value;
    }),
  );

const one = (mnemonic: string, extended: number, title: string, run: ($: Sem, b: V128) => V128): Row[] =>
  unary(mnemonic, extended, title, ($, b) =>
    computed($, [b], (_, x) => {
      if (x === undefined) throw new Error('an operand is missing');
      return run($, x);
    }),
  );

/** 1.0 over each lane. */
function inverse($: Sem, b: V128): V128 {
  return $.bin('f32x4.div', splat($, WORD, 0x3f80_0000), b);
}

const comparing = (mnemonic: string, extended: number, title: string, operation: string): Row[] =>
  comparison(mnemonic, extended, title, ($, a, b) => $.bin(operation, flushed($, a), flushed($, b)));

/** Bit 0 when a is above b, bit 1 when it is below -b; both for what cannot be compared. */
function outOfBounds($: Sem, a: V128, b: V128): V128 {
  const [x, y] = [flushed($, a), flushed($, b)];
  const bit = (within: V128, value: number): V128 => $.bin('v128.andnot', splat($, WORD, value), within);
  const above = bit($.bin('f32x4.le', x, y), 0x8000_0000 | 0);
  return $.bin('v128.or', above, bit($.bin('f32x4.ge', x, $.un('f32x4.neg', y)), 0x4000_0000));
}

const bounds = [false, true].flatMap((record) =>
  binary(record ? 'vcmpbfp.' : 'vcmpbfp', 966 + (record ? 1024 : 0), 'Vector Compare Bounds', ($, a, b) => {
    const value = outOfBounds($, a, b);
    if (record) $.setCrN(6, $.shl($.isZero(any($, value)), 1));
    return value;
  }),
);

/** 2 to the power of the immediate operand, or of its negative, in each lane. */
function scaleOf($: Sem, uim: Parameters<Sem['field']>[0], negative: boolean): V128 {
  const by = $.field(uim);
  const exponent = negative ? $.sub($.i32(127), by) : $.add(by, 127);
  return $.conv('v128', 'i32x4.splat', $.shl(exponent, 23));
}

const fromFixed = (mnemonic: string, extended: number, what: string, operation: string): Row[] =>
  insn(
    mnemonic,
    { op: op.vx(4, extended), form: withImmediate, title: `Vector Convert From ${what} Fixed-Point Word` },
    ($, f) => {
      $.needsVector();
      const value = $.conv('v128', operation, $.vsr(f.vrb));
      $.setVsr(f.vrt, $.bin('f32x4.mul', value, scaleOf($, f.uim, true)));
    },
  );

/** Least number, and the first one that is too large. */
const limits = { s: [-(2 ** 31), 2 ** 31], u: [0, 2 ** 32] } as const;

const toFixed = (mnemonic: string, extended: number, what: string, sign: 's' | 'u'): Row[] =>
  insn(
    mnemonic,
    { op: op.vx(4, extended), form: withImmediate, title: `Vector Convert To ${what} Fixed-Point Word Saturate` },
    ($, f) => {
      $.needsVector();
      const scaled = $.bin('f32x4.mul', flushed($, $.vsr(f.vrb)), scaleOf($, f.uim, false));
      const value = $.un('f32x4.trunc', scaled);
      const [least, end] = limits[sign].map((n) => $.conv('v128', 'f32x4.splat', $.f32(n)));
      if (least === undefined || end === undefined) throw new Error('a range has two ends');
      saturated($, any($, $.bin('v128.or', $.bin('f32x4.lt', value, least), $.bin('f32x4.ge', value, end))));
      $.setVsr(f.vrt, $.conv('v128', `i32x4.trunc_sat_f32x4_${sign}`, value));
    },
  );

/** The instructions. */
export const vectorFloats: readonly Row[] = [
  ...two('vaddfp', 10, 'Vector Add Single-Precision', 'f32x4.add'),
  ...two('vsubfp', 74, 'Vector Subtract Single-Precision', 'f32x4.sub'),
  ...two('vmaxfp', 1034, 'Vector Maximum Single-Precision', 'f32x4.max'),
  ...two('vminfp', 1098, 'Vector Minimum Single-Precision', 'f32x4.min'),
  ...fused('vmaddfp', 46, 'Vector Multiply-Add Single-Precision', false),
  ...fused('vnmsubfp', 47, 'Vector Negative Multiply-Subtract Single-Precision', true),
  ...one('vrefp', 266, 'Vector Reciprocal Estimate Single-Precision', inverse),
  ...one('vrsqrtefp', 330, 'Vector Reciprocal Square Root Estimate Single-Precision', ($, b) =>
    inverse($, $.un('f32x4.sqrt', b)),
  ),
  ...exponential(394),
  ...logarithm(458),
  ...one('vrfin', 522, 'Vector Round to Single-Precision Integer Nearest', ($, b) => $.un('f32x4.nearest', b)),
  ...one('vrfiz', 586, 'Vector Round to Single-Precision Integer toward Zero', ($, b) => $.un('f32x4.trunc', b)),
  ...one('vrfip', 650, 'Vector Round to Single-Precision Integer toward +Infinity', ($, b) => $.un('f32x4.ceil', b)),
  ...one('vrfim', 714, 'Vector Round to Single-Precision Integer toward -Infinity', ($, b) => $.un('f32x4.floor', b)),
  ...comparing('vcmpeqfp', 198, 'Vector Compare Equal To Single-Precision', 'f32x4.eq'),
  ...comparing('vcmpgefp', 454, 'Vector Compare Greater Than or Equal To Single-Precision', 'f32x4.ge'),
  ...comparing('vcmpgtfp', 710, 'Vector Compare Greater Than Single-Precision', 'f32x4.gt'),
  ...bounds,
  ...fromFixed('vcfux', 778, 'Unsigned', 'f32x4.convert_i32x4_u'),
  ...fromFixed('vcfsx', 842, 'Signed', 'f32x4.convert_i32x4_s'),
  ...toFixed('vctuxs', 906, 'Unsigned', 'u'),
  ...toFixed('vctsxs', 970, 'Signed', 's'),
];
