/** The register file as debuggers have it (gdb doc, "PowerPC Features"): one table for target description and values. */

import { bigEndian, toBigEndian } from '../../../bits/hex.ts';
import type {
  FeatureType,
  FlagField,
  RegisterFeature,
  RegisterRow,
  TargetDescription,
} from '../../../machine/description.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

/** A register with its value in a vCPU. */
interface Register extends RegisterRow {
  get(v: Vcpu): bigint;
  set(v: Vcpu, value: bigint): void;
}

const flag = (name: string, bit: number): FlagField => ({ name, start: bit, end: bit });

const msrFlags: readonly FlagField[] = [
  ...[flag('LE', 0), flag('RI', 1), flag('PMM', 2), flag('DR', 4), flag('IR', 5), flag('FE1', 8), flag('BE', 9)],
  ...[flag('SE', 10), flag('FE0', 11), flag('ME', 12), flag('FP', 13), flag('PR', 14), flag('EE', 15)],
  ...[flag('VSX', 23), flag('VEC', 25), flag('HV', 60), flag('SF', 63)],
];

const numbered = (count: number, of: (n: number) => Register): Register[] =>
  Array.from({ length: count }, (_, n) => of(n));
const whole = (name: string, bits: number, get: Register['get'], set: Register['set'], type = 'uint64'): Register => ({
  ...{ name, bits, type, get, set },
});

const core: readonly Register[] = [
  ...numbered(32, (n) =>
    whole(
      `r${n}`,
      64,
      (v) => v.gpr(n),
      (v, value) => v.setGpr(n, value),
    ),
  ),
  whole(
    'pc',
    64,
    (v) => v.pc,
    (v, value) => {
      v.pc = value;
      v.forgetDecodePage();
    },
    'code_ptr',
  ),
  whole(
    'msr',
    64,
    (v) => v.msr,
    (v, value) => v.setMsr(value),
    'ppc64_msr',
  ),
  whole(
    'cr',
    32,
    (v) => BigInt(v.cr),
    (v, value) => {
      v.cr = Number(value);
    },
    'uint32',
  ),
  whole(
    'lr',
    64,
    (v) => v.lr,
    (v, value) => {
      v.lr = value;
    },
    'code_ptr',
  ),
  whole(
    'ctr',
    64,
    (v) => v.ctr,
    (v, value) => {
      v.ctr = value;
    },
  ),
  whole(
    'xer',
    32,
    (v) => BigInt(v.xer),
    (v, value) => {
      v.xer = Number(value);
    },
    'uint32',
  ),
];

const fpu: readonly Register[] = [
  ...numbered(32, (n) =>
    whole(
      `f${n}`,
      64,
      (v) => v.vsr(n, 0),
      (v, value) => v.setVsr(n, 0, value),
      'ieee_double',
    ),
  ),
  whole(
    'fpscr',
    64,
    (v) => v.big(slots.fpscr),
    (v, value) => v.setBig(slots.fpscr, value),
  ),
];

const VR0 = 32;
const altivec: readonly Register[] = [
  ...numbered(32, (n) =>
    whole(
      `vr${n}`,
      128,
      (v) => (v.vsr(VR0 + n, 0) << 64n) | v.vsr(VR0 + n, 1),
      (v, value) => {
        v.setVsr(VR0 + n, 0, value >> 64n);
        v.setVsr(VR0 + n, 1, value);
      },
      'vec128',
    ),
  ),
  whole(
    'vscr',
    32,
    (v) => BigInt(v.num(slots.vscr)),
    (v, value) => v.setNum(slots.vscr, Number(value)),
    'uint32',
  ),
  whole(
    'vrsave',
    32,
    (v) => BigInt(v.num(slots.vrsave)),
    (v, value) => v.setNum(slots.vrsave, Number(value)),
    'uint32',
  ),
];

const vsx: readonly Register[] = numbered(32, (n) =>
  whole(
    `vs${n}h`,
    64,
    (v) => v.vsr(n, 1),
    (v, value) => v.setVsr(n, 1, value),
  ),
);

const special: readonly Register[] = (
  ['srr0', 'srr1', 'sprg0', 'sprg1', 'sprg2', 'sprg3', 'dar', 'hsrr0', 'hsrr1', 'hdar'] as const
).map((name) => ({
  ...whole(
    name,
    64,
    (v) => v.big(slots[name]),
    (v, value) => v.setBig(slots[name], value),
  ),
  group: 'spr',
  saveRestore: false,
}));

/** What GDB calls the parts of a vector register. */
const vectorTypes: readonly FeatureType[] = [
  { kind: 'vector', id: 'v4f', element: 'ieee_single', count: 4 },
  { kind: 'vector', id: 'v4i32', element: 'int32', count: 4 },
  { kind: 'vector', id: 'v8i16', element: 'int16', count: 8 },
  { kind: 'vector', id: 'v16i8', element: 'int8', count: 16 },
  {
    kind: 'union',
    id: 'vec128',
    fields: [
      { name: 'uint128', type: 'uint128' },
      { name: 'v4_float', type: 'v4f' },
      { name: 'v4_int32', type: 'v4i32' },
      { name: 'v8_int16', type: 'v8i16' },
      { name: 'v16_int8', type: 'v16i8' },
    ],
  },
];

/** A group of registers with their values. */
interface Feature extends Omit<RegisterFeature, 'registers'> {
  readonly registers: readonly Register[];
}

const features: readonly Feature[] = [
  {
    name: 'org.gnu.gdb.power.core',
    types: [{ kind: 'flags', id: 'ppc64_msr', bytes: 8, fields: msrFlags }],
    registers: core,
  },
  { name: 'org.gnu.gdb.power.fpu', registers: fpu },
  { name: 'org.gnu.gdb.power.altivec', types: vectorTypes, registers: altivec },
  { name: 'org.gnu.gdb.power.vsx', registers: vsx },
  { name: 'org.guestscope.power.spr', registers: special },
];

const ELF_MACHINE = 21;

/** What a debugger must know, for a guest of a byte order: that of its image, whatever order it executes in. */
export function describePpc64(littleEndian: boolean): TargetDescription {
  return {
    architecture: 'powerpc:common64',
    triple: littleEndian ? 'powerpc64le-unknown-linux-gnu' : 'powerpc64-unknown-linux-gnu',
    osabi: 'GNU/Linux',
    features,
    expedited: ['pc', 'r1', 'lr'],
    elf: { class: 64, data: littleEndian ? 'lsb' : 'msb', machine: ELF_MACHINE, withoutEntry: true },
    pcRegister: 'pc',
    stepsOverAccesses: true,
  };
}

const byName = new Map(features.flatMap((f) => f.registers.map((r): [string, Register] => [r.name, r])));

/** A register's bytes in the byte order of the description. */
export function readRegister(v: Vcpu, name: string, littleEndian: boolean): Uint8Array | undefined {
  const register = byName.get(name);
  if (register === undefined) return undefined;
  const bytes = toBigEndian(register.get(v), register.bits / 8);
  return littleEndian ? bytes.reverse() : bytes;
}

/** Sets a register from its bytes; false when there is none of the name, or of that width. */
export function writeRegister(v: Vcpu, name: string, given: Uint8Array, littleEndian: boolean): boolean {
  const register = byName.get(name);
  if (register === undefined || given.length !== register.bits / 8) return false;
  register.set(v, bigEndian(littleEndian ? given.toReversed() : given));
  return true;
}
