import type { Stateful } from '../../../bits/stateful.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import { icpt, type SieBlock } from '../sie/state-description.ts';

/** An interception as the log keeps it. */
export interface LoggedIntercept {
  readonly code: number;
  readonly ipa: number;
  readonly ipb: number;
  /** Program-interruption code, for code 08. */
  readonly pgm: number;
  readonly icount: bigint;
  /** Guest PSW address at the interception. */
  readonly address: bigint;
}

const KEPT = 64;

/** What the log holds of one, to be written over by another. */
interface Entry {
  code: number;
  ipa: number;
  ipb: number;
  pgm: number;
  /** Instruction count and PSW address, the high word of each first. */
  readonly words: Uint32Array;
}

const WORDS = 4;
const join = (high = 0, low = 0): bigint => (BigInt(high) << 32n) | BigInt(low);
const split = (value: bigint): [high: number, low: number] => [Number(value >> 32n), Number(BigInt.asUintN(32, value))];

function loggedOf({ words, ...rest }: Entry): LoggedIntercept {
  return { ...rest, icount: join(words[0], words[1]), address: join(words[2], words[3]) };
}

function entryOf({ icount, address, ...rest }: LoggedIntercept): Entry {
  return { ...rest, words: Uint32Array.of(...split(icount), ...split(address)) };
}

const names: ReadonlyMap<number, string> = new Map(
  Object.entries(icpt).map(([name, code]): [number, string] => [
    code,
    name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`),
  ]),
);

/** Name of an interception code. */
export function interceptName(code: number): string {
  return names.get(code) ?? `code-${code.toString(16)}`;
}

/** What was counted by code, and the last ones, oldest first. */
export interface InterceptLogState {
  readonly counts: readonly (readonly [code: number, count: number])[];
  readonly instructions: readonly (readonly [mnemonic: string, count: number])[];
  readonly last: readonly LoggedIntercept[];
}

/** Counts a vCPU's interceptions by kind and keeps the last ones. */
export class InterceptLog implements Stateful<InterceptLogState> {
  readonly counts = new Map<number, number>();
  /** Instructions that were handed over, by mnemonic. */
  readonly instructions = new Map<string, number>();
  readonly #last: Entry[] = [];
  #next = 0;

  /** An interception of the vCPU that `block` describes. */
  record(block: SieBlock, vcpu: Vcpu): void {
    const code = block.icptcode;
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    const hasText = code === icpt.instruction || code === icpt.operation || code === icpt.partialExecution;
    const entry = this.#entry();
    entry.code = code;
    entry.ipa = hasText ? block.ipa : 0;
    entry.ipb = hasText ? block.ipb : 0;
    entry.pgm = code === icpt.program ? block.get('iprcc') : 0;
    const { words } = entry;
    words[0] = vcpu.instructions.high;
    words[1] = vcpu.instructions.low;
    if (vcpu.hasInvalidPsw) [words[2], words[3]] = split(vcpu.psw.address);
    else [, , words[2], words[3]] = vcpu.pswWords();
  }

  /** An instruction was handed over. */
  countInstruction(mnemonic: string): void {
    this.instructions.set(mnemonic, (this.instructions.get(mnemonic) ?? 0) + 1);
  }

  // The oldest one is used anew: an interception is to leave nothing for the garbage collector.
  #entry(): Entry {
    const next = this.#next;
    this.#next = (next + 1) % KEPT;
    const entry = this.#last[next] ?? {
      code: 0,
      ipa: 0,
      ipb: 0,
      pgm: 0,
      words: new Uint32Array(WORDS),
    };
    this.#last[next] = entry;
    return entry;
  }

  /** Forgets everything. */
  reset(): void {
    this.counts.clear();
    this.instructions.clear();
    this.#last.length = 0;
    this.#next = 0;
  }

  /** @inheritdoc */
  save(): InterceptLogState {
    return { counts: [...this.counts], instructions: [...this.instructions], last: this.last() };
  }
  /** @inheritdoc */
  restore({ counts, instructions, last }: InterceptLogState): void {
    this.reset();
    for (const [mnemonic, n] of instructions) this.instructions.set(mnemonic, n);
    for (const [code, n] of counts) this.counts.set(code, n);
    this.#last.push(...last.map(entryOf));
    this.#next = last.length % KEPT;
  }

  /** The last interceptions, oldest first. */
  last(): LoggedIntercept[] {
    return [...this.#last.slice(this.#next), ...this.#last.slice(0, this.#next)].map(loggedOf);
  }
}
