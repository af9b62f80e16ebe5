import type { Field } from '../../../ir/field.ts';
import type { RegisterFile } from '../../../ir/node.ts';
import type { KnownOperand } from '../../../ir/specialize.ts';
import type { DecodedInstruction, Translatable } from '../../../machine/arch.ts';
import type { DecodePages } from '../../../machine/decode-pages.ts';
import { engineState } from '../../../machine/layout.ts';
import { operandOf } from '../isa/decoder.ts';
import type { Ppc64Core } from './core.ts';
import { files, slots, ZERO_REGISTER } from './state-layout.ts';

/** The ppc64 CPU as a translator sees it. */
export class TranslatableCode implements Translatable {
  readonly pages: DecodePages;
  readonly mode = [slots.sf, engineState.amask];
  readonly condition = slots.ca;
  readonly #core: Ppc64Core;

  constructor(core: Ppc64Core) {
    this.#core = core;
    this.pages = core.complex.frames.decodePages;
  }

  get #little(): boolean {
    return this.#core.complex.codeOrder.little;
  }

  /** @inheritdoc */
  decodeAt(offset: number): DecodedInstruction | undefined {
    const { storage } = this.#core.complex;
    if (offset < 0 || offset >= storage.size) return undefined;
    const word = this.#core.word(offset, this.#little);
    const index = this.#core.executable(word);
    const row = this.#core.table[index];
    const body = row?.body(this.#little, storage.order);
    if (row === undefined || body === undefined) return undefined;
    const known = new Map<Field, KnownOperand>(
      Object.values(row.fields).map((field) => [field, { value: operandOf(field, word) }]),
    );
    return {
      row: this.#core.placeOf(index, this.#little),
      length: 4,
      body,
      operand: (field) => {
        const operand = known.get(field);
        if (operand === undefined) throw new Error(`${row.mnemonic} has no operand ${field.name}`);
        return operand;
      },
    };
  }

  /** @inheritdoc */
  decodeCrossing(): undefined {
    return undefined;
  }

  /** @inheritdoc */
  fillEntry(entry: number, offset: number): void {
    this.#core.fillEntry(entry, this.#core.word(offset, this.#little), this.#little);
  }

  /** @inheritdoc */
  constantRegister(file: RegisterFile, number: number): bigint | undefined {
    return file === files.gpr && number === ZERO_REGISTER ? 0n : undefined;
  }
}
