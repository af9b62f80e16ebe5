import { slbState } from '../cpu/state-layout.ts';

/** Bits of the words of SLBMTE's registers, by their low words unless it says otherwise. */
export const SLB = {
  /** RB: the entry is valid. */
  valid: 0x0800_0000,
  /** RS, high word: the size of the segment, 1 for 1 TiB. */
  sizeHigh: 0xc000_0000,
  terabyteHigh: 0x4000_0000,
  ks: 0x800,
  kp: 0x400,
  noExecute: 0x200,
  large: 0x100,
  class: 0x80,
  lp: 0x30,
} as const;

/** Page sizes by bits L and LP of a segment: the base page's shift. */
export function baseShift(rsLow: number): 12 | 16 | 24 | 34 | undefined {
  switch (rsLow & (SLB.large | SLB.lp)) {
    case 0:
      return 12;
    case 0x110:
      return 16;
    case 0x100:
      return 24;
    case 0x120:
      return 34;
    default:
      return undefined;
  }
}

/** The segment lookaside buffer of a vCPU, in its state: entries as SLBMTE gave them, RB without its index. */
export class Slb {
  readonly #words: Uint32Array;
  readonly #at: number;
  /** How often an entry was replaced or dropped. */
  #changes = 0;
  /** That of the time when entries were saved last, and where to. */
  #savedAt = -1;
  #savedTo: Uint32Array | undefined;

  /** Of the vCPU whose state is at `base` of the memory. */
  constructor(memory: WebAssembly.Memory, base: number) {
    this.#words = new Uint32Array(memory.buffer);
    this.#at = (base + slbState.offset) >>> 2;
  }

  get size(): number {
    return slbState.entries;
  }
  rbHigh(n: number): number {
    return this.#words[this.#at + n * 4 + 1] ?? 0;
  }
  rbLow(n: number): number {
    return this.#words[this.#at + n * 4] ?? 0;
  }
  rsHigh(n: number): number {
    return this.#words[this.#at + n * 4 + 3] ?? 0;
  }
  rsLow(n: number): number {
    return this.#words[this.#at + n * 4 + 2] ?? 0;
  }
  rb(n: number): bigint {
    return (BigInt(this.rbHigh(n)) << 32n) | BigInt(this.rbLow(n));
  }
  rs(n: number): bigint {
    return (BigInt(this.rsHigh(n)) << 32n) | BigInt(this.rsLow(n));
  }
  isValid(n: number): boolean {
    return (this.rbLow(n) & SLB.valid) !== 0;
  }

  /** Number of the valid entry for an effective address, -1 when none has it. */
  find(high: number, low: number): number {
    const words = this.#words;
    for (let n = 0, at = this.#at; n < slbState.entries; n++, at += 4) {
      const rbLow = words[at] ?? 0;
      if ((rbLow & SLB.valid) === 0) continue;
      const rbHigh = words[at + 1] ?? 0;
      const large = ((words[at + 3] ?? 0) & SLB.sizeHigh) !== 0;
      if (large ? rbHigh >>> 8 === high >>> 8 : rbHigh === high && rbLow >>> 28 === low >>> 28) return n;
    }
    return -1;
  }

  /** SLBMTE: replaces an entry; true when a valid one was there. */
  set(n: number, rb: bigint, rs: bigint): boolean {
    const had = this.isValid(n);
    this.#changes++;
    const words = this.#words;
    const at = this.#at + n * 4;
    words[at] = Number(rb & 0xf800_0000n);
    words[at + 1] = Number(rb >> 32n);
    words[at + 2] = Number(rs & 0xffff_ffffn);
    words[at + 3] = Number(rs >> 32n);
    return had;
  }
  /** The entry is not valid any more. */
  drop(n: number): void {
    this.#changes++;
    const at = this.#at + n * 4;
    this.#words[at] = (this.#words[at] ?? 0) & ~SLB.valid;
  }
  /**
   * The entries as words, RB in front of RS, in `into` when it is given, which nobody else writes to; those that are not valid have none of
   * their bits. What holds them already is left as it is, unless all of the vCPU's state has been replaced: then a new one must be asked for.
   */
  saved(into: Uint32Array = new Uint32Array(slbState.entries * 4)): Uint32Array {
    if (into === this.#savedTo && this.#savedAt === this.#changes) return into;
    this.#savedTo = into;
    this.#savedAt = this.#changes;
    const words = this.#words;
    for (let i = 0, at = this.#at; i < into.length; i += 4, at += 4) {
      const isValid = ((words[at] ?? 0) & SLB.valid) !== 0;
      for (let k = 0; k < 4; k++) into[i + k] = isValid ? (words[at + k] ?? 0) : 0;
    }
    return into;
  }
  clear(): void {
    this.#changes++;
    this.#words.fill(0, this.#at, this.#at + slbState.entries * 4);
  }
}

/** A segment as it is saved when a guest is left: RB with the entry's number, RS. */
export interface SavedSegment {
  readonly rb: bigint;
  readonly rs: bigint;
}

/** The valid ones of saved entries, without gaps. */
export function savedSegments(words: Uint32Array): readonly SavedSegment[] {
  const pair = (at: number): bigint => (BigInt(words[at + 1] ?? 0) << 32n) | BigInt(words[at] ?? 0);
  return Array.from({ length: slbState.entries }, (_, n) => ({
    rb: pair(4 * n) | BigInt(n),
    rs: pair(4 * n + 2),
  })).filter((_, n) => ((words[4 * n] ?? 0) & SLB.valid) !== 0);
}
