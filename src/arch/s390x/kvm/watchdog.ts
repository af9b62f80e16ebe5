import type { Stateful } from '../../../bits/stateful.ts';
import { INSTRUCTIONS_PER_MICROSECOND } from '../cpu/clock.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { type Outcome, program, resume } from './outcome.ts';
import type { KvmVcpu } from './vcpu.ts';

/** Functions of DIAGNOSE 288. */
const watchdogFunction = { initialize: 0n, change: 1n, cancel: 2n } as const;
const SHORTEST_SECONDS = 15n;
const INSTRUCTIONS_PER_SECOND = INSTRUCTIONS_PER_MICROSECOND * 1_000_000n;

/** The watchdog that a guest sets with DIAGNOSE 288: it must set it again before its time runs out. */
export class Watchdog implements Stateful<{ readonly deadline: bigint | undefined }> {
  /** Time at which it strikes, as the clock counts. */
  #deadline: bigint | undefined;

  /**
   * DIAGNOSE 288: the function is in R1, the seconds in the register behind it, the action in R3, where 0, which is to
   * begin again, is the only one. What it does not know is a specification exception.
   */
  diagnose({ vcpu, vm }: KvmVcpu, r1: number, r3: number): Outcome {
    const refused: Outcome = program(PGM.specification);
    if ((r1 & 1) === 1 || vcpu.gr(r3) !== 0n) return refused;
    const command = vcpu.gr(r1);
    const seconds = vcpu.gr(r1 + 1);
    const cancel = command === watchdogFunction.cancel;
    const known = cancel || command === watchdogFunction.initialize || command === watchdogFunction.change;
    const inactive = command !== watchdogFunction.initialize && this.#deadline === undefined;
    if (!known || inactive || (!cancel && seconds < SHORTEST_SECONDS)) return refused;
    this.#deadline = cancel ? undefined : vm.core.clock.count(vcpu) + seconds * INSTRUCTIONS_PER_SECOND;
    return resume;
  }

  /** Nobody has set it. */
  get isOff(): boolean {
    return this.#deadline === undefined;
  }
  /** Instructions until it strikes, 0 when it has; undefined while it is off. */
  until({ vcpu, vm }: KvmVcpu): bigint | undefined {
    if (this.#deadline === undefined) return undefined;
    const left = this.#deadline - vm.core.clock.count(vcpu);
    return left > 0n ? left : 0n;
  }
  /** True once its time has run out, as a vCPU sees it. */
  struck(v: KvmVcpu): boolean {
    return this.#deadline !== undefined && this.until(v) === 0n;
  }

  /** @inheritdoc */
  save(): { readonly deadline: bigint | undefined } {
    return { deadline: this.#deadline };
  }
  /** @inheritdoc */
  restore({ deadline }: { readonly deadline: bigint | undefined }): void {
    this.#deadline = deadline;
  }

  /** Off, as after a reset. */
  reset(): void {
    this.#deadline = undefined;
  }
}
