import type { Stateful } from '../bits/stateful.ts';
import type { ResumeAction } from './debug-target.ts';
import type { GuestVcpu, GuestVcpuExit, RunOptions, StepMode } from './guest.ts';

/** Ways of resuming that end by themselves. */
export type RangeOrStep = Exclude<ResumeAction, { readonly kind: 'continue' }>;

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

/** Runs a piece of the vCPU's turn. */
export type RunPiece = (how: Omit<RunOptions, 'count'>, most?: bigint) => GuestVcpuExit;

/** One vCPU on its way through a step or a range. */
export class Stepper implements Stateful<StepperState> {
  readonly #vcpu: GuestVcpu;
  readonly #action: RangeOrStep;
  readonly #mode: StepMode;
  /** It has executed an instruction, so breakpoints count again. */
  #begun = false;
  /** Instructions for which interruptions are still kept away. */
  #held: bigint;
  #interrupted: Interrupted | undefined;

  constructor(vcpu: GuestVcpu, action: RangeOrStep, mode: StepMode) {
    this.#vcpu = vcpu;
    this.#action = action;
    this.#mode = mode;
    this.#held = mode === 'mask' ? HELD_STEPS : 0n;
  }

  /** Goes on; the exit must be looked at before `over` is. */
  advance(run: RunPiece): GuestVcpuExit {
    const before = this.#vcpu.elapsed();
    const exit = this.#interrupted === undefined ? this.#step(run) : this.#return(run, this.#interrupted);
    this.#held -= this.#vcpu.elapsed() - before;
    return exit;
  }

  /** True when the vCPU is where the step ends. */
  get over(): boolean {
    if (this.#interrupted !== undefined || !this.#begun) return false;
    const pc = this.#vcpu.pc();
    const { kind } = this.#action;
    return kind === 'step' || pc < this.#action.start || pc >= this.#action.end || this.#vcpu.waiting;
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

  #step(run: RunPiece): GuestVcpuExit {
    const { waiting } = this.#vcpu;
    const from = this.#vcpu.pc();
    // Only who comes back from a handler is compared with who was there.
    const context = this.#mode === 'over' ? this.#vcpu.context?.() : undefined;
    const holdInterruptions = this.#held > 0n && !waiting;
    // A vCPU that waits is stepped by the interruption that ends its wait.
    if (waiting || (this.#mode !== 'mask' && !this.#begun)) {
      const exit = run({ checked: false, holdInterruptions }, 0n);
      const taken = this.#vcpu.pc() !== from || waiting;
      if (taken) this.#taken(from, context);
      if (taken || exit.kind !== 'quantum') return exit;
    }
    const range = this.#action.kind === 'range' && this.#begun && this.#mode === 'mask';
    const exit =
      range && this.#action.kind === 'range'
        ? run({ checked: true, holdInterruptions, within: this.#action })
        : run({ checked: this.#begun, holdInterruptions }, 1n);
    this.#taken(from, context);
    return exit;
  }

  // What was executed may have led into a handler, which is a step like any other unless handlers are stepped over.
  #taken(from: bigint, context: string | undefined): void {
    this.#begun = true;
    if (this.#mode !== 'over') return;
    const goesOnAt = this.#vcpu.interrupted?.();
    if (goesOnAt !== undefined) this.#interrupted = { from, goesOnAt, context };
  }

  #return(run: RunPiece, { from, goesOnAt, context }: Interrupted): GuestVcpuExit {
    const there = (): boolean => this.#vcpu.pc() === goesOnAt && this.#vcpu.context?.() === context;
    // Another program at the same address must get away from it first.
    const exit =
      this.#vcpu.pc() === goesOnAt
        ? run({ checked: false, holdInterruptions: false }, 1n)
        : run({ checked: true, holdInterruptions: false, until: goesOnAt });
    if (there()) {
      this.#interrupted = undefined;
      // The instruction was not executed, but only interrupted.
      this.#begun = goesOnAt !== from;
    }
    return exit;
  }
}
