/** PoP, "General Instructions": SUBTRACT, SUBTRACT HALFWORD, SUBTRACT LOGICAL and SUBTRACT LOGICAL WITH BORROW. */

import { insn, type Row } from '../row.ts';
import { result32, result64, subtractLogical, subtractSigned, subtractWithBorrow, widen64 } from './arithmetic.ts';

/** Subtractions. */
export const subtractRows: readonly Row[] = [
  insn('SR', { op: 0x1b, fmt: 'RR', title: 'SUBTRACT (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, subtractSigned($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn('SGR', { op: 0xb909, fmt: 'RRE', title: 'SUBTRACT (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractSigned($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn('SGFR', { op: 0xb919, fmt: 'RRE', title: 'SUBTRACT (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractSigned($, $.gr(f.r1), $.sext($.grLow(f.r2)))),
  ),
  insn(
    'SRK',
    { op: 0xb9f9, fmt: 'RRF_a', title: 'SUBTRACT (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result32($, f.r1, subtractSigned($, $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn(
    'SGRK',
    { op: 0xb9e9, fmt: 'RRF_a', title: 'SUBTRACT (64)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result64($, f.r1, subtractSigned($, $.gr(f.r2), $.gr(f.r3))),
  ),
  insn('S', { op: 0x5b, fmt: 'RX_a', title: 'SUBTRACT (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, subtractSigned($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('SY', { op: 0xe35b, fmt: 'RXY_a', title: 'SUBTRACT (32)', facility: 'long-displacement' }, ($, f) =>
    result32($, f.r1, subtractSigned($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('SG', { op: 0xe309, fmt: 'RXY_a', title: 'SUBTRACT (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractSigned($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
  insn('SGF', { op: 0xe319, fmt: 'RXY_a', title: 'SUBTRACT (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractSigned($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f), true))),
  ),
  insn('SH', { op: 0x4b, fmt: 'RX_a', title: 'SUBTRACT HALFWORD (32 from 16)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, subtractSigned($, $.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn(
    'SHY',
    { op: 0xe37b, fmt: 'RXY_a', title: 'SUBTRACT HALFWORD (32 from 16)', facility: 'long-displacement' },
    ($, f) => result32($, f.r1, subtractSigned($, $.grLow(f.r1), $.fetch16s($.address2(f)))),
  ),
  insn(
    'SGH',
    { op: 0xe339, fmt: 'RXY_a', title: 'SUBTRACT HALFWORD (64 from 16)', facility: 'miscellaneous-extensions-2' },
    ($, f) => result64($, f.r1, subtractSigned($, $.gr(f.r1), $.fetchAs('i64', 16, $.address2(f), true))),
  ),
  insn('SLR', { op: 0x1f, fmt: 'RR', title: 'SUBTRACT LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, subtractLogical($, $.grLow(f.r1), $.grLow(f.r2))),
  ),
  insn('SLGR', { op: 0xb90b, fmt: 'RRE', title: 'SUBTRACT LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractLogical($, $.gr(f.r1), $.gr(f.r2))),
  ),
  insn('SLGFR', { op: 0xb91b, fmt: 'RRE', title: 'SUBTRACT LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractLogical($, $.gr(f.r1), $.zext($.grLow(f.r2)))),
  ),
  insn(
    'SLRK',
    { op: 0xb9fb, fmt: 'RRF_a', title: 'SUBTRACT LOGICAL (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result32($, f.r1, subtractLogical($, $.grLow(f.r2), $.grLow(f.r3))),
  ),
  insn(
    'SLGRK',
    { op: 0xb9eb, fmt: 'RRF_a', title: 'SUBTRACT LOGICAL (64)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => result64($, f.r1, subtractLogical($, $.gr(f.r2), $.gr(f.r3))),
  ),
  insn('SL', { op: 0x5f, fmt: 'RX_a', title: 'SUBTRACT LOGICAL (32)', facility: 'zarch' }, ($, f) =>
    result32($, f.r1, subtractLogical($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('SLY', { op: 0xe35f, fmt: 'RXY_a', title: 'SUBTRACT LOGICAL (32)', facility: 'long-displacement' }, ($, f) =>
    result32($, f.r1, subtractLogical($, $.grLow(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('SLG', { op: 0xe30b, fmt: 'RXY_a', title: 'SUBTRACT LOGICAL (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractLogical($, $.gr(f.r1), $.fetch64($.address2(f)))),
  ),
  insn('SLGF', { op: 0xe31b, fmt: 'RXY_a', title: 'SUBTRACT LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractLogical($, $.gr(f.r1), $.fetchAs('i64', 32, $.address2(f)))),
  ),
  insn(
    'SLFI',
    { op: 0xc25, fmt: 'RIL_a', title: 'SUBTRACT LOGICAL IMMEDIATE (32)', facility: 'extended-immediate' },
    ($, f) => result32($, f.r1, subtractLogical($, $.grLow(f.r1), $.field(f.i2))),
  ),
  insn(
    'SLGFI',
    { op: 0xc24, fmt: 'RIL_a', title: 'SUBTRACT LOGICAL IMMEDIATE (64 from 32)', facility: 'extended-immediate' },
    ($, f) => result64($, f.r1, subtractLogical($, $.gr(f.r1), $.zext($.field(f.i2)))),
  ),
  insn('SLBR', { op: 0xb999, fmt: 'RRE', title: 'SUBTRACT LOGICAL WITH BORROW (32)', facility: 'zarch' }, ($, f) =>
    result32(
      $,
      f.r1,
      subtractWithBorrow($, $.grLow(f.r1), $.grLow(f.r2), (b) => b),
    ),
  ),
  insn('SLBGR', { op: 0xb989, fmt: 'RRE', title: 'SUBTRACT LOGICAL WITH BORROW (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractWithBorrow($, $.gr(f.r1), $.gr(f.r2), widen64($))),
  ),
  insn('SLB', { op: 0xe399, fmt: 'RXY_a', title: 'SUBTRACT LOGICAL WITH BORROW (32)', facility: 'zarch' }, ($, f) =>
    result32(
      $,
      f.r1,
      subtractWithBorrow($, $.grLow(f.r1), $.fetch32($.address2(f)), (b) => b),
    ),
  ),
  insn('SLBG', { op: 0xe389, fmt: 'RXY_a', title: 'SUBTRACT LOGICAL WITH BORROW (64)', facility: 'zarch' }, ($, f) =>
    result64($, f.r1, subtractWithBorrow($, $.gr(f.r1), $.fetch64($.address2(f)), widen64($))),
  ),
];
