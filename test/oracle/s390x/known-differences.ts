/**
 * Where QEMU 7.2 differs from the Principles of Operation, or the manual leaves a choice that QEMU makes otherwise. A row
 * of the table explains some parts of a disagreement when its condition holds; what no row explains fails the test.
 */

import type { Facility } from '../../../src/arch/s390x/cpu/facilities.ts';
import { instructionTable } from '../../../src/arch/s390x/isa/table.ts';
import { ccOf, type Disagreement } from './compare.ts';
import {
  addressBitsAlone,
  everything,
  fault,
  isAccess,
  type KnownDifference,
  near,
  overlapping,
  page,
} from './known-difference.ts';

const any = /^/;
const bothAccess = ({ there, here }: Disagreement): boolean => isAccess(there) && isAccess(here);
const mode64 = ({ of }: Disagreement): boolean => (of.pswMask & 0x1_0000_0000n) !== 0n;
const relative = /^(L|LG|LGF|LLGF|LH|LGH|LLH|LLGH|ST|STG|STH|C|CG|CGF|CL|CLG|CLGF|CH|CGH|CLH|CLGH)RL$/;
const repeated = /^(CUSE|SRSTU?|CLST|MVST|CKSM|TRE|MVCLE?|MVCLU|CLCLE?|CLCLU|TR[OT][OT]|TRTR?E|CU\d\d)$/;
/** True when one of the register numbers is odd. */
const isOdd = (...numbers: readonly (number | undefined)[]): boolean => numbers.some((n) => ((n ?? 0) & 1) !== 0);
/** True for an odd length in the register behind R. */
const lengthIsOdd = ({ gr }: Disagreement['of'], r: number | undefined): boolean =>
  ((gr[(r ?? 0) | 1] ?? 0n) & 1n) !== 0n;
/** True outside the 64-bit mode for a length, which has 32 bits there, that is wider than an address. */
function lengthIsWide(d: Disagreement): boolean {
  const { gr, operands, pswMask } = d.of;
  const over = (pswMask & 0x8000_0000n) !== 0n ? 0x8000_0000n : 0xff00_0000n;
  const lengths = [operands.r1, operands.r2, operands.r3].filter((n) => n !== undefined).map((n) => gr[n | 1] ?? 0n);
  return !mode64(d) && lengths.some((length) => (length & over) !== 0n);
}
/** True when of all registers only R differs, and there has zeros on the left of what it has here. */
const leftWordIsCleared = ({ there, here }: Disagreement, r: number | undefined): boolean =>
  there.gr.every((v, i) => v === (i === r ? BigInt.asUintN(32, here.gr[i] ?? 0n) : here.gr[i]));
/** A trap behind a completed operation, for both: overflow, underflow or inexactness. */
const trapsWithResult = ({ there, here }: Disagreement): boolean =>
  here.pgm === 0x07 && there.pgm === 0x07 && (here.dxc & 0x3c) !== 0 && (here.dxc & 0xc0) === 0;
/** True when general registers differ in these alone. */
function onlyRegisters({ there, here }: Disagreement, numbers: readonly (number | undefined)[]): boolean {
  return there.gr.every((v, i) => v === here.gr[i] || numbers.includes(i));
}

