import type { StopExit } from '../machine/exit.ts';
import type { Guest, GuestVcpu, StopTest } from '../machine/guest.ts';
import { filterByte, filterSlot } from '../machine/layout.ts';
import { Attention } from './attention.ts';
import type { BreakpointTest } from './conditions.ts';
import type { HitLimit, SpaceLimit } from './target.ts';
import type { TraceRun } from './traces/trace-run.ts';

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
  /** False where that would not stop, and do nothing: by the address of the vCPU's state. */
  readonly quick?: ((vcpu: number) => boolean) | undefined;
}

/** A vCPU in front of an instruction. */
interface Place {
  readonly vcpu: number;
  readonly executed: bigint;
  readonly address: bigint;
}

function isSame(a: Place | undefined, b: Place): boolean {
  return a?.vcpu === b.vcpu && a.address === b.address && a.executed === b.executed;
}

const bound: StopExit = { kind: 'quantum' };

/**
 * The instruction addresses at which checked runs stop: breakpoints, ends of ranges, places where symbols change. The
 * engine asks about addresses that its filter lets through, which tells them by a few bits alone.
 */
export class CodeStops implements StopTest {
  /** Breakpoints that count in one address space only. */
  readonly limits = new Map<bigint, SpaceLimit>();
  /** Breakpoints that count for one vCPU only, or not yet. */
  readonly hitLimits = new Map<bigint, HitLimit>();
  readonly #guest: Guest;
  #breakpoints: ReadonlyMap<bigint, Breakpoint> = new Map();
  /** Where the guest's symbols may change; empty while nobody follows them. */
  #places: readonly bigint[] = [];
  /** The change that was reported last: the same vCPU is at the same instruction when it is resumed. */
  #changed: { readonly vcpu: number; readonly at: bigint } | undefined;
  #bounds: Bounds = {};
  readonly #attention: Attention;
  /** The instruction in front of which a breakpoint was reported last: it does not stop there again. */
  #passed: Place | undefined;
  /** The last hit that was counted in place of a stop. */
  #ignored: Place | undefined;
  /** What instruction is looked for. */
  #wanted: ((vcpu: GuestVcpu) => boolean) | undefined;
  #traces: TraceRun | undefined;
  /** Tracepoints collect though nothing else is met. */
  traceAlways = false;

  constructor(guest: Guest, attention = new Attention()) {
    this.#guest = guest;
    this.#attention = attention;
  }

  /** Replaces the breakpoints. */
  setBreakpoints(breakpoints: ReadonlyMap<bigint, Breakpoint>): void {
    this.#breakpoints = breakpoints;
    this.#strike();
  }
  /** Whether places where symbols change are stops; looks where they are now. */
  followSymbols(on: boolean): void {
    this.#places = on ? (this.#guest.symbols?.places() ?? []) : [];
    this.#strike();
  }
  /** Whom to tell of tracepoints that are met. */
  useTraces(traces: TraceRun): void {
    this.#traces = traces;
    traces.onChange = () => this.#strike();
  }
  /** True while there are places where symbols change. */
  get followsSymbols(): boolean {
    return this.#places.length > 0;
  }
  /** True while there are breakpoints, or tracepoints that collect. */
  get any(): boolean {
    return this.#breakpoints.size > 0 || (this.#traces?.addresses.length ?? 0) > 0;
  }
  /** The addresses of breakpoints. */
  addresses(): Iterable<bigint> {
    return this.#breakpoints.keys();
  }
  /** A vCPU at rest goes on without a stop in front of the instruction that is its next one. */
  passBy(vcpu: GuestVcpu): void {
    this.#passed = { vcpu: vcpu.id, executed: vcpu.executed(), address: vcpu.pc() };
  }
  /** Stops in front of any instruction for which a test holds. */
  lookFor(test: ((vcpu: GuestVcpu) => boolean) | undefined): void {
    this.#wanted = test;
    this.#strike();
  }
  /** Makes the filter fit all that is asked about. */
  #strike(): void {
    const { breakpointFilter: filter, quickTests } = this.#guest;
    const { within, until } = this.#bounds;
    quickTests?.clear();
    // Any address may be outside of a range.
    const all = this.#wanted !== undefined || within !== undefined || this.#traces?.steps === true;
    filter.fill(all ? filterByte.ask : filterByte.pass);
    if (all) return;
    // A slot has a quick test when it has one address alone.
    for (const [a, { quick }] of this.#breakpoints) {
      const slot = filterSlot(a);
      const alone = quick !== undefined && quickTests !== undefined && filter[slot] === filterByte.pass;
      filter[slot] = alone ? filterByte.quick : filterByte.ask;
      if (alone) quickTests.set(slot, { high: Number(a >> 32n), low: Number(a & 0xffff_ffffn), holds: quick });
    }
    for (const a of this.#places) filter[filterSlot(a)] = filterByte.ask;
    for (const a of this.#traces?.addresses ?? []) filter[filterSlot(a)] = filterByte.ask;
    if (until !== undefined) filter[filterSlot(until)] = filterByte.ask;
  }

  /** Carries out a checked run that ends at the bounds, too. */
  bounded<T>(bounds: Bounds, run: () => T): T {
    this.#bounds = bounds;
    this.#strike();
    try {
      return run();
    } finally {
      this.#bounds = {};
      this.#strike();
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
    if (this.#traces !== undefined && this.#isTraced(this.#traces, vcpu, address)) return bound;
    const breakpoint = this.#breakpoints.get(address);
    if (breakpoint !== undefined && mode !== 'off' && this.#isMet(breakpoint, vcpu, address)) {
      const reason = { kind: 'breakpoint', hardware: breakpoint.hardware } as const;
      if (mode === 'record') this.#attention.hit({ at: vcpu.elapsed(), vcpu: vcpu.id, reason });
      else return { kind: 'debug', reason };
    }
    if (this.#wanted?.(vcpu) === true) return { kind: 'debug', reason: { kind: 'step', front: true } };
    return address === until ? bound : undefined;
  }

  // True when the run must end for all instructions to be asked about: it goes on in front of the same one.
  #isTraced(traces: TraceRun, vcpu: GuestVcpu, address: bigint): boolean {
    const { mode } = this.#attention;
    if (mode === 'record' || (mode === 'off' && !this.traceAlways)) return false;
    const before = traces.steps;
    traces.at(vcpu, address);
    return traces.steps && !before;
  }

  #isPassed(vcpu: GuestVcpu, address: bigint): boolean {
    return isSame(this.#passed, { vcpu: vcpu.id, executed: vcpu.executed(), address });
  }
  // In the past nobody prints but who goes through it on purpose.
  #isMet({ test }: Breakpoint, vcpu: GuestVcpu, address: bigint): boolean {
    const { mode } = this.#attention;
    if (mode !== 'record' && this.#isPassed(vcpu, address)) return false;
    const limit = this.hitLimits.get(address);
    if (limit?.vcpu !== undefined && limit.vcpu !== vcpu.id) return false;
    if (!this.#isInSpace(vcpu, address) || !(test === undefined || test(vcpu, mode !== 'record'))) return false;
    // On the way back all that are met count.
    if (limit === undefined || mode === 'record') return true;
    const here = { vcpu: vcpu.id, executed: vcpu.executed(), address };
    // Where the past ends one may be asked twice.
    if (isSame(this.#ignored, here)) return false;
    if (limit.ignored === 0) return true;
    limit.ignored--;
    this.#ignored = here;
    return false;
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
