/** What a decimal operation is told and answers besides what all do (PoP, "Quantum Exception"). */

import { type Environment, ieee, type Outcome } from '../environment.ts';

/** The state a decimal operation depends on. */
export interface DecimalEnvironment extends Environment {
  /** A quantum that is not the preferred one is an exception. */
  readonly watchesQuantum: boolean;
}

/** An outcome whose quantum is preferred, or is not: that is a flag or a trap of its own, unless there is a trap already. */
export function withQuantum(env: DecimalEnvironment, outcome: Outcome, preferred: boolean): Outcome {
  if (preferred || !env.watchesQuantum || outcome.dxc !== 0) return outcome;
  if ((env.masks & ieee.quantum) !== 0) return { ...outcome, dxc: ieee.quantum };
  return { ...outcome, flags: outcome.flags | ieee.quantum };
}
