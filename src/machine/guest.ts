/** A guest as the run loop and the debugger see it; an architecture implements this. */

import type { RegisterRow, TargetDescription } from './description.ts';
import type { EventWatch } from './events.ts';
import type { StopExit, VcpuExit } from './exit.ts';
import type { GuestInput } from './inputs.ts';
import type { KeptPages } from './kept-pages.ts';
import type { QuickTests } from './quick-test.ts';
import type { FilePort } from './served-file.ts';
import type { MachineShape, StateParts } from './snapshot.ts';
import type { SymbolPort } from './symbols.ts';
import type { StorageRange, StorageWatch } from './watch.ts';

/** How a vCPU is to run. */
export interface RunOptions {
  /** Instructions at most. */
  readonly count: bigint;
  /** Ask `Guest.stops` in front of instructions. */
  readonly checked: boolean;
  /** Keep interruptions from outside away: what a debugger's step wants. */
  readonly holdInterruptions: boolean;
  /** True once the run has taken the host long; asked now and then where an architecture goes slow ways, it ends the run early. */
  readonly isOver?: () => boolean;
}

/** A vCPU of a guest. Time is counted in instructions. */
export interface GuestVcpu {
  readonly id: number;
  run(options: RunOptions): VcpuExit;
  /** Instructions that have passed for it, those included that it waited through. */
  elapsed(): bigint;
  /** Instructions that it has begun: the same number means that it is still at the same one. */
  executed(): bigint;
  /** Lets time pass for it while it waits. */
  idle(instructions: bigint): void;
  /** Lets time pass for it while it is not allowed to run. */
  pass(instructions: bigint): void;
  /** True when it would execute something now. */
  canRun(): boolean;
  /** Tells programs apart that execute the same address: mode, address space, stack. */
  context?(): string;
  /** Tells apart the address spaces that instructions are fetched from; undefined while it is in none. */
  codeSpace?(): bigint | undefined;
  /** At a handler's first instruction: the address at which what was interrupted goes on. */
  interrupted?(): bigint | undefined;
  readonly stopped: boolean;
  readonly waiting: boolean;
  /** Instructions until something of its own ends its wait. */
  untilWake(): bigint | undefined;
  /** Address of the next instruction. */
  pc(): bigint;
  /** From inside an instruction: its address. */
  instruction?(): bigint;
}

/** How a guest ended. `status` is the exit status that the program ends with. */
export interface GuestEnd {
  readonly status: 0 | 1 | 3;
  readonly message: string;
}

/** A vCPU as a debugger lists it. `id` counts from 0 and never changes. */
export interface VcpuView {
  readonly id: number;
  /** Short name, such as `CPU 3`. */
  readonly name: string;
  /** State in words: `running`, `wait`, `stopped`, with mode and address space. */
  readonly state: string;
}

/** Where checked runs end. */
export interface StopTest {
  /** What the run of a vCPU that is about to execute the instruction at `address` ends with, if it shall end there. */
  at(vcpu: GuestVcpu, address: bigint): StopExit | undefined;
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
  /** Absent where nobody can go back. */
  readonly pages?: KeptPages | undefined;
}

/** Where registers lie as 64 bits, little endian, while a vCPU is in front of an instruction: for whoever reads them often. */
export interface RegisterPlaces {
  readonly memory: WebAssembly.Memory;
  /** Address of the state of what executes on a vCPU now. */
  base(vcpu: number): number;
  /** The vCPU on which that executes whose state is at an address. */
  vcpuAt(base: number): number;
  /** The TLB that is found from there leads to storage, whose bytes are in the guest's order but for this. */
  readonly storage: 'mirrored';
  /** Offset from there; undefined for a register that does not lie so. */
  place(row: RegisterRow): number | undefined;
}

/** A whole guest, to be looked at. */
export interface Guest {
  readonly vcpus: readonly GuestVcpu[];
  readonly description: TargetDescription;
  readonly state: GuestState;
  /** The symbols of what runs in it, as far as files are at hand. */
  readonly symbols?: SymbolPort | undefined;
  /** Files that a debugger may fetch, besides those of symbols. */
  readonly files?: FilePort | undefined;
  /** How the guest ended by itself, as far as it has. */
  end(): GuestEnd | undefined;
  view(vcpu: number): VcpuView;
  /**
   * Further ids under which a debugger finds registers and storage of what is executed at another level of a vCPU, now: the number of
   * vCPUs more than the vCPU's. Absent where there are no levels. Runs and stops are the vCPU's.
   */
  further?(): readonly number[];
  readRegister(vcpu: number, row: RegisterRow): Uint8Array | undefined;
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array;
  readonly registerPlaces?: RegisterPlaces | undefined;
  /** Bytes of the instruction at an address, as a vCPU sees it now; absent where each has 4. */
  instructionLength?(vcpu: number, address: bigint): number;
  /** A number of so many bytes, where it can be had at once; undefined says nothing of whether it is there. */
  fetchQuickly?(vcpu: number, address: bigint, bytes: number): bigint | undefined;
  /** A `filterByte` for each `filterSlot`: checked runs ask `stops` about addresses by it. */
  readonly breakpointFilter: Uint8Array;
  /** Absent where nobody looks at them. */
  readonly quickTests?: QuickTests | undefined;
  stops: StopTest | undefined;
  /** The storage behind a range of addresses as a vCPU sees it now. Nothing is populated or recorded by the look. */
  storageBehind(vcpu: number, address: bigint, length: number): StorageRange;
  /** Storage by offset. */
  readStorage(at: number, length: number): Uint8Array;
  /** Who hears of accesses to storage; to be said again when it watches other frames than before. */
  watchStorage(watch: StorageWatch | undefined): void;
  /** Who hears of events; absent where none are told. */
  watchEvents?(watch: EventWatch | undefined): void;
}

/** A guest with its door, which its machine keeps to itself: all that changes a guest from outside goes through it. */
export interface OpenGuest extends Guest {
  /** Carries out an input; false, and nothing has changed, when there is no place for it. Called between turns only. */
  takeInput(input: GuestInput): boolean;
}
