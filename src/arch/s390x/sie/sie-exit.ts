import type { StopExit } from '../../../machine/exit.ts';
import type { ProgramDelivered } from '../cpu/program-interruption.ts';

/** How a guest is to be run by one `enter`. */
export interface EnterOptions {
  /** Instruction count of the vCPU at which a host interruption ends the run. */
  readonly until: bigint;
  /** Look at breakpoints before each instruction. */
  readonly checked: boolean;
  /** Keep external interruptions of the guest's own timers away (single-stepping). */
  readonly holdTimers?: boolean;
}

/** Why `enter` came back. */
export type SieExit =
  /** The block's `icptcode` says what for. */
  | { readonly kind: 'intercepted' }
  /** Something that a debugger asked for has come, or the run is where it was to end. */
  | StopExit
  /** The machine has no such instruction yet; the PSW is at it. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** The guest can do nothing but take the same program interruption for ever. */
  | { readonly kind: 'interruption-loop'; readonly code: number; readonly cause: ProgramDelivered | undefined };
