/** PAPR hypercalls: numbers, status codes, flags (LoPAPR, "Hypervisor Call Functions"; 2.3 of the table's rules by KVM). */

import { hex } from '../../../bits/hex.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/** Arguments that are shown of a call. */
const SHOWN = 4;

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

/** What a call returns in r3. */
export const status = {
  success: 0n,
  busy: 1n,
  closed: 2n,
  hardware: -1n,
  function: -2n,
  privilege: -3n,
  parameter: -4n,
  groupFull: -6n,
  notFound: -7n,
  reservedDabr: -8n,
  permission: -11n,
  resource: -16n,
  p2: -55n,
  p3: -56n,
  p4: -57n,
} as const;

/** Flags of the page-table calls. */
export const flag = {
  exact: 1n << 39n,
  xlate: 1n << 38n,
  read4: 1n << 37n,
  avpn: 1n << 31n,
  andCond: 1n << 30n,
  zeroPage: 1n << 15n,
  copyPage: 1n << 14n,
  cacheInvalidate: 1n << 23n,
  cacheSynchronize: 1n << 22n,
} as const;

/** The block in which a vCPU hands a call over to user space, as KVM's has it: number, result, arguments of r4 to r12. */
export interface KvmRun {
  readonly nr: number;
  ret: bigint;
  readonly args: bigint[];
}

export const HCALL_ARGUMENTS = 9;

/** A hypercall was carried out, by whomever. */
export function tellHypercall(vcpu: Vcpu, nr: number, args: readonly bigint[], result: bigint): void {
  const text = (): string =>
    `${hcallName(nr)} ${args.slice(0, SHOWN).map(hex).join(' ')} = ${BigInt.asIntN(64, result)}`;
  vcpu.events?.happened(vcpu, 'hcall', nr, text);
}
