/** The floating-point status and control register (Power ISA, Book I, "Floating-Point Status and Control Register"). */

import { type Rounding, rounding } from '../../../../soft-float/environment.ts';
import { type BfpFormat, decode } from '../../../../soft-float/format.ts';
import { PROGRAM, VECTOR } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';

/** Bits 32-63, as a number of 32 bits. */
export const FPSCR = {
  fx: 0x8000_0000,
  fex: 0x4000_0000,
  vx: 0x2000_0000,
  ox: 0x1000_0000,
  ux: 0x0800_0000,
  zx: 0x0400_0000,
  xx: 0x0200_0000,
  vxsnan: 0x0100_0000,
  vxisi: 0x0080_0000,
  vxidi: 0x0040_0000,
  vxzdz: 0x0020_0000,
  vximz: 0x0010_0000,
  vxvc: 0x0008_0000,
  fr: 0x0004_0000,
  fi: 0x0002_0000,
  fprf: 0x0001_f000,
  /** The part of FPRF that comparisons set. */
  fpcc: 0x0000_f000,
  vxsoft: 0x400,
  vxsqrt: 0x200,
  vxcvi: 0x100,
  ve: 0x80,
  oe: 0x40,
  ue: 0x20,
  ze: 0x10,
  xe: 0x08,
  ni: 0x04,
} as const;

/** The causes of an invalid operation, whose sum is VX. */
export const VX_ALL = 0x01f8_0700;
/** Bits that say that an exception was met: setting one of them sets FX. */
export const EXCEPTIONS = VX_ALL | 0x1e00_0000;
/** Bits that instructions can set as they like: not FEX and VX, which are sums, and not what does not exist. */
export const SETTABLE = 0x9fff_f7ff;
/** Of bits 0-31, the rounding mode of decimal numbers. */
export const DRN = 0x7_0000_0000n;

/** The value with its sums, FEX and VX, as the other bits make them. */
export function summed(value: number): number {
  const vx = (value & VX_ALL) === 0 ? 0 : FPSCR.vx;
  const met = ((value >>> 22) & 0x78) | (vx === 0 ? 0 : FPSCR.ve);
  const fex = (met & value & 0xf8) === 0 ? 0 : FPSCR.fex;
  return ((value & ~(FPSCR.vx | FPSCR.fex)) | vx | fex) >>> 0;
}

/** Which exceptions among `raised` are enabled, as bits of their enabling masks. */
export function enabledOf(raised: number, control: number): number {
  return ((((raised & VX_ALL) === 0 ? 0 : FPSCR.ve) | ((raised >>> 22) & 0x78)) & control & 0xf8) >>> 0;
}

const modes: readonly Rounding[] = [rounding.nearestEven, rounding.towardZero, rounding.up, rounding.down];

/** RN as a rounding method. */
export function roundingOf(fpscr: number): Rounding {
  return modes[fpscr & 3] ?? rounding.nearestEven;
}

const classes = { zero: 0x02, finite: 0x04, subnormal: 0x14, infinity: 0x05 } as const;

/** FPRF of a result: its class and sign, in place. */
export function resultFlags(f: BfpFormat, bits: bigint): number {
  const { kind, negative, significand } = decode(f, bits);
  if (kind === 'qnan' || kind === 'snan') return 0x11 << 12;
  const name = kind === 'finite' && significand >> BigInt(f.precision - 1) === 0n ? 'subnormal' : kind;
  const positive = classes[name];
  if (!negative) return positive << 12;
  return (kind === 'zero' ? 0x12 : (positive & 0x11) | 0x08) << 12;
}

/** The register of a vCPU, its lower half. */
export function fpscrOf(vcpu: Vcpu): number {
  return vcpu.num(slots.fpscr);
}

/** Sets the lower half: bits that were met for the first time set FX, and the sums follow. */
export function recordExceptions(vcpu: Vcpu, value: number, raised: number): void {
  const fx = (raised & ~value & EXCEPTIONS) === 0 ? 0 : FPSCR.fx;
  vcpu.setNum(slots.fpscr, summed(value | raised | fx));
}

/** CR field 1 becomes FX, FEX, VX and OX. */
export function recordInCr1(vcpu: Vcpu): void {
  vcpu.setCrField(1, fpscrOf(vcpu) >>> 28);
}

/** An enabled exception that had been met interrupts in front of an address, once MSR[FE0, FE1] let it. */
export function interruptIfMet(vcpu: Vcpu, next: bigint): void {
  if ((vcpu.msrLow & (MSR.fe0 | MSR.fe1)) === 0 || (fpscrOf(vcpu) & FPSCR.fex) === 0) return;
  vcpu.interrupt(VECTOR.program, next, PROGRAM.earlierFloatingPoint);
}

/** Raises a program interruption when an enabled exception is there and MSR[FE0, FE1] let it in: always a precise one. */
export function interruptIfEnabled(vcpu: Vcpu): void {
  if ((fpscrOf(vcpu) & FPSCR.fex) === 0 || (vcpu.msrLow & (MSR.fe0 | MSR.fe1)) === 0) return;
  vcpu.raise(VECTOR.program, PROGRAM.floatingPoint);
}
