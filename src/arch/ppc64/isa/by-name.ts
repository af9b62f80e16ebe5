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

const groups: readonly Group[] = [
  {
    ...{ title: 'Decimal Floating-Point', primary: 59, mask: 0x7ff },
    names: [
      'dadd:4 dadd.:5',
      'dmul:44 dmul.:45 dcmpo:104 dtstex:144 dctdp:204',
      'dctdp.:205 dctfix:244 dctfix.:245 ddedpd:284 ddedpd.:285 dxex:2c4 dxex.:2c5 dsub:404 dsub.:405',
      'ddiv:444 ddiv.:445 dcmpu:504 dtstsf:544 drsp:604 drsp.:605 dcffix:644 dcffix.:645 denbcd:684',
      'denbcd.:685 diex:6c4 diex.:6c5',
    ].join(' '),
  },
  {
    ...{ title: 'Decimal Floating-Point', primary: 59, mask: 0x1ff },
    names: ['dqua:6 dqua.:7 drrnd:46 drrnd.:47 dquai:86 dquai.:87 drintx:c6 drintx.:c7 drintn:1c6', 'drintn.:1c7'].join(
      '',
    ),
  },
  {
    ...{ title: 'Decimal Floating-Point', primary: 59, mask: 0x3ff },
    names: 'dscli:84 dscli.:85 dscri:c4 dscri.:c5 dtstdc:184 dtstdg:1c4',
  },
  {
    ...{ title: 'Decimal Floating-Point Quad', primary: 63, mask: 0x7ff },
    names: [
      'daddq:4 daddq.:5',
      'dmulq:44 dmulq.:45 dcmpoq:104',
      'dtstexq:144 dctqpq:204 dctqpq.:205',
      'dctfixq:244 dctfixq.:245 ddedpdq:284 ddedpdq.:285 dxexq:2c4 dxexq.:2c5',
      'dsubq:404 dsubq.:405 ddivq:444',
      'ddivq.:445 dcmpuq:504 dtstsfq:544 drdpq:604 drdpq.:605 dcffixq:644 dcffixq.:645',
      'denbcdq:684 denbcdq.:685 diexq:6c4',
      'diexq.:6c5',
    ].join(' '),
  },
  {
    ...{ title: 'Decimal Floating-Point Quad', primary: 63, mask: 0x1ff },
    names: [
      'dquaq:6 dquaq.:7 drrndq:46 drrndq.:47 dquaiq:86 dquaiq.:87 drintxq:c6 drintxq.:c7 drintnq:1c6',
      'drintnq.:1c7',
    ].join(' '),
  },
  {
    ...{ title: 'Decimal Floating-Point Quad', primary: 63, mask: 0x3ff },
    names: 'dscliq:84 dscliq.:85 dscriq:c4 dscriq.:c5 dtstdcq:184 dtstdgq:1c4',
  },
];

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

/** Those of every CPU. */
export const byNameOnly: readonly Row[] = groups.flatMap(rowsOf);
/** Those of a POWER8. */
export const power8ByNameOnly: readonly Row[] = power8Groups.flatMap(rowsOf);
