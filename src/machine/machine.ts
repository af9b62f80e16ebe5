import type { Course, CourseMaker, CoursePlan } from './course.ts';
import type { StopEvent, StopReason, VcpuExit } from './exit.ts';
import type { Guest, GuestEnd, GuestVcpu, OutsideEvent, RunOptions } from './guest.ts';
import {
  checkHeader,
  type SavedParts,
  SNAPSHOT_FORMAT,
  SNAPSHOT_VERSION,
  type Snapshot,
  StateParts,
} from './snapshot.ts';
import { TURN, type Turn, Turns } from './turns.ts';

/** How a machine runs. */
export interface MachineOptions {
  /** Idle guests jump to their next event, or wait for it. */
  readonly clock: 'virtual' | 'real';
  /** The host's monotonic clock in milliseconds: decides when the socket is served, and nothing that a guest can see. */
  readonly now: () => number;
  /** Instructions in a microsecond of guest time, for idling in real time. */
  readonly instructionsPerMicrosecond: number;
}

/** Milliseconds after which the host's event loop gets its turn. */
const SLICE_MS = 4;
/** A turn is run in pieces that take about this long, so that a slice can end within a turn. */
const PIECE_MS = 1;
/** A piece that has taken so long ends as soon as it can: its instructions are slower than those before it. */
const LONGEST_PIECE_MS = 4;
const SMALLEST_PIECE = 500n;
/** Milliseconds between two looks at a guest that only something from outside can wake. */
const NOTHING_DUE_MS = 1000;

/** How vCPUs are to go on, by their numbers. A vCPU that is not named stays as it is. */
export type Plans = ReadonlyMap<number, CoursePlan | 'continue'>;

/** Who goes on how, as plain data; everybody, for ever, when `courses` is undefined. */
interface CoursesState {
  readonly courses: readonly CourseState[] | undefined;
  readonly roundStart: bigint;
}
interface CourseState {
  readonly vcpu: number;
  readonly plan: CoursePlan | 'continue';
  /** How far a course has come. */
  readonly progress: unknown;
}

/** An outside event with the time at which it came in. */
export interface LoggedEvent {
  readonly at: bigint;
  readonly event: OutsideEvent;
}

/**
 * Runs a guest's vCPUs by turns on the host's event loop. Turns are counted in instructions, so what a guest does depends
 * on nothing but its own state and on the outside events, each of which is logged with its time. A stop leaves the round
 * where it is and the next start goes on there: breakpoints do not change who runs when.
 */
export class Machine {
  readonly guest: Guest;
  readonly log: LoggedEvent[] = [];
  readonly #options: MachineOptions;
  readonly #incoming: OutsideEvent[] = [];
  /** Who may run, and how; everybody, for ever, when not given. */
  #courses: ReadonlyMap<number, Course | 'continue'> | undefined;
  /** Nobody has run since the start. */
  #fresh = false;
  #running = false;
  #interrupted = false;
  #checked = false;
  #paused = false;
  #end: GuestEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  /** Time at which `runTo` ends. */
  #limit: bigint | undefined;
  readonly #turns: Turns;
  readonly #parts: StateParts;
  /** Time at which the round began. */
  #roundStart = -1n;
  /** Instructions that lately took about `PIECE_MS`. Pieces end and begin where a guest cannot see it. */
  #piece = 20_000n;
  #idleSince: number | undefined;
  /** Told when the guest stops for a debugger. */
  onStop: ((event: StopEvent) => void) | undefined;
  /** Told once when the guest has ended and no debugger holds it. */
  onEnd: ((end: GuestEnd) => void) | undefined;
  /** Told of an error of ours inside the run loop; the machine has stopped. */
  onFault: ((error: unknown) => void) | undefined;
  /** Makes the courses of plans; whoever has plans gives it. */
  makeCourse: CourseMaker | undefined;
  /** True while a debugger is attached: the guest's end is a stop. */
  debugged = false;

