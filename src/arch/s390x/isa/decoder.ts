import type { Field } from '../../../ir/field.ts';
import { ZERO_REGISTER } from '../cpu/state-layout.ts';
import type { Row } from './row.ts';

/** Length in bytes of the instruction that begins with the byte (PoP, "Instruction Formats": bits 0 and 1). */
export function instructionLength(first: number): 2 | 4 | 6 {
  return first < 0x40 ? 2 : first < 0xc0 ? 4 : 6;
}

type SecondPart = { readonly shift: 'op16' | 'op12' | 'op8x'; readonly rows: Int16Array };

/**
 * Finds the row of an instruction. Built from the rows: each first byte leads to a row, or to a table by the opcode's
 * second part. Two rows with one opcode, or an opcode that does not fit its format, throw.
 */
export class OpcodeMap {
  readonly #first: (number | SecondPart | undefined)[] = new Array(256).fill(undefined);

  constructor(rows: readonly Row[]) {
    rows.forEach((row, index) => this.#enter(rows, row, index));
  }

  #enter(rows: readonly Row[], row: Row, index: number): void {
    const style = row.format.opcode;
    const clash = (other: number | undefined): never => {
      throw new Error(`${row.mnemonic} has the opcode of ${rows[other ?? -1]?.mnemonic ?? 'another format'}`);
    };
    const secondBits = style === 'op8' ? 0 : style === 'op12' ? 4 : 8;
    const byte = row.op >> secondBits;
    if (byte > 0xff || instructionLength(byte) !== row.format.length) {
      throw new Error(`${row.mnemonic}: opcode 0x${row.op.toString(16)} does not fit format ${row.formatName}`);
    }
    const known = this.#first[byte];
    if (style === 'op8') {
      if (known !== undefined) clash(typeof known === 'number' ? known : undefined);
      this.#first[byte] = index;
      return;
    }
    if (typeof known === 'number' || (known !== undefined && known.shift !== style)) {
      return clash(typeof known === 'number' ? known : undefined);
    }
    const table = known ?? { shift: style, rows: new Int16Array(256).fill(-1) };
    this.#first[byte] = table;
    const second = row.op & ((1 << secondBits) - 1);
    const there = table.rows[second] ?? -1;
    if (there >= 0) clash(there);
    table.rows[second] = index;
  }

  /** Index of the row, or -1 when no row has the opcode. `text` holds the whole instruction. */
  find(text: Uint8Array): number {
    return this.findWords(firstWord(text), lastHalf(text));
  }
  /** The same by bytes 0-3 of the text, and 4-5. */
  findWords(first: number, last: number): number {
    const part = this.#first[first >>> 24];
    if (part === undefined) return -1;
    if (typeof part === 'number') return part;
    const second =
      part.shift === 'op16' ? (first >>> 16) & 0xff : part.shift === 'op12' ? (first >>> 16) & 15 : last & 0xff;
    return part.rows[second] ?? -1;
  }
}

/** The raw bits of a field, long displacements put together, signed fields sign extended, vector numbers completed. */
export function fieldBits(field: Field, text: Uint8Array): number {
  return bitsOfField(field, firstWord(text), lastHalf(text));
}

/** Bytes 0-3 of a text; zeros behind a shorter one. */
export function firstWord(text: Uint8Array): number {
  return (((text[0] ?? 0) << 24) | ((text[1] ?? 0) << 16) | ((text[2] ?? 0) << 8) | (text[3] ?? 0)) >>> 0;
}
/** Bytes 4-5 of a text; zeros behind a shorter one. */
export function lastHalf(text: Uint8Array): number {
  return ((text[4] ?? 0) << 8) | (text[5] ?? 0);
}

function bitsOfField({ kind, start, length, signed }: Field, first: number, last: number): number {
  if (kind === 'disp' && length === 20) {
    const low = rawBits(first, last, start, 12);
    const high = rawBits(first, last, start + 12, 8);
    return ((high << 24) >> 12) | low;
  }
  const raw = rawBits(first, last, start, length);
  if (kind === 'vr') {
    const place = start === 8 ? 8 : start === 12 ? 4 : start === 16 ? 2 : 1;
    return raw | (((last >>> 8) & place) !== 0 ? 16 : 0);
  }
  return signed ? (raw << (32 - length)) >> (32 - length) : raw;
}

// At most 32 bits, which may begin in one part and end in the other.
function rawBits(first: number, last: number, start: number, length: number): number {
  const end = start + length;
  const mask = 0xffff_ffff >>> (32 - length);
  if (end <= 32) return ((first >>> (32 - end)) & mask) >>> 0;
  const upper = start < 32 ? first << (end - 32) : 0;
  return ((upper | (last >>> (48 - end))) & mask) >>> 0;
}

/**
 * Writes the operand fields of an instruction, given as bytes 0-3 and 4-5 of its text, into a decode-cache entry. `distance` is
 * added to relative operands: how far the text lies behind the address that the PSW has (a target of EXECUTE).
 */
export function writeOperands(
  view: DataView,
  entry: number,
  row: Row,
  first: number,
  last: number,
  distance: bigint,
): void {
  const { list } = row.format;
  for (let i = 0; i < list.length; i++) {
    const field = list[i];
    if (field === undefined) return;
    const value = bitsOfField(field, first, last);
    const at = entry + field.slot;
    if (field.bytes === 1) view.setUint8(at, field.kind === 'zr' && value === 0 ? ZERO_REGISTER : value & 0xff);
    else if (field.bytes === 4) view.setInt32(at, value, true);
    else if (distance !== 0n) view.setBigInt64(at, BigInt(value) * 2n + distance, true);
    else {
      view.setInt32(at, value << 1, true);
      view.setInt32(at + 4, value < 0 ? -1 : 0, true);
    }
  }
}
