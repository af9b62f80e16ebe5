/** PoP, "Vector Integer Instructions": sums, differences, logic, comparisons, counts. */

import type { I32, I64, V128 } from '../../../../ir/node.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { requireFacilityIf } from '../form.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  add128,
  allSomeNone,
  bitsOf,
  byElement,
  choose,
  type ElementSize,
  equal,
  greater,
  high,
  type LaneSize,
  lanewise,
  low,
  not,
  ones,
  pair,
  rightmost,
  SETS_CC,
  shapeOf,
  shifted,
  splat,
  vectorInstruction,
  word,
} from './lanes.ts';
import {
  absolute128,
  average128,
  isEqual128,
  isLess128,
  leadingZeros128,
  maskOf128,
  negative128,
  requireWideElements,
  trailingZeros128,
} from './quadword.ts';

const title = (what: string): string => `VECTOR ${what}`;
const lanes = [0, 1, 2, 3] as const;
const all = [0, 1, 2, 3, 4] as const;
/** Quadwords, in instructions that have them with the vector-enhancements facility 3. */
const Q = 4;

type Unary<E extends ElementSize> = ($: Sem, es: E, a: V128) => V128;
type Binary<E extends ElementSize> = ($: Sem, es: E, a: V128, b: V128) => V128;
type Ternary<E extends ElementSize> = ($: Sem, es: E, a: V128, b: V128, c: V128) => V128;

interface Naming<E extends ElementSize> {
  readonly op: number;
  readonly title: string;
  readonly sizes: readonly E[];
  readonly facility?: Facility;
}

/** V1 := what(V2), by elements whose size M3 says. */
export function unaryRow<E extends ElementSize>(mnemonic: string, n: Naming<E>, what: Unary<E>): Row {
  const facility = n.facility ?? 'vector';
  return insn(mnemonic, { op: n.op, fmt: 'VRR_a', title: title(n.title), facility, ignores: ['m4', 'm5'] }, ($, f) => {
    vectorInstruction($);
    const a = $.vr(f.v2);
    byElement($, f.m3, n.sizes, (es) => $.setVr(f.v1, what($, es, a)));
  });
}

/** V1 := what(V2, V3), by elements whose size M4 says. */
export function binaryRow<E extends ElementSize>(mnemonic: string, n: Naming<E>, what: Binary<E>): Row {
  const facility = n.facility ?? 'vector';
  return insn(mnemonic, { op: n.op, fmt: 'VRR_c', title: title(n.title), facility, ignores: ['m5', 'm6'] }, ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
    byElement($, f.m4, n.sizes, (es) => $.setVr(f.v1, what($, es, a, b)));
  });
}

/** V1 := what(V2, V3, V4), by elements whose size M5 says. */
export function ternaryRow<E extends ElementSize>(mnemonic: string, n: Naming<E>, what: Ternary<E>): Row {
  const facility = n.facility ?? 'vector';
  return insn(mnemonic, { op: n.op, fmt: 'VRR_d', title: title(n.title), facility, ignores: ['m6'] }, ($, f) => {
    vectorInstruction($);
    const [a, b, c] = [$.vr(f.v2), $.vr(f.v3), $.vr(f.v4)];
    byElement($, f.m5, n.sizes, (es) => $.setVr(f.v1, what($, es, a, b, c)));
  });
}

/** V1 := what(V2, V3), the whole vectors. */
function wholeRow(
  mnemonic: string,
  n: { readonly op: number; readonly title: string; readonly facility?: Facility },
  what: ($: Sem, a: V128, b: V128) => V128,
): Row {
  const facility = n.facility ?? 'vector';
  const ignores = ['m4', 'm5', 'm6'] as const;
  return insn(mnemonic, { op: n.op, fmt: 'VRR_c', title: title(n.title), facility, ignores }, ($, f) => {
    vectorInstruction($);
    $.setVr(f.v1, what($, $.vr(f.v2), $.vr(f.v3)));
  });
}

// ---- sums

const carryOf = ($: Sem, c: V128): I64 => $.and(low($, c), 1);

/** 1 in each lane that is all ones. */
function asOne($: Sem, es: LaneSize, mask: V128): V128 {
  return shifted($, es, 'shr_u', mask, bitsOf(es) - 1);
}

