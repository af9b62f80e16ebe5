import type { Disagreement, Part } from './compare.ts';
import { virtual } from './layout.ts';
import type { OracleResult } from './result.ts';

/** A way in which another machine is known to differ from the Principles of Operation, or to use a choice that they leave. */
export interface KnownDifference {
  readonly rows: RegExp;
  readonly when: (d: Disagreement) => boolean;
  readonly parts: readonly Part[];
  /** What the other machine does, or what the manual leaves open. */
  readonly why: string;
  /** Heading in the manual. */
  readonly heading: string;
}

/** The parts of a disagreement that no row of a table explains; `used` hears which rows explained something. */
export function unexplained(
  table: readonly KnownDifference[],
  d: Disagreement,
  used?: (known: KnownDifference) => void,
): Set<Part> {
  const rest = new Set(d.parts);
  for (const known of table) {
    if (rest.size === 0) break;
    if (!known.rows.test(d.of.does) || !known.parts.some((p) => rest.has(p)) || !known.when(d)) continue;
    for (const part of known.parts) rest.delete(part);
    used?.(known);
  }
  return rest;
}

/** What tells of an interruption. */
export const fault: readonly Part[] = ['pgm', 'ilc', 'dxc', 'teid', 'accessIds', 'address'];
/** All parts. */
export const everything: readonly Part[] = [
  ...fault,
  'gr',
  'fpr',
  'vr',
  'fpc',
  'ar',
  'cr',
  'monitor',
  'cc',
  'psw',
  'storage',
];

const accessExceptions: ReadonlySet<number> = new Set([0x04, 0x05, 0x10, 0x11, 0x12, 0x38, 0x39, 0x3a, 0x3b]);
/** True when a case ended with an access exception. */
export const isAccess = (r: OracleResult): boolean => accessExceptions.has(r.pgm);
/** The page that a translation-exception identification tells. */
export const page = (teid: bigint): bigint => teid & ~0xfffn;
/** True when general registers differ in the bits of a word alone that a 24-bit or 31-bit address leaves over. */
export function addressBitsAlone({ of, there, here }: Disagreement): boolean {
  const over = (of.pswMask & 0x8000_0000n) !== 0n ? 0x8000_0000n : 0xff00_0000n;
  return there.gr.every((v, i) => ((v ^ (here.gr[i] ?? 0n)) & ~over) === 0n);
}
/** True when the operands begin within a page of each other. */
export function overlapping({ of: { does, operands, gr } }: Disagreement): boolean {
  const [a, b] = [1, 2].map((n) => {
    const base = operands[`b${n}`] ?? operands[`r${n}`] ?? 0;
    const register = operands[`b${n}`] === 0 ? 0n : (gr[base] ?? 0n);
    return register + BigInt(operands[`d${n}`] ?? 0);
  });
  return near((a ?? 0n) - (b ?? 0n), /^MVC(P|S|OS)$/.test(does));
}
/** True for a distance of less than a page. The secondary space has the frames `first` and `third` exchanged. */
export function near(distance: bigint, acrossSpaces: boolean): boolean {
  const exchange = BigInt(virtual.third - virtual.first);
  return (acrossSpaces ? [0n, exchange, -exchange] : [0n]).some((shift) => {
    // One frame can be had in several segments.
    const apart = BigInt.asIntN(20, distance + shift);
    return apart > -4096n && apart < 4096n;
  });
}
