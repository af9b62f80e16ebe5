import { err, ok, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import type { DirtyLog } from '../../../machine/dirty-log.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { Errno } from './errno.ts';
import type { MemorySlot } from './slots.ts';

/** The reader that the slots' logs share. */
const READER = 'slots';

/** Dirty logging by memory slot, as user space turns it on and off; other readers of the dirty log never notice. */
export class SlotLogs implements Stateful<readonly number[]> {
  readonly #log: DirtyLog;
  readonly #find: (slot: number) => MemorySlot | undefined;
  /** Told when the log of a slot is turned off. */
  readonly #onOff: () => void;
  readonly #on = new Set<number>();

  constructor(log: DirtyLog, find: (slot: number) => MemorySlot | undefined, onOff: () => void) {
    this.#log = log;
    this.#find = find;
    this.#onOff = onOff;
  }

  isOn(slot: number): boolean {
    return this.#on.has(slot);
  }
  /** Begins with all pages clean, or ends. EINVAL when there is no such slot. */
  set(slot: number, on: boolean): Errno | undefined {
    const found = this.#find(slot);
    if (found === undefined) return 'EINVAL';
    if (on === this.isOn(slot)) return undefined;
    if (on) {
      this.#on.add(slot);
      const reader = this.#log.reader(READER) ?? this.#log.open(READER);
      const first = found.host / PAGE_BYTES;
      reader.take(first, first + found.bytes / PAGE_BYTES, true);
    } else {
      this.forget(slot);
    }
    return undefined;
  }
  /** The slot has gone, or is not to be logged any more. */
  forget(slot: number): void {
    if (!this.#on.delete(slot)) return;
    this.#onOff();
    const reader = this.#log.reader(READER);
    if (this.#on.size === 0 && reader !== undefined) this.#log.close(reader);
  }

  /**
   * Pages of a slot that were stored into since logging began or this was last asked, which count as clean then: bit n & 7
   * from the right of byte n / 8 for page n. EINVAL when there is no such slot, ENOENT when it does not log.
   */
  get(slot: number): Result<Uint8Array, Errno> {
    const found = this.#find(slot);
    if (found === undefined) return err('EINVAL');
    const reader = this.#log.reader(READER);
    if (!this.isOn(slot) || reader === undefined) return err('ENOENT');
    const pages = found.bytes / PAGE_BYTES;
    const first = found.host / PAGE_BYTES;
    const bitmap = new Uint8Array(Math.ceil(pages / 8));
    for (const frame of reader.take(first, first + pages, true)) {
      const page = frame - first;
      bitmap[page >> 3] = (bitmap[page >> 3] ?? 0) | (1 << (page & 7));
    }
    return ok(bitmap);
  }

  /** @inheritdoc */
  save(): readonly number[] {
    return [...this.#on];
  }
  /** The dirty log restores the marks. */
  restore(slots: readonly number[]): void {
    this.#on.clear();
    for (const slot of slots) this.#on.add(slot);
  }
}
