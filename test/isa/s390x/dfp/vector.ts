/** Decimal numbers as text, and instructions on them. */

import { type DfpFormat, extended, long, short } from '../../../../src/soft-float/decimal/format.ts';
import { Bench, encode as encodeInstruction, type Outcome, rowOf, type Setup } from '../../../support/s390x/isa.ts';

const bench = new Bench();
/** CR0 with the AFP-register control. */
export const AFP = { 0: 0x4_0000n } as const;

/** Registers of an operand in a register, or in a pair. */
export function inRegister(f: DfpFormat, r: number, value: bigint): Readonly<Record<number, bigint>> {
  if (f === short) return { [r]: value << 32n };
  return f === long ? { [r]: value } : { [r]: value >> 64n, [r + 2]: BigInt.asUintN(64, value) };
}
export function fromRegister(f: DfpFormat, r: number, out: Outcome): bigint {
  const [high, low] = [out.fpr[r] ?? 0n, out.fpr[r + 2] ?? 0n];
  return f === short ? high >> 32n : f === long ? high : (high << 64n) | low;
}

/** Registers that vectors use: results in 0, operands in 4 and 8, each of them also the first of a pair. */
export const numbers = { r1: 0, r2: 4, r3: 8 } as const;

/** Does an instruction. */
export function run(mnemonic: string, fields: Readonly<Record<string, number>>, setup: Partial<Setup> = {}): Outcome {
  const { fields: has } = rowOf(mnemonic).format;
  const named = Object.fromEntries(Object.entries(numbers).filter(([name]) => name in has));
  return bench.run({ cr: AFP, ...setup, code: [encodeInstruction(mnemonic, { ...named, ...fields })] });
}

export { bits, text } from '../../../support/decimal.ts';
export { extended, long, short };
