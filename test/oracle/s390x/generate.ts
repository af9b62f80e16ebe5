/** Makes test cases: for a row and a number always the same one, from the seed. */

import type { Row } from '../../../src/arch/s390x/isa/row.ts';
import { encode } from '../../support/s390x/isa.ts';
import { Chance, streamOf } from '../chance.ts';
import { registersFor } from './floating.ts';
import type { OracleCase } from './image.ts';
import { CODE_BYTES, CODE_OFFSET, FILL, FRAME_COUNT, frames, virtual } from './layout.ts';
import { chooseOperands } from './operands.ts';
import { contentsFor, patchesFor } from './placed.ts';
import { stackPatches } from './stack.ts';
import { type Traits, traitsOf } from './traits.ts';
import { anyValue, dataAddress, dictionaries, edges, packed, sections, unicode, zoned } from './values.ts';

/** A row with its traits. */
export interface Subject {
  readonly row: Row;
  readonly traits: Traits;
}

/** The rows with their traits. */
export function subjectsOf(rows: readonly Row[]): Subject[] {
  return rows.map((row) => ({ row, traits: traitsOf(row) }));
}

const DAT = 1n << 58n;
/** How far the target of an EXECUTE lies behind it. */
const TARGET = 16;

/** The case of a row with a number. `targets` are what EXECUTE may do. */
export function makeCase(subject: Subject, number: number, targets: readonly Subject[]): OracleCase {
  const { row, traits } = subject;
  const chance = new Chance(streamOf(`${row.mnemonic}:${number}`));
  const codeOffset = chance.percent(4) ? 0xffc + 2 * chance.below(2) : CODE_OFFSET;
  const ia = virtual.code + codeOffset;
  const executed = traits.executes ? targets[chance.below(targets.length)] : undefined;
  const worked = executed ?? subject;
  const gr = Array.from({ length: 16 }, (_, i) => registerValue(chance, worked.traits, i));
  const code = new Uint8Array(CODE_BYTES);
  for (let at = 0; at < CODE_BYTES; at += 2) new DataView(code.buffer).setUint16(at, FILL);
  // Function and store characteristic; QEMU 7.2 ends itself on stores of one byte.
  if (worked.row.mnemonic === 'CSST') gr[0] = BigInt(chance.below(4) | ((1 + chance.below(5)) << 8));
  if (worked.row.mnemonic === 'UPT') placeTree(chance, gr);
  if (worked.row.mnemonic === 'CFC') placeRecords(chance, gr);
  const dictionary = worked.row.mnemonic === 'CMPSC' ? placeDictionary(chance, gr) : undefined;
  const place = { chance, gr, ia: executed === undefined ? ia : ia + TARGET };
  const operands = chooseOperands(place, worked.row, worked.traits);
  if (worked.row.mnemonic === 'ESTA') gr[operands.r2 ?? 0] = BigInt(chance.below(6));
  const filling = new Chance(streamOf(`${worked.row.mnemonic}:${number}:contents`));
  const contents = contentsFor({ chance: filling, row: worked.row, operands, gr });
  const stack = stackPatches(filling, worked.row.mnemonic, ia + 2);
  const work = worded(worked.row, operands);
  const first = executed === undefined ? work : execute(chance, gr, row, { ...worked, operands, at: ia + TARGET });
  code.set(first.text);
  if (executed !== undefined) code.set(work.text, TARGET);
  // Condition code 3: on with it.
  if (worked.traits.repeats) code.set(encode('BRC', { m1: 1, ri2: -first.text.length }), first.text.length);
  const { floating, vector } = worked.traits;
  const mask = pswMask(chance, worked.traits);
  return {
    mnemonic: row.mnemonic,
    number,
    does: worked.row.mnemonic,
    text: executed === undefined ? work.shown : `${first.shown} -> ${work.shown}`,
    operands,
    pswMask: mask,
    code,
    codeOffset,
    gr: gr.map((v) => BigInt.asUintN(64, v)),
    vr: vectors(chance, worked),
    ar: Array.from({ length: 16 }, () => (chance.percent(70) ? 0 : chance.word())),
    fpc: floating ? floatingControl(chance) : 0,
    // AFP registers mostly; low-address protection and the secondary space now and then.
    cr0:
      (chance.percent(floating || vector ? 92 : 50) ? 0x4_0000n : 0n) |
      (chance.percent(vector ? 95 : 50) ? 0x2_0000n : 0n) |
      (chance.percent(5) ? 0x1000_0000n : 0n) |
      (chance.percent(70) ? 0x0400_0000n : 0n),
    pool: Array.from({ length: FRAME_COUNT }, (_, frame) => dictionary?.[frame] ?? poolOffset(chance, worked.traits)),
    patches:
      stack.length > 0
        ? stack
        : [...patches(chance, worked), ...contents.flatMap((c) => patchesFor({ operands, gr }, mask, c))],
  };
}

