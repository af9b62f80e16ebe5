/** PoP, "COMPRESSION CALL": dictionaries, which are entries of eight bytes by their index. */

import type { Vcpu } from '../../cpu/vcpu.ts';
import { raiseData } from '../data-exception.ts';
import { Table } from './cursor.ts';
import { operandOf, raiseLast } from './operands.ts';

/** The first entries are the alphabet: one for each character. */
export const ALPHABET = 256;
/** Characters of a symbol at the most, and children of an entry. */
const LONGEST = 260;
const ENTRY_BYTES = 8;
/** Data-exception code of what is no dictionary, as of what is no decimal number. */
const DECIMAL_OPERAND = 0x00;

/** Ends the instruction with a data exception of a dictionary that is none. */
export function raiseDictionary(vcpu: Vcpu): never {
  return raiseData(vcpu, DECIMAL_OPERAND);
}

/** Checks the length of a symbol. */
export function requireSymbol(vcpu: Vcpu, length: number): void {
  if (length > LONGEST) raiseDictionary(vcpu);
}

/** Bytes at a logical address that is a multiple of 128 or any at all, by their distance; a fault ends the instruction. */
export class FetchedBytes {
  readonly #vcpu: Vcpu;
  readonly #table: Table;

  constructor(vcpu: Vcpu, address: bigint, register: number) {
    this.#vcpu = vcpu;
    this.#table = new Table(vcpu, address & vcpu.amask, operandOf(register));
  }

  /** The byte at a distance. */
  at(distance: number): number {
    const byte = this.#table.byte(distance);
    return byte < 0 ? raiseLast(this.#vcpu) : byte;
  }
  /** The halfword at an even distance. */
  half(distance: number): number {
    return (this.at(distance) << 8) | this.at(distance + 1);
  }
}

/** What a character entry of a compression dictionary says. */
export interface CharacterEntry {
  readonly index: number;
  /** Distance in the dictionary of the characters that its children begin with, and how many stand there. */
  readonly children: number;
  readonly count: number;
  /** Index of the first child. */
  readonly first: number;
  /** Behind those children come sibling descriptors. */
  readonly siblings: boolean;
  /** Examine-child bits of the children in the entry, and of the last two that the first sibling descriptor tells of. */
  readonly examine: number;
  readonly examineLast: number;
  /** Distance and number of the characters that it stands for beside the one by which it was found. */
  readonly extension: number;
  readonly extensionCount: number;
}

/** A sibling descriptor. */
interface Siblings {
  readonly count: number;
  readonly more: boolean;
  /** Examine-child bits, the first sibling's leftmost of `bits`. */
  readonly examine: number;
  readonly bits: number;
}

/** A child whose first character was found. */
export interface Child {
  readonly index: number;
  /** False: the symbol ends with it, whatever its entry says. */
  readonly examined: boolean;
}

/** A compression dictionary. */
export class CompressionDictionary {
  readonly #vcpu: Vcpu;
  readonly #bytes: FetchedBytes;
  readonly #size: number;
  readonly #wide: boolean;

  /** `size` is the number of entries; `wide` chooses sibling descriptors of format 1, whose other halves lie behind the dictionary. */
  constructor(vcpu: Vcpu, bytes: FetchedBytes, size: number, wide: boolean) {
    this.#vcpu = vcpu;
    this.#bytes = bytes;
    this.#size = size;
    this.#wide = wide;
  }

  /** The character at a distance that an entry has told. */
  character(distance: number): number {
    return this.#bytes.at(distance);
  }

  #place(index: number): number {
    return index < this.#size ? index * ENTRY_BYTES : raiseDictionary(this.#vcpu);
  }

