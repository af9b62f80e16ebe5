/** Where Hercules 3.13 differs from the Principles of Operation, or the manual leaves a choice that Hercules makes otherwise. */

import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { ccOf, type Disagreement } from './compare.ts';
import type { OracleCase } from './image.ts';
import { addressBitsAlone, everything, isAccess, type KnownDifference, overlapping, page } from './known-difference.ts';
import { ofTheZ17 } from './known-differences.ts';

const any = /^/;
/** Rows that may end before they are through with their operands. */
const inUnits = /^(CUSE|TRTR?E|CMPSC)$/;
const toFixed = /^C[FG][EDX]BRA$/;
const MODE_64 = 1n << 32n;
/** The flag in the floating-point-control register. */
const INEXACT = 0x8_0000;

/** The flag of a quantum that is not the preferred one. */
const QUANTUM = 0x4_0000;
/** Decimal rows by where their rounding method is. */
const inM3 = /^(LEDTR|LDXTR|FI[DX]TR|C(L?[FG][DX]|[DX]L?[FG])TRA?)$/;
const inM4 = /^((RR|[MDAS])[DX]TRA?)$/;
const SHORTER = 7;

/** True when a decimal row rounds by a method that came with the floating-point extension facility, or to shorter precision. */
function roundsOtherwise({ of }: Disagreement): boolean {
  const modifier = (inM3.test(of.does) ? of.operands.m3 : of.operands.m4) ?? 0;
  const arithmetic = /TRA$/.test(of.does) && inM4.test(of.does);
  if (modifier !== 0 && (arithmetic || modifier < 8)) return true;
  return (modifier === 0 ? (of.fpc >> 4) & 7 : modifier & 7) === SHORTER;
}

/** True when the decimal operand in R1 is a number whose leftmost exponent bits are zeros, as all that can be mistaken are. */
function isSmall({ vr, operands }: OracleCase): boolean {
  return (((vr[operands.r1 ?? 0] ?? 0n) >> 120n) & 0x60n) === 0n;
}

/** True when we tell of inexactness beside an invalid operation that is not a trap. */
function isInexactToo({ of, there, here }: Disagreement): boolean {
  const [invalidTraps, inexactTraps] = [(of.fpc & 0x8000_0000) !== 0, (of.fpc & 0x0800_0000) !== 0];
  if (invalidTraps) return false;
  if (here.pgm === 0x07) return inexactTraps && there.pgm === 0 && (there.fpc & 0x80_0000) !== 0;
  return ((there.fpc ^ here.fpc) & ~0x8_0000) === 0 && (here.fpc & 0x80_0000) !== 0;
}

/** True when a negative decimal number becomes zero, which is an unsigned integer. */
function isNegativeAndSmall({ of, there, here }: Disagreement): boolean {
  const isNegative = (of.vr[of.operands.r2 ?? 0] ?? 0n) >> 127n === 1n;
  if (!isNegative) return false;
  const invalidThere = (there.fpc & 0x80_0000) !== 0 || (there.pgm === 0x07 && there.dxc === 0x80);
  const result = here.gr[of.operands.r1 ?? 0] ?? 0n;
  const isZero = BigInt.asUintN(/^CLF/.test(of.does) ? 32 : 64, result) === 0n;
  return invalidThere && (isZero || here.pgm === 0x07);
}

/** True for a COMPRESSION CALL that expands. */
function expands({ gr }: OracleCase): boolean {
  return ((gr[0] ?? 0n) & 0x100n) !== 0n;
}

/** True for a COMPRESSION CALL whose first operand lies in its dictionary, or in the tables behind that. */
function changesDictionary({ of: { gr, operands } }: Disagreement): boolean {
  const from = (gr[1] ?? 0n) & 0xf_f000n;
  const to = (gr[operands.r1 ?? 0] ?? 0n) & 0xf_ffffn;
  return to >= from - 0x1000n && to < from + 0x3000n;
}

