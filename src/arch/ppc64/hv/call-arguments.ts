import { files } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';

const { asUintN } = BigInt;
/** The register with the first argument. */
const FIRST = 4;

/** What a hypercall is made with, and what it leaves, in r4 and on: by words, since a boot of Linux makes 70,000 calls. */
export interface CallArguments {
  /** The words of the argument number `n`, from 0. */
  high(n: number): number;
  low(n: number): number;
  set(n: number, high: number, low: number): void;
}

/** Those in the registers of a vCPU. */
export class RegisterArguments implements CallArguments {
  readonly #view: DataView;
  readonly #at: number;

  constructor({ view, base }: Vcpu) {
    this.#view = view;
    this.#at = base + files.gpr.offset + 8 * FIRST;
  }
  high(n: number): number {
    return this.#view.getUint32(this.#at + 8 * n + 4, true);
  }
  low(n: number): number {
    return this.#view.getUint32(this.#at + 8 * n, true);
  }
  set(n: number, high: number, low: number): void {
    this.#view.setUint32(this.#at + 8 * n, low, true);
    this.#view.setUint32(this.#at + 8 * n + 4, high, true);
  }
}

/** Those of a call that user space was given. */
export class ListedArguments implements CallArguments {
  readonly #list: bigint[];

  constructor(list: bigint[]) {
    this.#list = list;
  }
  high(n: number): number {
    return Number(asUintN(32, (this.#list[n] ?? 0n) >> 32n));
  }
  low(n: number): number {
    return Number(asUintN(32, this.#list[n] ?? 0n));
  }
  set(n: number, high: number, low: number): void {
    this.#list[n] = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
  }
}
