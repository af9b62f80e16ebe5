/** How runs end: of one vCPU, and of the machine. Whatever ends one carries what its reader needs with it. */

/** Why the whole machine stopped. */
export type StopReason =
  | { readonly kind: 'breakpoint'; readonly hardware: boolean }
  /** `address` lies inside the watched range. */
  | { readonly kind: 'watchpoint'; readonly access: 'write' | 'read' | 'access'; readonly address: bigint }
  /** Events that were caught; `said` tells them in words. The vCPU is behind what made them. */
  | { readonly kind: 'event'; readonly said: string }
  /** `note` says in words what a user would not expect of it; `front`: it ended in front of an instruction that was looked for. */
  | { readonly kind: 'step'; readonly note?: string; readonly front?: boolean }
  /** The machine is where its history begins. */
  | { readonly kind: 'history-begin' }
  /** The machine is where nothing is to come any more: what it did is at hand as a recording alone. */
  | { readonly kind: 'history-end' }
  | { readonly kind: 'interrupt' }
  /** The images of `SymbolPort` have changed; a debugger looks at them and lets the machine go on by itself. */
  | { readonly kind: 'images' }
  /** The guest ended or can go no further; `message` says how in words. Storage and registers can still be read. */
  | { readonly kind: 'guest-ended'; readonly message: string };

/** A stop of the machine: every vCPU is at rest when it is reported. */
export interface StopEvent {
  readonly vcpu: number;
  readonly reason: StopReason;
}

/** True for a stop that a debugger asked for, and not a course that is over. */
export function isStop({ reason }: StopEvent): boolean {
  return reason.kind !== 'step' || reason.front === true;
}

/** Why a vCPU's run came back. */
export type VcpuExit =
  /** It used its instructions, or left the range that it was to stay in. */
  | { readonly kind: 'quantum' }
  /** It gave the rest of its turn away, to the vCPU `to` when it said so. */
  | { readonly kind: 'yield'; readonly to?: number }
  /** It has woken the vCPU `to`, which had better run now; its own turn is not over. */
  | { readonly kind: 'signal'; readonly to: number }
  /** It waits for an interruption. */
  | { readonly kind: 'wait' }
  /** It is in the stopped state. */
  | { readonly kind: 'stopped' }
  /** Something that a debugger asked for has come. */
  | {
      readonly kind: 'debug';
      readonly reason: StopReason;
      /** What the run would have come back with had nobody asked for a stop: who runs next follows from it all the same. */
      readonly inPlaceOf?: Extract<VcpuExit, { readonly kind: 'yield' | 'signal' }>;
    }
  /** It can do no more; `message` says why in words. */
  | { readonly kind: 'crashed'; readonly message: string }
  /** The machine lacks the instruction at its instruction address. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** The machine as a whole changed: `Guest.end` may have something to say. */
  | { readonly kind: 'machine' };

/** What a run ends with in front of an instruction that it must not execute. */
export type StopExit = Extract<VcpuExit, { readonly kind: 'debug' | 'quantum' }>;
