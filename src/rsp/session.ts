import createDebug from 'debug';
import type { DebugTarget, MonitorPort, ResumeAction } from '../debug/target.ts';
import type { StopEvent, StopReason } from '../machine/exit.ts';
import { bytesFile } from '../machine/served-file.ts';
import type { Documents, PacketContext } from './context.ts';
import type { Library } from './documents.ts';
import { Deframer, decodeBody, type Frame } from './framing.ts';
import { Inbox, type Incoming } from './inbox.ts';
import type { Catalogue, PacketRow } from './packet.ts';
import type { RegisterFile } from './registers.ts';
import { errorCode, NONE, type Reply, refused, text, UNSUPPORTED } from './reply.ts';
import { stopReply } from './stop-reply.ts';
import type { ThreadId } from './threads.ts';
import { FileServer } from './vfile.ts';
import { type Sink, shown, Wire } from './wire.ts';

const log = createDebug('guestscope:rsp:session');
const logPacket = createDebug('guestscope:rsp:packet');

/** Output of the guest's console that came while the machine was halted is kept up to here. */
const MAX_HELD_OUTPUT = 0x10000;

/** A source of what the guest prints, to be shown in the debugger while the guest runs. */
export interface ConsolePort {
  /** Calls `listener` with each piece of output until the returned function is called. The bytes are not changed afterwards. */
  subscribe(listener: (bytes: Uint8Array) => void): () => void;
}

/** What a session is made of. */
export interface SessionParts {
  readonly target: DebugTarget;
  readonly monitor: MonitorPort;
  readonly console?: ConsolePort | undefined;
  readonly catalogue: Catalogue;
  readonly registers: RegisterFile;
  readonly library: Library;
  readonly sink: Sink;
  /** Asks for the machine, which one client has at a time, when the first packet comes. */
  readonly claim: () => boolean;
  /** Told of exceptions, which are faults of ours; the client gets an error reply and the session goes on. */
  readonly onFault?: ((fault: unknown) => void) | undefined;
}

/**
 * `mute`: no packet has come yet. `halted`: packets are answered. `running`: a resume is outstanding and packets wait, but for
 * an interrupt, unless one is on its way. `gone`: detached or killed. `refused`: another client has the machine.
 */
type State =
  | { readonly kind: 'mute' }
  | { readonly kind: 'halted'; readonly stop: StopEvent | undefined }
  | { readonly kind: 'running'; interrupted: boolean }
  | { readonly kind: 'gone' }
  | { readonly kind: 'refused' };

const BUSY = 'E.another debugger is attached to this machine';

const ANY_THREAD: ThreadId = { process: 'any', thread: 'any' };

/** One client from its coming to its going; knows bytes, but no sockets. */
export class Session implements PacketContext {
  readonly target: DebugTarget;
  readonly monitor: MonitorPort;
  readonly registers: RegisterFile;
  readonly documents: Documents;
  readonly files: FileServer;
  readonly rows: readonly PacketRow[];
  vcpu: number;
  resumeThread: ThreadId = ANY_THREAD;
  threadList: Uint8Array = new Uint8Array(0);
  btrace = false;
  runs: Uint8Array = new Uint8Array(0);
  listed: string[] = [];
  imageList: Uint8Array = new Uint8Array(0);
  toldMain = false;
  listedMain = false;
  probed: bigint | undefined;
  askedHost = false;

  readonly #parts: SessionParts;
  readonly #wire: Wire;
  readonly #deframer = new Deframer();
  readonly #inbox = new Inbox();
  #unsubscribe: (() => void) | undefined;
  #client: ReadonlySet<string> = new Set();
  #state: State = { kind: 'mute' };
  #interruptPending = false;
  #answering = false;
  #heldOutput: Uint8Array[] = [];
  #heldBytes = 0;

