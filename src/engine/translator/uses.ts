import type { Node, Stmt } from '../../ir/node.ts';
import { blocksOf, needsOf, operandsOf } from '../../ir/visit.ts';

/** How the values of a block's instructions are used. */
export class Uses {
  readonly count: Uint16Array;
  /** Nodes that a later instruction than their own uses. */
  readonly escaping = new Set<number>();
  /** By node: one more than the number of the instruction that defines it. */
  readonly #definedIn: Uint16Array;

  constructor(nodes: number) {
    this.count = new Uint16Array(nodes);
    this.#definedIn = new Uint16Array(nodes);
  }

  use(n: Node, by: number): void {
    const before = this.count[n.id] ?? 0;
    this.count[n.id] = before + 1;
    const number = this.#definedIn[n.id] ?? 0;
    const defined = number === 0 ? by : number - 1;
    if (defined !== by) this.escaping.add(n.id);
    if (before > 0) return;
    switch (n.k) {
      case 'fetch':
      case 'probe':
      case 'const':
        return;
      case 'un':
        return this.use(n.a, defined);
      case 'bin':
        this.use(n.a, defined);
        return this.use(n.b, defined);
      default:
        for (const a of operandsOf(n)) this.use(a, defined);
    }
  }

  /** Counts what an instruction's statements need; a lazy condition needs what it would be computed from. */
  add(statements: readonly Stmt[], by: number, lazy: (s: Stmt) => readonly Node[] | undefined): void {
    for (let i = 0; i < statements.length; i++) {
      const s = statements[i];
      if (s === undefined) break;
      if (s.s === 'let') {
        this.#definedIn[s.node.id] = by + 1;
        if (s.node.k === 'fetch') this.use(s.node.address.at, by);
        else if (s.node.k === 'probe') for (const a of operandsOf(s.node)) this.use(a, by);
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
