import type { Stateful } from '../../../bits/stateful.ts';

/** A hypercall as it was made. */
export interface HcallRecord {
  readonly vcpu: number;
  readonly nr: number;
  readonly args: readonly bigint[];
  readonly result: bigint;
  /** It was handled on the kernel's side, without an exit to user space. */
  readonly inside: boolean;
}

/** What is saved of it. */
export interface HcallLogState {
  readonly counts: readonly (readonly [nr: number, inside: number, outside: number])[];
  readonly last: readonly HcallRecord[];
  readonly handledInside: boolean;
  readonly keeps: boolean;
}

const KEPT = 32;

/** Counts hypercalls by number and side, and keeps the last ones. */
export class HcallLog implements Stateful<HcallLogState> {
  readonly #counts = new Map<number, { inside: number; outside: number }>();
  readonly #last: HcallRecord[] = [];
  /** The kernel's side handles the calls that it can; otherwise each of them leaves to user space, as in the first version. */
  handledInside = true;
  /** Calls are kept, not only counted. */
  keeps = true;

  add(record: HcallRecord): void {
    const count = this.#counts.get(record.nr) ?? { inside: 0, outside: 0 };
    this.#counts.set(record.nr, count);
    if (record.inside) count.inside++;
    else count.outside++;
    if (!this.keeps) return;
    this.#last.push(record);
    if (this.#last.length > KEPT) this.#last.shift();
  }
  /** Counts by number, in the order of numbers. */
  counts(): (readonly [nr: number, inside: number, outside: number])[] {
    return [...this.#counts].map(([nr, c]) => [nr, c.inside, c.outside] as const).sort(([a], [b]) => a - b);
  }
  /** The last calls, oldest first. */
  get last(): readonly HcallRecord[] {
    return this.#last;
  }

  /** @inheritdoc */
  save(): HcallLogState {
    return { counts: this.counts(), last: [...this.#last], handledInside: this.handledInside, keeps: this.keeps };
  }
  /** @inheritdoc */
  restore({ counts, last, handledInside, keeps }: HcallLogState): void {
    this.#counts.clear();
    for (const [nr, inside, outside] of counts) this.#counts.set(nr, { inside, outside });
    this.#last.splice(0, this.#last.length, ...last);
    this.handledInside = handledInside;
    this.keeps = keeps;
  }
}
