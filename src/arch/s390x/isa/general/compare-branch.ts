/** PoP, "General Instructions": COMPARE AND BRANCH and its kin, with registers and immediates, relative and not. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { compareCc, compareLogicalCc } from './arithmetic.ts';

/** 1 when the mask selects the outcome of a comparison, given as its condition code; the mask's last bit counts nothing. */
export function selects($: Sem, m3: Field, cc: I32): I32 {
  return $.and($.shrU($.field(m3), $.sub($.i32(3), cc)), 1);
}

/** Branches relative when the mask selects the outcome. The condition code of the PSW stays. */
function jump($: Sem, f: { readonly m3: Field; readonly ri4: Field }, cc: I32): void {
  $.when(selects($, f.m3, cc), () => $.branchTo($.relative(f.ri4)));
}

function branch($: Sem, f: { readonly m3: Field; readonly b4: Field; readonly d4: Field }, cc: I32): void {
  $.when(selects($, f.m3, cc), () => $.branchTo($.address4(f).at));
}

/** An 8-bit immediate with zeros on the left. */
const byte = ($: Sem, i2: Field): I32 => $.and($.field(i2), 0xff);
const byte64 = ($: Sem, i2: Field): I64 => $.zext(byte($, i2));

/** Comparisons that branch. */
export const compareBranchRows: readonly Row[] = [
  insn(
    'CRJ',
    { op: 0xec76, fmt: 'RIE_b', title: 'COMPARE AND BRANCH RELATIVE (32)', facility: 'general-instructions-extension' },
    ($, f) => jump($, f, compareCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CGRJ',
    { op: 0xec64, fmt: 'RIE_b', title: 'COMPARE AND BRANCH RELATIVE (64)', facility: 'general-instructions-extension' },
    ($, f) => jump($, f, compareCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CLRJ',
    {
      op: 0xec77,
      fmt: 'RIE_b',
      title: 'COMPARE LOGICAL AND BRANCH RELATIVE (32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareLogicalCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CLGRJ',
    {
      op: 0xec65,
      fmt: 'RIE_b',
      title: 'COMPARE LOGICAL AND BRANCH RELATIVE (64)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareLogicalCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CIJ',
    {
      op: 0xec7e,
      fmt: 'RIE_c',
      title: 'COMPARE IMMEDIATE AND BRANCH RELATIVE (32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareCc($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'CGIJ',
    {
      op: 0xec7c,
      fmt: 'RIE_c',
      title: 'COMPARE IMMEDIATE AND BRANCH RELATIVE (64)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareCc($, $.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn(
    'CLIJ',
    {
      op: 0xec7f,
      fmt: 'RIE_c',
      title: 'COMPARE LOGICAL IMMEDIATE AND BRANCH RELATIVE (32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareLogicalCc($, $.grLow(f.r1), byte($, f.i2))),
  ),
  insn(
    'CLGIJ',
    {
      op: 0xec7d,
      fmt: 'RIE_c',
      title: 'COMPARE LOGICAL IMMEDIATE AND BRANCH RELATIVE (64)',
      facility: 'general-instructions-extension',
    },
    ($, f) => jump($, f, compareLogicalCc($, $.gr(f.r1), byte64($, f.i2))),
  ),
  insn(
    'CRB',
    { op: 0xecf6, fmt: 'RRS', title: 'COMPARE AND BRANCH (32)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CGRB',
    { op: 0xece4, fmt: 'RRS', title: 'COMPARE AND BRANCH (64)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CLRB',
    { op: 0xecf7, fmt: 'RRS', title: 'COMPARE LOGICAL AND BRANCH (32)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareLogicalCc($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn(
    'CLGRB',
    { op: 0xece5, fmt: 'RRS', title: 'COMPARE LOGICAL AND BRANCH (64)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareLogicalCc($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn(
    'CIB',
    { op: 0xecfe, fmt: 'RIS', title: 'COMPARE IMMEDIATE AND BRANCH (32)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareCc($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'CGIB',
    { op: 0xecfc, fmt: 'RIS', title: 'COMPARE IMMEDIATE AND BRANCH (64)', facility: 'general-instructions-extension' },
    ($, f) => branch($, f, compareCc($, $.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn(
    'CLIB',
    {
      op: 0xecff,
      fmt: 'RIS',
      title: 'COMPARE LOGICAL IMMEDIATE AND BRANCH (32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => branch($, f, compareLogicalCc($, $.grLow(f.r1), byte($, f.i2))),
  ),
  insn(
    'CLGIB',
    {
      op: 0xecfd,
      fmt: 'RIS',
      title: 'COMPARE LOGICAL IMMEDIATE AND BRANCH (64)',
      facility: 'general-instructions-extension',
    },
    ($, f) => branch($, f, compareLogicalCc($, $.gr(f.r1), byte64($, f.i2))),
  ),
];
