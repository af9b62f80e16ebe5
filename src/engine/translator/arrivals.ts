/** How often the translator heard of entries, and from when on that means something. */
export class Arrivals {
  readonly #heard = new Map<number, number>();
  readonly #due = new Map<number, number>();

  /** How often it heard of an entry. */
  heard(entry: number): number {
    return this.#heard.get(entry) ?? 0;
  }
  /** Hears of an entry once more; how often that is. */
  hear(entry: number): number {
    const heard = this.heard(entry) + 1;
    this.#heard.set(entry, heard);
    return heard;
  }

  /** What `heard` must come to before an entry is thought of; undefined for one that never was. */
  due(entry: number): number | undefined {
    return this.#due.get(entry);
  }
  /** An entry is thought of when it has been heard of so many times. */
  wait(entry: number, due: number): void {
    this.#due.set(entry, due);
  }
  /** An entry is thought of when it has been heard of so many more times, and not before it would be anyway. */
  waitOn(entry: number, more: number): void {
    this.#due.set(entry, Math.max(this.#due.get(entry) ?? 0, this.heard(entry) + more));
  }

  forget(entry: number): void {
    this.#heard.delete(entry);
    this.#due.delete(entry);
  }
  forgetAll(): void {
    this.#heard.clear();
    this.#due.clear();
  }
}
