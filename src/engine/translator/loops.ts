import type { Flow } from './flow.ts';

/** The loops of a flow graph. */
export interface Loops {
  /** The nodes of the smallest loop that holds a node. */
  innermost(node: number): ReadonlySet<number> | undefined;
}

/** Finds the loops: of each head, what leads back to it, and all nodes where the dispatcher is come back to. */
export function loopsOf(successors: readonly (readonly number[])[], flow: Flow): Loops {
  const before: number[][] = successors.map(() => []);
  for (const n of flow.order) for (const to of successors[n] ?? []) before[to]?.push(n);
  const innermost = new Map<number, ReadonlySet<number>>();
  for (const head of flow.order) {
    if (flow.isLoop[head] !== true) continue;
    const nodes = head === 0 ? new Set(flow.order) : around(head, before, flow);
    for (const n of nodes) if (nodes.size < (innermost.get(n)?.size ?? Infinity)) innermost.set(n, nodes);
  }
  return { innermost: (node) => innermost.get(node) };
}

function around(head: number, before: readonly (readonly number[])[], flow: Flow): Set<number> {
  const at = (n: number): number => flow.place[n] ?? -1;
  const nodes = new Set([head]);
  const queue = (before[head] ?? []).filter((n) => at(n) >= at(head));
  for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
    if (nodes.has(n) || at(n) < at(head)) continue;
    nodes.add(n);
    queue.push(...(before[n] ?? []));
  }
  return nodes;
}
