import type { History } from '../history/history.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { GuestVcpu } from '../machine/guest.ts';
import { PAGE_SHIFT } from '../machine/layout.ts';
import type { Machine } from '../machine/machine.ts';
import type { StoragePiece } from '../machine/watch.ts';
import type { Attention, Hit } from './attention.ts';
import type { Catches } from './catches.ts';
import type { CodeStops } from './stops.ts';
import { StraightRuns } from './straight-runs.ts';
import type { ResumeAction, StraightRun, Write, Writers } from './target.ts';
import type { Watchpoints } from './watchpoints.ts';
import { WriterWatch } from './writers.ts';

/** Instructions of a step back that are executed again at most, and from how far away one comes to there. */
const NEAR = 1n << 11n;
const APPROACHES = [1n << 17n, NEAR] as const;

/** How many instructions of a vCPU are looked at for what it did last, more if that is too little; and from how long ago at most. */
const SPANS = [1n << 13n, 1n << 16n, 1n << 20n] as const;
const LONG_AGO = 1n << 31n;

/** A way through the past; each step of the iteration is short. It ends with a stop, or in the present, which then goes on. */
export type Way = Generator<undefined, StopEvent | 'present'>;

/** Instructions that a vCPU executed one after the other, by the time at which the first one began and the last one was over. */
interface Run {
  readonly vcpu: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** What travels are made with. */
export interface TravelParts {
  readonly machine: Machine;
  readonly history: History;
  readonly stops: CodeStops;
  readonly watchpoints: Watchpoints;
  readonly catches: Catches;
  readonly attention: Attention;
}

/**
 * Ways through a machine's past. To find the last of something an interval is run again with breakpoints and watchpoints that
 * only report, beginning with the latest; a second run comes to a halt in front of the instruction that is wanted, where
 * a store is still to be done. An interval that cannot have what is looked for is passed over.
 */
export class TimeTravel {
  readonly #parts: TravelParts;
  /** Who ran when behind a mark, as far as that was looked at last: steps back ask for it one after the other. */
  #runs: { readonly of: unknown; readonly until: bigint; readonly all: readonly Run[] } | undefined;

  constructor(parts: TravelParts) {
    this.#parts = parts;
  }

  /** Back to the last breakpoint or watchpoint, or to the beginning. */
  *continueBack(vcpu: number): Way {
    const { machine, history } = this.#parts;
    const from = machine.time;
    // The mark from which on nothing was found is where a way that is given up ends.
    history.hold(history.mark());
    let limit = from;
    for (let mark = history.before(from); mark >= 0; mark--) {
      if (this.#mayHave(mark)) {
        const hit = yield* this.#lastHit(mark, limit, limit === from);
        if (hit?.nth !== undefined) return yield* this.#toEvent(mark, hit.nth);
        if (hit !== undefined) {
          yield* this.#toFront(mark, hit.at);
          return { vcpu: hit.vcpu, reason: hit.reason };
        }
      }
      limit = history.timeOf(mark);
      history.hold(mark);
    }
    return this.#begin(vcpu);
  }

  /** Back to where a vCPU is about to execute its last instruction once more. */
  *stepBack(vcpu: number): Way {
    const { machine, history } = this.#parts;
    history.leave();
    for (let limit = machine.time; ; ) {
      const far = history.before(limit);
      if (far < 0) return this.#begin(vcpu);
      const mark = yield* this.#approach(far, limit);
      const at = yield* this.#lastOf(vcpu, mark, limit);
      if (at !== undefined) {
        yield* this.#toFront(mark, at);
        return { vcpu, reason: { kind: 'step' } };
      }
      limit = history.timeOf(mark);
    }
  }

  /** On through the past with breakpoints and watchpoints, until a vCPU has taken its step if it takes one. */
  *onward(actions: ReadonlyMap<number, ResumeAction>): Way {
    const { machine, history, attention, stops } = this.#parts;
    history.forgetPassing();
    attention.mode = 'replay';
    const [id, action] = [...actions].find(([, { kind }]) => kind !== 'continue') ?? [undefined, undefined];
    const vcpu = machine.guest.vcpus.find((v) => v.id === id);
    if (vcpu === undefined || action === undefined) {
      const reached = yield* history.forward('present', stops.any);
      return typeof reached === 'string' ? 'present' : reached;
    }
    const before = vcpu.executed();
    const wanted = (v: GuestVcpu): boolean => v === vcpu && v.executed() > before && isOutside(action, v.pc());
    stops.lookFor(wanted);
    try {
      const reached = yield* history.forward('present', true);
      if (typeof reached !== 'string') return reached;
      return wanted(vcpu) ? { vcpu: vcpu.id, reason: { kind: 'step' } } : 'present';
    } finally {
      stops.lookFor(undefined);
    }
  }

