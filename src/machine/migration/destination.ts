import { decodePlain, encodePlain } from '../../bits/plain-data.ts';
import { PAGE_BYTES } from '../layout.ts';
import type { Snapshot } from '../snapshot.ts';
import {
  kinds,
  type Message,
  type MessageKind,
  MessageReader,
  messageBytes,
  PROTOCOL_VERSION,
  pagesOf,
} from './protocol.ts';
import type { MigrationLink, MovingGuest } from './source.ts';

export interface MigrationDestinationOptions {
  readonly guest: MovingGuest;
  /** The guest is here and is to run on, or to stand still as it did. */
  readonly arrived: (running: boolean) => void;
}

/**
 * The side that a guest comes to. It takes one guest; an attempt that breaks off leaves no trace, and another may follow. The
 * guest is started by the source's COMMIT and by nothing else.
 */
export class MigrationDestination {
  readonly #options: MigrationDestinationOptions;
  #current: Attempt | undefined;
  /** The attempt that was handed over. */
  #started: string | undefined;
  /** Attempts whose source has been told that they were not. */
  readonly #given = new Set<string>();
  /** Something of a guest that did not come is in the machine. */
  #touched = false;

  constructor(options: MigrationDestinationOptions) {
    this.#options = options;
  }

  /** Somebody has connected; what comes goes to the `Attempt`. */
  connected(link: MigrationLink): Attempt {
    return new Attempt(this, link);
  }

  /** A message of an attempt. */
  receive(attempt: Attempt, { kind, contents }: Message): void {
    if (kind === kinds.hello) return this.#hello(attempt, decodePlain(contents));
    if (kind === kinds.query) return this.#query(attempt, String(decodePlain(contents)));
    if (attempt !== this.#current) throw new Error('it says nothing of who it is');
    if (kind === kinds.pages) return this.#pages(contents);
    if (kind === kinds.state) return this.#state(attempt, decodePlain(contents));
    if (kind === kinds.commit) return this.#commit(attempt, decodePlain(contents));
    throw new Error('it says what it should not');
  }
  /** An attempt's connection is gone. */
  left(attempt: Attempt): void {
    if (attempt === this.#current) this.#current = undefined;
  }

  #hello(attempt: Attempt, hello: unknown): void {
    const refusal = this.#refusal(hello);
    if (refusal !== undefined) return attempt.refuse(refusal);
    const { storage } = this.#options.guest;
    storage.fill(0, storage.size, 0);
    this.#touched = true;
    attempt.token = textOf(hello, 'token');
    attempt.isReady = false;
    this.#current = attempt;
    attempt.say(kinds.accepted);
  }
  #refusal(hello: unknown): string | undefined {
    const { machine } = this.#options.guest;
    if (this.#started !== undefined) return 'a guest has come here already';
    if (this.#current !== undefined) return 'another guest is about to come here';
    if (machine.running || (machine.time > 0n && !this.#touched)) return 'this machine runs a guest already';
    if (memberOf(hello, 'version') !== PROTOCOL_VERSION)
      return `it knows version ${PROTOCOL_VERSION} of the protocol only`;
    return shapeRefusal(memberOf(hello, 'shape'), machine.guest.state.shape);
  }

  #pages(contents: Uint8Array): void {
    const { storage } = this.#options.guest;
    for (const { frame, page } of pagesOf(contents, PAGE_BYTES)) {
      if ((frame + 1) * PAGE_BYTES > storage.size) throw new Error('it sends a page that there is no place for');
      storage.write(frame * PAGE_BYTES, page);
    }
  }
  #state(attempt: Attempt, snapshot: unknown): void {
    try {
      // Checks everything before it changes anything.
      this.#options.guest.machine.restore(snapshot as Snapshot, ['storage']);
    } catch (error) {
      this.#current = undefined;
      return attempt.refuse(error instanceof Error ? error.message : String(error));
    }
    attempt.isReady = true;
    attempt.say(kinds.ready);
  }
  #commit(attempt: Attempt, commit: unknown): void {
    if (!attempt.isReady || this.#given.has(attempt.token)) throw new Error('it hands over what is not here');
    this.#started = attempt.token;
    this.#current = undefined;
    attempt.say(kinds.started);
    this.#options.arrived(memberOf(commit, 'running') === true);
  }
  // What was not started when somebody asks never will be.
  #query(attempt: Attempt, token: string): void {
    const started = this.#started === token;
    if (!started) this.#given.add(token);
    attempt.say(kinds.answer, encodePlain(started));
  }
}

/** A connection to a destination. */
export class Attempt {
  readonly #destination: MigrationDestination;
  readonly #link: MigrationLink;
  readonly #reader = new MessageReader();
  token = '';
  /** All of the guest is here. */
  isReady = false;

  constructor(destination: MigrationDestination, link: MigrationLink) {
    this.#destination = destination;
    this.#link = link;
  }

  received(chunk: Uint8Array): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#destination.receive(this, message);
    } catch {
      this.closed();
      this.#link.close();
    }
  }
  closed(): void {
    this.#destination.left(this);
  }
  say(kind: MessageKind, contents?: Uint8Array): void {
    this.#link.send(messageBytes(kind, contents));
  }
  refuse(why: string): void {
    this.say(kinds.refused, encodePlain(why));
  }
}

/** A member of data that somebody else has made. */
function memberOf(data: unknown, name: string): unknown {
  if (typeof data !== 'object' || data === null) return undefined;
  return Object.entries(data).find(([key]) => key === name)?.[1];
}
function textOf(data: unknown, name: string): string {
  return String(memberOf(data, name));
}

function shapeRefusal(there: unknown, here: Readonly<Record<string, string | number>>): string | undefined {
  for (const [name, value] of Object.entries(here)) {
    const other = memberOf(there, name);
    if (other !== value) return `its machine has ${name} ${String(value)}, this one has ${String(other)}`;
  }
  return undefined;
}
