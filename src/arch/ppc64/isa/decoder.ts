import type { PpcField } from './fields.ts';
import type { Row } from './row.ts';

/** A row as an instruction is compared with it. */
interface Candidate {
  readonly mask: number;
  readonly value: number;
  readonly index: number;
}

/** The rows of a primary opcode. */
class Primary {
  readonly #all: Candidate[] = [];
  /** Bits 21-31, as far as some row looks at them, and those rows that may be meant by what is in these. */
  #bits = 0;
  readonly #lists: (readonly Candidate[] | undefined)[] = [];

  add(candidate: Candidate): void {
    this.#all.push(candidate);
    this.#bits |= candidate.mask & 0x7ff;
  }
  /** Number of the row that has looked at most bits, -1 for none. */
  find(word: number): number {
    const extended = word & this.#bits;
    this.#lists[extended] ??= this.#listOf(extended);
    for (const { mask, value, index } of this.#lists[extended]) if ((word & mask) >>> 0 === value) return index;
    return -1;
  }
  #listOf(extended: number): readonly Candidate[] {
    const may = this.#all.filter(({ mask, value }) => ((value ^ extended) & mask & this.#bits) === 0);
    return may.sort((a, b) => weight(b.mask) - weight(a.mask));
  }
}

/**
 * Finds the row of an instruction: of two that an instruction fits, the one that looks at more bits is meant. Two rows with one
 * opcode throw. `has` chooses among the rows.
 */
export class OpcodeMap {
  readonly #primaries = Array.from({ length: 64 }, () => new Primary());

  constructor(rows: readonly Row[], has: (row: Row) => boolean) {
    const known = new Map<string, Row>();
    rows.forEach((row, index) => {
      if (!has(row)) return;
      const { value, mask } = row.op;
      const other = known.get(`${value} ${mask}`);
      if (other !== undefined) throw new Error(`${row.mnemonic} has the opcode of ${other.mnemonic}`);
      known.set(`${value} ${mask}`, row);
      this.#primaries[value >>> 26]?.add({ mask, value, index });
    });
  }

  /** Index of the row, -1 when no row has the opcode. */
  find(word: number): number {
    return this.#primaries[word >>> 26]?.find(word) ?? -1;
  }
}

function weight(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** Writes the operand fields of an instruction into a decode-cache entry, all of which behind its first word is theirs. */
export function writeOperands(memory: Uint32Array, entry: number, row: Row, word: number): void {
  let [first, second, third] = [0, 0, 0];
  for (const field of row.operands) {
    const { slot, bytes } = field;
    if (bytes === 1) {
      const value = (Number(field.read(word)) & 0xff) << (8 * (slot & 3));
      if (slot < 8) first |= value;
      else if (slot < 12) second |= value;
      else third |= value;
    } else if (field.mask !== undefined) {
      const { high, low } = field.mask(word);
      second = low;
      third = high;
    } else {
      second = Number(field.read(word));
      if (bytes === 8) third = second < 0 ? -1 : 0;
    }
  }
  const at = entry >>> 2;
  memory[at + 1] = first;
  memory[at + 2] = second;
  memory[at + 3] = third;
}

/** The value of an operand field of an instruction. */
export function operandOf(field: PpcField, word: number): bigint {
  return BigInt(field.read(word));
}
