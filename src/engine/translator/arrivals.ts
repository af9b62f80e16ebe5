/** What is known of an entry. */
export interface Arrived {
  /** How often the translator heard of it. */
  heard: number;
  /** What that must come to before it is thought of; undefined for one that never was. */
  due: number | undefined;
}

/** How often the translator heard of entries, and from when on that means something. */
export class Arrivals {
  readonly #entries = new Map<number, Arrived>();

  /** How often it heard of an entry. */
  heard(entry: number): number {
    return this.#entries.get(entry)?.heard ?? 0;
  }
  /** Hears of an entry once more. What comes out is its own, and lives as long as it does. */
  hear(entry: number): Readonly<Arrived> {
    const arrived = this.#of(entry);
    arrived.heard++;
    return arrived;
  }

  /** An entry is thought of when it has been heard of so many times. */
  wait(entry: number, due: number): void {
    this.#of(entry).due = due;
  }
  /** An entry is thought of when it has been heard of so many more times, and not before it would be anyway. */
  waitOn(entry: number, more: number): void {
    const arrived = this.#of(entry);
    arrived.due = Math.max(arrived.due ?? 0, arrived.heard + more);
  }

  #of(entry: number): Arrived {
    let arrived = this.#entries.get(entry);
    if (arrived === undefined) {
      arrived = { heard: 0, due: undefined };
      this.#entries.set(entry, arrived);
    }
    return arrived;
  }

  forget(entry: number): void {
    this.#entries.delete(entry);
  }
  forgetAll(): void {
    this.#entries.clear();
  }
}
