/** Conversions between floating-point numbers and integers (Power ISA, Book I, "Floating-Point Convert To Integer Instructions"). */

import { isNan } from '../../../../soft-float/arithmetic.ts';
import { type IntegerRange, integerRanges } from '../../../../soft-float/convert.ts';
import { ieee, type Rounding, rounding } from '../../../../soft-float/environment.ts';
import { decode, long, short } from '../../../../soft-float/format.ts';
import { deliver, roundAt } from '../../../../soft-float/round.ts';
import { field, form } from '../fields.ts';
import { op, type Row } from '../row.ts';
import { floatRows } from './arithmetic.ts';
import { type Kind, kinds } from './execute.ts';
import { FPSCR } from './fpscr.ts';
import { nativeFromInteger, nativeToInteger } from './native.ts';
import { type Operation, withNative } from './number.ts';

/** An integer that is converted from or to. */
export interface IntegerKind {
  readonly bits: 32 | 64;
  readonly signed: boolean;
}

function rangeOf({ bits, signed }: IntegerKind): IntegerRange {
  if (bits === 32) return signed ? integerRanges.fixed32 : integerRanges.logical32;
  return signed ? integerRanges.fixed64 : integerRanges.logical64;
}

/**
 * To an integer by a method, or as the register says. What is out of range becomes the nearest integer in range, a NaN the least
 * one; both are invalid. The bits are those of the element, to which a signed word is extended.
 */
export function toFixed(
  integer: IntegerKind,
  method: Rounding | 'current',
  element: 32 | 64 = integer.bits,
): Operation {
  const range = rangeOf(integer);
  const pattern = (value: bigint): bigint => BigInt.asUintN(element, value);
  const operation: Operation = (context, b = 0n) => {
    const x = decode(context.from, b);
    const invalid = (value: bigint) => ({
      value: pattern(value),
      raised: FPSCR.vxcvi | (x.kind === 'snan' ? FPSCR.vxsnan : 0),
    });
    // A NaN becomes the bits of the least integer, of a word without its sign before it.
    if (isNan(x)) return invalid(BigInt.asUintN(integer.bits, range.least));
    if (x.kind === 'infinity') return invalid(x.negative ? range.least : range.greatest);
    const mode = method === 'current' ? context.rounding : method;
    const rounded = roundAt(mode, x.negative, x.significand, x.exponent, 0);
    const value = x.negative ? -rounded.significand : rounded.significand;
    if (value < range.least) return invalid(range.least);
    if (value > range.greatest) return invalid(range.greatest);
    return { value: pattern(value), raised: rounded.inexact ? FPSCR.xx : 0, up: rounded.incremented };
  };
  const isNative = integer.signed && method === rounding.towardZero && element === 64;
  return isNative ? withNative(nativeToInteger(integer.bits), operation) : operation;
}

const INCREMENTED = 0x04;

/** From an integer, whose bits are the operand's. */
export function fromFixed({ bits, signed }: IntegerKind): Operation {
  const operation: Operation = (context, b = 0n) => {
    const value = signed ? BigInt.asIntN(bits, b) : BigInt.asUintN(bits, b);
    if (value === 0n) return { value: 0n, raised: 0 };
    const environment = { masks: ieee.inexact, rounding: context.rounding, inexactSuppressed: false };
    const { value: rounded, dxc } = deliver(context.to, environment, value < 0n, value < 0n ? -value : value, 0);
    return { value: rounded, raised: (dxc & ieee.inexact) === 0 ? 0 : FPSCR.xx, up: (dxc & INCREMENTED) !== 0 };
  };
  return bits === 64 && signed ? withNative(nativeFromInteger, operation) : operation;
}

const two = form({ frt: field.fr(6), frb: field.fr(16) });
const toKind: Kind = { ...kinds.double, tells: 'rounding' };
const opcode = (primary: number, extended: number) => op.exactly((primary << 26) | (extended << 1), 0xfc00_07fe);

const doubleword = { bits: 64, signed: true } as const;
const unsignedDoubleword = { bits: 64, signed: false } as const;
const word = { bits: 32, signed: true } as const;
const unsignedWord = { bits: 32, signed: false } as const;

const to = (mnemonic: string, extended: number, what: string, integer: IntegerKind): Row[] => [
  ...floatRows(
    mnemonic,
    { op: opcode(63, extended), form: two, title: `Floating Convert To Integer ${what}`, kind: toKind },
    toFixed(integer, 'current', 64),
  ),
  ...floatRows(
    `${mnemonic}z`,
    {
      ...{ op: opcode(63, extended + 1), form: two, kind: toKind },
      title: `Floating Convert To Integer ${what} with Round Toward Zero`,
    },
    toFixed(integer, rounding.towardZero, 64),
  ),
];

const from = (mnemonic: string, primary: 59 | 63, extended: number, what: string, integer: IntegerKind): Row[] =>
  floatRows(
    mnemonic,
    {
      ...{ op: opcode(primary, extended), form: two, title: `Floating Convert From Integer ${what}` },
      kind: primary === 59 ? { ...kinds.single, operand: long, result: short } : kinds.double,
    },
    fromFixed(integer),
  );

/** The instructions. */
export const floatIntegers: readonly Row[] = [
  ...to('fctiw', 14, 'Word', word),
  ...to('fctiwu', 142, 'Word Unsigned', unsignedWord),
  ...to('fctid', 814, 'Doubleword', doubleword),
  ...to('fctidu', 942, 'Doubleword Unsigned', unsignedDoubleword),
  ...from('fcfid', 63, 846, 'Doubleword', doubleword),
  ...from('fcfidu', 63, 974, 'Doubleword Unsigned', unsignedDoubleword),
  ...from('fcfids', 59, 846, 'Doubleword Single', doubleword),
  ...from('fcfidus', 59, 974, 'Doubleword Unsigned Single', unsignedDoubleword),
];
