import type { Node, Stmt } from '../../ir/node.ts';
import { blocksOf, needsOf, operandsOf } from '../../ir/visit.ts';

/** How the values of a block's instructions are used. */
export class Uses {
  readonly count: Uint16Array;
  /** Nodes that a later instruction than their own uses. */
  readonly escaping = new Set<number>();
  readonly #definedIn = new Map<number, number>();

  constructor(nodes: number) {
    this.count = new Uint16Array(nodes);
  }

  use(n: Node, by: number): void {
    const before = this.count[n.id] ?? 0;
    this.count[n.id] = before + 1;
    const defined = this.#definedIn.get(n.id) ?? by;
    if (defined !== by) this.escaping.add(n.id);
    if (before === 0 && n.k !== 'fetch' && n.k !== 'probe') for (const a of operandsOf(n)) this.use(a, defined);
  }

  /** Counts what an instruction's statements need; a lazy condition needs what it would be computed from. */
  add(statements: readonly Stmt[], by: number, lazy: (s: Stmt) => readonly Node[] | undefined): void {
    for (const s of statements) {
      if (s.s === 'let') {
        this.#definedIn.set(s.node.id, by);
        if (s.node.k === 'fetch' || s.node.k === 'probe') for (const a of operandsOf(s.node)) this.use(a, by);
        continue;
      }
      for (const n of lazy(s) ?? needsOf(s)) this.use(n, by);
      if (s.s === 'hostCopy') for (let i = 0; i < 2; i++) this.use(s.length, by);
      if (s.s === 'hostFill') this.use(s.length, by);
      for (const block of blocksOf(s)) this.add(block, by, lazy);
      if (s.s === 'loop') this.use(s.again, by);
    }
  }
}
