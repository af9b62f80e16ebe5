import { createWriteStream, openSync } from 'node:fs';
import type { ConsolePort } from '../rsp/session.ts';
import type { Host, Output } from './host.ts';
import { UserError } from './user-error.ts';

/** Where the guest's console goes. */
export type ConsoleChoice = 'stdio' | 'none' | { readonly file: string };

/** Bytes that may wait for a slow reader before the guest has to wait, too. */
const MOST_UNWRITTEN = 1 << 20;

/** What a console output tells its owner. */
export interface ConsoleEvents {
  /** The reader is slow: the guest shall wait until it is not. */
  full(waiting: boolean): void;
  /** Nobody reads any more. */
  closed(error: NodeJS.ErrnoException): void;
}

/** The guest's console on its way out: to a stream and to whoever subscribes. */
export class ConsoleOutput implements ConsolePort {
  readonly #stream: Output | undefined;
  readonly #listeners = new Set<(bytes: Uint8Array) => void>();
  #lineOpen = false;
  #full = false;
  #closed = false;
  #events: ConsoleEvents | undefined;

  /** Throws a `UserError` when a file cannot be written. */
  constructor(choice: ConsoleChoice, host: Host) {
    this.#stream = choice === 'none' ? undefined : choice === 'stdio' ? host.stdout : openFile(choice.file);
    this.#stream?.on('drain', () => this.#setFull(false));
    this.#stream?.on('error', (error: NodeJS.ErrnoException) => {
      this.#closed = true;
      this.#setFull(false);
      this.#events?.closed(error);
    });
  }

  /** One listener; the last call wins. */
  listen(events: ConsoleEvents): void {
    this.#events = events;
  }

  /** Takes what the guest wrote; copied. */
  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const copy = Uint8Array.from(bytes);
    this.#lineOpen = copy.at(-1) !== LF;
    for (const listener of this.#listeners) listener(copy);
    const stream = this.#stream;
    if (stream === undefined || this.#closed) return;
    stream.write(copy);
    if (stream.writableLength > MOST_UNWRITTEN) this.#setFull(true);
  }

  /** True when the last thing written did not end its line. */
  get lineOpen(): boolean {
    return this.#lineOpen;
  }

  /** @inheritdoc */
  subscribe(listener: (bytes: Uint8Array) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits until everything has been handed to the operating system, or cannot be. */
  flush(): Promise<void> {
    return flushed(this.#closed ? undefined : this.#stream);
  }

  #setFull(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    this.#events?.full(full);
  }
}

const LF = 10;

function openFile(path: string): Output {
  try {
    return createWriteStream(path, { fd: openSync(path, 'w') });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UserError('console-unwritable', `cannot write the console to ${path}: ${why}`);
  }
}

/** Waits until a stream has handed on what it was given, or has failed. */
export function flushed(stream: Output | undefined): Promise<void> {
  if (stream === undefined || stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