/** The table for Hercules 3.13. */
export const herculesDifferences: readonly KnownDifference[] = [
  {
    rows: /^CL?[GF][DX]TRA?$/,
    when: isInexactToo,
    parts: ['fpc', 'pgm', 'ilc', 'dxc', 'address', 'gr', 'cc'],
    why: 'Hercules tells no inexactness with a decimal number that no integer is, as it does with a binary one',
    heading: 'CONVERT TO FIXED (DFP)',
  },
  {
    rows: /^CL[GF][DX]TR$/,
    when: isNegativeAndSmall,
    parts: ['fpc', 'pgm', 'ilc', 'dxc', 'address', 'gr', 'cc'],
    why: 'Hercules takes every negative decimal number for one that no unsigned integer is, though it be rounded to zero',
    heading: 'CONVERT TO LOGICAL (DFP)',
  },
  {
    rows: /^C[US]XTR$/,
    when: ({ of, there }) => {
      const [r1, isSigned] = [of.operands.r1 ?? 0, of.does.startsWith('CS')];
      const digits = (there.gr[r1 + 1] ?? 0n) >> (isSigned ? 4n : 0n);
      return digits === 4n && there.gr[r1] === (isSigned ? 0n : 0x4000_0000_0000_0000n);
    },
    parts: ['gr'],
    why: 'Hercules gives the digit 4, and zeros or that digit before it, whatever the digits of the number are',
    heading: 'CONVERT TO UNSIGNED PACKED',
  },
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
    heading: 'COMPARE UNTIL SUBSTRING EQUAL, TRANSLATE AND TEST EXTENDED, COMPRESSION CALL',
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
  {
    rows: /TRA?$/,
    when: ({ there, here }) => here.pgm === 0x07 && (here.dxc & 0x38) !== 0 && (there.dxc | 0x0c) === (here.dxc | 0x0c),
    parts: ['dxc', 'fpc'],
    why: 'Hercules tells by the data-exception code of every such decimal result that it is inexact and was incremented',
    heading: 'Data-Exception Code (DXC)',
  },
  {
    rows: /^(LEDTR|LDXTR)$/,
    when: ({ here, there }) =>
      (here.pgm === 0x07 && (here.dxc & 0x30) !== 0) || (there.fpc & ~here.fpc & 0x10_0000) !== 0,
    parts: everything,
    why: 'Hercules does not scale a result of which overflow or underflow is trapped',
    heading: 'LOAD ROUNDED',
  },
  {
    rows: /TRA?$/,
    when: ({ here, there }) =>
      (here.fpc & 0x20_0000) !== 0 && ((here.fpc & ~there.fpc) === INEXACT || (here.dxc & 0xf8) === 0x08),
    parts: everything,
    why: 'Hercules does not tell that a decimal result is inexact which overflows',
    heading: 'IEEE Overflow',
  },
  {
    rows: /^LDXTR$/,
    when: ({ of }) => ((of.operands.r1 ?? 0) & 2) !== 0,
    parts: everything,
    why: 'Hercules does not want a pair for the first operand, though a trap leaves an extended result',
    heading: 'LOAD ROUNDED',
  },
  {
    rows: /^TDC[EDX]T$/,
    when: ({ of }) => isSmall(of),
    parts: ['cc'],
    why: 'Hercules takes numbers for subnormal by the exponent of their last digit',
    heading: 'TEST DATA CLASS',
  },
  {
    rows: /^C[DX]L?GTRA?$/,
    when: ({ of, here, there }) =>
      of.operands.m3 !== 0 || (here.fpc & ~there.fpc & INEXACT) !== 0 || (here.dxc & 8) !== 0,
    parts: everything,
    why: 'Hercules rounds integers by the current method, and does not tell that one without sign was inexact',
    heading: 'CONVERT FROM FIXED, CONVERT FROM LOGICAL',
  },
  {
    rows: /^RR[DX]TR$/,
    when: ({ here }) => (here.fpc & 0x80_0000) !== 0 || here.dxc === 0x80,
    parts: everything,
    why: 'Hercules leaves a signaling NaN as it is',
    heading: 'REROUND',
  },
  {
    rows: /^CZ[DX]T$/,
    when: ({ of, here }) => ((of.operands.m3 ?? 0) & 9) === 9 && ccOf(here) === 3,
    parts: ['storage'],
    why: 'Hercules does not make the sign of a zero plus which is left of an infinity or NaN',
    heading: 'CONVERT TO ZONED',
  },
  {
    rows: any,
    when: ({ there, here }) => here.pgm === 0x07 && here.dxc === 0x01 && there.pgm === 0x06,
    parts: everything,
    why: 'Hercules looks whether registers are a pair before it looks whether they are there',
    heading: 'Multiple Program-Interruption Conditions',
  },
  {
    rows: /^TBE?DR$/,
    when: ({ of }) => ![0, 5].includes(of.operands.m3 ?? 0),
    parts: everything,
    why: 'Hercules cuts whatever M3 asks for, and knows none that is invalid',
    heading: 'CONVERT HFP TO BFP',
  },
  {
    rows: /^TBEDR$/,
    when: ({ of, here }) => {
      const magnitude = ((here.fpr[of.operands.r1 ?? 0] ?? 0n) >> 32n) & 0x7fff_ffffn;
      return magnitude === 0x7f7f_ffffn || magnitude < 0x80_0000n;
    },
    parts: ['fpr'],
    why: 'Hercules has another number for the largest one, and loses digits of subnormal ones',
    heading: 'CONVERT HFP TO BFP',
  },
  {
    rows: /^M[AS][ED]R?$/,
    when: ({ there, here }) => [here.pgm, there.pgm].every((pgm) => pgm === 0 || (pgm >= 0x0c && pgm <= 0x0e)),
    parts: everything,
    why: 'Hercules cuts the product before it adds, and makes no exception of its exponent',
    heading: 'MULTIPLY AND ADD',
  },
  {
    rows: /^MAY[HL]?R?$/,
    when: ({ there, here }) => there.fpr.every((v, i) => v === here.fpr[i] || (v ^ (here.fpr[i] ?? 0n)) >> 63n === 1n),
    parts: ['fpr'],
    why: 'Hercules takes the sign from what is left of a sum whose leftmost digits are lost',
    heading: 'MULTIPLY AND ADD UNNORMALIZED',
  },
  {
    rows: /^MYHR$/,
    when: ({ of, there }) => ((of.operands.r1 ?? 0) & 2) !== 0 && there.pgm === 0x06,
    parts: everything,
    why: 'Hercules wants a pair for a result that is one register',
    heading: 'MULTIPLY UNNORMALIZED',
  },
  {
    rows: inM3,
    when: roundsOtherwise,
    parts: everything,
    why: 'Hercules has no rounding methods 1 to 7 in M3, and does not round to prepare for shorter precision',
    heading: 'DFP Rounding',
  },
  {
    rows: inM4,
    when: roundsOtherwise,
    parts: everything,
    why: 'Hercules has no rounding methods 1 to 7 in M4, none at all for arithmetic, and does not round to prepare for shorter precision',
    heading: 'DFP Rounding',
  },
  {
    rows: inM3,
    when: ({ of, there, here }) =>
      ((of.operands.m4 ?? 0) & 4) !== 0 &&
      (there.dxc === 0x08 || there.dxc === 0x0c || (there.fpc & ~here.fpc & INEXACT) !== 0),
    parts: everything,
    why: 'Hercules has no M4, by which inexact results are no exception',
    heading: 'IEEE Inexact-Exception Control',
  },
  {
    rows: /^[ASMD][DX]TRA?$/,
    when: ({ here, there }) => here.pgm === 0x07 && there.pgm === 0x07 && (here.dxc & 0x30) !== 0,
    parts: ['fpr'],
    why: 'Hercules scales what its own range leaves of a result whose overflow or underflow is trapped, be that zero or infinity',
    heading: 'IEEE Overflow, IEEE Underflow',
  },
  {
    rows: /^RR[DX]TR$/,
    when: ({ here, there }) => (there.fpc & ~here.fpc & 0x10_0000) !== 0,
    parts: ['fpr', 'fpc'],
    why: 'Hercules takes a tiny number for one that underflows, and cuts digits that its exponent leaves, where the significance asked for counts',
    heading: 'REROUND',
  },
  {
    rows: /^CMPSC$/,
    when: ({ there, here }) => [there.pgm, here.pgm].every((pgm) => pgm === 0x07 || isAccess({ ...here, pgm })),
    parts: everything,
    why: 'Hercules does eight symbols or none of them, and looks at no dictionary again that it has cached',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of, there, here }) => expands(of) && ccOf(there) === 1 && there.pgm === 0 && here.pgm !== 0x06,
    parts: everything,
    why: 'Hercules expands eight symbols or none of them, and stops when there is no room for all',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of }) => !expands(of) && ((of.gr[1] ?? 0n) & 7n) !== 0n,
    parts: ['storage'],
    why: 'Hercules does not clear the bits of the first byte where it stores an index',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ there, here }) => here.pgm === 0 && ccOf(here) === 1 && there.pgm !== 0,
    parts: everything,
    why: 'Hercules looks for a symbol before it looks whether there is room for it',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ there, here }) => here.pgm === 0x07 && there.pgm === 0,
    parts: everything,
    why: 'Hercules goes on behind the end of a dictionary',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: (d) => changesDictionary(d) || overlapping(d),
    parts: everything,
    why: 'the result is open when the first operand lies in the other one or in a dictionary',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of }) => !expands(of) && ((of.gr[0] ?? 0n) & 0x1_0000n) !== 0n,
    parts: ['storage'],
    why: 'what is stored when a translated symbol has more bits than symbols have is open',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of }) => ((of.pswMask >> 46n) & 2n) !== 0n,
    parts: everything,
    why: 'what a dictionary does whose entries do not fit each other, as in the secondary and in the home space, is open',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of, there, here }) => (of.cr0 & 0x1000_0000n) !== 0n && there.pgm === 0x04 && here.pgm !== 0x04,
    parts: everything,
    why: 'Hercules looks at the beginning of half a page for protection, where low-address protection is another one',
    heading: 'Low-Address Protection',
  },
  {
    rows: /^CMPSC$/,
    when: ({ of }) => ((of.gr[0] ?? 0n) & 0x300n) === 0x300n,
    parts: ['gr', 'storage'],
    why: 'how long a symbol is whose entries tell different lengths, as the halves of sibling descriptors do, is open',
    heading: 'COMPRESSION CALL',
  },
  {
    rows: /^UPT$/,
    when: ({ there, here }) => here.pgm !== 0 && there.pgm === here.pgm,
    parts: ['gr'],
    why: 'Hercules goes on to a node in general register 5 before it knows that it can store there',
    heading: 'UPDATE TREE',
  },
  {
    rows: /^BAKR$/,
    when: ({ there, here }) => here.pgm !== 0 && there.pgm === here.pgm && here.ilc === 2 && there.ilc === 4,
    parts: ['ilc', 'address'],
    why: 'Hercules takes a branch address where nothing can be fetched for an error of the branch, and tells its length',
    heading: 'BRANCH AND STACK',
  },
  {
    rows: /^ESTA$/,
    when: ({ of, there }) => there.pgm === 0x06 && ((of.gr[of.operands.r2 ?? 0] ?? 0n) & 0xffn) === 5n,
    parts: everything,
    why: 'Hercules knows no code 5 here, which came with the ASN-and-LX-reuse facility',
    heading: 'EXTRACT STACKED STATE',
  },
  {
    rows: /TRA?$/,
    when: ({ there, here }) => (here.fpc & QUANTUM) !== 0 && (there.fpc ^ here.fpc) === QUANTUM,
    parts: ['fpc'],
    why: 'Hercules does not tell that a quantum is not the preferred one, which came with the floating-point extension facility',
    heading: 'IEEE Quantum Exception',
  },
];