/** The table for QEMU 7.2. */
export const knownDifferences: readonly KnownDifference[] = [
  {
    rows: /^EX(RL)?$/,
    when: (d) => bothAccess(d) && d.there.pgm === d.here.pgm && d.there.ilc === 2,
    parts: ['ilc'],
    why: 'QEMU forgets that the text that cannot be fetched is the target of EXECUTE, whose length counts',
    heading: 'Instruction-Length Code',
  },
  {
    rows: any,
    when: ({ there, here }) => here.pgm === 0x08 && there.pgm === 0,
    parts: fault,
    why: 'QEMU has no fixed-point-overflow interruptions',
    heading: 'Fixed-Point-Overflow Exception',
  },
  {
    rows: any,
    when: ({ here }) => here.pgm === 0x12 || here.pgm === 0x05,
    parts: ['teid'],
    why: 'QEMU stores an identification for exceptions that have none',
    heading: 'Translation-Exception Identification',
  },
  {
    rows: any,
    when: ({ there, here }) =>
      there.pgm === here.pgm && page(there.teid ^ here.teid) === 0n && ((there.teid ^ here.teid) & ~0xc00n) === 0n,
    parts: ['teid'],
    why: 'whether a fetch or a store was refused is open for operands that are fetched and stored',
    heading: 'Access-Exception-Fetch/Store-Indication Facility',
  },
  {
    rows: any,
    when: (d) => bothAccess(d) && (page(d.there.teid) !== page(d.here.teid) || d.there.pgm !== d.here.pgm),
    parts: [...fault, 'gr', 'cc', 'storage'],
    why: 'which of several access exceptions of an instruction is recognized is open',
    heading: 'Multiple Program-Interruption Conditions',
  },
  {
    rows: any,
    when: ({ here }) => here.pgm === 0x06 && ((here.address - BigInt(here.ilc)) & 1n) === 1n,
    parts: everything,
    why: 'QEMU does not look at bit 63 of an instruction address: it translates an odd one and executes what is there',
    heading: 'Specification Exception',
  },
  {
    rows: any,
    when: ({ there }) => isAccess(there) && [0x100_0000n, 0x8000_0000n].includes(page(there.teid)),
    parts: everything,
    why: 'QEMU does not wrap an operand at the end of a 24-bit or 31-bit address space',
    heading: 'Address Wraparound',
  },
  {
    rows: repeated,
    when: ({ there, here }) => isAccess(here) && there.pgm === here.pgm,
    parts: ['gr', 'cc', 'storage', 'teid'],
    why: 'how far an interruptible instruction came before an access exception is open',
    heading: 'Interruptible Instructions',
  },
  {
    rows: repeated,
    when: ({ there, here }) => isAccess(there) !== isAccess(here),
    parts: everything,
    why: 'access exceptions may be recognized up to 4K bytes beyond what is processed',
    heading: 'MOVE LONG EXTENDED, TRANSLATE EXTENDED and others',
  },
  {
    rows: repeated,
    when: (d) => !mode64(d) && addressBitsAlone(d),
    parts: ['gr'],
    why: 'whether the bits left of an updated 24-bit or 31-bit address become zeros is open',
    heading: 'MOVE LONG EXTENDED, MOVE STRING and others',
  },
  {
    rows: /^(STMG?|STMY|STMH|STAMY?|STCTG|STCTL|STCM[HY]?|UNPK|PACK|MVO|UNPK[AU]|PK[AU]|TR|ICM[HY]?|LAMY?|CSST)$/,
    when: ({ there, here }) => isAccess(here) && there.pgm === here.pgm,
    parts: ['storage', 'gr', 'ar'],
    why: 'QEMU has stored or loaded a part when it meets a page that it may not access',
    heading: 'Nullification of Operations',
  },
  {
    rows: relative,
    when: ({ of }) => (of.pswMask & (3n << 46n)) === 2n << 46n,
    parts: everything,
    why: 'QEMU looks for relative-long operands in the secondary space, not in that of the instructions',
    heading: 'Relative-Long Instructions: Storage Operands',
  },
  {
    rows: relative,
    when: ({ here }) => here.pgm === 0x06,
    parts: everything,
    why: 'QEMU does not look at the alignment of relative-long operands',
    heading: 'Relative-Long Instructions: Specification Exception',
  },
  {
    rows: /^CDSG$/,
    when: ({ of, here }) => here.pgm === 0x06 && isOdd(of.operands.r1, of.operands.r3),
    parts: everything,
    why: 'QEMU takes an odd R1 or R3 for the even one below it',
    heading: 'COMPARE DOUBLE AND SWAP',
  },
  {
    rows: /^LURAG?$/,
    when: ({ here }) => here.pgm === 0x06,
    parts: everything,
    why: 'QEMU does not look at the alignment of the real address',
    heading: 'LOAD USING REAL ADDRESS',
  },
  {
    rows: /^TR[OT][OT]$/,
    when: ({ of, here }) => here.pgm === 0x06 && isOdd(of.operands.r1),
    parts: everything,
    why: 'QEMU takes an odd R1 for the even one below it',
    heading: 'TRANSLATE ONE TO ONE',
  },
  {
    rows: /^TRT[OT]$/,
    when: ({ of, here }) => here.pgm === 0x06 && lengthIsOdd(of, of.operands.r1),
    parts: everything,
    why: 'QEMU does not look whether two-byte characters fill the first operand',
    heading: 'TRANSLATE TWO TO ONE',
  },
  {
    rows: /^(MVCLU|CLCLU)$/,
    when: ({ of, here }) => here.pgm === 0x06 && (lengthIsOdd(of, of.operands.r1) || lengthIsOdd(of, of.operands.r3)),
    parts: everything,
    why: 'QEMU does not look whether two-byte characters fill the operands',
    heading: 'MOVE LONG UNICODE',
  },
  {
    rows: /^CLST$/,
    when: ({ of, here }) => here.pgm === 0x06 && ((of.gr[0] ?? 0n) & 0xffff_ff00n) !== 0n,
    parts: everything,
    why: 'QEMU does not look at bits 32-55 of general register 0, which must be zeros',
    heading: 'COMPARE LOGICAL STRING',
  },
  {
    rows: /^L[DE]XBRA$/,
    when: ({ of, here }) => here.pgm === 0x06 && ((of.operands.r1 ?? 0) & 2) !== 0,
    parts: everything,
    why: 'QEMU does not ask for a register pair in R1, which takes the extended result of a trapped overflow or underflow',
    heading: 'LOAD ROUNDED',
  },
  {
    rows: /^LPDG?$/,
    when: ({ there, here }) => here.pgm === 0x06 && isAccess(there),
    parts: everything,
    why: 'QEMU fetches the first operand before it looks at the alignment of the second',
    heading: 'LOAD PAIR DISJOINT',
  },
  {
    rows: /^(LAY?|LAEY?|LARL)$/,
    when: (d) => !mode64(d),
    parts: ['gr'],
    why: 'QEMU clears bits 0-31 in the 24-bit and 31-bit addressing modes',
    heading: 'LOAD ADDRESS',
  },
  {
    rows: /^STMH$/,
    when: ({ there, here }) => there.pgm === 0 && here.pgm === 0,
    parts: ['storage'],
    why: 'QEMU stores zeros',
    heading: 'STORE MULTIPLE HIGH',
  },
  {
    rows: /^(LOC|LOCG|LOCFH|STOC|STOCG|STOCFH|BIC)$/,
    when: ({ there, here }) => isAccess(there) !== isAccess(here),
    parts: everything,
    why: 'whether an operand that the condition leaves out is accessed is open',
    heading: 'LOAD ON CONDITION',
  },
  {
    rows: /^CKSM$/,
    when: (d) => !mode64(d) && leftWordIsCleared(d, d.of.operands.r2),
    parts: ['gr'],
    why: 'QEMU clears the left word of the address register, which stays outside the 64-bit mode',
    heading: 'CHECKSUM',
  },
  {
    rows: /^(MVCLE|CLCLE|MVCLU|CLCLU|CU\d\d|TR[OT][OT]|TRE|CKSM)$/,
    when: lengthIsWide,
    parts: ['gr', 'cc', 'storage', ...fault],
    why: 'QEMU takes lengths to be 31 bits wide in the 31-bit addressing mode and 24 in the 24-bit one',
    heading: 'MOVE LONG EXTENDED',
  },
  {
    rows: /^TR[OT][OT]$/,
    when: ({ of }) => of.gr[(of.operands.r1 ?? 0) | 1] === 0n,
    parts: everything,
    why: 'QEMU translates one character when the length is zero',
    heading: 'TRANSLATE ONE TO ONE',
  },
  {
    rows: /^(UNPKA|UNPKU|MVCOS|MVST|MVCP|MVCS)$/,
    when: overlapping,
    parts: everything,
    why: 'the result is open when the operands overlap',
    heading: 'Storage-Operand Consistency: Overlapping Operands',
  },
  {
    rows: /^MVCLE$/,
    when: ({ of: { operands, gr } }) => near((gr[operands.r1 ?? 0] ?? 0n) - (gr[operands.r3 ?? 0] ?? 0n), false),
    parts: ['storage'],
    why: 'the result is open when the operands overlap destructively',
    heading: 'MOVE LONG EXTENDED',
  },
  {
    rows: /^CLC$/,
    when: ({ there, here }) => isAccess(there) && here.pgm === 0 && (ccOf(here) === 1 || ccOf(here) === 2),
    parts: everything,
    why: 'whether bytes behind the first unequal ones are accessed is open',
    heading: 'COMPARE LOGICAL',
  },
  {
    rows: /^(PK[AU]|UNPK)$/,
    when: ({ there, here }) => there.pgm === 0 && here.pgm === 0,
    parts: ['storage'],
    why: 'QEMU leaves out the leftmost byte of the second operand',
    heading: 'PACK ASCII, UNPACK',
  },
  {
    rows: /^(SRSTU?|CLST|MVST)$/,
    when: (d) => ccOf(d.there) === ccOf(d.here) && onlyRegisters(d, [d.of.operands.r1, d.of.operands.r2]),
    parts: ['gr'],
    why: 'how far the operands came before condition code 3 is open, and what is found afterwards leaves them there',
    heading: 'SEARCH STRING',
  },
  {
    rows: /^CU1[24]$/,
    when: ({ of }) => ((of.operands.m3 ?? 0) & 1) !== 0,
    parts: everything,
    why: 'QEMU takes U+0800 for ill-formed when it has to check',
    heading: 'CONVERT UTF-8 TO UTF-16',
  },
  {
    rows: /^CU12$/,
    when: ({ of: { operands }, there, here }) =>
      ((operands.m3 ?? 0) & 1) === 0 && (here.gr[operands.r1 ?? 0] ?? 0n) > (there.gr[operands.r1 ?? 0] ?? 0n),
    parts: everything,
    why: 'QEMU makes one unit of four unchecked bytes that stand for less than U+10000, where the machine makes two',
    heading: 'CONVERT UTF-8 TO UTF-16',
  },
  {
    rows: /^VSLDB$/,
    when: ({ of, there }) => (of.operands.i4 ?? 0) > 15 && there.pgm === 0x06,
    parts: everything,
    why: 'QEMU refuses a number of bytes above 15, of which the machine ignores the left bits',
    heading: 'VECTOR SHIFT LEFT DOUBLE BY BYTE',
  },
  {
    rows: /^(MVC|CLC|NC|OC|XC|TR|TRTR?)$/,
    when: ({ of, there, here }) =>
      /^EX/.test(of.mnemonic) && isAccess(here) && there.pgm === here.pgm && there.ilc === 2,
    parts: ['ilc', 'address'],
    why: 'QEMU tells a length of 2 when a target that its EXECUTE carries out at once meets an access exception',
    heading: 'Instruction-Length Code',
  },
  {
    rows: /^CKSM$/,
    when: ({ of }) => (of.operands.r1 ?? 0) >> 1 === (of.operands.r2 ?? 0) >> 1,
    parts: everything,
    why: 'the result is open when the checksum is kept in a register of the operand',
    heading: 'CHECKSUM',
  },
  {
    rows: /^SPKA$/,
    when: ({ there, of }) => there.pgm === 0x02 && (of.pswMask & (1n << 48n)) !== 0n,
    parts: everything,
    why: 'QEMU takes it for a privileged instruction: the problem state has no use of the PSW-key mask',
    heading: 'SET PSW KEY FROM ADDRESS',
  },
  {
    rows: /^(MVCP|MVCS|MVCOS)$/,
    when: ({ there, of }) => there.pgm === 0x02 && (of.pswMask & (1n << 48n)) !== 0n,
    parts: everything,
    why: 'QEMU looks for the bit of a key eight places too far to the right in the PSW-key mask, and does so first of all',
    heading: 'Control Register 3: PSW-Key Mask',
  },
  {
    rows: /^(MVCP|MVCS|MVCOS|MVPG)$/,
    when: ({ here }) => here.pgm === 0x04 && (here.teid & 8n) !== 0n,
    parts: everything,
    why: 'QEMU has no key-controlled protection',
    heading: 'Key-Controlled Protection',
  },
  {
    rows: /^MVPG$/,
    when: ({ there, here }) => isAccess(here) && there.pgm === 0 && ccOf(there) !== 0,
    parts: everything,
    why: 'QEMU tells by the condition code of all translation exceptions, not of invalid pages alone',
    heading: 'MOVE PAGE',
  },
  {
    rows: /^MVPG$/,
    when: ({ here }) => here.pgm === 0x02,
    parts: everything,
    why: 'QEMU does not look at the PSW-key mask',
    heading: 'MOVE PAGE',
  },
  {
    rows: /^(CLM[HY]?|UNPK[AU]?|PACK|PK[AU])$/,
    when: ({ there, here }) => isAccess(here) && there.pgm === 0,
    parts: everything,
    why: 'QEMU does not access the bytes of the second operand that do not matter',
    heading: 'Access Exceptions',
  },
  {
    rows: /^CSST$/,
    when: ({ of }) => ((of.gr[0] ?? 0n) & 0xffn) === 0n,
    parts: ['gr'],
    why: 'QEMU puts a word of the first operand into bits 0-31 of R3',
    heading: 'COMPARE AND SWAP AND STORE',
  },
  {
    rows: /^SACF?$/,
    when: ({ there, here }) => there.pgm === 0x06 && (here.pswMask & (3n << 46n)) === 1n << 46n,
    parts: everything,
    why: 'QEMU has no access-register mode',
    heading: 'SET ADDRESS SPACE CONTROL FAST',
  },
  {
    rows: /^LAEY?$/,
    when: ({ of }) => (of.pswMask & (3n << 46n)) !== 0n,
    parts: ['ar'],
    why: 'QEMU sets the access register to zero outside the primary-space mode, too',
    heading: 'LOAD ADDRESS EXTENDED',
  },
  {
    rows: /^B/,
    when: ({ there, here }) => isAccess(here) && BigInt.asUintN(31, there.address ^ here.address) === 0n,
    parts: ['address'],
    why: 'QEMU leaves the target of the branch wider than the addressing mode',
    heading: 'Address Generation: Branch Address',
  },
  {
    rows: /^SACF$/,
    when: ({ here }) => here.pgm === 0x13,
    parts: everything,
    why: 'QEMU asks neither for DAT nor for the secondary-space control',
    heading: 'SET ADDRESS SPACE CONTROL FAST',
  },
  {
    rows: /^MVCOS$/,
    when: ({ there }) => there.pgm === 0x05,
    parts: everything,
    why: 'QEMU has no access-register translation',
    heading: 'Access-Register Translation',
  },
  {
    rows: /^LRA[YG]?$/,
    when: ({ there, here }) => there.pgm === 0 && (here.pgm === 0 || here.pgm === 0x12),
    parts: everything,
    why: 'QEMU gives condition code 3 for every exception, where 1 and 2 tell of segment- and page-table entries',
    heading: 'LOAD REAL ADDRESS',
  },
  {
    rows: /^LURAG?$/,
    when: ({ of }) => BigInt.asUintN(24, of.gr[of.operands.r2 ?? 0] ?? 0n) < 0x200n,
    parts: ['gr'],
    why: 'the prefix area holds what earlier cases left, old PSWs for one, which need not agree',
    heading: 'LOAD USING REAL ADDRESS',
  },
  {
    rows: /^TPROT$/,
    when: ({ here }) => here.pgm === 0x02,
    parts: everything,
    why: 'QEMU lets the problem state do it',
    heading: 'TEST PROTECTION',
  },
  {
    rows: any,
    when: (d) => trapsWithResult(d),
    parts: ['fpr', 'gr', 'cc'],
    why: 'QEMU does not deliver the result of an operation that traps when it has been completed',
    heading: 'IEEE Exceptions: Overflow, Underflow, Inexact',
  },
  {
    rows: any,
    when: (d) => trapsWithResult(d) && (d.there.dxc | 0x04) === d.here.dxc,
    parts: ['dxc', 'fpc'],
    why: 'QEMU does not tell by bit 5 of the data-exception code that a result was incremented',
    heading: 'Data-Exception Code (DXC)',
  },
  {
    rows: any,
    when: (d) => trapsWithResult(d) && (d.here.dxc & 0x30) !== 0 && d.there.dxc === (d.here.dxc | 0x08),
    parts: ['dxc', 'fpc'],
    why: 'QEMU tells that the scaled result of a trapped overflow or underflow is inexact when it is exact',
    heading: 'Data-Exception Code (DXC)',
  },
  {
    rows: /^M[DX](E|D)BR?$/,
    when: () => true,
    parts: everything,
    why: 'QEMU takes the first operand in the format of the result',
    heading: 'MULTIPLY (short to long, long to extended)',
  },
  {
    rows: /^(LXR|LDER?)$/,
    when: ({ here }) => here.pgm === 0x07 && here.dxc === 1,
    parts: everything,
    why: 'QEMU does not look at the AFP-register control',
    heading: 'Data Exception',
  },
  {
    rows: /^LT[EDX]BR$/,
    when: () => true,
    parts: [...fault, 'fpr', 'fpc', 'cc'],
    why: 'QEMU leaves a signaling NaN as it is',
    heading: 'LOAD AND TEST',
  },
  {
    rows: /^CL?[FG][EDX]BRA?$/,
    when: ({ there, here }) => here.dxc === 0x80 && there.dxc === 0x88,
    parts: ['dxc', 'fpc'],
    why: 'QEMU tells of inexactness in the data-exception code of an invalid operation, which is suppressed',
    heading: 'Data-Exception Code (DXC)',
  },
  {
    rows: /^CL?[FG][EDX]BRA?$/,
    when: ({ there, here }) =>
      here.pgm === 0 && there.pgm === 0 && ccOf(here) === 3 && ((there.fpc ^ here.fpc) & ~0x8_0000) === 0,
    parts: ['fpc'],
    why: 'QEMU does not set the inexact flag beside the invalid one; the action table does, and Hercules',
    heading: 'CONVERT TO FIXED: Action',
  },
  {
    rows: /^CL?[FG][EDX]BRA?$/,
    when: ({ there, here }) => here.pgm === 0x07 && here.dxc === 0x08 && there.pgm === 0 && ccOf(there) === 3,
    parts: everything,
    why: 'so QEMU makes no inexact trap where the invalid operation does not trap',
    heading: 'CONVERT TO FIXED: Action',
  },
  {
    rows: any,
    when: ({ there, here }) => here.pgm === 0x07 && (here.dxc & 0xf0) === 0x10 && there.pgm === 0,
    parts: everything,
    why: 'QEMU takes no underflow trap when the tiny result is exact',
    heading: 'IEEE Underflow',
  },
  {
    rows: /^M[AS][ED]BR?$/,
    when: ({ here }) => here.pgm === 0,
    parts: ['fpr'],
    why: 'of two NaNs in the product QEMU takes the second operand, not the multiplicand, which is the third',
    heading: 'MULTIPLY AND ADD',
  },
  {
    rows: /^M[AS][ED]BR?$/,
    when: ({ there, here }) => (here.dxc === 0x80 || (here.fpc & 0x80_0000) !== 0) && there.pgm === 0,
    parts: [...fault, 'fpr', 'fpc'],
    why: 'QEMU does not take infinity times zero for an invalid operation when a quiet NaN is added',
    heading: 'MULTIPLY AND ADD',
  },
  {
    rows: /^VCKSM$/,
    when: ({ here }) => here.pgm === 0,
    parts: ['fpr', 'vr'],
    why: 'QEMU 7.2 doubles the sum with each addition: it overwrites the addend before it adds the carry',
    heading: 'VECTOR CHECKSUM',
  },
  {
    rows: /^VFN?M[AS]$/,
    when: ({ here }) => here.pgm === 0 || here.pgm === 0x1b,
    parts: [...fault, 'fpr', 'vr', 'fpc'],
    why: 'QEMU takes the first operand that is a NaN, a signaling one not before a quiet one',
    heading: 'VECTOR FP MULTIPLY AND ADD',
  },
  {
    rows: /^(VCDG|VCDLG|VCGD|VCLGD|VFI|VFLR)$/,
    when: ({ of, there, here }) => (of.operands.m4 ?? 0) >= 4 && ((there.fpc ^ here.fpc) & ~0x8_0000) === 0,
    parts: ['fpc'],
    why: 'QEMU 7.2 sets the inexact flag though bit 1 of M4 suppresses it',
    heading: 'VECTOR FP LOAD ROUNDED',
  },
  {
    rows: /^(VCGD|VCLGD)$/,
    when: ({ there, here }) => ((there.fpc ^ here.fpc) & ~0x8_0000) === 0 && (here.fpc & 0x80_0000) !== 0,
    parts: ['fpc'],
    why: 'QEMU tells no inexactness with an integer out of range',
    heading: 'VECTOR FP CONVERT TO FIXED',
  },
  {
    rows: /^VFLR$/,
    when: ({ of }) => of.operands.m3 === 4,
    parts: ['fpr', 'vr'],
    why: 'what is beside a long result of an extended operand is unpredictable; QEMU keeps what the register held',
    heading: 'VECTOR FP LOAD ROUNDED',
  },
];

