/** Compares what two machines made of a case. */

import type { OracleCase } from './image.ts';
import type { OracleResult } from './result.ts';

/** A part of a result. The PSW comes in three: condition code, the rest of its mask, and address. */
export type Part = Exclude<keyof OracleResult, 'pswMask'> | 'cc' | 'psw';

/** What two machines disagree about. */
export interface Disagreement {
  readonly of: OracleCase;
  /** What the other machine made of it. */
  readonly there: OracleResult;
  readonly here: OracleResult;
  readonly parts: ReadonlySet<Part>;
}

const CC = 3n << 44n;

/** The condition code of a result. */
export function ccOf(r: OracleResult): number {
  return Number((r.pswMask & CC) >> 44n);
}

/** The parts in which two results differ. */
export function differingParts(a: OracleResult, b: OracleResult): Set<Part> {
  const parts = new Set<Part>();
  for (const part of ['gr', 'fpr', 'vr', 'cr', 'ar'] as const)
    if (a[part].some((v, i) => v !== b[part][i])) parts.add(part);
  for (const part of ['fpc', 'pgm', 'ilc', 'dxc', 'teid', 'monitor', 'accessIds', 'address'] as const) {
    if (a[part] !== b[part]) parts.add(part);
  }
  if (Object.entries(a.storage).some(([name, digest]) => digest !== b.storage[name])) parts.add('storage');
  if (ccOf(a) !== ccOf(b)) parts.add('cc');
  if (((a.pswMask ^ b.pswMask) & ~CC) !== 0n) parts.add('psw');
  return parts;
}

const hex = (value: bigint | number): string => `0x${value.toString(16)}`;

/** A disagreement in words: the case whole, and both results where they differ. */
export function describeDisagreement({ of, there, here, parts }: Disagreement): string {
  const lines = [
    `${of.mnemonic}:${of.number} ${of.text}`,
    `  PSW ${hex(of.pswMask)}, fpc ${hex(of.fpc)}, cr0 ${hex(of.cr0)}, code at ${hex(of.codeOffset)}`,
  ];
  for (const part of parts) {
    const [a, b] = [shown(there, part), shown(here, part)];
    for (const [i, value] of a.entries())
      if (value !== b[i]) lines.push(`  ${part}: there ${value}, here ${b[i] ?? ''}`);
  }
  lines.push(`  gr ${of.gr.map((v, i) => `${i}=${v.toString(16)}`).join(' ')}`);
  if (parts.has('fpr') || parts.has('vr') || parts.has('fpc'))
    lines.push(`  vr ${of.vr.map((v, i) => `${i}=${v.toString(16)}`).join(' ')}`);
  return lines.join('\n');
}

function shown(r: OracleResult, part: Part): string[] {
  switch (part) {
    case 'gr':
    case 'fpr':
    case 'vr':
    case 'cr':
    case 'ar':
      return [...r[part].entries()].map(([i, value]) => `${i}=${value.toString(16)}`);
    case 'storage':
      return Object.entries(r.storage).map(([name, digest]) => `${name}=${digest.toString(16)}`);
    case 'monitor':
      return [r.monitor];
    case 'cc':
      return [String(ccOf(r))];
    case 'psw':
      return [hex(r.pswMask)];
    default:
      return [hex(r[part])];
  }
}
