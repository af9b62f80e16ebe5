/** Comparisons and data classes. */

import { isNan } from './arithmetic.ts';
import { type BfpFormat, decode } from './format.ts';

/** How two operands compare. */
export interface Comparison {
  /** 0 equal, 1 first operand low, 2 first operand high, 3 unordered. */
  readonly cc: number;
  readonly invalid: boolean;
}

/** COMPARE, and COMPARE AND SIGNAL, to which a quiet NaN is invalid as well. */
export function compare(f: BfpFormat, a: bigint, b: bigint, signals: boolean): Comparison {
  const x = decode(f, a);
  const y = decode(f, b);
  if (isNan(x) || isNan(y)) return { cc: 3, invalid: signals || x.kind === 'snan' || y.kind === 'snan' };
  const order = (bits: bigint, negative: boolean): bigint => {
    const magnitude = BigInt.asUintN(f.width - 1, bits);
    return negative ? -magnitude : magnitude;
  };
  const p = order(a, x.negative);
  const q = order(b, y.negative);
  return { cc: p === q ? 0 : p < q ? 1 : 2, invalid: false };
}

/** The bit that TEST DATA CLASS has for the operand, of 12; positive ones are even-numbered from the left. */
export function dataClass(f: BfpFormat, a: bigint): number {
  const x = decode(f, a);
  const normal = x.significand >> BigInt(f.precision - 1) !== 0n;
  const positive = { zero: 0x800, finite: normal ? 0x200 : 0x080, infinity: 0x020, qnan: 0x008, snan: 0x002 }[x.kind];
  return x.negative ? positive >> 1 : positive;
}

/** Condition code of a value: 0 zero, 1 less than zero, 2 greater than zero, 3 NaN. */
export function signCondition(f: BfpFormat, a: bigint): number {
  const x = decode(f, a);
  if (isNan(x)) return 3;
  if (x.kind === 'zero') return 0;
  return x.negative ? 1 : 2;
}
