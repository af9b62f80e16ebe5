/** Going through a machine's past in a test. */

import { expect } from 'vitest';
import { History } from '../../src/history/history.ts';
import type { Machine } from '../../src/machine/machine.ts';

/** A history of a machine, with a mark every so many instructions. */
export function historyOf(machine: Machine, spacing: bigint, budget = 64 << 20): History {
  const { pages } = machine.guest.state;
  if (pages === undefined) throw new Error('nothing is kept of this guest');
  return new History(machine, pages, [], { budget, spacing, spacingOfPage: 0n }, () => performance.now());
}

/** All of a state, but for what a mark leaves in the count of rounds. */
export function stateOf(machine: Machine): object {
  const { progress: _, ...parts } = machine.capture([], false);
  return parts;
}

/** Brings a machine to a time that its history reaches. */
export function seek(history: History, to: bigint): void {
  history.leave();
  history.goTo(Math.max(0, history.before(to)));
  for (const way = history.forward(to, false); ; ) {
    const step = way.next();
    if (step.done !== true) continue;
    expect(['there', 'present']).toContain(step.value);
    return;
  }
}
