/** The machine state register (Power ISA, Book III-S, "Machine State Register"): bits by name, and in words. */

/** Bits 0-31, as a number of 32 bits. */
export const MSR_HIGH = { sf: 0x8000_0000, hv: 0x1000_0000 } as const;

/** Bits 32-63, as a number of 32 bits. */
export const MSR = {
  vec: 0x0200_0000,
  vsx: 0x0080_0000,
  ee: 0x8000,
  pr: 0x4000,
  fp: 0x2000,
  me: 0x1000,
  fe0: 0x0800,
  se: 0x0400,
  be: 0x0200,
  fe1: 0x0100,
  ir: 0x20,
  dr: 0x10,
  pmm: 4,
  ri: 2,
  le: 1,
} as const;

/** Bits that a POWER7 has. */
const MSR_EXISTS = 0x9000_0000_0280_ff37n;
/** Bits that a guest below a hypervisor can change: not HV. */
export const MSR_GUEST = MSR_EXISTS & ~0x1000_0000_0000_0000n;
/** The same by words. */
export const GUEST_HIGH = Number(MSR_GUEST >> 32n);
export const GUEST_LOW = Number(MSR_GUEST & 0xffff_ffffn);
/** Bits that an interruption keeps in SRR1; the others say what happened. */
export const MSR_IN_SRR1 = ~0x783f_0000n & 0xffff_ffff_ffff_ffffn;
/** Those of the lower word. */
export const SRR1_LOW = Number(MSR_IN_SRR1 & 0xffff_ffffn);

const shown = Object.entries({ sf: 1n << 63n, hv: 1n << 60n }).concat(
  Object.entries(MSR).map(([name, bit]): [string, bigint] => [name, BigInt(bit >>> 0)]),
);

/** The bits that are set, in words, such as `SF EE PR`. */
export function describeMsr(msr: bigint): string {
  const names = shown.filter(([, bit]) => (msr & bit) !== 0n).map(([name]) => name.toUpperCase());
  return names.length === 0 ? 'none' : names.join(' ');
}
