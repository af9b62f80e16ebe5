/** Instructions that a control of the state description hands over before anything else of them is looked at. */

import { ictl } from '../../sie/state-description.ts';
import type { Sem } from '../sem.ts';
import { interceptIf } from './interception.ts';

/** Bits of `ictl` by mnemonic. Those of other instructions stand in their rows, behind what is checked before. */
const first: Readonly<Record<string, number>> = {
  PC: ictl.pc,
  PT: ictl.pt,
  PTI: ictl.pt,
  BSA: ictl.bsa,
  BSG: ictl.bsa,
  PR: ictl.pr,
  BAKR: ictl.bakr,
};

/** The same for instructions that must be privileged to be handed over. */
const ifPrivileged: Readonly<Record<string, number>> = { LASP: ictl.lasp };

/** Records the interception of an instruction by its control, if it has one of these. */
export function interceptByControl($: Sem, mnemonic: string): void {
  const privileged = ifPrivileged[mnemonic];
  if (privileged !== undefined) $.privileged();
  const control = privileged ?? first[mnemonic];
  if (control !== undefined) interceptIf($, control);
}
