/** Power ISA, Book I, "Floating-Point Arithmetic Instructions", and rounding to integers, whose results are of the same format. */

import type { I64 } from '../../../../ir/node.ts';
import { rounding } from '../../../../soft-float/environment.ts';
import { field, form, type PpcField } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { carryOut, floatHelper, type Kind, kinds } from './execute.ts';
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
  toInteger,
} from './number.ts';

const two = form({ frt: field.fr(6), frb: field.fr(16) });
const sum = form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16) });
const times = form({ frt: field.fr(6), fra: field.fr(11), frc: field.fr(21) });
const four = form({ frt: field.fr(6), fra: field.fr(11), frb: field.fr(16), frc: field.fr(21) });

interface Named {
  readonly frt: PpcField;
  readonly fra?: PpcField;
  readonly frb?: PpcField;
  readonly frc?: PpcField;
}

/** Operands in the order in which NaNs go before one another: FRA, FRB, FRC. */
function operandsOf({ fra, frb, frc }: Named): readonly PpcField[] {
  return [fra, frb, frc].filter((f) => f !== undefined);
}

interface Spec {
  readonly op: Row['op'];
  readonly form: Named;
  readonly title: string;
  readonly kind: Kind;
}

/** The rows of an instruction that carries out an operation on its registers. */
export function floatRows(mnemonic: string, { form: fields, kind, ...spec }: Spec, operation: Operation): Row[] {
  const operands = operandsOf(fields);
  const count = operands.length === 1 ? 1 : operands.length === 2 ? 2 : 3;
  const run = floatHelper(mnemonic, kind, operation, count);
  return insn(mnemonic, { ...spec, form: { ...fields }, also: ['rc'] }, ($) => {
    $.needsFp();
    const [a, b, c] = operands.map((f) => $.field(f));
    const none = $.i32(0);
    const at = {
      operands: () => operands.map((f) => $.fpr(f)),
      place: ([value]: readonly I64[]) => {
        if (value !== undefined) $.setFpr(fields.frt, value);
        $.recordFpscr();
      },
    };
    carryOut($, kind, operation, at, () =>
      $.callVoid(run, $.field(fields.frt), $.variant.rc ? 1 : 0, a ?? none, b ?? none, c ?? none),
    );
  });
}

// Bits 26-30 alone decide in both primary opcodes; the fields between that are not used are not looked at.
const pair = (stem: string, extended: number, title: string, form_: Named, operation: Operation): Row[] => [
  ...floatRows(stem, { op: op.a(63, extended), form: form_, title, kind: kinds.double }, operation),
  ...floatRows(
    `${stem}s`,
    { op: op.a(59, extended), form: form_, title: `${title} Single`, kind: kinds.single },
    operation,
  ),
];

const integers = (mnemonic: string, extended: number, title: string, method: Parameters<typeof toInteger>[0]): Row[] =>
  floatRows(
    mnemonic,
    { op: op.exactly((63 << 26) | (extended << 1), 0xfc00_07fe), form: two, title, kind: kinds.double },
    toInteger(method),
  );

/** The choice between two numbers by the sign of a third, which says nothing of exceptions. */
function chosen($: Sem): void {
  $.needsFp();
  const number = $.conv('f64', 'reinterpret_i64', $.fpr(four.fra));
  const notBelow = $.cmp('ge', number, 0);
  $.setFpr(four.frt, $.select(notBelow, $.fpr(four.frc), $.fpr(four.frb)));
  $.recordFpscr();
}

/** The instructions. */
export const floatArithmetic: readonly Row[] = [
  ...pair('fadd', 21, 'Floating Add', sum, add),
  ...pair('fsub', 20, 'Floating Subtract', sum, subtract),
  ...pair('fmul', 25, 'Floating Multiply', times, product),
  ...pair('fdiv', 18, 'Floating Divide', sum, quotient),
  ...pair('fsqrt', 22, 'Floating Square Root', two, root),
  ...pair('fre', 24, 'Floating Reciprocal Estimate', two, reciprocal),
  ...pair('frsqrte', 26, 'Floating Reciprocal Square Root Estimate', two, reciprocalRoot),
  ...pair('fmadd', 29, 'Floating Multiply-Add', four, fused({ minus: false, negative: false })),
  ...pair('fmsub', 28, 'Floating Multiply-Subtract', four, fused({ minus: true, negative: false })),
  ...pair('fnmadd', 31, 'Floating Negative Multiply-Add', four, fused({ minus: false, negative: true })),
  ...pair('fnmsub', 30, 'Floating Negative Multiply-Subtract', four, fused({ minus: true, negative: true })),
  ...insn('fsel', { op: op.a(63, 23), form: four, title: 'Floating Select', also: ['rc'] }, chosen),
  ...floatRows(
    'frsp',
    {
      ...{ op: op.exactly((63 << 26) | (12 << 1), 0xfc00_07fe), form: two },
      ...{ title: 'Floating Round to Single-Precision', kind: kinds.single },
    },
    converted,
  ),
  ...integers('frin', 392, 'Floating Round to Integer Nearest', rounding.nearestAway),
  ...integers('friz', 424, 'Floating Round to Integer Toward Zero', rounding.towardZero),
  ...integers('frip', 456, 'Floating Round to Integer Plus', rounding.up),
  ...integers('frim', 488, 'Floating Round to Integer Minus', rounding.down),
];
