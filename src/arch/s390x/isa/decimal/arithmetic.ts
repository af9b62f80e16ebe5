/** PoP, "Decimal Instructions": arithmetic, comparison, shift and test. */

import type { Field } from '../../../../ir/field.ts';
import type { I32 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { programMask, type Sem } from '../sem.ts';
import { operandOf, type Span, span, unsigned } from '../storage/operands.ts';
import { digitsOf, type Packed, powerOfTen, raiseDecimalOperand, readPacked, writePacked } from './packed.ts';

// First length, address and base; second length, address and base.
const operands = ['i32', 'i64', 'i32', 'i32', 'i64', 'i32'] as const;
const fetches = { fetches: true, faults: true };
const effects = { fetches: true, stores: true, faults: true };

/** Condition code of a result that is not too long. */
function ccOf(number: Packed): number {
  return number.magnitude === 0n ? 0 : number.negative ? 1 : 2;
}

/**
 * Stores a result: zero becomes plus zero unless digits were lost on the left, which is condition code 3 and keeps the sign
 * that the whole result has.
 */
function storeResult(vcpu: Vcpu, target: Span, result: Packed): number {
  const overflow = result.magnitude >= powerOfTen(digitsOf(target.length));
  writePacked(vcpu, target, { ...result, negative: result.negative && (overflow || result.magnitude !== 0n) });
  return overflow ? 3 : ccOf(result);
}

function signed(number: Packed): bigint {
  return number.negative ? -number.magnitude : number.magnitude;
}

function fromSigned(value: bigint): Packed {
  return value < 0n ? { magnitude: -value, negative: true } : { magnitude: value, negative: false };
}

const sum = (name: string, sign: 1n | -1n) =>
  helper(name, { params: operands, result: 'i32', effects }, (vcpu, length1, to, b1, length2, from, b2) => {
    const second = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const first = span(vcpu, unsigned(to), length1, 'update', operandOf(b1));
    const b = readPacked(vcpu, second);
    const a = readPacked(vcpu, first);
    return storeResult(vcpu, first, fromSigned(signed(a) + sign * signed(b)));
  });
const addDecimal = sum('addDecimal', 1n);
const subtractDecimal = sum('subtractDecimal', -1n);

const zeroAndAdd = helper(
  'zeroAndAdd',
  { params: operands, result: 'i32', effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const second = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const first = span(vcpu, unsigned(to), length1, 'store', operandOf(b1));
    return storeResult(vcpu, first, readPacked(vcpu, second));
  },
);

const compareDecimal = helper(
  'compareDecimal',
  { params: operands, result: 'i32', effects: fetches },
  (vcpu, length1, first, b1, length2, second, b2) => {
    const p = span(vcpu, unsigned(first), length1, 'fetch', operandOf(b1));
    const q = span(vcpu, unsigned(second), length2, 'fetch', operandOf(b2));
    const a = signed(readPacked(vcpu, p));
    const b = signed(readPacked(vcpu, q));
    return a === b ? 0 : a < b ? 1 : 2;
  },
);

// Signs follow the rules of algebra even where a result is zero.
const multiplyDecimal = helper(
  'multiplyDecimal',
  { params: operands, result: undefined, effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const second = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const first = span(vcpu, unsigned(to), length1, 'update', operandOf(b1));
    const b = readPacked(vcpu, second);
    const a = readPacked(vcpu, first);
    // As many leftmost bytes of the multiplicand as the multiplier has must be zeros.
    if (a.magnitude >= powerOfTen(digitsOf(length1) - 2 * length2)) raiseDecimalOperand(vcpu);
    writePacked(vcpu, first, { magnitude: a.magnitude * b.magnitude, negative: a.negative !== b.negative });
  },
);

const divideDecimal = helper(
  'divideDecimal',
  { params: operands, result: undefined, effects },
  (vcpu, length1, to, b1, length2, from, b2) => {
    const second = span(vcpu, unsigned(from), length2, 'fetch', operandOf(b2));
    const first = span(vcpu, unsigned(to), length1, 'update', operandOf(b1));
    const b = readPacked(vcpu, second);
    const a = readPacked(vcpu, first);
    const size = length1 - length2;
    if (b.magnitude === 0n) vcpu.raise(PGM.decimalDivide);
    const quotient = a.magnitude / b.magnitude;
    if (quotient >= powerOfTen(digitsOf(size))) vcpu.raise(PGM.decimalDivide);
    writePacked(vcpu, first.part(0, size), { magnitude: quotient, negative: a.negative !== b.negative });
    writePacked(vcpu, first.part(size, length2), { magnitude: a.magnitude % b.magnitude, negative: a.negative });
  },
);

const shiftAndRound = helper(
  'shiftAndRound',
  { params: ['i32', 'i64', 'i32', 'i32', 'i32'], result: 'i32', effects },
  (vcpu, length, at, b1, distance, rounding) => {
    const target = span(vcpu, unsigned(at), length, 'update', operandOf(b1));
    const a = readPacked(vcpu, target);
    if (rounding > 9) raiseDecimalOperand(vcpu);
    // Bits 58-63 of the address, signed: to the left when not negative.
    const places = (distance << 26) >> 26;
    if (places >= 0) return storeResult(vcpu, target, { ...a, magnitude: a.magnitude * powerOfTen(places) });
    const kept = a.magnitude / powerOfTen(-places - 1) + BigInt(rounding);
    return storeResult(vcpu, target, { ...a, magnitude: kept / 10n });
  },
);

const testDecimal = helper(
  'testDecimal',
  { params: ['i32', 'i64', 'i32'], result: 'i32', effects: fetches },
  (vcpu, length, at, b1) => {
    const source = span(vcpu, unsigned(at), length, 'fetch', operandOf(b1));
    const { storage } = vcpu.core.complex;
    let cc = 0;
    for (let i = 0; i < length; i++) {
      const byte = storage.byte(source.at(i));
      if (byte >> 4 > 9 || (i < length - 1 && (byte & 0x0f) > 9)) cc |= 2;
      if (i === length - 1 && (byte & 0x0f) < 10) cc |= 1;
    }
    return cc;
  },
);

interface DecimalOperands {
  readonly l1: Field;
  readonly b1: Field;
  readonly d1: Field;
  readonly l2: Field;
  readonly b2: Field;
  readonly d2: Field;
}

function args($: Sem, f: DecimalOperands) {
  const length1 = $.add($.field(f.l1), 1);
  const length2 = $.add($.field(f.l2), 1);
  return [length1, $.address1(f).at, $.field(f.b1), length2, $.address2(f).at, $.field(f.b2)] as const;
}

/** Sets the condition code; overflow interrupts when the program mask asks for it, results staying. */
function finish($: Sem, cc: I32): void {
  $.setCc(cc);
  const asked = $.and($.state(slots.programMask), programMask.decimalOverflow);
  $.pgmIf($.and($.eq(cc, 3), $.ne(asked, 0)), PGM.decimalOverflow);
}

/** The second operand of MP and DP: at most 8 bytes and shorter than the first. */
function requireShortSecond($: Sem, f: DecimalOperands): void {
  const second = $.field(f.l2);
  $.pgmIf($.or($.gtU(second, 7), $.geU(second, $.field(f.l1))), PGM.specification);
}

/** Arithmetic on packed decimal numbers. */
export const decimalArithmeticRows: readonly Row[] = [
  insn('AP', { op: 0xfa, fmt: 'SS_b', title: 'ADD DECIMAL', facility: 'zarch' }, ($, f) =>
    finish($, $.call(addDecimal, ...args($, f))),
  ),
  insn('SP', { op: 0xfb, fmt: 'SS_b', title: 'SUBTRACT DECIMAL', facility: 'zarch' }, ($, f) =>
    finish($, $.call(subtractDecimal, ...args($, f))),
  ),
  insn('ZAP', { op: 0xf8, fmt: 'SS_b', title: 'ZERO AND ADD', facility: 'zarch' }, ($, f) =>
    finish($, $.call(zeroAndAdd, ...args($, f))),
  ),
  insn('CP', { op: 0xf9, fmt: 'SS_b', title: 'COMPARE DECIMAL', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(compareDecimal, ...args($, f))),
  ),
  insn('MP', { op: 0xfc, fmt: 'SS_b', title: 'MULTIPLY DECIMAL', facility: 'zarch' }, ($, f) => {
    requireShortSecond($, f);
    $.callVoid(multiplyDecimal, ...args($, f));
  }),
  insn('DP', { op: 0xfd, fmt: 'SS_b', title: 'DIVIDE DECIMAL', facility: 'zarch' }, ($, f) => {
    requireShortSecond($, f);
    $.callVoid(divideDecimal, ...args($, f));
  }),
  insn('SRP', { op: 0xf0, fmt: 'SS_c', title: 'SHIFT AND ROUND DECIMAL', facility: 'zarch' }, ($, f) => {
    const length = $.add($.field(f.l1), 1);
    const distance = $.wrap($.address2(f).at);
    finish($, $.call(shiftAndRound, length, $.address1(f).at, $.field(f.b1), distance, $.field(f.i3)));
  }),
  insn('TP', { op: 0xebc0, fmt: 'RSL_a', title: 'TEST DECIMAL', facility: 'extended-translation-2' }, ($, f) =>
    $.setCc($.call(testDecimal, $.add($.field(f.l1), 1), $.address1(f).at, $.field(f.b1))),
  ),
];