/** The floating-point registers are edge values; vectors are those, random, text-like, or the same in every element. */
function vectors(chance: Chance, { row, traits }: Subject): bigint[] {
  const doubleword = (): bigint => (chance.percent(80) ? chance.pick(edges) : chance.big(64));
  const first = registersFor(chance, row) ?? Array.from({ length: 16 }, doubleword);
  if (!traits.vector) return Array.from({ length: 32 }, (_, i) => (first[i] ?? 0n) << 64n);
  const bytes = [0, 1, 2, 0x41, 0xff] as const;
  const few = (): bigint => {
    let value = 0n;
    for (let i = 0; i < 16; i++) value = (value << 8n) | BigInt(chance.pick(bytes));
    return value;
  };
  const kinds: readonly [() => bigint, ...(() => bigint)[]] = [
    () => (doubleword() << 64n) | doubleword(),
    () => chance.big(128),
    few,
    () => (doubleword() & 0xffff_ffffn) * 0x1_0000_0001_0000_0001_0000_0001n,
  ];
  return Array.from({ length: 32 }, () => chance.pick(kinds)());
}

/** Registers of COMPARE AND FORM CODEWORD: two records, which may be the same, and an index. */
function placeRecords(chance: Chance, gr: bigint[]): void {
  const mask = chance.percent(95) ? ~1n : ~0n;
  gr[1] = dataAddress(chance, 256) & mask;
  gr[3] = chance.percent(30) ? gr[1] : dataAddress(chance, 256) & mask;
  gr[2] = BigInt(chance.below(64) * 2) | (chance.big(48) << 16n);
}

/** Registers of UPDATE TREE: a codeword and its data, the tree, and an index in it. */
function placeTree(chance: Chance, gr: bigint[]): void {
  gr[0] = chance.percent(90) ? chance.big(chance.pick([31, 63, 8])) : anyValue(chance);
  gr[4] = dataAddress(chance, 256) & (chance.percent(95) ? ~15n : ~0n);
  gr[5] = BigInt(chance.below(64)) * (chance.percent(95) ? 16n : 2n);
}

/** Registers 0 and 1 of COMPRESSION CALL; gives where the contents of data frames with the dictionaries begin. */
function placeDictionary(chance: Chance, gr: bigint[]): Readonly<Record<number, number>> {
  const number = chance.below(2 * dictionaries.each);
  const [expands, translates] = [chance.percent(50), chance.percent(15)];
  const size = chance.percent(95) ? 1 : chance.below(16);
  const format1 = chance.percent(97) === number >= dictionaries.each ? 0x200 : 0;
  gr[0] =
    BigInt((translates ? 0x1_0000 : 0) | (size << 12) | format1 | (expands ? 0x100 : 0)) | (chance.big(32) << 32n);
  // A table for translations may be anywhere in the frames.
  const parameters = chance.below(0x1000) & (chance.percent(30) ? 0xfff : 0xff8);
  gr[1] = BigInt((expands ? virtual.second : virtual.first) | parameters);
  const at = dictionaries.at + number * dictionaries.bytes;
  return { [frames.first]: at, [frames.second]: at + 0x1000 };
}

interface Worded {
  readonly text: Uint8Array;
  readonly shown: string;
}

function worded(row: Row, operands: Readonly<Record<string, number>>): Worded {
  const list = Object.entries(operands).map(([name, value]) => `${name}=${value}`);
  return { text: encode(row.mnemonic, operands), shown: `${row.mnemonic} ${list.join(',')}` };
}

/** What EXECUTE executes: with these operands, at an address. */
interface Target extends Subject {
  readonly operands: Readonly<Record<string, number>>;
  readonly at: number;
}

// What is done again is found again: not by a register that the first time has changed, of a pair as of its even one.
function baseOf({ traits, operands }: Target): number {
  const changed = traits.repeats ? [operands.r1, operands.r2, operands.r3].flatMap((r = 0) => [r, r + 1]) : [];
  return [15, 13, 11, 9].find((r) => !changed.includes(r)) ?? 7;
}

