/** Power ISA, Book I, "Vector-Scalar Floating-Point Operations": permutes, logic, and what changes signs alone. */

import type { V128 } from '../../../../ir/node.ts';
import { field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { BYTE, choose, permuted, places, splat, splatWord, WORD } from './lanes.ts';
import { xx2Row, xx3Row, xx4 } from './vsx-rows.ts';

const LEFT_ONLY = -(1n << 63n);

/** Masks of sign bits: of the left doubleword, of both, of the four words. */
const signs = {
  dp: ($: Sem) => $.quad($.i64(LEFT_ONLY), $.i64(0)),
  vdp: ($: Sem) => splat($, 3, LEFT_ONLY),
  vsp: ($: Sem) => splat($, WORD, 0x8000_0000 | 0),
} as const;

/** What is left of a scalar's register: the right half is not defined, and zero here. */
function leftOnly($: Sem, scalar: boolean, value: V128): V128 {
  return scalar ? $.quad($.leftOf(value), $.i64(0)) : value;
}

const signRows = (
  [
    ['xs', 'dp', signs.dp, 0],
    ['xv', 'sp', signs.vsp, 0x100],
    ['xv', 'dp', signs.vdp, 0x200],
  ] as const
).flatMap(([stem, suffix, mask, at]) => {
  const scalar = stem === 'xs';
  const kind = scalar ? 'VSX Scalar' : 'VSX Vector';
  const one = (name: string, low: number, title: string, operation: string): Row[] =>
    xx2Row(`${stem}${name}${suffix}`, low + at, `${kind} ${title}`, ($, b) =>
      leftOnly($, scalar, $.bin(operation, b, mask($))),
    );
  return [
    ...one('abs', 0x564, 'Absolute Value', 'v128.andnot'),
    ...one('nabs', 0x5a4, 'Negative Absolute Value', 'v128.or'),
    ...one('neg', 0x5e4, 'Negate', 'v128.xor'),
    ...xx3Row(`${stem}cpsgn${suffix}`, 0x580 + at, `${kind} Copy Sign`, ($, a, b) =>
      leftOnly($, scalar, choose($, mask($), a, b)),
    ),
  ];
});

const doublewords = form({
  ...{ xt: field.vs(6, 31), xa: field.vs(11, 29), xb: field.vs(16, 30) },
  dm: field.bits(22, 2),
});
const splatForm = form({ xt: field.vs(6, 31), uim: field.bits(14, 2), xb: field.vs(16, 30) });

const merge = (mnemonic: string, low: number, from: 0 | 8, title: string): Row[] =>
  xx3Row(mnemonic, low, title, ($, a, b) => {
    const place = (n: number): number => from + (n >> 3) * 4 + (n % 4) + ((n >> 2) % 2) * 16;
    return permuted($, a, b, places($, place));
  });

/** The instructions. */
export const vsxMoves: readonly Row[] = [
  ...signRows,
  ...xx3Row('xxland', 0x410, 'VSX Logical AND', ($, a, b) => $.bin('v128.and', a, b)),
  ...xx3Row('xxlandc', 0x450, 'VSX Logical AND with Complement', ($, a, b) => $.bin('v128.andnot', a, b)),
  ...xx3Row('xxlor', 0x490, 'VSX Logical OR', ($, a, b) => $.bin('v128.or', a, b)),
  ...xx3Row('xxlxor', 0x4d0, 'VSX Logical XOR', ($, a, b) => $.bin('v128.xor', a, b)),
  ...xx3Row('xxlnor', 0x510, 'VSX Logical NOR', ($, a, b) => $.un('v128.not', $.bin('v128.or', a, b))),
  ...merge('xxmrghw', 0x090, 0, 'VSX Merge High Word'),
  ...merge('xxmrglw', 0x190, 8, 'VSX Merge Low Word'),
  ...insn('xxsel', { op: op.exactly((60 << 26) | 0x30, 0xfc00_0030), form: xx4, title: 'VSX Select' }, ($, f) => {
    $.needsVsx();
    $.setVsr(f.xt, choose($, $.vsr(f.xc), $.vsr(f.xb), $.vsr(f.xa)));
  }),
  ...insn(
    'xxspltw',
    { op: op.exactly((60 << 26) | 0x290, 0xfc00_07fc), form: splatForm, title: 'VSX Splat Word' },
    ($, f) => {
      $.needsVsx();
      const first = splatWord($, BYTE, $.shl($.field(f.uim), 2));
      const index = $.bin(
        'i8x16.add',
        first,
        places($, (n) => n % 4),
      );
      const b = $.vsr(f.xb);
      $.setVsr(f.xt, permuted($, b, b, index));
    },
  ),
  ...insn(
    'xxsldwi',
    {
      ...{ op: op.exactly((60 << 26) | 0x10, 0xfc00_04f8), form: doublewords },
      title: 'VSX Shift Left Double by Word Immediate',
    },
    ($, f) => {
      $.needsVsx();
      const first = splatWord($, BYTE, $.shl($.field(f.dm), 2));
      const index = $.bin(
        'i8x16.add',
        first,
        places($, (n) => n),
      );
      $.setVsr(f.xt, permuted($, $.vsr(f.xa), $.vsr(f.xb), index));
    },
  ),
  ...insn(
    'xxpermdi',
    { op: op.exactly((60 << 26) | 0x50, 0xfc00_04f8), form: doublewords, title: 'VSX Permute Doubleword Immediate' },
    ($, f) => {
      $.needsVsx();
      const a = $.vsr(f.xa);
      const b = $.vsr(f.xb);
      const left = $.select($.and($.field(f.dm), 2), $.rightOf(a), $.leftOf(a));
      const right = $.select($.and($.field(f.dm), 1), $.rightOf(b), $.leftOf(b));
      $.setVsr(f.xt, $.quad(left, right));
    },
  ),
];
