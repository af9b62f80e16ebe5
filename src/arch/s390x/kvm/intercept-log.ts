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

/** Interception codes are a byte. */
const CODES = 256;

/** Words of an entry: code, text (2), program-interruption code, instruction count and PSW address, high words first. */
const at = { code: 0, ipa: 1, ipb: 2, pgm: 3, icount: 4, address: 6 } as const;
const ENTRY_WORDS = 8;

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

interface InstructionCounter {
  readonly mnemonic: string;
  count: number;
}

/** Counts a vCPU's interceptions by kind and keeps the last ones. Nothing is left for the garbage collector by that. */
export class InterceptLog implements Stateful<InterceptLogState> {
  readonly #counts = new Float64Array(CODES);
  /** Instructions that were handed over, by mnemonic; and the one that was last. */
  readonly #instructions = new Map<string, InstructionCounter>();
  #latest: InstructionCounter | undefined;
  /** A ring of entries. */
  readonly #last = new Uint32Array(KEPT * ENTRY_WORDS);
  /** Entries in the ring, and where the next one goes. */
  #kept = 0;
  #next = 0;

  /** An interception of the vCPU that `block` describes. */
  record(block: SieBlock, vcpu: Vcpu): void {
    const code = block.icptcode;
    this.#counts[code] = (this.#counts[code] ?? 0) + 1;
    const hasText = code === icpt.instruction || code === icpt.operation || code === icpt.partialExecution;
    const entry = this.#entry();
    this.#set(entry + at.code, code);
    this.#set(entry + at.ipa, hasText ? block.ipa : 0);
    this.#set(entry + at.ipb, hasText ? block.ipb : 0);
    this.#set(entry + at.pgm, code === icpt.program ? block.get('iprcc') : 0);
    this.#set(entry + at.icount, vcpu.instructions.high);
    this.#set(entry + at.icount + 1, vcpu.instructions.low);
    if (vcpu.hasInvalidPsw) this.#setBig(entry + at.address, vcpu.psw.address);
    else {
      this.#set(entry + at.address, vcpu.nextHigh);
      this.#set(entry + at.address + 1, vcpu.nextLow);
    }
  }

  /** An instruction was handed over. A guest in a hurry hands over the same one again and again. */
  countInstruction(mnemonic: string): void {
    if (this.#latest?.mnemonic !== mnemonic) this.#latest = this.#counterOf(mnemonic);
    this.#latest.count++;
  }
  /** How many of each instruction there were. */
  get instructions(): ReadonlyMap<string, number> {
    return new Map([...this.#instructions.values()].map(({ mnemonic, count }) => [mnemonic, count]));
  }
  #counterOf(mnemonic: string): InstructionCounter {
    const known = this.#instructions.get(mnemonic);
    if (known !== undefined) return known;
    const counter = { mnemonic, count: 0 };
    this.#instructions.set(mnemonic, counter);
    return counter;
  }

  /** How many of each code there were, of which there was one. */
  get counts(): ReadonlyMap<number, number> {
    return new Map([...this.#counts].map((n, code) => [code, n] as const).filter(([, n]) => n > 0));
  }

  /** Forgets everything. */
  reset(): void {
    this.#counts.fill(0);
    this.#kept = 0;
    this.#instructions.clear();
    this.#latest = undefined;
    this.#next = 0;
  }

  /** @inheritdoc */
  save(): InterceptLogState {
    return { counts: [...this.counts], instructions: [...this.instructions], last: this.last() };
  }
  /** @inheritdoc */
  restore({ counts, instructions, last }: InterceptLogState): void {
    this.reset();
    for (const [mnemonic, n] of instructions) this.#counterOf(mnemonic).count = n;
    for (const [code, n] of counts) this.#counts[code] = n;
    for (const one of last) {
      const entry = this.#entry();
      this.#set(entry + at.code, one.code);
      this.#set(entry + at.ipa, one.ipa);
      this.#set(entry + at.ipb, one.ipb);
      this.#set(entry + at.pgm, one.pgm);
      this.#setBig(entry + at.icount, one.icount);
      this.#setBig(entry + at.address, one.address);
    }
  }

  /** The last interceptions, oldest first. */
  last(): LoggedIntercept[] {
    const oldest = this.#next - this.#kept + KEPT;
    return Array.from({ length: this.#kept }, (_, i) => {
      const entry = ((oldest + i) % KEPT) * ENTRY_WORDS;
      const word = (n: number): number => this.#last[entry + n] ?? 0;
      const big = (n: number): bigint => (BigInt(word(n)) << 32n) | BigInt(word(n + 1));
      return {
        code: word(at.code),
        ipa: word(at.ipa),
        ipb: word(at.ipb),
        pgm: word(at.pgm),
        icount: big(at.icount),
        address: big(at.address),
      };
    });
  }

  /** Makes room for one more, in place of the oldest when there is none; its first word. */
  #entry(): number {
    const next = this.#next;
    this.#next = (next + 1) % KEPT;
    if (this.#kept < KEPT) this.#kept++;
    return next * ENTRY_WORDS;
  }
  #set(word: number, value: number): void {
    this.#last[word] = value;
  }
  #setBig(word: number, value: bigint): void {
    this.#last[word] = Number(BigInt.asUintN(32, value >> 32n));
    this.#last[word + 1] = Number(BigInt.asUintN(32, value));
  }
}
