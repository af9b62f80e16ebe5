/** Power ISA 2.07, Book I, "Vector Facility": sums of products of polynomials whose coefficients are bits. */

import type { I64, V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { bitsOf, everySecond, lanewise, letters, type Size, shifted, sizes, splat } from './lanes.ts';
import { binary } from './rows.ts';

const twice = [1, 2, 3] as const;

/** Per element of twice the size, the products of its two elements, added up: one bit of the multipliers at a time. */
function sums($: Sem, size: Size, a: V128, b: V128): V128 {
  const wide = twice[size];
  const product = (parity: 'even' | 'odd'): V128 => {
    const moved = $.variable(everySecond($, size, parity, false, a));
    const left = $.variable(everySecond($, size, parity, false, b));
    const sum = $.variable(splat($, wide, 0));
    const count = $.variable($.i32(bitsOf(size)));
    const one = splat($, wide, 1);
    $.repeat(() => {
      const taken = lanewise($, wide, 'eq', $.bin('v128.and', $.get(left), one), one);
      $.set(sum, $.bin('v128.xor', $.get(sum), $.bin('v128.and', $.get(moved), taken)));
      $.set(moved, shifted($, wide, 'shl', $.get(moved), 1));
      $.set(left, shifted($, wide, 'shr_u', $.get(left), 1));
      const rest = $.sub($.get(count), 1);
      $.set(count, rest);
      return rest;
    });
    return $.get(sum);
  };
  return $.bin('v128.xor', product('even'), product('odd'));
}

/** The products of both doublewords, added up: a bit of both multipliers at a time, the most significant ones first. */
function doublewordSum($: Sem, a: V128, b: V128): V128 {
  const [x, y] = [$.variable($.leftOf(b)), $.variable($.rightOf(b))];
  const [left, right] = [$.variable($.i64(0)), $.variable($.i64(0))];
  const count = $.variable($.i32(64));
  const taken = (multiplicand: I64, multiplier: I64): I64 => $.and(multiplicand, $.shrS(multiplier, 63));
  $.repeat(() => {
    const added = $.xor(taken($.leftOf(a), $.get(x)), taken($.rightOf(a), $.get(y)));
    $.set(left, $.or($.shl($.get(left), 1), $.shrU($.get(right), 63)));
    $.set(right, $.xor($.shl($.get(right), 1), added));
    $.set(x, $.shl($.get(x), 1));
    $.set(y, $.shl($.get(y), 1));
    const rest = $.sub($.get(count), 1);
    $.set(count, rest);
    return rest;
  });
  return $.quad($.get(left), $.get(right));
}

const title = 'Vector Polynomial Multiply-Sum';

/** The instructions. */
export const vectorPolynomials: readonly Row[] = [
  ...sizes.flatMap((size) =>
    binary(`vpmsum${letters[size]}`, 1032 + 64 * size, title, ($, a, b) => sums($, size, a, b)),
  ),
  ...binary('vpmsumd', 1224, title, doublewordSum),
];
