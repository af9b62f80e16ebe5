import type { Course, CourseMaker } from './course.ts';
import { Courses, type Plans } from './courses.ts';
import type { StopEvent, StopReason, VcpuExit } from './exit.ts';
import type { Guest, GuestEnd, GuestVcpu, OpenGuest, RunOptions } from './guest.ts';
import { copyOf, type Input, InputLog, InputQueue, type Instant, type LoggedInput } from './inputs.ts';
import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import { RealTime } from './real-time.ts';
import { checkSnapshot, makeSnapshot, type Snapshot, StateParts } from './snapshot.ts';
import { type Turn, Turns } from './turns.ts';

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
/** Milliseconds between two looks at a guest that only something from outside can wake. */
const NOTHING_DUE_MS = 1000;

/**
 * Runs a guest's vCPUs by turns on the host's event loop. Turns are counted in instructions, so what a guest does depends
 * on nothing but its own state and on what comes from outside, each of which is logged with its instant and can be played
 * again. A stop leaves the round where it is and the next start goes on there: breakpoints do not change who runs when.
 */
export class Machine {
  /** The guest, to be looked at; what changes it comes in by `enter` and `post`. */
  readonly guest: Guest;
  readonly inputs = new InputLog();
  readonly #door: OpenGuest;
  readonly #options: MachineOptions;
  readonly #waiting = new InputQueue();
  readonly #courses: Courses;
  #running = false;
  #interrupted = false;
  #checked = false;
  #paused = false;
  #end: GuestEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  /** Time at which a vCPU's run ends. */
  #limit: bigint | undefined;
  /** Time to which a machine that is led somewhere idles: it may have to do what takes no time there. */
  #idleLimit: bigint | undefined;
  /** The next instruction is executed with interruptions kept away. */
  #holding = false;
  #executing = false;
  /** Nobody has run since the start. */
  #fresh = false;
  readonly #progress = new Progress();
  readonly #turns: Turns;
  readonly #parts: StateParts;
  readonly #pace: Pace;
  readonly #realTime: RealTime;
  /** Told when the guest stops for a debugger. */
  onStop: ((event: StopEvent) => void) | undefined;
  /** Told once when the guest has ended and no debugger holds it. */
  onEnd: ((end: GuestEnd) => void) | undefined;
  /** Told of an error of ours inside the run loop; the machine has stopped. */
  onFault: ((error: unknown) => void) | undefined;
  /** True while a debugger is attached: the guest's end is a stop. */
  debugged = false;

