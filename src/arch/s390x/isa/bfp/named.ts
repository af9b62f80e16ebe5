import type { Facility } from '../../cpu/facilities.ts';
import type { FormatName } from '../formats.ts';
import { insn, type Row } from '../row.ts';

type Name = readonly [mnemonic: string, op: number, title: string];

/** Rows of one format and facility that are known by name only. */
export function named(fmt: FormatName, facility: Facility, names: readonly Name[]): Row[] {
  return names.map(([mnemonic, op, title]) => insn(mnemonic, { op, fmt, title, facility }));
}
