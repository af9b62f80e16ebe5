/** Power ISA 2.07, Book I: scalars of the short format, moves between registers, and logic, which POWER8 brought to VSX. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { type Fields, field, form, type PpcField } from '../fields.ts';
import { kinds } from '../float/execute.ts';
import { fromFixed } from '../float/integers.ts';
import { narrowed, widened } from '../float/moves.ts';
import {
  add,
  converted,
  fused,
  type Operation,
  product,
  quotient,
  reciprocal,
  reciprocalRoot,
  root,
  subtract,
} from '../float/number.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { vsxRow } from './vsx-float.ts';
import { xx2, xx2Opcode, xx3, xx3Opcode, xx3Row } from './vsx-rows.ts';

const kind = kinds.vsxSingle;
type Order = Parameters<typeof vsxRow>[1]['order'];

const row = (mnemonic: string, low: number, what: string, order: Order, operation: Operation): Row[] => {
  const [opcode, fields] = order.includes('xa') ? [xx3Opcode(low), xx3] : [xx2Opcode(low), xx2];
  return vsxRow(mnemonic, { op: opcode, form: fields, title: `VSX Scalar ${what}`, kind, order }, operation);
};

const fusedRows = (name: string, low: number, what: string, how: Parameters<typeof fused>[0]): Row[] => [
  ...row(`xs${name}asp`, low, what, ['xa', 'xt', 'xb'], fused(how)),
  ...row(`xs${name}msp`, low + 0x40, what, ['xa', 'xb', 'xt'], fused(how)),
];

const arithmetic: readonly Row[] = [
  ...row('xsaddsp', 0x000, 'Add Single-Precision', ['xa', 'xb'], add),
  ...row('xssubsp', 0x040, 'Subtract Single-Precision', ['xa', 'xb'], subtract),
  ...row('xsmulsp', 0x080, 'Multiply Single-Precision', ['xa', 'xb'], product),
  ...row('xsdivsp', 0x0c0, 'Divide Single-Precision', ['xa', 'xb'], quotient),
  ...fusedRows('madd', 0x008, 'Multiply-Add Single-Precision', { minus: false, negative: false }),
  ...fusedRows('msub', 0x088, 'Multiply-Subtract Single-Precision', { minus: true, negative: false }),
  ...fusedRows('nmadd', 0x408, 'Negative Multiply-Add Single-Precision', { minus: false, negative: true }),
  ...fusedRows('nmsub', 0x488, 'Negative Multiply-Subtract Single-Precision', { minus: true, negative: true }),
  ...row('xssqrtsp', 0x02c, 'Square Root Single-Precision', ['xb'], root),
  ...row('xsrsqrtesp', 0x028, 'Reciprocal Square Root Estimate Single-Precision', ['xb'], reciprocalRoot),
  ...row('xsresp', 0x068, 'Reciprocal Estimate Single-Precision', ['xb'], reciprocal),
  ...row('xsrsp', 0x464, 'Round to Single-Precision', ['xb'], converted),
  ...row('xscvsxdsp', 0x4e0, 'Convert Signed Doubleword to Single', ['xb'], fromFixed({ bits: 64, signed: true })),
  ...row('xscvuxdsp', 0x4a0, 'Convert Unsigned Doubleword to Single', ['xb'], fromFixed({ bits: 64, signed: false })),
];

/** A word of a short number in the place of word 0, and of word 1. */
const twice = ($: Sem, word: I32): I64 => $.or($.shl($.zext(word), 32), $.zext(word));

const conversions: readonly Row[] = [
  ...insn(
    'xscvdpspn',
    { op: xx2Opcode(0x42c), form: xx2, title: 'VSX Convert Double to Single, Non-signalling' },
    ($, f) => {
      $.needsVsx();
      $.setVsr(f.xt, $.quad(twice($, narrowed($, $.leftOf($.vsr(f.xb)))), $.i64(0)));
    },
  ),
  ...insn(
    'xscvspdpn',
    { op: xx2Opcode(0x52c), form: xx2, title: 'VSX Convert Single to Double, Non-signalling' },
    ($, f) => {
      $.needsVsx();
      $.setVsr(f.xt, $.quad(widened($, $.wrap($.shrU($.leftOf($.vsr(f.xb)), 32))), $.i64(0)));
    },
  ),
];

