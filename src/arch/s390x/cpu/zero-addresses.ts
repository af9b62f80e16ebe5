/** Operands whose address a program makes of a register that holds zero (PoP, "Zero-Address Detection"). */

import type { Field } from '../../../ir/field.ts';
import { fieldBits } from '../isa/decoder.ts';
import type { S390xCore } from './core.ts';
import type { Vcpu } from './vcpu.ts';

/** Such an operand, if the instruction goes to storage for it. */
export interface ZeroOperand {
  /** Its address: the displacement. */
  readonly address: bigint;
  /** The register that holds zero. */
  readonly register: number;
}

/**
 * The operands of an instruction with this text that are made of zero: of a base register, and an index that is none or zero,
 * too, and those that a register designates. Register fields that are zero make no address.
 */
export function zeroOperands(core: S390xCore, vcpu: Vcpu, text: Uint8Array): readonly ZeroOperand[] {
  const fields: Readonly<Record<string, Field>> = core.rowOf(text)?.format.fields ?? {};
  const value = (name: string): number | undefined => {
    const field = fields[name];
    return field === undefined ? undefined : fieldBits(field, text);
  };
  const isZero = (register: number): boolean => (vcpu.gr(register) & vcpu.amask) === 0n;
  const found: ZeroOperand[] = [];
  for (const n of [1, 2, 3, 4]) {
    const [base, index = 0, displacement = 0] = [value(`b${n}`), value(`x${n}`), value(`d${n}`)];
    if (base === undefined || base === 0 || !isZero(base) || (index !== 0 && !isZero(index))) continue;
    found.push({ address: BigInt(displacement) & vcpu.amask, register: base });
  }
  if (found.length > 0 || Object.keys(fields).some((name) => name.startsWith('b'))) return found;
  for (const name of ['r1', 'r2', 'r3']) {
    const register = value(name);
    if (register !== undefined && register !== 0 && isZero(register)) found.push({ address: 0n, register });
  }
  return found;
}
