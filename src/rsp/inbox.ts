/** A packet that waits for its turn, what to say of one that could not be taken, or an interrupt behind packets. */
export type Incoming =
  | { readonly kind: 'packet'; readonly body: Uint8Array }
  | { readonly kind: 'bad'; readonly why: string }
  | { readonly kind: 'interrupt' };

/** More than the shortest packets of one read from a socket. */
const MAX_PACKETS = 0x8000;
const MAX_BYTES = 0x400000;
const FULL: Incoming = { kind: 'bad', why: 'too many packets wait for the guest to stop' };

/**
 * Packets in the order of their coming. What a client sends past the limits while the guest runs is not kept, only counted,
 * so that every packet still gets its one answer in order.
 */
export class Inbox {
  #items: Incoming[] = [];
  #bytes = 0;
  #turnedAway = 0;

  /** Takes a packet or an interrupt; false when it was turned away. Interrupts in a row are one. */
  put(item: Incoming): boolean {
    const size = item.kind === 'packet' ? item.body.length : 0;
    if (item.kind === 'interrupt' && (this.#turnedAway > 0 || this.#items.at(-1)?.kind === 'interrupt')) return true;
    if (this.#turnedAway > 0 || this.#items.length >= MAX_PACKETS || this.#bytes + size > MAX_BYTES) {
      this.#turnedAway++;
      return false;
    }
    this.#items.push(item);
    this.#bytes += size;
    return true;
  }

  /** The next one, or undefined. */
  take(): Incoming | undefined {
    const item = this.#items.shift();
    if (item === undefined) {
      if (this.#turnedAway === 0) return undefined;
      this.#turnedAway--;
      return FULL;
    }
    if (item.kind === 'packet') this.#bytes -= item.body.length;
    return item;
  }
  /** Takes the first interrupt out, past the packets before it; false when there is none. */
  takeInterrupt(): boolean {
    const at = this.#items.findIndex(({ kind }) => kind === 'interrupt');
    if (at >= 0) this.#items.splice(at, 1);
    return at >= 0;
  }
}
