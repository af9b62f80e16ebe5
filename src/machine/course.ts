import type { VcpuExit } from './exit.ts';
import type { RunOptions } from './guest.ts';

/** Runs a piece of a vCPU's turn; of `most` instructions at most, when it is given. */
export type RunPiece = (how: Omit<RunOptions, 'count'>, most?: bigint) => VcpuExit;

/** A way on which a vCPU goes that has an end of its own, such as a step. */
export interface Course {
  /** Goes on; the exit must be looked at before `over` is. */
  advance(run: RunPiece): VcpuExit;
  /** True when the vCPU is where the course ends. */
  readonly over: boolean;
}
