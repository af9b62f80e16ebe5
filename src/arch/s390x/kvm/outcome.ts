import type { VcpuExit } from '../../../machine/exit.ts';
import type { InterruptionDetails } from '../cpu/program-interruption.ts';

/** How an interception, or a service that user space was asked for, ended. */
export type Outcome =
  /** The guest goes on. */
  | { readonly kind: 'resume' }
  /** It goes on, with a condition code. */
  | { readonly kind: 'cc'; readonly cc: number }
  /** The instruction ends with a program interruption. */
  | ProgramOutcome
  /** The vCPU's run ends. */
  | { readonly kind: 'exit'; readonly exit: VcpuExit };

/**
 * A program interruption with what is stored for it. Where `details` say whether the instruction is nullified, the PSW is
 * what the old PSW shall be; else it is set back to an instruction whose code nullifies it.
 */
export interface ProgramOutcome {
  readonly kind: 'pgm';
  readonly code: number;
  readonly details?: InterruptionDetails;
}

export const resume: Outcome = { kind: 'resume' };

const conditionCodes: readonly Outcome[] = [0, 1, 2, 3].map((cc) => ({ kind: 'cc', cc }));

/** `cc` is 0 to 3. */
export function conditionCode(cc: number): Outcome {
  return conditionCodes[cc] ?? { kind: 'cc', cc };
}

export function program(code: number, details?: InterruptionDetails): ProgramOutcome {
  return details === undefined ? { kind: 'pgm', code } : { kind: 'pgm', code, details };
}

/** Ends the run. */
export function leave(exit: VcpuExit): Outcome {
  return { kind: 'exit', exit };
}

export function crashed(message: string): Outcome {
  return leave({ kind: 'crashed', message });
}

/** The external-new PSW lets the interruption in again that leads to it. */
export const externalLoop: VcpuExit = {
  kind: 'crashed',
  message: 'external-interruption loop: the new PSW is enabled for it',
};
