/**
 * What a debugger front end (the GDB server) sees of a machine. No architecture and no protocol is named here: registers
 * are rows of a table, addresses are bigints in the address space that the chosen vCPU's mode selects, and everything the
 * guest does to stop is one tagged event.
 */

/** How a register's bytes are to be shown; the names are those of GDB's predefined target types. */
export type RegisterType =
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int'
  | 'code_ptr'
  | 'data_ptr'
  | 'ieee_double'
  | string;

/** A register as a debugger sees it: a row of the one table that target XML, g/G/p/P, stop replies and `monitor` use. */
export interface RegisterRow {
  readonly name: string;
  /** Width in bits, a multiple of 8. */
  readonly bits: number;
  readonly type: RegisterType;
  readonly group?: string;
  /** False for a register that GDB must not save and restore around an inferior call. */
  readonly saveRestore?: boolean;
}

/** One bit field of a flags type: bit numbers count from the least significant bit, as GDB's XML does. */
export interface FlagField {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

/** A named type that a feature defines for its registers. */
export type FeatureType =
  | { readonly kind: 'flags'; readonly id: string; readonly bytes: number; readonly fields: readonly FlagField[] }
  | { readonly kind: 'vector'; readonly id: string; readonly element: string; readonly count: number }
  | {
      readonly kind: 'union';
      readonly id: string;
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    };

/** A target-description feature: a named group of registers and the types that they use. */
export interface RegisterFeature {
  readonly name: string;
  readonly types?: readonly FeatureType[];
  readonly registers: readonly RegisterRow[];
}

/** All that a debugger must know of the guest's architecture before it can talk about it. */
export interface TargetDescription {
  /** GDB's name of the architecture, such as `s390:64-bit`. */
  readonly architecture: string;
  readonly osabi: string;
  /** Registers are numbered across the features in the order in which they stand. */
  readonly features: readonly RegisterFeature[];
  /** Names of the registers that a stop reply carries. */
  readonly expedited: readonly string[];
  /** ELF identity of the guest, from which a debugger without a file learns byte order and word size. */
  readonly elf: { readonly class: 32 | 64; readonly data: 'msb' | 'lsb'; readonly machine: number };
  readonly pcRegister: string;
  /** LLVM's name of the architecture, such as `s390x-unknown-linux-gnu`, for debuggers that go by it. */
  readonly triple: string;
}

/** A vCPU as a debugger lists it. `id` counts from 0 and never changes. */
export interface VcpuView {
  readonly id: number;
  /** Short name, such as `CPU 3`. */
  readonly name: string;
  /** State in words: `running`, `wait`, `stopped`, with mode and address space. */
  readonly state: string;
}

/** How a breakpoint or watchpoint is met. */
export type BreakpointKind = 'software' | 'hardware' | 'write' | 'read' | 'access';

/** What a vCPU shall do when the machine resumes. A vCPU without an action stays stopped. */
export type ResumeAction =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Step once, then go on while `start <= pc < end`. */
  | { readonly kind: 'range'; readonly start: bigint; readonly end: bigint };

/** Why the whole machine stopped. */
export type StopReason =
  | { readonly kind: 'breakpoint'; readonly hardware: boolean }
  /** `address` lies inside the watched range. */
  | { readonly kind: 'watchpoint'; readonly access: 'write' | 'read' | 'access'; readonly address: bigint }
  | { readonly kind: 'step' }
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

/** A file that describes a part of the guest's storage, such as its kernel. */
export interface LoadedImage {
  /** Name for `SymbolPort.content`; a file that moves gets another one, unless it is `main`. */
  readonly name: string;
  /** How far everything lies from the addresses in the file. */
  readonly displacement: bigint;
  /** Address of the file's dynamic section in the guest; 0 when it has none. */
  readonly dynamic: bigint;
  /** The guest's program itself, of which there is at most one. */
  readonly main: boolean;
}

/** Where the symbols of what runs in a guest are. All is found anew at each call. */
export interface SymbolPort {
  /** Distance of the guest's main program from its linked addresses; undefined while it is not there. */
  displacement(): bigint | undefined;
  /** What is in storage now and has a file. */
  images(): readonly LoadedImage[];
  /** The bytes of an image's file; not to be changed. */
  content(name: string): Uint8Array | undefined;
  /** A symbol of the main program, and where it lies in the guest: how a debugger that has it already is recognized. */
  readonly probe: string;
  probeAddress(): bigint | undefined;
}

/** The debugger's view of a machine. All calls are synchronous; only stops arrive later, through `onStop`. */
export interface DebugTarget {
  readonly description: TargetDescription;
  /** Absent when nothing is known of the guest's symbols. */
  readonly symbols?: SymbolPort | undefined;
  vcpus(): readonly VcpuView[];
  /** True while the guest runs. */
  readonly running: boolean;

  /**
   * Register number `index` of the description in guest byte order, or undefined when it has no value now.
   */
  readRegister(vcpu: number, index: number): Uint8Array | undefined;
  /** Sets a register; false when it cannot be written or the length is wrong, and then nothing has changed. */
  writeRegister(vcpu: number, index: number, bytes: Uint8Array): boolean;

  /** The readable prefix of `length` bytes at `address` as the vCPU would fetch them now; empty when the first byte cannot be read. No side effects. */
  readMemory(vcpu: number, address: bigint, length: number): Uint8Array;
  /** Stores all bytes, past every protection that the guest set up; false, and nothing stored, when a page is not there. */
  writeMemory(vcpu: number, address: bigint, bytes: Uint8Array): boolean;

  /** Idempotent. `length` is in bytes for a watchpoint and ignored for a breakpoint. False when the kind is not offered. */
  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean;
  /** Idempotent. */
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean;

  /** A debugger takes the machine: every vCPU stops, without a stop event. */
  attach(): void;
  /** The debugger goes: its breakpoints vanish and the guest runs on. */
  detach(): void;
  /** Lets the vCPUs named in `actions` run until a stop event, which is reported through `onStop`, never from inside this call. */
  resume(actions: ReadonlyMap<number, ResumeAction>): void;
  /** Asks a running machine to stop with reason `interrupt`. */
  interrupt(): void;
  /** Ends the guest for good. */
  kill(): void;
  /** One listener; the last call wins. */
  onStop(listener: ((event: StopEvent) => void) | undefined): void;
}

/** Where a debugger's `monitor` lines go. */
export interface MonitorPort {
  /** Carries out one line as typed; yields lines of text without line ends. The user's mistakes come back as text, too. */
  execute(line: string, vcpu: number): Iterable<string>;
}
