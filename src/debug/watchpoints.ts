import type { StopExit } from '../machine/exit.ts';
import type { Guest, GuestVcpu } from '../machine/guest.ts';
import { PAGE_BYTES } from '../machine/layout.ts';
import type { StoragePiece, StorageRange, StorageWatch } from '../machine/watch.ts';
import { Attention } from './attention.ts';
import { BoundFrames } from './bound-frames.ts';

/** A range that a debugger watches, as the vCPU sees it that it had selected. */
export interface WatchRange {
  readonly access: 'write' | 'read' | 'access';
  readonly address: bigint;
  readonly length: number;
  readonly vcpu: number;
}

/** Of so many watched bytes in all the old contents are kept; above that every store is told. */
const MOST_COMPARED = 1 << 20;

interface Watched {
  readonly range: WatchRange;
  readonly last: bigint;
  readonly spaces: StorageRange['spaces'];
}

/** Watched bytes with the storage that lies behind them. */
interface Bound extends StoragePiece {
  readonly range: WatchRange;
  /** Contents when last looked at, to tell stores that change nothing; undefined when every store counts. */
  readonly seen: Uint8Array | undefined;
}

interface Touch {
  readonly bound: Bound;
  /** Offsets into the storage of the first byte, and of that behind the last one. */
  readonly from: number;
  readonly to: number;
}

/**
 * A debugger's watchpoints. A watch means the storage behind its addresses as the vCPU sees it that was selected when it
 * was set: it is met however that storage is reached. A `write` watch is met by what changes a byte, which is what gdb shows.
 */
export class Watchpoints implements StorageWatch {
  readonly #guest: Guest;
  readonly #attention: Attention;
  readonly #executing: () => GuestVcpu | undefined;
  #watched: readonly Watched[] = [];
  #compares = true;
  readonly #frames = new BoundFrames<Bound>();
  #touched: Touch[] = [];
  #key = '';
  /** The range that was met last, until something is watched anew. */
  #met: WatchRange | undefined;
  /** Whether a watchpoint that was met counts; `vcpu` is whose instruction it was, if it was one. */
  condition: (range: WatchRange, vcpu: GuestVcpu | undefined) => boolean = () => true;

  /** `executing` gives the vCPU whose run is in hand. */
  constructor(guest: Guest, attention = new Attention(), executing: () => GuestVcpu | undefined = () => undefined) {
    this.#guest = guest;
    this.#attention = attention;
    this.#executing = executing;
  }

