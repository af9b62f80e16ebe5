import type { GuestVcpu } from '../machine/guest.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { StoragePiece, StorageWatch } from '../machine/watch.ts';
import type { Write } from './target.ts';

/** What a list of writes is made with. */
export interface WriterParts {
  readonly readStorage: (at: number, length: number) => Uint8Array;
  /** The vCPU whose run is in hand. */
  readonly executing: () => GuestVcpu | undefined;
  readonly time: () => bigint;
}

/** Hears of all writes into pieces of storage while a guest runs its past again, and lets it run. */
export class WriterWatch implements StorageWatch {
  readonly #parts: WriterParts;
  readonly #pieces: readonly StoragePiece[];
  readonly #frames = new Set<number>();
  #contents: Uint8Array[] = [];
  #writes: Write[] = [];
  #pending: Omit<Write, 'address' | 'before' | 'after'> | undefined;

  constructor(parts: WriterParts, pieces: readonly StoragePiece[]) {
    this.#parts = parts;
    this.#pieces = pieces;
    for (const { at, length } of pieces) {
      for (let f = Math.floor(at / PAGE_BYTES); f * PAGE_BYTES < at + length; f++) this.#frames.add(f);
    }
  }

  get frames(): ReadonlySet<number> {
    return this.#frames;
  }
  /** Begins with the contents as they are now. */
  begin(): void {
    this.#contents = this.#pieces.map(({ at, length }) => this.#parts.readStorage(at, length));
    this.#writes = [];
    this.#pending = undefined;
  }
  /** The writes since then that began before a time, oldest first. */
  before(limit: bigint): Write[] {
    this.#settle();
    return this.#writes.filter(({ at }) => at < limit);
  }

  /** @inheritdoc */
  watchesFrame(frame: number): boolean {
    return this.#frames.has(frame);
  }
  /** @inheritdoc */
  watches(at: number, length: number, access: 'fetch' | 'store'): boolean {
    return access === 'store' && this.#pieces.some((piece) => at < piece.at + piece.length && piece.at < at + length);
  }
  /** @inheritdoc */
  stored(at: number, length: number): boolean {
    if (!this.watches(at, length, 'store')) return false;
    const vcpu = this.#parts.executing();
    const now = vcpu === undefined ? this.#parts.time() : vcpu.elapsed() - 1n;
    // An instruction that stores twice is one writer.
    if (this.#pending !== undefined && (this.#pending.at !== now || this.#pending.vcpu !== vcpu?.id)) this.#settle();
    this.#pending ??= { at: now, vcpu: vcpu?.id, instruction: vcpu?.instruction?.() };
    return true;
  }
  /** @inheritdoc */
  fetched(): boolean {
    return false;
  }
  /** @inheritdoc */
  reached(): boolean {
    return false;
  }
  /** @inheritdoc */
  met(): undefined {
    this.#settle();
  }

  #settle(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    const changed: Write[] = [];
    for (const [i, { at, length, address }] of this.#pieces.entries()) {
      const before = this.#contents[i] ?? new Uint8Array(length);
      const after = this.#parts.readStorage(at, length);
      if (Buffer.compare(before, after) === 0) continue;
      changed.push({ ...pending, address, before, after });
      this.#contents[i] = after;
    }
    const [first] = this.#pieces;
    const same = this.#contents[0] ?? new Uint8Array(0);
    if (changed.length === 0 && first !== undefined) {
      changed.push({ ...pending, address: first.address, before: same, after: same });
    }
    this.#writes.push(...changed);
  }
}
