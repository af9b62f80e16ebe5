/** PoP, "Vector Decimal Instructions": conversions from and to binary, zoned and immediate numbers. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { isMinus, raiseDecimalOperand } from '../decimal/packed.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { programMask } from '../sem.ts';
import { vectorInstruction } from './lanes.ts';
import {
  areDigits,
  areZeros,
  codesIn,
  decimalOverflow,
  fromCodes,
  isSign,
  numberIn,
  overflowMask,
  resultControls,
  SIGN,
} from './packed-register.ts';

const facility = 'vector-packed-decimal';
const enhancement = 'vector-packed-decimal-enhancement-2';
const title = (what: string): string => `VECTOR ${what}`;
const effects = { faults: true } as const;

// ---- binary

/** Modifiers of both directions: the sign of the decimal number is plus or not looked at, the integer has none. */
const M = { fromPlus: 8, fromLogical: 2, toLogical: 8, toPlus: 2, setsCc: 1 } as const;

function toBinary(bits: 32 | 64) {
  return helper(
    `vectorToBinary${bits}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, v2, m3, m4) => {
      const masked = overflowMask(vcpu, (m4 & 8) !== 0);
      const value = numberIn(vcpu, vcpu.vr(v2), (m3 & M.fromPlus) !== 0);
      const logical = (m3 & M.fromLogical) !== 0;
      const result = logical && value < 0n ? -value : value;
      const overflow = (logical ? BigInt.asUintN(bits, result) : BigInt.asIntN(bits, result)) !== result;
      if (bits === 32) vcpu.setGrLow(r1, Number(BigInt.asUintN(32, result)));
      else vcpu.setGr(r1, BigInt.asUintN(64, result));
      if ((m3 & M.setsCc) !== 0) vcpu.cc = overflow ? 3 : 0;
      const asked = (vcpu.num(slots.programMask) & programMask.fixedPointOverflow) !== 0;
      if (overflow && asked && !masked) vcpu.raise(PGM.fixedPointOverflow);
    },
  );
}

function toDecimal(bits: 32 | 64) {
  return helper(
    `vectorToDecimal${bits}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, v1, r2, i3, m4) => {
      const { count, masked } = resultControls(vcpu, i3, 'digits');
      const value = (m4 & M.toLogical) !== 0 ? BigInt.asUintN(bits, vcpu.gr(r2)) : BigInt.asIntN(bits, vcpu.gr(r2));
      const digits = (value < 0n ? -value : value).toString();
      const overflow = digits.length > count;
      const sign = (m4 & M.toPlus) !== 0 ? SIGN.unsigned : value < 0n ? SIGN.minus : SIGN.plus;
      vcpu.setVr(v1, fromCodes(digits.slice(-count), sign));
      if ((m4 & M.setsCc) !== 0) vcpu.cc = overflow ? 3 : 0;
      if (overflow) decimalOverflow(vcpu, masked);
    },
  );
}

function binaryRows(bits: 32 | 64): Row[] {
  const letter = bits === 32 ? '' : 'G';
  const [from, to] = [toBinary(bits), toDecimal(bits)];
  const what = `(${bits})`;
  return [
    insn(
      `VCVB${letter}`,
      { op: bits === 32 ? 0xe650 : 0xe652, fmt: 'VRR_i', title: title(`CONVERT TO BINARY ${what}`), facility },
      ($, f) => {
        vectorInstruction($);
        $.callVoid(from, $.field(f.r1), $.field(f.v2), $.field(f.m3), $.field(f.m4));
      },
    ),
    insn(
      `VCVD${letter}`,
      { op: bits === 32 ? 0xe658 : 0xe65a, fmt: 'VRI_i', title: title(`CONVERT TO DECIMAL ${what}`), facility },
      ($, f) => {
        vectorInstruction($);
        $.callVoid(to, $.field(f.v1), $.field(f.r2), $.field(f.i3), $.field(f.m4));
      },
    ),
  ];
}

// ---- zoned numbers in storage

const ZONE = 0xf0;
const LONGEST = 30;

function zonedLength(vcpu: Vcpu, i3: number): number {
  if (i3 > LONGEST) vcpu.raise(PGM.specification);
  return i3 + 1;
}

