/** Power ISA, Book I, "Floating-Point Facility": loads, stores, moves, and the status and control register. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { field, form, type PpcField } from '../fields.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const INFINITY = 0x7ff0_0000_0000_0000n;

/** A number of the single format as one of the double format, bit for bit. */
export function widened($: Sem, word: I32): I64 {
  const exact = $.conv('i64', 'reinterpret_f64', $.conv('f64', 'promote_f32', $.conv('f32', 'reinterpret_i32', word)));
  const sign = $.shl($.zext($.and(word, 0x8000_0000 | 0)), 32);
  const special = $.or($.or(sign, INFINITY), $.shl($.zext($.and(word, 0x7f_ffff)), 29));
  return $.select($.eq($.and(word, 0x7f80_0000), 0x7f80_0000), special, exact);
}

/** What STFS stores of a number of the double format. */
function narrowed($: Sem, value: I64): I32 {
  const high = $.wrap($.shrU(value, 32));
  const exponent = $.and($.shrU(high, 20), 0x7ff);
  const fraction = $.wrap($.shrU(value, 29));
  const normal = $.or($.and(high, 0xc000_0000 | 0), $.and(fraction, 0x3fff_ffff));
  const significand = $.or($.and(fraction, 0x7f_ffff), 0x80_0000);
  const away = $.sub($.i32(897), exponent);
  const shifted = $.select($.ltU(away, 32), $.shrU(significand, away), $.i32(0));
  const tiny = $.or($.and(high, 0x8000_0000 | 0), shifted);
  const isNormal = $.or($.gtU(exponent, 896), $.isZero($.shl(value, 1)));
  return $.select(isNormal, normal, tiny);
}

type Ways = Readonly<Record<'d' | 'u' | 'x' | 'ux', number>>;
interface Operand {
  readonly frt: PpcField;
  readonly ra: PpcField;
}

const ways = {
  d: form({ frt: field.fr(6), ra: field.gr0(11), d: field.si() }),
  u: form({ frt: field.fr(6), ra: field.gr(11), d: field.si() }),
  x: form({ frt: field.fr(6), ra: field.gr0(11), rb: field.gr(16) }),
  ux: form({ frt: field.fr(6), ra: field.gr(11), rb: field.gr(16) }),
} as const;

/** The four ways to an operand of one instruction; `access` is told the address. */
function family(stem: string, title: string, opcodes: Ways, access: ($: Sem, f: Operand, ea: I64) => void): Row[] {
  const with_ = ($: Sem, f: Operand, ea: I64, update: boolean): void => {
    $.needsFp();
    access($, f, ea);
    if (update) $.setGpr(f.ra, ea);
  };
  return [
    insn(stem, { op: op.d(opcodes.d), form: ways.d, title }, ($, f) =>
      with_($, f, $.ea($.gpr(f.ra), $.sext($.field(f.d))), false),
    ),
    insn(`${stem}u`, { op: op.d(opcodes.u), form: ways.u, title: `${title} with Update` }, ($, f) =>
      with_($, f, $.ea($.gpr(f.ra), $.sext($.field(f.d))), true),
    ),
    insn(`${stem}x`, { op: op.x(31, opcodes.x), form: ways.x, title: `${title} Indexed` }, ($, f) =>
      with_($, f, $.ea($.gpr(f.ra), $.gpr(f.rb)), false),
    ),
    insn(`${stem}ux`, { op: op.x(31, opcodes.ux), form: ways.ux, title: `${title} with Update Indexed` }, ($, f) =>
      with_($, f, $.ea($.gpr(f.ra), $.gpr(f.rb)), true),
    ),
  ].flat();
}

const indexed = (
  mnemonic: string,
  extended: number,
  title: string,
  access: ($: Sem, f: Operand, ea: I64) => void,
): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: ways.x, title }, ($, f) => {
    $.needsFp();
    access($, f, $.ea($.gpr(f.ra), $.gpr(f.rb)));
  });

const storage: readonly Row[] = [
  ...family('lfs', 'Load Floating-Point Single', { d: 48, u: 49, x: 535, ux: 567 }, ($, f, ea) =>
    $.setFpr(f.frt, widened($, $.wrap($.fetch(32, ea)))),
  ),
  ...family('lfd', 'Load Floating-Point Double', { d: 50, u: 51, x: 599, ux: 631 }, ($, f, ea) =>
    $.setFpr(f.frt, $.fetch(64, ea)),
  ),
  ...family('stfs', 'Store Floating-Point Single', { d: 52, u: 53, x: 663, ux: 695 }, ($, f, ea) =>
    $.store(32, ea, $.zext(narrowed($, $.fpr(f.frt)))),
  ),
  ...family('stfd', 'Store Floating-Point Double', { d: 54, u: 55, x: 727, ux: 759 }, ($, f, ea) =>
    $.store(64, ea, $.fpr(f.frt)),
  ),
  ...indexed('lfiwax', 855, 'Load Floating-Point as Integer Word Algebraic Indexed', ($, f, ea) =>
    $.setFpr(f.frt, $.extend(32, $.fetch(32, ea))),
  ),
  ...indexed('lfiwzx', 887, 'Load Floating-Point as Integer Word and Zero Indexed', ($, f, ea) =>
    $.setFpr(f.frt, $.fetch(32, ea)),
  ),
  ...indexed('stfiwx', 983, 'Store Floating-Point as Integer Word Indexed', ($, f, ea) =>
    $.store(32, ea, $.fpr(f.frt)),
  ),
];

