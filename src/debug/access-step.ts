import type { StopEvent } from '../machine/exit.ts';

/**
 * Debuggers of some architectures take a watchpoint's stop for one in front of the access: before they look, they have the
 * instruction executed, or taken back on their way through the past. Here the stop is where the access is done, or undone, so
 * that this one step goes nowhere.
 */
export class AccessStep {
  readonly #expected: () => boolean;
  #vcpu: number | undefined;

  /** `expected` says whether the guest's debuggers do that. */
  constructor(expected: () => boolean) {
    this.#expected = expected;
  }

  /** A debugger is told of a stop. */
  stopped({ vcpu, reason }: StopEvent): void {
    this.#vcpu = reason.kind === 'watchpoint' && this.#expected() ? vcpu : undefined;
  }
  /** The debugger goes on, with a step of this vCPU alone if there is one; true when that is the one that goes nowhere. */
  takes(stepped: number | undefined): boolean {
    const takes = stepped !== undefined && stepped === this.#vcpu;
    this.#vcpu = undefined;
    return takes;
  }
}
