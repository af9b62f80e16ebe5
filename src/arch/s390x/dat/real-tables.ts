import type { Gpa } from './address.ts';
import { gra } from './address.ts';
import { prefixed } from './prefix.ts';
import type { TableStorage } from './translate.ts';

/** Tables at 31-bit real addresses. */
export class RealTables {
  readonly #tables: TableStorage;
  readonly #prefix: Gpa;

  constructor(tables: TableStorage, prefix: Gpa) {
    this.#tables = tables;
    this.#prefix = prefix;
  }
  /** Words of the entry that was fetched last. */
  get high(): number {
    return this.#tables.high;
  }
  get low(): number {
    return this.#tables.low;
  }
  /** Fetches the doubleword at a multiple of 8; false when it is not in the configuration. */
  fetchEntry(address: number): boolean {
    return address <= 0x7fff_ffff && this.#tables.fetchEntry(prefixed(gra(address), this.#prefix));
  }
  /** The word at a multiple of 4, undefined when it is not in the configuration. */
  word(address: number): number | undefined {
    if (!this.fetchEntry(address - (address % 8))) return undefined;
    return (address % 8 === 0 ? this.high : this.low) >>> 0;
  }
}
