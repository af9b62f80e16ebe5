/** Guests that can do nothing but take one interruption for ever: the machine would never come back from them. */

import type { CpuComplex } from '../cpu/complex.ts';
import { PrefixArea } from '../cpu/interruption.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { lowcore } from '../cpu/lowcore.ts';
import type { ProgramDelivered } from '../cpu/program-interruption.ts';
import { PSW } from '../cpu/psw.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/** Program interruptions whose instruction is completed, so that the next time need not be like this one. */
const completing: ReadonlySet<number> = new Set([
  PGM.data,
  PGM.fixedPointOverflow,
  PGM.decimalOverflow,
  PGM.hfpExponentOverflow,
  PGM.hfpExponentUnderflow,
  PGM.hfpSignificance,
  PGM.spaceSwitchEvent,
  PGM.monitorEvent,
]);

/** True when the instruction that makes the program interruption is carried out all the same. */
export function completes(code: number): boolean {
  return completing.has(code & ~PGM.perEvent);
}

/** PSW bits that an instruction which only makes an exception does not depend on. */
const INDIFFERENT = PSW.cc | PSW.programMask;

/**
 * True when the program-new PSW leads to the very instruction that now makes a program interruption, with nothing changed
 * that could keep it from making the same again.
 */
export function leadsBack(complex: CpuComplex, vcpu: Vcpu, code: number): boolean {
  if (completes(code) || vcpu.hasInvalidPsw) return false;
  const fresh = PrefixArea.of(complex, vcpu)?.psw(lowcore.programNewPsw);
  if (fresh === undefined || fresh.address !== vcpu.ia) return false;
  return (fresh.mask & ~INDIFFERENT) === (vcpu.pswMask & ~INDIFFERENT);
}

/** True when the external-new PSW allows external interruptions: a timer's, which stays pending, would never end. */
export function externalNewPswIsOpen(complex: CpuComplex, vcpu: Vcpu): boolean {
  const fresh = PrefixArea.of(complex, vcpu)?.psw(lowcore.externalNewPsw);
  return fresh !== undefined && (fresh.mask & PSW.external) !== 0n;
}

/**
 * The program interruption by which a vCPU has come to where it is: it has not executed anything since, or only begun the
 * instruction at its new PSW. Of a loop it is the one before the first that was the loop's own.
 */
export function causeOf({ lastProgram: last, icount }: Vcpu): ProgramDelivered | undefined {
  if (last === undefined) return undefined;
  if (last.loop !== undefined) return last.loop.cause;
  return icount - last.executed <= 1n ? last : undefined;
}
