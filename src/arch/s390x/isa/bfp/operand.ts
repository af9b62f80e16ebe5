/** What the floating-point instructions have in common: their control, register pairs, and the operands in registers. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, Node } from '../../../../ir/node.ts';
import { CR0 } from '../../cpu/control-register-bits.ts';
import { DXC, PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import { dataException } from '../data-exception.ts';
import type { Sem } from '../sem.ts';

function afpDisabled($: Sem): I32 {
  return $.isZero($.and($.state(slots.registerControls), CR0.afpRegisters));
}

/** A BFP instruction: data exception unless the AFP-register control is one. */
export function bfpInstruction($: Sem): void {
  $.when(afpDisabled($), () => $.callVoid(dataException, DXC.bfpInstruction));
}

/** An instruction for which the control stands under the DFP code. */
export function dfpInstruction($: Sem): void {
  $.when(afpDisabled($), () => $.callVoid(dataException, DXC.dfpInstruction));
}

/** A floating-point-support instruction: registers other than 0, 2, 4 and 6 need the AFP-register control. */
export function supportInstruction($: Sem, first: Field, ...others: readonly Field[]): void {
  const numbers = others.reduce((n, field) => $.or(n, $.field(field)), $.field(first));
  $.when($.and(numbers, 9), () => $.when(afpDisabled($), () => $.callVoid(dataException, DXC.afpRegister)));
}

/** Specification exception when a field names no floating-point register pair. */
export function requirePair($: Sem, first: Field, ...others: readonly Field[]): void {
  const numbers = others.reduce((n, field) => $.or(n, $.field(field)), $.field(first));
  $.pgmIf($.and(numbers, 2), PGM.specification);
}

/** The floating-point-control register. */
export function fpc($: Sem): I32 {
  return $.state(slots.fpc);
}

/** Condition code of a value that is no NaN: 0 zero, 1 less than zero, 2 greater than zero. */
export function signCc<T extends 'f32' | 'f64'>($: Sem, value: Node<T>): I32 {
  return $.or($.shl($.cmp('gt', value, 0), 1), $.cmp('lt', value, 0));
}
