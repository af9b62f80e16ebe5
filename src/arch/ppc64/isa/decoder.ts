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

/** Writes the operand fields of an instruction into a decode-cache entry. */
export function writeOperands(view: DataView, entry: number, row: Row, word: number): void {
  for (const field of row.operands) {
    const at = entry + field.slot;
    if (field.mask !== undefined) {
      const { high, low } = field.mask(word);
      view.setInt32(at, low, true);
      view.setInt32(at + 4, high, true);
      continue;
    }
    const value = field.read(word);
    if (field.bytes === 1) view.setUint8(at, Number(value));
    else if (field.bytes === 4) view.setInt32(at, Number(value), true);
    else if (typeof value === 'bigint') view.setBigInt64(at, value, true);
    else {
      view.setInt32(at, value, true);
      view.setInt32(at + 4, value < 0 ? -1 : 0, true);
    }
  }
}

/** The value of an operand field of an instruction. */
export function operandOf(field: PpcField, word: number): bigint {
  return BigInt(field.read(word));
}
