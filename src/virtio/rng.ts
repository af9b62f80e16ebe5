import type { Stateful } from '../bits/stateful.ts';
import type { VirtioDriver, VirtioFunction } from './virtio-function.ts';

/** Where a guest's random bytes come from. Must give the same bytes in every run of the same machine. */
export interface ByteSource extends Stateful<unknown> {
  next(length: number): Uint8Array;
}

const QUEUE_SIZE = 64;
/** Bytes put into one buffer; a driver that wants more asks again. */
const MOST_BYTES = 4096;

/** A source of random numbers. */
export class VirtioRng implements VirtioFunction {
  readonly type = 4;
  readonly features = 0n;
  readonly queueSizes = [QUEUE_SIZE];
  readonly #source: ByteSource;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  /** @inheritdoc */
  configuration(): Uint8Array {
    return new Uint8Array(0);
  }
  /** @inheritdoc */
  notified(driver: VirtioDriver, index: number): void {
    const queue = driver.queue(index);
    if (queue === undefined) return;
    queue.each((buffer) => {
      const length = Math.min(buffer.writableBytes, MOST_BYTES);
      queue.put(buffer, buffer.write(0, this.#source.next(length)));
    });
    driver.used(queue, index);
  }
  /** @inheritdoc */
  reset(): void {}

  /** The state of the source. */
  save(): unknown {
    return this.#source.save();
  }
  /** @inheritdoc */
  restore(state: unknown): void {
    this.#source.restore(state);
  }
}

/**
 * Pseudo-random bytes from a seed (sfc32). The same seed gives the same bytes; whoever wants other bytes in every run
 * takes the seed from outside and keeps it with the run. Not for secrets.
 */
export class SeededBytes implements ByteSource {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    this.#state = Uint32Array.of(seed, seed ^ 0x9e37_79b9, 0x243f_6a88, 1);
    this.next(48);
  }

  next(length: number): Uint8Array {
    const out = new Uint8Array(length);
    const view = new DataView(out.buffer);
    let at = 0;
    for (; at + 4 <= length; at += 4) view.setUint32(at, this.#word());
    for (let word = at < length ? this.#word() : 0; at < length; at++, word >>>= 8) out[at] = word;
    return out;
  }

  /** The generator's words. */
  save(): readonly number[] {
    return [...this.#state];
  }
  /** @inheritdoc */
  restore(words: readonly number[]): void {
    this.#state.set(words);
  }

  #word(): number {
    const [a = 0, b = 0, c = 0, count = 0] = this.#state;
    const sum = (a + b + count) >>> 0;
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + sum, count + 1]);
    return sum;
  }
}
