import type { InterceptHandler } from './row.ts';

/** An intercepted instruction with its operand fields taken apart. */
export interface BoundInstruction {
  /** Its text, as the state description has it. */
  readonly ipa: number;
  readonly ipb: number;
  readonly mnemonic: string;
  /** The problem state may use it. */
  readonly unprivileged: boolean;
  /** It may be carried out without leaving generated code. */
  readonly atOnce: boolean;
  readonly run: InterceptHandler;
}

/** Places, a power of two. */
const PLACES = 256;
/** 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e37_79b1;

/** Intercepted instructions by their text, the last one of each place: a guest executes the same few over and over. */
export class BoundInstructions {
  readonly #bound: (BoundInstruction | undefined)[] = new Array(PLACES).fill(undefined);

  /** What was kept for a text. */
  find(ipa: number, ipb: number): BoundInstruction | undefined {
    const bound = this.#bound[placeOf(ipa, ipb)];
    return bound?.ipa === ipa && bound.ipb === ipb ? bound : undefined;
  }
  keep(bound: BoundInstruction): void {
    this.#bound[placeOf(bound.ipa, bound.ipb)] = bound;
  }
}

function placeOf(ipa: number, ipb: number): number {
  return (Math.imul(ipb ^ Math.imul(ipa, GOLDEN), GOLDEN) >>> 24) & (PLACES - 1);
}
