import type { Mode } from './region.ts';

/** Modes, of which equal ones are one value. */
export class Modes {
  readonly #known = new Map<string, Mode>();

  /** The mode that equals one. */
  of(mode: Mode): Mode {
    const key = mode.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, mode);
    return mode;
  }
}
