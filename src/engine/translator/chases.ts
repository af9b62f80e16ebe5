import type { Node, Stmt } from '../../ir/node.ts';
import { operandsOf, visit } from '../../ir/visit.ts';
import { keyOfRegister } from './register-uses.ts';

/**
 * The registers of a region whose values come from storage. An access by way of one waits for the load before it, and for the
 * TLB in between; a prediction of where the TLB leads takes the latter out of the way.
 */
export class Chases {
  readonly #loaded = new Set<number>();

  /** Collects from all statements of a region; what is loaded is known after as many passes as values are handed on. */
  constructor(code: readonly (readonly Stmt[])[]) {
    for (let pass = 0; pass < 3; pass++) {
      const before = this.#loaded.size;
      for (const statements of code) this.#pass(statements);
      if (this.#loaded.size === before) return;
    }
  }

  /** The register by way of which an address comes from storage; undefined for other addresses. */
  register(address: Node): number | undefined {
    if (address.k === 'reg') {
      const key = keyOfRegister(address);
      return this.#loaded.has(key) ? key : undefined;
    }
    for (const n of operandsOf(address)) {
      const found = this.register(n);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #pass(statements: readonly Stmt[]): void {
    const known = new Map<Node, boolean>();
    visit(statements, {
      statement: (s) => {
        if (s.s !== 'setReg' || s.part.file.width !== 8) return;
        if (this.#isLoaded(s.value, known)) this.#loaded.add(keyOfRegister(s));
      },
    });
  }

  // Operands are shared: each is looked at once.
  #isLoaded(n: Node, known: Map<Node, boolean>): boolean {
    if (n.k === 'fetch' || n.k === 'hostLoad') return true;
    if (n.k === 'reg') return this.#loaded.has(keyOfRegister(n));
    let loaded = known.get(n);
    if (loaded === undefined) {
      loaded = operandsOf(n).some((a) => this.#isLoaded(a, known));
      known.set(n, loaded);
    }
    return loaded;
  }
}