/**
 * Rows that QEMU has, and whose known differences there Hercules settles: that an integer which cannot be told is inexact
 * beside invalid, NaN or not.
 */
export const settledByHercules: ReadonlySet<string> = new Set('CFEBRA CFDBRA CFXBRA CGEBRA CGDBRA CGXBRA'.split(' '));

/** Rows of later facilities than Hercules has, or that it has otherwise in all cases; test/isa/s390x has their vectors. */
export const missingInHercules: ReadonlySet<string> = new Set([
  ...instructionTable.filter(({ facility }) => ofTheZ17.has(facility)).map(({ mnemonic }) => mnemonic),
  ...'CPDT CPXT CDPT CXPT PFPO'.split(' '),
  // It gives the second operand the quantum of the third one.
  ...'QADTR QAXTR'.split(' '),
  'EPAIR',
  'ESAIR',
  'SSAIR',
  'CRDTE',
  'IRBM',
  ...'LPSWEY LBEAR STBEAR'.split(' '),
  ...'VLRL VSTRL VLRLR VSTRLR VAP VSP VMP VMSP VDP VRP VSDP VSRP VSRPR VCP VTP VCLZDP VPSOP VCVB VCVBG VCVD VCVDG'.split(
    ' ',
  ),
  ...'VPKZ VUPKZ VLIP VPKZR VUPKZH VUPKZL VSCHP VSCSHP VCSPH'.split(' '),
]);
