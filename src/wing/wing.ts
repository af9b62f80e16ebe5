/** An architecture as the program sees it: one value, and this is its shape. */

import type { ByteOrder } from '../bits/byte-order.ts';
import type { Result } from '../bits/result.ts';
import type { PiecewiseFile } from '../image/elf-core-reader.ts';
import type { SymbolSources } from '../image/symbol-sources.ts';
import type { Arch, Interpreter } from '../machine/arch.ts';
import type { DirtyLog } from '../machine/dirty-log.ts';
import type { OpenGuest } from '../machine/guest.ts';
import type { GuestStorage } from '../machine/storage.ts';
import type { CommandRow } from '../monitor/command.ts';
import type { GuestDevice } from '../virtio/devices.ts';

/**
 * Takes what the guest's consoles show; the bytes are not kept by the caller. `from` tells the consoles of a guest apart
 * and is nothing else.
 */
export type ConsoleOutput = (bytes: Uint8Array, from: string) => void;

/** Makes the engine for an architecture's instructions; `filter` is the address of the breakpoint filter in `memory`. */
export type BuildEngine = (arch: Arch, memory: WebAssembly.Memory, filter: number) => Interpreter;

/** How a virtual machine is called. */
export interface GuestIdentity {
  readonly name?: string | undefined;
  /** 16 bytes. */
  readonly uuid?: Uint8Array | undefined;
}

/** What a guest is made with. */
export interface GuestOptions {
  /** Bytes of guest storage, whole mebibytes. */
  readonly memory: number;
  readonly vcpus: number;
  /** A CPU model that `Wing.cpuRefusal` lets pass; the best that there is when not given. */
  readonly cpu?: string;
  /** One of `Wing.byteOrders`, the first of them when not given: accesses in it cost least. No guest can tell. */
  readonly byteOrder?: ByteOrder;
  readonly engine: BuildEngine;
  readonly console: ConsoleOutput;
  /** Devices; none when not given. Their numbers must differ. */
  readonly devices?: readonly GuestDevice[];
  readonly identity?: GuestIdentity;
  /** What happens when the guest's watchdog strikes: a restart of the guest's own kind, a reset, or its end; `reset` when not given. */
  readonly watchdog?: 'restart' | 'reset' | 'stop';
  /** What the guest's clock shows when it begins, in milliseconds since 1970; the same in every run when not given. */
  readonly date?: number;
}

/** What is to be booted. */
export interface BootRequest {
  /** The file's bytes. */
  readonly image: Uint8Array;
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine?: string | undefined;
}

/** What was booted. */
export interface Booted {
  /** One line for people: what was loaded where. */
  readonly description: string;
}

/** The user's mistake, found by a wing: a stable code, and a message that says what to do. */
export interface BootRefusal {
  readonly code: string;
  readonly message: string;
}

/** A guest that somebody has saved: what its file holds, which is known to the architecture. */
export interface Dump {
  readonly memory: number;
  readonly vcpus: number;
  /** One line for people. */
  readonly description: string;
}

/** A guest, and what the program needs of it that a machine and a debugger do not. */
export interface BuiltGuest<G extends OpenGuest = OpenGuest> {
  readonly guest: G;
  /** Its monitor commands, for this guest alone. */
  readonly commands: readonly CommandRow<G>[];
  /**
   * Boots an image, and boots it again whenever the guest asks for that; `again` is told then. `request` says each time what is
   * booted, or why it cannot be had any more, and is forgotten.
   */
  boot(request: () => Result<BootRequest, BootRefusal>, again: () => void): Result<Booted, BootRefusal>;
  /** Puts a dump of `openDump` into the guest, which is as it was made. It does not run: its devices are not there. */
  restore(dump: Dump): void;
  /** Says that the guest is the Linux kernel of these files, or will be. */
  useSymbols(sources: SymbolSources): void;
  /** What moves when the guest moves to another machine; absent where guests cannot. */
  readonly moving?: { readonly storage: GuestStorage; readonly dirtyLog: DirtyLog } | undefined;
  /** Where each vCPU is, for people: a line for each that ever ran or could. */
  positions(): Iterable<string>;
  /** Everything that a report of a fault needs. */
  dump(): Iterable<string>;
}

/** What Debian's Linux for an architecture is called, and how it reaches its console. */
export interface DebianPort {
  readonly architecture: string;
  /** The package that always depends on the newest kernel. */
  readonly kernelPackage: string;
  /** How the kernel's file begins, such as `vmlinuz`, in front of a hyphen and its release. */
  readonly kernelFile: 'vmlinuz' | 'vmlinux';
  /** The CPU model that its programs are made for, where the usual one is older. */
  readonly cpu?: string;
  /** Kernel parameters that are always given. */
  readonly commandLine: string;
  /** Path of the console that a shell runs on. */
  readonly consoleDevice: string;
}

/** What guests of an architecture cannot be given, each with why, in words. */
export interface Lacks {
  readonly devices: string;
  readonly watchdog: string;
  /** Symbols of modules that the user names, served to gdb. */
  readonly modules: string;
}

/** An architecture. */
export interface Wing<G extends OpenGuest = OpenGuest> {
  /** As messages name it, such as `s390x`. */
  readonly name: string;
  /** The image of its demo guest, by its path among the guests. */
  readonly demo: string;
  /** Values of `e_machine` in ELF files that are for it. */
  readonly elfMachines: readonly number[];
  /** In which orders guests may have their numbers in storage, the usual one first. */
  readonly byteOrders: readonly ByteOrder[];
  /** True when it also boots images that are no ELF files. */
  readonly rawImages: boolean;
  /** Debian's port to it, if there is one. */
  readonly debian?: DebianPort;
  /** Absent where a guest can be given all that there is. */
  readonly lacks?: Lacks;
  /** vCPUs at most. */
  readonly mostVcpus: number;
  /** Why there is no such CPU model, and what there is, in words; undefined when there is. */
  cpuRefusal(text: string): string | undefined;
  /** Why a guest cannot have so many bytes of storage, in words; undefined when it can. Absent where any whole mebibytes will do. */
  memoryRefusal?(bytes: number): string | undefined;
  /** Instructions in a microsecond of guest time. */
  readonly instructionsPerMicrosecond: number;
  /**
   * What tells a kernel's file with symbols from the image that it is given for; undefined when they are of one build, or when
   * the image does not say.
   */
  differentBuild(image: Uint8Array, symbols: Uint8Array): string | undefined;
  /** Opens a dump of a guest; undefined when the file is none of this architecture's. The file is read when it is restored. */
  openDump(file: PiecewiseFile): Result<Dump, BootRefusal> | undefined;
  /** Makes a guest without an image, which does not run. Throws a `RangeError` when the host has no room for its storage. */
  build(options: GuestOptions): BuiltGuest<G>;
}
