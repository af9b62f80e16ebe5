/** PoP, "Vector Integer Instructions": products, with and without a sum, and products of polynomials over GF(2). */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { binaryRow, ternaryRow } from './integer.ts';
import {
  add128,
  bitsOf,
  byElement,
  type ElementSize,
  high,
  lanewise,
  low,
  multiply64,
  pair,
  shapeOf,
  shifted,
  splat,
  vectorInstruction,
  word,
  words,
  zero,
} from './lanes.ts';
import { doublewordHigh, doublewordProduct, highProduct128, lowProduct128, requireWideElements } from './quadword.ts';

const title = (what: string): string => `VECTOR ${what}`;
type Size = 0 | 1 | 2;
/** Doublewords and quadwords came with the vector-enhancements facility 3. */
const all = [0, 1, 2, 3, 4] as const;
const upToDoublewords = [0, 1, 2, 3] as const;
const wide = [1, 2, 3] as const;
type Half = 'high' | 'low';
type Parity = 'even' | 'odd';

/** Products of one half of the lanes, twice as wide. */
function halfProducts($: Sem, es: Size, half: Half, signed: boolean, a: V128, b: V128): V128 {
  return $.bin(`${shapeOf[wide[es]]}.extmul_${half}_${shapeOf[es]}_${signed ? 's' : 'u'}`, a, b);
}
function halfExtended($: Sem, es: Size, half: Half, signed: boolean, a: V128): V128 {
  return $.conv('v128', `${shapeOf[wide[es]]}.extend_${half}_${shapeOf[es]}_${signed ? 's' : 'u'}`, a);
}

/** The left halves of wide lanes, as lanes of half the width; `a` on the left. */
function leftHalves($: Sem, es: Size, a: V128, b: V128): V128 {
  if (es === 2) return words($, [word($, a, 0), word($, a, 2), word($, b, 0), word($, b, 2)]);
  const moved = (v: V128): V128 => shifted($, wide[es], 'shr_u', v, bitsOf(es));
  return $.bin(es === 0 ? 'i8x16.narrow_i16x8_u' : 'i16x8.narrow_i32x4_u', moved(b), moved(a));
}

function lowProducts($: Sem, es: ElementSize, a: V128, b: V128): V128 {
  if (es >= 3) requireWideElements($);
  if (es === 4) return lowProduct128($, a, b);
  if (es !== 0) return lanewise($, es, 'mul', a, b);
  const right = $.and($.bin('i16x8.mul', a, b), splat($, 1, $.i64(0xff)));
  const left = $.bin('i16x8.mul', shifted($, 1, 'shr_u', a, 8), shifted($, 1, 'shr_u', b, 8));
  return $.or(right, shifted($, 1, 'shl', left, 8));
}

/** Left halves of `a * b`, or of `a * b + c`. */
function highProducts($: Sem, es: ElementSize, signed: boolean, a: V128, b: V128, c?: V128): V128 {
  if (es >= 3) requireWideElements($);
  if (es === 4) return highProduct128($, signed, a, b, c);
  if (es === 3) {
    const one = (of: ($: Sem, v: V128) => I64): I64 =>
      doublewordHigh($, signed, of($, a), of($, b), c === undefined ? undefined : of($, c));
    return pair($, one(high), one(low));
  }
  const of = (half: Half): V128 => {
    const product = halfProducts($, es, half, signed, a, b);
    return c === undefined ? product : lanewise($, wide[es], 'add', product, halfExtended($, es, half, signed, c));
  };
  return leftHalves($, es, of('high'), of('low'));
}

/** The even or odd elements, counted from the left, extended to twice their width. */
function everySecond($: Sem, es: Size, parity: Parity, signed: boolean, a: V128): V128 {
  const onLeft = parity === 'even' ? a : shifted($, wide[es], 'shl', a, bitsOf(es));
  return shifted($, wide[es], signed ? 'shr_s' : 'shr_u', onLeft, bitsOf(es));
}

