/** Power ISA 2.07, Book I, "Vector Facility": doubleword and quadword integers, counts, and other bits, which POWER8 brought. */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  any,
  BYTE,
  bitsOf,
  choose,
  DOUBLEWORD,
  extended,
  letters,
  pairSums,
  permuted,
  places,
  rightHalves,
  shifted,
  shiftedEach,
  splat,
  type WideSize,
  WORD,
} from './lanes.ts';
import { products } from './multiply.ts';
import { binary, comparison, saturated, simple, ternary, unary } from './rows.ts';
import { rotatedEach } from './shift.ts';

/** Ones where a is greater. */
function greater($: Sem, signed: boolean, a: V128, b: V128): V128 {
  const sign = splat($, DOUBLEWORD, -(1n << 63n));
  const of = (v: V128): V128 => (signed ? v : $.bin('v128.xor', v, sign));
  return $.bin('i64x2.gt_s', of(a), of(b));
}

const extremes = (
  [
    ['vmaxud', 194, 'Maximum Unsigned', false, true],
    ['vmaxsd', 450, 'Maximum Signed', true, true],
    ['vminud', 706, 'Minimum Unsigned', false, false],
    ['vminsd', 962, 'Minimum Signed', true, false],
  ] as const
).flatMap(([mnemonic, extended_, title, signed, larger]) =>
  binary(mnemonic, extended_, `Vector ${title} Doubleword`, ($, a, b) => {
    const first = greater($, signed, a, b);
    return larger ? choose($, first, a, b) : choose($, first, b, a);
  }),
);

const wordProducts = (
  [
    ['vmuleuw', 648, 'even', false],
    ['vmulouw', 136, 'odd', false],
    ['vmulesw', 904, 'even', true],
    ['vmulosw', 392, 'odd', true],
  ] as const
).flatMap(([mnemonic, extended_, parity, signed]) =>
  binary(mnemonic, extended_, `Vector Multiply ${parity === 'even' ? 'Even' : 'Odd'} Word`, ($, a, b) =>
    products($, WORD, parity, [signed, signed], a, b),
  ),
);

/** Doublewords moved into the range of a word, and their right halves. */
function packed($: Sem, signed: boolean, least: bigint, greatest: bigint, a: V128, b: V128): V128 {
  const [low, high] = [splat($, DOUBLEWORD, least), splat($, DOUBLEWORD, greatest)];
  const inRange = (v: V128): V128 => {
    const below = choose($, greater($, signed, v, high), high, v);
    return signed ? choose($, greater($, true, low, below), low, below) : below;
  };
  const [x, y] = [inRange(a), inRange(b)];
  saturated($, any($, $.bin('v128.or', $.bin('v128.xor', a, x), $.bin('v128.xor', b, y))));
  return rightHalves($, WORD, x, y);
}

const packs: readonly Row[] = [
  ...binary('vpkudum', 1102, 'Vector Pack Unsigned Doubleword Unsigned Modulo', ($, a, b) =>
    rightHalves($, WORD, a, b),
  ),
  ...binary('vpkudus', 1230, 'Vector Pack Unsigned Doubleword Unsigned Saturate', ($, a, b) =>
    packed($, false, 0n, 0xffff_ffffn, a, b),
  ),
  ...binary('vpksdus', 1358, 'Vector Pack Signed Doubleword Unsigned Saturate', ($, a, b) =>
    packed($, true, 0n, 0xffff_ffffn, a, b),
  ),
  ...binary('vpksdss', 1486, 'Vector Pack Signed Doubleword Signed Saturate', ($, a, b) =>
    packed($, true, -0x8000_0000n, 0x7fff_ffffn, a, b),
  ),
  ...unary('vupkhsw', 1614, 'Vector Unpack High Signed Word', ($, b) => extended($, WORD, 'high', true, b)),
  ...unary('vupklsw', 1742, 'Vector Unpack Low Signed Word', ($, b) => extended($, WORD, 'low', true, b)),
];

/** A 128-bit sum with a carry in, and its carry out. */
function sum128($: Sem, a: V128, b: V128, carryIn: I64): { readonly value: V128; readonly carry: I64 } {
  const half = (x: I64, y: I64, c: I64): readonly [I64, I64] => {
    const first = $.add(x, y);
    const all = $.add(first, c);
    return [all, $.zext($.or($.ltU(first, x), $.ltU(all, first)))];
  };
  const [low, middle] = half($.rightOf(a), $.rightOf(b), carryIn);
  const [high, carry] = half($.leftOf(a), $.leftOf(b), middle);
  return { value: $.quad(high, low), carry };
}

