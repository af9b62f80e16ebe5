import { PAGE_BYTES } from './layout.ts';
import type { GuestStorage } from './storage.ts';
import { placeOf, type Tlb } from './tlb.ts';

/** Stores into a frame go through several places. */
const MANY = 0xffff_ffff;

/**
 * Through which places of the TLBs' banks the frames of a storage are stored into, as far as that is few: a TLB is large, and
 * each page of code that is new asks all of them for those who store into it. What was noted may be there no longer.
 */
export class StorePlaces {
  readonly #storage: GuestStorage;
  /** Two places of each frame, each plus one; 0 for none, `MANY` for more of them. */
  readonly #places: Uint32Array;

  constructor(storage: GuestStorage) {
    this.#storage = storage;
    this.#places = new Uint32Array(storage.size / PAGE_BYTES);
  }

  /** An entry of some TLB lets stores into the frame through; `low` is the low word of an address of its page. */
  note(frame: number, low: number): void {
    const place = placeOf(low) + 1;
    const known = this.#places[frame] ?? MANY;
    if (known === MANY || (known & 0xffff) === place || known >>> 16 === place) return;
    // A kernel has its pages in one place, and patches itself through another one.
    this.#places[frame] = known === 0 ? place : known >>> 16 === 0 ? (known | (place << 16)) >>> 0 : MANY;
  }

  /** No TLB has the frame. */
  forget(frame: number): void {
    this.#places[frame] = 0;
  }
  /** All TLBs are empty. */
  clear(): void {
    this.#places.fill(0);
  }

  /** Sets reason bits in the store tags of all entries of the frame. */
  distrust(users: readonly { readonly tlb: Tlb }[], frame: number, reason: number): void {
    const at = frame * PAGE_BYTES;
    this.#visit(
      users,
      frame,
      (tlb, place) => tlb.distrustStoresIntoAt(this.#storage, at, place, reason),
      (tlb) => tlb.distrustStoresInto(this.#storage, at, reason),
    );
  }

  /** Makes no TLB name a decode page of the frame, whose fetches of instructions have been noted, too. */
  forgetDecodePage(users: readonly { readonly tlb: Tlb }[], frame: number): void {
    this.#visit(
      users,
      frame,
      (tlb, place) => tlb.forgetDecodePageAt(place),
      (tlb) => tlb.forgetDecodePage(this.#storage, frame * PAGE_BYTES),
    );
  }

  #visit(
    users: readonly { readonly tlb: Tlb }[],
    frame: number,
    one: (tlb: Tlb, place: number) => void,
    all: (tlb: Tlb) => void,
  ): void {
    const places = this.#places[frame] ?? MANY;
    if (places === 0) return;
    const [first, second] = [(places & 0xffff) - 1, (places >>> 16) - 1];
    for (const { tlb } of users) {
      if (places === MANY) all(tlb);
      else {
        one(tlb, first);
        if (second >= 0) one(tlb, second);
      }
    }
  }
}
