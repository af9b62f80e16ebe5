/**
 * What cases are made from. Not the seed of the run: a case that meets a fault of QEMU that is not known yet would fail a
 * run that has nothing to do with it. `ORACLE_SEED` looks for such faults, and for our own.
 */
export const oracleSeed = Number(process.env.ORACLE_SEED ?? 1);

/** Pseudo-random choices (mulberry32), the same for the same seed and stream. */
export class Chance {
  #state: number;

  constructor(stream: number) {
    this.#state = (stream ^ Math.imul(oracleSeed, 0x9e37_79b1)) >>> 0;
  }

  /** 32 bits. */
  word(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
  /** 0 to `n` - 1. */
  below(n: number): number {
    return Math.floor((this.word() / 2 ** 32) * n);
  }
  /** True in `percent` of a hundred cases. */
  percent(percent: number): boolean {
    return this.below(100) < percent;
  }
  pick<T>(from: readonly [T, ...T[]]): T {
    return from[this.below(from.length)] ?? from[0];
  }
  /** `bits` of 64 at most. */
  big(bits: number): bigint {
    return BigInt.asUintN(bits, (BigInt(this.word()) << 32n) | BigInt(this.word()));
  }
  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.word() >>> 24);
  }
}

/** A stream number from text. */
export function streamOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const c of text) hash = Math.imul(hash ^ (c.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
