import type { Stateful } from '../bits/stateful.ts';
import type { VcpuExit } from './exit.ts';
import type { GuestVcpu, RunOptions } from './guest.ts';

/** Runs a piece of a vCPU's turn; of `most` instructions at most, when it is given. */
export type RunPiece = (how: Omit<RunOptions, 'count'>, most?: bigint) => VcpuExit;

/**
 * What a step does about interruptions. `mask`: keeps those from outside away, and goes into a handler that the instruction
 * itself calls. `into`: lets them in; to be at a handler's first instruction is a step. `over`: runs handlers of all kinds
 * to their end.
 */
export type StepMode = 'mask' | 'into' | 'over';

/** A course in words: one step, or steps for as long as the vCPU is inside a range of addresses. */
export type CoursePlan =
  | { readonly kind: 'step'; readonly mode: StepMode }
  | { readonly kind: 'range'; readonly start: bigint; readonly end: bigint; readonly mode: StepMode };

/** A way on which a vCPU goes that has an end of its own, such as a step. What is saved is how far it has come. */
export interface Course extends Stateful<unknown> {
  readonly plan: CoursePlan;
  /** Goes on; the exit must be looked at before `over` is. */
  advance(run: RunPiece): VcpuExit;
  /** True when the vCPU is where the course ends. */
  readonly over: boolean;
}

/** Makes a course that a vCPU is to begin. */
export type CourseMaker = (vcpu: GuestVcpu, plan: CoursePlan) => Course;
