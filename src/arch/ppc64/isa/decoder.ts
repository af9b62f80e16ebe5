import type { PpcField } from './fields.ts';
import type { Row } from './row.ts';

/** Rows whose opcodes are decided by the same bits, by the word with the others zero. */
interface Group {
  readonly mask: number;
  readonly rows: Map<number, number>;
}

/**
 * Finds the row of an instruction: each primary opcode leads to groups, of which those that look at more bits come first. Two
 * rows with one opcode throw. `has` chooses among the rows.
 */
export class OpcodeMap {
  readonly #groups: Group[][] = Array.from({ length: 64 }, () => []);

  constructor(rows: readonly Row[], has: (row: Row) => boolean) {
    rows.forEach((row, index) => {
      if (has(row)) this.#enter(rows, row, index);
    });
    for (const groups of this.#groups) groups.sort((a, b) => weight(b.mask) - weight(a.mask));
  }

  #enter(rows: readonly Row[], { mnemonic, op }: Row, index: number): void {
    const groups = this.#groups[op.value >>> 26];
    let group = groups?.find((g) => g.mask === op.mask);
    if (group === undefined) {
      group = { mask: op.mask, rows: new Map() };
      groups?.push(group);
    }
    const known = group.rows.get(op.value);
    if (known !== undefined) throw new Error(`${mnemonic} has the opcode of ${rows[known]?.mnemonic ?? 'another'}`);
    group.rows.set(op.value, index);
  }

  /** Index of the row, -1 when no row has the opcode. */
  find(word: number): number {
    for (const { mask, rows } of this.#groups[word >>> 26] ?? []) {
      const found = rows.get((word & mask) >>> 0);
      if (found !== undefined) return found;
    }
    return -1;
  }
}

function weight(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}

/** Writes the operand fields of an instruction into a decode-cache entry. */
export function writeOperands(view: DataView, entry: number, row: Row, word: number): void {
  for (const field of Object.values(row.fields)) {
    if (field.bytes === 8) view.setBigInt64(entry + field.slot, BigInt(field.read(word)), true);
    else if (field.bytes === 4) view.setInt32(entry + field.slot, Number(field.read(word)), true);
    else view.setUint8(entry + field.slot, Number(field.read(word)));
  }
}

/** The value of an operand field of an instruction. */
export function operandOf(field: PpcField, word: number): bigint {
  return BigInt(field.read(word));
}
