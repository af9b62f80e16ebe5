/** PoP, "Vector Overview and Support Instructions": merging, packing, unpacking, permuting, selecting. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, V128 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  bitsOf,
  byElement,
  choose,
  greater,
  high,
  type LaneSize,
  laneNumbers,
  low,
  pair,
  shapeOf,
  shifted,
  splat,
  swizzle,
  vectorInstruction,
  word,
  words,
} from './lanes.ts';
import { requireWideElements } from './quadword.ts';

const title = (what: string): string => `VECTOR ${what}`;
type Half = 'high' | 'low';

// ---- merge

function merged($: Sem, es: LaneSize, half: Half, a: V128, b: V128): V128 {
  if (es === 3) return half === 'high' ? pair($, high($, a), high($, b)) : pair($, low($, a), low($, b));
  const wide = es === 0 ? 1 : es === 1 ? 2 : 3;
  const extend = (v: V128): V128 => $.conv('v128', `${shapeOf[wide]}.extend_${half}_${shapeOf[es]}_u`, v);
  return $.or(shifted($, wide, 'shl', extend(a), bitsOf(es)), extend(b));
}

function mergeRow(mnemonic: string, op: number, half: Half): Row {
  return insn(
    mnemonic,
    { op, fmt: 'VRR_c', title: title(`MERGE ${half.toUpperCase()}`), facility: 'vector', ignores: ['m5', 'm6'] },
    ($, f) => {
      vectorInstruction($);
      const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
      byElement($, f.m4, [0, 1, 2, 3], (es) => $.setVr(f.v1, merged($, es, half, a, b)));
    },
  );
}

// ---- pack

type Wide = 1 | 2 | 3;

/** The right halves of elements, those of `a` on the left; what lies left of them must be zeros. */
function narrowed($: Sem, es: Wide, a: V128, b: V128): V128 {
  if (es === 3) return words($, [word($, a, 1), word($, a, 3), word($, b, 1), word($, b, 3)]);
  return $.bin(es === 1 ? 'i8x16.narrow_i16x8_u' : 'i16x8.narrow_i32x4_u', b, a);
}

function rightHalves($: Sem, es: Wide, a: V128): V128 {
  return $.and(a, splat($, es, $.i64((1n << BigInt(bitsOf(es) / 2)) - 1n)));
}

/** The nearest element that its half can hold, and ones where that is another one. */
function saturated($: Sem, es: Wide, signed: boolean, a: V128): { readonly value: V128; readonly changed: V128 } {
  const bits = BigInt(bitsOf(es) / 2);
  const most = splat($, es, $.i64((1n << (signed ? bits - 1n : bits)) - 1n));
  const above = greater($, es, signed, a, most);
  const capped = choose($, above, most, a);
  if (!signed) return { value: capped, changed: above };
  const least = splat($, es, $.i64(-(1n << (bits - 1n))));
  const below = greater($, es, true, least, a);
  return { value: choose($, below, least, capped), changed: $.or(above, below) };
}

/** 0 when no element was changed, 1 when some were, 3 when all were. */
function saturationCc($: Sem, changedA: V128, changedB: V128): I32 {
  const all = $.and($.conv('i32', 'i8x16.all_true', changedA), $.conv('i32', 'i8x16.all_true', changedB));
  const any = $.conv('i32', 'v128.any_true', $.or(changedA, changedB));
  return $.select(all, $.i32(3), any);
}

function packSaturating(mnemonic: string, op: number, what: string, signed: boolean): Row {
  return insn(mnemonic, { op, fmt: 'VRR_b', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
    byElement($, f.m4, [1, 2, 3] as const, (es) => {
      const x = saturated($, es, signed, a);
      const y = saturated($, es, signed, b);
      $.setVr(f.v1, narrowed($, es, rightHalves($, es, x.value), rightHalves($, es, y.value)));
      $.when($.and($.field(f.m5), 1), () => $.setCc(saturationCc($, x.changed, y.changed)));
    });
  });
}

// ---- unpack

