import type { ResumeAction, StopEvent, StopReason } from './debug-target.ts';
import type { Guest, GuestEnd, GuestVcpu, GuestVcpuExit, OutsideEvent } from './guest.ts';

/** How a machine runs. */
export interface MachineOptions {
  /** Idle guests jump to their next event, or wait for it. */
  readonly clock: 'virtual' | 'real';
  /** The host's monotonic clock in milliseconds: decides when the socket is served, and nothing that a guest can see. */
  readonly now: () => number;
  /** Instructions in a microsecond of guest time, for idling in real time. */
  readonly instructionsPerMicrosecond: number;
}

/** Instructions of a vCPU's turn. */
const QUANTUM = 100_000n;
/** Instructions that other vCPUs get for each one that a vCPU is stepped. */
const STEP_SHARE = 1n;
/** Milliseconds after which the host's event loop gets its turn. */
const SLICE_MS = 4;

/** An outside event with the time at which it came in. */
export interface LoggedEvent {
  readonly at: bigint;
  readonly event: OutsideEvent;
}

/**
 * Runs a guest's vCPUs by turns on the host's event loop. A turn is counted in instructions, so what a guest does depends
 * on nothing but its own state and on the outside events, each of which is logged with its time.
 */
export class Machine {
  readonly guest: Guest;
  readonly log: LoggedEvent[] = [];
  readonly #options: MachineOptions;
  readonly #incoming: OutsideEvent[] = [];
  #actions: ReadonlyMap<number, ResumeAction> | undefined;
  #running = false;
  #interrupted = false;
  #checked = false;
  #paused = false;
  #end: GuestEnd | undefined;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;
  #first = true;
  /** Told when the guest stops for a debugger. */
  onStop: ((event: StopEvent) => void) | undefined;
  /** Told once when the guest has ended and no debugger holds it. */
  onEnd: ((end: GuestEnd) => void) | undefined;
  /** Told of an error of ours inside the run loop; the machine has stopped. */
  onFault: ((error: unknown) => void) | undefined;
  /** True while a debugger is attached: the guest's end is a stop. */
  debugged = false;

  constructor(guest: Guest, options: MachineOptions) {
    this.guest = guest;
    this.#options = options;
  }

  get running(): boolean {
    return this.#running;
  }
  /** How the guest ended, once it has. */
  get end(): GuestEnd | undefined {
    return this.#end;
  }