  constructor(guest: Guest, options: MachineOptions) {
    this.guest = guest;
    this.#options = options;
    this.#turns = new Turns(guest.vcpus);
    this.#parts = new StateParts().add('turns', 1, this.#turns).add('courses', 1, {
      save: () => this.#saveCourses(),
      restore: (state: CoursesState) => this.#restoreCourses(state),
    });
  }

  /** Instructions that have passed for the machine, those included that it waited through. */
  get time(): bigint {
    return this.#turns.now;
  }
  get running(): boolean {
    return this.#running;
  }
  /** How the guest ended, once it has; forgotten when it is started again, for a debugger may have helped it on. */
  get end(): GuestEnd | undefined {
    return this.#end;
  }

  /** Lets the vCPUs run: all of them, or those with a plan. */
  start(plans?: Plans): void {
    this.#courses = plans && new Map([...plans].map(([id, plan]) => [id, this.#course(id, plan)]));
    this.#fresh = true;
    this.#running = true;
    this.#interrupted = false;
    this.#end = undefined;
    this.#idleSince = undefined;
    this.#schedule(0);
  }
  /** Halts at once, without a stop event; between turns only. */
  halt(): void {
    this.#running = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
  /** Asks for a stop with reason `interrupt`. */
  interrupt(): void {
    this.#interrupted = true;
    this.#schedule(0);
  }
  /** Keeps the guest from running, without a stop, until it is false again: its output has no place to go. */
  set paused(value: boolean) {
    this.#paused = value;
    if (!value && this.#running) this.#schedule(0);
  }
  /** Whether breakpoints must be looked at. */
  set checked(value: boolean) {
    this.#checked = value;
  }

  /** Something came from outside. */
  post(event: OutsideEvent): void {
    this.#incoming.push(event);
    if (this.#running) this.#schedule(0);
  }

  /**
   * All of the state, as data: who restores it goes on as this machine does. Between turns only. Parts of the guest that
   * are left out (such as its storage, for whoever keeps that otherwise) must be there in another way at the restore.
   */
  save(without: readonly string[] = []): Snapshot {
    const { state } = this.guest;
    this.#turns.bringAll();
    state.forget(false);
    return {
      format: SNAPSHOT_FORMAT,
      version: SNAPSHOT_VERSION,
      shape: { ...state.shape },
      at: this.#turns.now,
      parts: { ...state.parts.save(without), ...this.#parts.save() },
    };
  }
  /** Puts a state back and halts. Throws a `SnapshotError`, and changes nothing, when it is not one of this machine's. */
  restore(snapshot: Snapshot, without: readonly string[] = []): void {
    const { state } = this.guest;
    checkHeader(snapshot, state.shape);
    const own = this.#parts.names;
    const split = (mine: boolean): SavedParts =>
      Object.fromEntries(Object.entries(snapshot.parts).filter(([name]) => own.includes(name) === mine));
    state.parts.check(split(false), without);
    this.#parts.check(split(true));
    this.halt();
    this.#end = undefined;
    this.#idleSince = undefined;
    state.parts.restore(split(false));
    this.#parts.restore(split(true));
    state.forget(true);
  }

  #saveCourses(): CoursesState {
    const courses = this.#courses && [...this.#courses];
    return {
      courses: courses?.map(([vcpu, c]) =>
        c === 'continue' ? { vcpu, plan: c, progress: undefined } : { vcpu, plan: { ...c.plan }, progress: c.save() },
      ),
      roundStart: this.#roundStart,
    };
  }
  #restoreCourses({ courses, roundStart }: CoursesState): void {
    this.#roundStart = roundStart;
    this.#courses =
      courses &&
      new Map(
        courses.map(({ vcpu, plan, progress }) => {
          const course = this.#course(vcpu, plan);
          if (course !== 'continue') course.restore(progress);
          return [vcpu, course];
        }),
      );
  }
  #course(id: number, plan: CoursePlan | 'continue'): Course | 'continue' {
    const vcpu = this.guest.vcpus.find((v) => v.id === id);
    if (vcpu === undefined || plan === 'continue') return 'continue';
    if (this.makeCourse === undefined) throw new Error('nobody makes courses for this machine');
    return this.makeCourse(vcpu, { ...plan });
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    if (ms > 0) {
      this.#timer = setTimeout(() => this.#schedule(0), ms);
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#slice();
    });
  }

  #slice(): void {
    if (!this.#running || (this.#paused && !this.#interrupted)) return;
    try {
      this.runFor(SLICE_MS);
    } catch (error) {
      this.#running = false;
      if (this.onFault === undefined) throw error;
      this.onFault(error);
    }
  }

  /** Runs for about `ms` of host time, and sees to it that more follows. */
  runFor(ms: number): void {
    const until = this.#options.now() + ms;
    do {
      if (this.#interrupted) return this.#stop(this.#active().id, { kind: 'interrupt' });
      const wait = this.#fresh ? this.#begin() : this.#advance();
      if (!this.#running) return;
      if (wait > 0) return this.#schedule(wait);
    } while (this.#options.now() < until && !this.#paused);
    this.#schedule(0);
  }

  /**
   * Runs until exactly `time` instructions have passed for the machine, however long that takes the host, and halts there.
   * False when something stopped it before, or nothing is left that could happen.
   */
  runTo(time: bigint): boolean {
    this.halt();
    this.#running = true;
    this.#limit = time;
    try {
      while (this.#running && this.#turns.now < time) if (this.#advance() > 0) return false;
      return this.#turns.now === time;
    } finally {
      this.#limit = undefined;
      this.#running = false;
    }
  }

  // One rule for a step of a vCPU that executes nothing, whoever runs beside it: what is its own, an interruption that waits or
  // a timer, may still end its wait. Else the step is over at once.
  #begin(): number {
    this.#fresh = false;
    if (this.guest.end() !== undefined) return 0;
    const vcpu = this.guest.vcpus.find(
      (v) => this.#isStepped(v) && !v.canRun() && !(v.waiting && v.untilWake() !== undefined),
    );
    if (vcpu === undefined) return 0;
    this.#stop(vcpu.id, { kind: 'step', note: this.#idleNote(vcpu) });
    return 0;
  }

  #idleNote(vcpu: GuestVcpu): string {
    const { name } = this.guest.view(vcpu.id);
    if (!vcpu.waiting) return `${name} is stopped and has executed nothing`;
    return `${name} waits for an interruption and has executed nothing; to set its PC ends the wait`;
  }

  #isStepped(vcpu: GuestVcpu): boolean {
    const course = this.#courseOf(vcpu);
    return course !== undefined && course !== 'continue';
  }

  // The next piece of a turn, or the way to the next round. Returns the milliseconds to wait, 0 to go on.
  #advance(): number {
    const turn = this.#turns.next((v) => this.#courseOf(v) !== undefined);
    if (turn === undefined) return this.#nextRound();
    const course = this.#courseOf(turn.vcpu);
    if (course === undefined || course === 'continue') {
      const exit = this.#runPiece(turn, { checked: this.#checked, holdInterruptions: false });
      this.#leaves(turn.vcpu, exit);
    } else this.#follow(turn, course);
    return 0;
  }

  #runPiece({ vcpu, count }: Turn, how: Omit<RunOptions, 'count'>, most?: bigint): VcpuExit {
    const piece = most ?? this.#upToLimit(count < this.#piece ? count : this.#piece);
    const before = this.#options.now();
    const isOver = (): boolean => this.#options.now() - before > LONGEST_PIECE_MS;
    const exit = vcpu.run({ ...how, count: piece, isOver });
    this.#turns.ran(vcpu, exit);
    const took = this.#options.now() - before;
    if (took > 2 * PIECE_MS && this.#piece > SMALLEST_PIECE) this.#piece /= 2n;
    else if (took < PIECE_MS / 2 && this.#piece < TURN && piece === this.#piece) this.#piece *= 2n;
    return exit;
  }

  /** So many instructions, or as many as there are up to the limit of `runTo`. */
  #upToLimit(count: bigint): bigint {
    const left = this.#limit === undefined ? count : this.#limit - this.#turns.now;
    return left < count ? left : count;
  }

  #follow(turn: Turn, course: Course): void {
    const { vcpu } = turn;
    const before = vcpu.executed();
    const exit = course.advance((how, most) => this.#runPiece(turn, how, most));
    if (this.#leaves(vcpu, exit) || !course.over) return;
    const idle = exit.kind === 'wait' && vcpu.executed() === before;
    this.#stop(vcpu.id, idle ? { kind: 'step', note: this.#idleNote(vcpu) } : { kind: 'step' });
  }

  // What an exit means by itself; true when the machine stopped for it.
  #leaves(vcpu: GuestVcpu, exit: VcpuExit): boolean {
    switch (exit.kind) {
      case 'debug':
        this.#stop(vcpu.id, exit.reason);
        return true;
      case 'crashed':
        this.#ended({ status: 1, message: `CPU ${vcpu.id}: ${exit.message}` }, vcpu.id);
        return true;
      case 'unimplemented': {
        const message = `CPU ${vcpu.id}: instruction ${exit.mnemonic} is not implemented`;
        this.#ended({ status: 3, message }, vcpu.id);
        return true;
      }
      case 'stopped':
      case 'machine': {
        const end = this.guest.end();
        if (end !== undefined) this.#ended(end, vcpu.id);
        return end !== undefined;
      }
      case 'quantum':
      case 'yield':
      case 'signal':
      case 'wait':
        return false;
    }
  }

  #nextRound(): number {
    const idle = this.#turns.now === this.#roundStart;
    this.#takeIn();
    const wait = idle ? this.#idle() : 0;
    this.#roundStart = this.#turns.now;
    this.#turns.beginRound();
    return wait;
  }

  // Nobody has executed anything for a round: time passes until somebody can.
  #idle(): number {
    const active = this.guest.vcpus.filter((v) => this.#courseOf(v) !== undefined);
    if (active.some((v) => v.canRun())) return 0;
    const wake = this.#turns.earliestWake;
    if (wake === undefined) return this.#nothingDue(active);
    const next = wake - this.#turns.now;
    if (this.#options.clock === 'real' && this.#limit === undefined) return this.#idleInRealTime(next);
    this.#turns.pass(this.#upToLimit(next));
    return 0;
  }

  // Only something from outside can go on from here.
  #nothingDue(active: readonly GuestVcpu[]): number {
    const end = this.guest.end();
    const stepped = active.find((v) => this.#isStepped(v));
    if (end !== undefined) this.#ended(end);
    else if (stepped !== undefined) this.#stop(stepped.id, { kind: 'step' });
    else return NOTHING_DUE_MS;
    return 0;
  }

  #idleInRealTime(next: bigint): number {
    const perMs = this.#options.instructionsPerMicrosecond * 1000;
    const now = this.#options.now();
    const passed = this.#idleSince === undefined ? 0 : Math.max(0, now - this.#idleSince);
    const instructions = BigInt(Math.floor(passed * perMs));
    const step = instructions < next ? instructions : next;
    if (step > 0n) this.#turns.pass(step);
    this.#idleSince = now;
    const left = Number(next - step) / perMs;
    if (left > 0) return Math.min(Math.max(left, 1), 1000);
    this.#idleSince = undefined;
    return 0;
  }

  #takeIn(): void {
    for (const event of this.#incoming.splice(0)) {
      this.log.push({ at: this.#turns.now, event });
      this.guest.accept(event);
    }
  }

  #courseOf(vcpu: GuestVcpu): Course | 'continue' | undefined {
    return this.#courses === undefined ? 'continue' : this.#courses.get(vcpu.id);
  }

  /** The vCPU whose turn it is, or another one that may run. */
  #active(): GuestVcpu {
    const { vcpus } = this.guest;
    const allowed = vcpus.filter((v) => this.#courseOf(v) !== undefined);
    const atTurn = allowed.find((v) => v === this.#turns.current && v.canRun());
    const found = atTurn ?? allowed.find((v) => v.canRun()) ?? allowed[0] ?? vcpus[0];
    if (found === undefined) throw new Error('a machine has at least one vCPU');
    return found;
  }

  #stop(vcpu: number, reason: StopReason): void {
    this.#running = false;
    this.#interrupted = false;
    this.#turns.bringAll();
    this.onStop?.({ vcpu, reason });
  }

  #ended(end: GuestEnd, vcpu = 0): void {
    this.#end = end;
    if (this.debugged) return this.#stop(vcpu, { kind: 'guest-ended', message: end.message });
    this.#running = false;
    this.#turns.bringAll();
    this.onEnd?.(end);
  }
}
