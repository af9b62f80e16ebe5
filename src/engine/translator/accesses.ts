import type { ByteOrder } from '../../bits/byte-order.ts';
import type { Access, Address, Node } from '../../ir/node.ts';
import { engineState, PAGE_BYTES, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder, Label } from '../../wasm/function-builder.ts';
import { type AccessLocals, emitAllowed, emitHostAddress, emitLookup } from '../access.ts';
import type { Chases } from './chases.ts';
import type { StripWriter } from './strip-writer.ts';
import type { Plan, Site } from './windows.ts';

/** Bytes of an access that is mostly aligned when it is made for speed: no vector. */
const MOST_ALIGNED = 8;

/** An access to be written. */
export interface Reach {
  readonly site: Site;
  readonly address: Address;
  readonly access: Access;
  readonly bytes: number | (() => void);
  /** Pushes a value of the instruction in hand, such as the address. */
  push(value: Node): void;
  /** Leaves the region. */
  leave(): void;
}

/** Writes how a region reaches storage. */
export class Accesses {
  readonly #f: FunctionBuilder;
  /** Nobody keeps anything in them from one access to the next. */
  readonly #at: AccessLocals;
  readonly #byteOrder: ByteOrder;
  readonly #chases: Chases | undefined;
  readonly #plans: ReadonlyMap<Site, Plan>;
  /** Locals in which entries of the TLB are remembered. */
  readonly #windows: readonly number[];
  /** What is written now is a strip's. */
  strip: StripWriter | undefined;
  /** Locals of predicted addends, by register. */
  readonly #predicted = new Map<number, number>();

  constructor(
    f: FunctionBuilder,
    vcpu: number,
    byteOrder: ByteOrder,
    chases: Chases | undefined,
    plans: ReadonlyMap<Site, Plan>,
  ) {
    this.#f = f;
    this.#at = { vcpu, va: f.local('i64'), tlb: f.local('i32') };
    this.#byteOrder = byteOrder;
    this.#chases = chases;
    this.#plans = plans;
    const count = Math.max(0, ...[...plans.values()].map(({ window }) => window + 1));
    this.#windows = Array.from({ length: count }, () => f.local('i32'));
  }

  get locals(): AccessLocals {
    return this.#at;
  }

  /** Makes every window that of some entry, whatever it is of. */
  open(): void {
    const f = this.#f;
    for (const window of this.#windows) {
      f.get(this.#at.vcpu);
      f.access('i32.load', engineState.tlbData.offset);
      f.set(window);
    }
  }

  /** Pushes the host address of an access, or leaves. Answers the number that comes to it where storage is accessed. */
  host(reach: Reach): number {
    const known = this.strip?.host(reach);
    if (known !== undefined) return known;
    this.#found(reach);
    return 0;
  }

  #found(reach: Reach): void {
    const f = this.#f;
    const plan = this.#plans.get(reach.site);
    const window = plan === undefined ? undefined : this.#windows[plan.window];
    const at = window === undefined ? this.#at : { ...this.#at, tlb: window };
    reach.push(reach.address.at);
    f.set(this.#at.va);
    if (plan?.checks !== true) {
      this.#ask(at, reach);
      return this.#pushFound(at, reach);
    }
    f.block(undefined, (found) => {
      f.block(undefined, (other) => this.#remembered(at, reach, other, found));
      this.#ask(at, reach);
    });
    emitHostAddress(f, at, this.#byteOrder);
  }

  /**
   * Goes on at `found` when the remembered entry is the one of the page in which all bytes lie and allows the access; else at
   * `other`, which looks for the entry. An entry that was looked up is the one of the first byte's page, so that the tag
   * tells; one that is remembered may be the one of the page behind that. At an aligned address one comparison tells, too:
   *
   *     (va | page bits above those of the alignment) ^ (bytes - 1) == tag
   *
   * At another address the left side stays in its page, with bits that no tag has; a sum would come to the first bytes of the
   * next page, and to the tag of an entry there that allows nothing.
   */
  #remembered(at: AccessLocals, { access, bytes }: Reach, other: Label, found: Label): void {
    const f = this.#f;
    if (typeof bytes === 'number' && bytes <= MOST_ALIGNED && (bytes & (bytes - 1)) === 0) {
      f.get(at.va);
      f.i64const(PAGE_BYTES - bytes);
      f.op('i64.or');
      if (bytes > 1) {
        f.i64const(bytes - 1);
        f.op('i64.xor');
      }
      f.get(at.tlb);
      f.access('i64.load', access === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag);
      f.op('i64.eq');
      return f.brIf(found);
    }
    emitAllowed(f, at, access, bytes);
    f.op('i32.eqz');
    f.brIf(other);
    this.#crosses(bytes);
    f.op('i32.eqz');
    f.brIf(found);
  }

  // Pushes a number other than 0 when the bytes lie in two pages.
  #crosses(bytes: number | (() => void)): void {
    const f = this.#f;
    const { va } = this.#at;
    f.get(va);
    f.op('i32.wrap_i64');
    f.get(va);
    f.op('i32.wrap_i64');
    if (typeof bytes === 'number') f.i32const(bytes - 1);
    else {
      bytes();
      f.i32const(1);
      f.op('i32.sub');
    }
    f.op('i32.add');
    f.op('i32.xor');
    f.i32const(PAGE_BYTES);
    f.op('i32.and');
  }

  // Finds the TLB entry of an access that is allowed, or leaves.
  #ask(at: AccessLocals, { address, access, bytes, leave }: Reach): void {
    const f = this.#f;
    emitLookup(f, at, address.space);
    emitAllowed(f, at, access, bytes);
    f.op('i32.eqz');
    f.if(undefined, leave);
  }

  /**
   * Pushes the host address by an entry that was just found. Where the address comes from storage itself, the last addend is taken
   * for this one, too, and put right by a branch if it is another: the load of the addend is then in nobody's way.
   */
  #pushFound(at: AccessLocals, reach: Reach): void {
    const f = this.#f;
    const register = this.#chases?.register(reach.address.at);
    if (register === undefined) return emitHostAddress(f, at, this.#byteOrder);
    const predicted = this.#predicted.get(register) ?? f.local('i32');
    this.#predicted.set(register, predicted);
    f.get(at.tlb);
    f.access('i32.load', tlbEntry.addend);
    f.get(predicted);
    f.op('i32.ne');
    f.if(undefined, () => {
      f.get(at.tlb);
      f.access('i32.load', tlbEntry.addend);
      f.set(predicted);
    });
    f.get(predicted);
    f.get(at.va);
    f.op('i32.wrap_i64');
    f.op(this.#byteOrder === 'big' ? 'i32.sub' : 'i32.add');
  }
}
