import type { StopEvent } from '../machine/exit.ts';
import type { Way } from './time-travel.ts';

/** How long ways go on before the host's event loop gets its turn. */
const SLICE_MS = 4;

/** Who hears how a way ended. */
export interface WayEnd {
  stopped(event: StopEvent): void;
  /** It came to the present. */
  present(): void;
  /** It was given up before its end. */
  givenUp(): void;
  /** A fault of ours. */
  fault(error: unknown): void;
}

/** Goes ways on the host's event loop, one at a time, a slice after the other. */
export class WayRunner {
  readonly #now: () => number;
  #way: { readonly way: Way; readonly end: WayEnd } | undefined;
  #givenUp = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** True while a way is gone. */
  get busy(): boolean {
    return this.#way !== undefined;
  }
  /** Begins a way; how it ends is told later, never from inside this call. */
  go(way: Way, end: WayEnd): void {
    this.#way = { way, end };
    this.#givenUp = false;
    setImmediate(() => this.#slice());
  }
  /** The way ends where it is; whoever began it hears of it. */
  giveUp(): void {
    this.#givenUp = true;
  }
  /** The way ends, and nobody hears of it. */
  drop(): void {
    this.#way?.way.return('present');
    this.#way = undefined;
  }

  #slice(): void {
    const going = this.#way;
    if (going === undefined) return;
    const { way, end } = going;
    const until = this.#now() + SLICE_MS;
    try {
      while (!this.#givenUp) {
        const step = way.next();
        if (step.done === true) {
          this.#way = undefined;
          if (step.value === 'present') end.present();
          else end.stopped(step.value);
          return;
        }
        if (this.#now() >= until) {
          setImmediate(() => this.#slice());
          return;
        }
      }
      this.drop();
      end.givenUp();
    } catch (error) {
      this.#way = undefined;
      end.fault(error);
    }
  }
}
