import type { VirtioDriver, VirtioFunction } from './virtio-function.ts';

const QUEUE_SIZE = 64;
const queue = { receive: 0, transmit: 1 } as const;
/** Bytes kept for a guest that does not read; what comes then is lost. */
const MOST_KEPT = 64 * 1024;

/** A console with one port: what Linux calls hvc0. */
export class VirtioConsole implements VirtioFunction {
  readonly type = 3;
  readonly features = 0n;
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly #output: (bytes: Uint8Array) => void;
  #input = new Uint8Array(0);

  /** `output` gets what the guest writes; not kept by the caller. */
  constructor(output: (bytes: Uint8Array) => void) {
    this.#output = output;
  }

  /** @inheritdoc */
  configuration(): Uint8Array {
    return new Uint8Array(12);
  }

  /** @inheritdoc */
  notified(driver: VirtioDriver, index: number): void {
    if (index === queue.receive) this.#deliver(driver);
    else this.#transmit(driver);
  }

  /** @inheritdoc */
  received(driver: VirtioDriver, data: Uint8Array): void {
    const kept = data.subarray(0, MOST_KEPT - this.#input.length);
    const all = new Uint8Array(this.#input.length + kept.length);
    all.set(this.#input);
    all.set(kept, this.#input.length);
    this.#input = all;
    this.#deliver(driver);
  }

  /** What was typed stays typed. */
  reset(): void {}

  /** What was typed and not read yet. */
  save(): Uint8Array {
    return this.#input.slice();
  }
  /** @inheritdoc */
  restore(input: Uint8Array): void {
    this.#input = input.slice();
  }

  #transmit(driver: VirtioDriver): void {
    const transmit = driver.queue(queue.transmit);
    if (transmit === undefined) return;
    transmit.each((buffer) => {
      const bytes = buffer.read();
      if (!buffer.failed) this.#output(bytes);
      transmit.put(buffer, 0);
    });
    driver.used(transmit, queue.transmit);
  }

  #deliver(driver: VirtioDriver): void {
    const receive = driver.queue(queue.receive);
    if (receive === undefined) return;
    while (this.#input.length > 0) {
      const buffer = receive.take();
      if (buffer === undefined) break;
      const taken = buffer.write(0, this.#input);
      this.#input = this.#input.slice(taken);
      receive.put(buffer, taken);
    }
    driver.used(receive, queue.receive);
  }
}
