/** Second operands of the BFP instructions, and results, by format. */

import type { Field } from '../../../../ir/field.ts';
import { asF32, asF64, bitsOfF32, bitsOfF64 } from '../../../../ir/floating.ts';
import type { Address, F32, F64, I32, I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { bfpInstruction, requirePair } from './operand.ts';

/** Semantics of an instruction with a first operand register and a short or long second operand from anywhere. */
export type ShortSemantics = ($: Sem, r1: Field, second: I32) => void;
export type LongSemantics = ($: Sem, r1: Field, second: I64) => void;
/** Semantics of an instruction on register pairs. */
export type PairSemantics = ($: Sem, r1: Field, r2: Field) => void;

/** What names an instruction of a family. */
export interface Naming {
  readonly register: readonly [mnemonic: string, op: number];
  /** The form with a storage operand. */
  readonly storage?: readonly [mnemonic: string, op: number];
  readonly title: string;
  /** The result is extended: R1 names a register pair. */
  readonly intoPair?: boolean;
}

/** What comes before any operand: the control, and the specification exception. */
function begin($: Sem, r1: Field, intoPair: boolean): void {
  bfpInstruction($);
  if (intoPair) requirePair($, r1);
}

/** How a second operand of a format is had, from a register and from storage. */
interface Second<T> {
  inRegister($: Sem, r2: Field): T;
  inStorage($: Sem, address: Address): T;
}
const shortOperand: Second<I32> = {
  inRegister: ($, r2) => $.fprShort(r2),
  inStorage: ($, address) => $.fetch32(address),
};
const longOperand: Second<I64> = {
  inRegister: ($, r2) => $.fpr(r2),
  inStorage: ($, address) => $.fetch64(address),
};

const rowsOf =
  <T>(operand: Second<T>) =>
  (
    { register, storage, title, intoPair = false }: Naming,
    semantics: ($: Sem, r1: Field, second: T) => void,
  ): Row[] => {
    const rows = [
      insn(register[0], { op: register[1], fmt: 'RRE', title, facility: 'zarch' }, ($, f) => {
        begin($, f.r1, intoPair);
        semantics($, f.r1, operand.inRegister($, f.r2));
      }),
    ];
    if (storage === undefined) return rows;
    const naming = { op: storage[1], fmt: 'RXE', title, facility: 'zarch', ignores: ['m3'] } as const;
    const fromStorage = insn(storage[0], naming, ($, f) => {
      begin($, f.r1, intoPair);
      semantics($, f.r1, operand.inStorage($, $.address2(f)));
    });
    return [...rows, fromStorage];
  };

/** Rows of an instruction whose second operand is short. */
export const shortRows = rowsOf(shortOperand);
/** Rows of an instruction whose second operand is long. */
export const longRows = rowsOf(longOperand);

/** Row of an instruction on two register pairs. */
export function pairRow(mnemonic: string, op: number, title: string, semantics: PairSemantics): Row {
  return insn(mnemonic, { op, fmt: 'RRE', title, facility: 'zarch' }, ($, f) => {
    bfpInstruction($);
    requirePair($, f.r1, f.r2);
    semantics($, f.r1, f.r2);
  });
}

/** The number in a register. */
export function shortIn($: Sem, r: Field): F32 {
  return asF32($, $.fprShort(r));
}
export function longIn($: Sem, r: Field): F64 {
  return asF64($, $.fpr(r));
}
export function setShort($: Sem, r: Field, value: F32): void {
  $.setFprShort(r, bitsOfF32($, value));
}
export function setLong($: Sem, r: Field, value: F64): void {
  $.setFpr(r, bitsOfF64($, value));
}
