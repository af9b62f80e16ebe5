/** Cases of instructions that go to other address spaces by number, and of tracing: tables in the data frames, and control registers. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { encode } from '../../support/s390x/isa.ts';
import { Chance, streamOf } from '../chance.ts';
import type { OracleCase } from './image.ts';
import { CODE_BYTES, CODE_OFFSET, FILL, FRAME_COUNT, frames, real, virtual } from './layout.ts';
import type { Patch } from './placed.ts';

const PAGE = 4096;
/** Offsets in the data frames; the first three structures are in a frame each, that a program can only read or reaches elsewhere, too. */
const at = {
  second: frames.second * PAGE,
  authority: frames.second * PAGE + 0x200,
  first: frames.guarded * PAGE,
  linkage: frames.guarded * PAGE + 0x100,
  entries: frames.guarded * PAGE + 0x200,
  duct: frames.guarded * PAGE + 0x400,
  accessList: frames.guarded * PAGE + 0x480,
  trace: frames.zero * PAGE,
  /** The home space has the frames `first` and `third` exchanged. */
  stack: frames.third * PAGE + 0x208,
  trap: frames.third * PAGE + 0xc00,
  save: frames.third * PAGE + 0xd00,
} as const;
const STACK = BigInt(virtual.first + 0x208);
const TRAP = virtual.first + 0xc00;
const SAVE = virtual.first + 0xd00;
const realOf = (offset: number): number => real.frames + offset;
/** Where programs that are gone to begin: the frames of code are full of SUPERVISOR CALL. */
const target = (chance: Chance): number => virtual.code + 0x100 + 2 * chance.below(64);

