/** Operands of decimal instructions, of the kinds at which they differ. */

import type { PpcField } from '../../../src/arch/ppc64/isa/fields.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import {
  type DfpFormat,
  encode,
  extended,
  largestQuantum,
  leastQuantum,
  long,
  power,
  short,
  special,
} from '../../../src/soft-float/decimal/format.ts';
import type { Chance } from '../chance.ts';

/** True for a decimal instruction. */
export function isDecimal({ title }: Row): boolean {
  return title.startsWith('DFP ');
}

/** Registers of a field: a pair has two. */
export function registersOf(name: string, field: PpcField, word: number): number[] {
  const first = Number(field.read(word));
  return name.endsWith('p') ? [first, first + 1] : [first];
}

const digit = (chance: Chance): bigint => BigInt(chance.below(10));

function significandOf(f: DfpFormat, chance: Chance): bigint {
  const count = chance.percent(40) ? f.precision - chance.below(2) : 1 + chance.below(f.precision);
  const kind = chance.below(10);
  if (kind === 0) return power(count) - 1n;
  if (kind === 1) return power(count - 1);
  if (kind === 2) return 5n * power(count - 1) + (chance.percent(30) ? 1n : 0n);
  let digits = 0n;
  for (let n = 0; n < count; n++) digits = digits * 10n + digit(chance);
  const zeros = chance.percent(25) ? power(chance.below(count)) : 1n;
  return (digits / zeros) * zeros;
}

function quantumOf(f: DfpFormat, chance: Chance): number {
  const [least, most] = [leastQuantum(f), largestQuantum(f)];
  const kind = chance.below(10);
  if (kind < 6) return chance.below(40) - 25;
  if (kind === 6) return least + chance.below(2 * f.precision);
  if (kind === 7) return most - chance.below(2 * f.precision);
  // So that products and quotients come to the ends.
  return kind === 8
    ? Math.trunc((chance.percent(50) ? least : most) / 2) + chance.below(9)
    : least + chance.below(most - least + 1);
}

/** A number of a format. An infinity has no digits: QEMU knows none. */
function decimal(f: DfpFormat, chance: Chance): bigint {
  const negative = chance.percent(50);
  const kind = chance.below(100);
  if (kind < 5) return special(f, 'infinity', negative);
  if (kind < 14)
    return special(f, kind < 9 ? 'qnan' : 'snan', negative, significandOf(f, chance) % power(f.precision - 1));
  const quantum = quantumOf(f, chance);
  return encode(f, negative, kind < 24 ? 0n : significandOf(f, chance), quantum);
}

/** Digits of four bits each; QEMU takes an invalid one for none, or for one that is valid, and leaves the target alone. */
function packed(places: number, signed: boolean, chance: Chance): bigint {
  let value = 0n;
  const count = chance.percent(50) ? places : chance.below(places);
  for (let n = 0; n < places; n++) value = (value << 4n) | (n < places - count ? 0n : digit(chance));
  return signed ? (value & ~15n) | BigInt(10 + chance.below(6)) : value;
}

/** The operand that a register field of an instruction names. */
function operandFor(row: Row, name: string, word: number, chance: Chance): bigint {
  const { mnemonic } = row;
  if (/^denbcd/.test(mnemonic)) {
    const signed = Number(row.fields.s?.read(word) ?? 0) !== 0;
    return packed(name.endsWith('p') ? 32 : 16, signed, chance);
  }
  if (name.endsWith('p')) return decimal(extended, chance);
  if (/^dcffix/.test(mnemonic))
    return chance.big(chance.percent(50) ? 64 : 1 + chance.below(63)) * (chance.percent(50) ? 1n : -1n);
  if (/^diex/.test(mnemonic) && name === 'fra') {
    return BigInt(chance.percent(30) ? -chance.below(5) : chance.below(mnemonic.startsWith('diexq') ? 12_300 : 780));
  }
  if (/^(drrnd|dtstsf)/.test(mnemonic) && name === 'fra') return BigInt(chance.below(40)) | (chance.big(20) << 6n);
  if (/^dctdp/.test(mnemonic)) return decimal(short, chance);
  // Of numbers near each other more is to be seen.
  return decimal(long, chance);
}

/** Fills the registers of a decimal instruction. */
export function fillDecimals(row: Row, word: number, chance: Chance, vsr: Map<number, bigint>): void {
  for (const [name, field] of Object.entries(row.fields)) {
    if (field.kind !== 'fr') continue;
    const value = BigInt.asUintN(128, operandFor(row, name, word, chance));
    const [first = 0, second] = registersOf(name, field, word);
    vsr.set(first, (second === undefined ? BigInt.asUintN(64, value) : value >> 64n) << 64n);
    if (second !== undefined) vsr.set(second, BigInt.asUintN(64, value) << 64n);
  }
}