function secondProducts($: Sem, es: Size | 3, parity: Parity, signed: boolean, a: V128, b: V128): V128 {
  if (es === 3) {
    requireWideElements($);
    const of = parity === 'even' ? high : low;
    return doublewordProduct($, signed, of($, a), of($, b));
  }
  const of = (v: V128): V128 => everySecond($, es, parity, signed, v);
  return lanewise($, wide[es], 'mul', of(a), of(b));
}

const productRows: readonly Row[] = [
  binaryRow('VML', { op: 0xe7a2, title: 'MULTIPLY LOW', sizes: all }, lowProducts),
  binaryRow('VMH', { op: 0xe7a3, title: 'MULTIPLY HIGH', sizes: all }, ($, es, a, b) =>
    highProducts($, es, true, a, b),
  ),
  binaryRow('VMLH', { op: 0xe7a1, title: 'MULTIPLY LOGICAL HIGH', sizes: all }, ($, es, a, b) =>
    highProducts($, es, false, a, b),
  ),
  ternaryRow('VMAL', { op: 0xe7aa, title: 'MULTIPLY AND ADD LOW', sizes: all }, ($, es, a, b, c) =>
    es === 4
      ? add128($, lowProducts($, es, a, b), c, $.i64(0)).value
      : lanewise($, es, 'add', lowProducts($, es, a, b), c),
  ),
  ternaryRow('VMAH', { op: 0xe7ab, title: 'MULTIPLY AND ADD HIGH', sizes: all }, ($, es, a, b, c) =>
    highProducts($, es, true, a, b, c),
  ),
  ternaryRow('VMALH', { op: 0xe7a9, title: 'MULTIPLY AND ADD LOGICAL HIGH', sizes: all }, ($, es, a, b, c) =>
    highProducts($, es, false, a, b, c),
  ),
];

function secondRows(parity: Parity, signed: boolean): Row[] {
  const letters = `${signed ? '' : 'L'}${parity === 'even' ? 'E' : 'O'}`;
  const words = `${signed ? '' : 'LOGICAL '}${parity.toUpperCase()}`;
  const from = (parity === 'even' ? 0 : 1) + (signed ? 2 : 0);
  const sizes = upToDoublewords;
  return [
    binaryRow(`VM${letters}`, { op: 0xe7a4 + from, title: `MULTIPLY ${words}`, sizes }, ($, es, a, b) =>
      secondProducts($, es, parity, signed, a, b),
    ),
    ternaryRow(`VMA${letters}`, { op: 0xe7ac + from, title: `MULTIPLY AND ADD ${words}`, sizes }, ($, es, a, b, c) => {
      const product = secondProducts($, es, parity, signed, a, b);
      return es === 3 ? add128($, product, c, $.i64(0)).value : lanewise($, wide[es], 'add', product, c);
    }),
  ];
}

// ---- over GF(2)

/** Every fourth bit: up to 8 products of such coefficients of 32-bit polynomials add up without reaching the next one. */
const EVERY_FOURTH = 0x1111_1111_1111_1111n;

/** The coefficients of every word by their places modulo 4. */
function coefficients($: Sem, a: V128): readonly V128[] {
  return [0n, 1n, 2n, 3n].map((n) => $.and(a, splat($, 3, $.i64(BigInt.asIntN(64, EVERY_FOURTH << n)))));
}

/** By the place of the result modulo 4: integer products of words of one half, of which one bit in four is a coefficient. */
function wordProducts($: Sem, half: Half, x: readonly V128[], y: readonly V128[]): readonly V128[] {
  return [0, 1, 2, 3].map((k) =>
    x
      .map((part, i) => halfProducts($, 2, half, false, part, y[(k - i) & 3] ?? part))
      .reduce((all, product) => $.xor(all, product)),
  );
}

/** The coefficients among the bits of sums of `wordProducts`. */
function collected($: Sem, sums: readonly V128[]): V128 {
  return sums
    .map((sum, k) => $.and(sum, splat($, 3, $.i64(BigInt.asIntN(64, EVERY_FOURTH << BigInt(k))))))
    .reduce((all, bits) => $.or(all, bits));
}

