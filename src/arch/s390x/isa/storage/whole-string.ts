/**
 * The usual course of the instructions on strings: 64-bit mode, all that is looked at in one page of each operand, nothing to be told
 * of. Whatever else there is, a helper does from the beginning.
 */

import type { Field } from '../../../../ir/field.ts';
import type { Address, I32, I64 } from '../../../../ir/node.ts';
import { PAGE_BYTES } from '../../../../machine/layout.ts';
import type { Sem } from '../sem.ts';
import { walk } from './bytes.ts';

/** The character in general register 0 is one: the bits on its left in the low word are zeros. */
function hasCharacter($: Sem, character: I32): I32 {
  return $.leU(character, 0xff);
}

function toPageEnd($: Sem, { at }: Address): I64 {
  return $.sub($.i64(PAGE_BYTES), $.and(at, PAGE_BYTES - 1));
}

function least($: Sem, a: I64, b: I64): I64 {
  return $.select($.ltU(a, b), a, b);
}

// Whether the character is among the `n` bytes behind a probed pointer, and how many are passed with it.
function search($: Sem, pointer: I32, n: I32, character: I32): { readonly found: I32; readonly passed: I32 } {
  const x = $.variable($.i32(0));
  const { a, left, step } = walk($, pointer, pointer, n);
  $.repeat(() => {
    $.set(x, $.hostLoadAs('i32', 8, $.get(a)));
    step(1);
    return $.and($.ne($.get(x), character), $.ne($.get(left), 0));
  });
  return { found: $.eq($.get(x), character), passed: $.sub(n, $.get(left)) };
}

/** SEARCH STRING: the first operand's address ends the second. */
export function searchWhole($: Sem, r1: Field, r2: Field, slow: () => void): void {
  const character = $.grLowN(0);
  const start = $.addressIn(r2);
  const left = $.sub($.addressIn(r1).at, start.at);
  $.when(
    $.and($.and($.is64(), hasCharacter($, character)), $.ne(left, 0)),
    () => {
      const length = least($, left, toPageEnd($, start));
      const n = $.wrap(length);
      const p = $.probe('fetch', start, n);
      $.when(
        p,
        () => {
          const { found, passed } = search($, p, n, character);
          $.when(
            found,
            () => {
              $.setGr(r1, $.add(start.at, $.zext($.sub(passed, 1))));
              $.setCc(1);
            },
            () => $.when($.eq(length, left), () => $.setCc(2), slow),
          );
        },
        slow,
      );
    },
    slow,
  );
}

/** COMPARE LOGICAL STRING. */
export function compareStringWhole($: Sem, r1: Field, r2: Field, slow: () => void): void {
  const character = $.grLowN(0);
  const [first, second] = [$.addressIn(r1), $.addressIn(r2)];
  $.when(
    $.and($.is64(), hasCharacter($, character)),
    () => {
      const n = $.wrap(least($, toPageEnd($, first), toPageEnd($, second)));
      const p = $.probe('fetch', first, n);
      const q = $.probe('fetch', second, n);
      $.when(
        $.and($.ne(p, 0), $.ne(q, 0)),
        () => {
          const { cc, equal } = compareEnding($, p, q, n, character);
          $.when(
            $.ne(cc, 3),
            () => {
              $.setCc(cc);
              $.when($.ne(cc, 0), () => {
                $.setGr(r1, $.add(first.at, $.zext(equal)));
                $.setGr(r2, $.add(second.at, $.zext(equal)));
              });
            },
            slow,
          );
        },
        slow,
      );
    },
    slow,
  );
}

// Condition code, 3 when nothing is decided by `n` bytes, and how many are equal. The ending character is lower than every other.
function compareEnding($: Sem, p: I32, q: I32, n: I32, character: I32): { readonly cc: I32; readonly equal: I32 } {
  const x = $.variable($.i32(0));
  const y = $.variable($.i32(0));
  const { a, b, left, step } = walk($, p, q, n);
  const alike = (): I32 => $.eq($.get(x), $.get(y));
  $.repeat(() => {
    $.set(x, $.hostLoadAs('i32', 8, $.get(a)));
    $.set(y, $.hostLoadAs('i32', 8, $.get(b)));
    step(1);
    return $.and($.and(alike(), $.ne($.get(x), character)), $.ne($.get(left), 0));
  });
  const ends = $.eq($.get(x), character);
  const low = $.select(ends, $.i32(1), $.and($.ne($.get(y), character), $.ltU($.get(x), $.get(y))));
  const same = $.select(ends, $.i32(0), 3);
  return {
    cc: $.select(alike(), same, $.select(low, $.i32(1), 2)),
    equal: $.sub($.sub(n, $.get(left)), 1),
  };
}

/** MOVE STRING, when what is moved does not lie where the string goes on. */
export function moveStringWhole($: Sem, r1: Field, r2: Field, slow: () => void): void {
  const character = $.grLowN(0);
  const [to, from] = [$.addressIn(r1), $.addressIn(r2)];
  const move = (source: I32, moved: I32): void => {
    const target = $.probe('store', to, moved);
    // 1 to what is moved, less 1: moved bytes would be moved again.
    const propagates = $.ltU($.sub($.sub(source, target), 1), $.sub(moved, 1));
    $.when(
      $.and($.ne(target, 0), $.isZero(propagates)),
      () => {
        $.hostCopy(target, source, moved);
        $.setGr(r1, $.add(to.at, $.zext($.sub(moved, 1))));
        $.setCc(1);
      },
      slow,
    );
  };
  $.when(
    $.and($.is64(), hasCharacter($, character)),
    () => {
      const n = $.wrap(least($, toPageEnd($, to), toPageEnd($, from)));
      const source = $.probe('fetch', from, n);
      $.when(
        source,
        () => {
          const { found, passed } = search($, source, n, character);
          $.when(found, () => move(source, passed), slow);
        },
        slow,
      );
    },
    slow,
  );
}
