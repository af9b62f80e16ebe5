/** Slices of a run on the host's event loop: one at a time, with the loop's other work in between. */
export class HostLoop {
  readonly #slice: () => void;
  #timer: NodeJS.Timeout | undefined;
  #scheduled = false;

  /** `slice` is what is called. */
  constructor(slice: () => void) {
    this.#slice = slice;
  }

  /** The next slice comes in so many milliseconds, or as soon as the loop has done its other work. */
  schedule(ms: number): void {
    this.cancel();
    if (ms > 0) {
      this.#timer = setTimeout(() => this.schedule(0), ms);
      return;
    }
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#slice();
    });
  }
  /** No slice comes in some milliseconds any more. */
  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
