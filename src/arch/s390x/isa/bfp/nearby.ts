/** Rounding to an integer in IR, for the methods that WebAssembly has. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, Node } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';
import { fpc } from './operand.ts';

/** M3: current rounding mode, to nearest even, toward zero, up, down. */
const TOWARD_ZERO = 5;
const UP = 6;
const DOWN = 7;
const INEXACT_MASK = 0x0800_0000;
const INEXACT_FLAG = 0x0008_0000;

/** 1 when M3 names a method that `nearbyInteger` does, or the current one, which is to nearest even; M4 is zero. */
export function plainMethod($: Sem, m3: Field, m4: Field): I32 {
  return $.and(knownMethod($, m3), $.isZero($.field(m4)));
}

/** 1 when a field names a method that `nearbyInteger` does, or the current one, which is to nearest even. */
export function knownMethod($: Sem, field: Field): I32 {
  const method = $.field(field);
  const current = $.and($.isZero(method), $.isZero($.and(fpc($), 7)));
  // Methods 4 to 7; greater ones are not assigned.
  const own = $.eq($.and(method, 12), 4);
  return $.or(own, current);
}

/** A number rounded to an integer. */
export interface NearbyInteger<T extends 'f32' | 'f64'> {
  readonly value: Node<T>;
  /** 1 when the rounding needs neither flag nor trap: it is exact, or flagged already and not trapped. */
  unnoticed(): I32;
}

/** Rounds as M3 says; what is none of its methods goes to nearest even. */
export function nearbyInteger<T extends 'f32' | 'f64'>($: Sem, value: Node<T>, m3: I32): NearbyInteger<T> {
  const directed = $.select($.eq(m3, UP), $.un('ceil', value), $.un('floor', value));
  const other = $.select($.eq(m3, TOWARD_ZERO), $.un('trunc', value), $.un('nearest', value));
  const rounded = $.select($.and($.geU(m3, UP), $.leU(m3, DOWN)), directed, other);
  return {
    value: rounded,
    unnoticed: () => {
      const state = $.and(fpc($), INEXACT_MASK | INEXACT_FLAG);
      return $.or($.eq(state, INEXACT_FLAG), $.eq(rounded, value));
    },
  };
}
