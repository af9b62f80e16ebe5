/** PoP, "Decimal-Floating-Point Instructions": sums, products, quotients. */

import { add, divide, multiply, subtract } from '../../../../soft-float/decimal/arithmetic.ts';
import type { DecimalEnvironment } from '../../../../soft-float/decimal/environment.ts';
import { type DfpFormat, extended } from '../../../../soft-float/decimal/format.ts';
import { signCondition } from '../../../../soft-float/decimal/inspect.ts';
import type { Outcome } from '../../../../soft-float/environment.ts';
import { dfpInstruction, requirePair } from '../bfp/operand.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { conclude, effects, formats, modifiedEnvironment, operand, setOperand } from './helpers.ts';

interface Operation {
  /** With the letter of the format in the place of the star. */
  readonly name: string;
  readonly op: number;
  readonly title: string;
  readonly setsCc: boolean;
  run(f: DfpFormat, env: DecimalEnvironment, a: bigint, b: bigint): Outcome;
}

const operations: readonly Operation[] = [
  { name: 'M*TRA', op: 0xb3d0, title: 'MULTIPLY', setsCc: false, run: multiply },
  { name: 'D*TRA', op: 0xb3d1, title: 'DIVIDE', setsCc: false, run: divide },
  { name: 'A*TRA', op: 0xb3d2, title: 'ADD', setsCc: true, run: add },
  { name: 'S*TRA', op: 0xb3d3, title: 'SUBTRACT', setsCc: true, run: subtract },
];

/** How far the opcodes of extended operations are from those of long ones. */
const EXTENDED = 8;

function row(operation: Operation, { letter, format }: (typeof formats)[number]): Row {
  const mnemonic = operation.name.replace('*', letter);
  const operate = helper(
    `dfp-${mnemonic}`,
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects },
    (vcpu, r1, r2, r3, m4) => {
      const env = modifiedEnvironment(vcpu, m4);
      const outcome = operation.run(format, env, operand(vcpu, format, r2), operand(vcpu, format, r3));
      conclude(vcpu, outcome, () => {
        setOperand(vcpu, format, r1, outcome.value);
        if (operation.setsCc) vcpu.cc = signCondition(format, outcome.value);
      });
    },
  );
  const op = operation.op + (format === extended ? EXTENDED : 0);
  const title = `${operation.title} (${format.name} DFP)`;
  return insn(mnemonic, { op, fmt: 'RRF_a', title, facility: 'dfp' }, ($, f) => {
    dfpInstruction($);
    if (format === extended) requirePair($, f.r1, f.r2, f.r3);
    $.callVoid(operate, $.field(f.r1), $.field(f.r2), $.field(f.r3), $.field(f.m4));
  });
}

/** Arithmetic of both formats. */
export const dfpArithmeticRows: readonly Row[] = operations.flatMap((operation) =>
  formats.map((f) => row(operation, f)),
);
