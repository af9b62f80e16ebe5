/** Operands and states for floating-point instructions, of the kinds at which they differ. */

import { widened } from '../../../src/arch/ppc64/isa/float/execute.ts';
import { FPSCR } from '../../../src/arch/ppc64/isa/float/fpscr.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import type { Chance } from '../chance.ts';
import { isDecimal } from './decimals.ts';

/** MSR[FE0] and MSR[FE1]: enabled exceptions interrupt. */
export const ENABLED_MODES = 0x0900n;
const SINGLE = /^(f.*s\.?|frsp\.?|xs.*sp)$/;
const WORDS = /^(xv.*(sp|sp\.|spu?x[dw]s)|v.*fp\.?|xvcvsp.*|xscvsp.*|vct.*|vrfi.)$/;

const { fr, fi, fprf, fx, ox, ux, xx, vx, zx, ve, oe, ue, ze, xe } = FPSCR;
/** Leftmost bit of FPRF. */
const CLASS = 0x1_0000;

/** Bits of FPSCR that are not compared, of some rows, and why that is so. */
const notCompared: readonly { readonly rows: RegExp; readonly bits: number; readonly why: string }[] = [
  { rows: /./, bits: fr, why: 'QEMU never sets FR' },
  { rows: SINGLE, bits: CLASS, why: 'a subnormal short result is a normal long number to QEMU' },
  { rows: /^(fcmp|xscmp)/, bits: CLASS, why: 'a comparison sets the rest of FPRF alone' },
  {
    rows: /^(fres?|frsqrtes?|xsre|xvre|x[sv]rsqrte)/,
    bits: fi | xx | fx,
    why: 'an estimate tells nothing of inexactness',
  },
  { rows: /^x[sv]m(ax|in)/, bits: fx | ox | ux | zx | xx, why: 'QEMU tells once more what it told last' },
  { rows: /^x[sv]r(sqrt)?e/, bits: fx | zx, why: 'the reciprocal of a zero sets ZX; QEMU does not say so' },
  { rows: /^fcti|^xscvdp[su]x/, bits: fprf, why: 'FPRF is not defined; QEMU takes an integer for a number' },
  { rows: /^fcfid/, bits: fprf, why: 'FPRF tells the class of the result; QEMU leaves it alone' },
  {
    rows: /^(fcmp|xscmp|xv|x[sv]m(ax|in))/,
    bits: fi,
    why: 'a comparison leaves FI alone, as vectors do; QEMU clears it',
  },
];

/** Bits of FPSCR that are compared. */
export function comparedStatus({ mnemonic }: Row, fpscr: bigint): bigint {
  const of = notCompared.filter(({ rows }) => rows.test(mnemonic));
  const bits = of.reduce((all, entry) => all | entry.bits, 0);
  // An invalid operation that is suppressed leaves neither FR nor FI; QEMU leaves FI as it was.
  const low = Number(fpscr & 0xffff_ffffn);
  const suppressed = ((low & vx) !== 0 && (low & ve) !== 0) || ((low & zx) !== 0 && (low & ze) !== 0);
  // Of vectors QEMU tells of overflow or of underflow, not of both.
  const both = mnemonic.startsWith('xv') && (low & ox) !== 0 ? ux : 0;
  return BigInt(~(bits | both | (suppressed ? fi : 0)) >>> 0);
}

function single(chance: Chance): bigint {
  const sign = BigInt(chance.below(2)) << 31n;
  const fraction = chance.percent(30) ? BigInt(chance.below(8)) << 20n : BigInt(chance.word() & 0x7f_ffff);
  const exponent = chance.percent(60)
    ? 120 + chance.below(40)
    : chance.pick([0, 0, 0, 1, 2, 23, 24, 100, 126, 127, 128, 150, 157, 158, 190, 252, 253, 254, 255, 255]);
  const special = exponent === 0 || exponent === 255;
  return sign | (BigInt(exponent) << 23n) | (special && chance.percent(40) ? 0n : fraction);
}

function double(chance: Chance): bigint {
  if (chance.percent(30)) return widened(single(chance));
  const sign = BigInt(chance.below(2)) << 63n;
  const fraction = chance.percent(25) ? BigInt(chance.below(16)) << 48n : chance.big(52);
  const exponent = chance.percent(60)
    ? 1000 + chance.below(90)
    : chance.pick([0, 0, 0, 1, 2, 52, 53, 970, 1022, 1023, 1024, 1075, 1085, 1086, 1500, 2044, 2045, 2046, 2047, 2047]);
  const special = exponent === 0 || exponent === 2047;
  return sign | (BigInt(exponent) << 52n) | (special && chance.percent(40) ? 0n : fraction);
}

/** What QEMU met in an element counts for the NaNs behind it. */
const NO_NANS = /^xvcv.p[su]x/;

function hasNan(mnemonic: string, half: bigint): boolean {
  const words = [half >> 32n, half & 0xffff_ffffn].map((word) => word & 0x7fff_ffffn);
  if (WORDS.test(mnemonic)) return words.some((word) => word > 0x7f80_0000n);
  return (half & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n;
}

/** A doubleword of operands of an instruction. */
export function numberFor(mnemonic: string, chance: Chance): bigint {
  for (;;) {
    const half = anyNumberFor(mnemonic, chance);
    if (!NO_NANS.test(mnemonic) || !hasNan(mnemonic, half)) return half;
  }
}

function anyNumberFor(mnemonic: string, chance: Chance): bigint {
  if (chance.percent(10)) return chance.big(64);
  if (WORDS.test(mnemonic)) return (single(chance) << 32n) | single(chance);
  if (SINGLE.test(mnemonic) && !/^fcf/.test(mnemonic)) return widened(single(chance));
  return double(chance);
}

/**
 * Rows whose exceptions do not interrupt in any case: QEMU sets the elements of a vector that an enabled exception leaves alone, or
 * tells of one that there was before.
 */
export const neverInterrupts = /^(xv|xsm(ax|in))/;

/** Exceptions that are not enabled: QEMU takes an estimate for a quotient, and scales a short result that is still too small. */
function unasked(mnemonic: string): number {
  if (/^(frsp|xsrsp|xscvdpsp)/.test(mnemonic)) return oe | ue;
  return /^x[sv]r(sqrt)?e/.test(mnemonic) ? xe | ze : /^(fcfid|fres?|frsqrtes?)/.test(mnemonic) ? xe : 0;
}

/**
 * FPSCR before an instruction: any rounding; some exceptions that were met already, or some that are enabled. Those are enabled only
 * when they interrupt: what they do otherwise, QEMU does not do.
 */
export function statusOf(row: Row, chance: Chance, interrupts: boolean): bigint {
  const { mnemonic } = row;
  // QEMU leaves FR and FI of decimal operations as they were; the rounding of those stands apart.
  if (isDecimal(row)) return (BigInt(chance.below(8)) << 32n) | (statusFor(mnemonic, chance, false) & ~BigInt(fr | fi));
  return statusFor(mnemonic, chance, interrupts);
}

function statusFor(mnemonic: string, chance: Chance, interrupts: boolean): bigint {
  const rounding = BigInt(chance.below(4));
  const flags = BigInt(chance.word() & 0x0007_f000);
  if (interrupts && chance.percent(70)) return rounding | flags | BigInt(chance.word() & 0xf8 & ~unasked(mnemonic));
  if (chance.percent(50)) return rounding | flags;
  // FX, since something was met.
  return rounding | flags | 0x9200_0000n | BigInt(chance.word() & 0x0c00_0000);
}
