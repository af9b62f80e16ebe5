/** Power ISA, Book I, "Floating-Point Facility": loads, stores and moves. */

import type { I32, I64 } from '../../../../ir/node.ts';
import { field, form, type PpcField } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
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
export function narrowed($: Sem, value: I64): I32 {
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

const moved = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, b: I64) => I64): Row[] =>
  insn(mnemonic, { op: op.x(63, extended), form: move, title, also: ['rc'] }, ($, f) => {
    $.needsFp();
    $.setFpr(f.frt, meaning($, $.fpr(f.frb)));
    $.recordFpscr();
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
    $.recordFpscr();
  }),
];

/** The instructions. */
export const floatMoves: readonly Row[] = [...storage, ...moves];