/** Of each doubleword, the sum of its two words, in the right half. */
function wordSums($: Sem, a: V128): V128 {
  const [high, low] = [$.xor(word($, a, 0), word($, a, 1)), $.xor(word($, a, 2), word($, a, 3))];
  return words($, [$.i32(0), $.i32(0), high, low]);
}

function bothDoublewords($: Sem, a: V128): I64 {
  return $.xor(high($, a), low($, a));
}

/** The sum of the products of the doublewords, each of three by words (Karatsuba). */
function doublewordSum($: Sem, a: V128, b: V128): V128 {
  const [x, y] = [coefficients($, a), coefficients($, b)];
  const [left, right] = [wordProducts($, 'high', x, y), wordProducts($, 'low', x, y)];
  const outer = collected(
    $,
    left.map((sum, k) => $.xor(sum, right[k] ?? sum)),
  );
  const [m, n] = [coefficients($, wordSums($, a)), coefficients($, wordSums($, b))];
  const both = bothDoublewords($, collected($, wordProducts($, 'low', m, n)));
  const middle = $.xor(both, bothDoublewords($, outer));
  return pair($, $.xor(high($, outer), $.shrU(middle, 32)), $.xor(low($, outer), $.shl(middle, 32)));
}

/** Multiples of both doublewords by all polynomials of four coefficients, as far as they fit: in the room, the greatest one first. */
function makeMultiples($: Sem, room: I32, a: V128): void {
  const multiples = [zero($), a];
  for (let n = 2; n < 16; n++) {
    const power = 31 - Math.clz32(n);
    const rest = multiples[n ^ (1 << power)] ?? a;
    multiples.push(n === 1 << power ? shifted($, 3, 'shl', a, power) : $.xor(multiples[1 << power] ?? a, rest));
  }
  for (const [n, multiple] of multiples.entries()) $.hostStore(128, room, (15 - n) * 16, multiple);
}

/** The coefficients from the 64th on of the products of the multiples that do not fit, with four coefficients of `b` each. */
function overflow($: Sem, a: V128, b: V128): I64 {
  const parts = [0x7777_7777_7777_7777n, 0x3333_3333_3333_3333n, 0x1111_1111_1111_1111n].map((fits, n) => {
    const isSet = $.bin('i64x2.gt_s', zero($), shifted($, 3, 'shl', a, n));
    return $.and(isSet, $.and(shifted($, 3, 'shr_u', b, n + 1), splat($, 3, $.i64(fits))));
  });
  return bothDoublewords(
    $,
    parts.reduce((all, part) => $.xor(all, part)),
  );
}

/**
 * `doublewordSum` by a table of multiples of `a`: eight coefficients of each doubleword of `b` at a time, the leftmost first. A loop keeps
 * V8 from computing everything before it adds anything up, for which there are not registers enough.
 */
function doublewordSumByTable($: Sem, room: I32, a: V128, b: V128): V128 {
  makeMultiples($, room, a);
  const ends = $.sub(room, 15 * 16);
  // The multiples of both doublewords, of which the high one lies in front, added up.
  const multiples = (high: I64, low: I64): I64 => {
    const of = (coefficients: I64, at: number): I64 =>
      $.hostLoadAs('i64', 64, $.add(ends, $.and($.wrap(coefficients), 0xf0)), at);
    return $.xor(of(high, 0), of(low, 8));
  };
  const [x, y] = [$.variable(high($, b)), $.variable(low($, b))];
  const [left, right] = [$.variable($.i64(0)), $.variable($.i64(0))];
  const steps = $.variable($.i32(8));
  $.repeat(() => {
    $.set(x, $.rotl($.get(x), 8));
    $.set(y, $.rotl($.get(y), 8));
    const [ahead, behind] = [multiples($.get(x), $.get(y)), multiples($.shl($.get(x), 4), $.shl($.get(y), 4))];
    const moved = $.xor($.shl($.get(left), 8), $.shrU($.get(right), 56));
    $.set(left, $.xor(moved, $.shrU(ahead, 60)));
    $.set(right, $.xor($.xor($.shl($.get(right), 8), $.shl(ahead, 4)), behind));
    const rest = $.sub($.get(steps), 1);
    $.set(steps, rest);
    return rest;
  });
  return pair($, $.xor($.get(left), overflow($, a, b)), $.get(right));
}

