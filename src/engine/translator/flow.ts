/**
 * The order and nesting of a region's blocks: reverse postorder, dominators, loops. After N. Ramsey, "Beyond Relooper:
 * Recursive Translation of Unstructured Control Flow to Structured Control Flow" (ICFP 2022). Node 0 is not a block but the
 * dispatcher, which leads to the entries, and to every block that no structured branch can reach.
 */

/** A graph put in order. */
export interface Flow {
  /** Nodes in reverse postorder, the dispatcher first. */
  readonly order: readonly number[];
  /** Place of each node in `order`. */
  readonly place: readonly number[];
  /** The children of each node in the dominator tree, in reverse postorder. */
  readonly children: readonly (readonly number[])[];
  /** Nodes with more than one way to them that comes from before. */
  readonly isMerge: readonly boolean[];
  readonly isLoop: readonly boolean[];
  /** Nodes that the dispatcher leads to, in the order of its numbers. */
  readonly dispatched: readonly number[];
  /** True for an edge that has to go through the dispatcher. */
  viaDispatcher(from: number, to: number): boolean;
}

/**
 * Puts a graph in order. `successors[0]` are the entries; nodes that cannot be reached have no place (-1). `returns` says that
 * some node may go back to the dispatcher by itself.
 */
export function orderFlow(successors: readonly (readonly number[])[], returns = false): Flow {
  const dispatched = [...new Set(successors[0] ?? [])];
  for (;;) {
    const flow = attempt(successors, dispatched, returns);
    const more = flow.irreducible.filter((n) => !dispatched.includes(n));
    if (more.length === 0) return flow;
    dispatched.push(...more);
  }
}

function attempt(
  successors: readonly (readonly number[])[],
  dispatched: readonly number[],
  returns: boolean,
): Flow & { readonly irreducible: readonly number[] } {
  const count = successors.length;
  const next = (n: number): readonly number[] => (n === 0 ? dispatched : (successors[n] ?? []));
  const order = reversePostorder(count, next);
  const place = new Array<number>(count).fill(-1);
  order.forEach((n, i) => {
    place[n] = i;
  });
  const at = (n: number): number => place[n] ?? -1;
  const dominator = dominators(order, place, next);
  const dominates = (a: number, b: number): boolean => {
    for (let n = b; ; n = dominator[n] ?? 0) {
      if (n === a) return true;
      if (n === 0) return false;
    }
  };
  const isBack = (from: number, to: number): boolean => at(to) <= at(from);
  const forward = new Array<number>(count).fill(0);
  const isLoop = new Array<boolean>(count).fill(false);
  const irreducible = new Set<number>();
  for (const from of order) {
    for (const to of next(from)) {
      if (!isBack(from, to)) forward[to] = (forward[to] ?? 0) + 1;
      else if (dominates(to, from)) isLoop[to] = true;
      else irreducible.add(to);
    }
  }
  if (irreducible.size > 0 || returns) isLoop[0] = true;
  const children: number[][] = Array.from({ length: count }, () => []);
  for (const n of order) if (n !== 0) children[dominator[n] ?? 0]?.push(n);
  return {
    order,
    place,
    children,
    isMerge: forward.map((n) => n > 1),
    isLoop,
    dispatched,
    irreducible: [...irreducible],
    viaDispatcher: (from, to) => isBack(from, to) && !dominates(to, from),
  };
}

function reversePostorder(count: number, next: (n: number) => readonly number[]): number[] {
  const order: number[] = [];
  const seen = new Array<boolean>(count).fill(false);
  const stack: { readonly node: number; at: number }[] = [{ node: 0, at: 0 }];
  seen[0] = true;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    const to = next(top.node)[top.at++];
    if (to === undefined) {
      order.push(top.node);
      stack.pop();
    } else if (seen[to] !== true) {
      seen[to] = true;
      stack.push({ node: to, at: 0 });
    }
  }
  return order.reverse();
}

// K. D. Cooper, T. J. Harvey, K. Kennedy, "A Simple, Fast Dominance Algorithm".
function dominators(
  order: readonly number[],
  place: readonly number[],
  next: (n: number) => readonly number[],
): readonly number[] {
  const at = (n: number): number => place[n] ?? -1;
  const before: number[][] = place.map(() => []);
  for (const n of order) for (const to of next(n)) before[to]?.push(n);
  const dominator = new Array<number>(place.length).fill(-1);
  dominator[0] = 0;
  const meet = (a: number, b: number): number => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (at(x) > at(y)) x = dominator[x] ?? 0;
      while (at(y) > at(x)) y = dominator[y] ?? 0;
    }
    return x;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const n of order) {
      if (n === 0) continue;
      let best = -1;
      for (const p of before[n] ?? []) if ((dominator[p] ?? -1) >= 0) best = best < 0 ? p : meet(p, best);
      if (dominator[n] !== best) {
        dominator[n] = best;
        changed = true;
      }
    }
  }
  return dominator;
}
