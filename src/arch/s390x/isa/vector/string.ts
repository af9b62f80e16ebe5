/** PoP, "Vector String Instructions". Each finds the first element of a kind, counted in bytes from the left. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { element } from './element.ts';
import {
  bitsOf,
  byElement,
  equal,
  greater,
  laneNumbers,
  leftmost,
  not,
  pair,
  SETS_CC,
  splat,
  swizzle,
  vectorInstruction,
  zero,
} from './lanes.ts';

const title = (what: string): string => `VECTOR ${what}`;
const sizes = [0, 1, 2] as const;
type Size = (typeof sizes)[number];

/** Bits of the last operand field of most of them; `SETS_CC` is the fourth. */
const INVERTS = 8;
const GIVES_MASK = 4;
const FINDS_ZERO = 2;

const NONE = 16;

/** 1 when the bit of the field is one. */
function has($: Sem, field: Field, bit: number): I32 {
  return $.ne($.and($.field(field), bit), 0);
}

/** The mask when the condition is not zero, else zeros. */
function maskIf($: Sem, condition: I32, mask: V128): V128 {
  return $.and(mask, $.conv('v128', 'i64x2.splat', $.sub($.i64(0), $.zext(condition))));
}

/** `leftmost` of the mask when the condition is not zero, which operands known beforehand decide without the mask. */
function leftmostIf($: Sem, condition: I32, mask: V128): I64 {
  return $.select(condition, leftmost($, mask), $.i64(NONE));
}

function zeros($: Sem, es: Size, a: V128): V128 {
  return equal($, es, a, zero($));
}

function lesser($: Sem, a: I64, b: I64): I64 {
  return $.select($.ltU(a, b), a, b);
}

/** A number of bytes as a result: in the left doubleword. */
function asResult($: Sem, bytes: I64): V128 {
  return pair($, bytes, $.i64(0));
}

/** A bit for each byte lane of a mask, that of the leftmost one in bit 16 of the word. */
function laneBits($: Sem, mask: V128): I32 {
  return $.conv('i32', 'i8x16.bitmask', mask);
}
/** Bytes in front of the leftmost bit of `laneBits`; 16 when there is none. */
function firstOf($: Sem, bits: I32): I64 {
  return $.zext($.clz($.or($.shl(bits, 16), 0x8000)));
}
/** 1 when the leftmost bit of `bits` is a bit of `other`. */
function atFirst($: Sem, bits: I32, other: I32): I32 {
  return $.ne($.and($.shl($.shl(other, 16), $.clz($.shl(bits, 16))), 0x8000_0000 | 0), 0);
}

/** Condition code of a search, by `laneBits`: 3 nothing found, 1 a match and no zero, 2 a match in front of a zero, 0 a zero. */
function searchCc($: Sem, matches: I32, nuls: I32): I32 {
  const withoutNul = $.select($.isZero(matches), $.i32(3), 1);
  return $.select($.isZero(nuls), withoutNul, $.select($.ltU($.clz(matches), $.clz(nuls)), $.i32(2), 0));
}

// ---- elements beside each other

interface Compared {
  readonly v1: Field;
  readonly v2: Field;
  readonly v3: Field;
  readonly m4: Field;
  readonly m5: Field;
}

/** Specification exception when one of the reserved bits is one. */
function reserved($: Sem, field: Field, bits: number): void {
  $.pgmIf($.and($.field(field), bits), PGM.specification);
}

/** Places where the first of `bits` is, and the condition code: 3 without one, else what `cc` says. Most vectors hold none. */
function conclude($: Sem, f: Compared, bits: I32, cc: () => I32): void {
  const first = $.variable($.i64(NONE));
  const code = $.variable($.i32(3));
  $.when(bits, () => {
    $.set(first, firstOf($, bits));
    $.when(has($, f.m5, SETS_CC), () => $.set(code, cc()));
  });
  $.setVr(f.v1, asResult($, $.get(first)));
  $.when(has($, f.m5, SETS_CC), () => $.setCc($.get(code)));
}

function findEqual($: Sem, es: Size, f: Compared): void {
  const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
  const match = laneBits($, equal($, es, a, b));
  const nul = laneBits($, maskIf($, has($, f.m5, FINDS_ZERO), zeros($, es, a)));
  conclude($, f, $.or(match, nul), () => searchCc($, match, nul));
}

