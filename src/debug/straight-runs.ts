import type { Guest, GuestVcpu } from '../machine/guest.ts';
import type { StraightRun } from './target.ts';

/** Makes straight runs of the instructions that a vCPU executes. */
export class StraightRuns {
  readonly all: StraightRun[] = [];
  readonly #guest: Guest;
  readonly #vcpu: number;
  #run: { first: bigint; last: bigint; at: bigint; next: bigint } | undefined;
  #executed: bigint | undefined;

  constructor(guest: Guest, vcpu: number) {
    this.#guest = guest;
    this.#vcpu = vcpu;
  }

  /** A vCPU is in front of an instruction, which it may be said to be more than once. Always false: nobody stops. */
  at(vcpu: GuestVcpu): false {
    const executed = vcpu.executed();
    if (vcpu.id !== this.#vcpu || executed === this.#executed) return false;
    this.#executed = executed;
    const pc = vcpu.pc();
    const run = this.#run;
    const next = pc + BigInt(this.#guest.instructionLength?.(vcpu.id, pc) ?? 4);
    if (run?.next === pc) {
      Object.assign(run, { last: pc, at: vcpu.elapsed(), next });
      return false;
    }
    this.#end();
    this.#run = { first: pc, last: pc, at: vcpu.elapsed(), next };
    return false;
  }
  #end(): void {
    if (this.#run === undefined) return;
    const { first, last, at } = this.#run;
    this.all.push({ first, last, at });
  }
  /** Nothing comes any more: the last run is one, too. */
  finish(): readonly StraightRun[] {
    this.#end();
    this.#run = undefined;
    return this.all;
  }
}
