import { PAGE_BYTES, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { type AccessLocals, emitAllowed, emitLookup } from '../access.ts';
import type { Reach } from './accesses.ts';
import { registerNumber } from './register-uses.ts';
import type { Registers } from './registers.ts';
import type { Term } from './steps.ts';
import type { Group, Strip } from './strips.ts';

/** After so many iterations a loop is taken for one that goes on: a look at what lies ahead takes as long as two or three. */
const FEW_ITERATIONS = 3;
/** Where a look showed that some page is not there, the next one is after so many more. */
const NOT_YET = FEW_ITERATIONS - 16;
/** As many iterations are looked at as one may lie in several pages, if the count allows them. */
const AHEAD = 32;

/** A number in an address that is left to the access itself, at most: storage begins behind so many bytes of the memory. */
const MOST_APART = 0x4000;

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
  /** The iterations behind the first; where they differ in length, all that are left. */
  readonly #more: number;
  /** Bytes from an address on that were looked at. */
  readonly #room: number;
  /** By group: the addend of its pages, and what else is common to its addresses. */
  readonly #bases: readonly number[];
  readonly #mirrored: boolean;

  /** `at` are locals that nobody else keeps anything in; `base` and `remaining` those of the region. Storage may be mirrored. */
  constructor(
    f: FunctionBuilder,
    strip: Strip,
    at: AccessLocals,
    registers: Registers,
    base: number,
    remaining: number,
    mirrored: boolean,
  ) {
    this.#mirrored = mirrored;
    this.#f = f;
    this.#strip = strip;
    this.#at = at;
    this.#registers = registers;
    this.#base = base;
    this.#remaining = remaining;
    this.#stop = f.local('i32');
    this.#more = f.local('i32');
    this.#room = f.local('i32');
    this.#bases = strip.groups.map(() => f.local('i32'));
  }

  /**
   * Pushes the host address of an access that needs no look, but for a number that is answered: it comes to it where storage is
   * accessed. Undefined for other accesses.
   */
  host({ site, push }: Reach): number | undefined {
    const f = this.#f;
    const place = this.#strip.sites.get(site);
    const group = place === undefined ? undefined : this.#strip.groups[place.group];
    if (place === undefined || group === undefined) return undefined;
    f.get(this.#bases[place.group] ?? 0);
    for (const value of place.values) {
      push(value);
      f.op('i32.wrap_i64');
      f.op(this.#operation);
    }
    const apart = Number(this.#mirrored ? group.constants.high - place.constant : place.constant - group.constants.low);
    if (apart <= MOST_APART) return apart;
    f.i32const(apart);
    f.op('i32.add');
    return 0;
  }

  // What accesses of a group have in common is taken to the addend: base = addend - steady terms - the largest number, where mirrored.
  #takeTo(addend: number, group: Group): void {
    const f = this.#f;
    f.get(addend);
    for (const term of group.steady) {
      this.#push(term);
      f.op('i32.wrap_i64');
      f.op(this.#operation);
    }
    f.i32const(Number(BigInt.asIntN(32, this.#mirrored ? -group.constants.high : group.constants.low)));
    f.op('i32.add');
    f.set(addend);
  }

  /**
   * Finds out how many iterations the pages of all accesses, and the count, allow; goes to `otherwise` when they are none. `row` is
   * the local with the number of iterations in a row that were looked at one by one:
   *
   *     if (row < few) otherwise
   *     if (remaining < count) otherwise
   *     more = remaining / count - 1
   *     for each group: if (its bytes may not all be accessed) otherwise; more = min(more, room / step)
   *     stop = remaining - (more + 1) * count, or, where not all iterations are of one length, more = more + 1
   */
  begin(row: number, otherwise: Label): void {
    const f = this.#f;
    const { count, groups, uniform } = this.#strip;
    f.get(row);
    f.i32const(FEW_ITERATIONS);
    f.op('i32.lt_s');
    f.brIf(otherwise);
    f.i32const(NOT_YET);
    f.set(row);
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
      this.#look(group, this.#bases[i] ?? 0, otherwise);
    });
    f.i32const(FEW_ITERATIONS);
    f.set(row);
    if (!uniform) return this.#increment(this.#more, 1);
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
    if (this.#strip.uniform) {
      f.get(this.#remaining);
      f.get(this.#stop);
      f.op('i32.eq');
      return f.brIf(done);
    }
    f.get(this.#more);
    f.op('i32.eqz');
    f.brIf(done);
    this.#increment(this.#more, -1);
  }

  get #operation(): 'i32.sub' | 'i32.add' {
    return this.#mirrored ? 'i32.sub' : 'i32.add';
  }

  #increment(local: number, by: number): void {
    const f = this.#f;
    f.get(local);
    f.i32const(by);
    f.op('i32.add');
    f.set(local);
  }

  #look(group: Group, addend: number, otherwise: Label): void {
    const f = this.#f;
    const at = this.#at;
    const { span, step } = group;
    f.i64const(group.from);
    for (const term of group.terms) {
      this.#push(term);
      f.op('i64.add');
    }
    f.set(at.va);
    emitLookup(f, at, 'data');
    // Downwards all bytes of the first iteration lie in one page; upwards they may go on in the next ones.
    this.#allowed(group, step < 0 ? span : 1, otherwise);
    f.get(at.tlb);
    f.access('i32.load', tlbEntry.addend);
    f.set(addend);
    if (step < 0) {
      this.#boundDown(step);
      return this.#takeTo(addend, group);
    }
    f.i32const(PAGE_BYTES);
    this.#pushWithin();
    f.op('i32.sub');
    f.set(this.#room);
    if (span + step * AHEAD > 1) this.#goOn(group, addend);
    f.get(this.#room);
    f.i32const(span);
    f.op('i32.lt_s');
    f.brIf(otherwise);
    if (step > 0) this.#boundUp(span, step);
    this.#takeTo(addend, group);
  }

  // Goes to `otherwise` if the entry does not allow the accesses of a group.
  #allowed(group: Group, bytes: number, otherwise: Label): void {
    const f = this.#f;
    for (const access of ['fetch', 'store'] as const) {
      if (!(access === 'fetch' ? group.fetches : group.stores)) continue;
      emitAllowed(f, this.#at, access, bytes);
      f.op('i32.eqz');
      f.brIf(otherwise);
    }
  }

  /**
   * While there is not enough room: the next page is looked at, too. What the TLB has of it must be in memory where it would be if
   * both were one page. An access that lies in both then does what the interpreter's slow path would.
   *
   *     while (room < span + some steps) { va = next page; if (its entry does not allow it, or has another addend) break; room += page }
   */
  #goOn(group: Group, addend: number): void {
    const f = this.#f;
    const { va, tlb } = this.#at;
    f.block(undefined, (enough) => {
      f.loop(undefined, (again) => {
        f.get(this.#room);
        f.i32const(group.span + group.step * AHEAD);
        f.op('i32.ge_s');
        f.brIf(enough);
        f.get(va);
        f.i64const(PAGE_BYTES - 1);
        f.op('i64.or');
        f.i64const(1);
        f.op('i64.add');
        f.set(va);
        emitLookup(f, this.#at, 'data');
        this.#allowed(group, 1, enough);
        f.get(tlb);
        f.access('i32.load', tlbEntry.addend);
        f.get(addend);
        f.op('i32.ne');
        f.brIf(enough);
        this.#increment(this.#room, PAGE_BYTES);
        f.br(again);
      });
    });
  }

  #push(term: Term): void {
    if (term.k === 'ia') this.#f.get(this.#base);
    else this.#registers.read(term.part, registerNumber(term.index) ?? 0);
  }

  // Pushes the offset of the address in its page.
  #pushWithin(): void {
    const f = this.#f;
    f.get(this.#at.va);
    f.op('i32.wrap_i64');
    f.i32const(PAGE_BYTES - 1);
    f.op('i32.and');
  }

  // more = min(more, (room - span) / step)
  #boundUp(span: number, step: number): void {
    const f = this.#f;
    f.get(this.#room);
    f.i32const(span);
    f.op('i32.sub');
    this.#divide(step);
  }

  // more = min(more, offset in the page / step)
  #boundDown(step: number): void {
    this.#pushWithin();
    this.#divide(-step);
  }

  // Pops bytes: more is at most as many steps.
  #divide(step: number): void {
    const f = this.#f;
    if (step > 1) {
      f.i32const(step);
      f.op('i32.div_u');
    }
    f.tee(this.#room);
    f.get(this.#more);
    f.get(this.#room);
    f.get(this.#more);
    f.op('i32.lt_u');
    f.select();
    f.set(this.#more);
  }
}
