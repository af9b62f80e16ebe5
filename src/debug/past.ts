import type { HistoryCounts } from '../history/figures.ts';
import type { Future } from '../history/future.ts';
import type { History } from '../history/history.ts';
import type { Past, StraightRun, Writers } from './target.ts';

/** How long a list of writers may take in milliseconds: nobody is served meanwhile. */
const MOST_MS = 20_000;

/** What a past is shown with. */
export interface PastParts {
  readonly history: History;
  readonly time: () => bigint;
  readonly now: () => number;
  /** Looks for writes, step by step; the steps are given up when they take too long. */
  readonly writers: (vcpu: number, address: bigint, length: number, most: number) => Generator<undefined, Writers>;
  readonly straightRuns: (vcpu: number, most: number) => Generator<undefined, readonly StraightRun[]>;
  readonly retrace: (from: bigint) => Generator<undefined, undefined>;
}

/** A machine's past for the commands of a user. */
export class MachinePast implements Past {
  readonly names = new Map<string, bigint>();
  /** @inheritdoc */
  goal: bigint | undefined;
  readonly #parts: PastParts;
  #follows: string | undefined;

  constructor(parts: PastParts) {
    this.#parts = parts;
  }
  get time(): bigint {
    return this.#parts.time();
  }
  get isPast(): boolean {
    return this.#parts.history.isPast;
  }
  get timelines(): Past['timelines'] {
    return this.#parts.history.futures.map(({ name, from, marks }) => ({
      name,
      from: from.instant.at,
      to: marks.at(-1)?.instant.at ?? from.instant.at,
    }));
  }
  /** @inheritdoc */
  follow(name: string): boolean {
    const found = this.#parts.history.futures.some((future) => future.name === name);
    if (found) this.#follows = name;
    return found;
  }
  /** The timeline that a user wants to be in, which is not asked for any more then. */
  takeFuture(): Future | undefined {
    const name = this.#follows;
    this.#follows = undefined;
    return this.#parts.history.futures.find((future) => future.name === name);
  }
  get beginning(): Past['beginning'] {
    return this.#parts.history.beginning;
  }
  get end(): bigint {
    return this.#parts.history.end;
  }
  get counts(): HistoryCounts {
    return this.#parts.history.counts;
  }
  /** @inheritdoc */
  writers(vcpu: number, address: bigint, length: number, most: number): Writers {
    const none = { writes: [], searchedFrom: this.time };
    const found = this.#all(this.#parts.writers(vcpu, address, length, most), none);
    return found === 'given up' ? none : found;
  }
  /** @inheritdoc */
  straightRuns(vcpu: number, most: number): readonly StraightRun[] {
    const found = this.#all(this.#parts.straightRuns(vcpu, most), []);
    return found === 'given up' ? [] : found;
  }
  /** @inheritdoc */
  retrace(from: bigint): boolean {
    return this.#all(this.#parts.retrace(from), undefined) !== 'given up';
  }
  #all<T>(way: Generator<undefined, T>, otherwise: T): T | 'given up' {
    const { now } = this.#parts;
    const until = now() + MOST_MS;
    for (;;) {
      const step = way.next();
      if (step.done === true) return step.value;
      if (now() < until) continue;
      way.return(otherwise);
      return 'given up';
    }
  }
}
