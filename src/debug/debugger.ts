import { bigEndian, bytesToHex } from '../bits/hex.ts';
import type { History } from '../history/history.ts';
import type { StepMode } from '../machine/course.ts';
import type { RegisterRow, TargetDescription } from '../machine/description.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { GuestVcpu, VcpuView } from '../machine/guest.ts';
import type { Plan } from '../machine/inputs.ts';
import type { Machine } from '../machine/machine.ts';
import type { FilePort } from '../machine/served-file.ts';
import type { SymbolPort } from '../machine/symbols.ts';
import { AccessStep } from './access-step.ts';
import { Attention } from './attention.ts';
import { Catches } from './catches.ts';
import { Conditions } from './conditions.ts';
import { Fork } from './fork.ts';
import { MachinePast } from './past.ts';
import { Printed } from './printed.ts';
import { Stepper } from './stepper.ts';
import { type Breakpoint, CodeStops } from './stops.ts';
import type {
  AgentCommands,
  BreakpointKind,
  DebugSettings,
  DebugTarget,
  HitLimit,
  Past,
  ResumeAction,
  SpaceLimit,
  StraightRun,
  WatchCondition,
} from './target.ts';
import { TimeTravel, type Way } from './time-travel.ts';
import { TraceRun } from './traces/trace-run.ts';
import { Watchpoints, type WatchRange } from './watchpoints.ts';
import { WayRunner } from './way-runner.ts';

const ALWAYS: AgentCommands = { conditions: [], commands: [] };

function shown([kind, { conditions, commands }]: readonly [BreakpointKind, AgentCommands]): string {
  return [kind, ...conditions.map(bytesToHex), 'does', ...commands.map(bytesToHex)].join(' ');
}

/**
 * A debugger's hold on a machine: breakpoints and watchpoints, and who may run. Breakpoints are addresses that the engine
 * compares with the PC, never bytes in the guest's storage, so they are met whether code is there yet or not.
 */
export class Debugger implements DebugTarget, DebugSettings {
  /** @inheritdoc */
  stepMode: StepMode = 'mask';
  readonly #machine: Machine;
  readonly #stops: CodeStops;
  readonly #registers: readonly RegisterRow[];
  /** Kinds of breakpoint by address: software and hardware ones are told apart in stop replies only. */
  readonly #breakpoints = new Map<bigint, Map<BreakpointKind, AgentCommands>>();
  readonly #conditions: Conditions;
  readonly #printed = new Printed();
  readonly #ranges = new Map<string, WatchRange>();
  readonly #watchpoints: Watchpoints;
  readonly #attention = new Attention();
  /** @inheritdoc */
  readonly catches: Catches;
  /** @inheritdoc */
  readonly traces: TraceRun;
  readonly #ways: WayRunner;
  readonly #accessStep = new AccessStep(() => this.description.stepsOverAccesses === true);
  readonly #now: () => number;
  #history: History | undefined;
  #fork: Fork | undefined;
  #past: MachinePast | undefined;
  /** What the debugger steps. */
  #stepped: number | undefined;
  #travel: TimeTravel | undefined;
  #watches = false;
  /** When the guest ended on a way that nobody watches. */
  #endedAt: bigint | undefined;
  /** What counted last: a debugger takes everything out at each stop and puts it back before each resume. */
  #givenBreakpoints = '';
  #listener: ((event: StopEvent) => void) | undefined;