function findNotEqual($: Sem, es: Size, f: Compared): void {
  const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
  const different = not($, equal($, es, a, b));
  // A zero that is no difference ends the search, too.
  const ends = $.or(different, maskIf($, has($, f.m5, FINDS_ZERO), zeros($, es, a)));
  const bits = laneBits($, ends);
  conclude($, f, bits, () => {
    const isLow = atFirst($, bits, laneBits($, greater($, es, false, b, a)));
    return $.select(atFirst($, bits, laneBits($, different)), $.select(isLow, $.i32(1), 2), 0);
  });
}

function compareRow(mnemonic: string, op: number, what: string, find: ($: Sem, es: Size, f: Compared) => void): Row {
  return insn(mnemonic, { op, fmt: 'VRR_b', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    reserved($, f.m5, INVERTS | GIVES_MASK);
    byElement($, f.m4, sizes, (es) => find($, es, f));
  });
}

// ---- any of a set

/** Element `index` of a vector in every place: 0 to 15 for bytes. */
function replicated($: Sem, es: Size, a: V128, index: number): V128 {
  return splat($, es, element($, es, a, $.i32(index)));
}

/** Ones in the elements of `a` that are equal to some element of `b`. */
function inSet($: Sem, es: Size, a: V128, b: V128): V128 {
  let found = equal($, es, a, replicated($, es, b, 0));
  for (let i = 1; i < 16 >> es; i++) found = $.or(found, equal($, es, a, replicated($, es, b, i)));
  return found;
}

/** Places the outcome of a search: a mask or an index, and the condition code when it is asked for. */
function concludeSearch($: Sem, v1: Field, m: Field, matches: V128, nuls: V128): void {
  const [match, nul] = [laneBits($, matches), laneBits($, nuls)];
  $.setVr(v1, $.select(has($, m, GIVES_MASK), matches, asResult($, firstOf($, $.or(match, nul)))));
  $.when(has($, m, SETS_CC), () => $.setCc(searchCc($, match, nul)));
}

/** The mask, all of its bits inverted when the field says so. */
function invertedIf($: Sem, m: Field, mask: V128): V128 {
  return $.xor(mask, $.conv('v128', 'i64x2.splat', $.sub($.i64(0), $.zext(has($, m, INVERTS)))));
}

const findAny = insn(
  'VFAE',
  { op: 0xe782, fmt: 'VRR_b', title: title('FIND ANY ELEMENT EQUAL'), facility: 'vector' },
  ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
    byElement($, f.m4, sizes, (es) => {
      const matches = invertedIf($, f.m5, inSet($, es, a, b));
      const nuls = maskIf($, has($, f.m5, FINDS_ZERO), zeros($, es, a));
      concludeSearch($, f.v1, f.m5, matches, nuls);
    });
  },
);

// ---- ranges

/** What the leftmost three bits of a control element ask for. */
function comparison($: Sem, es: Size, a: V128, limit: V128, control: I64): V128 {
  const bits = bitsOf(es);
  const asked = (bit: number): I32 => $.wrap($.and($.shrU(control, bits - 1 - bit), 1));
  const isEqual = maskIf($, asked(0), equal($, es, a, limit));
  const isLow = maskIf($, asked(1), greater($, es, false, limit, a));
  const isHigh = maskIf($, asked(2), greater($, es, false, a, limit));
  return $.or(isEqual, $.or(isLow, isHigh));
}

/** Ones in the elements that lie in one of the ranges: two neighbouring limits, of which both conditions must hold. */
function inRanges($: Sem, es: Size, a: V128, limits: V128, controls: V128): V128 {
  const holds = (i: number): V128 =>
    comparison($, es, a, replicated($, es, limits, i), element($, es, controls, $.i32(i)));
  let found = zero($);
  for (let i = 0; i < 16 >> es; i += 2) found = $.or(found, $.and(holds(i), holds(i + 1)));
  return found;
}

const compareRanges = insn(
  'VSTRC',
  { op: 0xe78a, fmt: 'VRR_d', title: title('STRING RANGE COMPARE'), facility: 'vector' },
  ($, f) => {
    vectorInstruction($);
    const [a, limits, controls] = [$.vr(f.v2), $.vr(f.v3), $.vr(f.v4)];
    byElement($, f.m5, sizes, (es) => {
      const matches = invertedIf($, f.m6, inRanges($, es, a, limits, controls));
      const nuls = maskIf($, has($, f.m6, FINDS_ZERO), zeros($, es, a));
      concludeSearch($, f.v1, f.m6, matches, nuls);
    });
  },
);

// ---- isolate

