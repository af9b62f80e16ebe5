import type { DecodePages } from '../../machine/decode-pages.ts';
import { engineState, PAGE_BYTES, TLB_ENTRIES, tagBits, tlbEntry } from '../../machine/layout.ts';

/** The page that holds an offset of a region: how many pages behind the one from which the offsets count. */
export function pageOf(offset: number): number {
  return Math.floor(offset / PAGE_BYTES);
}

/** An offset within its page. */
export function within(offset: number): number {
  return offset - pageOf(offset) * PAGE_BYTES;
}

/** The frames of the pages around a region's first one. */
export interface CodePages {
  /** The frame of a page; undefined when it is not known, or nothing was executed there. */
  frameOf(page: number): number | undefined;
}

/** Where execution was when it came to code: the page, and the TLB bank of its address space. */
export interface Whereabouts {
  readonly tag: bigint;
  readonly bank: number;
}

/** Where a vCPU is. */
export function whereaboutsOf(view: DataView, vcpu: number): Whereabouts {
  return {
    tag: view.getBigUint64(vcpu + engineState.ifetchTag.offset, true),
    bank: view.getUint32(vcpu + engineState.tlbInsn.offset, true),
  };
}

/** One page alone, of this frame. */
export function onePage(frame: number): CodePages {
  return { frameOf: (page) => (page === 0 ? frame : undefined) };
}

/**
 * The pages around one as a TLB has them, which is only looked at. It may be out of date, or another space's by now: whoever goes from
 * page to page compares what it then says.
 */
export class NearPages implements CodePages {
  readonly #view: DataView;
  readonly #decodePages: DecodePages;
  readonly #from: Whereabouts;
  readonly #known: Map<number, number | undefined>;

  constructor(view: DataView, decodePages: DecodePages, from: Whereabouts, frame: number) {
    this.#view = view;
    this.#decodePages = decodePages;
    this.#from = from;
    this.#known = new Map([[0, frame]]);
  }

  /** @inheritdoc */
  frameOf(page: number): number | undefined {
    if (!this.#known.has(page)) this.#known.set(page, this.#look(page));
    return this.#known.get(page);
  }

  #look(page: number): number | undefined {
    const tag = BigInt.asUintN(64, this.#from.tag + BigInt(page) * BigInt(PAGE_BYTES));
    const number = Number((tag / BigInt(PAGE_BYTES)) % BigInt(TLB_ENTRIES));
    const entry = this.#from.bank + number * tlbEntry.bytes;
    if (this.#view.getBigUint64(entry + tlbEntry.ifetchTag, true) !== (tag | BigInt(tagBits.ifetch))) return undefined;
    const at = this.#decodePages.storageOffset(this.#view.getUint32(entry + tlbEntry.decodePage, true));
    return at === undefined ? undefined : Math.floor(at / PAGE_BYTES);
  }
}
