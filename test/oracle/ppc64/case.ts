/** Single instructions with random operands, and what they leave. */

import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import type { Row } from '../../../src/arch/ppc64/isa/row.ts';
import { power7Instructions, power8Instructions } from '../../../src/arch/ppc64/isa/table.ts';
import type { Bench } from '../../support/ppc64/isa.ts';
import { Chance, streamOf } from '../chance.ts';
import { fillDecimals, isDecimal, registersOf } from './decimals.ts';
import { comparedStatus, ENABLED_MODES, neverInterrupts, numberFor, statusOf } from './numbers.ts';

export const CODE_AT = 0x10000;
/** Storage that operands lie in. */
export const DATA_AT = 0x20000;
export const DATA_BYTES = 512;
const MIDDLE = DATA_AT + DATA_BYTES / 2;
const MSR = 0x8000_0000_0000_0000n;
const AVAILABLE = 0x0280_2000n;
/**
 * Bits of the MSR that instructions may set. Not LE: QEMU's gdb port changes its own order with it. Not POW, which POWER7 has not,
 * but QEMU's machine: it would wait for ever. Not EE and what brings it: the decrementer waits there already.
 */
const MSR_BITS = 0x8000_0000_0280_3936n;

/** What an instruction is executed with. */
export interface PpcCase {
  readonly row: Row;
  readonly mnemonic: string;
  readonly number: number;
  readonly word: number;
  readonly gpr: readonly bigint[];
  /** Vector-scalar registers that the instruction may look at or change. */
  readonly vsr: ReadonlyMap<number, bigint>;
  readonly msr: bigint;
  readonly cr: number;
  readonly xer: number;
  readonly lr: bigint;
  readonly ctr: bigint;
  readonly srr0: bigint;
  readonly srr1: bigint;
  /** Undefined for an instruction that has nothing to do with it. */
  readonly fpscr: bigint | undefined;
  readonly vscr: number;
  readonly data: Uint8Array;
}

/** What it leaves. */
export interface PpcResult {
  readonly gpr: readonly bigint[];
  readonly pc: bigint;
  readonly msr: bigint;
  readonly cr: number;
  readonly xer: number;
  readonly lr: bigint;
  readonly ctr: bigint;
  readonly srr0: bigint;
  readonly srr1: bigint;
  readonly dar: bigint;
  readonly dsisr: number;
  readonly data: string;
  readonly vsr: ReadonlyMap<number, bigint>;
  readonly fpscr: bigint;
  readonly vscr: number;
}

const { asUintN } = BigInt;
const special: readonly [bigint, ...bigint[]] = [
  0n,
  1n,
  0xffff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000n,
  0x7fff_ffffn,
  0xffff_ffffn,
  0xffff_ffff_8000_0000n,
  0x1_0000_0000n,
];

function value(chance: Chance): bigint {
  if (chance.percent(30)) return chance.pick(special);
  const v = chance.big(64);
  if (chance.percent(25)) return asUintN(64, BigInt.asIntN(8, v));
  return chance.percent(25) ? asUintN(32, v) : v;
}

/**
 * Rows that are not compared: their results depend on time, they leave the guest, or they belong to the hypervisor, whose part
 * QEMU's machine plays without having its state: it does there what a guest may not.
 */
const apart = [
  // Of what problem state may set, QEMU asks supervisor state, too, whether it may.
  /^mtu(pmc\d|mmcr[02])$/,
  // Debian's QEMU does not know the branch history.
  /^(clrbhrb|mfbhrbe)$/,
  /^(sc|mfdec|mtdec|mftb.*|m[ft]purr|m[ft]spurr|mfic|mfvtb|wait|mfpir)$/,
  // QEMU's gdb port steps over the instruction behind these, too.
  /^mtmsrd?( 1)?$/,
  /^mtfs(fi?|b[01])\.?$/,
  /^(hrfid|doze|nap|sleep|rvwinkle|tlbie|tlbiel|tlbsync|.*cix)$/,
  /^m[ft](sdr1|hsprg\d|hdsisr|hdar|hdec|h?rmor|hsrr\d|lpcr|lpidr|hmer|hmeer|pcr|heir|amor|dabrx?|tbl|tbu\d*|dpdes|dawrx?|rpr|ciabr|hfscr)$/,
];

