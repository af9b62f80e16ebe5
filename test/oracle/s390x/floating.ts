/** Floating-point registers for instructions of other radices: random bits are hardly ever numbers that are worth it. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import {
  type DfpFormat,
  encode,
  extended,
  largestQuantum,
  leastQuantum,
  long,
  short,
  special,
} from '../../../src/soft-float/decimal/format.ts';
import type { Chance } from '../chance.ts';

/** The 16 registers for a row, undefined when others will do. */
export function registersFor(chance: Chance, row: Row): bigint[] | undefined {
  if (/DFP\)/.test(row.title)) return decimalRegisters(chance, row.title);
  return /HFP\)|HFP TO|TO HFP/.test(row.title) ? hexadecimalRegisters(chance) : undefined;
}

/** Numbers near each other mostly, in which a digit on the left or all on the right may be zeros. */
function hexadecimalRegisters(chance: Chance): bigint[] {
  const far = chance.percent(25);
  return Array.from({ length: 16 }, () => hexadecimal(chance, far));
}

/** A long hexadecimal number, with a far exponent or not. */
export function hexadecimal(chance: Chance, far: boolean): bigint {
  if (chance.percent(10)) return chance.big(64);
  const characteristic = far
    ? chance.pick([chance.below(128), chance.below(8), 127 - chance.below(8)])
    : 64 + chance.below(chance.pick([3, 18])) - 2;
  const fraction = chance.pick([
    () => 0n,
    () => BigInt(chance.below(16)) << 52n,
    () => chance.big(56),
    () => chance.big(56) >> BigInt(4 * chance.below(14)),
    () => (1n << 56n) - 1n - chance.big(chance.below(9)),
    () => (chance.big(24) << 32n) | chance.pick([0n, 0x8000_0000n, 0x7fff_ffffn]),
  ])();
  return (BigInt((chance.percent(50) ? 0x80 : 0) | characteristic) << 56n) | fraction;
}

function decimalRegisters(chance: Chance, title: string): bigint[] {
  // Operands of one case have quanta near each other, mostly.
  const far = chance.percent(20);
  const registers = Array.from({ length: 16 }, () => decimal(chance, long, far));
  if (/short/.test(title)) {
    for (const [i, old] of registers.entries()) {
      registers[i] = chance.percent(80) ? (decimal(chance, short, far) << 32n) | BigInt.asUintN(32, old) : old;
    }
  }
  if (!/extended/.test(title)) return registers;
  for (const pair of [0, 1, 4, 5, 8, 9, 12, 13]) {
    // Where the operand is long, it may be the left half.
    if (/long to extended/.test(title) && chance.percent(60)) continue;
    const value = decimal(chance, extended, far);
    registers[pair] = value >> 64n;
    registers[pair + 2] = BigInt.asUintN(64, value);
  }
  return registers;
}

function decimal(chance: Chance, f: DfpFormat, far: boolean): bigint {
  const kind = chance.below(100);
  const negative = chance.percent(50);
  if (kind < 4)
    return special(f, chance.pick(['infinity', 'infinity', 'qnan', 'snan']), negative, digits(chance, f, 5));
  if (kind < 8) return bits(chance, f.width);
  const least = leastQuantum(f);
  const quantum = far
    ? chance.pick([
        least,
        least + chance.below(40),
        largestQuantum(f),
        largestQuantum(f) - chance.below(40),
        least + chance.below(largestQuantum(f) - least),
      ])
    : chance.below(14) - 9;
  return encode(f, negative, digits(chance, f, f.precision), quantum);
}

/** A number of up to so many digits, zeros and nines and halves among them. */
function digits(chance: Chance, f: DfpFormat, most: number): bigint {
  const count = chance.pick([0, 1, f.precision, chance.below(f.precision + 1), chance.below(4)]);
  const style = chance.below(5);
  let value = 0n;
  for (let i = 0; i < Math.min(count, most); i++) {
    const digit =
      style === 0
        ? 9
        : style === 1
          ? i === 0
            ? 1 + chance.below(9)
            : 0
          : style === 2 && i > 1
            ? 5 * chance.below(2)
            : chance.below(10);
    value = value * 10n + BigInt(digit);
  }
  return value;
}

function bits(chance: Chance, width: number): bigint {
  if (width <= 64) return chance.big(width);
  return (chance.big(64) << 64n) | chance.big(64);
}