  constructor(guest: OpenGuest, options: MachineOptions) {
    this.guest = guest;
    this.#door = guest;
    this.#options = options;
    this.#pace = new Pace(options.now);
    this.#realTime = new RealTime(options.now, options.instructionsPerMicrosecond);
    this.#turns = new Turns(guest.vcpus);
    this.#courses = new Courses(guest.vcpus);
    this.#parts = new StateParts()
      .add('turns', 1, this.#turns)
      .add('courses', 1, this.#courses)
      .add('progress', 2, this.#progress);
  }

  /** Makes the courses of plans; whoever has plans gives it. */
  set makeCourse(maker: CourseMaker) {
    this.#courses.maker = maker;
  }

  /** Instructions that have passed for the machine, those included that it waited through. */
  get time(): bigint {
    return this.#turns.now;
  }
  /** Where the machine is. */
  get instant(): Instant {
    const { order, phase, vcpu } = this.#progress;
    return { at: this.#turns.now, order, phase, vcpu };
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
    const all = plans === undefined || this.guest.vcpus.every((v) => plans.get(v.id) === 'continue');
    if (!all || !this.#courses.unlimited) this.enter({ kind: 'resume', plans: all ? undefined : [...plans] });
    this.#fresh = true;
    this.#running = true;
    this.#interrupted = false;
    this.#end = undefined;
    this.#realTime.end();
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

  /**
   * The way in: an input takes effect here and now, and is logged; false, and nothing has happened, when the guest has no
   * place for it. Between turns only, not from inside a call of the guest's.
   */
  enter(input: Input): boolean {
    if (this.#executing) throw new Error('the guest executes: only what is posted can wait until it does not');
    const instant = this.instant;
    const own = this.inputs.ownOf(input);
    if (!this.#carryOut(own)) return false;
    this.#progress.cameIn();
    this.inputs.add({ ...instant, input: own });
    return true;
  }
  /** As `enter`, at the beginning of a round to come; false when too much waits there already. */
  post(input: Input): boolean {
    if (!this.#waiting.add(copyOf(input))) return false;
    if (this.#running) this.#schedule(0);
    return true;
  }
  #carryOut(input: Input): boolean {
    switch (input.kind) {
      case 'resume':
        this.#courses.begin(input.plans);
        this.#turns.settle();
        return true;
      case 'forget':
        this.#turns.bringAll();
        this.guest.state.forget(false);
        return true;
      default:
        return this.#door.takeInput(input);
    }
  }

  /**
   * All of the state, as data: who restores it goes on as this machine does. Between turns only. Parts of the guest that
   * are left out (such as its storage, for whoever keeps that otherwise) must be there in another way at the restore.
   */
  save(without: readonly string[] = []): Snapshot {
    const { state } = this.guest;
    this.enter({ kind: 'forget' });
    return makeSnapshot(state.shape, this.#turns.now, { ...state.parts.save(without), ...this.#parts.save() });
  }
  /** Puts a state back and halts. Throws a `SnapshotError`, and changes nothing, when it is not one of this machine's. */
  restore(snapshot: Snapshot, without: readonly string[] = []): void {
    const { state } = this.guest;
    checkSnapshot(snapshot, state.shape, [state.parts, this.#parts], without);
    this.halt();
    this.#end = undefined;
    this.#realTime.end();
    state.parts.restore(snapshot.parts);
    this.#parts.restore(snapshot.parts);
    state.forget(true);
    this.inputs.clear();
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
    this.#idleLimit = time;
    try {
      while (this.#running && this.#turns.now < time) if (this.#advance() > 0) return false;
      return this.#turns.now === time;
    } finally {
      this.#limit = undefined;
      this.#idleLimit = undefined;
      this.#running = false;
    }
  }

  /**
   * Plays inputs that a machine has logged, from the state on in which that one began; halts behind the last. Throws when
   * the run does not come to an instant at which one came in.
   */
  play(inputs: Iterable<LoggedInput>): void {
    for (const logged of inputs) {
      this.runToInstant(logged);
      this.enter(logged.input);
    }
  }
  /** Runs until exactly an instant, and halts there. Throws when the run does not come to it. */
  runToInstant(instant: Instant): void {
    this.halt();
    // Each vCPU begins once at most in front of an instruction, and with nothing due a round is like the one before.
    let tries = 0;
    try {
      while (!this.#isAt(instant)) {
        const { at, order } = this.instant;
        tries = at === instant.at && order === instant.order ? tries + 1 : 0;
        const past = at > instant.at || (at === instant.at && order > instant.order);
        this.#running = true;
        if (past || tries > 2 * this.guest.vcpus.length) {
          throw new Error(`this run has no instant ${instant.at}.${instant.order}: it is at ${at}.${order}`);
        }
        this.#approach(instant);
      }
      this.#progress.led(instant.phase);
    } finally {
      this.#limit = undefined;
      this.#idleLimit = undefined;
      this.#holding = false;
      this.#running = false;
    }
  }
  #isAt({ at, order, phase, vcpu }: Instant): boolean {
    const here = this.instant;
    return here.at === at && here.order === order && (phase !== 'begun' || here.vcpu === vcpu);
  }
  #approach({ at, order, phase }: Instant): void {
    const left = at - this.#turns.now;
    this.#idleLimit = at;
    this.#holding = phase === 'held' && left === 1n;
    // What executes nothing happens in front of an instruction.
    if (left === 0n) this.#limit = this.#progress.order < order ? at + 1n : at;
    else this.#limit = phase === 'held' && left > 1n ? at - 1n : at;
    this.#advance();
  }

  // One rule for a step of a vCPU that executes nothing, whoever runs beside it: what is its own, an interruption that waits or
  // a timer, may still end its wait. Else the step is over at once.
  #begin(): number {
    this.#fresh = false;
    if (this.guest.end() !== undefined) return 0;
    const vcpu = this.guest.vcpus.find(
      (v) => this.#courses.steps(v) && !v.canRun() && !(v.waiting && v.untilWake() !== undefined),
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

  // The next piece of a turn, or the way to the next round. Returns the milliseconds to wait, 0 to go on.
  #advance(): number {
    const turn = this.#turns.next((v) => this.#courses.of(v) !== undefined);
    if (turn === undefined) return this.#nextRound();
    const course = this.#courses.of(turn.vcpu);
    if (course === undefined || course === 'continue') {
      const exit = this.#runPiece(turn, { checked: this.#checked, holdInterruptions: this.#holding });
      this.#leaves(turn.vcpu, exit);
    } else this.#follow(turn, course);
    return 0;
  }

  #runPiece({ vcpu, count }: Turn, how: Omit<RunOptions, 'count'>, most?: bigint): VcpuExit {
    const piece = most ?? this.#upTo(this.#limit, this.#pace.pieceOf(count));
    const start = this.#turns.now;
    this.#executing = true;
    const exit = this.#pace.run(piece, (isOver) => vcpu.run({ ...how, count: piece, isOver }));
    this.#executing = false;
    this.#turns.ran(vcpu, exit);
    this.#progress.ran(vcpu.id, exit, this.#turns.now > start);
    return exit;
  }

  /** So many instructions, or as many as there are up to a limit. */
  #upTo(limit: bigint | undefined, count: bigint): bigint {
    const left = limit === undefined ? count : limit - this.#turns.now;
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
    const before = this.#turns.now;
    const idle = this.#progress.isIdle(before);
    // What waits to come in may end the idling; a real clock has gone on meanwhile.
    const waits = !this.#waiting.isEmpty && this.#options.clock === 'virtual';
    const wait = idle && !waits ? this.#idle() : 0;
    this.#turns.beginRound();
    this.#progress.beginsRound(before, this.#turns.now);
    return this.#takeIn() ? 0 : wait;
  }

  // Nobody has executed anything for a round: time passes until somebody can.
  #idle(): number {
    const active = this.guest.vcpus.filter((v) => this.#courses.of(v) !== undefined);
    if (active.some((v) => v.canRun())) return 0;
    const wake = this.#turns.earliestWake;
    if (wake === undefined) return this.#nothingDue(active);
    const next = wake - this.#turns.now;
    if (this.#options.clock === 'real' && this.#idleLimit === undefined) {
      const { passed, wait } = this.#realTime.pass(next);
      this.#turns.pass(passed);
      return wait;
    }
    this.#turns.pass(this.#upTo(this.#idleLimit, next));
    return 0;
  }

  // Only something from outside can go on from here.
  #nothingDue(active: readonly GuestVcpu[]): number {
    const end = this.guest.end();
    const stepped = active.find((v) => this.#courses.steps(v));
    if (end !== undefined) this.#ended(end);
    else if (stepped !== undefined) this.#stop(stepped.id, { kind: 'step' });
    else return NOTHING_DUE_MS;
    return 0;
  }

  #takeIn(): boolean {
    const inputs = this.#waiting.take();
    for (const input of inputs) this.enter(input);
    return inputs.length > 0;
  }

  /** The vCPU whose turn it is, or another one that may run. */
  #active(): GuestVcpu {
    const { vcpus } = this.guest;
    const allowed = vcpus.filter((v) => this.#courses.of(v) !== undefined);
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
