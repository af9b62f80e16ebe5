import { expect, test } from 'vitest';
import { pairToJoin } from '../../../src/history/thinning.ts';

const SPACING = 100_000_000n;
const ROOM = 60;

/** Marks that are made each `SPACING` instructions, as many as there is room for. */
function marksAt(end: bigint): { readonly times: bigint[]; readonly dropped: number } {
  const times = [0n];
  let dropped = 0;
  for (let now = SPACING; now <= end; now += SPACING) {
    times.push(now);
    while (times.length > ROOM) {
      const joined = pairToJoin(times, now);
      times.splice(joined ?? 0, 1);
      if (joined === undefined) dropped++;
    }
  }
  return { times, dropped };
}

test('behind 10^11 instructions the beginning is still there, and spacing grows with age alone', () => {
  const end = 100_000_000_000n;
  const { times, dropped } = marksAt(end);
  expect(dropped).toBe(0);
  expect(times[0]).toBe(0n);
  expect(times.at(-1)).toBe(end);
  for (let i = 1; i < times.length; i++) {
    const [from = 0n, to = 0n] = [times[i - 1], times[i]];
    // Never longer than a third of its age and what one mark more would have been.
    expect(to - from).toBeLessThanOrEqual((end - to) / 3n + 2n * SPACING);
  }
});

test('what may not go stays, and then the neighbours of it grow', () => {
  const times = Array.from({ length: 20 }, (_, i) => BigInt(i) * 100n);
  expect(pairToJoin(times, 5000n)).toBeDefined();
  expect(pairToJoin(times, 5000n, () => false)).toBeUndefined();
  expect(pairToJoin(times, 5000n, (mark) => mark === 7)).toBe(7);
});

test('two young intervals are not joined: the oldest one goes then', () => {
  expect(pairToJoin([0n, 100n, 200n], 200n)).toBeUndefined();
});
