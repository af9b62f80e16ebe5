import type { Stateful } from '../bits/stateful.ts';

const MASK = 0xffff_ffff_ffff_ffffn;
const STEP = 0x9e37_79b9_7f4a_7c15n;

/**
 * The machine's source of random numbers: SplitMix64 from a constant on, so that runs repeat. It is not fit for secrets.
 * Its whole state is how many doublewords were drawn.
 */
export class RandomSource implements Stateful<bigint> {
  drawn = 0n;

  /** The next bytes; what is left of the last doubleword is lost. */
  draw(length: number): Uint8Array {
    const out = new DataView(new ArrayBuffer(Math.ceil(length / 8) * 8));
    for (let at = 0; at < out.byteLength; at += 8) out.setBigUint64(at, this.#next());
    return new Uint8Array(out.buffer, 0, length);
  }

  /** @inheritdoc */
  save(): bigint {
    return this.drawn;
  }
  /** @inheritdoc */
  restore(drawn: bigint): void {
    this.drawn = drawn;
  }

  #next(): bigint {
    this.drawn += 1n;
    let z = (this.drawn * STEP) & MASK;
    z = ((z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n) & MASK;
    z = ((z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn) & MASK;
    return z ^ (z >> 31n);
  }
}
