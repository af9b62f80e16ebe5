import type { StopReason } from '../machine/exit.ts';

/** Something that a debugger would stop for, in front of or by the instruction that begins when `at` instructions have passed. */
export interface Hit {
  readonly at: bigint;
  readonly vcpu: number;
  readonly reason: StopReason;
  /** Of an event: how many stops for events there were from where the search began, this one included. */
  readonly nth?: number;
}

/**
 * What becomes of breakpoints and watchpoints that are met. `live`: they stop the guest, and changes of its symbols do, too;
 * `replay`: they stop it on its way through its past; `off`: nothing; `record`: whoever searches hears of them, and the guest goes on.
 */
export class Attention {
  mode: 'live' | 'replay' | 'off' | 'record' = 'live';
  #hear: (hit: Hit) => void = () => undefined;

  /** Stops become hits. */
  record(hear: (hit: Hit) => void): void {
    this.mode = 'record';
    this.#hear = hear;
  }
  hit(hit: Hit): void {
    this.#hear(hit);
  }
}
