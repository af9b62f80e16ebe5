/** Decimal numbers as text, and instructions on them. */

import {
  type DfpFormat,
  decode,
  encode,
  extended,
  long,
  short,
  special,
} from '../../../../src/soft-float/decimal/format.ts';
import { Bench, encode as encodeInstruction, type Outcome, rowOf, type Setup } from '../../../support/s390x/isa.ts';

const bench = new Bench();
/** CR0 with the AFP-register control. */
export const AFP = { 0: 0x4_0000n } as const;

const kinds = { inf: 'infinity', nan: 'qnan', snan: 'snan' } as const;

/** The bit pattern of a number such as -120e-3, inf, nan5 or -snan0: digits, and the exponent of the last of them. */
export function bits(f: DfpFormat, text: string): bigint {
  const [, sign = '', name = '', digits = '', quantum = '0'] = /^(-?)(inf|s?nan)?(\d*)(?:e(-?\d+))?$/.exec(text) ?? [];
  const kind = name === '' ? undefined : kinds[name as keyof typeof kinds];
  if (kind !== undefined) return special(f, kind, sign !== '', BigInt(digits === '' ? '0' : digits));
  return encode(f, sign !== '', BigInt(digits), Number(quantum));
}

/** A bit pattern as such text. */
export function text(f: DfpFormat, value: bigint): string {
  const { kind, negative, significand, quantum } = decode(f, value);
  const sign = negative ? '-' : '';
  if (kind === 'finite') return `${sign}${significand}${quantum === 0 ? '' : `e${quantum}`}`;
  const name = { infinity: 'inf', qnan: 'nan', snan: 'snan' }[kind];
  return `${sign}${name}${significand === 0n ? '' : significand}`;
}

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

export { extended, long, short };