  /** To a time: in front of the instruction that is executed when so many have passed; the nearest end when there is none. */
  *seek(at: bigint, vcpu: number): Way {
    const { history } = this.#parts;
    history.leave();
    const mark = history.before(at + 1n);
    if (mark < 0) return this.#begin(vcpu);
    if (at >= history.end) {
      history.goToPresent();
      // What is only foreseen is gone to.
      if (history.isPast) yield* history.forward('present', false);
    } else yield* this.#toFront(mark, at);
    return { vcpu, reason: { kind: 'step' } };
  }

  /** The last writes into pieces of storage; the machine is where it was afterwards. */
  writers(pieces: readonly StoragePiece[], most: number): Generator<undefined, Writers> {
    return this.#aside(() => this.#writers(pieces, most));
  }
  *#writers(pieces: readonly StoragePiece[], most: number): Generator<undefined, Writers> {
    const { machine, history } = this.#parts;
    const from = machine.time;
    const { guest } = machine;
    const parts = {
      readStorage: guest.readStorage.bind(guest),
      executing: () => machine.executing,
      time: () => machine.time,
    };
    const watch = new WriterWatch(parts, pieces);
    const found: Write[] = [];
    let limit = from;
    try {
      for (let mark = history.before(from); mark >= 0 && found.length < most; mark--) {
        const { pages } = history.interval(mark) ?? {};
        if (pages === undefined || [...watch.frames].some((frame) => pages.has(frame))) {
          history.goTo(mark);
          watch.begin();
          guest.watchStorage(watch);
          yield* history.forward(limit, false);
          found.push(...watch.before(limit).reverse());
        }
        limit = history.timeOf(mark);
      }
      return { writes: found.slice(0, most), searchedFrom: limit };
    } finally {
      guest.watchStorage(undefined);
    }
  }

