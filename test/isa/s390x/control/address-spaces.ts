/** Address spaces for instructions that switch them: tables in storage from what a test says of each space. */

import { doublewords, EDAT, identity, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

/** Real addresses of the tables. */
export const at = {
  first: 0x30000,
  second: 0x31000,
  authority: 0x32000,
  linkage: 0x33000,
  entries: 0x34000,
  duct: 0x35000,
  accessList: 0x35400,
  stack: 0x36008,
  trace: 0x37000,
  linkageSecond: 0x38000,
  home: 0x39000,
} as const;

/** The ASCE of a space: the identity with bits that tell spaces apart. */
export const asceOf = (bits: number): bigint => BigInt(SEGMENT_TABLE + bits);

/** An ASN-second-table entry. Spaces allow everybody everything unless `allows` says for which index what. */
export interface Space {
  readonly asce: bigint;
  readonly index?: number;
  readonly linkage?: number;
  readonly instance?: number;
  readonly sequence?: number;
  readonly invalid?: boolean;
  readonly isBase?: boolean;
  readonly controlled?: boolean;
  readonly reusable?: boolean;
  /** By authorization index: 2 as primary, 1 as secondary space, or both. */
  readonly allows?: Readonly<Record<number, number>>;
}

const words = (...values: readonly number[]): string =>
  values.map((value) => (value >>> 0).toString(16).padStart(8, '0')).join('');

/** Storage with spaces by number, all of them in the first part of the ASN first table. */
export function spaces(list: Readonly<Record<number, Space>>): Record<number, string> {
  const out: Record<number, string> = { ...identity(), [at.first]: words(at.second, 0x8000_0000) };
  for (let asn = 0; asn < 64; asn++) out[at.second + asn * 64] = words(0x8000_0000);
  for (const [number, space] of Object.entries(list)) {
    const asn = Number(number);
    const table = at.authority + asn * 16;
    const flags = (space.controlled === true ? 2 : 0) | (space.reusable === true ? 1 : 0);
    const zero = (space.invalid === true ? 0x8000_0000 : 0) | table | (space.isBase === true ? 1 : 0);
    const one = ((space.index ?? 0) << 16) | flags;
    const { linkage = 0x8000_0000 | at.linkage, sequence = 0, instance = 0 } = space;
    out[at.second + asn * 64] =
      words(zero, one) + doublewords(space.asce) + words(0, sequence, linkage, 0, 0, 0, 0, instance);
    let pairs = 0;
    for (let i = 0; i < 16; i++) pairs |= (space.allows === undefined ? 3 : (space.allows[i] ?? 0)) << (30 - 2 * i);
    out[table] = words(pairs);
  }
  return out;
}

/** An entry-table entry. */
export interface Entry {
  readonly target: number;
  readonly high?: number;
  readonly mode?: 24 | 31 | 64;
  readonly problem?: boolean;
  readonly callers?: number;
  readonly asn?: number;
  readonly keyMask?: number;
  readonly controls?: number;
  readonly parameter?: bigint;
}

/** Bits of an entry's fifth word. */
export const entryBits = {
  stacks: 0x8000_0000,
  wide: 0x4000_0000,
  key: 0x1000_0000,
  mask: 0x0800_0000,
  authority: 0x0400_0000,
  registers: 0x0200_0000,
  both: 0x0100_0000,
} as const;

/** Entries of the first linkage index, by entry index. */
export function entries(list: Readonly<Record<number, Entry>>): Record<number, string> {
  const out: Record<number, string> = { [at.linkage]: words(at.entries, 0x8000_0000) };
  for (const [index, e] of Object.entries(list)) {
    const wide = e.mode === undefined || e.mode === 64;
    const one = e.target | (e.mode === 31 ? 0x8000_0000 : 0) | (e.problem === true ? 1 : 0);
    const asn = e.asn ?? 0;
    const four = (e.controls ?? 0) | (wide ? entryBits.wide : 0);
    out[at.entries + Number(index) * 32] =
      words(e.high ?? 0, one, ((e.callers ?? 0xffff) << 16) | asn, (e.keyMask ?? 0) << 16, four, at.second + asn * 64) +
      doublewords(e.parameter ?? 0n);
  }
  return out;
}

/** Control registers of a program in space 1, with numbers that can be translated. */
export const controls = {
  0: EDAT,
  1: asceOf(0x100),
  2: BigInt(at.duct),
  3: 0x1111_1111_4000_0002n,
  4: 0x2222_2222_0003_0001n,
  5: 0x5555_5555_0000_0000n | BigInt(at.second + 64),
  7: asceOf(0x180),
  8: 0x0007_0000n,
  13: asceOf(0),
  14: 0x8_0000n | BigInt(at.first >> 12),
  15: BigInt(at.stack),
} as const;
