import type { Stateful } from '../../../bits/stateful.ts';
import { type CallArguments, ListedArguments } from './call-arguments.ts';
import { HCALL_ARGUMENTS } from './hcall.ts';

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

/** Who made a call, and what came of it. */
export interface HcallAnswer {
  readonly vcpu: number;
  readonly nr: number;
  readonly result: number;
  readonly inside: boolean;
}

/** Words of a call that is kept: who, which, result, where; then the arguments. */
const WORDS = 4 + 2 * HCALL_ARGUMENTS;

/** Counts hypercalls by number and side, and keeps the last ones. */
export class HcallLog implements Stateful<HcallLogState> {
  readonly #counts = new Map<number, { inside: number; outside: number }>();
  /** The last calls as words, in a ring. */
  readonly #kept = new Int32Array(KEPT * WORDS);
  /** Calls that were kept so far: the next one's place follows from it. */
  #total = 0;
  /** The kernel's side handles the calls that it can; otherwise each of them leaves to user space, as in the first version. */
  handledInside = true;
  /** Calls are kept, not only counted. */
  keeps = true;

  /** A call is about to be carried out, with these arguments, of which some may be replaced; `answered` follows. */
  made(args: CallArguments): void {
    if (this.keeps) this.#keepArguments(args);
  }
  /** It has been carried out. */
  answered(answer: HcallAnswer): void {
    const { nr, inside } = answer;
    let count = this.#counts.get(nr);
    if (count === undefined) {
      count = { inside: 0, outside: 0 };
      this.#counts.set(nr, count);
    }
    if (inside) count.inside++;
    else count.outside++;
    if (this.keeps) this.#keepAnswer(answer);
  }
  #keepArguments(args: CallArguments): void {
    const at = (this.#total % KEPT) * WORDS + 4;
    for (let n = 0; n < HCALL_ARGUMENTS; n++) {
      this.#kept[at + 2 * n] = args.low(n);
      this.#kept[at + 2 * n + 1] = args.high(n);
    }
  }
  #keepAnswer({ vcpu, nr, result, inside }: HcallAnswer): void {
    const at = (this.#total % KEPT) * WORDS;
    this.#kept[at] = vcpu;
    this.#kept[at + 1] = nr;
    this.#kept[at + 2] = result;
    this.#kept[at + 3] = inside ? 1 : 0;
    this.#total++;
  }
  /** Counts by number, in the order of numbers. */
  counts(): (readonly [nr: number, inside: number, outside: number])[] {
    return [...this.#counts].map(([nr, c]) => [nr, c.inside, c.outside] as const).sort(([a], [b]) => a - b);
  }
  /** The last calls, oldest first. */
  get last(): readonly HcallRecord[] {
    const count = Math.min(this.#total, KEPT);
    return Array.from({ length: count }, (_, i) => this.#record((this.#total - count + i) % KEPT));
  }
  #record(place: number): HcallRecord {
    const word = (n: number): number => this.#kept[place * WORDS + n] ?? 0;
    const pair = (n: number): bigint => (BigInt(word(n + 1) >>> 0) << 32n) | BigInt(word(n) >>> 0);
    return {
      ...{ vcpu: word(0), nr: word(1) >>> 0, result: BigInt(word(2)), inside: word(3) === 1 },
      args: Array.from({ length: HCALL_ARGUMENTS }, (_, n) => pair(4 + 2 * n)),
    };
  }

  /** @inheritdoc */
  save(): HcallLogState {
    return { counts: this.counts(), last: this.last, handledInside: this.handledInside, keeps: this.keeps };
  }
  /** @inheritdoc */
  restore({ counts, last, handledInside, keeps }: HcallLogState): void {
    this.#counts.clear();
    for (const [nr, inside, outside] of counts) this.#counts.set(nr, { inside, outside });
    this.#total = 0;
    for (const { vcpu, nr, args, result, inside } of last) {
      this.#keepArguments(new ListedArguments([...args]));
      this.#keepAnswer({ vcpu, nr, result: Number(result), inside });
    }
    this.handledInside = handledInside;
    this.keeps = keeps;
  }
}
