import type { StopExit } from './exit.ts';

/** Something that has happened to a vCPU, besides instructions that it executed and storage that it reached. */
export interface GuestEvent {
  /** What kind of event it is: a word of the architecture's. */
  readonly kind: string;
  /** What tells events of a kind apart: a code, an order, an address. */
  readonly number: bigint;
  /** All of it in words, without the vCPU's name. */
  readonly text: () => string;
}

/** Who hears of events. */
export interface EventWatch {
  /** True when the event counts, and `met` must be asked in front of the next instruction. */
  happened(event: GuestEvent): boolean;
  /** What the run ends with between two instructions because of what was told since this was last asked. */
  met(): StopExit | undefined;
}
