/** How a machine runs. */
export interface MachineOptions {
  /** Idle guests jump to their next event, or wait for it. */
  readonly clock: 'virtual' | 'real';
  /** The host's monotonic clock in milliseconds: decides when the socket is served, and nothing that a guest can see. */
  readonly now: () => number;
  /** Instructions in a microsecond of guest time, for idling in real time. */
  readonly instructionsPerMicrosecond: number;
}
