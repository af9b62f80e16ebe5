import type { LoggedInput } from '../machine/inputs.ts';
import type { ImagePool } from './image-pool.ts';
import type { Interval } from './interval.ts';
import type { Mark } from './mark.ts';

/**
 * What came behind a mark before somebody changed the past there: marks, what changed on the way to each, and inputs. Its images
 * hold what comes, seen from the mark.
 */
export interface Future {
  readonly name: string;
  readonly from: Mark;
  readonly marks: readonly Mark[];
  readonly intervals: readonly Interval[];
  readonly inputs: readonly LoggedInput[];
  /** The time behind which nothing is to come. */
  readonly ends?: bigint | undefined;
}

/** The futures that a machine is not in, oldest first. */
export class Futures {
  #all: Future[] = [];
  #named = 0;

  get all(): readonly Future[] {
    return this.#all;
  }
  /** Bytes of the states in them. */
  get bytes(): number {
    return this.#all.reduce((sum, { marks }) => sum + marks.reduce((all, { bytes }) => all + bytes, 0), 0);
  }
  /** True for a mark that something leads away from. */
  branchesAt(mark: Mark | undefined): boolean {
    return this.#all.some(({ from }) => from === mark);
  }
  /** Keeps one under the next name: A, B, ... Z, T26 and so on. */
  add(future: Omit<Future, 'name'>): Future {
    const n = this.#named++;
    const added = { ...future, name: n < 26 ? String.fromCharCode(65 + n) : `T${n}` };
    this.#all.push(added);
    return added;
  }
  /** How many have been named. */
  get named(): number {
    return this.#named;
  }
  /** Takes over those of another machine that was saved. */
  adopt(all: readonly Future[], named: number): void {
    this.#all = [...all];
    this.#named = named;
  }
  /** Takes one out, to be gone into. */
  take(future: Future): void {
    this.#all = this.#all.filter((one) => one !== future);
  }
  /** Gives up those that branch at a mark, and those that branch in these. */
  drop(mark: Mark, pool: ImagePool): void {
    for (const future of this.#all.filter(({ from }) => from === mark)) {
      this.take(future);
      for (const interval of future.intervals) interval.clear(pool);
      for (const inner of future.marks) this.drop(inner, pool);
    }
  }
  /** Gives up the oldest but for one, and what branches off where it does; false when there is none. */
  dropOldest(pool: ImagePool, but?: Future): boolean {
    const oldest = this.#all.find(({ from }) => from !== but?.from);
    if (oldest !== undefined) this.drop(oldest.from, pool);
    return oldest !== undefined;
  }
  /** Gives up all. */
  clear(pool: ImagePool): void {
    while (this.dropOldest(pool));
  }
}
