/** The notes of an s390x core file, as Linux and QEMU write them and gdb and crash read them. */

import type { CoreNote } from '../../../image/elf-core.ts';
import { type Facility, facilityBits } from '../cpu/facilities.ts';
import type { KvmVm } from '../kvm/vm.ts';
import { readRegister } from './registers.ts';

/** Types of notes. Those of the first kind are by `CORE`, of the second by `LINUX`. */
export const NOTE = {
  prstatus: 1,
  fpregset: 2,
  auxv: 6,
  vxrsLow: 0x309,
  vxrsHigh: 0x30a,
  timer: 0x301,
  todComparator: 0x302,
  todProgrammable: 0x303,
  controls: 0x304,
  lastBreak: 0x306,
  prefix: 0x305,
} as const;

/** `struct elf_prstatus`: the registers lie between head and tail. */
export const PRSTATUS = { bytes: 336, signal: 12, pid: 32, psw: 112, general: 128, access: 256 } as const;
export const FPREGSET = { bytes: 136, fpc: 0, registers: 8 } as const;

const SIGTRAP = 5;
const AUXV = { hwcap: 16n } as const;
/** Bits of AT_HWCAP by facility. */
const hwcaps = [
  ['idte', 0],
  ['zarch', 1],
  ['stfle', 2],
  ['message-security-assist', 3],
  ['long-displacement', 4],
  ['extended-immediate', 5],
  ['dfp', 6],
  ['vector', 11],
  ['vector-packed-decimal', 12],
  ['vector-enhancements-1', 13],
  ['vector-enhancements-2', 15],
] as const satisfies readonly (readonly [Facility, number])[];

/** The notes of all vCPUs, the selected one first, for that is the one that a debugger shows. */
export function coreNotes(vm: KvmVm, selected: number): readonly CoreNote[] {
  const ids = vm.vcpus.map(({ id }) => id);
  const ordered = [selected, ...ids.filter((id) => id !== selected)];
  const [first, ...others] = ordered.map((id) => vcpuNotes(vm, id));
  const [status, ...rest] = first ?? [];
  // A debugger takes what comes before the second status for the first vCPU's.
  return [...(status === undefined ? [] : [status]), auxv(vm), ...rest, ...others.flat()];
}

function vcpuNotes(vm: KvmVm, id: number): readonly CoreNote[] {
  const value = (name: string): Uint8Array | undefined => {
    const vcpu = vm.vcpus[id]?.vcpu;
    return vcpu === undefined ? undefined : readRegister(vcpu, name);
  };
  const sixteen = (prefix: string, first = 0, suffix = ''): Uint8Array[] =>
    Array.from({ length: 16 }, (_, i) => value(`${prefix}${i + first}${suffix}`) ?? new Uint8Array(0));
  const linux = (type: number, ...parts: readonly (Uint8Array | undefined)[]): CoreNote[] => {
    const there = parts.filter((part) => part !== undefined);
    const bytes = Buffer.concat(there);
    return there.length < parts.length || bytes.length === 0 ? [] : [{ owner: 'LINUX', type, bytes }];
  };
  const status = Buffer.alloc(PRSTATUS.bytes);
  status.writeUInt16BE(SIGTRAP, PRSTATUS.signal);
  status.writeUInt32BE(id + 1, PRSTATUS.pid);
  status.set(Buffer.concat([value('pswm') ?? [], value('pswa') ?? []].map((b) => Buffer.from(b))), PRSTATUS.psw);
  status.set(Buffer.concat(sixteen('r')), PRSTATUS.general);
  status.set(Buffer.concat(sixteen('acr')), PRSTATUS.access);
  const floating = Buffer.alloc(FPREGSET.bytes);
  floating.set(value('fpc') ?? [], FPREGSET.fpc);
  floating.set(Buffer.concat(sixteen('f')), FPREGSET.registers);
  return [
    { owner: 'CORE', type: NOTE.prstatus, bytes: status },
    { owner: 'CORE', type: NOTE.fpregset, bytes: floating },
    ...linux(NOTE.timer, value('cputm')),
    ...linux(NOTE.todComparator, value('ckc')),
    ...linux(NOTE.controls, ...sixteen('cr')),
    ...linux(NOTE.lastBreak, value('last_break')),
    ...linux(NOTE.prefix, value('prefix')?.subarray(4)),
    ...(vm.core.has('vector')
      ? [...linux(NOTE.vxrsLow, ...sixteen('v', 0, 'l')), ...linux(NOTE.vxrsHigh, ...sixteen('v', 16))]
      : []),
  ];
}

function auxv(vm: KvmVm): CoreNote {
  const { facilities } = vm.core;
  let bits = 0n;
  for (const [facility, bit] of hwcaps) if (facilities.has(facilityBits[facility])) bits |= 1n << BigInt(bit);
  const bytes = Buffer.alloc(32);
  bytes.writeBigUInt64BE(AUXV.hwcap, 0);
  bytes.writeBigUInt64BE(bits, 8);
  return { owner: 'CORE', type: NOTE.auxv, bytes };
}
