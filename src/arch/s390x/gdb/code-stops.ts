import type { StopReason } from '../../../machine/debug-target.ts';
import type { GuestVcpuExit, RunOptions } from '../../../machine/guest.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { LinuxSymbols } from '../linux/symbols.ts';

/** An address-space-control element's table origin: what tells spaces apart, whatever its flags. */
const ORIGIN = ~0xfffn;

/**
 * The instruction addresses at which checked runs stop: breakpoints, ends of ranges, places where symbols change. The
 * engine asks about addresses that its filter lets through, which tells them by bits 48-62 alone.
 */
export class CodeStops {
  /** Breakpoints that count in one address space only, with its ASCE. */
  readonly limits = new Map<bigint, bigint>();
  symbols: LinuxSymbols | undefined;
  readonly #filter: Uint8Array;
  #breakpoints: ReadonlySet<bigint> = new Set();
  /** Where the guest's symbols may change; empty while nobody follows them. */
  #places: readonly bigint[] = [];
  /** The change that was reported last: the same vCPU is at the same instruction when it is resumed. */
  #changed: { readonly vcpu: Vcpu; readonly at: bigint } | undefined;
  #within: RunOptions['within'];
  #until: bigint | undefined;
  #ended = false;
  #hit: StopReason | 'end' | undefined;

  /** `filter` has a byte, 0 or 1, for each value of address bits 48-62. */
  constructor(filter: Uint8Array) {
    this.#filter = filter;
  }

  /** Replaces the breakpoints. */
  setBreakpoints(addresses: ReadonlySet<bigint>): void {
    this.#strike(0);
    this.#breakpoints = addresses;
    this.#strike(1);
  }
  /** Whether places where symbols change are stops; looks where they are now. */
  followSymbols(on: boolean): void {
    this.#strike(0);
    this.#places = on && this.symbols !== undefined ? this.symbols.places() : [];
    this.#strike(1);
  }
  #strike(value: 0 | 1): void {
    for (const a of this.#breakpoints) this.#filter[slot(a)] = value;
    for (const a of this.#places) this.#filter[slot(a)] = value;
  }

  /** Lets a vCPU run until it leaves a range, or comes to an address. */
  run(run: () => GuestVcpuExit, { within, until }: Pick<RunOptions, 'within' | 'until'>): GuestVcpuExit {
    if (within === undefined && until === undefined) return run();
    const before = this.#filter.slice();
    if (until !== undefined) this.#filter[slot(until)] = 1;
    // Any address may be outside.
    if (within !== undefined) this.#filter.fill(1);
    this.#within = within;
    this.#until = until;
    this.#ended = false;
    try {
      const exit = run();
      return this.#ended ? { kind: 'quantum' } : exit;
    } finally {
      this.#filter.set(before);
      this.#within = undefined;
      this.#until = undefined;
    }
  }

  /** True when a vCPU that is about to execute the instruction at `address` shall stop there. */
  at(vcpu: Vcpu, address: bigint): boolean {
    this.#hit = this.#reasonAt(vcpu, address);
    this.#ended ||= this.#hit === 'end';
    return this.#hit !== undefined;
  }
  /** What the last stop was for, once; undefined when it was none of these. */
  takeHit(): StopReason | 'end' | undefined {
    const hit = this.#hit;
    this.#hit = undefined;
    return hit;
  }

  #reasonAt(vcpu: Vcpu, address: bigint): StopReason | 'end' | undefined {
    if (this.#places.length > 0 && this.#symbolsChange(vcpu, address)) return { kind: 'images' };
    const { start, end } = this.#within ?? { start: address, end: address + 1n };
    if (address < start || address >= end) return 'end';
    if (this.#breakpoints.has(address) && this.#isInSpace(vcpu, address))
      return { kind: 'breakpoint', hardware: false };
    return address === this.#until ? 'end' : undefined;
  }

  #isInSpace(vcpu: Vcpu, address: bigint): boolean {
    const asce = this.limits.get(address);
    if (asce === undefined) return true;
    const now = vcpu.instructionAsce();
    return now !== undefined && ((now ^ asce) & ORIGIN) === 0n;
  }

  #symbolsChange(vcpu: Vcpu, address: bigint): boolean {
    const before = this.#changed;
    if (before?.vcpu === vcpu && before.at === vcpu.icount) return false;
    if (this.symbols?.changes(address, vcpu.gr(2)) !== true) return false;
    this.#changed = { vcpu, at: vcpu.icount };
    return true;
  }
}

function slot(address: bigint): number {
  return Number((address >> 1n) & 0x7fffn);
}
