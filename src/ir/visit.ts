/** The one traversal of bodies: what a node is computed from, what a statement needs, what statements hold statements. */

import type { Node, RegisterIndex, Stmt } from './node.ts';

const none: readonly Node[] = [];

function indexOf(index: RegisterIndex): readonly Node[] {
  return index.by === 'value' ? [index.index] : none;
}

/** The nodes that a node is computed from, in the order in which they are evaluated. */
export function operandsOf(node: Node): readonly Node[] {
  switch (node.k) {
    case 'un':
      return [node.a];
    case 'bin':
      return [node.a, node.b];
    case 'select':
      return [node.a, node.b, node.cond];
    case 'fused':
    case 'lane':
    case 'call':
      return node.args;
    case 'reg':
      return indexOf(node.index);
    case 'fetch':
      return [node.address.at];
    case 'probe':
      return [node.address.at, node.length];
    case 'hostLoad':
      return [node.pointer];
    case 'const':
    case 'float':
    case 'field':
    case 'ia':
    case 'next':
    case 'room':
    case 'fuses':
    case 'state':
    case 'get':
      return none;
  }
}

/** The nodes that a statement needs by itself; of a `let` those that its node is computed from. */
export function needsOf(s: Stmt): readonly Node[] {
  switch (s.s) {
    case 'let':
      return operandsOf(s.node);
    case 'setReg':
      return [...indexOf(s.index), s.value];
    case 'setState':
    case 'set':
      return [s.value];
    case 'store':
      return [s.address.at, s.value];
    case 'hostStore':
      return [s.pointer, s.value];
    case 'hostCopy':
      return [s.to, s.from, s.length];
    case 'hostFill':
      return [s.to, s.byte, s.length];
    case 'call':
      return s.args;
    case 'if':
      return [s.cond];
    case 'loop':
      return none;
    case 'branch':
      return [s.target];
    case 'trap':
      return [s.code];
    case 'dispatch':
      return [s.entry];
  }
}

const noBlocks: readonly (readonly Stmt[])[] = [];

/** The lists of statements inside a statement. */
export function blocksOf(s: Stmt): readonly (readonly Stmt[])[] {
  if (s.s === 'if') return [s.whenTrue, s.whenFalse];
  return s.s === 'loop' ? [s.body] : noBlocks;
}

/** What a traversal is told of. */
export interface Visitor {
  statement?(s: Stmt): void;
  /** A node where it is used: once for each use, the condition of a loop behind the loop's body. */
  use?(node: Node): void;
}

/** Goes through statements, and through those inside them, in the order in which they are written. */
export function visit(statements: readonly Stmt[], visitor: Visitor): void {
  // By numbers: until V8 has optimized it, which it hardly ever comes to, each turn of an iterator is an object and two calls.
  for (let i = 0; i < statements.length; i++) {
    const s = statements[i];
    if (s === undefined) break;
    visitor.statement?.(s);
    if (visitor.use !== undefined) for (const n of needsOf(s)) visitor.use(n);
    if (s.s === 'if') {
      visit(s.whenTrue, visitor);
      visit(s.whenFalse, visitor);
    } else if (s.s === 'loop') {
      visit(s.body, visitor);
      visitor.use?.(s.again);
    }
  }
}
