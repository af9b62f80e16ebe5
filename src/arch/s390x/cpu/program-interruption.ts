/** Program interruptions, before and after they are delivered. */

import type { PerEvents } from './per.ts';

/** A program interruption on its way: what will be stored for it. */
export interface ProgramInterruption {
  readonly code: number;
  /** Instruction length in bytes. */
  readonly ilc: number;
  /** True when the PSW stays at the instruction. */
  readonly nullified: boolean;
  readonly teid?: bigint;
  readonly exceptionAccessId?: number;
  readonly operandAccessId?: number;
  readonly dxc?: number;
  readonly monitorClass?: number;
  readonly monitorCode?: bigint;
  /** Program events, which the code tells of, too. */
  readonly per?: PerEvents;
  /** Transaction diagnostic block, of one that has aborted a transaction. */
  readonly tdb?: Uint8Array | undefined;
}

/** A program interruption that a guest has got, as a report of how it ended wants it. */
export interface ProgramDelivered {
  readonly code: number;
  /** Address of the instruction, and of the last branch before it. */
  readonly address: bigint;
  readonly lastBreak: bigint;
  /** Instructions that the vCPU had begun. */
  readonly executed: bigint;
  /** Set when it is one of a loop, with what led into that. */
  readonly loop?: { readonly cause: ProgramDelivered | undefined };
}

/** What a raiser adds to the code. */
export type InterruptionDetails = Partial<Omit<ProgramInterruption, 'code'>>;
