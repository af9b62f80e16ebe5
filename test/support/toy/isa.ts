/**
 * The instructions of a toy architecture, which tests use to show that nothing outside `arch/` knows an architecture. An
 * instruction is a word of 32 bits in the guest's byte order: opcode, two register numbers, 16 bits that are signed.
 */

import type { Field } from '../../../src/ir/field.ts';
import type { RegisterFile, RegisterIndex, RegisterPart, Slot } from '../../../src/ir/node.ts';
import { Recorder } from '../../../src/ir/recorder.ts';
import type { EngineRow } from '../../../src/machine/arch.ts';
import { ARCH_STATE_OFFSET, decodeEntry } from '../../../src/machine/layout.ts';

/** Which byte of a word has the lowest address. */
export type ByteOrder = 'big' | 'little';

/** Bytes of every instruction. */
export const INSTRUCTION_BYTES = 4;
/** A scalar that translators know for one which most instructions set; none of the toy's does. */
export const condition: Slot<'i32'> = { name: 'condition', offset: ARCH_STATE_OFFSET + 64, ty: 'i32' };
/** General registers, of 64 bits. */
export const REGISTERS = 8;

const registerFile: RegisterFile = { name: 'r', offset: ARCH_STATE_OFFSET, width: 8 };
const register: RegisterPart<'i64'> = { file: registerFile, name: 'r', offset: 0, ty: 'i64', bytes: 8 };

/** Where a general register lies in a vCPU's state. */
export function registerSlot(n: number): Slot<'i64'> {
  return { name: `r${n}`, offset: registerFile.offset + n * registerFile.width, ty: 'i64' };
}

const unsigned = { signed: false, bytes: 1, kind: 'gr' } as const;
/** Fields of an instruction. `rel` is a distance; the same bits are `immediate` where they are a number. */
export const fields = {
  a: { ...unsigned, name: 'a', start: 8, length: 4, slot: decodeEntry.operands },
  b: { ...unsigned, name: 'b', start: 12, length: 4, slot: decodeEntry.operands + 1 },
  rel: { name: 'rel', kind: 'rel', start: 16, length: 16, signed: true, slot: 8, bytes: 8 },
} as const satisfies Record<string, Field>;

const immediate: Field = { name: 'imm', kind: 'imm', start: 16, length: 16, signed: true, slot: 8, bytes: 4 };
const at = (field: Field): RegisterIndex => ({ by: 'field', field, delta: 0 });

/** What an opcode stands for. Opcodes count from 1; a word of zeros is none of these. */
export type Mnemonic = 'addi' | 'load' | 'store' | 'brnz';

const meanings: Readonly<Record<Mnemonic, ($: Recorder) => void>> = {
  /** a = b + imm */
  addi: ($) => $.writeReg(register, at(fields.a), sum($)),
  /** a = the doubleword at b + imm */
  load: ($) => $.writeReg(register, at(fields.a), $.fetchAs('i64', 64, { at: sum($), space: 'data' })),
  /** The doubleword at b + imm = a */
  store: ($) => $.storeAs(64, { at: sum($), space: 'data' }, $.readReg(register, at(fields.a))),
  /** Branches by `rel` when a is not zero. */
  brnz: ($) => {
    const target = $.add($.ia(), $.rel(fields.rel));
    $.branch($.select($.ne($.readReg(register, at(fields.a)), 0), target, $.next()));
  },
};

function sum($: Recorder) {
  return $.add($.readReg(register, at(fields.b)), $.sext($.field(immediate)));
}

function record(mnemonic: string, meaning: ($: Recorder) => void): EngineRow {
  const recorder = new Recorder();
  meaning(recorder);
  return { mnemonic, body: recorder.finish() };
}

const mnemonics = Object.keys(meanings) as Mnemonic[];
/** Index of the row that any other word has: the vCPU stops there. */
export const HALT = mnemonics.length;

/** The rows, in the order of their opcodes, and the one for everything else. */
export const rows: readonly EngineRow[] = [
  ...mnemonics.map((name) => record(name, meanings[name])),
  record('halt', ($) => $.trap(0)),
];

/** Index of the row of an instruction. */
export function rowOf(word: number): number {
  const opcode = word >>> 24;
  return opcode >= 1 && opcode <= mnemonics.length ? opcode - 1 : HALT;
}

/** The value of an operand field of an instruction. */
export function operandOf(field: Field, word: number): bigint {
  if (field === fields.a) return BigInt((word >>> 20) & 15);
  if (field === fields.b) return BigInt((word >>> 16) & 15);
  const signed = (word << 16) >> 16;
  return BigInt(field === fields.rel ? signed * INSTRUCTION_BYTES : signed);
}

/** Leaves the operands of an instruction where its handler finds them. */
export function writeOperands(view: DataView, entry: number, word: number): void {
  for (const field of [fields.a, fields.b]) view.setUint8(entry + field.slot, Number(operandOf(field, word)));
  if (rowOf(word) === mnemonics.indexOf('brnz')) {
    view.setBigInt64(entry + fields.rel.slot, operandOf(fields.rel, word), true);
  } else {
    view.setInt32(entry + immediate.slot, Number(operandOf(immediate, word)), true);
  }
}

/** An instruction as its word. */
export function assemble(mnemonic: Mnemonic, a: number, b: number, imm: number): number {
  return (((mnemonics.indexOf(mnemonic) + 1) << 24) | (a << 20) | (b << 16) | (imm & 0xffff)) >>> 0;
}