/**
 * A decimal number of up to 31 digits with any of the signs, and now and then a digit that is none. Not zero: QEMU tells of sums
 * of zeros by the sign that they have.
 */
function signedDecimal(chance: Chance): bigint {
  const most = 10n ** BigInt(chance.pick([1, 5, 16, 30, 31])) - 1n;
  const digits = chance.percent(15) ? most : 1n + (chance.big(104) % most);
  const number = (BigInt(`0x${digits}`) << 4n) | BigInt(10 + chance.below(6));
  return chance.percent(5) ? number | (0xan << BigInt(4 * (1 + chance.below(31)))) : number;
}

const isComparable = (r: Row): boolean => r.implemented && !apart.some((names) => names.test(r.mnemonic));

/** Rows that are compared, with the CPU that QEMU is given: those that a POWER8 has besides are compared with that one. */
export const comparable = {
  power7: power7Instructions.filter(isComparable),
  power8: power8Instructions.filter(isComparable),
} as const;

function modeOf({ title }: Row, chance: Chance): bigint {
  return chance.percent(title.startsWith('Load') ? 0 : 15) ? 0n : MSR;
}

function isStorage({ title, fields }: Row): boolean {
  return /^(Load|Store|Data Cache|Instruction Cache)/.test(title) && (fields.d ?? fields.rb ?? fields.nb) !== undefined;
}

/** The case of a row by its number. */
export function caseOf(row: Row, number: number): PpcCase {
  const chance = new Chance(streamOf(`${row.mnemonic}:${number}`));
  const gpr = Array.from({ length: 32 }, () => value(chance));
  let word = row.op.value;
  for (const field of Object.values(row.fields)) word |= chance.word() & field.write(-1);
  word |= chance.word() & maskBits(row);
  word >>>= 0;
  if (isStorage(row)) word = aim(row, word, gpr, chance);
  word = defined(row, word, gpr, chance);
  const update = row.fields.ra !== undefined && /Update/.test(row.title);
  const base = (word >>> 16) & 31;
  if (update && (base === 0 || base === ((word >>> 21) & 31))) return caseOf(row, number + 1000);
  const isFloat = [4, 59, 60, 63].includes(row.op.value >>> 26);
  const vsr = new Map<number, bigint>();
  for (const field of Object.values(row.fields)) {
    if (field.kind !== 'fr' && field.kind !== 'vr') continue;
    const half = (): bigint => (isFloat ? numberFor(row.mnemonic, chance) : value(chance));
    const decimal = row.mnemonic.startsWith('bcd');
    vsr.set(Number(field.read(word)), decimal ? signedDecimal(chance) : (half() << 64n) | half());
  }
  if (isDecimal(row)) fillDecimals(row, word, chance, vsr);
  const interrupts = isFloat && !isDecimal(row) && !neverInterrupts.test(row.mnemonic) && chance.percent(40);
  const returns = row.mnemonic === 'rfid';
  return {
    ...{ row, mnemonic: row.mnemonic, number, word, gpr, vsr },
    msr: modeOf(row, chance) | AVAILABLE | (interrupts ? ENABLED_MODES : 0n),
    cr: chance.word(),
    xer: ((chance.word() & 0xe000_0000) | chance.below(row.mnemonic === 'lswx' ? 40 : 128)) >>> 0,
    lr: value(chance),
    ctr: chance.percent(30) ? chance.pick([0n, 1n, 2n, 0x1_0000_0000n, 0x1_0000_0001n]) : value(chance),
    srr0: value(chance),
    srr1: returns ? chance.big(64) & MSR_BITS : chance.big(64),
    fpscr: isFloat ? statusOf(row, chance, interrupts) : undefined,
    // Subnormal numbers count as zeros.
    vscr: isFloat && chance.percent(25) ? 0x1_0000 : 0,
    data: chance.bytes(DATA_BYTES),
  };
}

