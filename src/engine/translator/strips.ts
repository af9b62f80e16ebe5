import type { Stmt } from '../../ir/node.ts';
import type { Flow } from './flow.ts';
import { around } from './loops.ts';
import { type Interval, point, span } from './ranges.ts';
import { keyOfRegister } from './register-uses.ts';
import {
  type Affine,
  type BodyBlock,
  isSteady,
  type Rest,
  registersSet,
  restOf,
  steadyAccesses,
  type Term,
} from './steps.ts';
import type { Site } from './windows.ts';

/** Bytes by which an address moves from one iteration to the next, at most: several of them are to lie in a few pages. */
const MOST_STEP = 1024n;
/** Bytes that are looked at together, at most, where they are not one access's. */
const MOST_SPAN = 256n;
/** Groups of accesses, each of which takes a local. */
const MOST_GROUPS = 6;
/** Instructions of a loop: it is written twice. */
const MOST_INSTRUCTIONS = 60;

/** Accesses by the same registers, close to each other. */
export interface Group {
  readonly terms: readonly Term[];
  /** What comes to the sum of the terms, where an iteration begins, for the first byte. */
  readonly from: bigint;
  readonly span: number;
  /** Bytes by which all of it moves in an iteration at most, one way or the other. */
  readonly step: number;
  readonly fetches: boolean;
  readonly stores: boolean;
  /** Those of the terms that nothing in the loop sets. */
  readonly steady: readonly Term[];
  /** Bounds of the numbers in its addresses. */
  readonly constants: Interval;
}

/** An access of a group: its address without the group's steady terms. */
export interface Place extends Rest {
  readonly group: number;
}

/** A loop of which several iterations are done without a look at the TLB or the count, since one look answers for all of them. */
export interface Strip {
  readonly head: number;
  /** Its blocks in order. */
  readonly nodes: readonly number[];
  /** Instructions of an iteration, at most. */
  readonly count: number;
  /** Each iteration has as many. */
  readonly uniform: boolean;
  readonly groups: readonly Group[];
  /** The accesses that need no look. */
  readonly sites: ReadonlyMap<Site, Place>;
}

/** A block, as far as it matters here. */
export interface StripBlock {
  readonly code: readonly (readonly Stmt[])[];
  readonly successors: readonly number[];
}

/** Finds the loops without others inside whose addresses stay, or move by numbers in each iteration. */
export function findStrips(blocks: readonly (StripBlock | undefined)[], flow: Flow): ReadonlyMap<number, Strip> {
  const before: number[][] = blocks.map(() => []);
  for (const n of flow.order) for (const to of blocks[n]?.successors ?? []) before[to]?.push(n);
  const strips = new Map<number, Strip>();
  for (const head of flow.order) {
    if (head === 0 || flow.isLoop[head] !== true) continue;
    const loops = (before[head] ?? []).map((last) => around(head, last, before, flow)).filter((l) => l.size > 0);
    const smallest = loops.reduce((a, b) => (b.size < a.size ? b : a), loops[0] ?? new Set());
    // What goes back to one head from several places is one loop, or one in another.
    const whole = new Set(loops.flatMap((l) => [...l]));
    const found = [whole, smallest].map((loop) => stripOf(head, loop, blocks, flow, before));
    const [all, inner] = found;
    const best = all !== undefined && (inner === undefined || servesAlike(all, inner)) ? all : inner;
    if (best !== undefined) strips.set(head, best);
  }
  return strips;
}

// True when each access of a strip moves in the other one as it does in this.
function servesAlike(all: Strip, inner: Strip): boolean {
  const step = (strip: Strip, site: Site): number | undefined => strip.groups[strip.sites.get(site)?.group ?? -1]?.step;
  return [...inner.sites.keys()].every((site) => step(all, site) === step(inner, site));
}

function stripOf(
  head: number,
  loop: ReadonlySet<number>,
  blocks: readonly (StripBlock | undefined)[],
  flow: Flow,
  before: readonly (readonly number[])[],
): Strip | undefined {
  const body = bodyOf(head, loop, blocks, flow, before);
  if (body === undefined) return undefined;
  const steady = steadyAccesses(body).filter(({ step: { low, high } }) => isOneWay(low, high));
  const set = registersSet(body);
  const { groups, sites } = grouped(steady, (register) => !set.has(register));
  return groups.length === 0 ? undefined : { head, nodes: [...body.keys()], ...lengthOf(body), groups, sites };
}

function isOneWay(low: bigint, high: bigint): boolean {
  return (low >= 0n && high <= MOST_STEP) || (high <= 0n && low >= -MOST_STEP);
}

