/** PAPR hypercalls: numbers, status codes, flags (LoPAPR, "Hypervisor Call Functions"; 2.3 of the table's rules by KVM). */

import { hex } from '../../../bits/hex.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/** Arguments that are shown of a call. */
export const SHOWN_ARGUMENTS = 4;

/** Numbers. */
export const H = {
  remove: 0x04,
  enter: 0x08,
  read: 0x0c,
  clearMod: 0x10,
  clearRef: 0x14,
  protect: 0x18,
  setSprg0: 0x24,
  setDabr: 0x28,
  pageInit: 0x2c,
  getTermChar: 0x54,
  putTermChar: 0x58,
  eoi: 0x64,
  cppr: 0x68,
  ipi: 0x6c,
  ipoll: 0x70,
  xirr: 0x74,
  registerVpa: 0xdc,
  cede: 0xe0,
  confer: 0xe4,
  prod: 0xe8,
  bulkRemove: 0x124,
  setXdabr: 0x134,
  random: 0x300,
  setMode: 0x31c,
  rtas: 0xf000,
} as const;

const names = new Map<number, string>(
  Object.entries(H).map(([name, nr]) => [nr, `H_${name.replaceAll(/[A-Z]/g, (c) => `_${c}`).toUpperCase()}`]),
);

/** The name of a call, such as `H_ENTER`. */
export function hcallName(nr: number): string {
  return names.get(nr) ?? `hypercall 0x${nr.toString(16)}`;
}

/** What a call returns in r3, where it is extended to 64 bits. */
export const status = {
  success: 0,
  busy: 1,
  closed: 2,
  hardware: -1,
  function: -2,
  privilege: -3,
  parameter: -4,
  groupFull: -6,
  notFound: -7,
  reservedDabr: -8,
  permission: -11,
  resource: -16,
  p2: -55,
  p3: -56,
  p4: -57,
  unsupportedFlag: -256,
} as const;

/** What H_SET_MODE sets: breakpoints, whether interruptions are translated, their byte order. */
export const SET_MODE = { ciabr: 1n, dawr: 2n, translation: 3n, byteOrder: 4n } as const;

/** Flags of the page-table calls, in the upper word of their first argument. */
export const flagHigh = {
  exact: 1 << 7,
  xlate: 1 << 6,
  read4: 1 << 5,
} as const;

/** Those in the lower word. */
export const flagLow = {
  avpn: 1 << 31,
  andCond: 1 << 30,
  zeroPage: 1 << 15,
  copyPage: 1 << 14,
  cacheInvalidate: 1 << 23,
  cacheSynchronize: 1 << 22,
} as const;

/** The block in which a vCPU hands a call over to user space, as KVM's has it: number, result, arguments of r4 to r12. */
export interface KvmRun {
  readonly nr: number;
  ret: number;
  readonly args: bigint[];
}

export const HCALL_ARGUMENTS = 9;

/** A hypercall with these arguments was carried out, by whomever; what it says is in r3. */
export function tellHypercall(vcpu: Vcpu, nr: number, args: readonly bigint[]): void {
  const text = (): string =>
    `${hcallName(nr)} ${args.map((a) => hex(a)).join(' ')} = ${BigInt.asIntN(64, vcpu.gpr(3))}`;
  vcpu.events?.happened(vcpu, 'hcall', nr, text);
}