const inverted = ($: Sem, b: V128): V128 => $.un('v128.not', b);
const carryIn = ($: Sem, c: V128): I64 => $.and($.rightOf(c), 1);
const alone = ($: Sem, carry: I64): V128 => $.quad($.i64(0), carry);

const quadwords: readonly Row[] = [
  ...binary('vadduqm', 256, 'Vector Add Unsigned Quadword Modulo', ($, a, b) => sum128($, a, b, $.i64(0)).value),
  ...binary('vaddcuq', 320, 'Vector Add & write Carry Unsigned Quadword', ($, a, b) =>
    alone($, sum128($, a, b, $.i64(0)).carry),
  ),
  ...binary(
    'vsubuqm',
    1280,
    'Vector Subtract Unsigned Quadword Modulo',
    ($, a, b) => sum128($, a, inverted($, b), $.i64(1)).value,
  ),
  ...binary('vsubcuq', 1344, 'Vector Subtract & write Carry Unsigned Quadword', ($, a, b) =>
    alone($, sum128($, a, inverted($, b), $.i64(1)).carry),
  ),
  ...ternary(
    'vaddeuqm',
    60,
    'Vector Add Extended Unsigned Quadword Modulo',
    ($, a, b, c) => sum128($, a, b, carryIn($, c)).value,
  ),
  ...ternary('vaddecuq', 61, 'Vector Add Extended & write Carry Unsigned Quadword', ($, a, b, c) =>
    alone($, sum128($, a, b, carryIn($, c)).carry),
  ),
  ...ternary(
    'vsubeuqm',
    62,
    'Vector Subtract Extended Unsigned Quadword Modulo',
    ($, a, b, c) => sum128($, a, inverted($, b), carryIn($, c)).value,
  ),
  ...ternary('vsubecuq', 63, 'Vector Subtract Extended & write Carry Unsigned Quadword', ($, a, b, c) =>
    alone($, sum128($, a, inverted($, b), carryIn($, c)).carry),
  ),
];

/** Number of one bits of each element. */
function populations($: Sem, size: WideSize, a: V128): V128 {
  let counts = $.un('i8x16.popcnt', a);
  if (size > BYTE) counts = pairSums($, BYTE, false, counts);
  if (size > 1) counts = pairSums($, 1, false, counts);
  if (size < DOUBLEWORD) return counts;
  const both = $.bin('i64x2.add', counts, shifted($, DOUBLEWORD, 'shr_u', counts, 32));
  return $.bin('v128.and', both, splat($, DOUBLEWORD, 0xff));
}

/** Number of zero bits in front of each element's first one. */
function leadingZeros($: Sem, size: WideSize, a: V128): V128 {
  let smeared = a;
  for (let by = 1; by < bitsOf(size); by *= 2) {
    smeared = $.bin('v128.or', smeared, shifted($, size, 'shr_u', smeared, by));
  }
  return populations($, size, $.un('v128.not', smeared));
}

const counts = ([0, 1, 2, 3] as const).flatMap((size) => [
  ...unary(`vclz${letters[size]}`, 1794 + 64 * size, 'Vector Count Leading Zeros', ($, b) => leadingZeros($, size, b)),
  ...unary(`vpopcnt${letters[size]}`, 1795 + 64 * size, 'Vector Population Count', ($, b) => populations($, size, b)),
]);

/** The bits of a doubleword's bytes, as a square of eight by eight, mirrored. */
function transposed($: Sem, half: I64): I64 {
  const exchanged = (v: I64, mask: bigint, by: number): I64 => {
    const moved = $.and($.xor(v, $.shrU(v, by)), mask);
    return $.xor($.xor(v, moved), $.shl(moved, by));
  };
  const pairs = exchanged(half, 0x00aa_00aa_00aa_00aan, 7);
  return exchanged(exchanged(pairs, 0x0000_cccc_0000_ccccn, 14), 0x0000_0000_f0f0_f0f0n, 28);
}

