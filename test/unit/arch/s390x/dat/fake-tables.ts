import type { TableStorage } from '../../../../../src/arch/s390x/dat/translate.ts';

/** Tables by the absolute addresses of their entries; what is not named is not in the configuration. */
export class FakeTables implements TableStorage {
  high = 0;
  low = 0;
  readonly fetched: number[] = [];
  readonly #entries = new Map<number, bigint>();

  constructor(entries: Readonly<Record<number, bigint>>) {
    for (const [address, entry] of Object.entries(entries))
      this.#entries.set(Number(address), BigInt.asUintN(64, entry));
  }

  fetchEntry(address: number): boolean {
    this.fetched.push(address);
    const entry = this.#entries.get(address);
    if (entry === undefined) return false;
    this.high = Number(entry >> 32n);
    this.low = Number(entry & 0xffff_ffffn);
    return true;
  }
}
