import { DecodePages, type DecodePool } from './decode-pages.ts';
import type { DirtyTracker } from './dirty-log.ts';
import { PAGE_BYTES } from './layout.ts';
import { frameFlags, frameOf, type GuestStorage } from './storage.ts';
import { StorePlaces } from './store-places.ts';
import { storeTagReason, type Tlb } from './tlb.ts';
import type { StorageWatch } from './watch.ts';

/** A vCPU as far as frames of storage matter to it. */
export interface FrameUser {
  readonly tlb: Tlb;
  /** Makes the next instruction's page be looked up anew. */
  forgetDecodePage(): void;
  /** Ends the run in progress behind the instruction in execution. */
  endSlice(): void;
}

/** The flag that some TLB entry may refer to a frame, of four frames. */
const ALL_MAPPED = 0x0101_0101 * frameFlags.mapped;

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
  readonly #storePlaces: StorePlaces;
  readonly #users: () => readonly FrameUser[];
  readonly #flagWords: Uint32Array;

  constructor({ memory, storage, flags, decode, users }: FramesOptions) {
    this.#storage = storage;
    this.#users = users;
    const count = storage.size / PAGE_BYTES;
    this.flags = new Uint8Array(memory.buffer, flags, count);
    this.#flagWords = new Uint32Array(memory.buffer, flags, count / 4);
    this.#storePlaces = new StorePlaces(storage);
    this.decodePages = new DecodePages(memory, decode, (lost) => this.#decodeFlushed(lost));
  }

  /** Forgets all translations of all vCPUs. */
  flushTlbs(): void {
    for (const user of this.#users()) {
      user.tlb.flush();
      user.forgetDecodePage();
    }
    // Four at a time, since most have no flag.
    for (let i = 0; i < this.#flagWords.length; i++) {
      const flags = this.#flagWords[i] ?? 0;
      if (flags !== 0) this.#flagWords[i] = flags & ~ALL_MAPPED;
    }
    this.#storePlaces.clear();
  }

  /** To be called when something about a frame changed (key, protection by the host): no TLB keeps what it knew. */
  changed(frame: number): void {
    const flags = this.flags[frame] ?? 0;
    if ((flags & frameFlags.mapped) === 0) return;
    this.flags[frame] = flags & ~frameFlags.mapped;
    this.#storePlaces.forget(frame);
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
    if (this.watch?.stored(at, length) === true) this.endSlices();
  }

  #noCode(frame: number, flags: number): void {
    this.flags[frame] = flags & ~frameFlags.code;
    this.#storePlaces.forgetDecodePage(this.#users(), frame);
    for (const user of this.#users()) user.forgetDecodePage();
  }

  /** An operand of `length` bytes at a storage offset, within one frame, is fetched. */
  fetched(at: number, length: number): void {
    if (this.watch?.fetched(at, length) === true) this.endSlices();
  }

  /** Ends the run in hand behind the instruction in execution. One vCPU at most executes, and the others do not mind. */
  endSlices(): void {
    for (const user of this.#users()) user.endSlice();
  }

  /** The decode page of a frame that instructions are to be fetched from; from now on stores into it are looked at. */
  decodePageFor(frame: number): number {
    const page = this.decodePages.pageFor(frame);
    const flags = this.flags[frame] ?? 0;
    if ((flags & frameFlags.code) !== 0) return page;
    this.flags[frame] = flags | frameFlags.code;
    this.#storePlaces.distrust(this.#users(), frame, storeTagReason.code);
    return page;
  }

  /** A TLB is about to have an entry for a frame; `low` is the low word of an address of its page, `kind` what the entry is for. */
  mapped(frame: number, low: number, kind: 'fetch' | 'store' | 'ifetch'): void {
    this.flags[frame] = (this.flags[frame] ?? 0) | frameFlags.mapped;
    if (kind !== 'fetch') this.#storePlaces.note(frame, low);
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
