/** PoP, "General Instructions": ADD, ADD HALFWORD, ADD IMMEDIATE, ADD LOGICAL and ADD LOGICAL WITH CARRY. */

import { insn, type Row } from '../row.ts';
import { addLogical, addSigned, addWithCarry, result32, result64, widen64 } from './arithmetic.ts';

/** Signed additions. */
export const addRows: readonly Row[] = [
  insn('AR', { op: 0x1a, fmt: 'RR', title: 'ADD (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn('AGR', { op: 0xb908, fmt: 'RRE', title: 'ADD (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn('AGFR', { op: 0xb918, fmt: 'RRE', title: 'ADD (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r1), $.sext($.grLow(f.r2)))),
  ),
  insn('ARK', { op: 0xb9f8, fmt: 'RRF_a', title: 'ADD (32)', facility: 'zenterprise-196', ignores: ['m4'] }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn('AGRK', { op: 0xb9e8, fmt: 'RRF_a', title: 'ADD (64)', facility: 'zenterprise-196', ignores: ['m4'] }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r2), $.gr(f.r3))),
  ),
  insn('A', { op: 0x5a, fmt: 'RX_a', title: 'ADD (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('AY', { op: 0xe35a, fmt: 'RXY_a', title: 'ADD (32)', facility: 'long-displacement' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('AG', { op: 0xe308, fmt: 'RXY_a', title: 'ADD (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
  insn('AGF', { op: 0xe318, fmt: 'RXY_a', title: 'ADD (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f), true))),
  ),
  insn('AH', { op: 0x4a, fmt: 'RX_a', title: 'ADD HALFWORD (32 from 16)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn('AHY', { op: 0xe37a, fmt: 'RXY_a', title: 'ADD HALFWORD (32 from 16)', facility: 'long-displacement' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn(
    'AGH',
    { op: 0xe338, fmt: 'RXY_a', title: 'ADD HALFWORD (64 from 16)', facility: 'miscellaneous-extensions-2' },
    ($, f) => result64($, f.r1, addSigned($, $.gr(f.r1), $.fetchAs('i64', 16, $.address2(f), true))),
  ),
  insn('AHI', { op: 0xa7a, fmt: 'RI_a', title: 'ADD HALFWORD IMMEDIATE (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn('AGHI', { op: 0xa7b, fmt: 'RI_a', title: 'ADD HALFWORD IMMEDIATE (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addSigned($, $.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn('AFI', { op: 0xc29, fmt: 'RIL_a', title: 'ADD IMMEDIATE (32)', facility: 'extended-immediate' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'AGFI',
    { op: 0xc28, fmt: 'RIL_a', title: 'ADD IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => result64($, f.r1, addSigned($, $.gr(f.r1), $.sext($.field(f.i2)))),
  ),
  insn('AHIK', { op: 0xecd8, fmt: 'RIE_d', title: 'ADD IMMEDIATE (32 from 16)', facility: 'zenterprise-196' }, ($, f) =>
    result32($, f.r1, addSigned($, $.grLow(f.r3), $.field(f.i2))),
  ),
  insn(
    'AGHIK',
    { op: 0xecd9, fmt: 'RIE_d', title: 'ADD IMMEDIATE (64 from 16)', facility: 'zenterprise-196' },
    ($, f) => result64($, f.r1, addSigned($, $.gr(f.r3), $.sext($.field(f.i2)))),
  ),
];

/** Unsigned additions. */
export const addLogicalRows: readonly Row[] = [
  insn('ALR', { op: 0x1e, fmt: 'RR', title: 'ADD LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addLogical($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn('ALGR', { op: 0xb90a, fmt: 'RRE', title: 'ADD LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addLogical($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn('ALGFR', { op: 0xb91a, fmt: 'RRE', title: 'ADD LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addLogical($, $.gr(f.r1), $.zext($.grLow(f.r2)))),
  ),
  insn(
    'ALRK',
    { op: 0xb9fa, fmt: 'RRF_a', title: 'ADD LOGICAL (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result32($, f.r1, addLogical($, $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn(
    'ALGRK',
    { op: 0xb9ea, fmt: 'RRF_a', title: 'ADD LOGICAL (64)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result64($, f.r1, addLogical($, $.gr(f.r2), $.gr(f.r3))),
  ),
  insn('AL', { op: 0x5e, fmt: 'RX_a', title: 'ADD LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, addLogical($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('ALY', { op: 0xe35e, fmt: 'RXY_a', title: 'ADD LOGICAL (32)', facility: 'long-displacement' }, ($, f) =>
    result32($, f.r1, addLogical($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('ALG', { op: 0xe30a, fmt: 'RXY_a', title: 'ADD LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addLogical($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
  insn('ALGF', { op: 0xe31a, fmt: 'RXY_a', title: 'ADD LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addLogical($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f)))),
  ),
  insn(
    'ALFI',
    { op: 0xc2b, fmt: 'RIL_a', title: 'ADD LOGICAL IMMEDIATE (32)', facility: 'extended-immediate' },
    ($, f) => result32($, f.r1, addLogical($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'ALGFI',
    { op: 0xc2a, fmt: 'RIL_a', title: 'ADD LOGICAL IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => result64($, f.r1, addLogical($, $.gr(f.r1), $.zext($.field(f.i2)))),
  ),
  insn(
    'ALHSIK',
    { op: 0xecda, fmt: 'RIE_d', title: 'ADD LOGICAL WITH SIGNED IMMEDIATE (32 from 16)', facility: 'zenterprise-196' },
    ($, f) => result32($, f.r1, addLogical($, $.grLow(f.r3), $.field(f.i2))),
  ),
  insn(
    'ALGHSIK',
    { op: 0xecdb, fmt: 'RIE_d', title: 'ADD LOGICAL WITH SIGNED IMMEDIATE (64 from 16)', facility: 'zenterprise-196' },
    ($, f) => result64($, f.r1, addLogical($, $.gr(f.r3), $.sext($.field(f.i2)))),
  ),
  insn('ALCR', { op: 0xb998, fmt: 'RRE', title: 'ADD LOGICAL WITH CARRY (32)', facility: 'zarch' }, ($, f) =>
    result32(
      $,
      f.r1,
      addWithCarry($, $.grLow(f.r1), $.grLow(f.r2), (c) => c),
    ),
  ),
  insn('ALCGR', { op: 0xb988, fmt: 'RRE', title: 'ADD LOGICAL WITH CARRY (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addWithCarry($, $.gr(f.r1), $.gr(f.r2), widen64($))),
  ),
  insn('ALC', { op: 0xe398, fmt: 'RXY_a', title: 'ADD LOGICAL WITH CARRY (32)', facility: 'zarch' }, ($, f) =>
    result32(
      $,
      f.r1,
      addWithCarry($, $.grLow(f.r1), $.fetch32($.address2(f)), (c) => c),
    ),
  ),
  insn('ALCG', { op: 0xe388, fmt: 'RXY_a', title: 'ADD LOGICAL WITH CARRY (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, addWithCarry($, $.gr(f.r1), $.fetch64($.address2(f)), widen64($))),
  ),
];
