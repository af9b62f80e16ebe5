import type { Stateful } from '../bits/stateful.ts';
import type { VcpuExit } from './exit.ts';
import type { Instant } from './inputs.ts';

/** Where in its run a machine is, its turns aside. */
export interface ProgressState {
  readonly roundStart: bigint;
  readonly order: number;
  readonly phase: Instant['phase'];
  readonly vcpu: number | undefined;
  readonly touched: boolean;
}

/** Counts what happens between two instructions, so that every place between two actions has a name: see `Instant`. */
export class Progress implements Stateful<ProgressState> {
  /** Time at which the round began. */
  #roundStart = -1n;
  #order = 0;
  #phase: Instant['phase'] = 'settled';
  #vcpu: number | undefined;
  /** Somebody has run, or something came in, since the round began. */
  #touched = true;

  get order(): number {
    return this.#order;
  }
  get phase(): Instant['phase'] {
    return this.#phase;
  }
  /** Who has begun. */
  get vcpu(): number | undefined {
    return this.#phase === 'begun' ? this.#vcpu : undefined;
  }

  /** A vCPU has run, and has `executed` something or not. */
  ran(vcpu: number, exit: VcpuExit, executed: boolean): void {
    this.#vcpu = vcpu;
    this.#touched = true;
    if (executed) {
      this.#order = 0;
      this.#phase = exit.kind === 'debug' && exit.reason.kind === 'watchpoint' ? 'held' : 'settled';
    } else if (exit.kind === 'quantum' || exit.kind === 'debug') {
      // The host or a debugger ended it: an undisturbed run does more in one.
      this.#phase = 'begun';
    } else {
      this.#order++;
      this.#phase = 'settled';
    }
  }

  /** Something came in. */
  cameIn(): void {
    this.#touched = true;
  }

  /** A run that was led to an instant is in its phase. */
  led(phase: Instant['phase']): void {
    this.#phase = phase;
  }

  /** True when nobody has executed anything in the round that is over. */
  isIdle(now: bigint): boolean {
    return now === this.#roundStart;
  }
  /**
   * A round begins; `before` is the time at which the last one was over. It is not counted behind one that nothing has
   * touched, which leaves the turns as they were: how many of those there are while nothing is due, the host decides.
   */
  beginsRound(before: bigint, now: bigint): void {
    if (now > before) this.#order = 0;
    else if (this.#touched) this.#order++;
    this.#touched = false;
    this.#roundStart = now;
    this.#phase = 'settled';
  }

  /** @inheritdoc */
  save(): ProgressState {
    return {
      roundStart: this.#roundStart,
      order: this.#order,
      phase: this.#phase,
      vcpu: this.#vcpu,
      touched: this.#touched,
    };
  }
  /** @inheritdoc */
  restore({ roundStart, order, phase, vcpu, touched }: ProgressState): void {
    this.#roundStart = roundStart;
    this.#order = order;
    this.#phase = phase;
    this.#vcpu = vcpu;
    this.#touched = touched;
  }
}
