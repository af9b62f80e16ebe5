import type { StopExit } from '../../../machine/exit.ts';
import type { WatchRange } from '../../../machine/guest.ts';
import type { AccessKind, WatchList } from '../cpu/access.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

type ReadMemory = (vcpu: Vcpu, address: bigint, length: number) => Uint8Array;

interface Watched extends WatchRange {
  readonly last: bigint;
  /** Contents when last looked at, to tell stores that change nothing. */
  seen: Uint8Array;
}

/**
 * The debugger's watchpoints on virtual addresses. Pages with a watched byte stay out of the TLB's fast path; accesses to
 * them are compared here. A `write` watchpoint is met by a store that changes a watched byte, which is what gdb shows.
 */
export class Watchpoints implements WatchList {
  readonly #ranges: readonly Watched[];
  readonly #pages: ReadonlySet<string>;
  readonly #read: ReadMemory;
  readonly #touched: { readonly range: Watched; readonly address: bigint }[] = [];

  /** `start` is the vCPU whose space the ranges' first contents are read in. */
  constructor(ranges: readonly WatchRange[], start: Vcpu, read: ReadMemory) {
    this.#read = read;
    this.#ranges = ranges.map((r) => ({
      ...r,
      last: r.address + BigInt(Math.max(1, r.length)) - 1n,
      seen: read(start, r.address, r.length),
    }));
    const pages = new Set<string>();
    for (const r of this.#ranges) {
      for (let p = r.address & ~0xfffn; p <= r.last; p += 0x1000n)
        pages.add(pageKey(Number(p >> 32n), Number(p & 0xffff_ffffn)));
    }
    this.#pages = pages;
  }

  /** @inheritdoc */
  watchesPage(high: number, low: number): boolean {
    return this.#pages.has(pageKey(high, low));
  }

  /** @inheritdoc */
  accessed(vcpu: Vcpu, high: number, low: number, length: number, kind: AccessKind): void {
    if (kind === 'ifetch') return;
    const first = (BigInt(high) << 32n) | BigInt(low);
    const last = first + BigInt(length) - 1n;
    for (const range of this.#ranges) {
      const wanted = range.access === 'access' || (range.access === 'write') === (kind === 'store');
      if (!wanted || first > range.last || last < range.address) continue;
      this.#touched.push({ range, address: first > range.address ? first : range.address });
      vcpu.endSlice();
    }
  }

  /** What the run ends with for the watchpoint that was met since this was last asked, once the accessing instruction is done. */
  met(vcpu: Vcpu): StopExit | undefined {
    if (this.#touched.length === 0) return undefined;
    const touched = this.#touched.splice(0);
    const met = touched.find(({ range }) => range.access !== 'write' || this.#changed(vcpu, range));
    return met === undefined
      ? undefined
      : { kind: 'debug', reason: { kind: 'watchpoint', access: met.range.access, address: met.address } };
  }

  #changed(vcpu: Vcpu, r: Watched): boolean {
    const now = this.#read(vcpu, r.address, r.length);
    const same = now.length === r.seen.length && now.every((b, i) => b === r.seen[i]);
    r.seen = now;
    return !same;
  }
}

function pageKey(high: number, low: number): string {
  return `${high}:${low >>> 12}`;
}
