/** PoP, "Hexadecimal-Floating-Point Instructions": from and to integers and binary numbers. */

import { type Rounding, rounding } from '../../../../soft-float/environment.ts';
import * as bfp from '../../../../soft-float/format.ts';
import { roundAt } from '../../../../soft-float/round.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { supportInstruction } from '../bfp/operand.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { fromInteger } from './arithmetic.ts';
import { BIAS, digitCount, extended, type HfpFormat, long, operand, resized, setOperand, short } from './number.ts';
import { begin, effects, pairOf } from './outcome.ts';

const formats = [
  { letter: 'E', f: short, op: 0 },
  { letter: 'D', f: long, op: 1 },
  { letter: 'X', f: extended, op: 2 },
] as const;

const methods: readonly (Rounding | undefined)[] = [
  rounding.towardZero,
  rounding.nearestAway,
  undefined,
  undefined,
  rounding.nearestEven,
  rounding.towardZero,
  rounding.up,
  rounding.down,
];

/** The method of M3; specification exception for one that is not assigned. */
function methodOf(vcpu: Vcpu, m3: number): Rounding {
  return methods[m3] ?? vcpu.raise(PGM.specification);
}

/** The power of two that a fraction's last bit stands for. */
function lastBit(f: HfpFormat, characteristic: number): number {
  return 4 * (characteristic - BIAS - f.digits);
}

function integerRows(bits: 32 | 64): Row[] {
  const kind = bits === 32 ? 'F' : 'G';
  const toOp = bits === 32 ? 0xb3b8 : 0xb3c8;
  const fromOp = bits === 32 ? 0xb3b4 : 0xb3c4;
  return formats.flatMap(({ letter, f, op }) => {
    const [to, from] = [`C${kind}${letter}R`, `C${letter}${kind}R`];
    const toFixed = helper(
      `hfp-${to}`,
      { params: ['i32', 'i32', 'i32'], result: undefined, effects },
      (vcpu, r1, r2, m3) => {
        const method = methodOf(vcpu, m3);
        const { negative, characteristic, fraction } = operand(vcpu, f, r2);
        const { significand } = roundAt(method, negative, fraction, lastBit(f, characteristic), 0);
        const value = negative ? -significand : significand;
        const fits = BigInt.asIntN(bits, value) === value;
        const most = 1n << BigInt(bits - 1);
        const result = fits ? value : negative ? -most : most - 1n;
        if (bits === 32) vcpu.setGrLow(r1, Number(BigInt.asUintN(32, result)));
        else vcpu.setGr(r1, BigInt.asUintN(64, result));
        vcpu.cc = !fits ? 3 : fraction === 0n ? 0 : negative ? 1 : 2;
      },
    );
    const fromFixed = helper(
      `hfp-${from}`,
      { params: ['i32', 'i64'], result: undefined, effects: {} },
      (vcpu, r1, value) => setOperand(vcpu, f, r1, fromInteger(f.digits, BigInt.asIntN(bits, value))),
    );
    const toTitle = `CONVERT TO FIXED (${f.name} HFP to ${bits})`;
    const fromTitle = `CONVERT FROM FIXED (${bits} to ${f.name} HFP)`;
    return [
      insn(to, { op: toOp + op, fmt: 'RRF_e', title: toTitle, facility: 'zarch', ignores: ['m4'] }, ($, fields) => {
        begin($, [fields.r2], pairOf(f, fields.r2));
        $.callVoid(toFixed, $.field(fields.r1), $.field(fields.r2), $.field(fields.m3));
      }),
      insn(from, { op: fromOp + op, fmt: 'RRE', title: fromTitle, facility: 'zarch' }, ($, fields) => {
        begin($, [fields.r1], pairOf(f, fields.r1));
        $.callVoid(fromFixed, $.field(fields.r1), $.gr(fields.r2));
      }),
    ];
  });
}

// ---- binary numbers

const MOST = { characteristic: 127, fraction: (1n << 56n) - 1n } as const;

