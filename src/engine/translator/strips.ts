import type { Address, Node, Stmt } from '../../ir/node.ts';
import { visit } from '../../ir/visit.ts';
import type { Flow } from './flow.ts';
import { loopsOf } from './loops.ts';
import { keyOfRegister } from './registers.ts';
import type { Site } from './windows.ts';

/** Bytes by which an address moves from one iteration to the next, at most: several of them are to lie in one page. */
const MOST_STEP = 1024n;
/** Bytes that are looked at together, at most: where they lie in two pages, each access is looked at by itself. */
const MOST_SPAN = 256n;
/** Groups of accesses, each of which takes a local. */
const MOST_GROUPS = 6;
/** Instructions of a loop: it is written twice. */
const MOST_INSTRUCTIONS = 60;

/** What an address is a sum of, beside a number: a register that is all of it, or the address of the page. */
export type Term = Node & ({ readonly k: 'reg' } | { readonly k: 'ia' });

/** Accesses by the same registers, close to each other. */
export interface Group {
  readonly terms: readonly Term[];
  /** What comes to the sum of the terms, where an iteration begins, for the first byte. */
  readonly from: bigint;
  readonly span: number;
  /** Bytes by which all of it moves in an iteration. */
  readonly step: number;
  readonly fetches: boolean;
  readonly stores: boolean;
}

/** A loop of which several iterations are done without a look at the TLB or the count, since one look answers for all of them. */
export interface Strip {
  readonly head: number;
  /** Its blocks, one behind the other; the last one leads back to the head. */
  readonly nodes: readonly number[];
  /** Instructions of an iteration. */
  readonly count: number;
  readonly groups: readonly Group[];
  /** The accesses that need no look, with the number of their group. */
  readonly sites: ReadonlyMap<Site, number>;
}

/** A block, as far as it matters here. */
export interface StripBlock {
  readonly code: readonly (readonly Stmt[])[];
  readonly successors: readonly number[];
  readonly dispatches: boolean;
}

/** Finds the loops without branches inside whose addresses stay, or move by the same number in each iteration. */
export function findStrips(blocks: readonly (StripBlock | undefined)[], flow: Flow): ReadonlyMap<number, Strip> {
  const successors = blocks.map((b) => b?.successors ?? []);
  const loops = loopsOf(successors, flow);
  const before: number[][] = successors.map(() => []);
  for (const n of flow.order) for (const to of successors[n] ?? []) before[to]?.push(n);
  const strips = new Map<number, Strip>();
  for (const head of flow.order) {
    if (head === 0 || flow.isLoop[head] !== true) continue;
    const nodes = chain(head, loops.innermost(head) ?? new Set(), blocks, flow, before);
    if (nodes === undefined) continue;
    const code = nodes.flatMap((n) => blocks[n]?.code ?? []);
    if (code.length > MOST_INSTRUCTIONS) continue;
    const { groups, sites } = grouped(addressesOf(code));
    if (groups.length > 0) strips.set(head, { head, nodes, count: code.length, groups, sites });
  }
  return strips;
}

/**
 * The flow when loops are written twice: what a block of one leads to outside of it is come to from both, and so stands beside
 * the head, behind both.
 */
export function aroundStrips(flow: Flow, strips: ReadonlyMap<number, Strip>): Flow {
  if (strips.size === 0) return flow;
  const children = [...flow.children];
  const isMerge = [...flow.isMerge];
  for (const { head, nodes } of strips.values()) {
    const outside = nodes.flatMap((n) => flow.children[n] ?? []).filter((c) => !nodes.includes(c));
    for (const n of nodes) children[n] = [];
    children[head] = outside.sort((a, b) => (flow.place[a] ?? 0) - (flow.place[b] ?? 0));
    for (const c of outside) isMerge[c] = true;
  }
  return { ...flow, children, isMerge };
}

// The blocks of a loop if each of them goes on at one place inside of it, and is come to from one.
function chain(
  head: number,
  loop: ReadonlySet<number>,
  blocks: readonly (StripBlock | undefined)[],
  flow: Flow,
  before: readonly (readonly number[])[],
): readonly number[] | undefined {
  const nodes: number[] = [];
  for (let n = head; ; ) {
    const block = blocks[n];
    if (block === undefined || block.dispatches || block.code.length === 0) return undefined;
    nodes.push(n);
    const inside = [...new Set(block.successors)].filter((to) => loop.has(to));
    const [next] = inside;
    if (next === undefined || inside.length > 1) return undefined;
    if (next === head) return nodes.length === loop.size && !flow.viaDispatcher(n, head) ? nodes : undefined;
    const alone = (before[next] ?? []).every((from) => from === n) && !flow.dispatched.includes(next);
    if (!alone || nodes.includes(next)) return undefined;
    n = next;
  }
}

/** An access whose address is a sum of registers and a number. */
interface Affine {
  readonly site: Site;
  readonly terms: readonly Term[];
  /** What comes to the terms at the beginning of an iteration. */
  readonly offset: bigint;
  readonly bytes: number;
  readonly access: 'fetch' | 'store';
  step: bigint;
}

