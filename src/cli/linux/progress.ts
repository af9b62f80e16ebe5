import type { Output } from '../host.ts';

/** Steps of a percentage that are worth a line where lines cannot be written over. */
const STEP = 25;

/** Tells a user what takes its time: lines, and how far the work of the last one has come. */
export class Progress {
  readonly #output: Output;
  #line = '';
  #percent = 0;
  /** A line stands there that has not ended. */
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Something begins. */
  say(line: string): void {
    this.end();
    this.#line = line;
    this.#percent = 0;
    this.#output.write(`guestscope: ${line}\n`);
  }

  /** How much of it is done: on a terminal at once, elsewhere at some steps. */
  done(percent: number): void {
    const whole = Math.min(100, Math.floor(percent));
    if (!(whole > this.#percent)) return;
    if (this.#output.isTTY === true) {
      this.#output.write(`\rguestscope: ${this.#line}: ${whole} %`);
      this.#open = true;
    } else if (Math.floor(whole / STEP) > Math.floor(this.#percent / STEP) && whole < 100) {
      this.#output.write(`guestscope: ${this.#line}: ${whole} %\n`);
    }
    this.#percent = whole;
  }

  /** Nothing follows that belongs to the last line. */
  end(): void {
    if (this.#open) this.#output.write('\n');
    this.#open = false;
  }
}
