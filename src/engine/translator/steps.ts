import type { Address, Node, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import { type Interval, plus, point, rangeOf, span, ZERO } from './ranges.ts';
import { keyOfRegister } from './register-uses.ts';
import type { Site } from './windows.ts';

/** What an address is a sum of, beside a number: a register that is all of it, or the address of the page. */
export type Term = Node & ({ readonly k: 'reg' } | { readonly k: 'ia' });

/** An access whose address is a sum of registers and a number between two bounds. */
export interface Affine {
  readonly site: Site;
  readonly at: Node;
  readonly terms: readonly Term[];
  /** What comes to the terms as they are at the beginning of an iteration. */
  readonly offset: Interval;
  readonly bytes: number;
  readonly access: 'fetch' | 'store';
  /** By how much the terms move in an iteration. */
  readonly step: Interval;
}

/** A block of a loop's body, and those of the body that lead to it; none do to the head. */
export interface BodyBlock {
  readonly code: readonly (readonly Stmt[])[];
  readonly before: readonly number[];
  /** It leads back to the head. */
  readonly again: boolean;
}

/** Registers that change otherwise than by a number. */
const UNSTEADY = Symbol();
type Move = Interval | typeof UNSTEADY;
/** By register: what it has moved since the beginning of the iteration; nothing where that is not said. */
type Moves = ReadonlyMap<number, Move>;

/** Bytes behind the terms, at most. */
const MOST_OFFSET = 0x3fffn;

/** Registers that a loop's body sets. */
export function registersSet(body: ReadonlyMap<number, BodyBlock>): ReadonlySet<number> {
  const all = [...body.values()].flatMap(({ code }) => code.flat());
  return new Set(all.flatMap(setIn));
}

/** An address without the terms that stay as they are: the sum of some values and a number. */
export interface Rest {
  readonly values: readonly Node[];
  readonly constant: bigint;
}

/** Takes an address apart that is a sum. `stays` says that a register is not set. */
export function restOf(at: Node, stays: (register: number) => boolean): Rest {
  const values: Node[] = [];
  let constant = 0n;
  const walk = (n: Node): void => {
    if (n.k === 'const') constant += n.value;
    else if (n.k === 'bin' && n.ty === 'i64' && n.op === 'add') {
      walk(n.a);
      walk(n.b);
    } else if (!isSteady(n, stays)) values.push(n);
  };
  walk(at);
  return { values, constant };
}

/** True for a term of the kind that is left out. */
export function isSteady(n: Node, stays: (register: number) => boolean): boolean {
  return n.k === 'ia' || (n.k === 'reg' && n.part.bytes === 8 && stays(keyOfRegister(n)));
}

/** The accesses of a loop's body that are by registers which stay, or move by numbers. The blocks are in order, the head first. */
export function steadyAccesses(body: ReadonlyMap<number, BodyBlock>): readonly Affine[] {
  const behind = new Map<number, Moves>();
  const found: Omit<Affine, 'step'>[] = [];
  const ends: Moves[] = [];
  for (const [n, block] of body) {
    const walk = new Walk(joined(block.before.map((b) => behind.get(b) ?? new Map())));
    for (const statements of block.code) walk.instruction(statements);
    found.push(...walk.found);
    behind.set(n, walk.moves);
    if (block.again) ends.push(walk.moves);
  }
  const all = joined(ends);
  return found.flatMap((a) => {
    const step = a.terms.reduce<Move>((sum, t) => added(sum, t.k === 'reg' ? all.get(keyOfRegister(t)) : ZERO), ZERO);
    return step === UNSTEADY ? [] : [{ ...a, step }];
  });
}

function added(a: Move, b: Move | undefined): Move {
  return a === UNSTEADY || b === UNSTEADY ? UNSTEADY : plus(a, b ?? ZERO);
}

function joined(all: readonly Moves[]): Moves {
  const result = new Map<number, Move>();
  for (const register of new Set(all.flatMap((moves) => [...moves.keys()]))) {
    const moves = all.map((m) => m.get(register) ?? ZERO);
    const whole = moves.reduce((a, b) => (a === UNSTEADY || b === UNSTEADY ? UNSTEADY : span(a, b)));
    result.set(register, whole);
  }
  return result;
}

/** Goes through a block. */
class Walk {
  readonly moves: Map<number, Move>;
  readonly found: Omit<Affine, 'step'>[] = [];
  /** What registers had moved when they were read, and what the block had put there. */
  readonly #read = new Map<Node, Move>();
  readonly #held = new Map<Node, Node>();
  readonly #values = new Map<number, Node>();

  constructor(before: Moves) {
    this.moves = new Map(before);
  }

  instruction(statements: readonly Stmt[]): void {
    for (const s of statements) {
      if (s.s === 'let') this.#let(s.node);
      else if (s.s === 'store') this.#add(s, s.address, s.width / 8, 'store');
      else if (s.s === 'setReg') this.#set(s);
      else
        for (const register of setIn(s)) {
          this.moves.set(register, UNSTEADY);
          this.#values.delete(register);
        }
    }
  }

  #let(node: Node): void {
    if (node.k === 'reg') {
      const register = keyOfRegister(node);
      this.#read.set(node, this.moves.get(register) ?? ZERO);
      const value = node.part.bytes === 8 ? this.#values.get(register) : undefined;
      if (value !== undefined) this.#held.set(node, value);
    } else if (node.k === 'fetch') this.#add(node, node.address, node.width / 8, 'fetch');
    else if (node.k === 'probe' && node.length.k === 'const')
      this.#add(node, node.address, Number(node.length.value), node.access);
  }

  #set(s: Stmt & { readonly s: 'setReg' }): void {
    const register = keyOfRegister(s);
    this.moves.set(register, this.#moved(s, register));
    if (s.part.bytes === 8) this.#values.set(register, s.value);
    else this.#values.delete(register);
  }

  // What a register has moved when it has been set.
  #moved(s: Stmt & { readonly s: 'setReg' }, register: number): Move {
    if (s.part.bytes !== 8) return UNSTEADY;
    const terms: Term[] = [];
    const offset = this.#sum(s.value, terms);
    const [term] = terms;
    const same = terms.length === 1 && term?.k === 'reg' && keyOfRegister(term) === register;
    return same && offset !== undefined ? offset : UNSTEADY;
  }

  #add(site: Site, address: Address, bytes: number, access: 'fetch' | 'store'): void {
    if (address.space === 'instruction' || bytes === 0) return;
    const terms: Term[] = [];
    const offset = this.#sum(address.at, terms);
    if (offset === undefined || offset.high - offset.low > MOST_OFFSET) return;
    if (terms.length > 0 && terms.length <= 2) this.found.push({ site, at: address.at, terms, offset, bytes, access });
  }

  // What comes to the terms of a sum, the registers as they were at the beginning; undefined for what is no such sum.
  #sum(n: Node, terms: Term[]): Interval | undefined {
    if (n.k === 'const') return point(n.value);
    if (n.k === 'ia') {
      terms.push(n);
      return ZERO;
    }
    if (n.k === 'reg') {
      const by = this.#read.get(n);
      if (n.part.bytes === 8 && by !== undefined && by !== UNSTEADY) {
        terms.push(n);
        return by;
      }
    }
    if (n.k !== 'bin' || n.ty !== 'i64' || n.op !== 'add') return rangeOf(n, this.#held);
    const a = this.#sum(n.a, terms);
    const b = a === undefined ? undefined : this.#sum(n.b, terms);
    return a === undefined || b === undefined ? undefined : plus(a, b);
  }
}

function setIn(s: Stmt): number[] {
  const registers: number[] = [];
  visit([s], {
    statement: (inner) => {
      if (inner.s === 'setReg') registers.push(keyOfRegister(inner));
    },
  });
  return registers;
}
