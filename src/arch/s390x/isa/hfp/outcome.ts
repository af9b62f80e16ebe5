/** What becomes of hexadecimal results: registers, condition code, and the program interruptions of their range. */

import type { Field } from '../../../../ir/field.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { requirePair, supportInstruction } from '../bfp/operand.ts';
import { programMask, type Sem } from '../sem.ts';
import type { Sum } from './arithmetic.ts';
import { extended, type HfpFormat, type HfpNumber, setOperand, trueZero } from './number.ts';

/** Effects of the helpers: registers change, and a program interruption may follow. */
export const effects = { faults: true } as const;

function masked(vcpu: Vcpu, bit: number): boolean {
  return (vcpu.num(slots.programMask) & bit) !== 0;
}

/** Condition code of a number: 0 when its fraction is zero, 1 less than zero, 2 greater. */
export function signCondition({ negative, fraction }: HfpNumber): number {
  return fraction === 0n ? 0 : negative ? 1 : 2;
}

/**
 * Places a result. A characteristic out of range wraps, and an interruption follows; that of an underflow may be masked, and
 * the result is zero then.
 */
export function deliver(vcpu: Vcpu, f: HfpFormat, r1: number, value: HfpNumber, setsCc = false): void {
  const underflows = value.characteristic < 0;
  const asked = underflows && masked(vcpu, programMask.hfpUnderflow);
  const result = underflows && !asked ? trueZero : value;
  setOperand(vcpu, f, r1, result);
  if (setsCc) vcpu.cc = signCondition(result);
  if (value.characteristic > 127) vcpu.raise(PGM.hfpExponentOverflow);
  if (asked) vcpu.raise(PGM.hfpExponentUnderflow);
}

/** Places a sum with its condition code. One without digits is a true zero, or a significance exception. */
export function deliverSum(vcpu: Vcpu, f: HfpFormat, r1: number, { value, isZero }: Sum): void {
  if (!isZero) return deliver(vcpu, f, r1, value, true);
  const asked = masked(vcpu, programMask.hfpSignificance);
  // Not a zero of its own: the second half of an extended one has a characteristic even when the first has none.
  const empty = { ...value, negative: false, characteristic: value.characteristic === 0 ? 128 : value.characteristic };
  setOperand(vcpu, f, r1, asked ? empty : trueZero);
  vcpu.cc = 0;
  if (asked) vcpu.raise(PGM.hfpSignificance);
}

/** What comes before any operand: registers that came with the AFP-register control, and pairs. */
export function begin($: Sem, registers: readonly [Field, ...Field[]], pairs: readonly Field[]): void {
  supportInstruction($, ...registers);
  const [first, ...others] = pairs;
  if (first !== undefined) requirePair($, first, ...others);
}

/** The field when the format takes a pair of registers. */
export function pairOf(f: HfpFormat, field: Field): readonly Field[] {
  return f === extended ? [field] : [];
}
