/** PoP, "General Instructions": loads with zeros on the left, and the loads and inserts of immediate operands. */

import type { Field } from '../../../../ir/field.ts';
import type { I32 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { alignedOperand } from './operand.ts';

/** A word whose bit 0 is made zero, as LLGT loads it. */
export const thirtyOneBits = ($: Sem, word: I32): I32 => $.and(word, 0x7fff_ffff);

/** Puts 16 immediate bits into a word at `shift`; its other bits stay. */
const insertHalf = ($: Sem, word: I32, f: { readonly i2: Field }, shift: 0 | 16): I32 =>
  shift === 0
    ? $.or($.and(word, 0xffff_0000 | 0), $.and($.field(f.i2), 0xffff))
    : $.or($.and(word, 0xffff), $.shl($.field(f.i2), 16));

/** Loads with zeros on the left. */
export const loadLogicalRows: readonly Row[] = [
  insn(
    'LLCR',
    { op: 0xb994, fmt: 'RRE', title: 'LOAD LOGICAL CHARACTER (32 from 8)', facility: 'extended-immediate' },
    ($, f) => $.setGrLow(f.r1, $.grByte(f.r2)),
  ),
  insn(
    'LLGCR',
    { op: 0xb984, fmt: 'RRE', title: 'LOAD LOGICAL CHARACTER (64 from 8)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.zext($.grByte(f.r2))),
  ),
  insn(
    'LLC',
    { op: 0xe394, fmt: 'RXY_a', title: 'LOAD LOGICAL CHARACTER (32 from 8)', facility: 'extended-immediate' },
    ($, f) => $.setGrLow(f.r1, $.fetch8($.address2(f))),
  ),
  insn('LLGC', { op: 0xe390, fmt: 'RXY_a', title: 'LOAD LOGICAL CHARACTER (64 from 8)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 8, $.address2(f))),
  ),
  insn(
    'LLHR',
    { op: 0xb995, fmt: 'RRE', title: 'LOAD LOGICAL HALFWORD (32 from 16)', facility: 'extended-immediate' },
    ($, f) => $.setGrLow(f.r1, $.grHalf(f.r2)),
  ),
  insn(
    'LLGHR',
    { op: 0xb985, fmt: 'RRE', title: 'LOAD LOGICAL HALFWORD (64 from 16)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.zext($.grHalf(f.r2))),
  ),
  insn(
    'LLH',
    { op: 0xe395, fmt: 'RXY_a', title: 'LOAD LOGICAL HALFWORD (32 from 16)', facility: 'extended-immediate' },
    ($, f) => $.setGrLow(f.r1, $.fetch16($.address2(f))),
  ),
  insn('LLGH', { op: 0xe391, fmt: 'RXY_a', title: 'LOAD LOGICAL HALFWORD (64 from 16)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 16, $.address2(f))),
  ),
  insn(
    'LLHRL',
    {
      op: 0xc42,
      fmt: 'RIL_b',
      title: 'LOAD LOGICAL HALFWORD RELATIVE LONG (32 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => $.setGrLow(f.r1, $.fetch16($.relativeOperand(f.ri2))),
  ),
  insn(
    'LLGHRL',
    {
      op: 0xc46,
      fmt: 'RIL_b',
      title: 'LOAD LOGICAL HALFWORD RELATIVE LONG (64 from 16)',
      facility: 'general-instructions-extension',
    },
    ($, f) => $.setGr(f.r1, $.fetchAs('i64', 16, $.relativeOperand(f.ri2))),
  ),
  insn('LLGFR', { op: 0xb916, fmt: 'RRE', title: 'LOAD LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.zext($.grLow(f.r2))),
  ),
  insn('LLGF', { op: 0xe316, fmt: 'RXY_a', title: 'LOAD LOGICAL (64 from 32)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.fetchAs('i64', 32, $.address2(f))),
  ),
  insn(
    'LLGFRL',
    {
      op: 0xc4e,
      fmt: 'RIL_b',
      title: 'LOAD LOGICAL RELATIVE LONG (64 from 32)',
      facility: 'general-instructions-extension',
    },
    ($, f) => $.setGr(f.r1, $.fetchAs('i64', 32, alignedOperand($, f.ri2, 4))),
  ),
  insn(
    'LLGTR',
    { op: 0xb917, fmt: 'RRE', title: 'LOAD LOGICAL THIRTY ONE BITS (64 from 31)', facility: 'zarch' },
    ($, f) => $.setGr(f.r1, $.zext(thirtyOneBits($, $.grLow(f.r2)))),
  ),
  insn(
    'LLGT',
    { op: 0xe317, fmt: 'RXY_a', title: 'LOAD LOGICAL THIRTY ONE BITS (64 from 31)', facility: 'zarch' },
    ($, f) => $.setGr(f.r1, $.zext(thirtyOneBits($, $.fetch32($.address2(f))))),
  ),
  insn(
    'LZRF',
    { op: 0xe33b, fmt: 'RXY_a', title: 'LOAD AND ZERO RIGHTMOST BYTE (32)', facility: 'zenterprise-z13' },
    ($, f) => $.setGrLow(f.r1, $.and($.fetch32($.address2(f)), -256)),
  ),
  insn(
    'LZRG',
    { op: 0xe32a, fmt: 'RXY_a', title: 'LOAD AND ZERO RIGHTMOST BYTE (64)', facility: 'zenterprise-z13' },
    ($, f) => $.setGr(f.r1, $.and($.fetch64($.address2(f)), -256)),
  ),
  insn(
    'LLZRGF',
    {
      op: 0xe33a,
      fmt: 'RXY_a',
      title: 'LOAD LOGICAL AND ZERO RIGHTMOST BYTE (64 from 32)',
      facility: 'zenterprise-z13',
    },
    ($, f) => $.setGr(f.r1, $.zext($.and($.fetch32($.address2(f)), -256))),
  ),
];

/** Loads and inserts of immediate operands. */
export const immediateRows: readonly Row[] = [
  insn('LLIHH', { op: 0xa5c, fmt: 'RI_a', title: 'LOAD LOGICAL IMMEDIATE (high high)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.shl($.sext($.field(f.i2)), 48)),
  ),
  insn('LLIHL', { op: 0xa5d, fmt: 'RI_a', title: 'LOAD LOGICAL IMMEDIATE (high low)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.shl($.zext($.and($.field(f.i2), 0xffff)), 32)),
  ),
  insn('LLILH', { op: 0xa5e, fmt: 'RI_a', title: 'LOAD LOGICAL IMMEDIATE (low high)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.zext($.shl($.field(f.i2), 16))),
  ),
  insn('LLILL', { op: 0xa5f, fmt: 'RI_a', title: 'LOAD LOGICAL IMMEDIATE (low low)', facility: 'zarch' }, ($, f) =>
    $.setGr(f.r1, $.zext($.and($.field(f.i2), 0xffff))),
  ),
  insn(
    'LLIHF',
    { op: 0xc0e, fmt: 'RIL_a', title: 'LOAD LOGICAL IMMEDIATE (high)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.shl($.sext($.field(f.i2)), 32)),
  ),
  insn(
    'LLILF',
    { op: 0xc0f, fmt: 'RIL_a', title: 'LOAD LOGICAL IMMEDIATE (low)', facility: 'extended-immediate' },
    ($, f) => $.setGr(f.r1, $.zext($.field(f.i2))),
  ),
  insn('IIHH', { op: 0xa50, fmt: 'RI_a', title: 'INSERT IMMEDIATE (high high)', facility: 'zarch' }, ($, f) =>
    $.setGrHigh(f.r1, insertHalf($, $.grHigh(f.r1), f, 16)),
  ),
  insn('IIHL', { op: 0xa51, fmt: 'RI_a', title: 'INSERT IMMEDIATE (high low)', facility: 'zarch' }, ($, f) =>
    $.setGrHigh(f.r1, insertHalf($, $.grHigh(f.r1), f, 0)),
  ),
  insn('IILH', { op: 0xa52, fmt: 'RI_a', title: 'INSERT IMMEDIATE (low high)', facility: 'zarch' }, ($, f) =>
    $.setGrLow(f.r1, insertHalf($, $.grLow(f.r1), f, 16)),
  ),
  insn('IILL', { op: 0xa53, fmt: 'RI_a', title: 'INSERT IMMEDIATE (low low)', facility: 'zarch' }, ($, f) =>
    $.setGrHalf(f.r1, $.field(f.i2)),
  ),
  insn('IIHF', { op: 0xc08, fmt: 'RIL_a', title: 'INSERT IMMEDIATE (high)', facility: 'extended-immediate' }, ($, f) =>
    $.setGrHigh(f.r1, $.field(f.i2)),
  ),
  insn('IILF', { op: 0xc09, fmt: 'RIL_a', title: 'INSERT IMMEDIATE (low)', facility: 'extended-immediate' }, ($, f) =>
    $.setGrLow(f.r1, $.field(f.i2)),
  ),
];
