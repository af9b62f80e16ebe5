/** Power ISA, Book I, "Vector Facility": products of integers, alone and in sums. */

import type { V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  any,
  BYTE,
  choose,
  DOUBLEWORD,
  everySecond,
  extended,
  HALFWORD,
  lanewise,
  pairSums,
  rightHalves,
  type Size,
  saturatedSum,
  shifted,
  splat,
  WORD,
} from './lanes.ts';
import { intoRange } from './pack.ts';
import { binary, saturated, ternary } from './rows.ts';

const twice = [HALFWORD, WORD, DOUBLEWORD] as const;
type Parity = 'even' | 'odd';
type Signs = readonly [a: boolean, b: boolean];

/** Products of the even or the odd elements, twice as wide. */
export function products($: Sem, size: Size, parity: Parity, [ofA, ofB]: Signs, a: V128, b: V128): V128 {
  const x = everySecond($, size, parity, ofA, a);
  return lanewise($, twice[size], 'mul', x, everySecond($, size, parity, ofB, b));
}

const multiply = (mnemonic: string, extended_: number, size: Size, parity: Parity, signed: boolean): Row[] =>
  binary(
    mnemonic,
    extended_,
    `Vector Multiply ${parity === 'even' ? 'Even' : 'Odd'} ${signed ? 'Signed' : 'Unsigned'}`,
    ($, a, b) => products($, size, parity, [signed, signed], a, b),
  );

/** (a * b + rounding) / 2^15 + c, of signed halfwords, in range. */
function highSum($: Sem, rounding: number, a: V128, b: V128, c: V128): V128 {
  const half = (which: 'high' | 'low'): V128 => {
    const product = $.bin(`i32x4.extmul_${which}_i16x8_s`, a, b);
    const rounded = $.bin('i32x4.add', product, splat($, WORD, rounding));
    return $.bin('i32x4.add', shifted($, WORD, 'shr_s', rounded, 15), extended($, HALFWORD, which, true, c));
  };
  const [high, low] = [half('high'), half('low')];
  const [x, y] = [intoRange($, HALFWORD, 'ss', high), intoRange($, HALFWORD, 'ss', low)];
  saturated($, any($, $.bin('v128.or', $.bin('v128.xor', high, x), $.bin('v128.xor', low, y))));
  return rightHalves($, HALFWORD, x, y);
}

/** Sums of the products of the four bytes of a word. */
function byteSums($: Sem, signs: Signs, a: V128, b: V128, c: V128): V128 {
  const pairs = (parity: Parity): V128 => pairSums($, HALFWORD, signs[0], products($, BYTE, parity, signs, a, b));
  return $.bin('i32x4.add', $.bin('i32x4.add', pairs('even'), pairs('odd')), c);
}

const halfwords = ($: Sem, parity: Parity, signed: boolean, a: V128, b: V128): V128 =>
  products($, HALFWORD, parity, [signed, signed], a, b);

/** A sum of two products and an addend, which may need 34 bits before it is moved into range. */
function signedSum($: Sem, a: V128, b: V128, c: V128): V128 {
  const [even, odd] = [halfwords($, 'even', true, a, b), halfwords($, 'odd', true, a, b)];
  const half = (which: 'high' | 'low'): V128 => {
    const of = (v: V128): V128 => extended($, WORD, which, true, v);
    return $.bin('i64x2.add', $.bin('i64x2.add', of(even), of(odd)), of(c));
  };
  const bound = (v: V128, end: number, operation: 'gt_s' | 'lt_s'): V128 => {
    const ends = splat($, DOUBLEWORD, end);
    return choose($, lanewise($, DOUBLEWORD, operation, v, ends), ends, v);
  };
  const inRange = (v: V128): V128 => bound(bound(v, 0x7fff_ffff, 'gt_s'), -0x8000_0000, 'lt_s');
  const [high, low] = [half('high'), half('low')];
  const [x, y] = [inRange(high), inRange(low)];
  saturated($, any($, $.bin('v128.or', $.bin('v128.xor', high, x), $.bin('v128.xor', low, y))));
  return rightHalves($, WORD, x, y);
}

/** The instructions. */
export const vectorProducts: readonly Row[] = [
  ...multiply('vmuloub', 8, BYTE, 'odd', false),
  ...multiply('vmulouh', 72, HALFWORD, 'odd', false),
  ...multiply('vmulosb', 264, BYTE, 'odd', true),
  ...multiply('vmulosh', 328, HALFWORD, 'odd', true),
  ...multiply('vmuleub', 520, BYTE, 'even', false),
  ...multiply('vmuleuh', 584, HALFWORD, 'even', false),
  ...multiply('vmulesb', 776, BYTE, 'even', true),
  ...multiply('vmulesh', 840, HALFWORD, 'even', true),
  ...ternary('vmhaddshs', 32, 'Vector Multiply-High-Add Signed Halfword Saturate', ($, a, b, c) =>
    highSum($, 0, a, b, c),
  ),
  ...ternary('vmhraddshs', 33, 'Vector Multiply-High-Round-Add Signed Halfword Saturate', ($, a, b, c) =>
    highSum($, 0x4000, a, b, c),
  ),
  ...ternary('vmladduhm', 34, 'Vector Multiply-Low-Add Unsigned Halfword Modulo', ($, a, b, c) =>
    $.bin('i16x8.add', $.bin('i16x8.mul', a, b), c),
  ),
  ...ternary('vmsumubm', 36, 'Vector Multiply-Sum Unsigned Byte Modulo', ($, a, b, c) =>
    byteSums($, [false, false], a, b, c),
  ),
  ...ternary('vmsummbm', 37, 'Vector Multiply-Sum Mixed Byte Modulo', ($, a, b, c) =>
    byteSums($, [true, false], a, b, c),
  ),
  ...ternary('vmsumuhm', 38, 'Vector Multiply-Sum Unsigned Halfword Modulo', ($, a, b, c) =>
    $.bin('i32x4.add', $.bin('i32x4.add', halfwords($, 'even', false, a, b), halfwords($, 'odd', false, a, b)), c),
  ),
  ...ternary('vmsumuhs', 39, 'Vector Multiply-Sum Unsigned Halfword Saturate', ($, a, b, c) =>
    saturatedSum(
      $,
      false,
      saturatedSum($, false, halfwords($, 'even', false, a, b), halfwords($, 'odd', false, a, b)),
      c,
    ),
  ),
  ...ternary('vmsumshm', 40, 'Vector Multiply-Sum Signed Halfword Modulo', ($, a, b, c) =>
    $.bin('i32x4.add', $.bin('i32x4.dot_i16x8_s', a, b), c),
  ),
  ...ternary('vmsumshs', 41, 'Vector Multiply-Sum Signed Halfword Saturate', signedSum),
];
