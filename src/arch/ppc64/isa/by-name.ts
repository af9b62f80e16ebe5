/** Instructions that are known by name only: whoever executes one is told which it was. */

import { forms } from './fields.ts';
import { insn, op, type Row } from './row.ts';

/** A heading with the instructions of a primary opcode whose other bits under a mask are these. */
interface Group {
  readonly title: string;
  readonly primary: number;
  readonly mask: number;
  /** Names with the low 11 bits. */
  readonly names: string;
}

const power8Groups: readonly Group[] = [
  { ...{ title: 'Event-Based Branch Facility', primary: 19, mask: 0x7fe }, names: 'rfebb:124' },
  { ...{ title: 'Branch History', primary: 31, mask: 0x7fe }, names: 'clrbhrb:35c mfbhrbe:25c' },
];

const rowsOf = ({ title, primary, mask, names }: Group): Row[] =>
  names.split(' ').flatMap((entry) => {
    const [name = '', bits = '0'] = entry.split(':');
    const value = ((primary << 26) | Number.parseInt(bits, 16)) >>> 0;
    return insn(name, { op: op.exactly(value, (0xfc00_0000 | mask) >>> 0), form: forms.none, title });
  });

/** Those of a POWER8. */
export const power8ByNameOnly: readonly Row[] = power8Groups.flatMap(rowsOf);
