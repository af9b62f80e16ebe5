/** Text that is handed on at once when there is a lot of it. */
const MOST_HELD = 1 << 14;

/** What commands of breakpoints have printed: handed on in pieces, since every piece is a packet. */
export class Printed {
  /** Takes pieces of text; nobody does when it is undefined. */
  listener: ((text: string) => void) | undefined;
  #held: string[] = [];
  #length = 0;
  #scheduled = false;

  add(text: string): void {
    this.#held.push(text);
    this.#length += text.length;
    if (this.#length > MOST_HELD) this.flush();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.flush();
      });
    }
  }
  /** Hands on what there is. */
  flush(): void {
    if (this.#length === 0) return;
    const text = this.#held.join('');
    this.#held = [];
    this.#length = 0;
    this.listener?.(text);
  }
}
