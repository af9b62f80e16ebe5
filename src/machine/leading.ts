import type { StopEvent } from './exit.ts';
import type { Instant } from './inputs.ts';

/** Where the run in hand ends, and how it goes on until then. */
export interface Limits {
  /** Time at which a vCPU's run ends. */
  readonly time: bigint | undefined;
  /** Time to which the machine idles at most: it may have to do what takes no time there. */
  readonly idle: bigint | undefined;
  /** The next instruction is executed with interruptions kept away. */
  readonly holding: boolean;
  /** Stops are looked for, whatever a course thinks of that. */
  readonly checked: boolean;
}

/** A run that nobody leads. */
export const unlimited: Limits = { time: undefined, idle: undefined, holding: false, checked: false };

/** What can be led. */
export interface LedMachine {
  where(): Instant;
  readonly vcpus: number;
  /** Carries out one action; the stop that it ended with, which nobody else is told of. */
  advance(limits: Limits): StopEvent | undefined;
  /** The machine is in this phase. */
  arrived(phase: Instant['phase']): void;
}

/** A run is not what it was. */
export class NoSuchInstant extends Error {}

/** How far a machine has come: `stopped` there is a stop on the way, behind which it can be led on. */
export type LedTo = 'there' | 'under way' | StopEvent;

/**
 * A machine on its way to an instant at which it has been before, or to a time: behind all that happens before that many
 * instructions have passed. It goes by single actions, so that whoever leads it can give up in between.
 */
export class Leading {
  readonly #machine: LedMachine;
  readonly #target: Instant | bigint;
  readonly #checked: boolean;
  #tries = 0;

  constructor(machine: LedMachine, target: Instant | bigint, checked: boolean) {
    this.#machine = machine;
    this.#target = target;
    this.#checked = checked;
  }

  /** One action. Throws when the run does not come to the instant. */
  step(): LedTo {
    const target = this.#target;
    const before = this.#machine.where();
    if (this.#isThere(before)) {
      if (typeof target !== 'bigint') this.#machine.arrived(target.phase);
      return 'there';
    }
    const stop = this.#machine.advance(this.#limits(before));
    const { at, order } = this.#machine.where();
    this.#tries = at === before.at && order === before.order ? this.#tries + 1 : 0;
    // Each vCPU begins once at most in front of an instruction, and with nothing due a round is like the one before.
    if (!this.#isThere(this.#machine.where()) && (this.#isPast(at, order) || this.#tries > this.#mostTries())) {
      const [wanted, nth] = typeof target === 'bigint' ? [target, 0] : [target.at, target.order];
      throw new NoSuchInstant(`this run has no instant ${wanted}.${nth}: it is at ${at}.${order}`);
    }
    return stop ?? 'under way';
  }

  #mostTries(): number {
    return 2 * this.#machine.vcpus + 2;
  }
  #isThere(here: Instant): boolean {
    const target = this.#target;
    if (typeof target === 'bigint') return here.at >= target;
    const { at, order, phase, vcpu } = target;
    return here.at === at && here.order === order && (phase !== 'begun' || here.vcpu === vcpu);
  }
  #isPast(at: bigint, order: number): boolean {
    const target = this.#target;
    if (typeof target === 'bigint') return false;
    return at > target.at || (at === target.at && order > target.order);
  }

  #limits(here: Instant): Limits {
    const target = this.#target;
    const checked = this.#checked;
    if (typeof target === 'bigint') return { time: target, idle: target, holding: false, checked };
    const { at, order, phase } = target;
    const left = at - here.at;
    const holding = phase === 'held' && left === 1n;
    // What executes nothing happens in front of an instruction.
    if (left === 0n) return { time: here.order < order ? at + 1n : at, idle: at, holding, checked };
    return { time: phase === 'held' && left > 1n ? at - 1n : at, idle: at, holding, checked };
  }
}
