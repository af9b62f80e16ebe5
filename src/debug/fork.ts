import type { Future } from '../history/future.ts';
import type { History } from '../history/history.ts';

/** Reads a register as a debugger does. */
type ReadRegister = (vcpu: number, index: number) => Uint8Array | undefined;

/**
 * A change of the past that may come to nothing. A debugger that calls a function in the guest sets registers, lets the guest
 * run, and puts the registers back: when all of them are as they were, and no storage was written by it, the guest is put back
 * to where it was, and what came then is still its future.
 */
export class Fork {
  readonly #history: History;
  readonly #future: Future;
  readonly #registers: ReadonlyMap<string, Uint8Array | undefined>;
  readonly #written = new Set<string>();
  #stored = false;
  #resumed = false;

  /** To be made before the change; `registers` is how many there are. */
  constructor(
    history: History,
    future: Future,
    { vcpus, registers, read }: { readonly vcpus: number; readonly registers: number; readonly read: ReadRegister },
  ) {
    this.#history = history;
    this.#future = future;
    const values = new Map<string, Uint8Array | undefined>();
    for (let vcpu = 0; vcpu < vcpus; vcpu++) {
      for (let index = 0; index < registers; index++) values.set(`${vcpu} ${index}`, read(vcpu, index));
    }
    this.#registers = values;
  }

  wroteRegister(vcpu: number, index: number): void {
    this.#written.add(`${vcpu} ${index}`);
  }
  wroteStorage(): void {
    this.#stored = true;
  }

  /**
   * The guest is about to go on. `home`: it was put back to where it was; `open`: who knows; else what to tell the user, once.
   */
  settle(read: ReadRegister): 'home' | 'open' | { readonly told: string } {
    if (!this.#stored && this.#isHome(read) && this.#history.enter(this.#future, false)) return 'home';
    if (!this.#stored && !this.#resumed) {
      this.#resumed = true;
      return 'open';
    }
    const { name, from } = this.#future;
    return {
      told: `the past was changed: what came after time ${from.instant.at} is timeline ${name} now (monitor timeline)\n`,
    };
  }

  #isHome(read: ReadRegister): boolean {
    for (const key of this.#written) {
      const [vcpu = 0, index = 0] = key.split(' ').map(Number);
      const before = this.#registers.get(key);
      const now = read(vcpu, index);
      if (before === undefined || now === undefined || Buffer.compare(before, now) !== 0) return false;
    }
    return true;
  }
}
