/** Measures machines against each other: every repetition runs all of them in turn, so that a busy host is busy for all. */

import type { Boot, Machine } from './machines.ts';
import { withScratch } from './machines.ts';
import { runUntil, type Taken } from './run.ts';

/** Which time is compared. Processor time does not see what else the host does, nor that threads of a machine run at once. */
export type Clock = 'wall' | 'cpu';

/** What one machine did in the repetitions; empty when it is not installed. */
export type Runs = ReadonlyMap<string, readonly Taken[]>;

/** Runs every machine as often as asked. */
export async function measure(
  machines: readonly Machine[],
  boot: Boot,
  line: RegExp,
  repetitions: number,
): Promise<Runs> {
  const runs = new Map<string, Taken[]>(machines.map(({ name }) => [name, []]));
  for (let i = 0; i < repetitions; i++) {
    for (const machine of machines) {
      const taken = await withScratch((scratch) => runUntil(machine.command(boot, scratch), line));
      if (taken !== undefined) runs.get(machine.name)?.push(taken);
    }
  }
  return runs;
}

/** The time of a run by the clock that is compared; by the wall's where the other is not to be had. */
export function secondsOf(taken: Taken, clock: Clock): number {
  return clock === 'cpu' ? (taken.cpu ?? taken.wall) : taken.wall;
}

/** The value in the middle; undefined of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const upper = sorted[sorted.length >> 1];
  const lower = sorted[(sorted.length - 1) >> 1];
  return upper === undefined || lower === undefined ? undefined : (upper + lower) / 2;
}

/** Median of the rival's time divided by ours, repetition by repetition; each has its start-up taken off. */
export function ratio(ours: readonly number[], rival: readonly number[]): number | undefined {
  const pairs = Math.min(ours.length, rival.length);
  return median(Array.from({ length: pairs }, (_, i) => (rival[i] ?? 0) / (ours[i] ?? 1)));
}

/** Times with a machine's start-up taken off; a hundredth of a second is the least that is told apart from nothing. */
export function withoutStart(taken: readonly Taken[], start: number, clock: Clock): number[] {
  return taken.map((t) => Math.max(secondsOf(t, clock) - start, 0.01));
}
