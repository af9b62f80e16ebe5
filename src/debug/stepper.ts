import type { Course, CoursePlan, RunPiece } from '../machine/course.ts';
import type { VcpuExit } from '../machine/exit.ts';
import type { GuestVcpu } from '../machine/guest.ts';
import type { CodeStops } from './stops.ts';

/** A step through a range lets interruptions in after this many instructions: they may be what a loop there waits for. */
const HELD_STEPS = 100_000n;

/** A program that was interrupted in a step. */
interface Interrupted {
  /** Where the step was when it was. */
  readonly from: bigint;
  readonly goesOnAt: bigint;
  readonly context: string | undefined;
}

/** How far a step has come, as plain data. */
export interface StepperState {
  readonly begun: boolean;
  readonly held: bigint;
  readonly interrupted: Interrupted | undefined;
}

/** One vCPU on its way through a step or a range. */
export class Stepper implements Course {
  /** @inheritdoc */
  readonly plan: CoursePlan;
  readonly #vcpu: GuestVcpu;
  readonly #stops: CodeStops;
  /** It has executed an instruction, so breakpoints count again. */
  #begun = false;
  /** Instructions for which interruptions are still kept away. */
  #held: bigint;
  #interrupted: Interrupted | undefined;

  constructor(vcpu: GuestVcpu, plan: CoursePlan, stops: CodeStops) {
    this.#vcpu = vcpu;
    this.plan = plan;
    this.#stops = stops;
    this.#held = plan.mode === 'mask' ? HELD_STEPS : 0n;
  }

  /** @inheritdoc */
  advance(run: RunPiece): VcpuExit {
    const before = this.#vcpu.elapsed();
    const exit = this.#interrupted === undefined ? this.#step(run) : this.#return(run, this.#interrupted);
    this.#held -= this.#vcpu.elapsed() - before;
    return exit;
  }

  /** @inheritdoc */
  get over(): boolean {
    if (this.#interrupted !== undefined || !this.#begun) return false;
    const pc = this.#vcpu.pc();
    const { plan } = this;
    return plan.kind === 'step' || pc < plan.start || pc >= plan.end || this.#vcpu.waiting;
  }

  /** @inheritdoc */
  save(): StepperState {
    return { begun: this.#begun, held: this.#held, interrupted: this.#interrupted && { ...this.#interrupted } };
  }
  /** @inheritdoc */
  restore({ begun, held, interrupted }: StepperState): void {
    this.#begun = begun;
    this.#held = held;
    this.#interrupted = interrupted && { ...interrupted };
  }

  #step(run: RunPiece): VcpuExit {
    const { waiting } = this.#vcpu;
    const from = this.#vcpu.pc();
    // Only who comes back from a handler is compared with who was there.
    const context = this.plan.mode === 'over' ? this.#vcpu.context?.() : undefined;
    const holdInterruptions = this.#held > 0n && !waiting;
    // A vCPU that waits is stepped by the interruption that ends its wait.
    if (waiting || (this.plan.mode !== 'mask' && !this.#begun)) {
      const exit = run({ checked: false, holdInterruptions }, 0n);
      const taken = this.#vcpu.pc() !== from || waiting;
      if (taken) this.#taken(from, context);
      if (taken || exit.kind !== 'quantum') return exit;
    }
    const { plan } = this;
    const before = this.#vcpu.executed();
    const exit =
      plan.kind === 'range' && this.#begun && this.plan.mode === 'mask'
        ? this.#stops.bounded({ within: plan }, () => run({ checked: true, holdInterruptions }))
        : run({ checked: this.#begun, holdInterruptions }, 1n);
    // Whoever leads the machine may end a run in front of the instruction. A wait is come to by executing nothing, too.
    const isAhead = exit.kind === 'quantum' && this.#vcpu.executed() === before && this.#vcpu.pc() === from;
    if (!isAhead) this.#taken(from, context);
    return exit;
  }

  // What was executed may have led into a handler, which is a step like any other unless handlers are stepped over.
  #taken(from: bigint, context: string | undefined): void {
    this.#begun = true;
    if (this.plan.mode !== 'over') return;
    const goesOnAt = this.#vcpu.interrupted?.();
    if (goesOnAt !== undefined) this.#interrupted = { from, goesOnAt, context };
  }

  #return(run: RunPiece, { from, goesOnAt, context }: Interrupted): VcpuExit {
    const there = (): boolean => this.#vcpu.pc() === goesOnAt && this.#vcpu.context?.() === context;
    // Another program at the same address must get away from it first.
    const exit =
      this.#vcpu.pc() === goesOnAt
        ? run({ checked: false, holdInterruptions: false }, 1n)
        : this.#stops.bounded({ until: goesOnAt }, () => run({ checked: true, holdInterruptions: false }));
    if (there()) {
      this.#interrupted = undefined;
      // The instruction was not executed, but only interrupted.
      this.#begun = goesOnAt !== from;
    }
    return exit;
  }
}