const sumRows: readonly Row[] = [
  binaryRow('VA', { op: 0xe7f3, title: 'ADD', sizes: all }, ($, es, a, b) =>
    es === 4 ? add128($, a, b, $.i64(0)).value : lanewise($, es, 'add', a, b),
  ),
  binaryRow('VACC', { op: 0xe7f1, title: 'ADD COMPUTE CARRY', sizes: all }, ($, es, a, b) =>
    es === 4
      ? rightmost($, add128($, a, b, $.i64(0)).carry)
      : asOne($, es, greater($, es, false, a, lanewise($, es, 'add', a, b))),
  ),
  ternaryRow(
    'VAC',
    { op: 0xe7bb, title: 'ADD WITH CARRY', sizes: [4] },
    ($, _es, a, b, c) => add128($, a, b, carryOf($, c)).value,
  ),
  ternaryRow('VACCC', { op: 0xe7b9, title: 'ADD WITH CARRY COMPUTE CARRY', sizes: [4] }, ($, _es, a, b, c) =>
    rightmost($, add128($, a, b, carryOf($, c)).carry),
  ),
  binaryRow('VS', { op: 0xe7f7, title: 'SUBTRACT', sizes: all }, ($, es, a, b) =>
    es === 4 ? add128($, a, not($, b), $.i64(1)).value : lanewise($, es, 'sub', a, b),
  ),
  // A one says that there is no borrow.
  binaryRow('VSCBI', { op: 0xe7f5, title: 'SUBTRACT COMPUTE BORROW INDICATION', sizes: all }, ($, es, a, b) =>
    es === 4
      ? rightmost($, add128($, a, not($, b), $.i64(1)).carry)
      : asOne($, es, not($, greater($, es, false, b, a))),
  ),
  ternaryRow(
    'VSBI',
    { op: 0xe7bf, title: 'SUBTRACT WITH BORROW INDICATION', sizes: [4] },
    ($, _es, a, b, c) => add128($, a, not($, b), carryOf($, c)).value,
  ),
  ternaryRow(
    'VSBCBI',
    { op: 0xe7bd, title: 'SUBTRACT WITH BORROW COMPUTE BORROW INDICATION', sizes: [4] },
    ($, _es, a, b, c) => rightmost($, add128($, a, not($, b), carryOf($, c)).carry),
  ),
];

/** Sums of neighbouring lanes, unsigned, as lanes of twice the width. */
function pairSums($: Sem, es: LaneSize, a: V128): V128 {
  if (es === 0) return $.conv('v128', 'i16x8.extadd_pairwise_i8x16_u', a);
  if (es === 1) return $.conv('v128', 'i32x4.extadd_pairwise_i16x8_u', a);
  return $.bin('i64x2.add', shifted($, 3, 'shr_u', a, 32), $.and(a, splat($, 3, $.i64(0xffff_ffffn))));
}

/** The rightmost element of size `es` of each larger one. */
function rightmostOf($: Sem, es: 0 | 1 | 2, larger: LaneSize, a: V128): V128 {
  return $.and(a, splat($, larger, $.i64((1n << BigInt(bitsOf(es))) - 1n)));
}

const acrossRows: readonly Row[] = [
  binaryRow('VSUM', { op: 0xe764, title: 'SUM ACROSS WORD', sizes: [0, 1] as const }, ($, es, a, b) => {
    const sums = es === 0 ? pairSums($, 1, pairSums($, 0, a)) : pairSums($, 1, a);
    return $.bin('i32x4.add', sums, rightmostOf($, es, 2, b));
  }),
  binaryRow('VSUMG', { op: 0xe765, title: 'SUM ACROSS DOUBLEWORD', sizes: [1, 2] as const }, ($, es, a, b) => {
    const sums = es === 1 ? pairSums($, 2, pairSums($, 1, a)) : pairSums($, 2, a);
    return $.bin('i64x2.add', sums, rightmostOf($, es, 3, b));
  }),
  binaryRow('VSUMQ', { op: 0xe767, title: 'SUM ACROSS QUADWORD', sizes: [2, 3] as const }, ($, es, a, b) => {
    const sums = es === 2 ? pairSums($, 2, a) : a;
    const both = add128($, rightmost($, high($, sums)), rightmost($, low($, sums)), $.i64(0)).value;
    const last = es === 2 ? $.and(low($, b), 0xffff_ffffn) : low($, b);
    return add128($, both, rightmost($, last), $.i64(0)).value;
  }),
  wholeRow('VCKSM', { op: 0xe766, title: 'CHECKSUM' }, ($, a, b) => {
    const doublewords = pairSums($, 2, a);
    const addend = $.zext(word($, b, 1));
    const sum = $.add($.add(high($, doublewords), low($, doublewords)), addend);
    // Carries out of the leftmost bit come in on the right; a second time at most.
    const folded = $.add($.and(sum, 0xffff_ffffn), $.shrU(sum, 32));
    const once = $.add($.and(folded, 0xffff_ffffn), $.shrU(folded, 32));
    return pair($, once, $.i64(0));
  }),
];

// ---- averages, extremes, signs

