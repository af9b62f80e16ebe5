import type { StopEvent } from '../machine/exit.ts';
import type { Instant, LoggedInput } from '../machine/inputs.ts';
import type { KeptPages } from '../machine/kept-pages.ts';
import type { Machine } from '../machine/machine.ts';
import { type Future, Futures } from './future.ts';
import type { Interval } from './interval.ts';
import { Keeping } from './keeping.ts';
import type { PagedDisk } from './kept-disk.ts';
import { bytesOfPlain, type Mark } from './mark.ts';
import { pairToJoin } from './thinning.ts';

/** How much is kept, and how often. */
export interface HistoryOptions {
  /** Bytes of images and states at most. */
  readonly budget: number;
  /** Instructions between two marks at least, all vCPUs together; `usualSpacing` when not given. */
  readonly spacing?: bigint;
  /** As many instructions at least for each page that was kept: a burst of changes stretches the spacing. */
  readonly spacingOfPage?: bigint;
}

/** About a tenth of a second of a guest at work. */
const usualSpacing = 100_000_000n;
const usualSpacingOfPage = 50_000n;
/** Bytes that an input takes beside its data, about. */
const INPUT_BYTES = 200;

/** Where a history begins, and why not earlier. */
export interface Beginning {
  readonly at: bigint;
  readonly why: 'start' | 'budget' | 'restored';
}

/** What a history holds. */
export interface HistoryCounts {
  readonly marks: number;
  readonly inputs: number;
  readonly bytes: number;
  readonly budget: number;
  /** Pages that were kept so far, and how long all marks took, in milliseconds. */
  readonly keptPages: number;
  readonly markMs: number;
}

/** A stop on the way, or where it ended. */
export type Reached = StopEvent | 'there' | 'present';

/**
 * The past of a machine: marks, to which it can be put back, and the inputs that came in between, by which it goes on from
 * there as it did. Behind each mark the first change of a page keeps what the page held; to go back is to exchange pages
 * with images, newest interval first, and the same images lead forward again.
 *
 * The machine stands behind the mark `#base`: intervals in front of that hold what was before, those behind it what comes.
 */
export class History {
  readonly options: HistoryOptions;
  readonly #machine: Machine;
  readonly #keeping: Keeping;
  readonly #now: () => number;
  readonly #marks: Mark[] = [];
  /** What changed between each mark and the next one. */
  readonly #intervals: Interval[] = [];
  readonly #inputs: LoggedInput[] = [];
  /** How many inputs came in before the first that is kept, and before the place where the machine is. */
  #forgotten = 0;
  #cursor = 0;
  #base = 0;
  #why: Beginning['why'] = 'start';
  #keptPages = 0;
  #markMs = 0;
  #replaying = false;
  readonly #futures = new Futures();

