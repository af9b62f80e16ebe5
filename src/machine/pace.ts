import { TURN_ALONE } from './turns.ts';

/** A turn is run in pieces that take about this long, so that a slice can end within a turn. */
const PIECE_MS = 1;
/** A piece that has taken so long ends as soon as it can: its instructions are slower than those before it. */
const LONGEST_PIECE_MS = 4;
const SMALLEST_PIECE = 500n;

/** How long the host lets a vCPU run on. Pieces end and begin where a guest cannot see it. */
export class Pace {
  readonly #now: () => number;
  /** Instructions that lately took about `PIECE_MS`. */
  #piece = 20_000n;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A piece of as many instructions as are left, or fewer. */
  pieceOf(left: bigint): bigint {
    return left < this.#piece ? left : this.#piece;
  }
  /** Carries out a piece of `count` instructions; `isOver` becomes true when it has taken long. */
  run<T>(count: bigint, piece: (isOver: () => boolean) => T): T {
    const before = this.#now();
    const result = piece(() => this.#now() - before > LONGEST_PIECE_MS);
    const took = this.#now() - before;
    if (took > 2 * PIECE_MS && this.#piece > SMALLEST_PIECE) this.#piece /= 2n;
    else if (took < PIECE_MS / 2 && this.#piece < TURN_ALONE && count === this.#piece) this.#piece *= 2n;
    return result;
  }
}