const packZoned = helper(
  'vectorPackZoned',
  { params: ['i64', 'i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, faults: true } },
  (vcpu, address, ar, v1, i3) => {
    const length = zonedLength(vcpu, i3);
    const zoned = vcpu.core.access.read(vcpu, BigInt.asUintN(64, address), length, { space: 'current', ar });
    const digits = [...zoned].map((byte) => (byte & 15).toString(16)).join('');
    vcpu.setVr(v1, fromCodes(digits, (zoned[length - 1] ?? 0) >> 4));
  },
);

/** Zoned bytes of digits; the last one has `sign` for its zone. */
function zonedBytes(digits: string, sign: number): Uint8Array {
  const bytes = Uint8Array.from(digits, (digit) => ZONE | Number.parseInt(digit, 16));
  const last = bytes.length - 1;
  bytes[last] = ((bytes[last] ?? 0) & 15) | (sign << 4);
  return bytes;
}

const unpackZoned = helper(
  'vectorUnpackZoned',
  { params: ['i64', 'i32', 'i32', 'i32'], result: undefined, effects: { stores: true, faults: true } },
  (vcpu, address, ar, v1, i3) => {
    const length = zonedLength(vcpu, i3);
    const { digits, sign } = codesIn(vcpu.vr(v1));
    const zoned = zonedBytes(digits.slice(-length), sign);
    vcpu.core.access.write(vcpu, BigInt.asUintN(64, address), zoned, { space: 'current', ar });
  },
);

// ---- zoned numbers in registers

const ZONED = { noSignValidation: 8, noValidation: 4, forcedPlus: 2, setsCc: 1 } as const;

/** A data exception for what the modifier does not leave alone. */
function validate(vcpu: Vcpu, digits: string, sign: number, modifier: number): void {
  if ((modifier & ZONED.noValidation) !== 0) return;
  if ((modifier & ZONED.noSignValidation) === 0 && !isSign(sign)) raiseDecimalOperand(vcpu);
  if (!areDigits(digits)) raiseDecimalOperand(vcpu);
}

function bytesAsVector(bytes: Uint8Array): bigint {
  return bytes.reduce((v, byte) => (v << 8n) | BigInt(byte), 0n);
}

const unpackHigh = helper(
  'vectorUnpackZonedHigh',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, m3) => {
    const { digits, sign } = codesIn(vcpu.vr(v2));
    validate(vcpu, digits, sign, m3);
    vcpu.setVr(v1, bytesAsVector(zonedBytes(`0${digits.slice(0, 15)}`, 15)));
  },
);

const unpackLow = helper(
  'vectorUnpackZonedLow',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, m3) => {
    const { digits, sign } = codesIn(vcpu.vr(v2));
    validate(vcpu, digits, sign, m3);
    vcpu.setVr(v1, bytesAsVector(zonedBytes(digits.slice(15), (m3 & ZONED.forcedPlus) !== 0 ? SIGN.unsigned : sign)));
  },
);

const packRegisters = helper(
  'vectorPackZonedRegister',
  { params: ['i32', 'i32', 'i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, v2, v3, i4, m5) => {
    const { count, masked } = resultControls(vcpu, i4, 'digits');
    const zoned = ((vcpu.vr(v2) << 128n) | vcpu.vr(v3)).toString(16).padStart(64, '0');
    const digits = zoned.replace(/.(.)/g, '$1');
    const zone = Number.parseInt(zoned.charAt(62), 16);
    validate(vcpu, digits, zone, m5);
    const sign = (m5 & ZONED.forcedPlus) !== 0 ? SIGN.unsigned : zone;
    const overflow = !areZeros(digits.slice(0, -count));
    vcpu.setVr(v1, fromCodes(digits.slice(-count), sign));
    if ((m5 & ZONED.setsCc) !== 0) {
      const valid = areDigits(digits) && isSign(zone);
      vcpu.cc = overflow || !valid ? 3 : areZeros(digits) ? 0 : isMinus(sign) ? 1 : 2;
    }
    if (overflow) decimalOverflow(vcpu, masked);
  },
);

// ---- immediate

const loadImmediate = helper(
  'vectorLoadImmediateDecimal',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects },
  (vcpu, v1, i2, i3) => {
    const digits = i2.toString(16);
    if (!areDigits(digits)) raiseDecimalOperand(vcpu);
    const places = '0'.repeat(i3 & 7);
    vcpu.setVr(v1, fromCodes(digits + places, (i3 & 8) !== 0 ? SIGN.minus : SIGN.plus));
  },
);

/** Conversions of packed decimal numbers in vector registers. */
export const vectorDecimalConvertRows: readonly Row[] = [
  ...binaryRows(32),
  ...binaryRows(64),
  insn('VPKZ', { op: 0xe634, fmt: 'VSI', title: title('PACK ZONED'), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(packZoned, $.address2(f).at, $.field(f.b2), $.field(f.v1), $.field(f.i3));
  }),
  insn('VUPKZ', { op: 0xe63c, fmt: 'VSI', title: title('UNPACK ZONED'), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(unpackZoned, $.address2(f).at, $.field(f.b2), $.field(f.v1), $.field(f.i3));
  }),
  insn('VLIP', { op: 0xe649, fmt: 'VRI_h', title: title('LOAD IMMEDIATE DECIMAL'), facility }, ($, f) => {
    vectorInstruction($);
    $.callVoid(loadImmediate, $.field(f.v1), $.field(f.i2), $.field(f.i3));
  }),
  insn('VPKZR', { op: 0xe670, fmt: 'VRI_f', title: title('PACK ZONED REGISTER'), facility: enhancement }, ($, f) => {
    vectorInstruction($);
    $.callVoid(packRegisters, $.field(f.v1), $.field(f.v2), $.field(f.v3), $.field(f.i4), $.field(f.m5));
  }),
  insn('VUPKZH', { op: 0xe654, fmt: 'VRR_k', title: title('UNPACK ZONED HIGH'), facility: enhancement }, ($, f) => {
    vectorInstruction($);
    $.callVoid(unpackHigh, $.field(f.v1), $.field(f.v2), $.field(f.m3));
  }),
  insn('VUPKZL', { op: 0xe65c, fmt: 'VRR_k', title: title('UNPACK ZONED LOW'), facility: enhancement }, ($, f) => {
    vectorInstruction($);
    $.callVoid(unpackLow, $.field(f.v1), $.field(f.v2), $.field(f.m3));
  }),
];