/** Per doubleword, the sum of the products of its words. */
function wordSum($: Sem, a: V128, b: V128): V128 {
  const [x, y] = [coefficients($, a), coefficients($, b)];
  const of = (half: Half): I64 => bothDoublewords($, collected($, wordProducts($, half, x, y)));
  return pair($, of('high'), of('low'));
}

/** Per lane of twice the size, the products of its two elements, added up. */
function polynomialSums($: Sem, es: Size, a: V128, b: V128): V128 {
  const w = wide[es];
  const of = (parity: Parity): V128 => {
    const x = everySecond($, es, parity, false, a);
    const left = $.variable(everySecond($, es, parity, false, b));
    const moved = $.variable(x);
    const sum = $.variable($.conv('v128', 'i64x2.splat', $.i64(0)));
    const count = $.variable($.i32(bitsOf(es)));
    const one = splat($, w, $.i64(1));
    $.repeat(() => {
      const taken = lanewise($, w, 'eq', $.and($.get(left), one), one);
      $.set(sum, $.xor($.get(sum), $.and($.get(moved), taken)));
      $.set(moved, shifted($, w, 'shl', $.get(moved), 1));
      $.set(left, shifted($, w, 'shr_u', $.get(left), 1));
      const rest = $.sub($.get(count), 1);
      $.set(count, rest);
      return rest;
    });
    return $.get(sum);
  };
  return $.xor(of('even'), of('odd'));
}

function galoisSums($: Sem, es: Size | 3, a: V128, b: V128): V128 {
  if (es === 3) {
    const room = $.room();
    const sum = $.variable(a);
    $.when(
      room,
      () => $.set(sum, doublewordSumByTable($, room, a, b)),
      () => $.set(sum, doublewordSum($, a, b)),
    );
    return $.get(sum);
  }
  return es === 2 ? wordSum($, a, b) : polynomialSums($, es, a, b);
}

/** `value` times 2 when the bit of the field is one, modulo 2 to the 128. */
function doubledIf($: Sem, value: V128, doubles: I64): V128 {
  return pair(
    $,
    $.or($.shl(high($, value), doubles), $.shrU($.shrU(low($, value), 1), $.sub($.i64(63), doubles))),
    $.shl(low($, value), doubles),
  );
}

/** Products and sums of products. */
export const multiplyRows: readonly Row[] = [
  ...productRows,
  ...secondRows('even', true),
  ...secondRows('odd', true),
  ...secondRows('even', false),
  ...secondRows('odd', false),
  binaryRow('VGFM', { op: 0xe7b4, title: 'GALOIS FIELD MULTIPLY SUM', sizes: [0, 1, 2, 3] as const }, galoisSums),
  ternaryRow(
    'VGFMA',
    { op: 0xe7bc, title: 'GALOIS FIELD MULTIPLY SUM AND ACCUMULATE', sizes: [0, 1, 2, 3] as const },
    ($, es, a, b, c) => $.xor(galoisSums($, es, a, b), c),
  ),
  insn(
    'VMSL',
    { op: 0xe7b8, fmt: 'VRR_d', title: title('MULTIPLY SUM LOGICAL'), facility: 'vector-enhancements-1' },
    ($, f) => {
      vectorInstruction($);
      const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
      byElement($, f.m5, [3], () => {
        const doubled = (bit: number): I64 => $.zext($.ne($.and($.field(f.m6), bit), 0));
        const [evenHigh, evenLow] = multiply64($, high($, a), high($, b));
        const [oddHigh, oddLow] = multiply64($, low($, a), low($, b));
        const even = doubledIf($, pair($, evenHigh, evenLow), doubled(8));
        const odd = doubledIf($, pair($, oddHigh, oddLow), doubled(4));
        const sum = add128($, even, odd, $.i64(0)).value;
        $.setVr(f.v1, add128($, sum, $.vr(f.v4), $.i64(0)).value);
      });
    },
  ),
];