/** Half of the sum of two elements and one. */
function average($: Sem, es: ElementSize, signed: boolean, a: V128, b: V128): V128 {
  if (es === Q) {
    requireWideElements($);
    return average128($, signed, a, b);
  }
  const half = shifted($, es, signed ? 'shr_s' : 'shr_u', $.xor(a, b), 1);
  return lanewise($, es, 'sub', $.or(a, b), half);
}

function extreme($: Sem, es: ElementSize, what: 'min' | 'max', signed: boolean, a: V128, b: V128): V128 {
  if (es === Q) {
    requireWideElements($);
    const isLess = maskOf128($, isLess128($, signed, a, b));
    return what === 'max' ? choose($, isLess, b, a) : choose($, isLess, a, b);
  }
  if (es !== 3) return lanewise($, es, `${what}_${signed ? 's' : 'u'}`, a, b);
  return what === 'max' ? choose($, greater($, es, signed, a, b), a, b) : choose($, greater($, es, signed, b, a), a, b);
}

const valueRows: readonly Row[] = [
  binaryRow('VAVG', { op: 0xe7f2, title: 'AVERAGE', sizes: all }, ($, es, a, b) => average($, es, true, a, b)),
  binaryRow('VAVGL', { op: 0xe7f0, title: 'AVERAGE LOGICAL', sizes: all }, ($, es, a, b) =>
    average($, es, false, a, b),
  ),
  binaryRow('VMX', { op: 0xe7ff, title: 'MAXIMUM', sizes: all }, ($, es, a, b) => extreme($, es, 'max', true, a, b)),
  binaryRow('VMXL', { op: 0xe7fd, title: 'MAXIMUM LOGICAL', sizes: all }, ($, es, a, b) =>
    extreme($, es, 'max', false, a, b),
  ),
  binaryRow('VMN', { op: 0xe7fe, title: 'MINIMUM', sizes: all }, ($, es, a, b) => extreme($, es, 'min', true, a, b)),
  binaryRow('VMNL', { op: 0xe7fc, title: 'MINIMUM LOGICAL', sizes: all }, ($, es, a, b) =>
    extreme($, es, 'min', false, a, b),
  ),
  unaryRow('VLC', { op: 0xe7de, title: 'LOAD COMPLEMENT', sizes: all }, ($, es, a) => {
    if (es !== Q) return $.un(`${shapeOf[es]}.neg`, a);
    requireWideElements($);
    return negative128($, a);
  }),
  unaryRow('VLP', { op: 0xe7df, title: 'LOAD POSITIVE', sizes: all }, ($, es, a) => {
    if (es !== Q) return $.un(`${shapeOf[es]}.abs`, a);
    requireWideElements($);
    return absolute128($, a);
  }),
];

// ---- logic

const enhanced = 'vector-enhancements-1';
const logicRows: readonly Row[] = [
  wholeRow('VN', { op: 0xe768, title: 'AND' }, ($, a, b) => $.and(a, b)),
  wholeRow('VNC', { op: 0xe769, title: 'AND WITH COMPLEMENT' }, ($, a, b) => $.bin('v128.andnot', a, b)),
  wholeRow('VO', { op: 0xe76a, title: 'OR' }, ($, a, b) => $.or(a, b)),
  wholeRow('VNO', { op: 0xe76b, title: 'NOR' }, ($, a, b) => not($, $.or(a, b))),
  wholeRow('VNX', { op: 0xe76c, title: 'NOT EXCLUSIVE OR', facility: enhanced }, ($, a, b) => not($, $.xor(a, b))),
  wholeRow('VX', { op: 0xe76d, title: 'EXCLUSIVE OR' }, ($, a, b) => $.xor(a, b)),
  wholeRow('VNN', { op: 0xe76e, title: 'NAND', facility: enhanced }, ($, a, b) => not($, $.and(a, b))),
  wholeRow('VOC', { op: 0xe76f, title: 'OR WITH COMPLEMENT', facility: enhanced }, ($, a, b) => $.or(a, not($, b))),
];

// ---- comparisons

interface Comparison {
  readonly lanes: Binary<LaneSize>;
  /** Of the whole vectors: 1 when it is true. */
  readonly whole: ($: Sem, a: V128, b: V128) => I32;
}

function compareRow(mnemonic: string, op: number, what: string, compare: Comparison): Row {
  return insn(mnemonic, { op, fmt: 'VRR_b', title: title(what), facility: 'vector' }, ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v2), $.vr(f.v3)];
    byElement($, f.m4, all, (es) => {
      if (es === Q) requireWideElements($);
      const mask = es === Q ? maskOf128($, compare.whole($, a, b)) : compare.lanes($, es, a, b);
      $.setVr(f.v1, mask);
      $.when($.and($.field(f.m5), SETS_CC), () => $.setCc(allSomeNone($, mask)));
    });
  });
}

