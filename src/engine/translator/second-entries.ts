import type { Flow } from './flow.ts';

/** A block, as far as it matters here. */
export interface Copied {
  readonly offset: number;
  readonly instructions: readonly unknown[];
  readonly successors: number[];
  /** Nodes that stand for offsets behind it in place of the usual ones. */
  readonly instead: ReadonlyMap<number, number>;
}

/** The node at an offset to which a block leads. */
export function nodeBehind(b: Copied, offset: number, usual: ReadonlyMap<number, number>): number | undefined {
  return b.instead.get(offset) ?? usual.get(offset);
}

/** Instructions of a loop that is worth it, at most: what goes around in a small one pays for the other copy. */
const MOST_INSTRUCTIONS = 60;
/** A region with more entries goes by the dispatcher all the time anyhow. */
const MOST_ENTRIES = 8;

/** A graph whose loops are entered at their heads alone, as far as that was worth it. */
export interface Unfolded<B> {
  readonly blocks: readonly (B | undefined)[];
  /** The nodes of the entries, in their order. */
  readonly entries: readonly number[];
}

/**
 * Where the region is entered in the midst of a loop: what leads from there to the loop's head becomes a copy of its own, so that the
 * loop is one for the structured flow, too. Else each of its iterations would go by the dispatcher. Undefined if there is no such.
 */
export function copyTails<B extends Copied>(
  blocks: readonly (B | undefined)[],
  entries: readonly number[],
  flow: Flow,
): Unfolded<B> | undefined {
  if (entries.length > MOST_ENTRIES) return undefined;
  const loops = brokenLoops(blocks, flow);
  let all = blocks;
  const places = entries.map((entry) => {
    const broken = loops.find(({ head, nodes }) => entry !== head && nodes.has(entry));
    if (broken === undefined) return entry;
    const at = all.length;
    all = [...all, ...copyFrom(entry, broken, all)];
    return at;
  });
  return all.length === blocks.length ? undefined : { blocks: all, entries: places };
}

interface Loop {
  readonly head: number;
  readonly nodes: ReadonlySet<number>;
}

// The loops that the dispatcher has to lead back to the heads of.
function brokenLoops(blocks: readonly (Copied | undefined)[], flow: Flow): readonly Loop[] {
  const before: number[][] = blocks.map(() => []);
  for (const n of flow.order) for (const to of blocks[n]?.successors ?? []) before[to]?.push(n);
  const loops: Loop[] = [];
  for (const from of flow.order) {
    for (const head of blocks[from]?.successors ?? []) {
      if (!flow.viaDispatcher(from, head)) continue;
      const ahead = reached([head], (n) => blocks[n]?.successors ?? []);
      const back = reached([from], (n) => (n === head ? [] : (before[n] ?? [])));
      const nodes = [...back].filter((n) => ahead.has(n));
      const instructions = nodes.reduce((sum, n) => sum + (blocks[n]?.instructions.length ?? 0), 0);
      if (instructions <= MOST_INSTRUCTIONS) loops.push({ head, nodes: new Set(nodes) });
    }
  }
  return loops;
}

function reached(from: readonly number[], next: (n: number) => readonly number[]): Set<number> {
  const found = new Set(from);
  const queue = [...from];
  for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
    for (const to of next(n)) {
      if (found.has(to)) continue;
      found.add(to);
      queue.push(to);
    }
  }
  return found;
}

// The blocks from one of a loop to where it begins anew; the copy of that one is the first.
function copyFrom<B extends Copied>(entry: number, { head, nodes }: Loop, blocks: readonly (B | undefined)[]): B[] {
  const inside = (n: number): readonly number[] =>
    (blocks[n]?.successors ?? []).filter((to) => to !== head && nodes.has(to));
  const tail = [...reached([entry], inside)];
  const copies = new Map(tail.map((n, i) => [n, blocks.length + i]));
  return tail.flatMap((n) => {
    const b = blocks[n];
    if (b === undefined) return [];
    const instead = new Map(b.instead);
    for (const to of b.successors) {
      const [copy, offset] = [copies.get(to), blocks[to]?.offset];
      if (copy !== undefined && offset !== undefined) instead.set(offset, copy);
    }
    return [{ ...b, successors: b.successors.map((to) => copies.get(to) ?? to), instead }];
  });
}
