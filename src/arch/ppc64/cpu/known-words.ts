import { decodeEntry } from '../../../machine/layout.ts';

/** log2 of how many are kept. Two of three instructions of a kernel that starts are found in so many. */
const KEPT_SHIFT = 13;
const KEPT = 1 << KEPT_SHIFT;
const WORDS = decodeEntry.bytes / 4;
/** The byte of an entry's first word that counts arrivals. */
const COUNT = 0xff << (8 * decodeEntry.count);

/**
 * What instructions become in the decode cache, by their words: most words that are decoded have been decoded elsewhere, and copying an
 * entry takes a tenth of making it. One serves one byte order.
 */
export class KnownWords {
  readonly #memory: Uint32Array;
  /** An instruction at each place, zero for none: a word of zeros is no instruction. */
  readonly #keys = new Uint32Array(KEPT);
  readonly #entries = new Uint32Array(KEPT * WORDS);

  /** `memory` is the machine's. */
  constructor(memory: Uint32Array) {
    this.#memory = memory;
  }

  /** Fills an entry for an instruction; false when that is not known. */
  fill(entry: number, word: number): boolean {
    const place = placeOf(word);
    if (word === 0 || this.#keys[place] !== word) return false;
    const from = place * WORDS;
    const to = entry >>> 2;
    this.#memory[to] = ((this.#memory[to] ?? 0) & COUNT) | (this.#entries[from] ?? 0);
    for (let i = 1; i < WORDS; i++) this.#memory[to + i] = this.#entries[from + i] ?? 0;
    return true;
  }

  /** The entry was filled for an instruction. */
  keep(entry: number, word: number): void {
    const place = placeOf(word);
    const from = entry >>> 2;
    const to = place * WORDS;
    this.#keys[place] = word;
    this.#entries[to] = (this.#memory[from] ?? 0) & ~COUNT;
    for (let i = 1; i < WORDS; i++) this.#entries[to + i] = this.#memory[from + i] ?? 0;
  }
}

function placeOf(word: number): number {
  return Math.imul(word, 0x9e37_79b1) >>> (32 - KEPT_SHIFT);
}
