import { isStop, type StopEvent } from '../machine/exit.ts';
import { type Instant, isBefore, type LoggedInput } from '../machine/inputs.ts';
import type { KeptPages } from '../machine/kept-pages.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import { type Beginning, type HistoryCounts, type HistoryOptions, spacingOf } from './figures.ts';
import { type Future, Futures } from './future.ts';
import { Interval } from './interval.ts';
import { Keeping } from './keeping.ts';
import type { PagedDisk } from './kept-disk.ts';
import { bytesOfInputs, bytesOfPlain, foreseenMark, type Mark, type MarkKind } from './mark.ts';
import { restoredHistory, type SavedHistory, type SavedInterval, savedHistory } from './saved-history.ts';
import { pairToJoin } from './thinning.ts';
import { Track } from './track.ts';

/** An interval takes so great a part of the budget at most, but for what changes in a turn. */
const PART_OF_BUDGET = 4;

/** A stop on the way, or where it ended. */
export type Reached = StopEvent | 'there' | 'present';

/**
 * The past of a machine: marks, to which it can be put back, and the inputs that came in between, by which it goes on from
 * there as it did. Behind each mark the first change of a page keeps what the page held; to go back is to exchange pages
 * with images, newest interval first, and the same images lead forward again.
 *
 * Images, states and inputs stay within the budget whenever nobody is on a way: marks go for it, and in the end the beginning. In
 * the past what leads back to the present stays.
 */
