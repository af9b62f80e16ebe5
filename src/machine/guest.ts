/** A guest as the run loop and the debugger see it; an architecture implements this. */

import type { RegisterRow, StopReason, SymbolPort, TargetDescription, VcpuView } from './debug-target.ts';

import type { MachineShape, StateParts } from './snapshot.ts';

/** Why a vCPU's run came back. */
export type GuestVcpuExit =
  /** It used its instructions, or left the range that it was to stay in. */
  | { readonly kind: 'quantum' }
  /** It gave the rest of its turn away, to the vCPU `to` when it said so. */
  | { readonly kind: 'yield'; readonly to?: number }
  /** It has woken the vCPU `to`, which had better run now; its own turn is not over. */
  | { readonly kind: 'signal'; readonly to: number }
  /** It waits for an interruption. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'stopped' }
  /** A breakpoint or a watched access: `Guest.debugReason` says which. */
  | { readonly kind: 'debug' }
  /** It can do no more. */
  | { readonly kind: 'crashed'; readonly message: string }
  /** The machine lacks the instruction at its PSW. */
  | { readonly kind: 'unimplemented'; readonly mnemonic: string }
  /** The machine as a whole changed: `Guest.end` may have something to say. */
  | { readonly kind: 'machine' };

/** How a vCPU is to run. */
export interface RunOptions {
  /** Instructions at most. */
  readonly count: bigint;
  /** Stop before instructions at breakpoints. */
  readonly checked: boolean;
  /** Keep interruptions from outside away: what a debugger's step wants. */
  readonly holdInterruptions: boolean;
  /** End behind the first instruction that leads out of these addresses; only in a checked run. */
  readonly within?: { readonly start: bigint; readonly end: bigint };
  /** End in front of the instruction at this address; only in a checked run. */
  readonly until?: bigint;
  /** True once the run has taken the host long; asked now and then where an architecture goes slow ways, it ends the run early. */
  readonly isOver?: () => boolean;
}

/**
 * What a step does about interruptions. `mask`: keeps those from outside away, and goes into a handler that the instruction
 * itself calls. `into`: lets them in; to be at a handler's first instruction is a step. `over`: runs handlers of all kinds
 * to their end.
 */
export type StepMode = 'mask' | 'into' | 'over';

/** A vCPU of a guest. Time is counted in instructions. */
export interface GuestVcpu {
  readonly id: number;
  run(options: RunOptions): GuestVcpuExit;
  /** Instructions that have passed for it, those included that it waited through. */
  elapsed(): bigint;
  /** Lets time pass for it while it waits. */
  idle(instructions: bigint): void;
  /** Lets time pass for it while it is not allowed to run. */
  pass(instructions: bigint): void;
  /** True when it would execute something now. */
  canRun(): boolean;
  /** Tells programs apart that execute the same address: mode, address space, stack. */
  context?(): string;
  /** At a handler's first instruction: the address at which what was interrupted goes on. */
  interrupted?(): bigint | undefined;
  readonly stopped: boolean;
  readonly waiting: boolean;
  /** Instructions until something of its own ends its wait. */
  untilWake(): bigint | undefined;
  /** Address of the next instruction. */
  pc(): bigint;
}

/** How a guest ended. `status` is the exit status that the program ends with. */
export interface GuestEnd {
  readonly status: 0 | 1 | 3;
  readonly message: string;
}

/** Something that comes from outside the machine, in words that can be kept and played again. */
export type OutsideEvent =
  | { readonly kind: 'console-input'; readonly data: Uint8Array }
  /** Something for a device, by its number: a frame, what was typed on a console of its own. */
  | { readonly kind: 'device-input'; readonly device: number; readonly data: Uint8Array };

/** A watched range. */
export interface WatchRange {
  readonly access: 'write' | 'read' | 'access';
  readonly address: bigint;
  readonly length: number;
}

/** A guest's state as the machine takes it out and puts it back. */
export interface GuestState {
  /** What the guest is made of. */
  readonly shape: MachineShape;
  readonly parts: StateParts;
  /**
   * Forgets what was found out about the state and may be old, translations above all, so that who runs on from here and
   * who is restored to here do the same. After a restore, what was made of storage goes, too.
   */
  forget(storageReplaced: boolean): void;
}

/** A whole guest. */
export interface Guest {
  readonly vcpus: readonly GuestVcpu[];
  readonly description: TargetDescription;
  readonly state: GuestState;
  /** The symbols of what runs in it, as far as files are at hand. */
  readonly symbols?: SymbolPort | undefined;
  /** How the guest ended by itself, as far as it has. */
  end(): GuestEnd | undefined;
  view(vcpu: number): VcpuView;
  readRegister(vcpu: number, row: RegisterRow): Uint8Array | undefined;
  writeRegister(vcpu: number, row: RegisterRow, bytes: Uint8Array): boolean;
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array;
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean;
  /** The addresses at which a checked run stops. */
  setBreakpoints(addresses: ReadonlySet<bigint>): void;
  setWatchpoints(ranges: readonly WatchRange[]): void;
  /** What steps do about interruptions; `mask` when it does not say. */
  readonly stepMode?: StepMode;
  /** Whether a checked run also stops where the images of `symbols` change; called before each resume. */
  followSymbols?(on: boolean): void;
  /** What the last `debug` exit of a vCPU was for. */
  debugReason(vcpu: number): StopReason;
  /** Takes in something from outside; called between turns only. */
  accept(event: OutsideEvent): void;
}
