import type { Stateful } from '../../../bits/stateful.ts';

/** What is saved of it. */
export interface VtyState {
  readonly typed: Uint8Array;
}

/** Characters of one hypercall at most. */
const MOST = 16;
/** Characters that wait for the guest; what comes beyond is lost, as on a line. */
const MOST_TYPED = 1 << 16;

/** The virtual terminal: characters go out by H_PUT_TERM_CHAR, and are fetched by H_GET_TERM_CHAR. */
export class Vty implements Stateful<VtyState> {
  #typed: number[] = [];
  /** What was put during the run in progress: so many bytes of these. */
  #put = new Uint8Array(1 << 10);
  #length = 0;
  readonly #registers = new DataView(new ArrayBuffer(MOST));
  readonly #output: (bytes: Uint8Array) => void;
  readonly #interrupt: () => void;

  /** `interrupt` is called when something was typed. */
  constructor(output: (bytes: Uint8Array) => void, interrupt: () => void) {
    this.#output = output;
    this.#interrupt = interrupt;
  }

  /** @inheritdoc */
  save(): VtyState {
    return { typed: Uint8Array.from(this.#typed) };
  }
  /** @inheritdoc */
  restore({ typed }: VtyState): void {
    this.#typed = [...typed];
  }

  /** Somebody typed. */
  type(bytes: Uint8Array): void {
    if (this.#typed.length + bytes.length <= MOST_TYPED) this.#typed.push(...bytes);
    this.#interrupt();
  }

  /** H_PUT_TERM_CHAR: `count` characters of two registers, the first in the left byte; false when there are too many. */
  put(count: bigint, left: bigint, right: bigint): boolean {
    if (count > BigInt(MOST)) return false;
    if (this.#length + MOST > this.#put.length) {
      const larger = new Uint8Array(2 * this.#put.length);
      larger.set(this.#put);
      this.#put = larger;
    }
    this.#registers.setBigUint64(0, left);
    this.#registers.setBigUint64(8, right);
    for (let i = 0; i < count; i++) this.#put[this.#length++] = this.#registers.getUint8(i);
    return true;
  }
  /** A run has ended: what was put goes out at once. */
  flush(): void {
    if (this.#length === 0) return;
    this.#output(this.#put.slice(0, this.#length));
    this.#length = 0;
  }
  /** H_GET_TERM_CHAR: how many there were, in two registers. */
  get(): readonly [count: bigint, left: bigint, right: bigint] {
    const taken = this.#typed.splice(0, MOST);
    const view = new DataView(new ArrayBuffer(MOST));
    taken.forEach((byte, i) => {
      view.setUint8(i, byte);
    });
    return [BigInt(taken.length), view.getBigUint64(0), view.getBigUint64(8)];
  }
}