function fromBinary(vcpu: Vcpu, r1: number, f: bfp.BfpFormat, bits: bigint): void {
  const { kind, negative, significand, exponent } = bfp.decode(f, bits);
  if (kind === 'zero') {
    setOperand(vcpu, long, r1, { negative, characteristic: 0, fraction: 0n });
    vcpu.cc = 0;
    return;
  }
  if (kind !== 'finite') {
    // A NaN has no sign there.
    setOperand(vcpu, long, r1, { negative: negative && kind === 'infinity', ...MOST });
    vcpu.cc = 3;
    return;
  }
  // The last digit becomes one of a power of 16.
  const shift = ((exponent % 4) + 4) % 4;
  const digits = significand << BigInt(shift);
  const count = digitCount(digits);
  const characteristic = (exponent - shift) / 4 + count + BIAS;
  const fraction = resized(digits, count, long.digits);
  if (characteristic > 127) setOperand(vcpu, long, r1, { negative, ...MOST });
  else if (characteristic < 0) setOperand(vcpu, long, r1, { negative, characteristic: 0, fraction: 0n });
  else setOperand(vcpu, long, r1, { negative, characteristic, fraction });
  vcpu.cc = characteristic > 127 ? 3 : negative ? 1 : 2;
}

function toBinary(
  vcpu: Vcpu,
  f: bfp.BfpFormat,
  r2: number,
  method: Rounding,
): { readonly bits: bigint; readonly cc: number } {
  const { negative, characteristic, fraction } = operand(vcpu, long, r2);
  if (fraction === 0n) return { bits: bfp.signBit(f, negative), cc: 0 };
  const cc = negative ? 1 : 2;
  const last = lastBit(long, characteristic);
  const e = last + bfp.bitLength(fraction) - 1;
  const quantum = Math.max(e - f.precision + 1, bfp.leastQuantum(f));
  const r = roundAt(method, negative, fraction, last, quantum);
  const carried = r.significand >> BigInt(f.precision) !== 0n;
  if (e + (carried ? 1 : 0) <= f.emax) return { bits: bfp.encode(f, negative, r.significand, quantum), cc };
  const toInfinity =
    method === rounding.nearestAway ||
    method === rounding.nearestEven ||
    method === (negative ? rounding.down : rounding.up);
  return { bits: toInfinity ? bfp.infinity(f, negative) : bfp.largest(f, negative), cc: 3 };
}

function fromBinaryRow(mnemonic: string, op: number, f: bfp.BfpFormat, title: string): Row {
  const convert = helper(
    `hfp-${mnemonic}`,
    { params: ['i32', 'i32'], result: undefined, effects: {} },
    (vcpu, r1, r2) => fromBinary(vcpu, r1, f, f === bfp.short ? vcpu.fpr(r2) >> 32n : vcpu.fpr(r2)),
  );
  return insn(mnemonic, { op, fmt: 'RRE', title, facility: 'zarch' }, ($, fields) => {
    supportInstruction($, fields.r1, fields.r2);
    $.callVoid(convert, $.field(fields.r1), $.field(fields.r2));
  });
}

function toBinaryRow(mnemonic: string, op: number, f: bfp.BfpFormat, title: string): Row {
  const convert = helper(
    `hfp-${mnemonic}`,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, m3) => {
      const { bits, cc } = toBinary(vcpu, f, r2, methodOf(vcpu, m3));
      if (f === bfp.short) vcpu.setFpr(r1, (bits << 32n) | BigInt.asUintN(32, vcpu.fpr(r1)));
      else vcpu.setFpr(r1, bits);
      vcpu.cc = cc;
    },
  );
  return insn(mnemonic, { op, fmt: 'RRF_e', title, facility: 'zarch', ignores: ['m4'] }, ($, fields) => {
    supportInstruction($, fields.r1, fields.r2);
    $.callVoid(convert, $.field(fields.r1), $.field(fields.r2), $.field(fields.m3));
  });
}

/** Conversions. */
export const hfpConvertRows: readonly Row[] = [
  ...integerRows(32),
  ...integerRows(64),
  fromBinaryRow('THDER', 0xb358, bfp.short, 'CONVERT BFP TO HFP (short to long)'),
  fromBinaryRow('THDR', 0xb359, bfp.long, 'CONVERT BFP TO HFP (long)'),
  toBinaryRow('TBEDR', 0xb350, bfp.short, 'CONVERT HFP TO BFP (long to short)'),
  toBinaryRow('TBDR', 0xb351, bfp.long, 'CONVERT HFP TO BFP (long)'),
];