  /** True when fetches are watched, too. */
  get fetches(): boolean {
    return this.#watched.some(({ range }) => range.access !== 'write');
  }
  /** Takes the contents of what is watched as they are now for the old ones. */
  refresh(): void {
    this.#touched = [];
    for (const { seen, at } of this.#frames.all()) seen?.set(this.#guest.readStorage(at, seen.length));
  }

  /**
   * Watches these ranges, and takes their contents as they are now for the old ones. What lies behind them is looked up
   * anew; true when that are other frames, or other ranges, than before.
   */
  watch(ranges: readonly WatchRange[]): boolean {
    this.#frames.clear();
    this.#touched = [];
    this.#met = undefined;
    const bytes = ranges.reduce((sum, r) => sum + (r.access === 'write' ? r.length : 0), 0);
    this.#compares = bytes <= MOST_COMPARED;
    const key: string[] = [];
    this.#watched = ranges.map((range) => {
      const { pieces, spaces } = this.#guest.storageBehind(range.vcpu, range.address, range.length);
      for (const piece of pieces) this.#bind(range, piece);
      key.push(`${range.access} ${range.address} ${range.length} ${spaces}`);
      key.push(...pieces.map(({ at, length }) => `${at}+${length}`));
      return { range, spaces, last: range.address + BigInt(range.length) - 1n };
    });
    const before = this.#key;
    this.#key = key.join();
    return this.#key !== before;
  }

  /** Nobody listens here any more; what is watched next is new. Always false. */
  forget(): false {
    this.watch([]);
    return false;
  }

  /** @inheritdoc */
  watchesFrame(frame: number): boolean {
    return this.#frames.in(frame).length > 0;
  }

  /** @inheritdoc */
  watches(at: number, length: number, access: 'fetch' | 'store'): boolean {
    const here = this.#frames.in(Math.floor(at / PAGE_BYTES));
    const counts = ({ access: watched }: WatchRange): boolean => access === 'store' || watched !== 'write';
    return here.some((b) => counts(b.range) && at < b.at + b.length && b.at < at + length);
  }

  /** @inheritdoc */
  stored(at: number, length: number): boolean {
    return this.#touch(at, length, 'read');
  }
  /** @inheritdoc */
  fetched(at: number, length: number): boolean {
    return this.#touch(at, length, 'write');
  }

  /** @inheritdoc */
  reached(space: bigint, high: number, low: number, at: number): boolean {
    const page = (BigInt(high) << 32n) | BigInt((low & -PAGE_BYTES) >>> 0);
    const frameAt = at - (at % PAGE_BYTES);
    let found = false;
    for (const watched of this.#watched) {
      const { range, last, spaces } = watched;
      if (spaces !== 'any' && !spaces.includes(space)) continue;
      const end = page + BigInt(PAGE_BYTES) - 1n;
      if (end < range.address || page > last) continue;
      const first = page > range.address ? page : range.address;
      const length = Number((end < last ? end : last) - first) + 1;
      found = this.#bindOnce(range, { address: first, at: frameAt + Number(first - page), length }) || found;
    }
    return found;
  }

  /** @inheritdoc */
  met(): StopExit | undefined {
    if (this.#touched.length === 0) return undefined;
    const touched = this.#touched;
    this.#touched = [];
    const { mode } = this.#attention;
    if (mode === 'off') return undefined;
    // All are looked at, for the contents that count next time.
    const vcpu = this.#executing();
    const [met] = touched.filter((touch) => this.#counts(touch) && this.condition(touch.bound.range, vcpu));
    if (met === undefined) return undefined;
    this.#met = met.bound.range;
    const { access } = met.bound.range;
    const address = met.bound.address + BigInt(met.from - met.bound.at);
    const reason = { kind: 'watchpoint', access, address } as const;
    if (mode !== 'record') return { kind: 'debug', reason };
    // What has changed the bytes has begun, and counts.
    if (vcpu !== undefined) this.#attention.hit({ at: vcpu.elapsed() - 1n, vcpu: vcpu.id, reason });
    return undefined;
  }

  /**
   * What the watch that was met last is about: the bytes behind its addresses, wherever its instruction has led the vCPU. An
   * interruption may have taken that into another space. Undefined for other bytes.
   */
  contents(address: bigint, length: number): Uint8Array | undefined {
    const range = this.#met;
    const end = address + BigInt(length);
    if (range === undefined || address < range.address || end > range.address + BigInt(range.length)) return undefined;
    const out = new Uint8Array(length);
    const there = new Uint8Array(length);
    for (const bound of this.#frames.all()) {
      const skipped = bound.address > address ? 0 : Number(address - bound.address);
      const to = bound.address > address ? Number(bound.address - address) : 0;
      const bytes = Math.min(bound.length - skipped, length - to);
      if (bound.range !== range || bytes <= 0) continue;
      out.set(this.#guest.readStorage(bound.at + skipped, bytes), to);
      there.fill(1, to, to + bytes);
    }
    return there.includes(0) ? undefined : out;
  }

  #bindOnce(range: WatchRange, piece: StoragePiece): boolean {
    const here = this.#frames.in(Math.floor(piece.at / PAGE_BYTES));
    const end = piece.at + piece.length;
    if (here.some((b) => b.range === range && b.at <= piece.at && end <= b.at + b.length)) return false;
    this.#bind(range, piece);
    return true;
  }

  #bind(range: WatchRange, piece: StoragePiece): void {
    const compares = range.access === 'write' && this.#compares;
    const seen = compares ? this.#guest.readStorage(piece.at, piece.length) : undefined;
    this.#frames.add({ ...piece, range, seen });
  }

  #touch(at: number, length: number, but: 'read' | 'write'): boolean {
    const here = this.#frames.in(Math.floor(at / PAGE_BYTES));
    const before = this.#touched.length;
    for (const bound of here) {
      const from = Math.max(at, bound.at);
      const to = Math.min(at + length, bound.at + bound.length);
      if (from < to && bound.range.access !== but) this.#touched.push({ bound, from, to });
    }
    return this.#touched.length > before;
  }

  #counts({ bound, from, to }: Touch): boolean {
    const { seen, at } = bound;
    if (seen === undefined) return true;
    const now = this.#guest.readStorage(from, to - from);
    const same = now.every((byte, i) => byte === seen[from - at + i]);
    seen.set(now, from - at);
    return !same;
  }
}
