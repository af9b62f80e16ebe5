import { ELSEWHERE, engineState } from './layout.ts';

/** What one run can be asked for. */
const MOST_INSTRUCTIONS = 0x4000_0000;

/**
 * Instructions that a vCPU has begun since the machine started, and how many a run may begin. Generated code has where the run
 * ends and what is left of it; every entry and every fault looks here, so it is done by words wherever it can be.
 */
export class InstructionCount {
  readonly #view: DataView;
  readonly #end: number;
  readonly #remaining: number;
  readonly #sliceEnded: number;
  /** The limit that was asked for last, with its halves. */
  #limit = 0n;
  #limitHigh = 0;
  #limitLow = 0;

  /** Of the vCPU whose state is at `base`. */
  constructor(view: DataView, base: number) {
    this.#view = view;
    this.#end = base + engineState.end.offset;
    this.#remaining = base + engineState.remaining.offset;
    this.#sliceEnded = base + engineState.sliceEnded.offset;
  }

  get value(): bigint {
    return this.#view.getBigUint64(this.#end, true) - BigInt(this.#view.getUint32(this.#remaining, true));
  }
  set value(value: bigint) {
    this.#view.setBigUint64(this.#end, value, true);
    this.#view.setUint32(this.#remaining, 0, true);
  }
  /** Bits 32-63. */
  get low(): number {
    return (this.#view.getUint32(this.#end, true) - this.#view.getUint32(this.#remaining, true)) >>> 0;
  }
  /** Bits 0-31. */
  get high(): number {
    const borrow = this.#view.getUint32(this.#end, true) < this.#view.getUint32(this.#remaining, true) ? 1 : 0;
    return (this.#view.getUint32(this.#end + 4, true) - borrow) >>> 0;
  }

  /** Instructions until the count is `limit`, 0 when it is; not exact when there are more than 2^52. */
  until(limit: bigint): number {
    const view = this.#view;
    // A run asks for the same one at every entry.
    if (limit !== this.#limit) this.#splitLimit(limit);
    const high = this.#limitHigh - view.getUint32(this.#end + 4, true);
    const low = this.#limitLow - view.getUint32(this.#end, true);
    const left = high * 0x1_0000_0000 + low + view.getUint32(this.#remaining, true);
    return left > 0 ? left : 0;
  }

  #splitLimit(limit: bigint): void {
    this.#limit = limit;
    this.#limitHigh = Number(BigInt.asUintN(32, limit >> 32n));
    this.#limitLow = Number(BigInt.asUintN(32, limit));
  }

  /** A run may begin so many. */
  allow(count: number): void {
    const most = count < MOST_INSTRUCTIONS ? count : MOST_INSTRUCTIONS;
    this.#endAfter(most);
    this.#view.setUint32(this.#sliceEnded, 0, true);
  }
  /** The run ends behind the instruction in execution; `how` joins what `sliceEnded` says. */
  end(how: number): void {
    this.#endAfter(0);
    this.#view.setUint32(this.#sliceEnded, this.#view.getUint32(this.#sliceEnded, true) | how, true);
  }
  /** The instruction in execution is over, and the run goes on at another address. */
  goElsewhere(): void {
    this.#view.setUint32(this.#sliceEnded, this.#view.getUint32(this.#sliceEnded, true) | ELSEWHERE, true);
  }
  /** The run ends behind the next instruction that begins. */
  endBehindNext(): void {
    this.#endAfter(1);
    this.#view.setUint32(this.#sliceEnded, 1, true);
  }

  #endAfter(count: number): void {
    const view = this.#view;
    const at = this.#end;
    const low = view.getUint32(at, true) - view.getUint32(this.#remaining, true) + count;
    view.setUint32(at, low, true);
    if (low < 0) view.setUint32(at + 4, view.getUint32(at + 4, true) - 1, true);
    else if (low > 0xffff_ffff) view.setUint32(at + 4, view.getUint32(at + 4, true) + 1, true);
    view.setUint32(this.#remaining, count, true);
  }
}
