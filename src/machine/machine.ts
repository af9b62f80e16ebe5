import type { Course, CourseMaker } from './course.ts';
import { Courses, type Plans } from './courses.ts';
import type { StopEvent, StopReason, VcpuExit } from './exit.ts';
import type { Guest, GuestEnd, GuestVcpu, OpenGuest, RunOptions } from './guest.ts';
import { HostLoop } from './host-loop.ts';
import { idleNote } from './idle-note.ts';
import { copyOf, type Input, InputLog, InputQueue, type Instant, type LoggedInput } from './inputs.ts';
import { Leading, type Limits, unlimited } from './leading.ts';
import type { MachineOptions } from './machine-options.ts';
import { Pace } from './pace.ts';
import { Progress } from './progress.ts';
import { RealTime } from './real-time.ts';
import { checkSnapshot, makeSnapshot, type SavedParts, type Snapshot, StateParts } from './snapshot.ts';
import { type Turn, Turns } from './turns.ts';

/** Milliseconds between two turns of the host's event loop, and between two looks at a guest that waits for what is outside. */
const [SLICE_MS, NOTHING_DUE_MS] = [4, 1000];

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
  readonly #loop = new HostLoop(() => this.#slice());
  #limits = unlimited;
  /** Nobody hears of stops: whoever leads the machine gets this. */
  #led: { stop: StopEvent | undefined } | undefined;
  #executing: GuestVcpu | undefined;
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
  /** Called when another state has been put into the machine. */
  onRestored: (() => void) | undefined;
  /** Called between turns of a run that nobody leads. */
  betweenTurns: (() => void) | undefined;
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
  /** The vCPU whose run is in hand. */
  get executing(): GuestVcpu | undefined {
    return this.#executing;
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
    this.#loop.schedule(0);
  }
  /** Halts at once, without a stop event; between turns only. */
  halt(): void {
    this.#running = false;
    this.#loop.cancel();
  }
  /** Asks for a stop with reason `interrupt`. */
  interrupt(): void {
    this.#interrupted = true;
    this.#loop.schedule(0);
  }
  /** Keeps the guest from running, without a stop, until it is false again: its output has no place to go. */
  set paused(value: boolean) {
    this.#paused = value;
    if (!value && this.#running) this.#loop.schedule(0);
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
    if (this.#executing !== undefined)
      throw new Error('the guest executes: only what is posted can wait until it does not');
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
    if (this.#running) this.#loop.schedule(0);
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

  /** Carries out an input once more, at the instant that it is logged with. */
  repeat(input: Input): void {
    if (!this.#carryOut(input)) throw new Error(`the input ${input.kind} has no place where it came in before`);
    this.#progress.cameIn();
  }

  /**
   * All of the state, as data: who restores it goes on as this machine does. Between turns only. Parts of the guest that
   * are left out (such as its storage, for whoever keeps that otherwise) must be there in another way at the restore. Who has
   * just captured it leaves no other trace.
   */
  save(without: readonly string[] = [], logged = true): Snapshot {
    return makeSnapshot(this.guest.state.shape, this.#turns.now, this.capture(without, logged));
  }
  /** Puts a state back and halts. Throws a `SnapshotError`, and changes nothing, when it is not one of this machine's. */
  restore(snapshot: Snapshot, without: readonly string[] = []): void {
    this.check(snapshot, without);
    this.putBack(snapshot.parts);
    this.guest.state.forget(true);
    this.inputs.clear();
    this.onRestored?.();
  }
  /** Throws a `SnapshotError` when a snapshot is not one of this machine's. */
  check(snapshot: Snapshot, without: readonly string[] = []): void {
    const { state } = this.guest;
    checkSnapshot(snapshot, state.shape, [state.parts, this.#parts], without);
  }
  /** As `save`; whoever leads the machine leaves no trace in its log. */
  capture(without: readonly string[], logged: boolean): SavedParts {
    if (logged) this.enter({ kind: 'forget' });
    else this.#carryOut({ kind: 'forget' });
    return { ...this.guest.state.parts.save(without), ...this.#parts.save() };
  }
  /** Puts parts back that this machine has saved, and halts. What was made of others must be forgotten then. */
  putBack(parts: SavedParts): void {
    this.halt();
    this.#end = undefined;
    this.#realTime.end();
    this.guest.state.parts.restore(parts);
    this.#parts.restore(parts);
  }

  #slice(): void {
    if (!this.#running || (this.#paused && !this.#interrupted)) return;
    try {
      this.runFor(SLICE_MS);
    } catch (error) {
      this.#running = false;
      this.#executing = undefined;
      if (this.onFault === undefined) throw error;
      this.onFault(error);
    }
  }

  /** Runs for about `ms` of host time, and sees to it that more follows. */
  runFor(ms: number): void {
    const until = this.#options.now() + ms;
    do {
      if (this.#interrupted)
        return this.#stop(this.#turns.active((v) => this.#courses.of(v) !== undefined).id, { kind: 'interrupt' });
      const wait = this.#fresh ? this.#begin() : this.#advance();
      if (!this.#running) return;
      this.betweenTurns?.();
      if (wait > 0) return this.#loop.schedule(wait);
    } while (this.#options.now() < until && !this.#paused);
    this.#loop.schedule(0);
  }

  /**
   * Runs until exactly `time` instructions have passed for the machine, however long that takes the host, and halts there.
   * False when something stopped it before, or nothing is left that could happen.
   */
  runTo(time: bigint): boolean {
    this.halt();
    this.#running = true;
    this.#limits = { ...unlimited, time, idle: time };
    try {
      while (this.#running && this.#turns.now < time) {
        if (this.#advance() > 0) return false;
        this.betweenTurns?.();
      }
      return this.#turns.now === time;
    } finally {
      this.#limits = unlimited;
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
    for (const leading = this.leadTo(instant); leading.step() !== 'there'; );
  }
  /** Halts, to be led to an instant or a time; nobody else hears of stops on the way. */
  leadTo(target: Instant | bigint, checked = false): Leading {
    this.halt();
    const led = {
      where: () => this.instant,
      vcpus: this.guest.vcpus.length,
      advance: (limits: Limits) => this.#advanceLed(limits),
      arrived: (phase: Instant['phase']) => this.#progress.led(phase),
    };
    return new Leading(led, target, checked);
  }
  #advanceLed(limits: Limits): StopEvent | undefined {
    const led = { stop: undefined };
    this.#led = led;
    this.#limits = limits;
    this.#running = true;
    try {
      this.#advance();
      return led.stop;
    } finally {
      this.#led = undefined;
      this.#executing = undefined;
      this.#limits = unlimited;
      this.#running = false;
    }
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
    this.#stop(vcpu.id, { kind: 'step', note: idleNote(vcpu, this.guest.view(vcpu.id).name) });
    return 0;
  }

  // The next piece of a turn, or the way to the next round. Returns the milliseconds to wait, 0 to go on.
  #advance(): number {
    const turn = this.#turns.next((v) => this.#courses.of(v) !== undefined);
    if (turn === undefined) return this.#nextRound();
    const course = this.#courses.of(turn.vcpu);
    if (course === undefined || course === 'continue') {
      const how = { checked: this.#led === undefined && this.#checked, holdInterruptions: this.#limits.holding };
      const exit = this.#runPiece(turn, how);
      this.#leaves(turn.vcpu, exit);
    } else this.#follow(turn, course);
    return 0;
  }

  #runPiece({ vcpu, count }: Turn, how: Omit<RunOptions, 'count'>, most?: bigint): VcpuExit {
    const piece = this.#upTo(this.#limits.time, most ?? this.#pace.pieceOf(count));
    const checked = how.checked || this.#limits.checked;
    const start = this.#turns.now;
    this.#executing = vcpu;
    const exit = this.#pace.run(piece, (isOver) => vcpu.run({ ...how, checked, count: piece, isOver }));
    this.#executing = undefined;
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
    this.#stop(
      vcpu.id,
      idle ? { kind: 'step', note: idleNote(vcpu, this.guest.view(vcpu.id).name) } : { kind: 'step' },
    );
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
    const waits = this.#led === undefined && !this.#waiting.isEmpty && this.#options.clock === 'virtual';
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
    if (this.#options.clock === 'real' && this.#limits.idle === undefined) {
      const { passed, wait } = this.#realTime.pass(next);
      this.#turns.pass(passed);
      return wait;
    }
    this.#turns.pass(this.#upTo(this.#limits.idle, next));
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
    if (this.#led !== undefined) return false;
    const inputs = this.#waiting.take();
    for (const input of inputs) this.enter(input);
    return inputs.length > 0;
  }

  #stop(vcpu: number, reason: StopReason): void {
    this.#running = false;
    this.#turns.bringAll();
    if (this.#led !== undefined) {
      this.#led.stop = { vcpu, reason };
      return;
    }
    this.#interrupted = false;
    this.onStop?.({ vcpu, reason });
  }

  #ended(end: GuestEnd, vcpu = 0): void {
    this.#end = end;
    const held = this.debugged || this.#led !== undefined;
    if (held) return this.#stop(vcpu, { kind: 'guest-ended', message: end.message });
    this.#running = false;
    this.#turns.bringAll();
    this.onEnd?.(end);
  }
}
