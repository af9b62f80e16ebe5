/** Decimal operands in registers, the environment of an instruction, outcomes, flags and traps. */

import type { DecimalEnvironment } from '../../../../soft-float/decimal/environment.ts';
import { type DfpFormat, extended, long, short } from '../../../../soft-float/decimal/format.ts';
import { ieee, isSuppressed, type Outcome, type Rounding } from '../../../../soft-float/environment.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';

/** Effects: registers and the FPC change, and a data exception may follow. */
export const effects = { faults: true } as const;

/** Rounding as the FPC says, inexactness recognized. */
export function environment(vcpu: Vcpu): DecimalEnvironment {
  const { fpc } = vcpu;
  return {
    masks: fpc >>> 24,
    rounding: ((fpc >> 4) & 7) as Rounding,
    inexactSuppressed: false,
    watchesQuantum: vcpu.core.has('floating-point-extension'),
  };
}

/** What modifiers 0 to 7 name with the floating-point extension facility. */
const named: readonly (Rounding | undefined)[] = [undefined, 4, undefined, 7, 0, 1, 2, 3];

function modified(vcpu: Vcpu, modifier: number, current: Rounding): Rounding {
  if ((modifier & 8) !== 0) return (modifier & 7) as Rounding;
  return (vcpu.core.has('floating-point-extension') ? named[modifier] : undefined) ?? current;
}

/** Bit of M4 by which inexact results are no exception. */
const SUPPRESSES_INEXACT = 4;

/** The environment of an instruction with a rounding modifier, and perhaps one that suppresses inexactness. */
export function modifiedEnvironment(vcpu: Vcpu, method: number, controls = 0): DecimalEnvironment {
  const env = environment(vcpu);
  return {
    ...env,
    rounding: modified(vcpu, method, env.rounding),
    inexactSuppressed: (controls & SUPPRESSES_INEXACT) !== 0,
  };
}

/** A floating-point register, or pair, as an operand. */
export function operand(vcpu: Vcpu, f: DfpFormat, r: number): bigint {
  if (f === short) return vcpu.fpr(r) >> 32n;
  return f === long ? vcpu.fpr(r) : (vcpu.fpr(r) << 64n) | vcpu.fpr(r + 2);
}

/** Places a bit pattern in a register or pair; a short one leaves the register's rightmost 32 bits. */
export function setOperand(vcpu: Vcpu, f: DfpFormat, r: number, value: bigint): void {
  if (f === short) vcpu.setFpr(r, (value << 32n) | (vcpu.fpr(r) & 0xffff_ffffn));
  else if (f === extended) {
    vcpu.setFpr(r, value >> 64n);
    vcpu.setFpr(r + 2, BigInt.asUintN(64, value));
  } else vcpu.setFpr(r, value);
}

/** Sets flags; `place` puts the results where they belong, unless the operation is suppressed; then the trap. */
export function conclude(vcpu: Vcpu, outcome: Omit<Outcome, 'value'>, place: () => void): void {
  if (isSuppressed(outcome)) raiseData(vcpu, outcome.dxc);
  place();
  if (outcome.flags !== 0) vcpu.fpc |= outcome.flags << 16;
  if (outcome.dxc !== 0) raiseData(vcpu, outcome.dxc);
}

/** An invalid operation without a result: a flag, or the trap. */
export function noteInvalid(vcpu: Vcpu): void {
  if (((vcpu.fpc >>> 24) & ieee.invalid) !== 0) raiseData(vcpu, ieee.invalid);
  vcpu.fpc |= ieee.invalid << 16;
}

/** Long and extended, with the letter that mnemonics have for them. */
export const formats = [
  { letter: 'D', format: long },
  { letter: 'X', format: extended },
] as const;