/** How many instructions an iteration has. */
function lengthOf(body: ReadonlyMap<number, BodyBlock>): { readonly count: number; readonly uniform: boolean } {
  const [least, most] = [new Map<number, number>(), new Map<number, number>()];
  const ends: { readonly least: number; readonly most: number }[] = [];
  for (const [n, { code, before, again }] of body) {
    least.set(n, code.length + Math.min(...before.map((b) => least.get(b) ?? 0), ...(before.length === 0 ? [0] : [])));
    most.set(n, code.length + Math.max(0, ...before.map((b) => most.get(b) ?? 0)));
    if (again) ends.push({ least: least.get(n) ?? 0, most: most.get(n) ?? 0 });
  }
  const count = Math.max(...ends.map((e) => e.most));
  return { count, uniform: ends.every((e) => e.least === count) };
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
    const inside = new Set(nodes);
    const outside = nodes.flatMap((n) => flow.children[n] ?? []).filter((c) => !inside.has(c));
    for (const n of nodes) children[n] = (flow.children[n] ?? []).filter((c) => inside.has(c));
    children[head] = [...(children[head] ?? []), ...outside].sort(
      (a, b) => (flow.place[a] ?? 0) - (flow.place[b] ?? 0),
    );
    for (const c of outside) isMerge[c] = true;
  }
  return { ...flow, children, isMerge };
}

// The blocks of a loop in order, if it holds no other, and is entered at its head alone.
function bodyOf(
  head: number,
  loop: ReadonlySet<number>,
  blocks: readonly (StripBlock | undefined)[],
  flow: Flow,
  before: readonly (readonly number[])[],
): ReadonlyMap<number, BodyBlock> | undefined {
  const body = new Map<number, BodyBlock>();
  const at = (n: number): number => flow.place[n] ?? -1;
  let instructions = 0;
  for (const n of [...loop].sort((a, b) => at(a) - at(b))) {
    const block = blocks[n];
    if (block === undefined || block.code.length === 0) return undefined;
    const from = [...new Set(n === head ? [] : before[n])];
    const aside = n !== head && (flow.isLoop[n] === true || flow.dispatched.includes(n));
    if (aside || from.some((b) => !loop.has(b) || at(b) >= at(n))) return undefined;
    const again = block.successors.includes(head);
    if (again && flow.viaDispatcher(n, head)) return undefined;
    body.set(n, { code: block.code, before: from, again });
    instructions += block.code.length;
  }
  return instructions > MOST_INSTRUCTIONS ? undefined : body;
}

const nameOf = (a: Affine): string =>
  a.terms
    .map((t) => (t.k === 'reg' ? keyOfRegister(t) : -1))
    .sort((x, y) => x - y)
    .join();

interface Grouped {
  readonly groups: Group[];
  readonly sites: Map<Site, Place>;
  /** True for a register that nothing in the loop sets. */
  stays(register: number): boolean;
}

function grouped(found: readonly Affine[], stays: Grouped['stays']): Grouped {
  const byTerms = new Map<string, Affine[]>();
  for (const a of found) {
    const name = nameOf(a);
    byTerms.set(name, [...(byTerms.get(name) ?? []), a]);
  }
  const result: Grouped = { groups: [], sites: new Map(), stays };
  for (const all of byTerms.values()) {
    all.sort((a, b) => Number(a.offset.low - b.offset.low));
    for (let at = 0; at < all.length && result.groups.length < MOST_GROUPS; ) at += take(all.slice(at), result);
  }
  return result;
}

// Makes a group of the first accesses; how many they are.
function take(all: readonly Affine[], { groups, sites, stays }: Grouped): number {
  const [first] = all;
  if (first === undefined) return 0;
  const from = first.offset.low;
  const end = (a: Affine): bigint => a.offset.high + BigInt(a.bytes) - from;
  const most = end(first) > MOST_SPAN ? end(first) : MOST_SPAN;
  const apart = all.findIndex((a) => end(a) > most);
  const members = apart < 0 ? all : all.slice(0, apart);
  const rests = members.map((a) => restOf(a.at, stays));
  members.forEach((a, i) => {
    sites.set(a.site, { group: groups.length, ...(rests[i] ?? restOf(a.at, stays)) });
  });
  const { low, high } = first.step;
  groups.push({
    terms: first.terms,
    from,
    span: members.reduce((longest, a) => Math.max(longest, Number(end(a))), 0),
    step: Number(high > 0n ? high : low),
    fetches: members.some((a) => a.access === 'fetch'),
    stores: members.some((a) => a.access === 'store'),
    steady: first.terms.filter((t) => isSteady(t, stays)),
    constants: rests.map((r) => point(r.constant)).reduce(span),
  });
  return members.length;
}