/** Facilities of the z17, which no machine at hand has. */
export const ofTheZ17: ReadonlySet<Facility> = new Set<Facility>([
  'miscellaneous-extensions-4',
  'vector-enhancements-3',
]);

/** Rows that QEMU does not have and that are operation exceptions there, by the reason. */
export const missingThere: ReadonlySet<string> = new Set([
  ...(
    'BASSM BSM CVB CVBY CVBG CVDG CPYA LMD PLO CUSE TRTE TRTRE MVCK MVCSK MVCDK AP SP ZAP CP MP DP SRP ED EDMK IPK SAC IAC ' +
    'EPAR ESAR EPAIR ESAIR SSAR SSAIR TAR TRACE TRACG CRDTE PALB RRBM IRBM PFMF SIE PTF DIEBR DIDBR ESEA STRAG IVSK ' +
    'VLRL VSTRL VLRLR VSTRLR VAP VSP VMP VMSP VDP VRP VSDP VSRP VSRPR VCP VTP VCLZDP VPSOP VCVB VCVBG VCVD VCVDG VPKZ VUPKZ ' +
    'VLIP VPKZR VUPKZH VUPKZL VSCHP VSCSHP VCSPH PFPO ' +
    'BAKR PR EREG EREGG ESTA MSTA CFC UPT CMPSC LPSWEY LBEAR STBEAR'
  ).split(' '),
  // Instructions of the z17.
  ...instructionTable.filter(({ facility }) => ofTheZ17.has(facility)).map(({ mnemonic }) => mnemonic),
  // Decimal and hexadecimal floating point, but for one instruction that looks at no value.
  ...instructionTable
    .filter(
      ({ title, mnemonic, implemented }) =>
        implemented && /[DH]FP( to [^)]*)?\)|TO HFP|HFP TO/.test(title) && !/^LDER?$/.test(mnemonic),
    )
    .map(({ mnemonic }) => mnemonic),
]);
