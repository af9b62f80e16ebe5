/** Where Hercules 3.13 differs from the Principles of Operation, or the manual leaves a choice that Hercules makes otherwise. */

import { ccOf } from './compare.ts';
import { addressBitsAlone, everything, isAccess, type KnownDifference, overlapping, page } from './known-difference.ts';

const any = /^/;
/** Rows that may end before they are through with their operands. */
const inUnits = /^(CUSE|TRTR?E)$/;
const toFixed = /^C[FG][EDX]BRA$/;
const MODE_64 = 1n << 32n;
/** The flag in the floating-point-control register. */
const INEXACT = 0x8_0000;

/** The table for Hercules 3.13. */
export const herculesDifferences: readonly KnownDifference[] = [
  {
    rows: any,
    when: ({ there, here }) => here.pgm === 0x04 && there.pgm === 0x04 && (there.teid & 0xff8n) === 0n,
    parts: ['teid'],
    why: 'Hercules tells of a protection exception by bit 61 alone, without its kind and without fetch or store',
    heading: 'Suppression on Protection',
  },
  {
    rows: any,
    when: ({ there, here }) =>
      isAccess(here) && here.pgm !== 0x04 && there.pgm === here.pgm && ((there.teid ^ here.teid) & ~0xc00n) === 0n,
    parts: ['teid'],
    why: 'whether a fetch or a store was refused is open for operands that are fetched and stored',
    heading: 'Access-Exception-Fetch/Store-Indication Facility',
  },
  {
    rows: any,
    when: ({ there, here }) =>
      isAccess(here) && there.pgm === here.pgm && here.accessIds === 0 && (there.accessIds & 0xf0ff) === 0,
    parts: ['accessIds'],
    why: 'Hercules tells the number of the base register outside the access-register mode, too',
    heading: 'Exception Access Identification',
  },
  {
    rows: any,
    when: ({ there, here }) => isAccess(here) && isAccess(there) && there.pgm !== here.pgm,
    parts: everything,
    why: 'which of several access exceptions of an instruction is recognized is open',
    heading: 'Multiple Program-Interruption Conditions',
  },
  {
    rows: /^(AP|SP|ZAP|CP|MP|DP|SRP)$/,
    when: ({ there, here }) => isAccess(here) && (there.pgm === 0x07 || there.pgm === 0x0b),
    parts: everything,
    why: 'whether an access exception or one of data or division is recognized is open',
    heading: 'Multiple Program-Interruption Conditions',
  },
  {
    rows: any,
    when: ({ there, here }) => isAccess(here) && isAccess(there) && page(there.teid ^ here.teid) !== 0n,
    parts: ['teid', 'accessIds'],
    why: 'which of several access exceptions of an instruction is recognized is open',
    heading: 'Multiple Program-Interruption Conditions',
  },
  {
    rows: /^(BASSM|BSM)$/,
    when: ({ there, here }) => isAccess(here) && there.pgm === here.pgm,
    parts: ['ilc'],
    why: 'the length of an instruction that cannot be fetched is open',
    heading: 'Instruction-Length Code',
  },
  {
    rows: /^(ED|EDMK)$/,
    when: ({ there, here }) => here.pgm === there.pgm && here.pgm !== 0,
    parts: ['storage', 'gr'],
    why: 'Hercules has stored a part of the result when it finds an invalid digit or cannot go on with an operand',
    heading: 'EDIT',
  },
  {
    rows: /^(ED|EDMK)$/,
    when: overlapping,
    parts: everything,
    why: 'the result is open when the operands overlap',
    heading: 'EDIT',
  },
  {
    rows: /^PLO$/,
    when: ({ there, here }) => isAccess(there) && here.pgm === 0 && (ccOf(here) === 1 || ccOf(here) === 2),
    parts: everything,
    why: 'whether operands that are not stored into after an unequal comparison are accessed is open',
    heading: 'PERFORM LOCKED OPERATION',
  },
  {
    rows: inUnits,
    when: ({ there, here }) => isAccess(here) && isAccess(there),
    parts: ['gr', 'cc', 'pgm'],
    why: 'how far the operands came before an access exception is open',
    heading: 'Interruptible Instructions',
  },
  {
    rows: inUnits,
    when: (d) => (d.of.pswMask & MODE_64) === 0n && addressBitsAlone(d),
    parts: ['gr'],
    why: 'whether the bits left of an updated 24-bit or 31-bit address become zeros is open',
    heading: 'COMPARE UNTIL SUBSTRING EQUAL, TRANSLATE AND TEST EXTENDED',
  },
  {
    rows: /^TRTR?E$/,
    when: ({ of }) => ((of.gr[1] ?? 0n) & 7n) !== 0n,
    parts: everything,
    why: 'Hercules does not ignore the rightmost three bits of the address of the function-code table',
    heading: 'TRANSLATE AND TEST EXTENDED',
  },
  {
    rows: /^TRTR?E$/,
    when: ({ of: { operands } }) => ((operands.r1 ?? 0) | 1) === ((operands.r2 ?? 0) | 1),
    parts: ['gr'],
    why: 'Hercules stores the registers of the first operand last; which of them wins when R2 is one of them is not said',
    heading: 'TRANSLATE AND TEST EXTENDED',
  },
  {
    rows: /^TRTR?E$/,
    when: ({ of, here }) => here.pgm === 0x06 && ((of.operands.m3 ?? 0) & 8) !== 0,
    parts: everything,
    why: 'Hercules does not look whether two-byte characters fill the first operand',
    heading: 'TRANSLATE AND TEST EXTENDED',
  },
  {
    rows: /^DI[ED]BR$/,
    when: ({ there, here }) => (here.fpc & INEXACT) !== 0 && (there.fpc & INEXACT) === 0,
    parts: ['fpc'],
    why: 'Hercules does not tell that a remainder is inexact',
    heading: 'DIVIDE TO INTEGER',
  },
  {
    rows: /^DI[ED]BR$/,
    when: ({ there, here }) => here.pgm === 0x07 && here.dxc >= 0x08 && here.dxc <= 0x1c && there.pgm === 0,
    parts: everything,
    why: 'Hercules makes no exception of a remainder that is inexact or tiny',
    heading: 'DIVIDE TO INTEGER',
  },
  {
    rows: /^DI[ED]BR$/,
    when: ({ of }) => of.operands.m4 === 3,
    parts: ['fpr', 'cc', 'fpc'],
    why: 'Hercules cannot round to prepare for shorter precision, which came with the floating-point extension facility',
    heading: 'DIVIDE TO INTEGER',
  },
  {
    rows: toFixed,
    when: ({ of }) => of.operands.m4 !== 0 || of.operands.m3 === 3,
    parts: everything,
    why: 'Hercules has no M4, and no M3 of 3, which came with the floating-point extension facility',
    heading: 'CONVERT TO FIXED',
  },
  {
    rows: toFixed,
    when: ({ there, here }) => here.pgm === 0x07 && there.dxc === 0x08 && here.dxc === 0x0c,
    parts: ['dxc', 'fpc'],
    why: 'Hercules does not tell by bit 5 of the data-exception code that a result was incremented',
    heading: 'Data-Exception Code (DXC)',
  },
];

/**
 * Rows that QEMU has, and whose known differences there Hercules settles: that an integer which cannot be told is inexact
 * beside invalid, NaN or not.
 */
export const settledByHercules: ReadonlySet<string> = new Set('CFEBRA CFDBRA CFXBRA CGEBRA CGDBRA CGXBRA'.split(' '));

/** Rows of later facilities than Hercules has; test/isa/s390x has their vectors. */
export const missingInHercules: ReadonlySet<string> = new Set([
  'EPAIR',
  'ESAIR',
  'SSAIR',
  'CRDTE',
  'IRBM',
  'ESSA',
  ...'VLRL VSTRL VLRLR VSTRLR VAP VSP VMP VMSP VDP VRP VSDP VSRP VSRPR VCP VTP VCLZDP VPSOP VCVB VCVBG VCVD VCVDG'.split(
    ' ',
  ),
  ...'VPKZ VUPKZ VLIP VPKZR VUPKZH VUPKZL VSCHP VSCSHP VCSPH'.split(' '),
]);
