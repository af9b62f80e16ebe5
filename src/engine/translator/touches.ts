import type { Node, Slot, Stmt } from '../../ir/node.ts';
import { needsOf, operandsOf, visit } from '../../ir/visit.ts';

/** What statements do with a scalar of the state. */
export interface Touches {
  readonly sets: boolean;
  /** Something depends on what it was before. */
  readonly asks: boolean;
}

/** What a block's instructions do with a scalar. */
export function touches(code: readonly (readonly Stmt[])[], slot: Slot): Touches {
  let sets = false;
  const read = new Set<Node>();
  for (const statements of code)
    visit(statements, {
      statement: (s) => {
        if (s.s === 'setState' && s.slot === slot) sets = true;
        else if (s.s === 'let' && s.node.k === 'state' && s.node.slot === slot) read.add(s.node);
      },
    });
  return { sets, asks: read.size > 0 && code.some((statements) => needsOne(statements, read)) };
}

// What is read may decide nothing in the end: a branch on every condition reads the condition.
function needsOne(statements: readonly Stmt[], values: ReadonlySet<Node>): boolean {
  const seen = new Set<Node>();
  let found = false;
  const need = (n: Node): void => {
    if (found || seen.has(n)) return;
    seen.add(n);
    if (values.has(n)) found = true;
    else for (const a of operandsOf(n)) need(a);
  };
  visit(statements, {
    statement: (s) => {
      if (s.s !== 'let' || s.node.k === 'fetch' || s.node.k === 'probe') for (const n of needsOf(s)) need(n);
      if (s.s === 'loop') need(s.again);
    },
  });
  return found;
}
