/** Rows of the vector facility by what they do with their registers. */

import type { I32, V128 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { type Fields, field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

export const oneOperand = form({ vrt: field.vr(6), vrb: field.vr(16) });
export const twoOperands = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16) });
export const threeOperands = form({ vrt: field.vr(6), vra: field.vr(11), vrb: field.vr(16), vrc: field.vr(21) });
export const withImmediate = form({ vrt: field.vr(6), uim: field.bits(11, 5), vrb: field.vr(16) });
type Two = Fields<Record<'vrt' | 'vra' | 'vrb', unknown>>;

/** VRT := f(VRA, VRB). */
export type Binary = ($: Sem, a: V128, b: V128) => V128;

export function binary(mnemonic: string, extended: number, title: string, meaning: Binary): Row[] {
  return insn(mnemonic, { op: op.vx(4, extended), form: twoOperands, title }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, meaning($, $.vsr(f.vra), $.vsr(f.vrb)));
  });
}

/** By one of WebAssembly's operations. */
export function simple(mnemonic: string, extended: number, operation: string, title: string): Row[] {
  return binary(mnemonic, extended, title, ($, a, b) => $.bin(operation, a, b));
}

/** VRT := f(VRB); the field of VRA is not looked at. */
export function unary(mnemonic: string, extended: number, title: string, meaning: ($: Sem, b: V128) => V128): Row[] {
  return insn(mnemonic, { op: op.vx(4, extended), form: oneOperand, title }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, meaning($, $.vsr(f.vrb)));
  });
}

/** VRT := f(VRA, VRB, VRC). */
export function ternary(
  mnemonic: string,
  extended: number,
  title: string,
  meaning: ($: Sem, a: V128, b: V128, c: V128) => V128,
): Row[] {
  const opcode = op.exactly((4 << 26) | extended, 0xfc00_003f);
  return insn(mnemonic, { op: opcode, form: threeOperands, title }, ($, f) => {
    $.needsVector();
    $.setVsr(f.vrt, meaning($, $.vsr(f.vra), $.vsr(f.vrb), $.vsr(f.vrc)));
  });
}

/** Elements become ones where a comparison holds; the form with a dot says in CR field 6 whether all, or none, are so. */
export function comparison(mnemonic: string, extended: number, title: string, meaning: Binary): Row[] {
  return [false, true].flatMap((record) =>
    insn(
      record ? `${mnemonic}.` : mnemonic,
      { op: op.vx(4, extended | (record ? 0x400 : 0)), form: twoOperands, title },
      ($, f: Two) => {
        $.needsVector();
        const value = meaning($, $.vsr(f.vra), $.vsr(f.vrb));
        $.setVsr(f.vrt, value);
        if (record) recordComparison($, value);
      },
    ),
  );
}

/** CR field 6 of a comparison whose elements are all ones or all zeros. */
export function recordComparison($: Sem, value: V128): void {
  const all = $.isZero($.conv('i32', 'v128.any_true', $.un('v128.not', value)));
  const none = $.isZero($.conv('i32', 'v128.any_true', value));
  $.setCrN(6, $.or($.shl(all, 3), $.shl(none, 1)));
}

/** VSCR[SAT] stays one from the first result on that was out of range. */
export function saturated($: Sem, condition: I32): void {
  $.setState(slots.vscr, $.or($.state(slots.vscr), condition));
}
