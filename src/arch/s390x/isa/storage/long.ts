/**
 * The usual course of the instructions on operands in register pairs: 64-bit mode, each operand in one page, nothing to be
 * told of. Whatever else there is, a helper does.
 */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32, I64 } from '../../../../ir/node.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { Sem } from '../sem.ts';
import { compareBytes } from './bytes.ts';

/** An operand: its address, its length, and how both are put back when `n` bytes are done. */
interface Operand {
  readonly address: Address;
  readonly left: I64;
  pass(n: I64): void;
}

/** An operand whose length is all of the odd register. */
export function extendedOperand($: Sem, r: Field): Operand {
  const address = $.addressIn(r);
  const left = $.gr(r, 1);
  return {
    address,
    left,
    pass(n) {
      $.setGr(r, $.add(address.at, n));
      $.setGr(r, $.sub(left, n), 1);
    },
  };
}

/** An operand whose length is bits 40-63 of the odd register. */
export function shortOperand($: Sem, r: Field): Operand {
  const address = $.addressIn(r);
  const word = $.grLow(r, 1);
  return {
    address,
    left: $.zext($.and(word, 0xff_ffff)),
    pass(n) {
      $.setGr(r, $.add(address.at, n));
      // The length does not go below zero: bits 32-39 stay.
      $.setGrLow(r, $.sub(word, $.wrap(n)), 1);
    },
  };
}

/** What is recorded for the two courses: all was done with a condition code, or nothing was. */
interface Course {
  ended(cc: I32): void;
  slow(): void;
}

// 1 when a number of bytes lies in the address's page.
function inPage($: Sem, { address }: Operand, bytes: I64): I32 {
  return $.leU(bytes, $.sub($.i64(PAGE_BYTES), $.and(address.at, PAGE_BYTES - 1)));
}

function both($: Sem, p: I32, q: I32): I32 {
  return $.and($.ne(p, 0), $.ne(q, 0));
}

/** Compares operands of the same length that lie in a page each. */
export function compareWhole($: Sem, a: Operand, b: Operand, course: Course): void {
  const alike = $.and($.eq(a.left, b.left), $.ne(a.left, 0));
  $.when(
    $.and($.and($.is64(), alike), $.and(inPage($, a, a.left), inPage($, b, a.left))),
    () => {
      const n = $.wrap(a.left);
      const p = $.probe('fetch', a.address, n);
      const q = $.probe('fetch', b.address, n);
      $.when(
        both($, p, q),
        () => {
          const { order, equal } = compareBytes($, p, q, n);
          const passed = $.zext(equal);
          b.pass(passed);
          a.pass(passed);
          course.ended(order);
        },
        () => course.slow(),
      );
    },
    () => course.slow(),
  );
}

/**
 * Moves all of the first operand, what the second lacks being filled with `pad`, when what is moved lies in a page each.
 * `refused` is 1 for operands that may not be moved so.
 */
export function moveWhole($: Sem, to: Operand, from: Operand, pad: I32, course: Course & { refused?: I32 }): void {
  const isShort = $.ltU(from.left, to.left);
  const moved = $.select(isShort, from.left, to.left);
  const cc = $.select(isShort, $.i32(2), $.ne(to.left, from.left));
  const allowed = $.and($.is64(), $.isZero(course.refused ?? $.i32(0)));
  const lies = $.and(inPage($, to, to.left), inPage($, from, moved));
  const end = (): void => {
    from.pass(moved);
    to.pass(to.left);
    course.ended(cc);
  };
  const move = (): void => {
    const [length, n] = [$.wrap(to.left), $.wrap(moved)];
    const source = $.probe('fetch', from.address, n);
    const target = $.probe('store', to.address, length);
    // 1 to n - 1: moved bytes would be moved again.
    const propagates = $.ltU($.sub($.sub(source, target), 1), $.sub(n, 1));
    $.when(
      $.and(both($, source, target), $.isZero(propagates)),
      () => {
        $.hostCopy(target, source, n);
        $.when(isShort, () => $.hostFill($.sub(target, n), pad, $.sub(length, n)));
        end();
      },
      () => course.slow(),
    );
  };
  const fill = (): void => {
    const length = $.wrap(to.left);
    const target = $.probe('store', to.address, length);
    $.when(
      target,
      () => {
        $.hostFill(target, pad, length);
        end();
      },
      () => course.slow(),
    );
  };
  $.when(
    $.and($.and(allowed, $.ne(to.left, 0)), lies),
    () => $.when($.ne(moved, 0), move, fill),
    () => course.slow(),
  );
}
