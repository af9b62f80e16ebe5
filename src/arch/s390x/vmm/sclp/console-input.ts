/** Which console: the line-mode one (operator commands and messages) or the ASCII one (VT220). */
export type ConsoleKind = 'line' | 'ascii';

/**
 * What was typed and not read yet, one queue for both consoles: which of them it comes out of is decided when the guest
 * reads. It comes out of the console that the guest reads; of the two, the one that it wrote to last, since its user
 * answers what he sees there.
 */
export class ConsoleInput {
  #queue = Buffer.alloc(0);
  #lastWritten: ConsoleKind = 'ascii';

  /** Adds bytes, copied. */
  add(bytes: Uint8Array): void {
    this.#queue = Buffer.concat([this.#queue, bytes]);
  }
  /** Notes that the guest has written to a console. */
  wrote(kind: ConsoleKind): void {
    this.#lastWritten = kind;
  }
  /** The console to read from, given those that the guest reads. */
  goesTo(receiving: (kind: ConsoleKind) => boolean): ConsoleKind {
    const other = this.#lastWritten === 'line' ? 'ascii' : 'line';
    return !receiving(this.#lastWritten) && receiving(other) ? other : this.#lastWritten;
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }
  /** True when a line is complete. */
  get hasLine(): boolean {
    return lineEnd(this.#queue) >= 0;
  }

  /** Up to `most` bytes as they were typed. */
  takeBytes(most: number): Uint8Array {
    const taken = Uint8Array.from(this.#queue.subarray(0, most));
    this.#queue = this.#queue.subarray(taken.length);
    return taken;
  }

  /** The first complete line without its end (LF, CR or both); of a long one, `most` characters, and the rest stays. */
  takeLine(most: number): string | undefined {
    const end = lineEnd(this.#queue);
    if (end < 0) return undefined;
    const text = this.#queue.toString('utf8', 0, end);
    const rest = this.#queue.subarray(end);
    if (text.length > most) {
      this.#queue = Buffer.concat([Buffer.from(text.slice(most), 'utf8'), rest]);
      return text.slice(0, most);
    }
    this.#queue = rest.subarray(rest[0] === CR && rest[1] === LF ? 2 : 1);
    return text;
  }

  save(): { readonly queue: Uint8Array; readonly lastWritten: ConsoleKind } {
    return { queue: Uint8Array.from(this.#queue), lastWritten: this.#lastWritten };
  }
  restore(state: ReturnType<ConsoleInput['save']>): void {
    this.#queue = Buffer.from(state.queue);
    this.#lastWritten = state.lastWritten;
  }
}

const LF = 10;
const CR = 13;

/** Where the first line ends, or -1. */
function lineEnd(queue: Buffer): number {
  const [lf, cr] = [queue.indexOf(LF), queue.indexOf(CR)];
  return lf < 0 || cr < 0 ? Math.max(lf, cr) : Math.min(lf, cr);
}
