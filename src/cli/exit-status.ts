/** How the program ends. */
export const exitStatus = {
  /** The guest stopped itself. */
  done: 0,
  /** The guest crashed. */
  crashed: 1,
  /** The user's mistake. */
  usage: 2,
  /** Our fault, an unimplemented instruction included. */
  fault: 3,
  /** The guest crashed, or a fault of ours ended it, and it lies in the file that was named for that. */
  kept: 4,
  /** Nobody reads standard output any more: what a shell says of SIGPIPE. */
  outputClosed: 141,
} as const;

/** Signals that end the program, with what a shell makes of them. */
export const signalStatus = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A signal that ends the program. */
export type EndSignal = keyof typeof signalStatus;

/** All of them. */
export const endSignals: readonly EndSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];