/** Bits of a rotate's mask, which no field of the row writes. */
function maskBits(row: Row): number {
  if (row.fields.mask === undefined) return 0;
  return row.mnemonic.startsWith('rlw') ? 0x7fe : 0x7e0;
}

/** Makes an instruction one whose results are defined: no invalid forms, no operands that mean nothing. */
function defined(row: Row, word: number, gpr: bigint[], chance: Chance): number {
  const [rt, ra, rb] = [21, 16, 11].map((shift) => (word >>> shift) & 31);
  if (/^m[ft]spr$/.test(row.mnemonic)) return (word & ~0x001f_f800) | (chance.pick([0, 4, 5, 6, 7, 14]) << 16);
  if (row.mnemonic === 'mfocrf') return ((word & ~0x000f_f000) | (0x1000 << chance.below(8))) >>> 0;
  if (/^lsw/.test(row.mnemonic) && (ra ?? 0) + (rb ?? 0) >= 0) {
    const base = 1 + ((ra ?? 0) % 6);
    gpr[base] = gpr[ra ?? 0] ?? 0n;
    const index = row.mnemonic === 'lswx' ? 7 : (rb ?? 0);
    if (row.mnemonic === 'lswx') {
      gpr[base] = BigInt(MIDDLE) - 5n;
      gpr[index] = 5n;
    }
    return ((word & 0xfc00_07ff) | (8 << 21) | (base << 16) | (index << 11)) >>> 0;
  }
  // QEMU takes S for the number of a register that says it.
  if (row.mnemonic === 'rfebb') for (const s of [0, 1]) gpr[s] = BigInt(s);
  // Of what is no digit the result is not defined.
  if (row.mnemonic === 'cbcdtd') gpr[rt ?? 0] = (gpr[rt ?? 0] ?? 0n) & 0x7777_7777_7777_7777n;
  if (/^slbm/.test(row.mnemonic)) {
    gpr[rb ?? 0] = (gpr[rb ?? 0] ?? 0n) & 0xffff_ffff_f800_001fn;
    if (row.mnemonic !== 'slbmte') return word;
    const other = rt === rb ? (rt ?? 0) ^ 1 : (rt ?? 0);
    gpr[other] = (gpr[other] ?? 0n) & 0x7fff_ffff_ffff_fecfn;
    if (rt === rb) return (word ^ (1 << 21)) >>> 0;
  }
  return word;
}

/** Makes the operand lie in the storage that is compared. */
function aim(row: Row, word: number, gpr: bigint[], chance: Chance): number {
  const { ra, rb, d } = row.fields;
  const aligned =
    /Conditional|(Load|Store) Quadword$/.test(row.title) || (/Reserve|Multiple/.test(row.title) && chance.percent(80));
  const to = BigInt(MIDDLE + (aligned ? 16 * (chance.below(8) - 4) : chance.below(128) - 64));
  let aimed = word;
  const base = (word >>> 16) & 31;
  if (d !== undefined) {
    if (base === 0) aimed |= 5 << 16;
    gpr[(aimed >>> 16) & 31] = asUintN(64, to - BigInt(d.read(aimed)));
  } else if (rb === undefined) {
    if (base === 0) aimed |= 5 << 16;
    gpr[(aimed >>> 16) & 31] = to;
  } else {
    if (((aimed >>> 11) & 31) === base) aimed ^= 1 << 11;
    const index = (aimed >>> 11) & 31;
    if (base === 0 && ra?.kind === 'zr') gpr[index] = to;
    else gpr[base] = asUintN(64, to - (gpr[index] ?? 0n));
  }
  return aimed >>> 0;
}

