/** Bytes behind probed pointers, some at a time. */

import type { I32 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';

/** Two pointers and a count that step along operands. */
export function walk($: Sem, first: I32, second: I32, length: I32) {
  const a = $.variable(first);
  const b = $.variable(second);
  const left = $.variable(length);
  const step = (n: number): void => {
    for (const v of [a, b, left]) $.set(v, $.sub($.get(v), n));
  };
  return { a, b, left, step };
}

/** How two operands compare. */
export interface Compared {
  /** 0 equal, 1 the first is low, 2 it is high. */
  readonly order: I32;
  /** Equal bytes before the first difference, or all. */
  readonly equal: I32;
}

/** Compares `length` bytes, at least one, behind two probed pointers. */
export function compareBytes($: Sem, first: I32, second: I32, length: I32): Compared {
  const { a, b, left, step } = walk($, first, second, length);
  const x = $.variable($.i64(0));
  const y = $.variable($.i64(0));
  const alike = (): I32 => $.eq($.get(x), $.get(y));
  $.when($.geU(length, 8), () =>
    $.repeat(() => {
      $.set(x, $.hostLoadAs('i64', 64, $.get(a)));
      $.set(y, $.hostLoadAs('i64', 64, $.get(b)));
      step(8);
      return $.and(alike(), $.geU($.get(left), 8));
    }),
  );
  for (const n of [4, 2, 1] as const) {
    const bits = n === 4 ? 32 : n === 2 ? 16 : 8;
    $.when($.and(alike(), $.ne($.and($.get(left), n), 0)), () => {
      $.set(x, $.hostLoadAs('i64', bits, $.get(a)));
      $.set(y, $.hostLoadAs('i64', bits, $.get(b)));
      step(n);
    });
  }
  // The last bytes compared are the low ones of x and y; those before a difference are equal, and so are the zeros above.
  const zeros = $.wrap($.shrU($.clz($.xor($.get(x), $.get(y))), 3));
  const behind = $.add($.get(left), $.sub($.i32(8), zeros));
  return {
    order: $.select(alike(), $.i32(0), $.select($.ltU($.get(x), $.get(y)), $.i32(1), 2)),
    equal: $.select(alike(), length, $.sub(length, behind)),
  };
}