/** Bits of a that the bytes of b name, in the rightmost halfword of the left doubleword; 0 for one that does not exist. */
function chosenBits($: Sem, a: V128, b: V128): V128 {
  let bits = $.i64(0);
  for (let n = 0; n < 16; n++) {
    const index: I32 = $.lane('i32', 'i8x16.extract_lane_u', 15 - n, b);
    const half = $.select($.ltU(index, 64), $.leftOf(a), $.rightOf(a));
    const bit = $.and($.shrU(half, $.zext($.sub($.i32(63), $.and(index, 63)))), 1);
    bits = $.or($.shl(bits, 1), $.select($.ltU(index, 128), bit, $.i64(0)));
  }
  return $.quad(bits, $.i64(0));
}

/** The even or odd words of a and b by turns. */
const mergeWords = (mnemonic: string, extended_: number, from: 0 | 4, title: string): Row[] =>
  binary(mnemonic, extended_, title, ($, a, b) =>
    permuted(
      $,
      a,
      b,
      places($, (n) => (n >> 3) * 8 + from + (n & 3) + ((n >> 2) & 1) * 16),
    ),
  );

/** Bytes of a and b by the two halves of each byte of c, added without carries. */
function permutedXor($: Sem, a: V128, b: V128, c: V128): V128 {
  const last = splat($, BYTE, 15);
  const from = (v: V128, place: V128): V128 => $.bin('i8x16.swizzle', v, $.bin('i8x16.sub', last, place));
  return $.bin('v128.xor', from(a, shifted($, BYTE, 'shr_u', c, 4)), from(b, $.bin('v128.and', c, last)));
}

/** The instructions. */
export const vectorDoublewords: readonly Row[] = [
  ...simple('vaddudm', 192, 'i64x2.add', 'Vector Add Unsigned Doubleword Modulo'),
  ...simple('vsubudm', 1216, 'i64x2.sub', 'Vector Subtract Unsigned Doubleword Modulo'),
  ...simple('vmuluwm', 137, 'i32x4.mul', 'Vector Multiply Unsigned Word Modulo'),
  ...extremes,
  ...wordProducts,
  ...comparison('vcmpequd', 199, 'Vector Compare Equal To Unsigned Doubleword', ($, a, b) => $.bin('i64x2.eq', a, b)),
  ...comparison('vcmpgtud', 711, 'Vector Compare Greater Than Unsigned Doubleword', ($, a, b) =>
    greater($, false, a, b),
  ),
  ...comparison('vcmpgtsd', 967, 'Vector Compare Greater Than Signed Doubleword', ($, a, b) => greater($, true, a, b)),
  ...binary('vrld', 196, 'Vector Rotate Left Doubleword', ($, a, b) => rotatedEach($, DOUBLEWORD, a, b)),
  ...binary('vsld', 1476, 'Vector Shift Left Doubleword', ($, a, b) => shiftedEach($, DOUBLEWORD, 'shl', a, b)),
  ...binary('vsrd', 1732, 'Vector Shift Right Doubleword', ($, a, b) => shiftedEach($, DOUBLEWORD, 'shr_u', a, b)),
  ...binary('vsrad', 964, 'Vector Shift Right Algebraic Doubleword', ($, a, b) =>
    shiftedEach($, DOUBLEWORD, 'shr_s', a, b),
  ),
  ...packs,
  ...quadwords,
  ...counts,
  ...binary('veqv', 1668, 'Vector Logical Equivalence', ($, a, b) => $.un('v128.not', $.bin('v128.xor', a, b))),
  ...binary('vnand', 1412, 'Vector Logical NAND', ($, a, b) => $.un('v128.not', $.bin('v128.and', a, b))),
  ...binary('vorc', 1348, 'Vector Logical OR with Complement', ($, a, b) => $.bin('v128.or', a, $.un('v128.not', b))),
  ...unary('vgbbd', 1292, 'Vector Gather Bits by Bytes by Doubleword', ($, b) =>
    $.quad(transposed($, $.leftOf(b)), transposed($, $.rightOf(b))),
  ),
  ...binary('vbpermq', 1356, 'Vector Bit Permute Quadword', chosenBits),
  ...mergeWords('vmrgew', 1932, 0, 'Vector Merge Even Word'),
  ...mergeWords('vmrgow', 1676, 4, 'Vector Merge Odd Word'),
  ...ternary('vpermxor', 45, 'Vector Permute & Exclusive-OR', permutedXor),
];
