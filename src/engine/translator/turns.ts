import { engineState, PAGE_BYTES, tagBits, tlbEntry } from '../../machine/layout.ts';
import type { FunctionBuilder } from '../../wasm/function-builder.ts';
import { emitTlbOffset } from '../access.ts';
import { pageOf } from './pages.ts';

/**
 * How a region of several pages goes from one to another: as the interpreter does, if the page is in the TLB and of the frame that
 * the region was made of. Else it is left there, and the interpreter does what is to be done.
 */
export class Turns {
  readonly #f: FunctionBuilder;
  readonly #vcpu: number;
  readonly #base: number;
  readonly #decodePage: (page: number) => number;
  readonly #tag: number;
  readonly #tlb: number;

  /** `base` is the local with the address of the first page; `decodePage` says where a page's decode page lies. */
  constructor(f: FunctionBuilder, vcpu: number, base: number, decodePage: (page: number) => number) {
    this.#f = f;
    this.#vcpu = vcpu;
    this.#base = base;
    this.#decodePage = decodePage;
    this.#tag = f.local('i64');
    this.#tlb = f.local('i32');
  }

  /** Sets the base by the address at which the region is entered and the number of the entry; these are in the order of pages. */
  open(ia: number, number: number, entries: readonly number[]): void {
    const f = this.#f;
    f.get(ia);
    f.i64const(-PAGE_BYTES);
    f.op('i64.and');
    const pages = entries.map(pageOf);
    const first = pages[0] ?? 0;
    if (first !== 0) {
      f.i64const(first * PAGE_BYTES);
      f.op('i64.sub');
    }
    pages.forEach((page, i) => {
      const before = pages[i - 1] ?? page;
      if (page === before) return;
      f.get(number);
      f.i32const(i);
      f.op('i32.ge_u');
      f.op('i64.extend_i32_u');
      f.i64const((page - before) * PAGE_BYTES);
      f.op('i64.mul');
      f.op('i64.sub');
    });
    f.set(this.#base);
  }

  /** Pushes a page's address. */
  push(page: number): void {
    const f = this.#f;
    f.get(this.#base);
    if (page === 0) return;
    f.i64const(page * PAGE_BYTES);
    f.op('i64.add');
  }

  // Does what is given unless a page is in the TLB and of its frame.
  #look(page: number, other: () => void): void {
    const f = this.#f;
    this.push(page);
    f.set(this.#tag);
    f.get(this.#vcpu);
    f.access('i32.load', engineState.tlbInsn.offset);
    f.get(this.#tag);
    f.op('i32.wrap_i64');
    emitTlbOffset(f);
    f.op('i32.add');
    f.tee(this.#tlb);
    f.access('i64.load', tlbEntry.ifetchTag);
    f.get(this.#tag);
    f.i64const(tagBits.ifetch);
    f.op('i64.or');
    f.op('i64.ne');
    f.get(this.#tlb);
    f.access('i32.load', tlbEntry.decodePage);
    f.i32const(this.#decodePage(page) | 0);
    f.op('i32.ne');
    f.op('i32.or');
    f.if(undefined, other);
  }

  /**
   * Does what is given unless an instruction over the end of a page can be fetched from both: the interpreter looks at both of them, too, and
   * the page in use may not be in the TLB any more.
   */
  cross(page: number, other: () => void): void {
    this.#look(page, other);
    this.#look(page + 1, other);
  }

  /** Makes a page the one in use, or does what is given. */
  turn(page: number, other: () => void): void {
    const f = this.#f;
    this.#look(page, other);
    f.get(this.#vcpu);
    f.get(this.#tag);
    f.access('i64.store', engineState.ifetchTag.offset);
    f.get(this.#vcpu);
    f.i32const(this.#decodePage(page) | 0);
    f.access('i32.store', engineState.ifetchBase.offset);
  }
}
