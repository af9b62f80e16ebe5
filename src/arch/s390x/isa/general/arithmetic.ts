import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import type { Sem } from '../sem.ts';

/** Condition code of a signed result: 0 zero, 1 less than zero, 2 greater than zero. */
export function signCc<T extends Int>($: Sem, value: Node<T>): I32 {
  return $.or($.shl($.gtS(value, 0), 1), $.ltS(value, 0));
}

/** Condition code of a signed comparison: 0 equal, 1 first operand low, 2 first operand high. */
export function compareCc<T extends Int>($: Sem, a: Node<T>, b: Node<T>): I32 {
  return $.or($.shl($.gtS(a, b), 1), $.ltS(a, b));
}

/** Condition code of an unsigned comparison: 0 equal, 1 first operand low, 2 first operand high. */
export function compareLogicalCc<T extends Int>($: Sem, a: Node<T>, b: Node<T>): I32 {
  return $.or($.shl($.gtU(a, b), 1), $.ltU(a, b));
}

/** What an arithmetic operation gives; `overflow` is undefined for logical ones, which have none. */
export interface Arithmetic<T extends Int> {
  readonly value: Node<T>;
  readonly cc: I32;
  readonly overflow: I32 | undefined;
}

function signed<T extends Int>($: Sem, value: Node<T>, overflow: I32): Arithmetic<T> {
  return { value, cc: $.select(overflow, $.i32(3), signCc($, value)), overflow };
}

/** Condition code of ADD LOGICAL and SUBTRACT LOGICAL: bit 0 a carry (no borrow), bit 1 a result that is not zero. */
function logical<T extends Int>($: Sem, value: Node<T>, carry: I32): Arithmetic<T> {
  return { value, cc: $.or($.shl(carry, 1), $.ne(value, 0)), overflow: undefined };
}

/** ADD: CC 0 zero, 1 less than zero, 2 greater than zero, 3 overflow. */
export function addSigned<T extends Int>($: Sem, a: Node<T>, b: Node<T>): Arithmetic<T> {
  const sum = $.add(a, b);
  return signed($, sum, $.ltS($.and($.xor(a, sum), $.xor(b, sum)), 0));
}

/** SUBTRACT: condition codes as of ADD. */
export function subtractSigned<T extends Int>($: Sem, a: Node<T>, b: Node<T>): Arithmetic<T> {
  const difference = $.sub(a, b);
  return signed($, difference, $.ltS($.and($.xor(a, b), $.xor(a, difference)), 0));
}

/** ADD LOGICAL: CC 0 zero, 1 not zero, 2 zero with carry, 3 not zero with carry. */
export function addLogical<T extends Int>($: Sem, a: Node<T>, b: Node<T>): Arithmetic<T> {
  const sum = $.add(a, b);
  return logical($, sum, $.ltU(sum, a));
}

/** SUBTRACT LOGICAL: CC 1 not zero with borrow, 2 zero, 3 not zero, both without borrow. */
export function subtractLogical<T extends Int>($: Sem, a: Node<T>, b: Node<T>): Arithmetic<T> {
  return logical($, $.sub(a, b), $.geU(a, b));
}

/** 1 when the condition code says carry, or no borrow. */
function carryIn($: Sem): I32 {
  return $.shrU($.cc(), 1);
}

/** ADD LOGICAL WITH CARRY; `widen` makes the carry an integer of the operands' type. */
export function addWithCarry<T extends Int>(
  $: Sem,
  a: Node<T>,
  b: Node<T>,
  widen: (bit: I32) => Node<T>,
): Arithmetic<T> {
  const carry = carryIn($);
  const sum = $.add($.add(a, b), widen(carry));
  return logical($, sum, $.select(carry, $.leU(sum, a), $.ltU(sum, a)));
}

/** SUBTRACT LOGICAL WITH BORROW: CC 0 zero with borrow, the others as of SUBTRACT LOGICAL. */
export function subtractWithBorrow<T extends Int>(
  $: Sem,
  a: Node<T>,
  b: Node<T>,
  widen: (bit: I32) => Node<T>,
): Arithmetic<T> {
  const noBorrow = carryIn($);
  const difference = $.sub($.sub(a, b), widen($.xor(noBorrow, 1)));
  return logical($, difference, $.select(noBorrow, $.geU(a, b), $.gtU(a, b)));
}

/** Ends an operation whose result has been placed: condition code, and the overflow exception where there is one. */
export function conclude<T extends Int>($: Sem, result: Arithmetic<T>): void {
  $.setCc(result.cc);
  if (result.overflow !== undefined) $.fixedPointOverflow(result.overflow);
}

/** Places a result in bits 32-63 of a register; the others stay. */
export function result32($: Sem, r1: Field, result: Arithmetic<'i32'>): void {
  $.setGrLow(r1, result.value);
  conclude($, result);
}

/** Places a result in a register. */
export function result64($: Sem, r1: Field, result: Arithmetic<'i64'>): void {
  $.setGr(r1, result.value);
  conclude($, result);
}

/** Places a result in bits 0-31 of a register; the others stay. */
export function resultHigh($: Sem, r1: Field, result: Arithmetic<'i32'>): void {
  $.setGrHigh(r1, result.value);
  conclude($, result);
}

/** A bit as a 64-bit integer. */
export function widen64($: Sem): (bit: I32) => I64 {
  return (bit) => $.zext(bit);
}
