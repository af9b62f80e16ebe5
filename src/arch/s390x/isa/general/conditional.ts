/** PoP, "General Instructions": LOAD ON CONDITION, STORE ON CONDITION and SELECT. */

import type { Field } from '../../../../ir/field.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Does `move` when M3 selects the condition code. Storage is not looked at otherwise, which the manual permits. */
function onCondition($: Sem, f: { readonly m3: Field }, move: () => void): void {
  $.when($.ccIn($.field(f.m3)), move);
}

/** Moves that depend on the condition code. */
export const conditionalRows: readonly Row[] = [
  insn(
    'LOCR',
    { op: 0xb9f2, fmt: 'RRF_c', title: 'LOAD ON CONDITION (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => onCondition($, f, () => $.setGrLow(f.r1, $.grLow(f.r2))),
  ),
  insn(
    'LOCGR',
    { op: 0xb9e2, fmt: 'RRF_c', title: 'LOAD ON CONDITION (64)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => onCondition($, f, () => $.setGr(f.r1, $.gr(f.r2))),
  ),
  insn('LOC', { op: 0xebf2, fmt: 'RSY_b', title: 'LOAD ON CONDITION (32)', facility: 'zenterprise-196' }, ($, f) =>
    onCondition($, f, () => $.setGrLow(f.r1, $.fetch32($.address2(f)))),
  ),
  insn('LOCG', { op: 0xebe2, fmt: 'RSY_b', title: 'LOAD ON CONDITION (64)', facility: 'zenterprise-196' }, ($, f) =>
    onCondition($, f, () => $.setGr(f.r1, $.fetch64($.address2(f)))),
  ),
  insn('STOC', { op: 0xebf3, fmt: 'RSY_b', title: 'STORE ON CONDITION (32)', facility: 'zenterprise-196' }, ($, f) =>
    onCondition($, f, () => $.store32($.address2(f), $.grLow(f.r1))),
  ),
  insn('STOCG', { op: 0xebe3, fmt: 'RSY_b', title: 'STORE ON CONDITION (64)', facility: 'zenterprise-196' }, ($, f) =>
    onCondition($, f, () => $.store64($.address2(f), $.gr(f.r1))),
  ),
  insn(
    'LOCHI',
    {
      op: 0xec42,
      fmt: 'RIE_g',
      title: 'LOAD HALFWORD IMMEDIATE ON CONDITION (32 from 16)',
      facility: 'zenterprise-z13',
    },
    ($, f) => onCondition($, f, () => $.setGrLow(f.r1, $.field(f.i2))),
  ),
  insn(
    'LOCGHI',
    {
      op: 0xec46,
      fmt: 'RIE_g',
      title: 'LOAD HALFWORD IMMEDIATE ON CONDITION (64 from 16)',
      facility: 'zenterprise-z13',
    },
    ($, f) => onCondition($, f, () => $.setGr(f.r1, $.sext($.field(f.i2)))),
  ),
  insn(
    'LOCHHI',
    {
      op: 0xec4e,
      fmt: 'RIE_g',
      title: 'LOAD HALFWORD HIGH IMMEDIATE ON CONDITION (32 from 16)',
      facility: 'zenterprise-z13',
    },
    ($, f) => onCondition($, f, () => $.setGrHigh(f.r1, $.field(f.i2))),
  ),
  insn(
    'LOCFHR',
    { op: 0xb9e0, fmt: 'RRF_c', title: 'LOAD HIGH ON CONDITION (32)', facility: 'zenterprise-z13', ignores: ['m4'] },
    ($, f) => onCondition($, f, () => $.setGrHigh(f.r1, $.grHigh(f.r2))),
  ),
  insn(
    'LOCFH',
    { op: 0xebe0, fmt: 'RSY_b', title: 'LOAD HIGH ON CONDITION (32)', facility: 'zenterprise-z13' },
    ($, f) => onCondition($, f, () => $.setGrHigh(f.r1, $.fetch32($.address2(f)))),
  ),
  insn(
    'STOCFH',
    { op: 0xebe1, fmt: 'RSY_b', title: 'STORE HIGH ON CONDITION (32)', facility: 'zenterprise-z13' },
    ($, f) => onCondition($, f, () => $.store32($.address2(f), $.grHigh(f.r1))),
  ),
  insn('SELR', { op: 0xb9f0, fmt: 'RRF_a', title: 'SELECT (32)', facility: 'miscellaneous-extensions-3' }, ($, f) =>
    $.setGrLow(f.r1, $.select($.ccIn($.field(f.m4)), $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn('SELGR', { op: 0xb9e3, fmt: 'RRF_a', title: 'SELECT (64)', facility: 'miscellaneous-extensions-3' }, ($, f) =>
    $.setGr(f.r1, $.select($.ccIn($.field(f.m4)), $.gr(f.r2), $.gr(f.r3))),
  ),
  insn(
    'SELFHR',
    { op: 0xb9c0, fmt: 'RRF_a', title: 'SELECT HIGH (32)', facility: 'miscellaneous-extensions-3' },
    ($, f) => $.setGrHigh(f.r1, $.select($.ccIn($.field(f.m4)), $.grHigh(f.r2), $.grHigh(f.r3))),
  ),
];