const words = (...values: readonly number[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (const [i, value] of values.entries()) view.setUint32(4 * i, value >>> 0);
  return new Uint8Array(view.buffer);
};
const doublewords = (...values: readonly bigint[]): Uint8Array => {
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (const [i, value] of values.entries()) view.setBigUint64(8 * i, value);
  return new Uint8Array(view.buffer);
};

/** A structure that is nearly always as it should be. */
class Tables {
  readonly #chance: Chance;
  readonly patches: Patch[] = [];

  constructor(chance: Chance) {
    this.#chance = chance;
  }
  put(offset: number, bytes: Uint8Array): void {
    this.patches.push({ offset, bytes });
  }
  /** `usual`, and in a few cases something else. */
  rarely<T>(usual: T, other: T, percent = 3): T {
    return this.#chance.percent(percent) ? other : usual;
  }
}

const SPACES = 4;
const INVALID = 0x8000_0000;
/** Bits of an address-space-control element: space-switch event, subspace group. */
const EVENT = 0x40;
const GROUP = 0x200;

/** The control element of a space: one of two sets of tables. */
function spaceElement(chance: Chance, tables: Tables): bigint {
  const origin = chance.percent(60) ? real.tables : real.secondaryTables;
  return BigInt(origin + 0x0f + tables.rarely(0, EVENT, 4) + (chance.percent(85) ? GROUP : 0));
}

function asnTables(chance: Chance, tables: Tables): bigint[] {
  tables.put(at.first, words(realOf(at.second) | tables.rarely(0, INVALID, 1), INVALID));
  tables.put(at.authority, chance.percent(80) ? words(0xffff_ffff, 0xffff_ffff) : chance.bytes(8));
  return Array.from({ length: SPACES }, (_, n) => {
    const element = spaceElement(chance, tables);
    const isBase = n === 0 || chance.percent(10) ? 1 : 0;
    const zero = realOf(at.authority) | isBase | tables.rarely(0, INVALID, 2);
    const one = (chance.below(32) << 16) | tables.rarely(0x10, 0, 5);
    const linkage = INVALID | realOf(at.linkage);
    const sequence = chance.percent(90) ? 0 : 7;
    const entry = [words(zero, one), doublewords(element), words(realOf(at.accessList), sequence, linkage)];
    tables.put(at.second + n * 64, Uint8Array.from(Buffer.concat(entry)));
    return element;
  });
}

/** Bits of the fifth word of an entry-table entry: stacking, 64-bit mode, key, mask, authority, registers, secondary from primary. */
const entryBits = [0x4000_0000, 0x1000_0000, 0x0800_0000, 0x0400_0000, 0x0200_0000, 0x0100_0000] as const;

function entryTable(chance: Chance, tables: Tables, wide: boolean): void {
  tables.put(at.linkage, words(realOf(at.entries) | tables.rarely(0, INVALID, 1)));
  const entry = (): Uint8Array => {
    const stacks = chance.percent(60);
    const mode = wide ? chance.percent(90) : chance.percent(10);
    const one = target(chance) | (chance.percent(50) ? INVALID : 0) | (chance.percent(25) ? 1 : 0);
    const asn = chance.percent(50) ? 0 : chance.below(SPACES);
    const controls = entryBits.filter(() => chance.percent(40)).reduce((sum, bit) => sum | bit, 0);
    const four =
      (controls & ~0x4000_0000) | (stacks ? INVALID : 0) | (mode ? 0x4000_0000 : 0) | (chance.below(16) << 20);
    const head = words(
      mode ? 0 : tables.rarely(0, 1),
      mode ? one & 0x7fff_ffff : one,
      ((chance.percent(85) ? 0xffff : chance.below(0x1_0000)) << 16) | asn,
      chance.below(0x1_0000) << 16,
      (four | chance.below(0x1_0000)) >>> 0,
      realOf(at.second) + asn * 64,
    );
    return Uint8Array.from(Buffer.concat([head, chance.bytes(8)]));
  };
  // Two of four, each of which is there twice.
  const [a, b] = [entry(), entry()];
  for (const [i, bytes] of [a, b].entries()) tables.put(at.entries + i * 32, bytes);
}

/** The dispatchable-unit control table: base and sub space, their list, the state of a reduced authority, traps. */
function dispatchableUnit(chance: Chance, tables: Tables, wide: boolean): void {
  const subspace = chance.percent(50) ? 0 : realOf(at.second) + 64 * (1 + chance.below(3));
  const active = chance.percent(50) ? 0x8000_0000 : 0;
  const authority = [chance.word(), chance.word(), chance.word()];
  const table = words(
    realOf(at.second),
    subspace | (subspace === 0 ? 0 : active),
    0,
    chance.percent(90) ? 0 : 7,
    realOf(at.accessList),
    ...authority.map((word, i) => (i === 0 ? word & 0xffff_00f9 : word)),
  );
  tables.put(at.duct, table);
  const key = chance.below(16) << 4;
  const reduced = chance.percent(50) ? 0x8 : 0;
  const mask = chance.below(0x1_0000) << 16;
  tables.put(at.duct + 20, words((mask | key | reduced | (chance.percent(30) ? 1 : 0)) >>> 0));
  tables.put(at.duct + 32, words(0, (target(chance) | (!wide && chance.percent(50) ? INVALID : 0)) >>> 0));
  tables.put(at.duct + 44, words(TRAP | tables.rarely(1, 0)));
  // Two entries behind the two that there never are: both of the second space, one for others.
  for (const n of [2, 3]) {
    const zero = tables.rarely(0, INVALID, 2) | (chance.percent(50) ? 0 : 0x0100_0000);
    const space = realOf(at.second) + 64 * chance.below(SPACES);
    tables.put(at.accessList + 16 * n, words(zero, 0, space, chance.percent(90) ? 0 : 7));
  }
}

/** Trap control block, and a descriptor with room behind it. */
function homeStructures(chance: Chance, tables: Tables, returns: Uint8Array | undefined): void {
  const wide = chance.percent(75);
  tables.put(
    at.trap,
    words((wide ? 0x4_0000 : 0) | (chance.percent(50) ? 0x2_0000 : 0), 0, 0, SAVE, 0, target(chance)),
  );
  const free = chance.percent(90) ? 0x0c00 : chance.pick([0, 295, 296, 297]);
  const type = returns === undefined ? chance.pick([0x09, 0x0c, 0x0d, 0x8c]) : chance.pick([0x0d, 0x0d, 0x0d, 0x0c]);
  const descriptor = words((type << 24) | (chance.below(256) << 16) | free, chance.percent(50) ? 0 : chance.word());
  tables.put(at.stack, descriptor);
  if (returns !== undefined) tables.put(at.stack - 288 + 128, returns);
}

/** What PROGRAM RETURN goes back to, from the key mask on: spaces that may be others, and a PSW. */
function stateEntry(chance: Chance): Uint8Array {
  const view = new DataView(new ArrayBuffer(48));
  view.setUint16(0, chance.below(0x1_0000));
  view.setUint16(2, chance.below(SPACES));
  view.setUint16(4, chance.below(0x1_0000));
  view.setUint16(6, chance.below(SPACES));
  const [high, low] = chance.pick([
    [1, 0x8000_0000],
    [0, 0x8000_0000],
    [0, 0],
  ]);
  const problem = chance.percent(30) ? 0x1_0000 : 0;
  view.setUint32(8, (0x0400_0000 | problem | (chance.percent(20) ? 0x4000 : 0) | (chance.below(64) << 8) | high) >>> 0);
  view.setUint32(12, low);
  view.setUint32(40, 0);
  view.setUint32(44, target(chance));
  return new Uint8Array(view.buffer);
}

/** Control register 12: branches, modes and spaces are traced, or some of them, or nothing is. */
function tracing(chance: Chance): bigint {
  if (chance.percent(40)) return 0n;
  const flags = (chance.percent(60) ? 1n << 63n : 0n) | (chance.percent(40) ? 1n << 62n : 0n);
  const within = chance.percent(92) ? 4 * chance.below(256) : PAGE - 4 * (1 + chance.below(6));
  return flags | BigInt(realOf(at.trace) + within) | (chance.percent(60) ? 2n : 0n);
}

interface Instruction {
  readonly operands: Readonly<Record<string, number>>;
  readonly gr: Readonly<Record<number, bigint>>;
  readonly ar?: Readonly<Record<number, number>>;
  readonly patches?: readonly Patch[];
  /** Code behind the instruction, which cannot be executed by another one, then. */
  readonly list?: Uint8Array;
}

const word = (high: number, low: number): bigint => (BigInt(high >>> 0) << 16n) | BigInt(low >>> 0);
/** Registers as operands use them. */
const R = { first: 4, second: 6 } as const;

/** Where a branch goes: an address with the bits that a mode is taken from, if it is; in 64-bit mode they all belong to it. */
function branchTarget(chance: Chance, mode: bigint, setsMode: boolean): bigint {
  const wide = (mode & 0x1_0000_0000n) !== 0n;
  const bit32 = (setsMode || !wide) && chance.percent(50) ? 0x8000_0000n : 0n;
  const bit63 = setsMode && chance.percent(40) ? 1n : 0n;
  return BigInt(target(chance)) | (bit63 === 1n ? 0n : bit32) | bit63;
}

/** A program to resume: its short or long PSW, an access and a general register; the list behind the instruction says where. */
function resumption(chance: Chance): Instruction {
  const flags = chance.percent(95) ? chance.below(8) : chance.word() & 0xffff;
  const mode = chance.pick([0n, 0x8000_0000n, 0x1_8000_0000n]);
  const space = chance.percent(60) ? 0n : BigInt(chance.below(4)) << 46n;
  const mask = (1n << 58n) | space | (chance.big(6) << 40n) | mode | (chance.percent(4) ? 1n : 0n);
  const goal = BigInt(target(chance)) | (chance.percent(4) ? 1n : 0n);
  const long = (flags & 4) !== 0;
  const short = ((mask >> 32n) << 32n) | (1n << 51n) | (mode & 0x8000_0000n) | goal;
  const bytes = Uint8Array.from(Buffer.concat([doublewords(long ? mask : short, goal), chance.bytes(24)]));
  const view = new DataView(new ArrayBuffer(10));
  for (const [i, half] of [flags, 0, 16, 24, 28].entries()) view.setUint16(2 * i, half);
  return {
    operands: { b2: R.first, d2: 0 },
    gr: { [R.first]: BigInt(virtual.second + 0x900) },
    patches: [{ offset: frames.second * PAGE + 0x900, bytes }],
    list: new Uint8Array(view.buffer),
  };
}

/** The operands of a row's instruction, and what they need. */
function instructionOf(chance: Chance, mnemonic: string, mode: bigint): Instruction {
  const goal = (setsMode = false): bigint => branchTarget(chance, mode, setsMode);
  const pair = { r1: R.first, r2: R.second };
  const asn = (): number => (chance.percent(92) ? chance.below(SPACES) : chance.pick([4, 64, 0x1234]));
  switch (mnemonic) {
    case 'PC': {
      const number = chance.percent(94) ? chance.below(2) : chance.pick([4, 0x100, 0xf_ffff, 0x2000]);
      return { operands: { b2: R.first, d2: 0 }, gr: { [R.first]: (chance.big(40) << 20n) | BigInt(number) } };
    }
    case 'PT':
      return {
        operands: pair,
        gr: { [R.first]: word(chance.word() & 0xffff, asn()), [R.second]: goal() },
      };
    case 'SSAR':
      return { operands: { r1: R.first }, gr: { [R.first]: word(chance.word() & 0xffff, asn()) } };
    case 'LASP': {
      // Key mask, secondary number, authorization index, primary number; three bits of the second operand say what.
      const list = doublewords((word(chance.word() & 0xffff, asn()) << 32n) | word(chance.below(32), asn()));
      const patches = [{ offset: frames.second * PAGE + 0x800, bytes: list }];
      const operands = { b1: 0, d1: 0, b2: 0, d2: chance.below(8) };
      return { operands: { ...operands, b1: R.first }, gr: { [R.first]: BigInt(virtual.second + 0x800) }, patches };
    }
    case 'BSA': {
      const gr = { [R.first]: word(chance.word() & 0xffff, chance.below(256)), [R.second]: goal() };
      return { operands: { r1: chance.percent(80) ? R.first : 0, r2: chance.percent(80) ? R.second : 0 }, gr };
    }
    case 'BSG': {
      const alet = chance.percent(92) ? chance.below(4) : chance.word();
      return { operands: pair, gr: { [R.second]: goal() }, ar: { [R.second]: alet } };
    }
    case 'BAKR':
      return {
        operands: { r1: chance.pick([0, R.first]), r2: chance.pick([0, R.second]) },
        gr: { [R.first]: goal(), [R.second]: goal() },
      };
    case 'BALR':
    case 'BASR':
      return { operands: pair, gr: { [R.second]: goal() } };
    case 'BASSM':
    case 'BSM':
      return { operands: pair, gr: { [R.second]: goal(true) } };
    case 'RP':
      return resumption(chance);
    case 'TRAP4':
      return { operands: { b2: R.first, d2: chance.below(PAGE) }, gr: {} };
    default:
      return { operands: {}, gr: {} };
  }
}

/** Rows that cases can be made of. */
export const spaceRows = 'PC PT PR SSAR LASP BSA BSG BAKR RP TRAP2 TRAP4 BALR BASR BASSM BSM'.split(' ');

const privileged: ReadonlySet<string> = new Set(['LASP']);

function controlRegisters(chance: Chance, tables: Tables, elements: readonly bigint[]): Record<number, bigint> {
  const [primary, secondary] = [chance.below(SPACES), chance.below(SPACES)];
  const keys = BigInt(chance.percent(70) ? 0xffff : chance.below(0x1_0000));
  return {
    1: (elements[primary] ?? 0n) | BigInt(tables.rarely(0, EVENT, 4)),
    2: BigInt(realOf(at.duct)),
    3: (keys << 16n) | BigInt(secondary),
    4: (BigInt(chance.below(32)) << 16n) | BigInt(primary),
    5: BigInt(realOf(at.second) + 64 * primary),
    7: elements[secondary] ?? 0n,
    8: BigInt(chance.below(32)) << 16n,
    12: tracing(chance),
    13: BigInt(real.secondaryTables + 0x0f + tables.rarely(0, EVENT)),
    14: BigInt((tables.rarely(0x8_0000, 0, 5) | (realOf(at.first) >> 12)) >>> 0),
    15: STACK,
  };
}

/** The case of a row with a number. */
export function spaceCase({ mnemonic }: Row, number: number): OracleCase {
  const chance = new Chance(streamOf(`space ${mnemonic}:${number}`));
  const tables = new Tables(chance);
  const mode = chance.pick([0x1_8000_0000n, 0x1_8000_0000n, 0x8000_0000n, 0n]);
  const elements = asnTables(chance, tables);
  const wide = (mode & 0x1_0000_0000n) !== 0n;
  entryTable(chance, tables, wide);
  dispatchableUnit(chance, tables, wide);
  homeStructures(chance, tables, mnemonic === 'PR' ? stateEntry(chance) : undefined);
  const cr = controlRegisters(chance, tables, elements);
  const { operands, gr, ar = {}, patches = [], list: behind } = instructionOf(chance, mnemonic, mode);
  const problem = chance.percent(privileged.has(mnemonic) ? 5 : 50) ? 1n << 48n : 0n;
  // Primary-space mode mostly, and the other ones; in home-space mode the program is in the home space.
  const space = chance.percent(75) ? 0n : chance.pick([1n, 2n, 3n]);
  const code = new Uint8Array(CODE_BYTES);
  for (let i = 0; i < CODE_BYTES; i += 2) new DataView(code.buffer).setUint16(i, FILL);
  const text = encode(mnemonic, operands);
  const executed = behind === undefined && chance.percent(15);
  // EXECUTE of what stands 16 bytes behind it: what is traced, linked and kept is behind the EXECUTE.
  code.set(executed ? encode('EXRL', { r1: 0, ri2: 16 }) : text);
  if (executed) code.set(text, 16);
  if (behind !== undefined) code.set(behind, text.length);
  const others = chance.percent(85) ? 0x0400_0000n : 0n;
  const list = Object.entries(operands).map(([name, value]) => `${name}=${value}`);
  return {
    mnemonic,
    number,
    does: mnemonic,
    text: `${executed ? 'EXRL -> ' : ''}${mnemonic} ${list.join(',')}`,
    operands,
    pswMask: (1n << 58n) | mode | problem | (space << 46n) | (BigInt(chance.below(4)) << 44n),
    code,
    codeOffset: CODE_OFFSET,
    gr: Array.from({ length: 16 }, (_, i) => gr[i] ?? chance.big(64)),
    vr: Array.from({ length: 32 }, () => 0n),
    ar: Array.from({ length: 16 }, (_, i) => ar[i] ?? 0),
    fpc: 0,
    cr0: 0x4_0000n | others | (chance.percent(85) ? 0x0800_0000n : 0n),
    cr,
    pool: Array.from({ length: FRAME_COUNT }, () => 0),
    patches: [...tables.patches, ...patches],
  };
}
