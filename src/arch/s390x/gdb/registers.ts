/** The one register table: target description, register packets, stop replies and `monitor` output come from it. */

import { bigEndian } from '../../../bits/hex.ts';
import type { FlagField, RegisterFeature, RegisterRow, TargetDescription } from '../../../machine/description.ts';
import { engineState } from '../../../machine/layout.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa } from '../dat/address.ts';

/** A register of 32 or 64 bits with its way to the vCPU. A register without `set` is read-only. */
interface Register extends RegisterRow {
  readonly bits: 32 | 64;
  get(vcpu: Vcpu): bigint;
  set?(vcpu: Vcpu, value: bigint): void;
}

const numbered = (count: number, make: (n: number) => Register): Register[] =>
  Array.from({ length: count }, (_, n) => make(n));

const flag = (name: string, from: number, to = from): FlagField => ({ name, start: 63 - to, end: 63 - from });

// Bits as the manual numbers them.
const pswFlags: readonly FlagField[] = [
  flag('BA', 32),
  flag('EA', 31),
  flag('PM', 20, 23),
  flag('CC', 18, 19),
  flag('AS', 16, 17),
  flag('P', 15),
  flag('W', 14),
  flag('M', 13),
  flag('KEY', 8, 11),
  flag('EX', 7),
  flag('IO', 6),
  flag('DAT', 5),
  flag('R', 1),
];

const core: readonly Register[] = [
  {
    name: 'pswm',
    bits: 64,
    type: 'psw_mask',
    group: 'psw',
    get: (v) => v.pswMask,
    set: (v, value) => v.setPsw({ mask: value, address: v.big(engineState.pc) }),
  },
  {
    name: 'pswa',
    bits: 64,
    type: 'uint64',
    group: 'psw',
    get: (v) => v.psw.address,
    set: (v, value) => v.setPsw({ mask: v.pswMask, address: value }),
  },
  ...numbered(16, (n) => ({
    name: `r${n}`,
    bits: 64,
    type: 'uint64',
    group: 'general',
    get: (v) => v.gr(n),
    set: (v, value) => v.setGr(n, value),
  })),
];

const acr: readonly Register[] = numbered(16, (n) => ({
  name: `acr${n}`,
  bits: 32,
  type: 'uint32',
  group: 'access',
  get: (v) => BigInt(v.ar(n)),
  set: (v, value) => v.setAr(n, Number(value)),
}));

const fpr: readonly Register[] = [
  {
    name: 'fpc',
    bits: 32,
    type: 'uint32',
    group: 'float',
    get: (v) => BigInt(v.fpc),
    set: (v, value) => {
      v.fpc = Number(value);
    },
  },
  ...numbered(16, (n) => ({
    name: `f${n}`,
    bits: 64,
    type: 'ieee_double',
    group: 'float',
    get: (v) => v.fpr(n),
    set: (v, value) => v.setFpr(n, value),
  })),
];

const cr: readonly Register[] = numbered(16, (n) => ({
  name: `cr${n}`,
  bits: 64,
  type: 'uint64',
  group: 'control',
  get: (v) => v.cr(n),
  set: (v, value) => {
    v.setCr(n, value);
    v.flushTlb();
    v.controlsChanged();
  },
}));

const vm: readonly Register[] = [
  {
    name: 'ckc',
    bits: 64,
    type: 'uint64',
    group: 'vm',
    get: (v) => v.core.clock.clockComparator(v),
    set: (v, value) => v.core.clock.setClockComparator(v, value),
  },
  {
    name: 'cputm',
    bits: 64,
    type: 'uint64',
    group: 'vm',
    get: (v) => BigInt.asUintN(64, v.core.clock.cpuTimer(v)),
    set: (v, value) => v.core.clock.setCpuTimer(v, BigInt.asIntN(64, value)),
  },
  {
    name: 'last_break',
    bits: 64,
    type: 'code_ptr',
    group: 'vm',
    saveRestore: false,
    get: (v) => v.big(slots.bea),
    set: (v, value) => v.setBig(slots.bea, value),
  },
  {
    name: 'prefix',
    bits: 64,
    type: 'data_ptr',
    group: 'vm',
    get: (v) => BigInt(v.prefix),
    set: (v, value) => v.setPrefix(gpa(Number(value & 0x7fff_e000n))),
  },
];

const features: readonly (RegisterFeature & { readonly registers: readonly Register[] })[] = [
  {
    name: 'org.gnu.gdb.s390.core',
    types: [{ kind: 'flags', id: 'psw_mask', bytes: 8, fields: pswFlags }],
    registers: core,
  },
  { name: 'org.gnu.gdb.s390.acr', registers: acr },
  { name: 'org.gnu.gdb.s390.fpr', registers: fpr },
  { name: 'org.gnu.gdb.s390.cr', registers: cr },
  { name: 'org.gnu.gdb.s390.virt', registers: vm },
];

const byName: ReadonlyMap<string, Register> = new Map(
  features.flatMap((f) => f.registers).map((r): [string, Register] => [r.name, r]),
);

/** The s390x target as gdb knows it: ELF machine 22, big endian, registers by the names in gdb's s390 features. */
export const s390xTarget: TargetDescription = {
  architecture: 's390:64-bit',
  // What gdb knows of call-saved registers belongs to this ABI: with `none` it cannot go up from a function's first line.
  osabi: 'GNU/Linux',
  features,
  expedited: ['pswm', 'pswa', 'r11', 'r14', 'r15'],
  elf: { class: 64, data: 'msb', machine: 22 },
  pcRegister: 'pswa',
  triple: 's390x-unknown-linux-gnu',
};

/** A register's value in guest byte order; undefined for a name that the table does not have. */
export function readRegister(vcpu: Vcpu, name: string): Uint8Array | undefined {
  const register = byName.get(name);
  if (register === undefined) return undefined;
  const value = register.get(vcpu);
  const bytes = new Uint8Array(register.bits / 8);
  // By words and bytes: a DataView would take this small array off V8's own heap.
  if (register.bits === 64) putWord(bytes, 0, Number(value >> 32n));
  putWord(bytes, bytes.length - 4, Number(value & 0xffff_ffffn));
  return bytes;
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

/** Sets a register; false when there is no such register or it is read-only. */
export function writeRegister(vcpu: Vcpu, name: string, bytes: Uint8Array): boolean {
  const register = byName.get(name);
  if (register?.set === undefined) return false;
  register.set(vcpu, bigEndian(bytes));
  return true;
}