/** EXECUTE of what stands at `target.at`. The modifier leaves it the same instruction. */
function execute(chance: Chance, gr: bigint[], row: Row, target: Target): Worded {
  // What is done again needs the same modifier again.
  const r1 = target.traits.repeats || chance.percent(50) ? 0 : 1 + chance.below(14);
  const { opcode } = target.row.format;
  // QEMU wants zeros in the unused bits 8-15 of S, too.
  const kept = opcode === 'op16' || target.row.formatName === 'S_8' ? ~0xffn : opcode === 'op12' ? ~0xfn : ~0n;
  gr[r1] = (gr[r1] ?? 0n) & kept;
  if (row.mnemonic === 'EXRL') return worded(row, { r1, ri2: TARGET });
  const base = baseOf(target);
  gr[base] = BigInt(target.at);
  return worded(row, { r1, x2: 0, b2: base, d2: 0 });
}

function registerValue(chance: Chance, { registers }: Traits, i: number): bigint {
  if (registers === 'any') return chance.percent(15) ? dataAddress(chance, 16) : anyValue(chance);
  if (chance.percent(3)) return anyValue(chance);
  // Registers 0 and 1 have terminators, padding bytes, function codes and tables.
  if (i === 0 && chance.percent(80)) return BigInt(chance.pick([0, 0x40, 0x41, 0, chance.below(256)]));
  if (i === 1 && chance.percent(80)) return dataAddress(chance, 256) & ~7n;
  if (registers === 'addresses' || i % 2 === 0) return dataAddress(chance, chance.pick([8, 64, 300]));
  const length = chance.pick([0, 1, 2, 8, chance.below(64), chance.below(64), chance.below(300), chance.below(5000)]);
  const padding = chance.percent(30) ? chance.pick([0x40, 0x41, chance.below(256)]) : 0;
  return BigInt(length) | (BigInt(padding) << 24n);
}

function pswMask(chance: Chance, traits: Traits): bigint {
  const mode = chance.pick([0x1_8000_0000n, 0x1_8000_0000n, 0x1_8000_0000n, 0x8000_0000n, 0n]);
  const problem = traits.problemStateOnly || chance.percent(15) ? 1n << 48n : 0n;
  const space = chance.percent(85) ? 0n : chance.pick([2n, 3n]);
  const cc = BigInt(chance.below(4));
  const masks = BigInt(chance.percent(50) ? 0 : chance.below(16));
  return DAT | mode | problem | (space << 46n) | (cc << 44n) | (masks << 40n);
}

/** A valid floating-point-control register: masks, flags, DXC and the two rounding modes. */
function floatingControl(chance: Chance): number {
  const masks = chance.percent(50) ? 0 : chance.below(32) << 27;
  const flags = chance.percent(60) ? 0 : chance.below(32) << 19;
  const dxc = chance.percent(80) ? 0 : chance.below(256) << 8;
  const rounding = (chance.below(8) << 4) | chance.pick([0, 0, 1, 2, 3, 7]);
  return (masks | flags | dxc | rounding) >>> 0;
}

function poolOffset(chance: Chance, traits: Traits): number {
  const [from, length] = sections[chance.percent(85) ? chance.pick(traits.sections) : 'random'];
  return from + 8 * chance.below(length / 8);
}

function patches(chance: Chance, { row, traits }: Subject): OracleCase['patches'] {
  const out: { offset: number; bytes: Uint8Array }[] = [];
  const shared = content(chance, row, traits);
  for (let left = chance.below(3); left > 0; left--) {
    const bytes = chance.percent(60) ? shared : content(chance, row, traits);
    const within = chance.pick([0, 0xff0, 0x1000 - bytes.length, chance.below(4000)]);
    const offset = chance.below(FRAME_COUNT) * 4096 + within;
    if (offset + bytes.length <= FRAME_COUNT * 4096) out.push({ offset, bytes });
  }
  return out;
}

function content(chance: Chance, row: Row, traits: Traits): Uint8Array {
  const length = 1 + chance.below(64);
  if (traits.decimal)
    return chance.percent(80) ? packed(chance, 1 + chance.below(16)) : zoned(chance, 1 + chance.below(31));
  if (/^CU[124]/.test(row.mnemonic)) return unicode(chance, chance.pick([8, 16, 32]), length);
  if (chance.percent(30)) return new Uint8Array(length).fill(chance.pick([0, 0x40, 0xff]));
  return chance.bytes(length);
}
