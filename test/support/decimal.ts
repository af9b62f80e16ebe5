/** Decimal numbers as text. */

import { type DfpFormat, decode, encode, special } from '../../src/soft-float/decimal/format.ts';

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