  /** What a vCPU has executed last, as straight runs, newest first; the machine is where it was afterwards. */
  straightRuns(id: number, most: number): Generator<undefined, StraightRun[]> {
    return this.#aside(() => this.#straightRuns(id, most));
  }
  *#straightRuns(id: number, most: number): Generator<undefined, StraightRun[]> {
    const { machine, history, stops } = this.#parts;
    const limit = machine.time;
    try {
      for (const span of SPANS) {
        const { runs, isAll } = yield* this.#runsOf(id, limit, span);
        const seen = new StraightRuns(machine.guest, id);
        history.goTo(Math.max(0, history.before((runs[0]?.from ?? limit) + 1n)));
        for (const { from, to } of runs) {
          yield* history.forward(from, false);
          stops.lookFor((vcpu) => seen.at(vcpu));
          yield* history.forward(to, true);
          stops.lookFor(undefined);
        }
        const found = seen.finish();
        if (found.length > most || isAll) return found.slice(-most).reverse();
      }
      return [];
    } finally {
      stops.lookFor(undefined);
    }
  }
  // When a vCPU executed its last instructions in front of a time, oldest first. What it did not execute takes no time to be looked at.
  *#runsOf(id: number, limit: bigint, span: bigint): Generator<undefined, { runs: Run[]; isAll: boolean }> {
    const { history } = this.#parts;
    const runs: Run[] = [];
    let left = span;
    let until = limit;
    for (let mark = history.before(limit); mark >= 0 && limit - until < LONG_AGO; mark--) {
      const between = yield* this.#runsBetween(mark, until);
      for (const { vcpu, from, to } of between.reverse()) {
        if (vcpu !== id) continue;
        const first = to - from > left ? to - left : from;
        runs.unshift({ vcpu, from: first, to });
        left -= to - first;
        if (left === 0n) return { runs, isAll: span === SPANS.at(-1) };
      }
      until = history.timeOf(mark);
    }
    return { runs, isAll: true };
  }

  /** Lets tracepoints collect from a time to where the machine is; the machine is there again afterwards. */
  retrace(from: bigint): Generator<undefined, undefined> {
    return this.#aside(() => this.#retrace(from));
  }
  *#retrace(from: bigint): Generator<undefined, undefined> {
    const { machine, history, stops } = this.#parts;
    const to = machine.time;
    try {
      history.goTo(Math.max(0, history.before(from)));
      yield* history.forward(from, false);
      stops.traceAlways = true;
      yield* history.forward(to, true);
    } finally {
      stops.traceAlways = false;
    }
  }

  // Goes elsewhere without telling anybody; the machine is where it was afterwards, also when that is given up.
  *#aside<T>(way: () => Generator<undefined, T>): Generator<undefined, T> {
    const { history, attention } = this.#parts;
    history.hold(history.mark());
    attention.mode = 'off';
    try {
      return yield* way();
    } finally {
      history.goBack();
      attention.mode = 'live';
    }
  }

  /** A way was given up: the machine goes where nothing was missed, or stays. */
  giveUp(): void {
    this.#parts.history.goBack();
    this.settle();
  }
  /** A way is over. */
  settle(): void {
    this.#parts.history.settle();
    this.#parts.stops.lookFor(undefined);
    this.#parts.catches.stopAt(undefined);
    this.#parts.attention.mode = 'live';
  }

  #begin(vcpu: number): StopEvent {
    this.#parts.history.goTo(0);
    return { vcpu, reason: { kind: 'history-begin' } };
  }

  #mayHave(mark: number): boolean {
    const { history, stops, watchpoints, catches } = this.#parts;
    const interval = history.interval(mark);
    if (interval === undefined || watchpoints.fetches || catches.all.size > 0) return true;
    for (const address of stops.addresses()) {
      if (interval.executed.has(Number(address >> BigInt(PAGE_SHIFT)))) return true;
    }
    for (const frame of interval.pages.keys()) if (watchpoints.watchesFrame(frame)) return true;
    return false;
  }

  // Between a mark and a time: that of the next mark, or of the place where the search begins.
  *#lastHit(mark: number, limit: bigint, begins: boolean): Generator<undefined, Hit | undefined> {
    const { history, attention, stops, watchpoints, catches } = this.#parts;
    history.goTo(mark);
    watchpoints.refresh();
    catches.beginCount();
    const found: { last?: Hit } = {};
    attention.record((hit) => {
      // An event is in front of the instruction at its time, and may be in front of a mark there; where one is, one does not look.
      if (hit.at < limit || (hit.at === limit && hit.nth !== undefined && !begins)) found.last = hit;
    });
    // What interrupts there comes when the guest goes on.
    yield* history.forward(begins ? limit : limit + 1n, stops.any);
    return found.last;
  }

  /** Makes marks nearer to a time, so that what lies before it is a short run away; the last of them. */
  *#approach(far: number, limit: bigint): Generator<undefined, number> {
    const { history, attention } = this.#parts;
    let mark = far;
    for (const distance of APPROACHES) {
      if (limit - history.timeOf(mark) <= 2n * distance) continue;
      history.goTo(mark);
      history.forgetPassing();
      attention.mode = 'off';
      yield* history.forward(limit - distance, false);
      mark = history.mark();
    }
    return mark;
  }

  // When a vCPU began its last instruction between a mark and a time.
  *#lastOf(id: number, mark: number, limit: bigint): Generator<undefined, bigint | undefined> {
    const of = this.#parts.history.stateOf(mark);
    const known = this.#runs;
    const fits = known !== undefined && known.of === of && known.until >= limit;
    const runs = fits ? known : { of, until: limit, all: yield* this.#runsBetween(mark, limit) };
    this.#runs = runs;
    const last = runs.all.findLast(({ vcpu, from }) => vcpu === id && from < limit);
    return last && (last.to < limit ? last.to : limit) - 1n;
  }
  *#runsBetween(mark: number, limit: bigint): Generator<undefined, Run[]> {
    const { machine, history, attention } = this.#parts;
    const { vcpus } = machine.guest;
    history.goTo(mark);
    attention.mode = 'off';
    const runs: Run[] = [];
    let before = vcpus.map((v) => v.executed());
    for (const way = history.forward(limit, false); ; ) {
      const { done } = way.next();
      const to = machine.time;
      const now = vcpus.map((v) => v.executed());
      for (const [vcpu, executed] of now.entries()) {
        const count = executed - (before[vcpu] ?? 0n);
        if (count > 0n) runs.push({ vcpu, from: to - count, to });
      }
      before = now;
      if (done === true) return runs;
      yield;
    }
  }

  // The stops for events are the same ones each time that the guest goes on from a mark.
  *#toEvent(mark: number, nth: number): Generator<undefined, StopEvent> {
    const { history, attention, catches } = this.#parts;
    history.goTo(mark);
    attention.mode = 'off';
    catches.stopAt(nth);
    const reached = yield* history.forward('present', false);
    if (typeof reached === 'string') throw new Error(`this run has no stop number ${nth} for an event`);
    return reached;
  }

  // From a mark.
  *#toFront(mark: number, at: bigint): Generator<undefined, void> {
    const { machine, history, attention, stops } = this.#parts;
    history.goTo(mark);
    attention.mode = 'off';
    const reached = yield* history.forward(at, false);
    if (reached !== 'there') return;
    // Interruptions that are due come before the instruction.
    stops.lookFor(() => true);
    const leading = machine.leadTo(at + 1n, true);
    while (leading.step() === 'under way') yield;
    stops.lookFor(undefined);
  }
}

function isOutside(action: ResumeAction, pc: bigint): boolean {
  return action.kind !== 'range' || pc < action.start || pc >= action.end;
}
