/** PoP, "General Instructions": COMPARE AND TRAP and its kin, LOAD AND TRAP and its kin. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64, Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { dataException } from '../data-exception.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareCc, compareLogicalCc } from './arithmetic.ts';
import { selects } from './compare-branch.ts';
import { thirtyOneBits } from './load-logical.ts';

/** Data-exception code of the traps. */
const COMPARE_AND_TRAP = 0xff;

/** Traps when the mask selects the outcome of a comparison, given as its condition code. */
function trap($: Sem, m3: Field, outcome: I32): void {
  $.when(selects($, m3, outcome), () => $.callVoid(dataException, COMPARE_AND_TRAP));
}

/** Traps when what has been loaded is zero; it stays loaded. */
function trapOnZero<T extends Int>($: Sem, value: Node<T>, place: (value: Node<T>) => void): void {
  place(value);
  $.when($.isZero(value), () => $.callVoid(dataException, COMPARE_AND_TRAP));
}

/** A 16-bit immediate with zeros on the left. */
const half = ($: Sem, i2: Field): I32 => $.and($.field(i2), 0xffff);
const half64 = ($: Sem, i2: Field): I64 => $.zext(half($, i2));

/** Comparisons that trap. */
export const compareTrapRows: readonly Row[] = [
  insn(
    'CRT',
    {
      op: 0xb972,
      fmt: 'RRF_c',
      title: 'COMPARE AND TRAP (32)',
      facility: 'general-instructions-extension',
      ignores: ['m4'],
    },
    ($, f) => trap($, f.m3, compareCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CGRT',
    {
      op: 0xb960,
      fmt: 'RRF_c',
      title: 'COMPARE AND TRAP (64)',
      facility: 'general-instructions-extension',
      ignores: ['m4'],
    },
    ($, f) => trap($, f.m3, compareCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CLRT',
    {
      op: 0xb973,
      fmt: 'RRF_c',
      title: 'COMPARE LOGICAL AND TRAP (32)',
      facility: 'general-instructions-extension',
      ignores: ['m4'],
    },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CLGRT',
    {
      op: 0xb961,
      fmt: 'RRF_c',
      title: 'COMPARE LOGICAL AND TRAP (64)',
      facility: 'general-instructions-extension',
      ignores: ['m4'],
    },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CIT',
    {
      op: 0xec72,
      fmt: 'RIE_a',
      title: 'COMPARE IMMEDIATE AND TRAP (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => trap($, f.m3, compareCc($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'CGIT',
    {
      op: 0xec70,
      fmt: 'RIE_a',
      title: 'COMPARE IMMEDIATE AND TRAP (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => trap($, f.m3, compareCc($, $.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn(
    'CLFIT',
    {
      op: 0xec73,
      fmt: 'RIE_a',
      title: 'COMPARE LOGICAL IMMEDIATE AND TRAP (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.grLow(f.r1), half($, f.i2))),
  ),
  insn(
    'CLGIT',
    {
      op: 0xec71,
      fmt: 'RIE_a',
      title: 'COMPARE LOGICAL IMMEDIATE AND TRAP (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.gr(f.r1), half64($, f.i2))),
  ),
  insn(
    'CLT',
    { op: 0xeb23, fmt: 'RSY_b', title: 'COMPARE LOGICAL AND TRAP (32)', facility: 'zenterprise-ec12' },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn(
    'CLGT',
    { op: 0xeb2b, fmt: 'RSY_b', title: 'COMPARE LOGICAL AND TRAP (64)', facility: 'zenterprise-ec12' },
    ($, f) => trap($, f.m3, compareLogicalCc($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
];

/** Loads that trap on zero. */
export const loadTrapRows: readonly Row[] = [
  insn('LAT', { op: 0xe39f, fmt: 'RXY_a', title: 'LOAD AND TRAP (32)', facility: 'zenterprise-ec12' }, ($, f) =>
    trapOnZero($, $.fetch32($.address2(f)), (value) => $.setGrLow(f.r1, value)),
  ),
  insn('LGAT', { op: 0xe385, fmt: 'RXY_a', title: 'LOAD AND TRAP (64)', facility: 'zenterprise-ec12' }, ($, f) =>
    trapOnZero($, $.fetch64($.address2(f)), (value) => $.setGr(f.r1, value)),
  ),
  insn('LFHAT', { op: 0xe3c8, fmt: 'RXY_a', title: 'LOAD HIGH AND TRAP (32)', facility: 'zenterprise-ec12' }, ($, f) =>
    trapOnZero($, $.fetch32($.address2(f)), (value) => $.setGrHigh(f.r1, value)),
  ),
  insn(
    'LLGFAT',
    { op: 0xe39d, fmt: 'RXY_a', title: 'LOAD LOGICAL AND TRAP (64 from 32)', facility: 'zenterprise-ec12' },
    ($, f) => trapOnZero($, $.fetch32($.address2(f)), (value) => $.setGr(f.r1, $.zext(value))),
  ),
  insn(
    'LLGTAT',
    {
      op: 0xe39c,
      fmt: 'RXY_a',
      title: 'LOAD LOGICAL THIRTY ONE BITS AND TRAP (64 from 31)',
      facility: 'zenterprise-ec12',
    },
    ($, f) => trapOnZero($, thirtyOneBits($, $.fetch32($.address2(f))), (value) => $.setGr(f.r1, $.zext(value))),
  ),
];