  /** The character entry of an index. */
  entry(index: number): CharacterEntry {
    const at = this.#place(index);
    const [zero, one] = [this.#bytes.at(at), this.#bytes.at(at + 1)];
    const counted = zero >> 5;
    const first = ((one & 0x1f) << 8) | this.#bytes.at(at + 2);
    const extension = at + 3;
    if (counted < 2) {
      const extensionCount = one >> 5;
      if (extensionCount > 4) raiseDictionary(this.#vcpu);
      const children = extension + extensionCount;
      const few = { children, count: counted, first, siblings: false, examine: (zero >> 4) & 1, examineLast: 0 };
      return { index, ...few, extension, extensionCount };
    }
    const extensionCount = (one >> 5) & 1;
    const most = 5 - extensionCount;
    if (counted > most + 1) raiseDictionary(this.#vcpu);
    const siblings = counted > most;
    const count = siblings ? most : counted;
    const examine = (zero & 0x1f) >> (5 - count);
    const children = extension + extensionCount;
    return { index, children, count, first, siblings, examine, examineLast: one >> 6, extension, extensionCount };
  }

  /** Siblings behind the children of `parent` that begin with a character: the first, undefined when there is none. */
  sibling(parent: CharacterEntry, character: number): Child | undefined {
    let searched = parent.count;
    for (let index = parent.first + parent.count; ; ) {
      const isFirst = index === parent.first + parent.count;
      const { count, more, examine, bits } = this.#descriptor(index);
      for (let i = 0; i < count; i++) {
        if (this.#bytes.at(this.#siblingAt(index, i)) !== character) continue;
        const own =
          i < bits ? (examine >> (bits - 1 - i)) & 1 : isFirst ? (parent.examineLast >> (bits + 1 - i)) & 1 : 1;
        return { index: index + 1 + i, examined: own === 1 };
      }
      if (!more) return undefined;
      searched += count;
      if (searched > LONGEST) raiseDictionary(this.#vcpu);
      index += count + 1;
    }
  }

  #descriptor(index: number): Siblings {
    const at = this.#place(index);
    const zero = this.#bytes.at(at);
    if (!this.#wide) {
      const counted = zero >> 5;
      return { count: counted === 0 ? 7 : counted, more: counted === 0, examine: zero & 0x1f, bits: 5 };
    }
    const counted = zero >> 4;
    if (counted === 0) raiseDictionary(this.#vcpu);
    const examine = ((zero & 0x0f) << 8) | this.#bytes.at(at + 1);
    return { count: counted === 15 ? 14 : counted, more: counted === 15, examine, bits: 12 };
  }

  // Of format 1 the seventh character and those behind it stand in the other half.
  #siblingAt(index: number, i: number): number {
    const at = index * ENTRY_BYTES;
    if (!this.#wide) return at + 1 + i;
    return i < 6 ? at + 2 + i : at + this.#size * ENTRY_BYTES + i - 6;
  }
}

/** Entries that lead to each other at the most before a symbol is complete. */
const LONGEST_CHAIN = 127;

/** An expansion dictionary. */
export class ExpansionDictionary {
  readonly #vcpu: Vcpu;
  readonly #bytes: FetchedBytes;
  readonly #size: number;

  constructor(vcpu: Vcpu, bytes: FetchedBytes, size: number) {
    this.#vcpu = vcpu;
    this.#bytes = bytes;
    this.#size = size;
  }

  /** How many characters the symbol of an index stands for. */
  length(index: number): number {
    if (index < ALPHABET) return 1;
    const at = index * ENTRY_BYTES;
    const zero = this.#bytes.at(at);
    const partial = zero >> 5;
    const length = partial === 0 ? this.#complete(zero) : this.#partial(partial) + this.#bytes.at(at + 7);
    requireSymbol(this.#vcpu, length);
    return length;
  }

  /** Writes the characters of a symbol. */
  expand(index: number, into: Uint8Array): void {
    if (index < ALPHABET) {
      into[0] = index;
      return;
    }
    let next = index;
    for (let entries = 1; ; entries++) {
      if (next >= this.#size || entries > LONGEST_CHAIN) raiseDictionary(this.#vcpu);
      const at = next * ENTRY_BYTES;
      const zero = this.#bytes.at(at);
      const partial = zero >> 5;
      if (partial === 0) {
        const count = this.#complete(zero);
        for (let i = 0; i < count; i++) into[i] = this.#bytes.at(at + 1 + i);
        return;
      }
      this.#partial(partial);
      const offset = this.#bytes.at(at + 7);
      for (let i = 0; i < partial; i++) into[offset + i] = this.#bytes.at(at + 2 + i);
      next = ((zero & 0x1f) << 8) | this.#bytes.at(at + 1);
    }
  }

  #complete(zero: number): number {
    const count = zero & 7;
    return count === 0 || (zero & 0x18) !== 0 ? raiseDictionary(this.#vcpu) : count;
  }
  #partial(count: number): number {
    return count > 5 ? raiseDictionary(this.#vcpu) : count;
  }
}
