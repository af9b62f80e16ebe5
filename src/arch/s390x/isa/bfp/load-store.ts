/** PoP, "Floating-Point Support Instructions": loads, stores and moves; nothing here looks at what a register holds. */

import { insn, type Row } from '../row.ts';
import { requirePair, supportInstruction } from './operand.ts';

const SIGN = 0x8000_0000_0000_0000n;

/** Loads and stores between registers and storage. */
const storageRows: readonly Row[] = [
  insn('LE', { op: 0x78, fmt: 'RX_a', title: 'LOAD (short)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFprShort(f.r1, $.fetch32($.address2(f)));
  }),
  insn('LEY', { op: 0xed64, fmt: 'RXY_a', title: 'LOAD (short)', facility: 'long-displacement' }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFprShort(f.r1, $.fetch32($.address2(f)));
  }),
  insn('LD', { op: 0x68, fmt: 'RX_a', title: 'LOAD (long)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFpr(f.r1, $.fetch64($.address2(f)));
  }),
  insn('LDY', { op: 0xed65, fmt: 'RXY_a', title: 'LOAD (long)', facility: 'long-displacement' }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFpr(f.r1, $.fetch64($.address2(f)));
  }),
  insn('STE', { op: 0x70, fmt: 'RX_a', title: 'STORE (short)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1);
    $.store32($.address2(f), $.fprShort(f.r1));
  }),
  insn('STEY', { op: 0xed66, fmt: 'RXY_a', title: 'STORE (short)', facility: 'long-displacement' }, ($, f) => {
    supportInstruction($, f.r1);
    $.store32($.address2(f), $.fprShort(f.r1));
  }),
  insn('STD', { op: 0x60, fmt: 'RX_a', title: 'STORE (long)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1);
    $.store64($.address2(f), $.fpr(f.r1));
  }),
  insn('STDY', { op: 0xed67, fmt: 'RXY_a', title: 'STORE (long)', facility: 'long-displacement' }, ($, f) => {
    supportInstruction($, f.r1);
    $.store64($.address2(f), $.fpr(f.r1));
  }),
];

/** Moves between floating-point registers, and zeros. */
const moveRows: readonly Row[] = [
  insn('LER', { op: 0x38, fmt: 'RR', title: 'LOAD (short)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFprShort(f.r1, $.fprShort(f.r2));
  }),
  insn('LDR', { op: 0x28, fmt: 'RR', title: 'LOAD (long)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFpr(f.r1, $.fpr(f.r2));
  }),
  insn('LXR', { op: 0xb365, fmt: 'RRE', title: 'LOAD (extended)', facility: 'zarch' }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    requirePair($, f.r1, f.r2);
    const high = $.fpr(f.r2);
    const low = $.fpr(f.r2, 2);
    $.setFpr(f.r1, high);
    $.setFpr(f.r1, low, 2);
  }),
  insn('LZER', { op: 0xb374, fmt: 'RRE', title: 'LOAD ZERO (short)', facility: 'zarch', ignores: ['r2'] }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFprShort(f.r1, 0);
  }),
  insn('LZDR', { op: 0xb375, fmt: 'RRE', title: 'LOAD ZERO (long)', facility: 'zarch', ignores: ['r2'] }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFpr(f.r1, 0n);
  }),
  insn(
    'LZXR',
    { op: 0xb376, fmt: 'RRE', title: 'LOAD ZERO (extended)', facility: 'zarch', ignores: ['r2'] },
    ($, f) => {
      supportInstruction($, f.r1);
      requirePair($, f.r1);
      $.setFpr(f.r1, 0n);
      $.setFpr(f.r1, 0n, 2);
    },
  ),
];

const support = 'floating-point-support';

/** The facility bit 41: signs, and moves to and from general registers. */
const signAndTransferRows: readonly Row[] = [
  insn('LPDFR', { op: 0xb370, fmt: 'RRE', title: 'LOAD POSITIVE (long)', facility: support }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFpr(f.r1, $.and($.fpr(f.r2), ~SIGN));
  }),
  insn('LNDFR', { op: 0xb371, fmt: 'RRE', title: 'LOAD NEGATIVE (long)', facility: support }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFpr(f.r1, $.or($.fpr(f.r2), SIGN));
  }),
  insn('LCDFR', { op: 0xb373, fmt: 'RRE', title: 'LOAD COMPLEMENT (long)', facility: support }, ($, f) => {
    supportInstruction($, f.r1, f.r2);
    $.setFpr(f.r1, $.xor($.fpr(f.r2), SIGN));
  }),
  insn('CPSDR', { op: 0xb372, fmt: 'RRF_b', title: 'COPY SIGN (long)', facility: support, ignores: ['m4'] }, ($, f) => {
    supportInstruction($, f.r1, f.r2, f.r3);
    const magnitude = $.and($.fpr(f.r2), ~SIGN);
    $.setFpr(f.r1, $.or(magnitude, $.and($.fpr(f.r3), SIGN)));
  }),
  insn('LDGR', { op: 0xb3c1, fmt: 'RRE', title: 'LOAD FPR FROM GR (64 to long)', facility: support }, ($, f) => {
    supportInstruction($, f.r1);
    $.setFpr(f.r1, $.gr(f.r2));
  }),
  insn('LGDR', { op: 0xb3cd, fmt: 'RRE', title: 'LOAD GR FROM FPR (long to 64)', facility: support }, ($, f) => {
    supportInstruction($, f.r2);
    $.setGr(f.r1, $.fpr(f.r2));
  }),
];

/** Loads, stores and moves of floating-point registers. */
export const floatingPointLoadRows: readonly Row[] = [...storageRows, ...moveRows, ...signAndTransferRows];
