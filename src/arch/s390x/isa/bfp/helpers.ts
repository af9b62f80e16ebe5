/** The exact path of the BFP instructions: operands from the vCPU, outcome to registers, flags, traps. */

import { signCondition } from '../../../../soft-float/compare.ts';
import {
  type Environment,
  isSuppressed,
  type Outcome,
  type Rounding,
  rounding,
} from '../../../../soft-float/environment.ts';
import { type BfpFormat, long, short } from '../../../../soft-float/format.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';
import { type BoundHelper, helper } from '../helper.ts';

/** Effects of the exact path: registers and the FPC change, and a data exception may follow. */
export const effects = { faults: true } as const;

const brm: readonly Rounding[] = [
  rounding.nearestEven,
  rounding.towardZero,
  rounding.up,
  rounding.down,
  // Not valid values; the FPC never holds them.
  rounding.nearestEven,
  rounding.nearestEven,
  rounding.nearestEven,
  rounding.shorter,
];

/** Rounding as the FPC says, inexactness recognized. */
export function environment(vcpu: Vcpu): Environment {
  const { fpc } = vcpu;
  return { masks: fpc >>> 24, rounding: brm[fpc & 7] ?? rounding.nearestEven, inexactSuppressed: false };
}

const modifiers: readonly (Rounding | 'current' | undefined)[] = [
  'current',
  rounding.nearestAway,
  undefined,
  rounding.shorter,
  rounding.nearestEven,
  rounding.towardZero,
  rounding.up,
  rounding.down,
];

/** The rounding method that a modifier names; specification exception for those that are not assigned. */
export function modifierRounding(vcpu: Vcpu, modifier: number): Rounding {
  const named = modifiers[modifier];
  const known = named !== rounding.shorter || vcpu.core.has('floating-point-extension');
  if (named === undefined || !known) return vcpu.raise(PGM.specification);
  return named === 'current' ? environment(vcpu).rounding : named;
}

/** Which of the fields M3 and M4 an instruction has without the floating-point extension facility: M3, or none. */
export type ModifierAge = 'm3-always' | 'with-extension';

/** The environment of an instruction with the fields M3 (rounding method) and M4 (inexact control). */
export function modifiedEnvironment(vcpu: Vcpu, m3: number, m4: number, age: ModifierAge): Environment {
  const extension = vcpu.core.has('floating-point-extension');
  const method = modifierRounding(vcpu, age === 'm3-always' || extension ? m3 : 0);
  return { masks: vcpu.fpc >>> 24, rounding: method, inexactSuppressed: extension && (m4 & 4) !== 0 };
}

/** A floating-point register, or pair, as an operand. */
export function operand(vcpu: Vcpu, f: BfpFormat, r: number): bigint {
  if (f === short) return vcpu.fpr(r) >> 32n;
  return f === long ? vcpu.fpr(r) : (vcpu.fpr(r) << 64n) | vcpu.fpr(r + 2);
}

/** Places a bit pattern in a register or pair; a short one leaves the register's rightmost 32 bits. */
export function setOperand(vcpu: Vcpu, f: BfpFormat, r: number, value: bigint): void {
  if (f === short) vcpu.setFpr(r, (value << 32n) | (vcpu.fpr(r) & 0xffff_ffffn));
  else if (f === long) vcpu.setFpr(r, value);
  else {
    vcpu.setFpr(r, value >> 64n);
    vcpu.setFpr(r + 2, BigInt.asUintN(64, value));
  }
}

/** Sets flags; `place` puts the results where they belong, unless the operation is suppressed; then the trap. */
export function conclude(vcpu: Vcpu, outcome: Omit<Outcome, 'value'>, place: () => void): void {
  if (isSuppressed(outcome)) raiseData(vcpu, outcome.dxc);
  place();
  if (outcome.flags !== 0) vcpu.fpc |= outcome.flags << 16;
  if (outcome.dxc !== 0) raiseData(vcpu, outcome.dxc);
}

/** An operation on the operands of a helper. */
export type Operation = (env: Environment, ...operands: bigint[]) => Outcome;

export interface OperationSpec {
  readonly name: string;
  /** Format of the operands. */
  readonly from: BfpFormat;
  /** Format of the result, that of the operands when left out. */
  readonly to?: BfpFormat;
  /** The condition code tells the result's sign. */
  readonly setsCc?: boolean;
}

function placeResult(vcpu: Vcpu, spec: OperationSpec, r1: number, outcome: Outcome): void {
  const to = spec.to ?? spec.from;
  conclude(vcpu, outcome, () => {
    setOperand(vcpu, to, r1, outcome.value);
    if (spec.setsCc === true) vcpu.cc = signCondition(to, outcome.value);
  });
}

/** R1 := operation(second operand), which is given as a bit pattern (short or long). */
export function unary(spec: OperationSpec, run: Operation): BoundHelper<readonly ['i32', 'i64'], undefined> {
  return helper(`bfp-${spec.name}`, { params: ['i32', 'i64'], result: undefined, effects }, (vcpu, r1, b) =>
    placeResult(vcpu, spec, r1, run(environment(vcpu), BigInt.asUintN(spec.from.width, b))),
  );
}

/** R1 := operation(R1, second operand), which is given as a bit pattern (short or long). */
export function binary(spec: OperationSpec, run: Operation): BoundHelper<readonly ['i32', 'i64'], undefined> {
  return helper(`bfp-${spec.name}`, { params: ['i32', 'i64'], result: undefined, effects }, (vcpu, r1, b) => {
    const a = operand(vcpu, spec.from, r1);
    placeResult(vcpu, spec, r1, run(environment(vcpu), a, BigInt.asUintN(spec.from.width, b)));
  });
}

/** R1 := operation(R2), register pairs. */
export function unaryPair(spec: OperationSpec, run: Operation): BoundHelper<readonly ['i32', 'i32'], undefined> {
  return helper(`bfp-${spec.name}`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) =>
    placeResult(vcpu, spec, r1, run(environment(vcpu), operand(vcpu, spec.from, r2))),
  );
}

/** R1 := operation(R1, R2), register pairs. */
export function binaryPair(spec: OperationSpec, run: Operation): BoundHelper<readonly ['i32', 'i32'], undefined> {
  return helper(`bfp-${spec.name}`, { params: ['i32', 'i32'], result: undefined, effects }, (vcpu, r1, r2) => {
    const a = operand(vcpu, spec.from, r1);
    placeResult(vcpu, spec, r1, run(environment(vcpu), a, operand(vcpu, spec.from, r2)));
  });
}