/** Registers that change otherwise than by a number. */
const UNSTEADY = Symbol();

/** By register: what it has moved since the beginning of the iteration. */
type Moves = Map<number, bigint | typeof UNSTEADY>;

function addressesOf(code: readonly (readonly Stmt[])[]): readonly Affine[] {
  const moves: Moves = new Map();
  // What registers had moved when they were read.
  const read = new Map<Node, bigint | typeof UNSTEADY>();
  const found: Affine[] = [];
  const add = (site: Site, address: Address, bytes: number, access: 'fetch' | 'store'): void => {
    if (address.space === 'instruction') return;
    const terms: Term[] = [];
    const offset = sum(address.at, terms, read);
    if (offset !== undefined && terms.length > 0 && terms.length <= 2)
      found.push({ site, terms, offset, bytes, access, step: 0n });
  };
  for (const statements of code) {
    for (const s of statements) {
      if (s.s === 'let') {
        const { node } = s;
        if (node.k === 'reg') read.set(node, moves.get(keyOfRegister(node)) ?? 0n);
        else if (node.k === 'fetch') add(node, node.address, node.width / 8, 'fetch');
        else if (node.k === 'probe' && node.length.k === 'const')
          add(node, node.address, Number(node.length.value), node.access);
      } else if (s.s === 'store') add(s, s.address, s.width / 8, 'store');
      else if (s.s === 'setReg') moves.set(keyOfRegister(s), moved(s, read));
      else for (const register of setIn(s)) moves.set(register, UNSTEADY);
    }
  }
  return found.filter((a) => {
    const steps = a.terms.map((t) => (t.k === 'reg' ? (moves.get(keyOfRegister(t)) ?? 0n) : 0n));
    a.step = steps.reduce<bigint>((all, step) => all + (step === UNSTEADY ? 0n : step), 0n);
    return !steps.includes(UNSTEADY) && a.step <= MOST_STEP && a.step >= -MOST_STEP;
  });
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

// What a register has moved when it has been set.
function moved(
  s: Stmt & { readonly s: 'setReg' },
  read: ReadonlyMap<Node, bigint | typeof UNSTEADY>,
): bigint | typeof UNSTEADY {
  if (s.part.bytes !== 8) return UNSTEADY;
  const terms: Term[] = [];
  const offset = sum(s.value, terms, read);
  const [term] = terms;
  const same = terms.length === 1 && term?.k === 'reg' && keyOfRegister(term) === keyOfRegister(s);
  return same && offset !== undefined ? offset : UNSTEADY;
}

// The number that comes to the terms of a sum, the registers as they were at the beginning; undefined for what is no such sum.
function sum(n: Node, terms: Term[], read: ReadonlyMap<Node, bigint | typeof UNSTEADY>): bigint | undefined {
  if (n.k === 'const') return n.value;
  if (n.k === 'ia') {
    terms.push(n);
    return 0n;
  }
  if (n.k === 'reg') {
    const by = read.get(n);
    if (n.part.bytes !== 8 || by === undefined || by === UNSTEADY) return undefined;
    terms.push(n);
    return by;
  }
  if (n.k !== 'bin' || n.ty !== 'i64' || n.op !== 'add') return undefined;
  const a = sum(n.a, terms, read);
  const b = a === undefined ? undefined : sum(n.b, terms, read);
  return a === undefined || b === undefined ? undefined : a + b;
}

const nameOf = (a: Affine): string =>
  a.terms
    .map((t) => (t.k === 'reg' ? keyOfRegister(t) : -1))
    .sort((x, y) => x - y)
    .join();

function grouped(found: readonly Affine[]): { readonly groups: readonly Group[]; readonly sites: Map<Site, number> } {
  const byTerms = new Map<string, Affine[]>();
  for (const a of found) {
    const name = nameOf(a);
    byTerms.set(name, [...(byTerms.get(name) ?? []), a]);
  }
  const groups: Group[] = [];
  const sites = new Map<Site, number>();
  for (const all of byTerms.values()) {
    all.sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
    for (let at = 0; at < all.length && groups.length < MOST_GROUPS; ) at += take(all.slice(at), groups, sites);
  }
  return { groups, sites };
}

// Makes a group of the first accesses; how many they are.
function take(all: readonly Affine[], groups: Group[], sites: Map<Site, number>): number {
  const [first] = all;
  if (first === undefined) return 0;
  const end = (a: Affine): bigint => a.offset + BigInt(a.bytes) - first.offset;
  const apart = all.findIndex((a) => end(a) > MOST_SPAN);
  const members = apart < 0 ? all : all.slice(0, Math.max(apart, 1));
  for (const a of members) sites.set(a.site, groups.length);
  groups.push({
    terms: first.terms,
    from: first.offset,
    span: members.reduce((most, a) => Math.max(most, Number(end(a))), 0),
    step: Number(first.step),
    fetches: members.some((a) => a.access === 'fetch'),
    stores: members.some((a) => a.access === 'store'),
  });
  return members.length;
}