  /** `now` is the host's clock in milliseconds: it decides when the socket is served on the way through the past. */
  constructor(machine: Machine, now: () => number = () => 0) {
    this.#machine = machine;
    this.#now = now;
    this.#registers = machine.guest.description.features.flatMap((f) => f.registers);
    this.#stops = new CodeStops(machine.guest, this.#attention);
    this.#conditions = new Conditions(machine.guest, this.#registers, {
      print: (text) => this.#printed.add(text),
      trace: () => this.traces,
    });
    this.traces = new TraceRun({
      layout: {
        widths: this.#registers.map(({ bits }) => bits / 8),
        always: this.#registers.flatMap(({ name }, i) =>
          machine.guest.description.expedited.includes(name) ? [i] : [],
        ),
        little: machine.guest.description.elf.data === 'lsb',
      },
      readRegister: this.readRegister.bind(this),
      readMemory: this.readMemory.bind(this),
      evaluate: (text, vcpu) => this.#conditions.value(text, vcpu),
    });
    this.#stops.useTraces(this.traces);
    this.#watchpoints = new Watchpoints(machine.guest, this.#attention, () => machine.executing);
    this.catches = new Catches(this.#attention, () => machine.executing);
    this.#watchpoints.condition = (range, vcpu) => this.#watchCounts(range, vcpu);
    machine.guest.stops = this.#stops;
    machine.makeCourse = (vcpu, plan) => new Stepper(vcpu, plan, this.#stops);
    machine.onStop = (event) => this.#stopped(event);
    this.#ways = new WayRunner(now);
  }

  /** The machine has a history, through which one can go from now on. */
  useHistory(history: History): void {
    this.#history = history;
    const [machine, stops, watchpoints, attention] = [this.#machine, this.#stops, this.#watchpoints, this.#attention];
    const travel = new TimeTravel({ machine, history, stops, watchpoints, attention, catches: this.catches });
    this.#travel = travel;
    this.#past = new MachinePast({
      history,
      time: () => machine.time,
      now: this.#now,
      straightRuns: (vcpu, most) => travel.straightRuns(vcpu, most),
      retrace: (from) => travel.retrace(from),
      writers: (vcpu, address, length, most) => {
        // They watch in place of what is watched here, which is told anew with the next resume.
        this.#watches = this.#watchpoints.forget();
        return travel.writers(machine.guest.storageBehind(vcpu, address, length).pieces, most);
      },
    });
  }
  /** @inheritdoc */
  get past(): Past | undefined {
    return this.#past;
  }
  #stopped(told: StopEvent): void {
    const event = this.#asStepped(told);
    const vcpu = this.#machine.guest.vcpus[told.vcpu];
    if (vcpu !== undefined && event.reason.kind === 'breakpoint') this.#stops.passBy(vcpu);
    this.#printed.flush();
    this.#accessStep.stopped(event);
    this.#listener?.(event);
  }

  /** @inheritdoc */
  get limits(): Map<bigint, SpaceLimit> {
    return this.#stops.limits;
  }
  /** @inheritdoc */
  readonly watchConditions = new Map<bigint, WatchCondition>();
  /** @inheritdoc */
  get hitLimits(): Map<bigint, HitLimit> {
    return this.#stops.hitLimits;
  }

  get description(): TargetDescription {
    return this.#machine.guest.description;
  }
  get files(): FilePort | undefined {
    return this.#machine.guest.files;
  }
  get symbols(): SymbolPort | undefined {
    return this.#machine.guest.symbols;
  }
  get running(): boolean {
    return this.#machine.running || this.#ways.busy;
  }
  vcpus(): readonly VcpuView[] {
    const { guest } = this.#machine;
    return [...guest.vcpus.map(({ id }) => id), ...(guest.further?.() ?? [])].map((id) => guest.view(id));
  }

  readRegister(vcpu: number, index: number): Uint8Array | undefined {
    const row = this.#registers[index];
    return row === undefined ? undefined : this.#machine.guest.readRegister(vcpu, row);
  }
  writeRegister(vcpu: number, index: number, bytes: Uint8Array): boolean {
    const row = this.#registers[index];
    if (row === undefined || bytes.length * 8 !== row.bits) return false;
    if (this.#history?.isPast === true) {
      // What changes nothing changes no future, either.
      if (this.readRegister(vcpu, index)?.every((byte, i) => byte === bytes[i]) === true) return true;
      this.#forkPast(this.#history);
    }
    if (vcpu < this.#machine.guest.vcpus.length) this.#fork?.wroteRegister(vcpu, index);
    else this.#fork?.wroteStorage();
    return this.#machine.enter({ kind: 'write-register', vcpu, register: row.name, data: bytes });
  }
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array {
    return this.#watchpoints.contents(address, length) ?? this.#machine.guest.readMemory(vcpu, address, length);
  }
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean {
    if (this.#history?.isPast === true) {
      const before = this.#machine.guest.readMemory(vcpu, address, bytes.length);
      if (before.length < bytes.length) return false;
      if (before.every((byte, i) => byte === bytes[i])) return true;
      this.#forkPast(this.#history);
    }
    this.#fork?.wroteStorage();
    return this.#machine.enter({ kind: 'write-memory', vcpu, address, data: bytes });
  }
  #forkPast(history: History): void {
    const vcpus = this.#machine.guest.vcpus.length;
    const read = this.readRegister.bind(this);
    const future = history.fork();
    if (future !== undefined) {
      this.#fork = new Fork(history, future, { vcpus, registers: this.#registers.length, read });
    }
  }
  // The guest is about to go somewhere: what was written may have been taken back.
  #settleFork(): void {
    const settled = this.#fork?.settle(this.readRegister.bind(this));
    if (settled === undefined || settled === 'open') return;
    this.#fork = undefined;
    if (settled !== 'home') this.#printed.add(settled.told);
  }

  straightRuns(vcpu: number, most: number): readonly StraightRun[] | undefined {
    return this.#past?.straightRuns(this.#runner(vcpu), most);
  }

  insertBreakpoint(
    kind: BreakpointKind,
    address: bigint,
    length: number,
    vcpu: number,
    agent: AgentCommands = ALWAYS,
  ): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address) ?? new Map<BreakpointKind, AgentCommands>();
      kinds.set(kind, agent);
      this.#breakpoints.set(address, kinds);
    } else {
      this.#ranges.set(`${kind} ${address} ${length}`, { access: kind, address, length, vcpu });
    }
    return true;
  }
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean {
    if (kind === 'software' || kind === 'hardware') {
      const kinds = this.#breakpoints.get(address);
      if (kinds?.delete(kind) === true && kinds.size === 0) this.#breakpoints.delete(address);
    } else {
      this.#ranges.delete(`${kind} ${address} ${length}`);
    }
    return true;
  }

  attach(): void {
    this.#machine.debugged = true;
    this.#machine.halt();
    this.#toPresent();
  }
  detach(): void {
    this.#toPresent();
    this.#breakpoints.clear();
    this.#ranges.clear();
    this.catches.clear();
    if (!this.traces.status.disconnected) this.traces.stop();
    this.#giveToGuest();
    this.#stops.followSymbols(false);
    this.#machine.checked = this.#stops.any;
    this.#machine.debugged = false;
    this.start();
  }
  /** Lets the guest run with nobody there who debugs it, be it through what is foreseen. */
  start(): void {
    this.#attention.mode = 'live';
    this.#onward(new Map(), 0, () => this.#machine.start());
  }
  /** Told when a guest that nobody debugs has come to where nothing is to come any more. */
  onOver: (() => void) | undefined;
  // Who steps what executes at a further level hears that this has stepped, if it is still there.
  #asStepped(event: StopEvent): StopEvent {
    const id = this.#stepped;
    if (id === undefined || event.reason.kind !== 'step' || this.#runner(id) !== event.vcpu) return event;
    return this.#machine.guest.further?.().includes(id) === true ? { ...event, vcpu: id } : event;
  }
  // What executes at a further level runs by its vCPU.
  #runner(id: number): number {
    return id % this.#machine.guest.vcpus.length;
  }
  resume(wanted: ReadonlyMap<number, ResumeAction>): void {
    const actions = new Map<number, ResumeAction>();
    this.#stepped = undefined;
    for (const [id, action] of wanted) {
      if (action.kind !== 'continue') this.#stepped = id;
      const runner = this.#runner(id);
      if (action.kind !== 'continue' || !actions.has(runner)) actions.set(runner, action);
    }
    const [only, action] = actions.size === 1 ? ([...actions][0] ?? []) : [];
    if (this.#accessStep.takes(action?.kind === 'step' ? only : undefined)) return this.#hasStepped(only ?? 0);
    this.#settleFork();
    this.#giveToGuest();
    this.#stops.followSymbols(true);
    this.#machine.checked = this.#stops.any || this.#stops.followsSymbols;
    if (this.#goesToGoal([...actions.keys()][0] ?? 0)) return;
    const plans = new Map([...actions].map(([id, a]): [number, Plan] => [id, this.#plan(a)]));
    const [first = 0] = actions.keys();
    this.#onward(actions, first, () => this.#machine.start(plans));
  }
  // Through the past, if that is where the guest is, and on from the present, if anything comes there.
  #onward(actions: ReadonlyMap<number, ResumeAction>, vcpu: number, live: () => void): void {
    const present = (): void => {
      if (this.#history?.isOver !== true) return live();
      if (!this.#machine.debugged) return this.onOver?.();
      this.#printed.flush();
      this.#listener?.({ vcpu, reason: { kind: 'history-end' } });
    };
    if (this.#travel !== undefined && this.#history?.isPast === true) {
      this.#go(this.#travel.onward(actions), vcpu, present);
    } else if (this.#history?.isOver === true) setImmediate(present);
    else live();
  }
  #hasStepped(vcpu: number): void {
    setImmediate(() => this.#listener?.({ vcpu, reason: { kind: 'step' } }));
  }
  /** @inheritdoc */
  reverse(kind: 'continue' | 'step', id: number): void {
    const vcpu = this.#runner(id);
    if (this.#accessStep.takes(kind === 'step' ? vcpu : undefined)) return this.#hasStepped(vcpu);
    this.#settleFork();
    this.#giveToGuest();
    if (this.#goesToGoal(vcpu)) return;
    const travel = this.#travel;
    const way = kind === 'continue' ? travel?.continueBack(vcpu) : travel?.stepBack(vcpu);
    const nowhere: StopEvent = { vcpu, reason: { kind: 'history-begin' } };
    if (way === undefined) setImmediate(() => this.#listener?.(nowhere));
    else this.#go(way, vcpu, () => this.#listener?.({ vcpu, reason: { kind: 'step' } }));
  }
  // Where a user wants to be has nothing to do with how gdb gets the guest going.
  #goesToGoal(vcpu: number): boolean {
    const past = this.#past;
    if (past === undefined || this.#travel === undefined) return false;
    const future = past.takeFuture();
    if (future !== undefined) {
      this.#history?.enter(future, true);
      past.goal = this.#history?.end;
    }
    const { goal } = past;
    past.goal = undefined;
    if (goal === undefined) return false;
    this.#go(this.#travel.seek(goal, vcpu), vcpu, () => undefined);
    return true;
  }
  #go(way: Way, vcpu: number, present: () => void): void {
    const settle = (): void => this.#travel?.settle();
    this.#ways.go(way, {
      stopped: (event) => {
        settle();
        // What ended the guest is a stop on the way, behind which the rest of what is known comes.
        if (this.#machine.debugged || event.reason.kind !== 'guest-ended') this.#stopped(event);
        else if (this.#history?.isPast === true && this.#machine.time !== this.#endedAt) {
          this.#endedAt = this.#machine.time;
          this.start();
        } else if (this.#machine.end !== undefined) this.#machine.onEnd?.(this.#machine.end);
      },
      present: () => {
        settle();
        present();
      },
      givenUp: () => {
        this.#travel?.giveUp();
        this.#listener?.({ vcpu, reason: { kind: 'interrupt' } });
      },
      fault: (error) => {
        settle();
        if (this.#machine.onFault === undefined) throw error;
        this.#machine.onFault(error);
      },
    });
  }
  // Whoever comes or goes finds the guest where it is, and not where it was.
  #toPresent(): void {
    this.#ways.drop();
    this.#travel?.settle();
    this.#history?.goToPresent();
  }
  interrupt(): void {
    if (this.#ways.busy) this.#ways.giveUp();
    else this.#machine.interrupt();
  }
  kill(): void {
    this.#ways.drop();
    this.#machine.halt();
    this.#machine.debugged = false;
    this.#machine.onEnd?.({ status: 0, message: 'killed by the debugger' });
  }
  onPrint(listener: ((text: string) => void) | undefined): void {
    this.#printed.listener = listener;
  }
  onStop(listener: ((event: StopEvent) => void) | undefined): void {
    this.#listener = listener;
  }

  #giveToGuest(): void {
    const { guest } = this.#machine;
    const given = [...this.#breakpoints].map(([a, kinds]) => `${a} ${[...kinds].map(shown).join()}`).join();
    if (given !== this.#givenBreakpoints) {
      this.#givenBreakpoints = given;
      this.#stops.setBreakpoints(new Map([...this.#breakpoints].map(([a, kinds]) => [a, this.#breakpointOf(kinds)])));
    }
    // What lies behind a watched address, and what is there, may have changed since: the guest ran, or a debugger stored.
    const watches = this.#ranges.size > 0;
    if (watches && this.#watchpoints.watch([...this.#ranges.values()])) guest.watchStorage(this.#watchpoints);
    if (this.#watches && !watches) {
      this.#watchpoints.watch([]);
      guest.watchStorage(undefined);
    }
    this.#watches = watches;
    guest.watchEvents?.(this.catches.all.size > 0 ? this.catches : undefined);
  }

  // Several kinds at one address stop where any does.
  #breakpointOf(kinds: ReadonlyMap<BreakpointKind, AgentCommands>): Breakpoint {
    const hardware = !kinds.has('software');
    const tests = [...kinds.values()].map((agent) => this.#conditions.test(agent));
    if (tests.includes(undefined)) return { hardware };
    const [only] = tests;
    if (tests.length === 1 && only !== undefined) return { hardware, ...only };
    return { hardware, test: (vcpu, prints) => tests.filter((each) => each?.test(vcpu, prints) === true).length > 0 };
  }

  #watchCounts({ address, length, vcpu: id }: WatchRange, vcpu: GuestVcpu | undefined): boolean {
    const holds = this.watchConditions.get(address)?.holds;
    if (holds === undefined) return true;
    if (typeof holds !== 'function') return vcpu === undefined || this.#conditions.holds(holds, vcpu);
    const bytes = this.readMemory(id, address, Math.min(length, 8));
    const little = this.description.elf.data === 'lsb';
    return bytes.length === 0 || holds(bigEndian(little ? bytes.toReversed() : bytes));
  }

  #plan(action: ResumeAction): Plan {
    return action.kind === 'continue' ? 'continue' : { ...action, mode: this.stepMode };
  }
}
