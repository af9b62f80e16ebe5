import type { DebugTarget, MonitorPort, ResumeAction } from '../debug/target.ts';
import type { StopEvent } from '../machine/exit.ts';
import type { PacketRow } from './packet.ts';
import type { RegisterFile } from './registers.ts';
import type { Reply } from './reply.ts';
import type { ThreadId } from './threads.ts';
import type { FileServer } from './vfile.ts';

/** What a client said it can do (gdb doc, "General Query Packets", qSupported), by name without the sign. */
export interface ClientFeatures {
  has(name: string): boolean;
}

/** The documents that the server makes up, by what a client asks for. */
export interface Documents {
  readonly targetXml: Uint8Array;
  /** The name under which vFile serves the ELF header. */
  readonly execPath: string;
}

/** What a packet's handler may use. It lives as long as the client's connection. */
export interface PacketContext {
  readonly target: DebugTarget;
  readonly monitor: MonitorPort;
  readonly registers: RegisterFile;
  readonly rows: readonly PacketRow[];
  readonly documents: Documents;
  readonly files: FileServer;
  readonly client: ClientFeatures;
  /** True when thread ids are written `pPID.TID`. */
  readonly multiprocess: boolean;
  /** The last stop, or undefined when the machine only stopped because the client came. */
  readonly lastStop: StopEvent | undefined;
  /** True after a detach or kill. */
  readonly gone: boolean;
  /** The vCPU of `g`, `m` and the like: set by `Hg`, and by every stop. */
  vcpu: number;
  /** The thread of `c` and `s`: set by `Hc`. */
  resumeThread: ThreadId;
  /** The thread list that qXfer:threads is reading. */
  threadList: Uint8Array;
  /** The client wants branches to be told, and those that qXfer:btrace is reading. */
  btrace: boolean;
  runs: Uint8Array;
  /** What is still to be said of a list of tracepoints or variables. */
  listed: string[];
  /** The image list that qXfer:libraries-svr4 is reading. */
  imageList: Uint8Array;
  /** The client was told that its program is the guest's main image, so that it reads that by itself. */
  toldMain: boolean;
  /** The guest's main image was in a list of images that the client got. */
  listedMain: boolean;
  /** Where the client's own symbols have the probe of the target's `SymbolPort`; undefined when they have none. */
  probed: bigint | undefined;
  /** The client has asked what the host is, as lldb does and gdb does not. */
  askedHost: boolean;

  /** Takes the client's list of abilities. */
  learnClient(features: readonly string[]): void;
  /** No acknowledgements from the next packet on. */
  stopAcks(): void;
  /** Lets vCPUs run; the stop reply will answer the packet. */
  resume(actions: ReadonlyMap<number, ResumeAction>): Reply;
  /** Lets the machine go back; the stop reply will answer the packet. */
  reverse(kind: 'continue' | 'step'): Reply;
  /** Shows one line of text in the client at once; only from within qRcmd. */
  say(line: string): void;
  /** Reports an exception, which is a fault of ours, where the client is told of it in another way than by an error reply. */
  fault(fault: unknown): void;
  /** Lets the machine run on without this client. */
  detach(): void;
  /** Ends the guest for good. */
  kill(): void;
  /** Closes the connection when what was written is out. */
  hangUp(): void;
}
