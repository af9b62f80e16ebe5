import type { StopExit } from '../machine/exit.ts';
import type { Guest, GuestVcpu, StopTest } from '../machine/guest.ts';
import { filterSlot } from '../machine/layout.ts';
import { Attention } from './attention.ts';
import type { BreakpointTest } from './conditions.ts';
import type { SpaceLimit } from './target.ts';

/** Where a run is to stay, and where it ends by itself. */
export interface Bounds {
  /** It ends behind the first instruction that leads out of these addresses. */
  readonly within?: { readonly start: bigint; readonly end: bigint };
  /** It ends in front of the instruction at this address. */
  readonly until?: bigint;
}

/** What is known of a breakpoint. */
export interface Breakpoint {
  /** Only a stop reply tells hardware and software breakpoints apart. */
  readonly hardware: boolean;
  /** Whether it stops here; it stops always when there is none. */
  readonly test?: BreakpointTest | undefined;
}

const bound: StopExit = { kind: 'quantum' };

/**
 * The instruction addresses at which checked runs stop: breakpoints, ends of ranges, places where symbols change. The
 * engine asks about addresses that its filter lets through, which tells them by a few bits alone.
 */
export class CodeStops implements StopTest {
  /** Breakpoints that count in one address space only. */
  readonly limits = new Map<bigint, SpaceLimit>();
  readonly #guest: Guest;
  #breakpoints: ReadonlyMap<bigint, Breakpoint> = new Map();
  /** Where the guest's symbols may change; empty while nobody follows them. */
  #places: readonly bigint[] = [];
  /** The change that was reported last: the same vCPU is at the same instruction when it is resumed. */
  #changed: { readonly vcpu: number; readonly at: bigint } | undefined;
  #bounds: Bounds = {};
  readonly #attention: Attention;
  /** The instruction in front of which a breakpoint was reported last: it does not stop there again. */
  #passed: { readonly vcpu: number; readonly executed: bigint; readonly address: bigint } | undefined;
  /** What instruction is looked for, and the filter as it is without that. */
  #wanted: { readonly test: (vcpu: GuestVcpu) => boolean; readonly filter: Uint8Array } | undefined;

  constructor(guest: Guest, attention = new Attention()) {
    this.#guest = guest;
    this.#attention = attention;
  }

  /** Replaces the breakpoints. */
  setBreakpoints(breakpoints: ReadonlyMap<bigint, Breakpoint>): void {
    this.#strike(0);
    this.#breakpoints = breakpoints;
    this.#strike(1);
  }
  /** Whether places where symbols change are stops; looks where they are now. */
  followSymbols(on: boolean): void {
    this.#strike(0);
    this.#places = on ? (this.#guest.symbols?.places() ?? []) : [];
    this.#strike(1);
  }
  /** True while there are places where symbols change. */
  get followsSymbols(): boolean {
    return this.#places.length > 0;
  }
  /** True while there are breakpoints. */
  get any(): boolean {
    return this.#breakpoints.size > 0;
  }
  /** The addresses of breakpoints. */
  addresses(): Iterable<bigint> {
    return this.#breakpoints.keys();
  }
  /** A vCPU at rest goes on without a stop in front of the instruction that is its next one. */
  passBy(vcpu: GuestVcpu): void {
    this.#passed = { vcpu: vcpu.id, executed: vcpu.executed(), address: vcpu.pc() };
  }
  /** Stops in front of any instruction for which a test holds; not while breakpoints change. */
  lookFor(test: ((vcpu: GuestVcpu) => boolean) | undefined): void {
    const { breakpointFilter: filter } = this.#guest;
    if (this.#wanted !== undefined) filter.set(this.#wanted.filter);
    this.#wanted = test && { test, filter: filter.slice() };
    if (test !== undefined) filter.fill(1);
  }
  #strike(value: 0 | 1): void {
    const { breakpointFilter: filter } = this.#guest;
    for (const a of this.#breakpoints.keys()) filter[filterSlot(a)] = value;
    for (const a of this.#places) filter[filterSlot(a)] = value;
  }

  /** Carries out a checked run that ends at the bounds, too. */
  bounded<T>(bounds: Bounds, run: () => T): T {
    const { breakpointFilter: filter } = this.#guest;
    const before = filter.slice();
    if (bounds.until !== undefined) filter[filterSlot(bounds.until)] = 1;
    // Any address may be outside.
    if (bounds.within !== undefined) filter.fill(1);
    this.#bounds = bounds;
    try {
      return run();
    } finally {
      filter.set(before);
      this.#bounds = {};
    }
  }

  /** @inheritdoc */
  at(vcpu: GuestVcpu, address: bigint): StopExit | undefined {
    const { mode } = this.#attention;
    if (mode === 'live' && this.#places.length > 0 && this.#symbolsChange(vcpu, address)) {
      return { kind: 'debug', reason: { kind: 'images' } };
    }
    const { within, until } = this.#bounds;
    if (within !== undefined && (address < within.start || address >= within.end)) return bound;
    const breakpoint = this.#breakpoints.get(address);
    if (breakpoint !== undefined && mode !== 'off' && this.#isMet(breakpoint, vcpu, address)) {
      const reason = { kind: 'breakpoint', hardware: breakpoint.hardware } as const;
      if (mode === 'record') this.#attention.hit({ at: vcpu.elapsed(), vcpu: vcpu.id, reason });
      else return { kind: 'debug', reason };
    }
    if (this.#wanted?.test(vcpu) === true) return { kind: 'debug', reason: { kind: 'step', front: true } };
    return address === until ? bound : undefined;
  }

  #isPassed(vcpu: GuestVcpu, address: bigint): boolean {
    const passed = this.#passed;
    return passed?.vcpu === vcpu.id && passed.address === address && passed.executed === vcpu.executed();
  }
  // In the past nobody prints but who goes through it on purpose.
  #isMet({ test }: Breakpoint, vcpu: GuestVcpu, address: bigint): boolean {
    const { mode } = this.#attention;
    if (mode !== 'record' && this.#isPassed(vcpu, address)) return false;
    return this.#isInSpace(vcpu, address) && (test === undefined || test(vcpu, mode !== 'record'));
  }
  #isInSpace(vcpu: GuestVcpu, address: bigint): boolean {
    const limit = this.limits.get(address);
    return limit === undefined || vcpu.codeSpace?.() === limit.space;
  }

  #symbolsChange(vcpu: GuestVcpu, address: bigint): boolean {
    const at = vcpu.executed();
    const before = this.#changed;
    if (before?.vcpu === vcpu.id && before.at === at) return false;
    if (this.#guest.symbols?.changes(vcpu.id, address) !== true) return false;
    this.#changed = { vcpu: vcpu.id, at };
    return true;
  }
}
