import type { ConsoleInput } from '../console-input.ts';
import type { ConsolePort } from '../console-port.ts';
import { type EventSink, type EventSource, eventTypes } from '../event.ts';
import { type Response, response } from '../response.ts';

/** First byte of what the guest reads: data of the session, not its start or end. */
const SESSION_DATA = 0;

/** The ASCII (VT220) console: bytes both ways, unchanged. */
export class AsciiConsole implements EventSink, EventSource {
  readonly type: number = eventTypes.asciiConsole;
  readonly #console: ConsolePort;
  readonly #input: ConsoleInput;
  readonly #isActive: () => boolean;

  /** `isActive` says whether what is typed goes to this console. */
  constructor(console: ConsolePort, input: ConsoleInput, isActive: () => boolean) {
    this.#console = console;
    this.#input = input;
    this.#isActive = isActive;
  }

  accept(data: Uint8Array): Response {
    if (data.length > 0) {
      this.#console.output(Uint8Array.from(data), 'ascii');
      this.#input.wrote('ascii');
    }
    return response.normalCompletion;
  }

  pending(): boolean {
    return this.#isActive() && !this.#input.isEmpty;
  }

  take(room: number): Uint8Array | undefined {
    if (room < 2) return undefined;
    return Uint8Array.of(SESSION_DATA, ...this.#input.takeBytes(room - 1));
  }
}