/** Ones in the `count` leftmost bytes, 0 to 16. */
function leftBytes($: Sem, count: I64): V128 {
  const least = $.conv('v128', 'i8x16.splat', $.sub($.i32(16), $.wrap(count)));
  return $.bin('i8x16.ge_u', laneNumbers($), least);
}

const isolate = insn(
  'VISTR',
  { op: 0xe75c, fmt: 'VRR_a', title: title('ISOLATE STRING'), facility: 'vector', ignores: ['m4'] },
  ($, f) => {
    vectorInstruction($);
    reserved($, f.m5, INVERTS | GIVES_MASK | FINDS_ZERO);
    const a = $.vr(f.v2);
    byElement($, f.m3, sizes, (es) => {
      const nul = leftmost($, zeros($, es, a));
      $.setVr(f.v1, $.and(a, leftBytes($, nul)));
      $.when(has($, f.m5, SETS_CC), () => $.setCc($.select($.eq(nul, NONE), $.i32(3), 0)));
    });
  },
);

// ---- search for a string

/** Bytes of `a` from byte `by` on, zeros behind its end. */
function from($: Sem, a: V128, by: I32): V128 {
  return swizzle($, a, $.bin('i8x16.sub', laneNumbers($), $.conv('v128', 'i8x16.splat', by)));
}

/** Bytes in front of the first zero element of `a`; 16 without one, and without the search for one. */
function stringLength($: Sem, es: Size, a: V128, findsZero: I32): I64 {
  return leftmostIf($, findsZero, zeros($, es, a));
}

/** A whole number of elements: the rest does not count. */
function wholeElements($: Sem, es: Size, bytes: I64): I64 {
  return $.and(bytes, -(1 << es));
}

/**
 * Looks for the string in V3, whose length byte 7 of V4 holds, in V2: condition code 2 a full match, 1 a partial one up to
 * V2's end, 0 none up to V2's end, which is a zero when those are searched for; 3 none in a V2 without end.
 */
function searchString($: Sem, es: Size, f: Compared & { readonly v4: Field; readonly m6: Field }): void {
  const findsZero = has($, f.m6, FINDS_ZERO);
  const [text, wanted] = [$.vr(f.v2), $.vr(f.v3)];
  const end = stringLength($, es, text, findsZero);
  const asked = wholeElements($, es, $.and(element($, 3, $.vr(f.v4), $.i32(0)), 0xff));
  const length = lesser($, lesser($, asked, $.i64(NONE)), stringLength($, es, wanted, findsZero));
  const at = $.variable($.i64(0));
  const partial = $.variable($.i32(0));
  const found = $.variable($.i32(0));
  $.repeat(() => {
    const here = $.get(at);
    const left = $.sub(end, here);
    const count = lesser($, left, length);
    const same = $.bin('i8x16.eq', from($, text, $.wrap(here)), wanted);
    const differs = $.conv('i32', 'v128.any_true', $.bin('v128.andnot', leftBytes($, count), same));
    const matches = $.isZero(differs);
    const whole = $.and(matches, $.leU(length, left));
    $.set(found, whole);
    // What is cut off by the end of the vector may go on in the next one; what a zero cuts off may not.
    $.set(partial, $.and(matches, $.and($.isZero(whole), $.eq(end, NONE))));
    const stays = $.or($.get(found), $.get(partial));
    $.set(at, $.select(stays, here, $.add(here, 1 << es)));
    return $.and($.isZero(stays), $.ltU($.get(at), end));
  });
  const hit = $.or($.get(found), $.get(partial));
  $.setVr(f.v1, asResult($, $.select(hit, $.get(at), NONE)));
  const none = $.select($.eq(end, NONE), $.i32(0), 1);
  $.setCc($.select($.get(found), $.i32(2), $.select($.get(partial), $.i32(3), none)));
}

const search = insn(
  'VSTRS',
  { op: 0xe78b, fmt: 'VRR_d', title: title('STRING SEARCH'), facility: 'vector-enhancements-2' },
  ($, f) => {
    vectorInstruction($);
    reserved($, f.m6, INVERTS | GIVES_MASK | SETS_CC);
    byElement($, f.m5, sizes, (es) => searchString($, es, { ...f, m4: f.m5 }));
  },
);

/** Strings. */
export const stringRows: readonly Row[] = [
  compareRow('VFEE', 0xe780, 'FIND ELEMENT EQUAL', findEqual),
  compareRow('VFENE', 0xe781, 'FIND ELEMENT NOT EQUAL', findNotEqual),
  findAny,
  compareRanges,
  isolate,
  search,
];