function higher(signed: boolean): Comparison {
  return {
    lanes: ($, es, a, b) => greater($, es, signed, a, b),
    whole: ($, a, b) => isLess128($, signed, b, a),
  };
}

/** The rightmost element of the left doubleword, extended. */
function inLeft($: Sem, es: LaneSize, signed: boolean, a: V128): I64 {
  const left = high($, a);
  if (es === 3) return left;
  if (signed) return $.extend(es === 0 ? 8 : es === 1 ? 16 : 32, left);
  return $.and(left, (1n << BigInt(bitsOf(es))) - 1n);
}

function elementCompareRow(mnemonic: string, op: number, signed: boolean): Row {
  const what = title(`ELEMENT COMPARE${signed ? '' : ' LOGICAL'}`);
  return insn(mnemonic, { op, fmt: 'VRR_a', title: what, facility: 'vector', ignores: ['m4', 'm5'] }, ($, f) => {
    vectorInstruction($);
    const [a, b] = [$.vr(f.v1), $.vr(f.v2)];
    const set = (isEqual: I32, isLow: I32): void => $.setCc($.select(isEqual, $.i32(0), $.select(isLow, $.i32(1), 2)));
    byElement($, f.m3, all, (es) => {
      if (es === Q) {
        requireWideElements($);
        return set(isEqual128($, a, b), isLess128($, signed, a, b));
      }
      const [x, y] = [inLeft($, es, signed, a), inLeft($, es, signed, b)];
      set($.eq(x, y), signed ? $.ltS(x, y) : $.ltU(x, y));
    });
  });
}

const compareRows: readonly Row[] = [
  compareRow('VCEQ', 0xe7f8, 'COMPARE EQUAL', { lanes: equal, whole: isEqual128 }),
  compareRow('VCH', 0xe7fb, 'COMPARE HIGH', higher(true)),
  compareRow('VCHL', 0xe7f9, 'COMPARE HIGH LOGICAL', higher(false)),
  elementCompareRow('VEC', 0xe7db, true),
  elementCompareRow('VECL', 0xe7d9, false),
  insn(
    'VTM',
    { op: 0xe7d8, fmt: 'VRR_a', title: title('TEST UNDER MASK'), facility: 'vector', ignores: ['m3', 'm4', 'm5'] },
    ($, f) => {
      vectorInstruction($);
      const [a, mask] = [$.vr(f.v1), $.vr(f.v2)];
      const anyOne = $.conv('i32', 'v128.any_true', $.and(a, mask));
      const anyZero = $.conv('i32', 'v128.any_true', $.bin('v128.andnot', mask, a));
      $.setCc($.select(anyOne, $.select(anyZero, $.i32(1), 3), 0));
    },
  ),
];

// ---- counts

/** One bits of each element. */
function onesIn($: Sem, es: LaneSize, a: V128): V128 {
  if (es === 3) return pair($, $.popcnt(high($, a)), $.popcnt(low($, a)));
  let sums = $.un('i8x16.popcnt', a);
  for (let size: 0 | 1 | 2 = 0; size < es; size++) sums = pairSums($, size as LaneSize, sums);
  return sums;
}

/** Each element with all bits to the right of its leftmost one set. */
function smeared($: Sem, es: LaneSize, a: V128): V128 {
  let v = a;
  for (let by = 1; by < bitsOf(es); by *= 2) v = $.or(v, shifted($, es, 'shr_u', v, by));
  return v;
}

const countRows: readonly Row[] = [
  unaryRow('VPOPCT', { op: 0xe750, title: 'POPULATION COUNT', sizes: lanes }, ($, es, a) => {
    requireFacilityIf($, $.i32(es === 0 ? 0 : 1), 'vector-enhancements-1');
    return onesIn($, es, a);
  }),
  unaryRow('VCLZ', { op: 0xe753, title: 'COUNT LEADING ZEROS', sizes: all }, ($, es, a) => {
    if (es === 3) return pair($, $.clz(high($, a)), $.clz(low($, a)));
    if (es !== Q) return onesIn($, es, not($, smeared($, es, a)));
    requireWideElements($);
    return leadingZeros128($, a);
  }),
  unaryRow('VCTZ', { op: 0xe752, title: 'COUNT TRAILING ZEROS', sizes: all }, ($, es, a) => {
    if (es === Q) {
      requireWideElements($);
      return trailingZeros128($, a);
    }
    const below = lanewise($, es, 'add', a, ones($));
    return onesIn($, es, $.bin('v128.andnot', below, a));
  }),
];

/** Integers: sums, values, logic, comparisons, counts. */
export const integerRows: readonly Row[] = [
  ...sumRows,
  ...acrossRows,
  ...valueRows,
  ...logicRows,
  ...compareRows,
  ...countRows,
];
