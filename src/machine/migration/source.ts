import { decodePlain, encodePlain } from '../../bits/plain-data.ts';
import type { DirtyLog, DirtyReader } from '../dirty-log.ts';
import { PAGE_BYTES } from '../layout.ts';
import type { Machine } from '../machine.ts';
import type { GuestStorage } from '../storage.ts';
import { kinds, type Message, MessageReader, messageBytes, PROTOCOL_VERSION, pagesMessage } from './protocol.ts';

/** The name under which the dirty log has this reader. */
const READER = 'moving';
/** Pages that go out at once. */
const PAGES_AT_ONCE = 64;
/** With so few pages left, or after so many rounds, the guest is halted for the rest. */
const FEW_PAGES = 256;
const MOST_ROUNDS = 30;

/** The way to the other side. */
export interface MigrationLink {
  send(bytes: Uint8Array): void;
  /** False while enough waits to be sent; `drained` is called when that has changed. */
  readonly hasRoom: boolean;
  close(): void;
}

/** What moves. */
export interface MovingGuest {
  readonly machine: Machine;
  readonly storage: GuestStorage;
  readonly dirtyLog: DirtyLog;
}

/** How far a guest that moves has come. */
export interface MigrationProgress {
  readonly phase: 'connecting' | 'copying' | 'handing over' | 'asking' | 'moved' | 'failed';
  readonly round: number;
  readonly pagesSent: number;
  readonly bytesSent: number;
  /** Pages that still have to go, as far as that is known. */
  readonly pagesLeft: number;
  /** Milliseconds of host time that the guest stood still. */
  readonly downtime: number | undefined;
  /** Why it failed. */
  readonly reason: string | undefined;
}

/** How it ended. After `unknown` the guest stays halted here: the other side may have started it. */
export type MigrationEnd = 'moved' | 'failed' | 'unknown';

export interface MigrationSourceOptions {
  readonly guest: MovingGuest;
  readonly link: MigrationLink;
  /** Tells this attempt from others. */
  readonly token: string;
  readonly now: () => number;
  readonly ended: (how: MigrationEnd) => void;
  /** Asks the other side anew, over another connection, whether it has started the guest; `answered` is to be called. */
  readonly ask: () => void;
}

/** The side that a guest leaves. Whatever goes wrong before the hand-over, the guest goes on here as if nothing had been. */
export class MigrationSource {
  readonly #options: MigrationSourceOptions;
  readonly #reader = new MessageReader();
  #dirty: DirtyReader | undefined;
  #phase: MigrationProgress['phase'] = 'connecting';
  /** Frames of the round that still have to go. */
  #frames: readonly number[] = [];
  #next = 0;
  #round = 0;
  #pagesSent = 0;
  #bytesSent = 0;
  /** When the guest was halted, and whether it ran then. */
  #halted: { readonly at: number; readonly ran: boolean } | undefined;
  #downtime: number | undefined;
  #committed = false;
  #reason: string | undefined;

  constructor(options: MigrationSourceOptions) {
    this.#options = options;
  }

  get phase(): MigrationProgress['phase'] {
    return this.#phase;
  }
  get round(): number {
    return this.#round;
  }
  /** Counts what is left: not for who only looks whether something has changed. */
  get progress(): MigrationProgress {
    return {
      phase: this.#phase,
      round: this.#round,
      pagesSent: this.#pagesSent,
      bytesSent: this.#bytesSent,
      pagesLeft: this.#frames.length - this.#next + (this.#dirty?.count() ?? 0),
      downtime: this.#downtime,
      reason: this.#reason,
    };
  }

