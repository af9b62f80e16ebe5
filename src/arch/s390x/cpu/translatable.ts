import type { Field } from '../../../ir/field.ts';
import type { RegisterFile } from '../../../ir/node.ts';
import type { KnownOperand } from '../../../ir/specialize.ts';
import type { DecodedInstruction, Translatable } from '../../../machine/arch.ts';
import type { DecodePages } from '../../../machine/decode-pages.ts';
import { engineState, PAGE_BYTES } from '../../../machine/layout.ts';
import { fieldBits, firstWord, instructionLength, lastHalf } from '../isa/decoder.ts';
import type { S390xCore } from './core.ts';
import { files, parts, slots, ZERO_REGISTER } from './state-layout.ts';

/** The s390x CPU as a translator sees it. */
export class TranslatableCode implements Translatable {
  readonly pages: DecodePages;
  readonly mode = [slots.addressingMode, engineState.amask, slots.programMask, slots.registerControls];
  readonly condition = slots.cc;
  readonly #core: S390xCore;

  constructor(core: S390xCore) {
    this.#core = core;
    this.pages = core.complex.frames.decodePages;
  }

  /** @inheritdoc */
  constantRegister(file: RegisterFile, number: number): bigint | undefined {
    return file === files.gr && number === ZERO_REGISTER ? 0n : undefined;
  }

  /** @inheritdoc */
  decodeAt(offset: number): DecodedInstruction | undefined {
    const text = this.#text(offset);
    const decoded = text === undefined ? undefined : this.#decoded(text);
    if (text === undefined || decoded === undefined) return undefined;
    const row = this.#core.table[decoded.row];
    if (row?.mnemonic === 'EXRL') {
      const at = offset + distanceOf(text);
      const near = Math.floor(at / PAGE_BYTES) === Math.floor(offset / PAGE_BYTES);
      return (near ? this.#executed(decoded, text, at) : undefined) ?? decoded;
    }
    return row?.mnemonic === 'EX' ? { ...decoded, executes: this.#executes(decoded, text, offset) } : decoded;
  }

  /** @inheritdoc */
  decodeCrossing(offset: number, behind: number): DecodedInstruction | undefined {
    const { storage } = this.#core.complex;
    if (offset < 0 || offset >= storage.size || behind < 0 || behind >= storage.size) return undefined;
    const length = instructionLength(storage.byte(offset));
    const first = PAGE_BYTES - (offset % PAGE_BYTES);
    if (length <= first) return undefined;
    const text = new Uint8Array(length);
    text.set(storage.read(offset, first));
    text.set(storage.read(behind, length - first), first);
    return this.#decoded(text);
  }

  #decoded(text: Uint8Array): DecodedInstruction | undefined {
    const index = this.#core.executable(text);
    const body = this.#core.table[index]?.body;
    return body === undefined ? undefined : { row: index, length: text.length, body, operand: operandsOf(text) };
  }

  #text(offset: number): Uint8Array | undefined {
    const { storage } = this.#core.complex;
    if (offset < 0 || offset >= storage.size) return undefined;
    const length = instructionLength(storage.byte(offset));
    return (offset % PAGE_BYTES) + length > PAGE_BYTES ? undefined : storage.read(offset, length);
  }

  /** @inheritdoc */
  fillEntry(entry: number, offset: number): void {
    const text = this.#text(offset);
    const index = text === undefined ? -1 : this.#core.executable(text);
    if (text !== undefined && index >= 0)
      this.#core.fillEntry(entry, index, firstWord(text), lastHalf(text), text.length, 0n);
  }

  // With a base alone: where the target is shows when the base is known.
  #executes(decoded: DecodedInstruction, text: Uint8Array, offset: number): DecodedInstruction['executes'] {
    const [index, number] = [(text[1] ?? 0) & 15, (text[2] ?? 0) >> 4];
    if (index !== 0 || number === 0) return undefined;
    const displacement = BigInt((((text[2] ?? 0) & 15) << 8) | (text[3] ?? 0));
    const frame = offset - (offset % PAGE_BYTES);
    return { part: parts.gr, number, displacement, at: (to) => this.#executed(decoded, text, frame + to) };
  }

  // EXECUTE of a target in the same frame does the target, with the modifier's bits OR'ed in.
  #executed(decoded: DecodedInstruction, text: Uint8Array, at: number): DecodedInstruction | undefined {
    const target = this.#text(at);
    const row = target === undefined ? undefined : this.#core.table[this.#core.executable(target)];
    if (target === undefined || row?.body === undefined) return undefined;
    const modified = Object.values(row.format.fields).find((f) => f.start === 8 && f.length === 8);
    const others = Object.values(row.format.fields).some((f) => f !== modified && f.start < 16);
    const relative = Object.values(row.format.fields).some((f) => f.bytes === 8) || at % 2 !== 0;
    if (modified === undefined || others || relative || modified.signed) return undefined;
    const number = (text[1] ?? 0) >> 4;
    const operand = (field: Field): KnownOperand => {
      const value = operandOf(field, target);
      return field === modified && number !== 0 ? { value, or: { part: parts.grLowByte, number } } : { value };
    };
    const also = { offset: at % PAGE_BYTES, length: target.length };
    return { ...decoded, body: row.body, operand, modified: number === 0 ? undefined : modified, also };
  }
}

// A field is asked for more than once.
function operandsOf(text: Uint8Array): (field: Field) => KnownOperand {
  const known = new Map<Field, KnownOperand>();
  return (field) => {
    let operand = known.get(field);
    if (operand === undefined) {
      operand = { value: operandOf(field, text) };
      known.set(field, operand);
    }
    return operand;
  };
}

/** Bytes from EXECUTE RELATIVE LONG to its target. */
function distanceOf(text: Uint8Array): number {
  return (((text[2] ?? 0) << 24) | ((text[3] ?? 0) << 16) | ((text[4] ?? 0) << 8) | (text[5] ?? 0)) * 2;
}

function operandOf(field: Field, text: Uint8Array): bigint {
  const value = fieldBits(field, text);
  if (field.bytes === 8) return BigInt(value) * 2n;
  return BigInt(field.kind === 'zr' && value === 0 ? ZERO_REGISTER : value);
}
