/** PoP, "General Instructions": the high-word facility's loads, stores, additions, subtractions and comparisons. */

import { insn, type Row } from '../row.ts';
import {
  addLogical,
  addSigned,
  compareCc,
  compareLogicalCc,
  resultHigh,
  subtractLogical,
  subtractSigned,
} from './arithmetic.ts';

/** Operations on bits 0-31 of registers. */
export const highWordRows: readonly Row[] = [
  insn('LBH', { op: 0xe3c0, fmt: 'RXY_a', title: 'LOAD BYTE HIGH (32 from 8)', facility: 'zenterprise-196' }, ($, f) =>
    $.setGrHigh(f.r1, $.fetch8s($.address2(f))),
  ),
  insn(
    'LHH',
    { op: 0xe3c4, fmt: 'RXY_a', title: 'LOAD HALFWORD HIGH (32 from 16)', facility: 'zenterprise-196' },
    ($, f) => $.setGrHigh(f.r1, $.fetch16s($.address2(f))),
  ),
  insn('LFH', { op: 0xe3ca, fmt: 'RXY_a', title: 'LOAD HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setGrHigh(f.r1, $.fetch32($.address2(f))),
  ),
  insn(
    'LLCH',
    { op: 0xe3c2, fmt: 'RXY_a', title: 'LOAD LOGICAL CHARACTER HIGH (32 from 8)', facility: 'zenterprise-196' },
    ($, f) => $.setGrHigh(f.r1, $.fetch8($.address2(f))),
  ),
  insn(
    'LLHH',
    { op: 0xe3c6, fmt: 'RXY_a', title: 'LOAD LOGICAL HALFWORD HIGH (32 from 16)', facility: 'zenterprise-196' },
    ($, f) => $.setGrHigh(f.r1, $.fetch16($.address2(f))),
  ),
  insn('STCH', { op: 0xe3c3, fmt: 'RXY_a', title: 'STORE CHARACTER HIGH (8)', facility: 'zenterprise-196' }, ($, f) =>
    $.store8($.address2(f), $.grHigh(f.r1)),
  ),
  insn('STHH', { op: 0xe3c7, fmt: 'RXY_a', title: 'STORE HALFWORD HIGH (16)', facility: 'zenterprise-196' }, ($, f) =>
    $.store16($.address2(f), $.grHigh(f.r1)),
  ),
  insn('STFH', { op: 0xe3cb, fmt: 'RXY_a', title: 'STORE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.store32($.address2(f), $.grHigh(f.r1)),
  ),
  insn(
    'AHHHR',
    { op: 0xb9c8, fmt: 'RRF_a', title: 'ADD HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, addSigned($, $.grHigh(f.r2), $.grHigh(f.r3))),
  ),
  insn(
    'AHHLR',
    { op: 0xb9d8, fmt: 'RRF_a', title: 'ADD HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, addSigned($, $.grHigh(f.r2), $.grLow(f.r3))),
  ),
  insn('AIH', { op: 0xcc8, fmt: 'RIL_a', title: 'ADD IMMEDIATE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    resultHigh($, f.r1, addSigned($, $.grHigh(f.r1), $.field(f.i2))),
  ),
  insn(
    'ALHHHR',
    { op: 0xb9ca, fmt: 'RRF_a', title: 'ADD LOGICAL HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, addLogical($, $.grHigh(f.r2), $.grHigh(f.r3))),
  ),
  insn(
    'ALHHLR',
    { op: 0xb9da, fmt: 'RRF_a', title: 'ADD LOGICAL HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, addLogical($, $.grHigh(f.r2), $.grLow(f.r3))),
  ),
  insn(
    'ALSIH',
    { op: 0xcca, fmt: 'RIL_a', title: 'ADD LOGICAL WITH SIGNED IMMEDIATE HIGH (32)', facility: 'zenterprise-196' },
    ($, f) => resultHigh($, f.r1, addLogical($, $.grHigh(f.r1), $.field(f.i2))),
  ),
  insn(
    'ALSIHN',
    { op: 0xccb, fmt: 'RIL_a', title: 'ADD LOGICAL WITH SIGNED IMMEDIATE HIGH (32)', facility: 'zenterprise-196' },
    ($, f) => $.setGrHigh(f.r1, $.add($.grHigh(f.r1), $.field(f.i2))),
  ),
  insn(
    'SHHHR',
    { op: 0xb9c9, fmt: 'RRF_a', title: 'SUBTRACT HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, subtractSigned($, $.grHigh(f.r2), $.grHigh(f.r3))),
  ),
  insn(
    'SHHLR',
    { op: 0xb9d9, fmt: 'RRF_a', title: 'SUBTRACT HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, subtractSigned($, $.grHigh(f.r2), $.grLow(f.r3))),
  ),
  insn(
    'SLHHHR',
    { op: 0xb9cb, fmt: 'RRF_a', title: 'SUBTRACT LOGICAL HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, subtractLogical($, $.grHigh(f.r2), $.grHigh(f.r3))),
  ),
  insn(
    'SLHHLR',
    { op: 0xb9db, fmt: 'RRF_a', title: 'SUBTRACT LOGICAL HIGH (32)', facility: 'zenterprise-196', ignores: ['m4'] },
    ($, f) => resultHigh($, f.r1, subtractLogical($, $.grHigh(f.r2), $.grLow(f.r3))),
  ),
  insn('CHHR', { op: 0xb9cd, fmt: 'RRE', title: 'COMPARE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareCc($, $.grHigh(f.r1), $.grHigh(f.r2))),
  ),
  insn('CHLR', { op: 0xb9dd, fmt: 'RRE', title: 'COMPARE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareCc($, $.grHigh(f.r1), $.grLow(f.r2))),
  ),
  insn('CHF', { op: 0xe3cd, fmt: 'RXY_a', title: 'COMPARE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareCc($, $.grHigh(f.r1), $.fetch32($.address2(f)))),
  ),
  insn('CIH', { op: 0xccd, fmt: 'RIL_a', title: 'COMPARE IMMEDIATE HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareCc($, $.grHigh(f.r1), $.field(f.i2))),
  ),
  insn('CLHHR', { op: 0xb9cf, fmt: 'RRE', title: 'COMPARE LOGICAL HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareLogicalCc($, $.grHigh(f.r1), $.grHigh(f.r2))),
  ),
  insn('CLHLR', { op: 0xb9df, fmt: 'RRE', title: 'COMPARE LOGICAL HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareLogicalCc($, $.grHigh(f.r1), $.grLow(f.r2))),
  ),
  insn('CLHF', { op: 0xe3cf, fmt: 'RXY_a', title: 'COMPARE LOGICAL HIGH (32)', facility: 'zenterprise-196' }, ($, f) =>
    $.setCc(compareLogicalCc($, $.grHigh(f.r1), $.fetch32($.address2(f)))),
  ),
  insn(
    'CLIH',
    { op: 0xccf, fmt: 'RIL_a', title: 'COMPARE LOGICAL IMMEDIATE HIGH (32)', facility: 'zenterprise-196' },
    ($, f) => $.setCc(compareLogicalCc($, $.grHigh(f.r1), $.field(f.i2))),
  ),
];
