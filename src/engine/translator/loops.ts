import type { Flow } from './flow.ts';

/** The loops of a flow graph. */
export interface Loops {
  /** The nodes of the smallest loop that holds a node. */
  innermost(node: number): ReadonlySet<number> | undefined;
}

/** Finds the loops: of each way back to a head what lies on it, and all nodes where the dispatcher is come back to. */
export function loopsOf(successors: readonly (readonly number[])[], flow: Flow): Loops {
  const before: number[][] = successors.map(() => []);
  for (const n of flow.order) for (const to of successors[n] ?? []) before[to]?.push(n);
  const innermost = new Map<number, ReadonlySet<number>>();
  const add = (nodes: ReadonlySet<number>): void => {
    for (const n of nodes) if (nodes.size < (innermost.get(n)?.size ?? Infinity)) innermost.set(n, nodes);
  };
  for (const head of flow.order) {
    if (flow.isLoop[head] !== true) continue;
    if (head === 0) add(new Set(flow.order));
    else for (const last of before[head] ?? []) add(around(head, last, before, flow));
  }
  return { innermost: (node) => innermost.get(node) };
}

/** The loop that goes back to its head from `last`: those inside of each other may have the same head. Nothing if that is no way back. */
export function around(head: number, last: number, before: readonly (readonly number[])[], flow: Flow): Set<number> {
  const at = (n: number): number => flow.place[n] ?? -1;
  const nodes = new Set<number>();
  if (at(last) < at(head)) return nodes;
  nodes.add(head);
  const queue = [last];
  for (let n = queue.pop(); n !== undefined; n = queue.pop()) {
    if (nodes.has(n) || at(n) < at(head)) continue;
    nodes.add(n);
    queue.push(...(before[n] ?? []));
  }
  return nodes;
}
