import type { Flow } from './flow.ts';

/** Instructions that a block asks for on behalf of those behind it, its own among them, at most: the interpreter does what a turn has no room for. */
const MOST = 128;

/** A block, as far as it matters here. */
export interface DemandingBlock {
  readonly code: readonly unknown[];
  readonly successors: readonly number[];
}

/**
 * How many instructions must still be allowed to begin where a block begins: by node, 0 for those that need not ask. A block that
 * one other leads to, and nothing else, is asked for by that: for the longest way there is through such blocks.
 */
export function demandsOf(blocks: readonly (DemandingBlock | undefined)[], flow: Flow): readonly number[] {
  const dispatched = new Set(flow.dispatched);
  const follows = (n: number): boolean =>
    n !== 0 && !dispatched.has(n) && flow.isMerge[n] !== true && flow.isLoop[n] !== true;
  const longest = blocks.map((b) => b?.code.length ?? 0);
  const asks = blocks.map((b, n) => b !== undefined && !follows(n));
  for (const n of [...flow.order].reverse()) {
    const own = blocks[n]?.code.length ?? 0;
    for (const to of blocks[n]?.successors ?? []) {
      if (!follows(to)) continue;
      const all = own + (longest[to] ?? 0);
      if (all > MOST) asks[to] = true;
      else longest[n] = Math.max(longest[n] ?? 0, all);
    }
  }
  return longest.map((count, n) => (asks[n] === true ? count : 0));
}
