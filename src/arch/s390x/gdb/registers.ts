/** The one register table: target description, register packets, stop replies and `monitor` output come from it. */

import { bigEndian, toBigEndian } from '../../../bits/hex.ts';
import type {
  FeatureType,
  FlagField,
  RegisterFeature,
  RegisterRow,
  TargetDescription,
} from '../../../machine/description.ts';
import { engineState } from '../../../machine/layout.ts';
import type { S390xCore } from '../cpu/core.ts';
import { lowcore } from '../cpu/lowcore.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { gpa, gra } from '../dat/address.ts';
import { prefixed } from '../dat/prefix.ts';

/** A register of 32, 64 or 128 bits with its way to the vCPU. A register without `set` is read-only. */
interface Register extends RegisterRow {
  readonly bits: 32 | 64 | 128;
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

/** Ways to look at the 16 bytes of a vector register, by the names that gdb has for them. */
const vectorViews = [
  ['v4_float', 'v4f', 'ieee_single', 4],
  ['v2_double', 'v2d', 'ieee_double', 2],
  ['v16_int8', 'v16i8', 'int8', 16],
  ['v8_int16', 'v8i16', 'int16', 8],
  ['v4_int32', 'v4i32', 'int32', 4],
  ['v2_int64', 'v2i64', 'int64', 2],
] as const;

const vectorTypes: readonly FeatureType[] = [
  ...vectorViews.map(([, id, element, count]) => ({ kind: 'vector', id, element, count }) as const),
  {
    kind: 'union',
    id: 'vec128',
    fields: [...vectorViews.map(([name, type]) => ({ name, type })), { name: 'uint128', type: 'uint128' }],
  },
];

// Of registers 0 to 15 the right halves: the left ones are the floating-point registers, and gdb joins them to v0 to v15.
const vx: readonly Register[] = [
  ...numbered(16, (n) => ({
    name: `v${n}l`,
    bits: 64,
    type: 'uint64',
    group: 'vector',
    get: (v) => BigInt.asUintN(64, v.vr(n)),
    set: (v, value) => v.setVr(n, (v.fpr(n) << 64n) | value),
  })),
  ...numbered(16, (n) => ({
    name: `v${n + 16}`,
    bits: 128,
    type: 'vec128',
    group: 'vector',
    get: (v) => v.vr(n + 16),
    set: (v, value) => v.setVr(n + 16, value),
  })),
];

const gs: readonly Register[] = (['gsd', 'gssm', 'gsepla'] as const).map((name) => ({
  name,
  bits: 64,
  type: name === 'gsepla' ? 'data_ptr' : 'uint64',
  group: 'system',
  get: (v) => v.big(slots[name]),
  set: (v, value) => v.setBig(slots[name], value),
}));

// The broadcast control block that gdb knows besides is Linux's own for a task: a CPU has no such registers.

/** Places in a transaction diagnostic block: what it begins with, and the general registers. */
const TDB_GENERAL = 0x80;

/** The doubleword of the block that the last program interruption of a transaction has left in the prefix area. */
function diagnosed(v: Vcpu, offset: number): bigint {
  const { complex } = v.core;
  const at = complex.hostAddress(prefixed(gra(lowcore.programTdb[0] + offset), v.prefix));
  return at < 0 ? 0n : complex.storage.doubleword(at);
}

const tdb: readonly Register[] = [
  ...['tdb0', 'tac', 'tct', 'atia'].map((name, i) => ({ name, at: 8 * i })),
  ...Array.from({ length: 16 }, (_, n) => ({ name: `tr${n}`, at: TDB_GENERAL + 8 * n })),
].map(({ name, at }) => ({
  name,
  bits: 64,
  type: 'uint64',
  group: 'tdb',
  saveRestore: false,
  get: (v) => diagnosed(v, at),
}));

const VECTOR_FEATURE = 'org.gnu.gdb.s390.vx';
const GUARDED_STORAGE_FEATURE = 'org.gnu.gdb.s390.gs';
const TRANSACTION_FEATURE = 'org.gnu.gdb.s390.tdb';
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
  { name: VECTOR_FEATURE, types: vectorTypes, registers: vx },
  { name: GUARDED_STORAGE_FEATURE, registers: gs },
  { name: TRANSACTION_FEATURE, registers: tdb },
];

const byName: ReadonlyMap<string, Register> = new Map(
  features.flatMap((f) => f.registers).map((r): [string, Register] => [r.name, r]),
);

/** The s390x target as gdb knows it: ELF machine 22, big endian, registers by the names in gdb's s390 features. */
const s390xTarget: TargetDescription = {
  architecture: 's390:64-bit',
  // What gdb knows of call-saved registers belongs to this ABI: with `none` it cannot go up from a function's first line.
  osabi: 'GNU/Linux',
  features,
  expedited: ['pswm', 'pswa', 'r11', 'r14', 'r15'],
  elf: { class: 64, data: 'msb', machine: 22 },
  pcRegister: 'pswa',
  triple: 's390x-unknown-linux-gnu',
};

/** The target with the registers that a guest of this core has. */
export function targetOf(core: S390xCore): TargetDescription {
  const missing = new Set<string>();
  if (!core.has('vector')) missing.add(VECTOR_FEATURE);
  if (!core.has('guarded-storage')) missing.add(GUARDED_STORAGE_FEATURE);
  if (!core.has('transactional-execution')) missing.add(TRANSACTION_FEATURE);
  return { ...s390xTarget, features: features.filter(({ name }) => !missing.has(name)) };
}

/** A register's value in guest byte order; undefined for a name that the table does not have. */
export function readRegister(vcpu: Vcpu, name: string): Uint8Array | undefined {
  const register = byName.get(name);
  if (register === undefined) return undefined;
  const value = register.get(vcpu);
  if (register.bits === 128) return toBigEndian(value, 16);
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