function unpackRow(mnemonic: string, op: number, half: Half, signed: boolean): Row {
  const logical = signed ? '' : 'LOGICAL ';
  return insn(
    mnemonic,
    {
      op,
      fmt: 'VRR_a',
      title: title(`UNPACK ${logical}${half.toUpperCase()}`),
      facility: 'vector',
      ignores: ['m4', 'm5'],
    },
    ($, f) => {
      vectorInstruction($);
      const a = $.vr(f.v2);
      byElement($, f.m3, [0, 1, 2, 3] as const, (es) => {
        if (es === 3) {
          requireWideElements($);
          const doubleword = half === 'high' ? high($, a) : low($, a);
          return $.setVr(f.v1, pair($, signed ? $.shrS(doubleword, 63) : $.i64(0), doubleword));
        }
        $.setVr(f.v1, $.conv('v128', `${shapeOf[wideOf[es]]}.extend_${half}_${shapeOf[es]}_${signed ? 's' : 'u'}`, a));
      });
    },
  );
}
const wideOf = [1, 2, 3] as const;

/** The rightmost element of a doubleword, sign extended. */
function rightmostExtended($: Sem, es: 0 | 1 | 2, doubleword: I64): I64 {
  return $.extend(es === 0 ? 8 : es === 1 ? 16 : 32, doubleword);
}

// ---- permute

/** Bytes of the 32 that two vectors are, V2's first, by number from the left. */
export function permuted($: Sem, a: V128, b: V128, numbers: V128): V128 {
  const n = $.and(numbers, splat($, 0, $.i64(31)));
  const fromRight = (last: number): V128 => $.bin('i8x16.sub', splat($, 0, $.i64(last)), n);
  // Past the other operand's bytes the lane number is past 15, too.
  return $.or(swizzle($, a, fromRight(15)), swizzle($, b, fromRight(31)));
}

/** The 16 bytes from byte `by` on, 0 to 15. */
export function bytesFrom($: Sem, a: V128, b: V128, by: I32): V128 {
  const start = $.bin('i8x16.sub', laneNumbers($), $.conv('v128', 'i8x16.splat', by));
  return $.or(swizzle($, a, start), swizzle($, b, $.bin('i8x16.add', start, splat($, 0, $.i64(16)))));
}

/** Bits of `a`, and `b` on its right, from bit `by` on, 0 to 7. */
function bitsFrom($: Sem, a: V128, b: V128, by: I32): V128 {
  const left = $.zext(by);
  const joined = (first: I64, second: I64): I64 =>
    $.or($.shl(first, left), $.shrU($.shrU(second, 1), $.sub($.i64(63), left)));
  return pair($, joined(high($, a), low($, a)), joined(low($, a), high($, b)));
}

/** The same, from 128 minus `by` on: the rightmost bits once the whole is shifted to the right. */
function bitsUpTo($: Sem, a: V128, b: V128, by: I32): V128 {
  const right = $.zext(by);
  const joined = (first: I64, second: I64): I64 =>
    $.or($.shrU(second, right), $.shl($.shl(first, 1), $.sub($.i64(63), right)));
  return pair($, joined(low($, a), high($, b)), joined(high($, b), low($, b)));
}

/** Bit `number` of a vector, 0 for numbers past 127. */
function bitAt($: Sem, a: V128, number: I64): I64 {
  const doubleword = $.select($.ltU(number, 64), high($, a), low($, a));
  const bit = $.and($.shrU(doubleword, $.sub($.i64(63), $.and(number, 63))), 1);
  return $.select($.ltU(number, 128), bit, 0);
}

function bitPermuted($: Sem, a: V128, numbers: V128): V128 {
  const [left, right] = [$.variable(high($, numbers)), $.variable(low($, numbers))];
  const result = $.variable($.i64(0));
  const count = $.variable($.i32(16));
  $.repeat(() => {
    const number = $.shrU($.get(left), 56);
    $.set(result, $.or($.shl($.get(result), 1), bitAt($, a, number)));
    $.set(left, $.or($.shl($.get(left), 8), $.shrU($.get(right), 56)));
    $.set(right, $.shl($.get(right), 8));
    const rest = $.sub($.get(count), 1);
    $.set(count, rest);
    return rest;
  });
  return pair($, $.get(result), $.i64(0));
}

interface Double {
  readonly v2: Field;
  readonly v3: Field;
  readonly i4: Field;
}

