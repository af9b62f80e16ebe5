/** PoP, "Vector Decimal Instructions": between packed decimal numbers and hexadecimal floating point. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { powerOfTen } from '../decimal/packed.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { vectorInstruction } from './lanes.ts';
import { fromCodes, numberIn, SIGN, VECTOR_DIGITS } from './packed-register.ts';

const facility = 'vector-packed-decimal-enhancement-2';
const effects = { faults: true } as const;

/** Hexadecimal digits of the formats, by the format control. */
const fractionDigits: readonly (number | undefined)[] = [undefined, undefined, 6, 14, 28];
const BIAS = 64;
const LONG_DIGITS = 14;
const SHORT_DIGITS = 6;

/** A long number, or half an extended one, with its sign and characteristic. */
function doubleword(negative: boolean, characteristic: number, fraction: string): bigint {
  const sign = negative ? 0x80 : 0;
  return (BigInt(sign | (characteristic & 0x7f)) << 56n) | BigInt(`0x${fraction.padEnd(LONG_DIGITS, '0')}`);
}

/** Byte 7 of V3, as many low bits of it as a scale factor has. */
function scaleIn(v: bigint, bits: number): number {
  return Number(BigInt.asUintN(bits, v >> 64n));
}

/** A magnitude in hexadecimal digits, rounded to `digits` of them when it has more, a half up. */
function roundedDigits(magnitude: bigint, digits: number): string {
  const text = magnitude.toString(16);
  const dropped = text.length - digits;
  if (dropped <= 0) return text;
  return (((magnitude >> BigInt(4 * (dropped - 1))) + 8n) >> 4n).toString(16) + '0'.repeat(dropped);
}

const toHfp = helper(
  'vectorScaleToHfp',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, v3, m4, m5) => {
    const digits = fractionDigits[m4] ?? vcpu.raise(PGM.specification);
    const value = numberIn(vcpu, vcpu.vr(v2), false) * powerOfTen(scaleIn(vcpu.vr(v3), 3));
    if (value === 0n) return vcpu.setVr(v1, 0n);
    const negative = value < 0n;
    const magnitude = negative ? -value : value;
    const text = (m5 & 1) !== 0 ? roundedDigits(magnitude, digits) : magnitude.toString(16);
    const characteristic = BIAS + text.length;
    const kept = text.slice(0, digits).padEnd(2 * LONG_DIGITS, '0');
    const high = doubleword(negative, characteristic, kept.slice(0, LONG_DIGITS));
    const low = m4 === 4 ? doubleword(negative, characteristic - LONG_DIGITS, kept.slice(LONG_DIGITS)) : 0n;
    vcpu.setVr(v1, (high << 64n) | low);
  },
);

const splitToHfp = helper(
  'vectorScaleAndSplitToHfp',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, v3) => {
    const value = numberIn(vcpu, vcpu.vr(v2), false) * powerOfTen(scaleIn(vcpu.vr(v3), 3));
    if (value === 0n) return vcpu.setVr(v1, 0n);
    const negative = value < 0n;
    const text = (negative ? -value : value).toString(16);
    const high = doubleword(negative, BIAS + text.length, text.slice(0, SHORT_DIGITS));
    const rest = text.slice(SHORT_DIGITS).replace(/^0+/, '');
    const low = rest === '' ? 0n : doubleword(negative, BIAS + rest.length, rest.slice(0, LONG_DIGITS));
    vcpu.setVr(v1, (high << 64n) | low);
  },
);

const fromHfp = helper(
  'vectorHfpToScaled',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: {} },
  (vcpu, v1, v2, v3, m4) => {
    const operand = vcpu.vr(v2);
    const fraction = (BigInt.asUintN(56, operand >> 64n) << 56n) | BigInt.asUintN(56, operand);
    const exponent = Number((operand >> 120n) & 0x7fn) - BIAS - 2 * LONG_DIGITS;
    const scaled = fraction * powerOfTen(scaleIn(vcpu.vr(v3), 5));
    const right = BigInt(-4 * exponent);
    const half = (m4 & 1) !== 0 && right > 0n ? 1n << (right - 1n) : 0n;
    const digits = ((scaled + half) >> right).toString().slice(-VECTOR_DIGITS);
    const negative = operand >> 127n === 1n && !/^0*$/.test(digits);
    vcpu.setVr(v1, fromCodes(digits, negative ? SIGN.minus : SIGN.plus));
  },
);

/** Conversions that scale by a power of ten. */
export const vectorDecimalHfpRows: readonly Row[] = [
  insn('VSCHP', { op: 0xe674, fmt: 'VRR_b', title: 'DECIMAL SCALE AND CONVERT TO HFP', facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(toHfp, $.field(f.v1), $.field(f.v2), $.field(f.v3), $.field(f.m4), $.field(f.m5));
  }),
  insn(
    'VSCSHP',
    {
      op: 0xe67c,
      fmt: 'VRR_b',
      title: 'DECIMAL SCALE AND CONVERT AND SPLIT TO HFP',
      facility,
      ignores: ['m4', 'm5'],
    },
    ($, f) => {
      vectorInstruction($);
      $.callVoid(splitToHfp, $.field(f.v1), $.field(f.v2), $.field(f.v3));
    },
  ),
  insn('VCSPH', { op: 0xe67d, fmt: 'VRR_j', title: 'VECTOR CONVERT HFP TO SCALED DECIMAL', facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(fromHfp, $.field(f.v1), $.field(f.v2), $.field(f.v3), $.field(f.m4));
  }),
];