  /** The connection is there. */
  connected(): void {
    const { guest, token } = this.#options;
    this.#send(
      messageBytes(
        kinds.hello,
        encodePlain({ version: PROTOCOL_VERSION, token, shape: guest.machine.guest.state.shape }),
      ),
    );
  }
  /** Bytes came. */
  received(chunk: Uint8Array): void {
    if (this.#isOver) return;
    try {
      for (const message of this.#reader.push(chunk)) this.#receive(message);
    } catch (error) {
      this.#lost(error instanceof Error ? error.message : String(error));
    }
  }
  /** There is room on the link again, or the guest may run again that a debugger has stopped. */
  drained(): void {
    if (this.#phase === 'copying') this.#copy();
  }
  /** The connection is gone. */
  closed(reason = 'the connection was closed'): void {
    if (!this.#isOver) this.#lost(reason);
  }
  /** The user does not want it any more. False when it is too late. */
  cancel(): boolean {
    if (this.#isOver || this.#committed) return false;
    this.#fail('cancelled');
    return true;
  }
  /** What the other side says when it was asked; undefined when nobody can tell. */
  answered(started: boolean | undefined): void {
    if (this.#phase !== 'asking') return;
    if (started === true) this.#done();
    else if (started === false)
      this.#fail('the connection was lost at the hand-over, and the other side did not start');
    else {
      this.#phase = 'failed';
      this.#reason = 'the other side cannot be asked whether it has started the guest';
      this.#options.ended('unknown');
    }
  }

  get #isOver(): boolean {
    return this.#phase === 'moved' || this.#phase === 'failed' || this.#phase === 'asking';
  }

  #receive({ kind, contents }: Message): void {
    if (kind === kinds.accepted && this.#phase === 'connecting') return this.#begin();
    if (kind === kinds.refused) return this.#fail(`the other side refuses: ${String(decodePlain(contents))}`);
    if (kind === kinds.ready && this.#phase === 'handing over' && !this.#committed) return this.#commit();
    if (kind === kinds.started && this.#committed) return this.#done();
    throw new Error('the other side says what it should not');
  }

  // All that is not zeros goes first: the other side begins with zeros.
  #begin(): void {
    const { storage, dirtyLog } = this.#options.guest;
    this.#dirty = dirtyLog.open(READER);
    this.#phase = 'copying';
    this.#round = 1;
    const all = Array.from({ length: storage.size / PAGE_BYTES }, (_, frame) => frame);
    this.#frames = all.filter((frame) => !isZero(storage.frame(frame * PAGE_BYTES)));
    this.#copy();
  }

  #copy(): void {
    const { link, guest } = this.#options;
    while (link.hasRoom) {
      if (guest.machine.end !== undefined) return this.#fail('the guest has ended');
      if (this.#next >= this.#frames.length && !this.#nextRound()) {
        // Who holds the guest would lose it from the hands.
        if (guest.machine.debugged && !guest.machine.running) return;
        return this.#handOver();
      }
      this.#sendPages(this.#frames.slice(this.#next, this.#next + PAGES_AT_ONCE));
      this.#next += PAGES_AT_ONCE;
    }
  }
  // False when it is time for the rest.
  #nextRound(): boolean {
    const dirty = this.#dirty;
    const frames = this.#options.guest.storage.size / PAGE_BYTES;
    if (dirty === undefined || dirty.count() <= FEW_PAGES || this.#round >= MOST_ROUNDS) return false;
    this.#frames = dirty.take(0, frames, true);
    this.#next = 0;
    this.#round++;
    return true;
  }
  #sendPages(frames: readonly number[]): void {
    if (frames.length === 0) return;
    const { storage } = this.#options.guest;
    this.#send(pagesMessage(frames, PAGE_BYTES, (frame) => storage.read(frame * PAGE_BYTES, PAGE_BYTES)));
    this.#pagesSent += frames.length;
  }

  // Between turns: nothing has been executed in part.
  #handOver(): void {
    const { guest, now } = this.#options;
    const { machine, storage } = guest;
    this.#phase = 'handing over';
    this.#halted = { at: now(), ran: machine.running };
    machine.halt();
    const rest = this.#dirty?.take(0, storage.size / PAGE_BYTES, true) ?? [];
    this.#frames = [];
    this.#next = 0;
    for (let i = 0; i < rest.length; i += PAGES_AT_ONCE) this.#sendPages(rest.slice(i, i + PAGES_AT_ONCE));
    this.#closeReader();
    this.#send(messageBytes(kinds.state, encodePlain(machine.save(['storage']))));
  }
  #commit(): void {
    this.#committed = true;
    this.#send(messageBytes(kinds.commit, encodePlain({ running: this.#halted?.ran ?? false })));
  }

  #done(): void {
    this.#downtime = this.#options.now() - (this.#halted?.at ?? 0);
    this.#phase = 'moved';
    this.#options.link.close();
    this.#options.ended('moved');
  }

  #lost(reason: string): void {
    if (!this.#committed) return this.#fail(reason);
    this.#phase = 'asking';
    this.#options.link.close();
    this.#options.ask();
  }
  #fail(reason: string): void {
    this.#phase = 'failed';
    this.#reason = reason;
    this.#closeReader();
    this.#options.link.close();
    const halted = this.#halted;
    if (halted !== undefined) this.#downtime = this.#options.now() - halted.at;
    if (halted?.ran === true) this.#options.guest.machine.start();
    this.#options.ended('failed');
  }

  #closeReader(): void {
    if (this.#dirty !== undefined) this.#options.guest.dirtyLog.close(this.#dirty);
    this.#dirty = undefined;
  }
  #send(bytes: Uint8Array): void {
    this.#bytesSent += bytes.length;
    this.#options.link.send(bytes);
  }
}

function isZero(page: Uint8Array): boolean {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  for (let at = 0; at < page.length; at += 4) if (view.getUint32(at) !== 0) return false;
  return true;
}
