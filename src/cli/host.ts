import type { Readable, Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import type { EngineMode } from '../engine/modes.ts';
import type { EndSignal } from './exit-status.ts';

/** Standard input: a terminal has a raw mode. */
export type Input = Readable & Partial<Pick<ReadStream, 'isTTY' | 'setRawMode'>>;
/** Standard output or error. */
export type Output = Writable & { readonly isTTY?: boolean };

/** The process around the program, so that tests can be one. */
export interface Host {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** How guest code is executed unless `--engine` says. */
  readonly engine?: EngineMode | undefined;
  /** Called when everything is there and the guest is about to run. */
  guestBegins?(): void;
  /** Monotonic milliseconds. */
  now(): number;
  /** Milliseconds since 1970. */
  date(): number;
  /** Calls `listener` on signals that shall end the program, until the returned function is called. */
  onSignal(listener: (signal: EndSignal) => void): () => void;
  /** Calls `listener` on errors that nothing caught, until the returned function is called. */
  onFault(listener: (error: unknown) => void): () => void;
}