  /** Keeps what happens to the machine from here on. `now` is the host's clock, for figures. */
  constructor(
    machine: Machine,
    pages: KeptPages,
    disks: readonly PagedDisk[],
    options: HistoryOptions,
    now: () => number,
  ) {
    this.#machine = machine;
    this.options = options;
    this.#now = now;
    this.#keeping = new Keeping(pages, disks);
    pages.keepPages(this.#keeping);
    machine.inputs.subscribe((input) => this.#cameIn(input));
    machine.betweenTurns = () => this.#tick();
    machine.onRestored = () => this.#beginAnew();
    this.mark();
  }

  // The machine is another one: nothing leads to what was before.
  #beginAnew(): void {
    const { pool } = this.#keeping;
    this.#futures.clear(pool);
    for (const interval of this.#intervals.splice(0)) interval.clear(pool);
    this.#keeping.end().clear(pool);
    this.#marks.length = 0;
    this.#inputs.length = 0;
    this.#forgotten = this.#cursor;
    this.#base = 0;
    this.#why = 'restored';
    this.#keeping.away = false;
    this.mark();
  }

  /** True while the machine is where it has been before. */
  get isPast(): boolean {
    return this.#base < this.#marks.length - 1;
  }
  get beginning(): Beginning {
    return { at: this.#marks[0]?.instant.at ?? 0n, why: this.#why };
  }
  /** Time of the present. */
  get end(): bigint {
    return this.isPast ? (this.#marks.at(-1)?.instant.at ?? 0n) : this.#machine.time;
  }
  /** Times of all marks, oldest first. */
  get times(): readonly bigint[] {
    return this.#marks.map(({ instant }) => instant.at);
  }
  get counts(): HistoryCounts {
    return {
      marks: this.#marks.length,
      inputs: this.#inputs.length,
      bytes: this.#bytes(),
      budget: this.options.budget,
      keptPages: this.#keptPages + this.#keeping.open.pages.size,
      markMs: this.#markMs,
    };
  }

  /** Number of the last mark whose time is before `at`, or -1. */
  before(at: bigint): number {
    return this.#marks.findLastIndex(({ instant }) => instant.at < at);
  }
  /** Time of a mark. */
  timeOf(mark: number): bigint {
    return this.#marks[mark]?.instant.at ?? 0n;
  }
  /** What tells a mark from all others, whatever number it has. */
  stateOf(mark: number): unknown {
    return this.#marks[mark];
  }
  /** What has changed between a mark and the next one. */
  interval(mark: number): Pick<Interval, 'pages' | 'executed'> | undefined {
    return mark === this.#marks.length - 1 ? this.#keeping.open : this.#intervals[mark];
  }

  // ---- the present

  #cameIn(input: LoggedInput): void {
    if (this.#replaying) return;
    this.#inputs.push(input);
    this.#cursor++;
  }

  #executed(): bigint {
    return this.#machine.guest.vcpus.reduce((sum, v) => sum + v.executed(), 0n);
  }

  // Depends on what the guest does alone, so that a run is the same each time.
  #tick(): void {
    if (this.isPast) return;
    const done = this.#executed() - (this.#marks.at(-1)?.executed ?? 0n);
    const { spacing = usualSpacing, spacingOfPage = usualSpacingOfPage } = this.options;
    const stretched = BigInt(this.#keeping.open.pages.size) * spacingOfPage;
    if (done < (spacing > stretched ? spacing : stretched)) return;
    this.mark();
    this.#thin();
  }

  /** Makes a mark here, in the present or on the way through the past; its number. */
  mark(): number {
    const before = this.#now();
    const passing = this.isPast;
    const { instant } = this.#machine;
    const executed = this.#executed();
    const parts = this.#keeping.besides(() => this.#machine.capture(this.#keeping.parts, !passing));
    this.#keptPages += this.#keeping.open.pages.size;
    const ended = this.#keeping.end();
    const mark = { instant, parts, executed, inputs: this.#cursor, passing, bytes: bytesOfPlain(parts) };
    if (this.#marks.length > 0) this.#intervals.splice(this.#base, 0, ended);
    this.#base = Math.min(this.#base + 1, this.#marks.length);
    this.#marks.splice(this.#base, 0, mark);
    this.#markMs += this.#now() - before;
    return this.#base;
  }

  #bytes(): number {
    const states = this.#marks.reduce((sum, mark) => sum + mark.bytes, this.#futures.bytes);
    const inputs = this.#inputs.reduce(
      (sum, { input }) => sum + INPUT_BYTES + ('data' in input ? input.data.length : 0),
      0,
    );
    return this.#keeping.pool.bytes + states + inputs;
  }

  #thin(): void {
    while (this.#marks.length > 2 && this.#bytes() > this.options.budget) {
      const joined = pairToJoin(this.times, this.end, (mark) => !this.#futures.branchesAt(this.#marks[mark]));
      if (joined !== undefined) this.#drop(joined);
      else if (!this.#futures.dropOldest(this.#keeping.pool)) this.#dropFirst();
    }
  }
  /** Takes a mark away that is neither the first nor the last, nor the machine's. */
  #drop(mark: number): void {
    const [earlier, later] = [this.#intervals[mark - 1], this.#intervals[mark]];
    if (earlier === undefined || later === undefined) throw new Error(`mark ${mark} cannot be dropped`);
    earlier.join(later, mark <= this.#base ? 'older' : 'newer', this.#keeping.pool);
    this.#intervals.splice(mark, 1);
    this.#marks.splice(mark, 1);
    if (mark <= this.#base) this.#base--;
  }
  #dropFirst(): void {
    const [first] = this.#marks;
    if (first !== undefined) this.#futures.drop(first, this.#keeping.pool);
    this.#intervals.shift()?.clear(this.#keeping.pool);
    this.#marks.shift();
    this.#base--;
    this.#why = 'budget';
    const gone = (this.#marks[0]?.inputs ?? 0) - this.#forgotten;
    this.#inputs.splice(0, gone);
    this.#forgotten += gone;
  }

  // ---- going back and forth

  /** Makes a mark of the present, to which `goTo` leads back. */
  leave(): void {
    if (!this.isPast) this.mark();
  }
  /** Puts the machine back to a mark; the present must have been left. */
  goTo(mark: number): void {
    const replaced = new Set<number>();
    this.#keeping.away = true;
    this.#keeping.takeBack(replaced);
    while (this.#base > mark) this.#exchange(--this.#base, replaced);
    while (this.#base < mark) this.#exchange(this.#base++, replaced);
    const to = this.#marks[mark];
    if (to === undefined) throw new Error(`there is no mark ${mark}`);
    this.#keeping.besides(() => this.#machine.putBack(to.parts));
    this.#cursor = to.inputs;
    this.#keeping.forget(replaced);
    this.#machine.guest.state.forget(false);
    this.#keeping.begin();
    this.#keeping.away = this.isPast;
  }
  #exchange(interval: number, replaced: Set<number>): void {
    const found = this.#intervals[interval];
    if (found !== undefined) this.#keeping.exchange(found, replaced);
  }
  /** To the last mark, from where on the machine is free. */
  goToPresent(): void {
    if (this.isPast) this.goTo(this.#marks.length - 1);
  }
  /** Marks that were made on the way through the past, and are not behind the machine, go. */
  forgetPassing(): void {
    for (let mark = this.#marks.length - 2; mark > this.#base; mark--) {
      const found = this.#marks[mark];
      if (found?.passing === true && !this.#futures.branchesAt(found)) this.#drop(mark);
    }
  }
  /** The past is about to be changed here: what came behind this place is a future of its own from now on. */
  fork(): Future | undefined {
    if (!this.isPast) return undefined;
    const here = this.mark();
    const from = this.#marks[here];
    if (from === undefined) throw new Error('there is no mark to fork at');
    const future = this.#futures.add({ from, ...this.#cut(here) });
    this.#keeping.away = false;
    return future;
  }
  #cut(mark: number): Pick<Future, 'marks' | 'intervals' | 'inputs'> {
    return {
      marks: this.#marks.splice(mark + 1),
      intervals: this.#intervals.splice(mark),
      inputs: this.#inputs.splice(this.#cursor - this.#forgotten),
    };
  }
  /** The futures that the machine is not in. */
  get futures(): readonly Future[] {
    return this.#futures.all;
  }
  /**
   * Puts the machine where a future branches off, with that in front of it. What is in front of it now becomes a future, or is
   * given up. False, and nothing is done, when the way to the branch is not the machine's own.
   */
  enter(future: Future, keeps: boolean): boolean {
    const at = this.#marks.indexOf(future.from);
    if (at < 0) return false;
    this.leave();
    this.goTo(at);
    const rest = this.#cut(at);
    this.#futures.take(future);
    if (keeps && rest.marks.length > 0) this.#futures.add({ from: future.from, ...rest });
    else for (const interval of rest.intervals) interval.clear(this.#keeping.pool);
    this.#marks.push(...future.marks);
    this.#intervals.push(...future.intervals);
    this.#inputs.push(...future.inputs);
    this.#keeping.away = this.isPast;
    return true;
  }

  /**
   * Leads the machine on through its past, behind all that happened before `to`, or to the present when that is earlier.
   * Ends at a stop, too, from which it can be led on. Each step of the iteration is an action.
   */
  *forward(to: bigint | 'present', checked: boolean): Generator<undefined, Reached> {
    this.#replaying = true;
    try {
      for (;;) {
        const next = this.#next();
        if (next === undefined) return 'present';
        const past = to !== 'present' && next.at > to;
        const leading = this.#machine.leadTo(past ? to : next, checked);
        for (;;) {
          const led = leading.step();
          if (led === 'there') break;
          if (led !== 'under way' && isStop(led)) return led;
          yield;
        }
        if (past) return 'there';
        this.#pass();
      }
    } finally {
      this.#replaying = false;
    }
  }

  /** The instant of the next input or mark. */
  #next(): Instant | undefined {
    const mark = this.#marks[this.#base + 1];
    if (mark === undefined) return undefined;
    return this.#cursor < mark.inputs ? this.#inputs[this.#cursor - this.#forgotten] : mark.instant;
  }
  #pass(): void {
    const mark = this.#marks[this.#base + 1];
    const input = this.#inputs[this.#cursor - this.#forgotten];
    if (mark !== undefined && this.#cursor < mark.inputs && input !== undefined) {
      this.#machine.repeat(input.input);
      this.#cursor++;
      // What makes the mark, which is its last input, makes pages be kept anew.
      if (this.#cursor < mark.inputs || mark.passing) return;
    }
    if (mark?.passing === true) {
      if (!this.#futures.branchesAt(mark)) return this.#drop(this.#base + 1);
      // Nothing came in there that makes pages be kept anew.
      this.#machine.guest.state.forget(false);
    }
    this.#intervals[this.#base]?.clear(this.#keeping.pool);
    this.#intervals[this.#base] = this.#keeping.end();
    this.#base++;
    this.#keeping.away = this.isPast;
  }
}

/** True for a stop that a debugger asked for, and not a course that is over. */
function isStop({ reason }: StopEvent): boolean {
  return reason.kind !== 'step' || reason.front === true;
}