  /** Lets the vCPUs run: all of them, or those with an action. */
  start(actions?: ReadonlyMap<number, ResumeAction>): void {
    this.#actions = actions;
    this.#running = true;
    this.#interrupted = false;
    this.#first = true;
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

  #schedule(ms: number): void {
    if (ms > 0) {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#schedule(0), ms);
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    clearTimeout(this.#timer);
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

  /** Runs turns for about `ms` of host time, and sees to it that more follow. */
  runFor(ms: number): void {
    const until = this.#options.now() + ms;
    do {
      const idle = this.#round();
      if (!this.#running) return;
      if (idle > 0) return this.#schedule(idle);
    } while (this.#options.now() < until && !this.#paused);
    this.#schedule(0);
  }

  // One turn of every vCPU. Returns the milliseconds to wait for the next event in real time, 0 to go on.
  #round(): number {
    this.#takeIn();
    if (this.#end !== undefined) return this.#ended(this.#end);
    if (this.#interrupted) return this.#stop(this.#firstActive().id, { kind: 'interrupt' });
    const start = this.#time();
    const stepping = [...(this.#actions?.values() ?? [])].some((a) => a.kind !== 'continue');
    let length = 0n;
    for (const vcpu of this.guest.vcpus) {
      const action = this.#actionOf(vcpu);
      if (action === undefined) continue;
      if (action.kind === 'continue' && !vcpu.canRun()) continue;
      const exit = action.kind === 'continue' ? this.#turn(vcpu, stepping ? STEP_SHARE : QUANTUM) : this.#step(vcpu);
      const used = vcpu.elapsed() - start;
      if (used > length) length = used;
      const idle = this.#afterTurn(vcpu, exit, action);
      if (idle !== undefined) {
        this.#align(start + length);
        return idle;
      }
    }
    this.#align(start + length);
    this.#first = false;
    return length === 0n ? this.#idle() : 0;
  }

  #turn(vcpu: GuestVcpu, count: bigint): GuestVcpuExit {
    return vcpu.run({ count, checked: this.#checked, holdInterruptions: false });
  }

  // A waiting vCPU is stepped by what ends its wait.
  #step(vcpu: GuestVcpu): GuestVcpuExit {
    if (vcpu.waiting && !vcpu.canRun()) {
      const until = vcpu.untilWake();
      if (until === undefined) return { kind: 'wait' };
      vcpu.idle(until);
    }
    return vcpu.run({ count: 1n, checked: this.#checked && !this.#first, holdInterruptions: !vcpu.waiting });
  }

  // Undefined when the round goes on.
  #afterTurn(vcpu: GuestVcpu, exit: GuestVcpuExit, action: ResumeAction): number | undefined {
    switch (exit.kind) {
      case 'debug':
        return this.#stop(vcpu.id, this.guest.debugReason(vcpu.id));
      case 'crashed':
        return this.#ended({ status: 1, message: `CPU ${vcpu.id}: ${exit.message}` }, vcpu.id);
      case 'unimplemented':
        return this.#ended(
          { status: 3, message: `CPU ${vcpu.id}: instruction ${exit.mnemonic} is not implemented` },
          vcpu.id,
        );
      case 'stopped':
      case 'machine': {
        const end = this.guest.end();
        if (end !== undefined) return this.#ended(end, vcpu.id);
        break;
      }
      default:
        break;
    }
    if (action.kind === 'continue') return undefined;
    const pc = vcpu.pc();
    if (action.kind === 'range' && pc >= action.start && pc < action.end && !vcpu.waiting) return undefined;
    return this.#stop(vcpu.id, { kind: 'step' });
  }

  #idle(): number {
    const active = this.guest.vcpus.filter((v) => this.#actionOf(v) !== undefined);
    if (active.some((v) => v.canRun())) return 0;
    const wakes = active.filter((v) => v.waiting).map((v) => v.untilWake());
    const next = wakes.reduce((a, b) => (a === undefined || (b !== undefined && b < a) ? b : a), undefined);
    if (next === undefined) {
      const end = this.guest.end();
      if (end !== undefined) return this.#ended(end);
      // Only something from outside can go on from here.
      return 1000;
    }
    if (this.#options.clock === 'virtual') {
      this.#align(this.#time() + (next > 0n ? next : 1n));
      return 0;
    }
    return this.#idleInRealTime(next);
  }

  #idleSince: number | undefined;
  #idleInRealTime(next: bigint): number {
    const perMs = this.#options.instructionsPerMicrosecond * 1000;
    const now = this.#options.now();
    const passed = this.#idleSince === undefined ? 0 : Math.max(0, now - this.#idleSince);
    const instructions = BigInt(Math.floor(passed * perMs));
    const step = instructions < next ? instructions : next;
    if (step > 0n) this.#align(this.#time() + step);
    this.#idleSince = now;
    const left = Number(next - step) / perMs;
    if (left > 0) return Math.min(Math.max(left, 1), 1000);
    this.#idleSince = undefined;
    return 0;
  }

  /** The latest time that any vCPU has reached. */
  #time(): bigint {
    return this.guest.vcpus.reduce((t, v) => (v.elapsed() > t ? v.elapsed() : t), 0n);
  }

  // All vCPUs are brought to the same time: waiting ones wait, others were not allowed to run.
  #align(time: bigint): void {
    for (const v of this.guest.vcpus) {
      const missing = time - v.elapsed();
      if (missing <= 0n) continue;
      if (v.waiting) v.idle(missing);
      else v.pass(missing);
    }
  }

  #takeIn(): void {
    for (const event of this.#incoming.splice(0)) {
      this.log.push({ at: this.#time(), event });
      this.guest.accept(event);
    }
  }

  #actionOf(vcpu: GuestVcpu): ResumeAction | undefined {
    return this.#actions === undefined ? { kind: 'continue' } : this.#actions.get(vcpu.id);
  }

  #firstActive(): GuestVcpu {
    const running = this.guest.vcpus.find((v) => this.#actionOf(v) !== undefined && v.canRun());
    const found = running ?? this.guest.vcpus.find((v) => this.#actionOf(v) !== undefined) ?? this.guest.vcpus[0];
    if (found === undefined) throw new Error('a machine has at least one vCPU');
    return found;
  }

  #stop(vcpu: number, reason: StopReason): number {
    this.#running = false;
    this.#interrupted = false;
    this.onStop?.({ vcpu, reason });
    return 0;
  }

  #ended(end: GuestEnd, vcpu = 0): number {
    this.#end = end;
    if (this.debugged) return this.#stop(vcpu, { kind: 'guest-ended', message: end.message });
    this.#running = false;
    this.onEnd?.(end);
    return 0;
  }
}