/** Executes a case here. */
export function runHere(bench: Bench, of: PpcCase): PpcResult {
  const { vcpu } = bench;
  vcpu.setBig(slots.srr0, of.srr0);
  vcpu.setBig(slots.srr1, of.srr1);
  vcpu.setBig(slots.dar, 0n);
  vcpu.setNum(slots.dsisr, 0);
  vcpu.setNum(slots.vscr, of.vscr);
  const out = bench.run({
    code: [of.word],
    gpr: { ...of.gpr },
    vsr: Object.fromEntries([...of.vsr].map(([n, v]) => [n, [v >> 64n, asUintN(64, v)] as const])),
    ...{ msr: of.msr, cr: of.cr, xer: of.xer, lr: of.lr, ctr: of.ctr, fpscr: of.fpscr ?? 0n },
    storage: { [DATA_AT]: of.data },
  });
  const result = {
    ...{ gpr: out.gpr, pc: out.pc, msr: out.msr, cr: out.cr, xer: out.xer, lr: out.lr, ctr: out.ctr },
    ...{
      srr0: vcpu.big(slots.srr0),
      srr1: vcpu.big(slots.srr1),
      dar: vcpu.big(slots.dar),
      dsisr: vcpu.num(slots.dsisr),
    },
    data: out.storage(DATA_AT, DATA_BYTES),
    vsr: new Map([...of.vsr.keys()].map((n) => [n, (vcpu.vsr(n, 0) << 64n) | vcpu.vsr(n, 1)])),
    fpscr: vcpu.big(slots.fpscr),
    vscr: vcpu.num(slots.vscr),
  };
  const { cause } = out;
  if (cause === undefined) return result;
  if (cause.kind !== 'hypervisor') throw new Error(`${of.mnemonic}:${of.number} ended with ${JSON.stringify(cause)}`);
  // QEMU is its own hypervisor, and gives an illegal instruction straight to the guest.
  const { hsrr0, hsrr1 } = { hsrr0: vcpu.big(slots.hsrr0), hsrr1: vcpu.big(slots.hsrr1) };
  return { ...result, pc: 0x700n, msr: 0x8000_0000_0000_0000n, srr0: hsrr0, srr1: hsrr1 | 0x8_0000n };
}

/** Names of what differs. */
export function differences(of: PpcCase, there: PpcResult, here: PpcResult): string[] {
  const halves = new Set(
    Object.entries(of.row.fields)
      .filter(([, f]) => f.kind === 'fr' || /^(lxs|xs|mtvsr)/.test(of.mnemonic))
      .flatMap(([name, f]) => registersOf(name, f, of.word)),
  );
  const found: string[] = [];
  const say = (name: string, a: bigint | number, b: bigint | number): void => {
    if (a !== b) found.push(`${name} ${a.toString(16)} here ${b.toString(16)}`);
  };
  there.gpr.forEach((v, n) => say(`r${n}`, v, here.gpr[n] ?? 0n));
  for (const name of ['pc', 'msr', 'cr', 'xer', 'lr', 'ctr', 'srr0', 'srr1', 'dar', 'dsisr'] as const) {
    say(name, there[name], here[name]);
  }
  for (const [n, v] of there.vsr) {
    const mine = here.vsr.get(n) ?? 0n;
    // The right half of a register is not defined behind what sets it as a floating-point register.
    if (halves.has(n)) say(`vs${n}`, v >> 64n, mine >> 64n);
    else say(`vs${n}`, v, mine);
  }
  if (there.data !== here.data) found.push('storage');
  if (of.fpscr !== undefined) {
    const mask = comparedStatus(of.row, there.fpscr);
    say('fpscr', there.fpscr & mask, here.fpscr & mask);
    say('vscr', there.vscr, here.vscr);
  }
  return found;
}
