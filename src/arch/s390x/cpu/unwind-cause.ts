import type { StopExit } from '../../../machine/exit.ts';
import type { Gpa } from '../dat/address.ts';
import type { HostFault } from './explain.ts';
import type { ProgramInterruption } from './program-interruption.ts';

/** Why generated code was left in the middle of an instruction. */
export type UnwindCause =
  | { readonly kind: 'program'; readonly interruption: ProgramInterruption }
  /** SUPERVISOR CALL; the PSW is past it. */
  | { readonly kind: 'svc'; readonly number: number; readonly ilc: number }
  /**
   * An instruction that the hypervisor wants; the PSW is past it unless `retry`. Table entries come with MOVE PAGE, a reason
   * with what makes the state description not valid.
   */
  | {
      readonly kind: 'intercept';
      readonly code: number;
      readonly retry?: boolean;
      readonly reason?: number;
      readonly entries?: readonly [first: bigint, second: bigint];
    }
  /** START INTERPRETIVE EXECUTION of the state description at an absolute address. The PSW is at it. */
  | { readonly kind: 'sie'; readonly block: Gpa; readonly ilc: number }
  /** An access of a guest's guest that is its host's to resolve. The PSW is at the instruction. */
  | { readonly kind: 'host'; readonly fault: HostFault; readonly ilc: number }
  /** An instruction that the facility list promises and nobody wrote yet. The PSW is at it. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** The instruction has given the vCPU another PSW, from which it goes on. */
  | { readonly kind: 'redirected' }
  /** The run ends here. The PSW is at the instruction, which was not begun. */
  | { readonly kind: 'stop'; readonly exit: StopExit };
