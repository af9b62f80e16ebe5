/** PoP, "Hexadecimal-Floating-Point Instructions": products that are added, and products that are not normalized. */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  BIAS,
  decode,
  digitCount,
  type HfpFormat,
  type HfpNumber,
  long,
  operand,
  resized,
  setOperand,
  short,
  trueZero,
} from './number.ts';
import { begin, deliver, effects } from './outcome.ts';

/** Third operand times second, plus or minus the first: exactly, then normalized, and cut once. */
function multiplyAdd(f: HfpFormat, first: HfpNumber, second: HfpNumber, third: HfpNumber, minus: boolean): HfpNumber {
  const exponent = second.characteristic + third.characteristic - 2 * BIAS - 2 * f.digits;
  const addendExponent = first.characteristic - BIAS - f.digits;
  const least = Math.min(exponent, addendExponent);
  const part = (fraction: bigint, at: number, negative: boolean): bigint => {
    const wide = resized(fraction, 0, at - least);
    return negative ? -wide : wide;
  };
  const product = part(second.fraction * third.fraction, exponent, second.negative !== third.negative);
  const total = product + part(first.fraction, addendExponent, first.negative !== minus);
  if (total === 0n) return trueZero;
  const negative = total < 0n;
  const magnitude = negative ? -total : total;
  const digits = digitCount(magnitude);
  return { negative, characteristic: least + digits + BIAS, fraction: resized(magnitude, digits, f.digits) };
}

type Combine = (vcpu: Vcpu, r1: number, second: HfpNumber, third: HfpNumber) => void;

/** Rows in registers (RRD) and on storage (RXF). */
function rows(
  register: readonly [mnemonic: string, op: number],
  storage: readonly [mnemonic: string, op: number],
  title: string,
  f: HfpFormat,
  facility: 'hfp-multiply-add' | 'hfp-unnormalized',
  pair: boolean,
  run: Combine,
): Row[] {
  const operate = helper(
    `hfp-${register[0]}`,
    { params: ['i32', 'i64', 'i32'], result: undefined, effects },
    (vcpu, r1, second, r3) =>
      run(vcpu, r1, decode(f, BigInt.asUintN(f === short ? 32 : 64, second)), operand(vcpu, f, r3)),
  );
  const call = ($: Sem, r1: Field, second: I64, r3: Field): void =>
    $.callVoid(operate, $.field(r1), second, $.field(r3));
  return [
    insn(register[0], { op: register[1], fmt: 'RRD', title, facility }, ($, fields) => {
      begin($, [fields.r1, fields.r2, fields.r3], pair ? [fields.r1] : []);
      call($, fields.r1, f === short ? $.zext($.fprShort(fields.r2)) : $.fpr(fields.r2), fields.r3);
    }),
    insn(storage[0], { op: storage[1], fmt: 'RXF', title, facility }, ($, fields) => {
      begin($, [fields.r1, fields.r3], pair ? [fields.r1] : []);
      const address = $.address2(fields);
      call($, fields.r1, f === short ? $.zext($.fetch32(address)) : $.fetch64(address), fields.r3);
    }),
  ];
}

const addRows = (
  f: HfpFormat,
  minus: boolean,
  register: readonly [string, number],
  storage: readonly [string, number],
) =>
  rows(
    register,
    storage,
    `MULTIPLY AND ${minus ? 'SUBTRACT' : 'ADD'} (${f.name} HFP)`,
    f,
    'hfp-multiply-add',
    false,
    (vcpu, r1, second, third) => deliver(vcpu, f, r1, multiplyAdd(f, operand(vcpu, f, r1), second, third, minus)),
  );

// ---- products that are not normalized

/** The whole product of two long numbers, in 28 digits. */
function wholeProduct(second: HfpNumber, third: HfpNumber): HfpNumber {
  return {
    negative: second.negative !== third.negative,
    characteristic: second.characteristic + third.characteristic - BIAS,
    fraction: second.fraction * third.fraction,
  };
}

/**
 * A long number added to the product, nothing normalized. The product says the characteristic. Digits of the sum that have no
 * place on either side are lost, as is a carry.
 */
function productPlus(first: HfpNumber, second: HfpNumber, third: HfpNumber): HfpNumber {
  const product = wholeProduct(second, third);
  const distance = first.characteristic - product.characteristic;
  const more = Math.max(0, -distance);
  const signed = (magnitude: bigint, negative: boolean): bigint => (negative ? -magnitude : magnitude);
  const addend = signed(resized(first.fraction << 56n, 0, distance + more), first.negative);
  const total = signed(resized(product.fraction, 0, more), product.negative) + addend;
  const negative = total < 0n;
  return { ...product, negative, fraction: BigInt.asUintN(112, resized(negative ? -total : total, more, 0)) };
}

type Part = 'both' | 'high' | 'low';

/** Places the extended result, or half of it; of characteristics seven bits are left. */
function place(vcpu: Vcpu, r1: number, part: Part, value: HfpNumber): void {
  const { characteristic, fraction } = value;
  const high = { ...value, fraction: fraction >> 56n };
  const low = { ...value, characteristic: characteristic - 14, fraction: BigInt.asUintN(56, fraction) };
  if (part !== 'low') setOperand(vcpu, long, part === 'both' ? r1 & ~2 : r1, high);
  if (part !== 'high') setOperand(vcpu, long, part === 'both' ? r1 | 2 : r1, low);
}

function unnormalizedRows(letter: '' | 'H' | 'L', part: Part, op: number): Row[] {
  const what = part === 'both' ? 'extended' : `extended ${part}`;
  const facility = 'hfp-unnormalized';
  const isPair = part === 'both';
  return [
    ...rows(
      [`MAY${letter}R`, 0xb300 + op],
      [`MAY${letter}`, 0xed00 + op],
      `MULTIPLY AND ADD UNNORMALIZED (long to ${what} HFP)`,
      long,
      facility,
      // R1 has the number that is added, and may be either register of the pair.
      false,
      (vcpu, r1, second, third) => place(vcpu, r1, part, productPlus(operand(vcpu, long, r1), second, third)),
    ),
    ...rows(
      [`MY${letter}R`, 0xb301 + op],
      [`MY${letter}`, 0xed01 + op],
      `MULTIPLY UNNORMALIZED (long to ${what} HFP)`,
      long,
      facility,
      isPair,
      (vcpu, r1, second, third) => place(vcpu, r1, part, wholeProduct(second, third)),
    ),
  ];
}

/** Products that are added, and products as they are. */
export const hfpMultiplyAddRows: readonly Row[] = [
  ...addRows(short, false, ['MAER', 0xb32e], ['MAE', 0xed2e]),
  ...addRows(short, true, ['MSER', 0xb32f], ['MSE', 0xed2f]),
  ...addRows(long, false, ['MADR', 0xb33e], ['MAD', 0xed3e]),
  ...addRows(long, true, ['MSDR', 0xb33f], ['MSD', 0xed3f]),
  ...unnormalizedRows('L', 'low', 0x38),
  ...unnormalizedRows('', 'both', 0x3a),
  ...unnormalizedRows('H', 'high', 0x3c),
];
