import type { Stateful } from '../../../bits/stateful.ts';
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
  readonly last: readonly LoggedIntercept[];
}

/** Counts a vCPU's interceptions by kind and keeps the last ones. */
export class InterceptLog implements Stateful<InterceptLogState> {
  readonly counts = new Map<number, number>();
  readonly #last: LoggedIntercept[] = [];
  #next = 0;

  /** An interception at an instruction count and a PSW address. */
  record(block: SieBlock, icount: bigint, address: bigint): void {
    const code = block.get('icptcode');
    this.counts.set(code, (this.counts.get(code) ?? 0) + 1);
    const hasText = code === icpt.instruction || code === icpt.operation || code === icpt.partialExecution;
    this.#last[this.#next] = {
      code,
      ipa: hasText ? block.get('ipa') : 0,
      ipb: hasText ? block.get('ipb') : 0,
      pgm: code === icpt.program ? block.get('iprcc') : 0,
      icount,
      address,
    };
    this.#next = (this.#next + 1) % KEPT;
  }

  /** Forgets everything. */
  reset(): void {
    this.counts.clear();
    this.#last.length = 0;
    this.#next = 0;
  }

  /** @inheritdoc */
  save(): InterceptLogState {
    return { counts: [...this.counts].map(([code, n]) => [code, n]), last: this.last().map((one) => ({ ...one })) };
  }
  /** @inheritdoc */
  restore({ counts, last }: InterceptLogState): void {
    this.reset();
    for (const [code, n] of counts) this.counts.set(code, n);
    this.#last.push(...last.map((one) => ({ ...one })));
    this.#next = last.length % KEPT;
  }

  /** The last interceptions, oldest first. */
  last(): LoggedIntercept[] {
    return [...this.#last.slice(this.#next), ...this.#last.slice(0, this.#next)];
  }
}
