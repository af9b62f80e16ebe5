/** Power ISA, Book I, "Vector Facility": integer sums that stay in range, carries, averages, sums across elements. */

import type { I64, V128 } from '../../../../ir/node.ts';
import type { Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  any,
  BYTE,
  carries,
  HALFWORD,
  lanewise,
  letters,
  pairSums,
  type Size,
  saturatedDifference,
  saturatedSum,
  shifted,
  sizes,
  WORD,
} from './lanes.ts';
import { binary, saturated } from './rows.ts';

/** By an operation of WebAssembly that stays in range, beside one that does not, which tells whether it mattered. */
function inRange($: Sem, size: Size, operation: 'add' | 'sub', signed: boolean, a: V128, b: V128): V128 {
  if (size === WORD) return operation === 'add' ? saturatedSum($, signed, a, b) : saturatedDifference($, signed, a, b);
  const value = lanewise($, size, `${operation}_sat_${signed ? 's' : 'u'}`, a, b);
  saturated($, any($, $.bin('v128.xor', value, lanewise($, size, operation, a, b))));
  return value;
}

/** (a + b + 1) / 2, as if there were a bit more. */
function average($: Sem, size: Size, signed: boolean, a: V128, b: V128): V128 {
  const half = shifted($, size, signed ? 'shr_s' : 'shr_u', $.bin('v128.xor', a, b), 1);
  return lanewise($, size, 'sub', $.bin('v128.or', a, b), half);
}

const bySize = sizes.flatMap((size) => {
  const letter = letters[size];
  const at = size * 64;
  const row = (name: string, extended: number, title: string, operation: 'add' | 'sub', signed: boolean): Row[] =>
    binary(`v${name}${letter}s`, extended + at, title, ($, a, b) => inRange($, size, operation, signed, a, b));
  return [
    ...row('addu', 512, 'Vector Add Unsigned Saturate', 'add', false),
    ...row('adds', 768, 'Vector Add Signed Saturate', 'add', true),
    ...row('subu', 1536, 'Vector Subtract Unsigned Saturate', 'sub', false),
    ...row('subs', 1792, 'Vector Subtract Signed Saturate', 'sub', true),
    ...binary(`vavgu${letter}`, 1026 + at, 'Vector Average Unsigned', ($, a, b) => average($, size, false, a, b)),
    ...binary(`vavgs${letter}`, 1282 + at, 'Vector Average Signed', ($, a, b) => average($, size, true, a, b)),
  ];
});

/** Word element e as a signed number of 64 bits. */
function word($: Sem, a: V128, e: 0 | 1 | 2 | 3): I64 {
  return $.sext($.lane('i32', 'i32x4.extract_lane', 3 - e, a));
}

/** The nearest signed word, zero extended; VSCR[SAT] tells when it is another one. */
function signedWord($: Sem, sum: I64): I64 {
  const fits = $.eq($.extend(32, sum), sum);
  saturated($, $.isZero(fits));
  const end = $.xor($.shrS(sum, 63), 0x7fff_ffff);
  return $.and($.select(fits, sum, end), 0xffff_ffff);
}

function sumAcross($: Sem, a: V128, b: V128): V128 {
  const all = ([0, 1, 2, 3] as const).reduce<I64>((sum, e) => $.add(sum, word($, a, e)), word($, b, 3));
  return $.quad($.i64(0), signedWord($, all));
}

function sumAcrossHalves($: Sem, a: V128, b: V128): V128 {
  const half = (e: 0 | 2, f: 1 | 3): I64 => signedWord($, $.add($.add(word($, a, e), word($, a, f)), word($, b, f)));
  return $.quad(half(0, 1), half(2, 3));
}

const fourBytes = ($: Sem, signed: boolean, a: V128): V128 =>
  pairSums($, HALFWORD, signed, pairSums($, BYTE, signed, a));

function carryOf($: Sem, ones: V128): V128 {
  return shifted($, WORD, 'shr_u', ones, 31);
}

/** The instructions. */
export const vectorSaturating: readonly Row[] = [
  ...bySize,
  ...binary('vaddcuw', 384, 'Vector Add and Write Carry-Out Unsigned Word', ($, a, b) =>
    carryOf($, carries($, a, $.bin('i32x4.add', a, b))),
  ),
  ...binary('vsubcuw', 1408, 'Vector Subtract and Write Carry-Out Unsigned Word', ($, a, b) =>
    carryOf($, $.bin('i32x4.ge_u', a, b)),
  ),
  ...binary('vsum4ubs', 1544, 'Vector Sum across Quarter Unsigned Byte Saturate', ($, a, b) =>
    saturatedSum($, false, fourBytes($, false, a), b),
  ),
  ...binary('vsum4sbs', 1800, 'Vector Sum across Quarter Signed Byte Saturate', ($, a, b) =>
    saturatedSum($, true, fourBytes($, true, a), b),
  ),
  ...binary('vsum4shs', 1608, 'Vector Sum across Quarter Signed Halfword Saturate', ($, a, b) =>
    saturatedSum($, true, pairSums($, HALFWORD, true, a), b),
  ),
  ...binary('vsum2sws', 1672, 'Vector Sum across Half Signed Word Saturate', sumAcrossHalves),
  ...binary('vsumsws', 1928, 'Vector Sum across Signed Word Saturate', sumAcross),
];
