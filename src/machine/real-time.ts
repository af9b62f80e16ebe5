/** Idling as the host's clock goes on. */
export class RealTime {
  readonly #now: () => number;
  readonly #perMillisecond: number;
  /** The host's time up to which the guest has idled. */
  #since: number | undefined;

  constructor(now: () => number, instructionsPerMicrosecond: number) {
    this.#now = now;
    this.#perMillisecond = instructionsPerMicrosecond * 1000;
  }

  /** The guest idles no more. */
  end(): void {
    this.#since = undefined;
  }

  /** So much has passed of an idle time of `next` instructions, and so many milliseconds are to be waited for more. */
  pass(next: bigint): { readonly passed: bigint; readonly wait: number } {
    const now = this.#now();
    const ms = this.#since === undefined ? 0 : Math.max(0, now - this.#since);
    const instructions = BigInt(Math.floor(ms * this.#perMillisecond));
    const passed = instructions < next ? instructions : next;
    const left = Number(next - passed) / this.#perMillisecond;
    this.#since = left > 0 ? now : undefined;
    return { passed, wait: left > 0 ? Math.min(Math.max(left, 1), 1000) : 0 };
  }
}
