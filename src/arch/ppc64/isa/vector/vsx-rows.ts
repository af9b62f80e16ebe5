/** Rows of the vector-scalar facility by what they do with their registers. */

import type { V128 } from '../../../../ir/node.ts';
import { field, form } from '../fields.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Forms XX2, XX3 and XX4: registers have six bits, of which the last one stands apart. */
export const xx2 = form({ xt: field.vs(6, 31), xb: field.vs(16, 30) });
export const xx3 = form({ xt: field.vs(6, 31), xa: field.vs(11, 29), xb: field.vs(16, 30) });
export const xx4 = form({ xt: field.vs(6, 31), xa: field.vs(11, 29), xb: field.vs(16, 30), xc: field.vs(21, 28) });

const MASK = 0xfc00_0000;

/** An opcode of form XX2 by its low 11 bits, those that name registers zero. */
export function xx2Opcode(low: number): Opcode {
  return op.exactly((60 << 26) | low, MASK | 0x7fc);
}
export function xx3Opcode(low: number): Opcode {
  return op.exactly((60 << 26) | low, MASK | 0x7f8);
}

/** XT := f(XA, XB). */
export function xx3Row(
  mnemonic: string,
  low: number,
  title: string,
  meaning: ($: Sem, a: V128, b: V128) => V128,
): Row[] {
  return insn(mnemonic, { op: xx3Opcode(low), form: xx3, title }, ($, f) => {
    $.needsVsx();
    $.setVsr(f.xt, meaning($, $.vsr(f.xa), $.vsr(f.xb)));
  });
}

/** XT := f(XB). */
export function xx2Row(mnemonic: string, low: number, title: string, meaning: ($: Sem, b: V128) => V128): Row[] {
  return insn(mnemonic, { op: xx2Opcode(low), form: xx2, title }, ($, f) => {
    $.needsVsx();
    $.setVsr(f.xt, meaning($, $.vsr(f.xb)));
  });
}