  /** Nothing happens to the machine before the first packet: whoever sends none is no debugger. */
  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.target = parts.target;
    this.monitor = parts.monitor;
    this.registers = parts.registers;
    this.documents = parts.library.documents;
    this.files = new FileServer({
      get: (path) => {
        const bytes = parts.library.files.get(path) ?? parts.target.symbols?.content(path);
        return bytes === undefined ? parts.target.files?.get(path) : bytesFile(bytes);
      },
    });
    this.rows = parts.catalogue.rows;
    this.#wire = new Wire(parts.sink);
    this.vcpu = parts.target.vcpus()[0]?.id ?? 0;
  }

  /** Takes the machine, if it is to be had: it is halted from here on. */
  #introduce(): void {
    if (!this.#parts.claim()) {
      this.#state = { kind: 'refused' };
      return;
    }
    this.#state = { kind: 'halted', stop: undefined };
    this.target.attach();
    this.target.onStop((event) => this.#onStop(event));
    this.target.onPrint((text) => this.#onOutput(Buffer.from(text, 'latin1')));
    this.#unsubscribe = this.#parts.console?.subscribe((bytes) => this.#onOutput(bytes));
  }

  get client(): ReadonlySet<string> {
    return this.#client;
  }

  get multiprocess(): boolean {
    return this.#client.has('multiprocess');
  }

  get lastStop(): StopEvent | undefined {
    return this.#state.kind === 'halted' ? this.#state.stop : undefined;
  }

  get gone(): boolean {
    return this.#state.kind === 'gone';
  }

  /** Takes bytes from the client, however they are cut. They must not be changed afterwards. */
  receive(chunk: Uint8Array): void {
    for (const frame of this.#deframer.feed(chunk)) this.#onFrame(frame);
    this.#wire.flush();
  }

  /** The sink takes bytes again. */
  drained(): void {
    this.#wire.drained();
    this.#answerWaiting();
    this.#wire.flush();
  }

  /** The client is gone: as if it had detached. */
  close(): void {
    this.detach();
  }

  learnClient(features: readonly string[]): void {
    this.#client = new Set(features.filter((item) => item.endsWith('+')).map((item) => item.slice(0, -1)));
  }

  stopAcks(): void {
    this.#wire.stopAcks();
  }

  resume(actions: ReadonlyMap<number, ResumeAction>): Reply {
    return this.#run(() => this.target.resume(actions));
  }

  reverse(kind: 'continue' | 'step'): Reply {
    const { thread } = this.resumeThread;
    const vcpu = typeof thread === 'number' ? thread - 1 : this.vcpu;
    if (!this.target.vcpus().some(({ id }) => id === vcpu)) return refused('no such thread');
    return this.#run(() => this.target.reverse(kind, vcpu));
  }

  #run(begin: () => void): Reply {
    const before = this.#state;
    this.#state = { kind: 'running', interrupted: false };
    this.target.traces?.leave();
    try {
      begin();
    } catch (fault) {
      this.#state = before;
      throw fault;
    }
    for (const bytes of this.#heldOutput) this.#wire.output(bytes);
    this.#heldOutput = [];
    this.#heldBytes = 0;
    if (this.#interruptPending) this.#interrupt();
    return NONE;
  }

  say(line: string): void {
    this.#wire.output(Buffer.from(line, 'utf8'));
    this.#wire.flush();
  }

  fault(fault: unknown): void {
    log('fault: %O', fault);
    this.#parts.onFault?.(fault);
  }

  detach(): void {
    if (this.#leave()) this.target.detach();
  }

  kill(): void {
    if (this.#leave()) this.target.kill();
  }

  hangUp(): void {
    this.#wire.end();
  }

  /** Lets go of the machine's events; false when that was done before. */
  #leave(): boolean {
    const { kind } = this.#state;
    if (kind === 'gone' || kind === 'refused') return false;
    this.#state = { kind: 'gone' };
    this.#interruptPending = false;
    if (kind === 'mute') return false;
    this.target.onStop(undefined);
    this.target.onPrint(undefined);
    this.#unsubscribe?.();
    return true;
  }

  #onFrame(frame: Frame): void {
    switch (frame.kind) {
      case 'packet':
        if (this.#state.kind === 'mute') this.#introduce();
        this.#wire.acknowledge(true);
        this.#accept(frame);
        break;
      case 'corrupt':
        log('checksum error');
        if (this.#wire.acks) this.#wire.acknowledge(false);
        else this.#accept({ kind: 'bad', why: 'checksum error' });
        break;
      case 'oversize':
        this.#wire.acknowledge(true);
        this.#accept({ kind: 'bad', why: 'packet too long' });
        break;
      case 'interrupt':
        this.#onInterrupt();
        break;
      case 'nak':
        this.#wire.repeat();
        break;
      case 'ack':
    }
  }

  #accept(item: Incoming): void {
    if (!this.#inbox.put(item)) log('too many packets wait; one was turned away');
    this.#answerWaiting();
  }

  /**
   * An interrupt stops the running guest at once, past packets that wait: they could not be answered before. The next one
   * belongs to a later resume and waits in its place among the packets.
   */
  #onInterrupt(): void {
    log('interrupt while %s', this.#state.kind);
    if (this.#state.kind === 'mute') return;
    if (this.#state.kind === 'running' && !this.#state.interrupted) this.#interrupt();
    else this.#accept({ kind: 'interrupt' });
  }

  #interrupt(): void {
    if (this.#state.kind !== 'running') {
      this.#interruptPending = this.#state.kind === 'halted';
      return;
    }
    this.#interruptPending = false;
    this.#state.interrupted = true;
    this.target.interrupt();
  }

  #answerWaiting(): void {
    if (this.#answering) return;
    this.#answering = true;
    while (!this.#wire.choked && this.#answerNext());
    this.#answering = false;
  }

  #answerNext(): boolean {
    if (this.#state.kind === 'running') {
      if (this.#state.interrupted || !this.#inbox.takeInterrupt()) return false;
      this.#interrupt();
      return true;
    }
    const item = this.#inbox.take();
    if (item === undefined) return false;
    if (item.kind === 'interrupt') this.#interrupt();
    else this.#send(item.kind === 'packet' ? this.#answer(item.body) : malformed(item.why));
    return true;
  }

  #answer(body: Uint8Array): Reply {
    if (logPacket.enabled) logPacket('-> %s', shown(body));
    if (this.#state.kind === 'refused') return text(BUSY);
    const row = this.#parts.catalogue.find(body);
    if (row === undefined) return UNSUPPORTED;
    if (this.gone && !row.anytime) return refused('the machine was let go');
    const operands = decodeBody(body.subarray(row.name.length), !row.binary);
    if (!operands.ok) return malformed(operands.error);
    try {
      const reply = row.run(this, operands.value);
      return reply.ok ? reply.value : malformed(reply.error);
    } catch (fault) {
      this.fault(fault);
      return refused('internal error', errorCode.internal);
    }
  }

  #send(reply: Reply): void {
    this.#wire.reply(reply, this.#client.has('error-message'));
  }

  #onStop(event: StopEvent): void {
    if (this.#state.kind !== 'running') {
      log('stop %o while %s is not reported', event, this.#state.kind);
      return;
    }
    this.#state = { kind: 'halted', stop: event };
    this.vcpu = event.vcpu;
    const said = saidOf(event.reason);
    if (said !== undefined) this.#wire.output(Buffer.from(`${said}\n`, 'utf8'));
    this.#send(text(stopReply(this, event, event.vcpu)));
    this.#answerWaiting();
    this.#wire.flush();
  }

  /** The protocol has a place for output only while the guest runs. */
  #onOutput(bytes: Uint8Array): void {
    if (this.#state.kind === 'running' && !this.#wire.choked) {
      this.#wire.output(bytes);
      this.#wire.flush();
    } else if (this.#heldBytes + bytes.length <= MAX_HELD_OUTPUT) {
      this.#heldOutput.push(bytes);
      this.#heldBytes += bytes.length;
    } else {
      log('%d bytes of console output dropped', bytes.length);
    }
  }
}

function malformed(why: string): Reply {
  log('malformed packet: %s', why);
  return refused('malformed packet', errorCode.malformed);
}

/** What a user is told in words of a stop. */
function saidOf(reason: StopReason): string | undefined {
  if (reason.kind === 'guest-ended') return reason.message;
  if (reason.kind === 'event') return reason.said;
  return reason.kind === 'step' ? reason.note : undefined;
}