export class History {
  readonly options: HistoryOptions;
  readonly #machine: Machine;
  readonly #keeping: Keeping;
  readonly #now: () => number;
  readonly #track: Track;
  /** How many inputs came in before the place where the machine is. */
  #cursor = 0;
  /** What images may take beside all else, when that was last looked at. */
  #room = 0;
  #why: Beginning['why'] = 'start';
  #keptPages = 0;
  #markMs = 0;
  #replaying = false;
  /** How far the machine has come on its way through what was foreseen, and whether it does now what it has done before. */
  #explored: Instant | undefined;
  #repeats = true;
  /** The time at which what was foreseen ends, when nothing is to come behind that. */
  #ends: bigint | undefined;
  /** A mark to come back to, which stays whatever ways are gone meanwhile. */
  #held: Mark | undefined;
  readonly #futures = new Futures();
  /** Told of each input that comes in once more, by its number among all; `again`: not for the first time. */
  onRepeated: ((input: number, again: boolean) => void) | undefined;
  /** Told when the machine has left what came behind so many inputs, or all of it, and of those that came in instead. */
  onTurned: ((kept: number | undefined, inputs: readonly LoggedInput[]) => void) | undefined;

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
    this.#track = new Track(this.#keeping.pool);
    pages.keepPages(this.#keeping);
    machine.inputs.subscribe((input) => this.#cameIn(input));
    machine.betweenTurns = () => this.#tick();
    machine.onRestored = () => this.#beginAnew();
    this.mark();
  }

  // The machine is another one: nothing leads to what was before.
  #beginAnew(): void {
    this.#empty();
    this.#why = 'restored';
    this.#keeping.away = false;
    this.mark();
  }
  #empty(): void {
    const { pool } = this.#keeping;
    this.#futures.clear(pool);
    this.#keeping.end().clear(pool);
    this.#track.clear(this.#cursor);
  }

  /** True while it is known what comes. */
  get isPast(): boolean {
    return this.#track.isPast;
  }
  /** True while the machine does what it has done before. */
  get isRepeating(): boolean {
    return this.isPast && (this.#repeats || !this.#isForeseen);
  }
  /** True where nothing is to come any more. */
  get isOver(): boolean {
    return !this.isPast && this.#ends !== undefined && this.#machine.time <= this.#ends;
  }
  /** How many inputs have come in before the place where the machine is. */
  get cursor(): number {
    return this.#cursor;
  }
  /** There is a way ahead that the machine has not gone to its end. */
  get #isForeseen(): boolean {
    const last = this.#track.marks.at(-1);
    return last !== undefined && last.parts === undefined;
  }
  get beginning(): Beginning {
    return { at: this.#track.marks[0]?.instant.at ?? 0n, why: this.#why };
  }
  /** Time of the present. */
  get end(): bigint {
    return this.isPast ? (this.#track.marks.at(-1)?.instant.at ?? 0n) : this.#machine.time;
  }
  /** Times of all marks, oldest first. */
  get times(): readonly bigint[] {
    return this.#track.marks.map(({ instant }) => instant.at);
  }
  get counts(): HistoryCounts {
    return {
      marks: this.#track.marks.length,
      inputs: this.#track.inputs.length,
      bytes: this.#keeping.pool.bytes + this.#besideImages(),
      budget: this.options.budget,
      keptPages: this.#keptPages + this.#keeping.open.pages.size,
      markMs: this.#markMs,
    };
  }

  /** Number of the last mark whose time is before `at`, or -1. */
  before(at: bigint): number {
    return this.#track.marks.findLastIndex(({ instant, parts }) => instant.at < at && parts !== undefined);
  }
  /** Time of a mark. */
  timeOf(mark: number): bigint {
    return this.#track.marks[mark]?.instant.at ?? 0n;
  }
  /** What tells a mark from all others, whatever number it has. */
  stateOf(mark: number): unknown {
    return this.#track.marks[mark];
  }
  /** What has changed between a mark and the next one. */
  interval(mark: number): Pick<Interval, 'pages' | 'executed'> | undefined {
    return mark === this.#track.marks.length - 1 ? this.#keeping.open : this.#track.intervals[mark];
  }

  // ---- the present

  #cameIn(input: LoggedInput): void {
    if (this.#replaying) return;
    this.#track.inputs.push(input);
    this.#room -= bytesOfInputs([input]);
    this.#cursor++;
  }

  #executed(): bigint {
    return this.#machine.guest.vcpus.reduce((sum, v) => sum + v.executed(), 0n);
  }

  // Depends on what the guest does alone, so that a run is the same each time.
  #tick(): void {
    if (this.isPast) return;
    const due = this.#isDue();
    if (due) this.mark();
    if (due || this.#keeping.pool.bytes > this.#room) this.#thin();
  }
  #isDue(): boolean {
    const { pages } = this.#keeping.open;
    if (pages.size * PAGE_BYTES > this.options.budget / PART_OF_BUDGET) return true;
    const done = this.#executed() - (this.#track.marks[this.#track.base]?.executed ?? 0n);
    return done >= spacingOf(this.options, pages.size);
  }

  /** Makes a mark here, in the present or on the way through the past; its number. */
  mark(kind: MarkKind = this.isPast ? 'passing' : 'logged'): number {
    const before = this.#now();
    const mark = this.#markOf(kind);
    this.#keptPages += this.#keeping.open.pages.size;
    this.#track.insert(mark, this.#keeping.end());
    this.#markMs += this.#now() - before;
    return this.#track.base;
  }

  #markOf(kind: MarkKind): Mark {
    const { instant } = this.#machine;
    const executed = this.#executed();
    const parts = this.#keeping.besides(() => this.#machine.capture(this.#keeping.parts, kind === 'logged'));
    return { instant, parts, executed, inputs: this.#cursor, kind, bytes: bytesOfPlain(parts) };
  }

  /** Bytes of states and inputs. */
  #besideImages(): number {
    return this.#track.stateBytes + this.#futures.bytes + bytesOfInputs(this.#track.inputs);
  }
  // Whoever goes a way knows marks by their numbers: none may go then. The future that was just `made` stays.
  #thin(made?: Future): void {
    do this.#room = this.options.budget - this.#besideImages();
    while (this.#keeping.pool.bytes > this.#room && this.#giveUp(made));
  }
  /** Gives up what is missed least; false when the rest is needed. */
  #giveUp(made: Future | undefined): boolean {
    const { marks, base } = this.#track;
    const mayGo = (mark: number): boolean => mark !== base && this.#mayGo(marks[mark]);
    const joined = pairToJoin(this.times, this.end, mayGo);
    if (joined !== undefined) this.#track.drop(joined);
    else if (!this.#futures.dropOldest(this.#keeping.pool, made)) return this.#dropFirst(made);
    return true;
  }
  #mayGo = (mark: Mark | undefined): boolean => mark !== this.#held && !this.#futures.branchesAt(mark);
  #dropFirst(made: Future | undefined): boolean {
    const [first] = this.#track.marks;
    if (first === undefined || this.#track.base === 0 || first === this.#held || first === made?.from) return false;
    this.#futures.drop(first, this.#keeping.pool);
    this.#track.dropFirst();
    this.#why = 'budget';
    return true;
  }

  // ---- going back and forth

  /** Makes a mark of the present, to which `goTo` leads back. */
  leave(): void {
    if (!this.isPast) this.mark();
  }
  /** Puts the machine back to a mark; the present must have been left. */
  goTo(mark: number): void {
    if (this.#track.marks[mark]?.parts === undefined) throw new Error(`there is no state at mark ${mark}`);
    const replaced = new Set<number>();
    this.#keeping.away = true;
    this.#keeping.takeBack(replaced);
    while (this.#track.base > mark) this.#exchange(--this.#track.base, replaced);
    while (this.#track.base < mark) this.#exchange(this.#track.base++, replaced);
    this.#putBack(mark);
    this.#keeping.forget(replaced);
    this.#machine.guest.state.forget(false);
    this.#keeping.begin();
    this.#keeping.away = this.isPast;
  }
  /** Makes a mark stay until it is gone back to, or another one is held; its number changes when others go. */
  hold(mark: number): void {
    this.#held = this.#track.marks[mark];
  }
  /** Puts the machine back to the mark that is held, if there is one; the present must have been left. The way is over. */
  goBack(): void {
    const held = this.#held;
    if (held !== undefined) this.goTo(this.#track.marks.indexOf(held));
    this.settle();
  }
  /** A way is over: no mark is held, and what is beyond the budget goes. */
  settle(): void {
    this.#held = undefined;
    this.#thin();
  }
  #putBack(mark: number): void {
    const { parts, inputs } = this.#track.marks[mark] ?? {};
    if (parts === undefined || inputs === undefined) throw new Error(`there is no mark ${mark}`);
    this.#keeping.besides(() => this.#machine.putBack(parts));
    this.#cursor = inputs;
  }
  #exchange(interval: number, replaced: Set<number>): void {
    const found = this.#track.intervals[interval];
    if (found !== undefined) this.#keeping.exchange(found, replaced);
  }
  /** To the last mark, from where on the machine is free. What is only foreseen has to be gone to. */
  goToPresent(): void {
    if (this.isPast && !this.#isForeseen) this.goTo(this.#track.marks.length - 1);
  }
  /** Marks that were made on the way through the past, and are not behind the machine, go. */
  forgetPassing(): void {
    for (let mark = this.#track.marks.length - 2; mark > this.#track.base; mark--) {
      const found = this.#track.marks[mark];
      if (found?.kind === 'passing' && this.#mayGo(found)) this.#track.drop(mark);
    }
  }
  /** The past is about to be changed here: what came behind this place is a future of its own from now on. */
  fork(): Future | undefined {
    if (!this.isPast) return undefined;
    const here = this.mark();
    const from = this.#track.marks[here];
    if (from === undefined) throw new Error('there is no mark to fork at');
    const future = this.#futures.add({ from, ends: this.#ends, ...this.#track.cut(here, this.#cursor) });
    this.#ends = undefined;
    this.#keeping.away = false;
    this.onTurned?.(this.#cursor, []);
    this.#thin(future);
    return future;
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
    const at = this.#track.marks.indexOf(future.from);
    if (at < 0 || !this.futures.includes(future)) return false;
    this.leave();
    this.goTo(at);
    const rest = this.#track.cut(at, this.#cursor);
    this.#futures.take(future);
    if (keeps && rest.marks.length > 0) this.#futures.add({ from: future.from, ends: this.#ends, ...rest });
    else for (const interval of rest.intervals) interval.clear(this.#keeping.pool);
    this.#track.append(future);
    this.#ends = future.ends;
    this.#keeping.away = this.isPast;
    this.onTurned?.(this.#cursor, future.inputs);
    this.#thin();
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
        const known = this.#knownUntil(past ? to : next);
        const leading = this.#machine.leadTo(known ?? (past ? to : next), checked);
        for (;;) {
          const led = leading.step();
          this.#goesAhead(led === 'under way');
          if (led === 'there') break;
          if (led !== 'under way' && isStop(led)) return led;
          yield;
        }
        if (known !== undefined) continue;
        if (past) return 'there';
        this.#pass();
      }
    } finally {
      this.#replaying = false;
      this.#repeats = true;
    }
  }

  /**
   * Says what will come in from here on, and until when: the machine is led there, and has a past to go back to on its way. The
   * number of the first of these inputs. `ends`: nothing is to come behind that.
   */
  foresee(inputs: readonly LoggedInput[], until: Instant, ends = false): number {
    this.mark('silent');
    const first = this.#cursor;
    this.#track.inputs.push(...inputs);
    this.#track.intervals.push(new Interval());
    this.#track.marks.push(foreseenMark(until, first + inputs.length));
    this.#explored = this.#machine.instant;
    this.#ends = ends ? until.at : undefined;
    this.#keeping.away = true;
    return first;
  }
  /** The way to a place leads here first: from there on the machine does what it has not done before. */
  #knownUntil(to: Instant | bigint): Instant | undefined {
    const known = this.#isForeseen ? this.#explored : undefined;
    this.#repeats = known === undefined || isBefore(this.#machine.instant, known);
    return this.#repeats && known !== undefined && isBefore(known, to) ? known : undefined;
  }
  // What is new gets marks of its own.
  #goesAhead(mayMark: boolean): void {
    if (this.#repeats) return;
    this.#explored = this.#machine.instant;
    if (!mayMark || this.#track.base !== this.#track.marks.length - 2 || !this.#isDue()) return;
    this.mark('silent');
    this.#thin();
  }

  // ---- on disk

  /** All of it as plain data, with a mark of where the machine is. Intervals come one by one: they are large. */
  save(): { readonly history: SavedHistory; readonly intervals: Iterable<SavedInterval> } {
    this.mark();
    return savedHistory({
      ...{
        marks: this.#track.marks,
        intervals: this.#track.intervals,
        inputs: this.#track.inputs,
        futures: this.#futures,
      },
      ...{ base: this.#track.base, forgotten: this.#track.forgotten, why: this.#why },
      ...{ explored: this.#explored, images: this.#keeping },
    });
  }
  /** The machine stands where nothing can be kept: it goes back to its last mark, and what came in since then is foreseen. */
  recover(): void {
    if (this.isPast) return;
    const last = this.#track.marks.length - 1;
    const rest = this.#track.inputs.splice((this.#track.marks[last]?.inputs ?? 0) - this.#track.forgotten);
    this.goTo(last);
    const until = rest.at(-1);
    if (until !== undefined) this.foresee(rest, until);
  }
  /** Takes over what `save` has given, of a machine that was saved then and restored here. */
  adopt(saved: SavedHistory, intervals: Iterable<SavedInterval>): void {
    this.#empty();
    const restored = restoredHistory(saved, intervals, this.#keeping, this.#futures);
    this.#track.append({ ...restored, inputs: saved.inputs });
    this.#track.forgotten = saved.forgotten;
    this.#track.base = saved.base;
    this.#why = saved.why;
    this.#explored = saved.explored;
    this.#putBack(this.#track.base);
    this.#machine.guest.state.forget(false);
    this.#keeping.begin();
    this.#keeping.away = this.isPast;
    this.onTurned?.(undefined, []);
  }

  /** The instant of the next input or mark. */
  #next(): Instant | undefined {
    const mark = this.#track.marks[this.#track.base + 1];
    if (mark === undefined) return undefined;
    return this.#cursor < mark.inputs ? this.#track.inputs[this.#cursor - this.#track.forgotten] : mark.instant;
  }
  #pass(): void {
    const mark = this.#track.marks[this.#track.base + 1];
    const input = this.#track.inputs[this.#cursor - this.#track.forgotten];
    if (mark !== undefined && this.#cursor < mark.inputs && input !== undefined) {
      this.#machine.repeat(input.input);
      const number = this.#cursor++;
      this.onRepeated?.(number, this.isRepeating);
      // What makes the mark, which is its last input, makes pages be kept anew.
      if (this.#cursor < mark.inputs || mark.kind !== 'logged') return;
    }
    if (mark?.kind === 'passing' && this.#mayGo(mark)) return this.#track.drop(this.#track.base + 1);
    // Where nothing came in that makes pages be kept anew.
    if (mark?.parts === undefined) this.#track.marks[this.#track.base + 1] = this.#markOf('silent');
    else if (mark.kind !== 'logged') this.#machine.guest.state.forget(false);
    this.#track.intervals[this.#track.base]?.clear(this.#keeping.pool);
    this.#track.intervals[this.#track.base] = this.#keeping.end();
    this.#track.base++;
    this.#keeping.away = this.isPast;
  }
}