/** A shift of two registers side by side by an immediate number of at most seven bits, which has no other value. */
function shiftDoubleByBit(
  mnemonic: string,
  op: number,
  direction: 'LEFT' | 'RIGHT',
  shift: ($: Sem, a: V128, b: V128, by: I32) => V128,
): Row {
  return insn(
    mnemonic,
    {
      op,
      fmt: 'VRI_d',
      title: title(`SHIFT ${direction} DOUBLE BY BIT`),
      facility: 'vector-enhancements-2',
      ignores: ['m5'],
    },
    ($, f: Double & { readonly v1: Field }) => {
      vectorInstruction($);
      $.pgmIf($.gtU($.field(f.i4), 7), PGM.specification);
      $.setVr(f.v1, shift($, $.vr(f.v2), $.vr(f.v3), $.field(f.i4)));
    },
  );
}

/** Merge, pack, unpack, permute, select, and the shifts of two vectors side by side. */
export const permuteRows: readonly Row[] = [
  mergeRow('VMRH', 0xe761, 'high'),
  mergeRow('VMRL', 0xe760, 'low'),
  insn('VPK', { op: 0xe794, fmt: 'VRR_c', title: title('PACK'), facility: 'vector', ignores: ['m5', 'm6'] }, ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
    byElement($, f.m4, [1, 2, 3] as const, (es) =>
      $.setVr(f.v1, narrowed($, es, rightHalves($, es, a), rightHalves($, es, b))),
    );
  }),
  packSaturating('VPKS', 0xe797, 'PACK SATURATE', true),
  packSaturating('VPKLS', 0xe795, 'PACK LOGICAL SATURATE', false),
  unpackRow('VUPH', 0xe7d7, 'high', true),
  unpackRow('VUPL', 0xe7d6, 'low', true),
  unpackRow('VUPLH', 0xe7d5, 'high', false),
  unpackRow('VUPLL', 0xe7d4, 'low', false),
  insn(
    'VSEG',
    { op: 0xe75f, fmt: 'VRR_a', title: title('SIGN EXTEND TO DOUBLEWORD'), facility: 'vector', ignores: ['m4', 'm5'] },
    ($, f) => {
      vectorInstruction($);
      const a = $.vr(f.v2);
      byElement($, f.m3, [0, 1, 2] as const, (es) =>
        $.setVr(f.v1, pair($, rightmostExtended($, es, high($, a)), rightmostExtended($, es, low($, a)))),
      );
    },
  ),
  insn(
    'VPERM',
    { op: 0xe78c, fmt: 'VRR_e', title: title('PERMUTE'), facility: 'vector', ignores: ['m5', 'm6'] },
    ($, f) => {
      vectorInstruction($);
      $.setVr(f.v1, permuted($, $.vr(f.v2), $.vr(f.v3), $.vr(f.v4)));
    },
  ),
  insn(
    'VSEL',
    { op: 0xe78d, fmt: 'VRR_e', title: title('SELECT'), facility: 'vector', ignores: ['m5', 'm6'] },
    ($, f) => {
      vectorInstruction($);
      $.setVr(f.v1, choose($, $.vr(f.v4), $.vr(f.v2), $.vr(f.v3)));
    },
  ),
  insn(
    'VBPERM',
    {
      op: 0xe785,
      fmt: 'VRR_c',
      title: title('BIT PERMUTE'),
      facility: 'vector-enhancements-1',
      ignores: ['m4', 'm5', 'm6'],
    },
    ($, f) => {
      vectorInstruction($);
      $.setVr(f.v1, bitPermuted($, $.vr(f.v2), $.vr(f.v3)));
    },
  ),
  // Bits 0-3 of the number of bytes are ignored.
  insn(
    'VSLDB',
    { op: 0xe777, fmt: 'VRI_d', title: title('SHIFT LEFT DOUBLE BY BYTE'), facility: 'vector', ignores: ['m5'] },
    ($, f) => {
      vectorInstruction($);
      $.setVr(f.v1, bytesFrom($, $.vr(f.v2), $.vr(f.v3), $.and($.field(f.i4), 15)));
    },
  ),
  shiftDoubleByBit('VSLD', 0xe786, 'LEFT', bitsFrom),
  shiftDoubleByBit('VSRD', 0xe787, 'RIGHT', bitsUpTo),
];
