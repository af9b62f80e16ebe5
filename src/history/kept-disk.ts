import type { Stateful } from '../bits/stateful.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { BlockBackend } from '../virtio/block.ts';
import type { PageSpace } from './page-spaces.ts';

/** A disk whose blocks a history keeps as pages. */
export interface PagedDisk {
  readonly space: PageSpace;
  /** Told of the first change of a block in an interval, with its bytes before that. */
  onChange: ((block: number, before: Uint8Array) => void) | undefined;
  /** An interval begins. */
  begin(): void;
  /** True while the guest is in its past: what is written then does not reach what the disk keeps its bytes in. */
  set away(value: boolean);
  /** True while a history saves and restores states, which hold nothing of what it keeps by itself. */
  capturing: boolean;
}

/**
 * A disk that a history goes back with. What it keeps its bytes in is as the guest's present has it: while the guest is in
 * its past, other bytes lie over it, and if the past becomes another present they are written then.
 */
export class KeptDisk implements BlockBackend, PagedDisk {
  readonly size: number;
  readonly space: PageSpace;
  onChange: PagedDisk['onChange'];
  capturing = false;
  readonly contents?: Stateful<unknown>;
  readonly zero?: (offset: number, length: number) => boolean;
  readonly #inner: BlockBackend;
  readonly #over = new Map<number, Uint8Array>();
  readonly #changed = new Set<number>();
  #away = false;

  constructor(inner: BlockBackend) {
    this.#inner = inner;
    this.size = inner.size;
    this.space = {
      pages: Math.ceil(inner.size / PAGE_BYTES),
      get: (block) => this.#block(block),
      put: (block, bytes) => this.#put(block, bytes.slice(0, this.#lengthOf(block))),
    };
    const { contents } = inner;
    if (contents !== undefined) {
      const save = (): unknown => (this.capturing ? undefined : contents.save());
      this.contents = { save, restore: (state) => contents.restore(state) };
    }
    if (inner.zero !== undefined) this.zero = (offset, length) => this.#zero(offset, length);
  }

  set away(value: boolean) {
    this.#away = value;
    if (value) return;
    for (const [block, bytes] of this.#over) {
      const at = block * PAGE_BYTES;
      const before = this.#inner.read(at, bytes.length);
      if (before === undefined || Buffer.compare(before, bytes) !== 0) this.#inner.write(at, bytes);
    }
    this.#over.clear();
  }
  begin(): void {
    this.#changed.clear();
  }

  read(offset: number, length: number): Uint8Array | undefined {
    const bytes = this.#inner.read(offset, length);
    if (bytes === undefined || this.#over.size === 0) return bytes;
    const own = bytes.slice();
    for (let block = Math.floor(offset / PAGE_BYTES); block * PAGE_BYTES < offset + length; block++) {
      const over = this.#over.get(block);
      if (over !== undefined) copyCommon(over, block * PAGE_BYTES, own, offset);
    }
    return own;
  }
  write(offset: number, data: Uint8Array): boolean {
    this.#changing(offset, data.length);
    if (!this.#away) return this.#inner.write(offset, data);
    for (let block = Math.floor(offset / PAGE_BYTES); block * PAGE_BYTES < offset + data.length; block++) {
      const bytes = this.#block(block).slice(0, this.#lengthOf(block));
      copyCommon(data, offset, bytes, block * PAGE_BYTES);
      this.#over.set(block, bytes);
    }
    return true;
  }
  flush(): boolean {
    return this.#away || this.#inner.flush();
  }

  #zero(offset: number, length: number): boolean {
    if (this.#away) return this.write(offset, new Uint8Array(length));
    this.#changing(offset, length);
    return this.#inner.zero?.(offset, length) ?? false;
  }
  #changing(offset: number, length: number): void {
    if (this.onChange === undefined) return;
    for (let block = Math.floor(offset / PAGE_BYTES); block * PAGE_BYTES < offset + length; block++) {
      if (this.#changed.has(block)) continue;
      this.#changed.add(block);
      this.onChange(block, this.#block(block));
    }
  }
  #lengthOf(block: number): number {
    return Math.min(PAGE_BYTES, this.size - block * PAGE_BYTES);
  }
  // Whole, with zeros behind the disk's end.
  #block(block: number): Uint8Array {
    const length = this.#lengthOf(block);
    const bytes = this.#over.get(block) ?? this.#inner.read(block * PAGE_BYTES, length) ?? new Uint8Array(length);
    if (bytes.length === PAGE_BYTES) return bytes;
    const whole = new Uint8Array(PAGE_BYTES);
    whole.set(bytes.subarray(0, length));
    return whole;
  }
  #put(block: number, bytes: Uint8Array): void {
    if (this.#away) this.#over.set(block, bytes);
    else this.#inner.write(block * PAGE_BYTES, bytes);
  }
}

/** Copies those bytes of one stretch that another one has, too. */
function copyCommon(from: Uint8Array, fromAt: number, to: Uint8Array, toAt: number): void {
  const first = Math.max(fromAt, toAt);
  const end = Math.min(fromAt + from.length, toAt + to.length);
  if (first < end) to.set(from.subarray(first - fromAt, end - fromAt), first - toAt);
}
