import { beforeEach, describe, expect, test } from 'vitest';
import type { Stateful } from '../../../src/bits/stateful.ts';
import {
  checkSnapshot,
  type SavedParts,
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
  type Snapshot,
  SnapshotError,
  StateParts,
} from '../../../src/machine/snapshot.ts';

/** A number that is saved. */
class Counter implements Stateful<number> {
  count = 0;
  save(): number {
    return this.count;
  }
  restore(count: number): void {
    this.count = count;
  }
}

let [first, second] = [new Counter(), new Counter()];
let parts = new StateParts();

beforeEach(() => {
  [first, second] = [new Counter(), new Counter()];
  parts = new StateParts().add('first', 1, first).add('second', 7, second);
});

/** The code and words of the `SnapshotError` that a call ends with. */
function refusal(call: () => void): string {
  try {
    call();
  } catch (error) {
    if (error instanceof SnapshotError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'taken';
}

describe('parts', () => {
  test('are saved with their versions and put back', () => {
    [first.count, second.count] = [3, 4];
    const saved = parts.save();
    expect(saved).toEqual({ first: { version: 1, state: 3 }, second: { version: 7, state: 4 } });
    [first.count, second.count] = [5, 6];
    parts.check(saved);
    parts.restore(saved);
    expect([first.count, second.count]).toEqual([3, 4]);
  });

  test('that are left out are neither missed nor touched', () => {
    const saved = parts.save(['first']);
    expect(Object.keys(saved)).toEqual(['second']);
    first.count = 9;
    parts.check(saved, ['first']);
    parts.restore(saved);
    expect(first.count).toBe(9);
  });

  test('of one name cannot be two', () => {
    expect(() => parts.add('first', 1, new Counter())).toThrow('two parts named first');
  });

  test.each<[string, SavedParts]>([
    ['missing-part: the snapshot has no part "second"', { first: { version: 1, state: 0 } }],
    [
      'unknown-version: the snapshot\'s part "second" is of version 8, and this program knows version 7',
      { first: { version: 1, state: 0 }, second: { version: 8, state: 0 } },
    ],
  ])('%s', (words, saved) => {
    expect(refusal(() => parts.check(saved))).toBe(words);
  });

  test('may refuse a state themselves', () => {
    const picky: Stateful<number> = {
      save: () => 1,
      check: (n) => {
        if (n !== 1) throw new SnapshotError('device-missing', 'no such device');
      },
      restore: () => undefined,
    };
    const pickyParts = new StateParts().add('picky', 1, picky);
    expect(refusal(() => pickyParts.check({ picky: { version: 1, state: 2 } }))).toBe('device-missing: no such device');
    expect(refusal(() => pickyParts.check({ picky: { version: 1, state: 1 } }))).toBe('taken');
  });
});

describe('a header', () => {
  const shape = { architecture: 'toy', CPUs: 2 };
  const snapshot: Snapshot = { format: SNAPSHOT_FORMAT, version: SNAPSHOT_VERSION, shape, at: 0n, parts: {} };
  // As it may come from a file.
  const header = (changes: object): Snapshot => ({ ...snapshot, ...changes }) as Snapshot;

  test.each<[string, object]>([
    ['taken', {}],
    [
      'unknown-part: the snapshot has a part "third" that this machine has not',
      { parts: { third: { version: 1, state: 0 } } },
    ],
    ['no-snapshot: this is not a snapshot of a guest', { format: 'gif' }],
    ['unknown-version: the snapshot is of version 2, and this program knows version 1', { version: 2 }],
    [
      'other-machine: the snapshot is of a machine with CPUs 4, this one has 2',
      { shape: { architecture: 'toy', CPUs: 4 } },
    ],
    ['other-machine: the snapshot is of a machine with CPUs none, this one has 2', { shape: { architecture: 'toy' } }],
    [
      'other-machine: the snapshot is of a machine with colour red, this one has none',
      { shape: { ...shape, colour: 'red' } },
    ],
  ])('%s', (words, changes) => {
    expect(refusal(() => checkSnapshot(header(changes), shape, [new StateParts()], []))).toBe(words);
  });
});
