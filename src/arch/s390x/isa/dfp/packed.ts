/** PoP, "Decimal-Floating-Point Instructions": packed numbers in general registers. */

import type { Field } from '../../../../ir/field.ts';
import { encode, extended, power } from '../../../../soft-float/decimal/format.ts';
import { digitsOf } from '../../../../soft-float/decimal/inspect.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { isMinus, raiseDecimalOperand } from '../decimal/packed.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { effects, formats, operand, setOperand } from './helpers.ts';

type Format = (typeof formats)[number];
const facility = 'dfp';

function setPacked(vcpu: Vcpu, isPair: boolean, r1: number, value: bigint): void {
  if (!isPair) return vcpu.setGr(r1, value);
  vcpu.setGr(r1, value >> 64n);
  vcpu.setGr(r1 + 1, BigInt.asUintN(64, value));
}

/** The digits of a packed number; a data exception when there are others. */
function decimal(vcpu: Vcpu, digits: string): bigint {
  if (!/^[0-9]+$/.test(digits)) raiseDecimalOperand(vcpu);
  return BigInt(digits);
}

function toRows({ letter, format }: Format): Row[] {
  const isPair = format === extended;
  const places = isPair ? 32 : 16;
  const distance = isPair ? 8 : 0;
  const toUnsigned = helper(
    `dfp-CU${letter}TR`,
    { params: ['i32', 'i32'], result: undefined, effects: {} },
    (vcpu, r1, r2) => {
      const { digits } = digitsOf(format, operand(vcpu, format, r2));
      setPacked(vcpu, isPair, r1, BigInt(`0x${digits % power(places)}`));
    },
  );
  const toSigned = helper(
    `dfp-CS${letter}TR`,
    { params: ['i32', 'i32', 'i32'], result: undefined, effects: {} },
    (vcpu, r1, r2, m4) => {
      const { digits, negative } = digitsOf(format, operand(vcpu, format, r2));
      const sign = negative ? 'd' : (m4 & 1) !== 0 ? 'f' : 'c';
      setPacked(vcpu, isPair, r1, BigInt(`0x${digits % power(places - 1)}${sign}`));
    },
  );
  const title = (what: string): string => `CONVERT TO ${what} PACKED (${format.name} DFP to ${isPair ? 128 : 64})`;
  const begin = ($: Sem, r1: Field, r2: Field): void => {
    dfpInstruction($);
    if (!isPair) return;
    $.requireEven(r1);
    requirePair($, r2);
  };
  return [
    insn(`CU${letter}TR`, { op: 0xb3e2 + distance, fmt: 'RRE', title: title('UNSIGNED'), facility }, ($, f) => {
      begin($, f.r1, f.r2);
      $.callVoid(toUnsigned, $.field(f.r1), $.field(f.r2));
    }),
    insn(`CS${letter}TR`, { op: 0xb3e3 + distance, fmt: 'RRF_d', title: title('SIGNED'), facility }, ($, f) => {
      begin($, f.r1, f.r2);
      $.callVoid(toSigned, $.field(f.r1), $.field(f.r2), $.field(f.m4));
    }),
  ];
}

function fromRows({ letter, format }: Format): Row[] {
  const isPair = format === extended;
  const places = isPair ? 32 : 16;
  const distance = isPair ? 8 : 0;
  const source = (vcpu: Vcpu, r2: number): string => {
    const value = isPair ? (vcpu.gr(r2) << 64n) | vcpu.gr(r2 + 1) : vcpu.gr(r2);
    return value.toString(16).padStart(places, '0');
  };
  const fromUnsigned = helper(
    `dfp-C${letter}UTR`,
    { params: ['i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2) => setOperand(vcpu, format, r1, encode(format, false, decimal(vcpu, source(vcpu, r2)), 0)),
  );
  const fromSigned = helper(
    `dfp-C${letter}STR`,
    { params: ['i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2) => {
      const text = source(vcpu, r2);
      const sign = Number.parseInt(text.slice(-1), 16);
      const digits = decimal(vcpu, text.slice(0, -1));
      if (sign < 10) raiseDecimalOperand(vcpu);
      setOperand(vcpu, format, r1, encode(format, isMinus(sign), digits, 0));
    },
  );
  const title = (what: string): string => `CONVERT FROM ${what} PACKED (${isPair ? 128 : 64} to ${format.name} DFP)`;
  return (
    [
      ['U', 'UNSIGNED', 0xb3f2, fromUnsigned],
      ['S', 'SIGNED', 0xb3f3, fromSigned],
    ] as const
  ).map(([kind, what, op, convert]) =>
    insn(`C${letter}${kind}TR`, { op: op + distance, fmt: 'RRE', title: title(what), facility }, ($, f) => {
      dfpInstruction($);
      if (isPair) {
        requirePair($, f.r1);
        $.requireEven(f.r2);
      }
      $.callVoid(convert, $.field(f.r1), $.field(f.r2));
    }),
  );
}

/** Packed numbers in general registers. */
export const dfpPackedRows: readonly Row[] = formats.flatMap((format) => [...toRows(format), ...fromRows(format)]);
