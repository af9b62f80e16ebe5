import { DecodePages, type DecodePool } from './decode-pages.ts';
import type { DirtyTracker } from './dirty-log.ts';
import { PAGE_BYTES } from './layout.ts';
import { frameFlags, frameOf, type GuestStorage } from './storage.ts';
import { placeOf, storeTagReason, type Tlb } from './tlb.ts';
import type { StorageWatch } from './watch.ts';

/** Stores into a frame, and fetches of instructions from it, go through several places of a TLB's banks. */
const MANY = 0xffff_ffff;

/** A vCPU as far as frames of storage matter to it. */
export interface FrameUser {
  readonly tlb: Tlb;
  /** Makes the next instruction's page be looked up anew. */
  forgetDecodePage(): void;
  /** Ends the run in progress behind the instruction in execution. */
  endSlice(): void;
}

/** What frames are made of. */
export interface FramesOptions {
  readonly memory: WebAssembly.Memory;
  readonly storage: GuestStorage;
  /** Address of the `frameFlags`, a byte for each frame of the storage. */
  readonly flags: number;
  /** The decode cache's pages. */
  readonly decode: DecodePool;
  /** All vCPUs; asked when something is to be told to them. */
  readonly users: () => readonly FrameUser[];
}

/**
 * The frames of a guest's storage as its CPUs share them: which hold decoded instructions, which some TLB may refer to, and
 * who wants to hear of accesses. A change of a frame reaches every TLB from here.
 */
export class Frames {
  readonly flags: Uint8Array;
  readonly decodePages: DecodePages;
  /** The debugger's watchpoints. */
  watch: StorageWatch | undefined;
  dirty: DirtyTracker = { isClean: () => false, mark: () => undefined };
  readonly #storage: GuestStorage;
  /** Two places in a TLB's banks that stores and instructions of a frame go through, each plus one; 0 for none, `MANY` for more of them. */
  readonly #places: Uint32Array;
  readonly #users: () => readonly FrameUser[];

  constructor({ memory, storage, flags, decode, users }: FramesOptions) {
    this.#storage = storage;
    this.#users = users;
    this.flags = new Uint8Array(memory.buffer, flags, storage.size / PAGE_BYTES);
    this.#places = new Uint32Array(this.flags.length);
    this.decodePages = new DecodePages(memory, decode, (lost) => this.#decodeFlushed(lost));
  }

  /** Forgets all translations of all vCPUs. */
  flushTlbs(): void {
    for (const user of this.#users()) {
      user.tlb.flush();
      user.forgetDecodePage();
    }
    this.flags.forEach((flags, i) => {
      if ((flags & frameFlags.mapped) !== 0) this.flags[i] = flags & ~frameFlags.mapped;
    });
    this.#places.fill(0);
  }

  /** To be called when something about a frame changed (key, protection by the host): no TLB keeps what it knew. */
  changed(frame: number): void {
    const flags = this.flags[frame] ?? 0;
    if ((flags & frameFlags.mapped) === 0) return;
    this.flags[frame] = flags & ~frameFlags.mapped;
    this.#places[frame] = 0;
    for (const user of this.#users()) {
      user.tlb.flushFrame(this.#storage, frame * PAGE_BYTES);
      user.forgetDecodePage();
    }
  }

  /** Makes every TLB look afresh at each page's next store. */
  distrustStores(): void {
    for (const { tlb } of this.#users()) tlb.distrustStores(storeTagReason.clean);
  }

  /** Bytes of the frame at a storage offset are about to be changed by whoever has not located them as an access does. */
  storing(at: number): void {
    const frame = frameOf(at);
    if (this.dirty.isClean(frame)) this.dirty.mark(frame);
  }
  /** A store of `length` bytes that were located, within one frame, is about to happen or has just happened. */
  stored(at: number, length: number): void {
    const frame = frameOf(at);
    const flags = this.flags[frame] ?? 0;
    if ((flags & frameFlags.code) !== 0 && this.decodePages.overwritten(at, length)) this.#noCode(frame, flags);
    if (this.dirty.isClean(frame)) this.dirty.mark(frame);
    if (this.watch?.stored(at, length) === true) this.#endSlices();
  }

  #noCode(frame: number, flags: number): void {
    this.flags[frame] = flags & ~frameFlags.code;
    for (const user of this.#users()) {
      this.#eachPlace(
        frame,
        (place) => user.tlb.forgetDecodePageAt(place),
        () => user.tlb.forgetDecodePage(this.#storage, frame * PAGE_BYTES),
      );
      user.forgetDecodePage();
    }
  }
  // Either for the places of a TLB's banks in which the frame may be, or once when there are too many.
  #eachPlace(frame: number, visit: (place: number) => void, all: () => void): void {
    const places = this.#places[frame] ?? MANY;
    if (places === MANY) return all();
    if ((places & 0xffff) !== 0) visit((places & 0xffff) - 1);
    if (places >>> 16 !== 0) visit((places >>> 16) - 1);
  }

  /** An operand of `length` bytes at a storage offset, within one frame, is fetched. */
  fetched(at: number, length: number): void {
    if (this.watch?.fetched(at, length) === true) this.#endSlices();
  }

  // One vCPU at most is in execution, and the others do not mind.
  #endSlices(): void {
    for (const user of this.#users()) user.endSlice();
  }

  /** The decode page of a frame that instructions are to be fetched from; from now on stores into it are looked at. */
  decodePageFor(frame: number): number {
    const page = this.decodePages.pageFor(frame);
    const flags = this.flags[frame] ?? 0;
    if ((flags & frameFlags.code) !== 0) return page;
    this.flags[frame] = flags | frameFlags.code;
    for (const { tlb } of this.#users())
      this.#eachPlace(
        frame,
        (place) => tlb.distrustStoresAt(place, storeTagReason.code),
        () => tlb.distrustStoresInto(this.#storage, frame * PAGE_BYTES, storeTagReason.code),
      );
    return page;
  }

  /** A TLB is about to have an entry for a frame; `low` is the low word of an address of its page, `kind` what the entry is for. */
  mapped(frame: number, low: number, kind: 'fetch' | 'store' | 'ifetch'): void {
    this.flags[frame] = (this.flags[frame] ?? 0) | frameFlags.mapped;
    if (kind === 'fetch') return;
    const place = placeOf(low) + 1;
    const known = this.#places[frame] ?? MANY;
    if (known === MANY || (known & 0xffff) === place || known >>> 16 === place) return;
    // A kernel has its pages in one place, and patches itself through another one.
    this.#places[frame] = known === 0 ? place : known >>> 16 === 0 ? (known | (place << 16)) >>> 0 : MANY;
  }

  // Entries keep their length: the instruction in execution may still be asked for it.
  #decodeFlushed(lost: Iterable<number>): void {
    for (const frame of lost) this.flags[frame] = (this.flags[frame] ?? 0) & ~frameFlags.code;
    for (const user of this.#users()) {
      user.tlb.forgetDecodePages();
      user.forgetDecodePage();
    }
  }
}
