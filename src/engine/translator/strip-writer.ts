import { PAGE_BYTES, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { type AccessLocals, emitAllowed, emitLookup } from '../access.ts';
import { type Registers, registerNumber } from './registers.ts';
import type { Group, Strip, Term } from './strips.ts';
import type { Site } from './windows.ts';

/** Writes what a strip begins with, and knows where its accesses lead. */
export class StripWriter {
  readonly #f: FunctionBuilder;
  readonly #strip: Strip;
  readonly #at: AccessLocals;
  readonly #registers: Registers;
  readonly #base: number;
  readonly #remaining: number;
  /** What `remaining` is behind the last iteration. */
  readonly #stop: number;
  /** The iterations behind the first. */
  readonly #more: number;
  readonly #addends: readonly number[];

  /** `at` are locals that nobody else keeps anything in; `base` and `remaining` those of the region. */
  constructor(
    f: FunctionBuilder,
    strip: Strip,
    at: AccessLocals,
    registers: Registers,
    base: number,
    remaining: number,
  ) {
    this.#f = f;
    this.#strip = strip;
    this.#at = at;
    this.#registers = registers;
    this.#base = base;
    this.#remaining = remaining;
    this.#stop = f.local('i32');
    this.#more = f.local('i32');
    this.#addends = strip.groups.map(() => f.local('i32'));
  }

  /** The local with the addend of an access that needs no look. */
  addend(site: Site): number | undefined {
    const group = this.#strip.sites.get(site);
    return group === undefined ? undefined : this.#addends[group];
  }

  /**
   * Finds out how many iterations the pages of all accesses, and the count, allow; goes to `otherwise` when they are none:
   *
   *     if (remaining < count) otherwise
   *     more = remaining / count - 1
   *     for each group: if (its bytes are not in one page that may be accessed) otherwise; more = min(more, room / step)
   *     stop = remaining - (more + 1) * count
   */
  begin(otherwise: Label): void {
    const f = this.#f;
    const { count, groups } = this.#strip;
    f.get(this.#remaining);
    f.i32const(count);
    f.op('i32.lt_s');
    f.brIf(otherwise);
    f.get(this.#remaining);
    f.i32const(count);
    f.op('i32.div_u');
    f.i32const(1);
    f.op('i32.sub');
    f.set(this.#more);
    groups.forEach((group, i) => {
      this.#look(group, this.#addends[i] ?? 0, otherwise);
    });
    f.get(this.#remaining);
    f.get(this.#more);
    f.i32const(1);
    f.op('i32.add');
    f.i32const(count);
    f.op('i32.mul');
    f.op('i32.sub');
    f.set(this.#stop);
  }

  /**
   * In front of each iteration: goes to `done` behind the last one. V8 would compute `stop` in every iteration if it were not used
   * before the first way out of the loop.
   */
  next(done: Label): void {
    const f = this.#f;
    f.get(this.#remaining);
    f.get(this.#stop);
    f.op('i32.eq');
    f.brIf(done);
  }

  #look(group: Group, addend: number, otherwise: Label): void {
    const f = this.#f;
    const at = this.#at;
    f.i64const(group.from);
    for (const term of group.terms) {
      this.#push(term);
      f.op('i64.add');
    }
    f.set(at.va);
    emitLookup(f, at, 'data');
    for (const access of ['fetch', 'store'] as const) {
      if (!(access === 'fetch' ? group.fetches : group.stores)) continue;
      emitAllowed(f, at, access, group.span);
      f.op('i32.eqz');
      f.brIf(otherwise);
    }
    f.get(at.tlb);
    f.access('i32.load', tlbEntry.addend);
    f.set(addend);
    if (group.step !== 0) this.#bound(group);
  }

  #push(term: Term): void {
    if (term.k === 'ia') this.#f.get(this.#base);
    else this.#registers.read(term.part, registerNumber(term.index) ?? 0);
  }

  // more = min(more, steps that are left in the page)
  #bound({ span, step }: Group): void {
    const f = this.#f;
    // The entry is not needed any more.
    const steps = this.#at.tlb;
    if (step > 0) f.i32const(PAGE_BYTES - span);
    f.get(this.#at.va);
    f.op('i32.wrap_i64');
    f.i32const(PAGE_BYTES - 1);
    f.op('i32.and');
    if (step > 0) f.op('i32.sub');
    if (Math.abs(step) > 1) {
      f.i32const(Math.abs(step));
      f.op('i32.div_u');
    }
    f.tee(steps);
    f.get(this.#more);
    f.get(steps);
    f.get(this.#more);
    f.op('i32.lt_u');
    f.select();
    f.set(this.#more);
  }
}