const move = form({ frt: field.fr(6), frb: field.fr(16) });
const SIGN = -(1n << 63n);

/** CR field 1 of the forms with a dot: the first four bits of FPSCR. */
function recordFpscr($: Sem): void {
  if ($.variant.rc) $.setCrN(1, $.and($.wrap($.shrU($.state(slots.fpscr), 28)), 15));
}

const moved = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, b: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(63, extended), form: move, title, also: ['rc'] }, ($, f) => {
    $.needsFp();
    $.setFpr(f.frt, meaning($, $.fpr(f.frb)));
    recordFpscr($);
  });

const copySign = form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16) });

const moves: readonly Row[] = [
  ...moved('fmr', 72, 'Floating Move Register', (_, b) => b),
  ...moved('fneg', 40, 'Floating Negate', ($, b) => $.xor(b, SIGN)),
  ...moved('fabs', 264, 'Floating Absolute Value', ($, b) => $.and(b, ~SIGN)),
  ...moved('fnabs', 136, 'Floating Negative Absolute Value', ($, b) => $.or(b, SIGN)),
  ...insn('fcpsgn', { op: op.x(63, 8), form: copySign, title: 'Floating Copy Sign', also: ['rc'] }, ($, f) => {
    $.needsFp();
    $.setFpr(f.frt, $.or($.and($.fpr(f.fra), SIGN), $.and($.fpr(f.frb), ~SIGN)));
    recordFpscr($);
  }),
];

/** Bits of FPSCR's lower word that are sums of others: FEX and VX. */
const VX_ALL = 0x01f8_0700;
const VX = 0x2000_0000;
const FEX = 0x4000_0000;

/** Sets FPSCR, with its sums as they follow. */
function setFpscr($: Sem, value: I64): void {
  const low = $.wrap(value);
  const vx = $.select($.and(low, VX_ALL), $.i32(VX), $.i32(0));
  const kinds = $.or($.and($.shrU(low, 22), 0x78), $.i32(0));
  const causes = $.or($.select(vx, $.i32(0x80), $.i32(0)), kinds);
  const enabled = $.and(causes, low);
  const fex = $.select($.and(enabled, 0xf8), $.i32(FEX), $.i32(0));
  const sums = $.or($.or($.and(low, ~(VX | FEX)), vx), fex);
  $.setState(slots.fpscr, $.or($.and(value, 0x7_0000_0000n), $.zext(sums)));
}

const fieldsForm = form({ flm: field.bits(7, 8), l: field.bits(6, 1), w: field.bits(15, 1), frb: field.fr(16) });
const oneTarget = form({ frt: field.fr(6) });
const oneBit = form({ bt: field.bits(6, 5) });
const opcodeOf = (extended: number): Opcode => op.x(63, extended);

const control: readonly Row[] = [
  ...insn('mffs', { op: opcodeOf(583), form: oneTarget, title: 'Move From FPSCR', also: ['rc'] }, ($, f) => {
    $.needsFp();
    $.setFpr(f.frt, $.state(slots.fpscr));
    recordFpscr($);
  }),
  ...insn('mtfsf', { op: opcodeOf(711), form: fieldsForm, title: 'Move To FPSCR Fields', also: ['rc'] }, ($, f) => {
    $.needsFp();
    let mask = $.i64(0);
    for (let n = 0; n < 8; n++) {
      const chosen = $.and($.shrU($.field(f.flm), 7 - n), 1);
      const four = $.select($.field(f.w), $.i64(0xfn << BigInt(60 - 4 * n)), $.i64(0xfn << BigInt(28 - 4 * n)));
      mask = $.or(mask, $.select(chosen, four, $.i64(0)));
    }
    const all = $.select($.field(f.l), $.i64(-1), mask);
    const value = $.or($.and($.fpr(f.frb), all), $.and($.state(slots.fpscr), $.not(all)));
    setFpscr($, value);
    recordFpscr($);
  }),
  ...(
    [
      ['mtfsb0', 70, 'Move To FPSCR Bit 0', false],
      ['mtfsb1', 38, 'Move To FPSCR Bit 1', true],
    ] as const
  ).flatMap(([mnemonic, extended, title, on]) =>
    insn(mnemonic, { op: opcodeOf(extended), form: oneBit, title, also: ['rc'] }, ($, f) => {
      $.needsFp();
      const bit = $.shl($.i64(1), $.zext($.sub($.i32(31), $.field(f.bt))));
      const before = $.state(slots.fpscr);
      const value = on ? $.or(before, bit) : $.and(before, $.not(bit));
      // An exception bit that is set brings FX.
      const isException = $.and($.wrap(bit), (VX_ALL | 0x1e00_0000) & ~0);
      const fx = on ? $.select(isException, $.i64(0x8000_0000n), $.i64(0)) : $.i64(0);
      setFpscr($, $.or(value, fx));
      recordFpscr($);
    }),
  ),
];

/** The instructions. */
export const floatMoves: readonly Row[] = [...storage, ...moves, ...control];
