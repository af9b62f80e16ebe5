/**
 * What a debugger front end (the GDB server) sees of a machine. No architecture and no protocol is named here: registers
 * are rows of a table, addresses are bigints in the address space that the chosen vCPU's mode selects, and everything the
 * guest does to stop is one tagged event.
 */

import type { Beginning, HistoryCounts } from '../history/figures.ts';
import type { StepMode } from '../machine/course.ts';
import type { TargetDescription } from '../machine/description.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { VcpuView } from '../machine/guest.ts';
import type { FilePort } from '../machine/served-file.ts';
import type { SymbolPort } from '../machine/symbols.ts';
import type { Catches } from './catches.ts';
import type { TracePort } from './traces/trace-port.ts';

export type * from './traces/trace-port.ts';

/** How a breakpoint or watchpoint is met. */
export type BreakpointKind = 'software' | 'hardware' | 'write' | 'read' | 'access';

/** What a vCPU shall do when the machine resumes. A vCPU without an action stays stopped. */
export type ResumeAction =
  | { readonly kind: 'continue' }
  | { readonly kind: 'step' }
  /** Step once, then go on while `start <= pc < end`. */
  | { readonly kind: 'range'; readonly start: bigint; readonly end: bigint };

/** What a debugger wants done where a breakpoint is, as agent expressions. */
export interface AgentCommands {
  /** Any that holds counts; none at all holds. */
  readonly conditions: readonly Uint8Array[];
  /** Carried out in place of a stop. */
  readonly commands: readonly Uint8Array[];
}

/** The debugger's view of a machine. All calls are synchronous; only stops arrive later, through `onStop`. */
export interface DebugTarget {
  readonly description: TargetDescription;
  /** Absent when nothing is known of the guest's symbols. */
  readonly symbols?: SymbolPort | undefined;
  /** Files that a front end may serve. */
  readonly files?: FilePort | undefined;
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

  /**
   * Idempotent. `length` is in bytes for a watchpoint and ignored for a breakpoint. A watchpoint means the storage behind its
   * addresses as `vcpu` sees it. `agent` is for breakpoints, and replaces what was given before. False when the kind is not
   * offered.
   */
  insertBreakpoint(kind: BreakpointKind, address: bigint, length: number, vcpu: number, agent?: AgentCommands): boolean;
  /** Idempotent. */
  removeBreakpoint(kind: BreakpointKind, address: bigint, length: number): boolean;

  /** A debugger takes the machine: every vCPU stops, without a stop event. */
  attach(): void;
  /** The debugger goes: its breakpoints vanish and the guest runs on. */
  detach(): void;
  /** Lets the vCPUs named in `actions` run until a stop event, which is reported through `onStop`, never from inside this call. */
  resume(actions: ReadonlyMap<number, ResumeAction>): void;
  /**
   * Goes back, to the last breakpoint or watchpoint or by one instruction of a vCPU, until a stop event as `resume` does: with the
   * reason `history-begin` when there is no such place.
   */
  reverse(kind: 'continue' | 'step', vcpu: number): void;
  /** Asks a running machine to stop with reason `interrupt`. */
  interrupt(): void;
  /** Ends the guest for good. */
  kill(): void;
  /** One listener; the last call wins. */
  onStop(listener: ((event: StopEvent) => void) | undefined): void;
  /** As `Past.straightRuns`; undefined when nothing is kept of the past. */
  straightRuns(vcpu: number, most: number): readonly StraightRun[] | undefined;
  /** Absent where nothing can be traced. */
  readonly traces?: TracePort | undefined;
  /** Who takes what commands of breakpoints print while the guest runs; the last call wins. */
  onPrint(listener: ((text: string) => void) | undefined): void;
}

/** An address space in which alone a breakpoint counts. */
export interface SpaceLimit {
  /** What `GuestVcpu.codeSpace` calls it. */
  readonly space: bigint;
  /** What the user called it. */
  readonly name: bigint;
}

/** When a watchpoint counts: looked at behind the access. */
export interface WatchCondition {
  /** As the user said it. */
  readonly text: string;
  /** By what the watched bytes hold as one unsigned number, or by an agent expression. */
  readonly holds: ((value: bigint) => boolean) | Uint8Array;
}

/** What lets hits of a breakpoint pass. */
export interface HitLimit {
  /** The one vCPU for which it counts; undefined for all. */
  vcpu: number | undefined;
  /** Hits that do not stop yet. */
  ignored: number;
}

/** Storage that was written, as a whole before and behind that. */
export interface Write {
  /** When the instruction began that did it, or when it came from outside. */
  readonly at: bigint;
  /** Undefined for what no vCPU did. */
  readonly vcpu: number | undefined;
  /** Address of the instruction, where the architecture says. */
  readonly instruction: bigint | undefined;
  /** Of the first byte. */
  readonly address: bigint;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

/** Instructions that a vCPU has executed one behind the other in storage. */
export interface StraightRun {
  /** Addresses of the first and of the last instruction. */
  readonly first: bigint;
  readonly last: bigint;
  /** When the last one began. */
  readonly at: bigint;
}

/** Writes, newest first, and the time from which on all of them are known. */
export interface Writers {
  readonly writes: readonly Write[];
  readonly searchedFrom: bigint;
}

/** A guest's past for the commands of a user. Times count instructions that have passed for the machine. */
export interface Past {
  readonly time: bigint;
  /** True when that is not the present. */
  readonly isPast: boolean;
  readonly beginning: Beginning;
  /** Time of the present. */
  readonly end: bigint;
  readonly counts: HistoryCounts;
  /** Times that a user has named. */
  readonly names: Map<string, bigint>;
  /** What came where the past was changed, oldest first. */
  readonly timelines: readonly { readonly name: string; readonly from: bigint; readonly to: bigint }[];
  /** The next resume leads to the end of a timeline; false when there is none of that name. */
  follow(name: string): boolean;
  /** Where the next resume leads to, in place of what it is asked for. */
  goal: bigint | undefined;
  /** The last writes into bytes as a vCPU sees them now; takes as long as it takes to find them. */
  writers(vcpu: number, address: bigint, length: number, most: number): Writers;
  /** The last straight runs of a vCPU, newest first, between which it has branched or was interrupted. */
  straightRuns(vcpu: number, most: number): readonly StraightRun[];
  /** Lets tracepoints collect what they would have from a time on; false when that takes too long. */
  retrace(from: bigint): boolean;
}

/** What a user sets of the debugger by other ways than a front end's packets. */
export interface DebugSettings {
  /** What steps do about interruptions. */
  stepMode: StepMode;
  /** Breakpoints by address that count in one address space only. */
  readonly limits: Map<bigint, SpaceLimit>;
  /** Conditions on watchpoints, by the address of the first byte that is watched. */
  readonly watchConditions: Map<bigint, WatchCondition>;
  /** Breakpoints by address that count for one vCPU only, or not yet. */
  readonly hitLimits: Map<bigint, HitLimit>;
  /** Events that stop the guest. */
  readonly catches: Catches;
  /** Absent when nothing is kept of it. */
  readonly past?: Past | undefined;
  /** Absent where nothing can be traced. */
  readonly traces?: TracePort | undefined;
}

/** Where a debugger's `monitor` lines go. */
export interface MonitorPort {
  /** Carries out one line as typed; yields lines of text without line ends. The user's mistakes come back as text, too. */
  execute(line: string, vcpu: number): Iterable<string>;
}
