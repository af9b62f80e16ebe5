import { type EventSource, eventTypes } from '../event.ts';

/** Timeout (halfword) and its unit, both zero: no limit. */
const NO_TIMEOUT = 3;

/** Asks the guest to shut down. */
export class SignalQuiesce implements EventSource {
  readonly type: number = eventTypes.signalQuiesce;
  #requested = false;

  request(): void {
    this.#requested = true;
  }
  pending(): boolean {
    return this.#requested;
  }
  take(room: number): Uint8Array | undefined {
    if (room < NO_TIMEOUT) return undefined;
    this.#requested = false;
    return new Uint8Array(NO_TIMEOUT);
  }

  save(): boolean {
    return this.#requested;
  }
  restore(requested: boolean): void {
    this.#requested = requested;
  }
}
