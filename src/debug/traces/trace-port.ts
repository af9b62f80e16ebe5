/** What a debugger front end sees of tracepoints: definitions, a run that collects, and frames to look at afterwards. */

/** What a tracepoint collects. */
export type TraceAction =
  /** Registers by the bits of a mask, register 0 in the rightmost one. */
  | { readonly kind: 'registers'; readonly mask: bigint }
  /** Bytes at a number, or at a register's value plus a number. */
  | { readonly kind: 'memory'; readonly base: number | undefined; readonly offset: bigint; readonly length: number }
  /** An agent expression that collects by itself. */
  | { readonly kind: 'expression'; readonly text: Uint8Array };

/** What is done where a tracepoint is met. */
export interface Tracepoint {
  readonly number: number;
  readonly address: bigint;
  enabled: boolean;
  /** Instructions of the vCPU that are stepped through behind it, each with a frame of its own. */
  readonly steps: number;
  /** The run ends with this hit; 0 for never. */
  readonly passes: number;
  readonly condition: Uint8Array | undefined;
  readonly actions: TraceAction[];
  readonly stepActions: TraceAction[];
  /** What a debugger wants to hear again when it comes back, as it said it. */
  readonly told: string[];
  hits: number;
  /** Bytes that its frames take. */
  bytes: number;
}

/** A trace state variable. */
export interface TraceVariable {
  readonly number: number;
  readonly initial: bigint;
  /** As hex of a name. */
  readonly name: string;
  value: bigint;
}

/** Why a run is over; `new`: there was none. */
export type TraceEnd =
  | { readonly kind: 'new' | 'stopped' | 'full' }
  | { readonly kind: 'passes'; readonly tracepoint: number };

/** How a run is going. */
export interface TraceStatus {
  readonly running: boolean;
  readonly end: TraceEnd;
  readonly frames: number;
  /** Frames that were made, those included that had to go. */
  readonly created: number;
  readonly size: number;
  readonly free: number;
  readonly circular: boolean;
  readonly disconnected: boolean;
}

/** What a frame holds of a guest: nothing of the rest can be read. */
export interface TraceView {
  readRegister(vcpu: number, index: number): Uint8Array | undefined;
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array;
  variable(number: number): bigint | undefined;
  readonly pieces: readonly { readonly address: bigint; readonly length: number }[];
  readonly variables: readonly number[];
}

/** Which frame is looked for, behind the one that is looked at. */
export type FrameWish =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'tracepoint'; readonly tracepoint: number }
  | { readonly kind: 'range'; readonly first: bigint; readonly last: bigint; readonly inside: boolean };

/** Tracepoints of a machine. */
export interface TracePort {
  /** Forgets definitions and frames. */
  clear(): void;
  /** False when there is one of the same number at the address. */
  define(point: Pick<Tracepoint, 'number' | 'address' | 'enabled' | 'steps' | 'passes' | 'condition'>): boolean;
  enable(number: number, address: bigint, on: boolean): void;
  point(number: number, address: bigint): Tracepoint | undefined;
  readonly points: readonly Tracepoint[];
  defineVariable(variable: Omit<TraceVariable, 'value'>): void;
  readonly variables: readonly TraceVariable[];
  /** Begins a run with an empty buffer. */
  start(): void;
  stop(): void;
  readonly status: TraceStatus;
  setBuffer(how: {
    readonly size?: number | undefined;
    readonly circular?: boolean;
    readonly disconnected?: boolean;
  }): void;
  /** Looks at another frame; its number and its tracepoint's, or undefined when there is none and none is looked at. */
  find(wish: FrameWish): { readonly number: number; readonly tracepoint: number } | undefined;
  /** Looks at the guest again. */
  leave(): void;
  /** The frame that is looked at. */
  readonly view: TraceView | undefined;
  /** All frames one behind the other, as gdb's trace files have them. */
  raw(offset: number, length: number): Uint8Array;
}
