import type { DecodedInstruction, Translatable } from '../../../src/machine/arch.ts';
import type { DecodePages } from '../../../src/machine/decode-pages.ts';
import { decodeEntry, handlers } from '../../../src/machine/layout.ts';
import type { GuestStorage } from '../../../src/machine/storage.ts';
import { condition, INSTRUCTION_BYTES, operandOf, rowOf, rows, writeOperands } from './isa.ts';

/** The toy's instructions as they lie in storage. */
export class ToyCode implements Translatable {
  readonly pages: DecodePages;
  readonly mode = [];
  readonly condition = condition;
  readonly #storage: GuestStorage;
  readonly #view: DataView;

  constructor(memory: WebAssembly.Memory, storage: GuestStorage, pages: DecodePages) {
    this.pages = pages;
    this.#storage = storage;
    this.#view = new DataView(memory.buffer);
  }

  /** @inheritdoc */
  decodeAt(offset: number): DecodedInstruction | undefined {
    if (offset < 0 || offset >= this.#storage.size) return undefined;
    const word = this.#storage.word(offset);
    const row = rowOf(word);
    const { body } = rows[row] ?? {};
    if (body === undefined) return undefined;
    return { row, length: INSTRUCTION_BYTES, body, operand: (field) => ({ value: operandOf(field, word) }) };
  }

  /** @inheritdoc */
  decodeCrossing(): undefined {
    return undefined;
  }

  /** @inheritdoc */
  fillEntry(entry: number, offset: number): void {
    const word = this.#storage.word(offset);
    writeOperands(this.#view, entry, word);
    this.#view.setUint16(entry + decodeEntry.handler, handlers.firstRow + rowOf(word), true);
    this.#view.setUint8(entry + decodeEntry.ilc, INSTRUCTION_BYTES);
  }

  /** @inheritdoc */
  constantRegister(): undefined {
    return undefined;
  }
}