const storageForm = form({ xt: field.vs(6, 31), ra: field.gr0(11), rb: field.gr(16) });
type StorageForm = Fields<Record<'xt' | 'ra' | 'rb', unknown>>;
// Bit 31 is the sixth bit of XT.
const access = (mnemonic: string, extended: number, what: string, meaning: ($: Sem, f: StorageForm, ea: I64) => void) =>
  insn(mnemonic, { op: op.x(31, extended), form: storageForm, title: what }, ($, f) => {
    $.needsVsx();
    meaning($, f, $.ea($.gpr(f.ra), $.gpr(f.rb)));
  });
const load = (mnemonic: string, extended: number, what: string, value: ($: Sem, word: I64) => I64): Row[] =>
  access(mnemonic, extended, `Load VSX Scalar ${what}`, ($, f, ea) =>
    $.setVsr(f.xt, $.quad(value($, $.fetch(32, ea)), $.i64(0))),
  );

const storage: readonly Row[] = [
  ...load('lxsiwax', 76, 'as Integer Word Algebraic Indexed', ($, word) => $.extend(32, word)),
  ...load('lxsiwzx', 12, 'as Integer Word and Zero Indexed', (_, word) => word),
  ...load('lxsspx', 524, 'Single-Precision Indexed', ($, word) => widened($, $.wrap(word))),
  ...access('stxsiwx', 140, 'Store VSX Scalar as Integer Word Indexed', ($, f, ea) =>
    $.store(32, ea, $.leftOf($.vsr(f.xt))),
  ),
  ...access('stxsspx', 652, 'Store VSX Scalar Single-Precision Indexed', ($, f, ea) =>
    $.store(32, ea, $.zext(narrowed($, $.leftOf($.vsr(f.xt))))),
  ),
];

/** Registers 0 to 31 belong to the floating-point facility, the others to the vector facility. */
function needsFacilityOf($: Sem, register: PpcField): void {
  const isVector = $.geU($.field(register), 32);
  const off = (bit: number): I32 => $.isZero($.and($.msr(), bit));
  $.trapIf($.and(off(MSR.fp), $.isZero(isVector)), trapCode.fpUnavailable);
  $.trapIf($.and(off(MSR.vec), isVector), trapCode.vectorUnavailable);
}

const transfer = form({ xs: field.vs(6, 31), ra: field.gr(11) });
const from = (mnemonic: string, extended: number, what: string, value: ($: Sem, left: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: transfer, title: `Move From VSR ${what}` }, ($, f) => {
    needsFacilityOf($, f.xs);
    $.setGpr(f.ra, value($, $.leftOf($.vsr(f.xs))));
  });
const to = (mnemonic: string, extended: number, what: string, value: ($: Sem, word: I32, whole: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: transfer, title: `Move To VSR ${what}` }, ($, f) => {
    needsFacilityOf($, f.xs);
    const whole = $.gpr(f.ra);
    $.setVsr(f.xs, $.quad(value($, $.wrap(whole), whole), $.i64(0)));
  });

const merged = form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16) });
const mergeWords = (mnemonic: string, extended: number, what: string, odd: boolean): Row[] =>
  insn(mnemonic, { op: op.x(63, extended), form: merged, title: `Floating Merge ${what} Word` }, ($, f) => {
    $.needsFp();
    const [a, b] = [$.fpr(f.fra), $.fpr(f.frb)];
    const value = odd
      ? $.or($.shl(a, 32), $.and(b, 0xffff_ffff))
      : $.or($.and(a, 0xffff_ffff_0000_0000n), $.shrU(b, 32));
    $.setFpr(f.frt, value);
  });

/** The instructions. */
export const vsxSingles: readonly Row[] = [
  ...arithmetic,
  ...conversions,
  ...storage,
  ...from('mfvsrd', 51, 'Doubleword', (_, left) => left),
  ...from('mfvsrwz', 115, 'Word and Zero', ($, left) => $.and(left, 0xffff_ffff)),
  ...to('mtvsrd', 179, 'Doubleword', (_$, _word, whole) => whole),
  ...to('mtvsrwa', 211, 'Word Algebraic', ($, word) => $.sext(word)),
  ...to('mtvsrwz', 243, 'Word and Zero', ($, word) => $.zext(word)),
  ...mergeWords('fmrgew', 966, 'Even', false),
  ...mergeWords('fmrgow', 838, 'Odd', true),
  ...xx3Row('xxleqv', 0x5d0, 'VSX Logical Equivalence', ($, a, b) => $.un('v128.not', $.bin('v128.xor', a, b))),
  ...xx3Row('xxlnand', 0x590, 'VSX Logical NAND', ($, a, b) => $.un('v128.not', $.bin('v128.and', a, b))),
  ...xx3Row('xxlorc', 0x550, 'VSX Logical OR with Complement', ($, a, b) => $.bin('v128.or', a, $.un('v128.not', b))),
];
