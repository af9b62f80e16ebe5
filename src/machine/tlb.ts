import { TLB_BANK_BYTES, TLB_ENTRIES, tagBits, tlbEntry } from './layout.ts';
import type { GuestStorage } from './storage.ts';

/** Low bits of a store tag that keep the fast path from matching, and say why. */
export const storeTagReason = {
  never: 1,
  /** The page holds locations that low-address protection guards. */
  lowAddress: 2,
  /** Decoded instructions lie in the frame. */
  code: 4,
  /** Somebody wants to hear of the first store. */
  clean: 8,
  /** Watched. */
  watched: 16,
} as const;

/** Beside the access key in the rights of a space: real addressing, which has no designation. */
export const REAL_SPACE = 16;

/** Entries that a bank remembers to have been filled; one with more is emptied as a whole. */
const REMEMBERED = 1024;
/** Bytes of a piece of a bank: a page of the host, which is resident from its first store on. */
const PIECE_BYTES = 4096;
const PIECES = TLB_BANK_BYTES / PIECE_BYTES;
/** So many calls of `bank` ago a bank was asked for last that is given away because it is empty: its space may be about to fill it. */
const RECENT = 4;
const NO_RIGHTS = 0xffff_ffff;

/** Whether a page is meant, by the words of its address and the rights of its space. */
export type PageTest = (high: number, low: number, rights: number) => boolean;

class Bank {
  readonly address: number;
  /** The space: its designation by words, and rights; `NO_RIGHTS` when it serves none. */
  high = 0;
  low = 0;
  rights = NO_RIGHTS;
  lastUse = 0;
  /** Numbers of entries that were filled since the bank was empty, the first `REMEMBERED` of them. */
  readonly filled = new Uint16Array(REMEMBERED);
  /** How many were. */
  count = 0;
  /** Pieces with entries that were: nothing is read or written in the others. */
  readonly pieces = new Uint8Array(PIECES);
  /** How many pieces were ever in use. */
  resident = 0;
  readonly #ever = new Uint8Array(PIECES);

  constructor(address: number) {
    this.address = address;
  }

  /** An empty entry at an offset is about to be filled. */
  filling(offset: number): void {
    if (this.count < REMEMBERED) this.filled[this.count] = offset >>> tlbEntry.shift;
    this.count++;
    const piece = Math.floor(offset / PIECE_BYTES);
    this.pieces[piece] = 1;
    if (this.#ever[piece] === 1) return;
    this.#ever[piece] = 1;
    this.resident++;
  }
}

/**
 * A vCPU's software TLB: some banks, each with the translations of one address space for one access key, so that a change
 * of space changes a pointer and flushes nothing. One further bank stays empty: it serves modes that must always be slow.
 *
 * An entry of zeros is an empty one, so that a bank that nobody has used costs no memory, and banks know which of their entries
 * were filled: emptying one costs what filling it has cost at most, however often a guest does it. A bank that is empty is as good
 * for another space as one that was never used, and takes no further memory.
 */
export class Tlb {
  readonly empty: number;
  readonly #banks: readonly Bank[];
  readonly #words: Uint32Array;
  #uses = 0;

  /** `count` banks and the empty one, from `base` on, where the memory holds zeros. */
  constructor(memory: WebAssembly.Memory, base: number, count: number) {
    this.#words = new Uint32Array(memory.buffer);
    this.empty = base;
    this.#banks = Array.from({ length: count }, (_, i) => new Bank(base + (i + 1) * TLB_BANK_BYTES));
  }

  /** Memory that a TLB of `count` banks takes. */
  static bytes(count: number): number {
    return (count + 1) * TLB_BANK_BYTES;
  }

  /**
   * Address of the bank of a space, known by its designation (by words) and rights: the access key that pages were checked
   * for, and `REAL_SPACE`. It is emptied first when it served another; the banks `kept` and `keptToo` go on serving theirs. Which of
   * the empty ones it is makes no difference to anybody.
   */
  bank(high: number, low: number, rights: number, kept = 0, keptToo = 0): number {
    let oldest: Bank | undefined;
    let empty: Bank | undefined;
    for (const bank of this.#banks) {
      if (bank.low === low && bank.high === high && bank.rights === rights) {
        bank.lastUse = ++this.#uses;
        return bank.address;
      }
      if (bank.address === kept || bank.address === keptToo) continue;
      if (oldest === undefined || bank.lastUse < oldest.lastUse) oldest = bank;
      const rests = bank.count === 0 && bank.lastUse <= this.#uses - RECENT;
      if (rests && bank.resident > (empty?.resident ?? 0)) empty = bank;
    }
    const given = empty ?? oldest;
    if (given === undefined) throw new Error('the TLB has no bank to give');
    this.#clear(given);
    given.high = high;
    given.low = low;
    given.rights = rights;
    given.lastUse = ++this.#uses;
    return given.address;
  }

  /** To be called for an entry that is about to be filled. */
  filling(entry: number): void {
    if (this.#words[entry >>> 2] !== 0) return;
    const bank = this.#banks[Math.floor((entry - this.empty) / TLB_BANK_BYTES) - 1];
    bank?.filling(entry - bank.address);
  }

  /** Empties every bank. */
  flush(): void {
    for (const bank of this.#banks) this.#clear(bank);
  }

  /** Is as it was when it was made: which spaces have banks is forgotten, too. */
  forget(): void {
    this.flush();
    this.#uses = 0;
    for (const bank of this.#banks) {
      bank.high = 0;
      bank.low = 0;
      bank.rights = NO_RIGHTS;
      bank.lastUse = 0;
    }
  }

  /** Names no decode page any more; where pages of storage lie stays known. */
  forgetDecodePages(): void {
    const words = this.#words;
    for (const bank of this.#banks) {
      this.#each(bank, (entry) => {
        words[(entry + tlbEntry.ifetchTag) >>> 2] = 0;
      });
    }
  }

  /** Names no decode page for the frame at a storage offset. */
  forgetDecodePage(storage: GuestStorage, at: number): void {
    this.#eachOf(storage, at, tlbEntry.ifetchTag, (entry) => {
      this.#words[(entry + tlbEntry.ifetchTag) >>> 2] = 0;
    });
  }

  /** The same for a place of each bank. */
  forgetDecodePageAt(place: number): void {
    for (const bank of this.#banks) {
      const entry = bank.address + (place << tlbEntry.shift);
      if (isInUse(bank, entry)) this.#words[(entry + tlbEntry.ifetchTag) >>> 2] = 0;
    }
  }

  /** Empties the banks of the spaces for which `match` holds. */
  flushSpaces(match: (high: number, low: number, rights: number) => boolean): void {
    for (const bank of this.#banks) if (bank.count > 0 && match(bank.high, bank.low, bank.rights)) this.#clear(bank);
  }

  /** Forgets the pages with a number in every bank whose last bits are `index`: what `count`, a power of two, leaves of it. */
  flushPagesOfIndex(index: number, count: number): void {
    const step = count << tlbEntry.shift;
    for (const bank of this.#banks) {
      if (bank.count === 0) continue;
      for (let at = bank.address + (index << tlbEntry.shift); at < bank.address + TLB_BANK_BYTES; at += step) {
        if (isInUse(bank, at)) this.#clearEntry(at);
      }
    }
  }

  /**
   * Forgets the pages in every bank whose address has the low word `low`, as far as the bits of `mask` say; these are all that an
   * entry's place is made of at least. `meant` is asked for each, with its address and the rights of its bank.
   */
  flushPagesAt(low: number, mask: number, meant: PageTest = () => true): void {
    const words = this.#words;
    for (const bank of this.#banks) {
      if (bank.count === 0) continue;
      const entry = bank.address + entryOffset(low);
      if (!isInUse(bank, entry)) continue;
      const tag = words[entry >>> 2] ?? 0;
      if (tag === 0 || ((tag ^ low) & mask) !== 0) continue;
      if (meant(words[(entry >>> 2) + 1] ?? 0, (tag & ~0xfff) >>> 0, bank.rights)) this.#clearEntry(entry);
    }
  }

  /** Forgets what lies in the frame at a storage offset. */
  flushFrame(storage: GuestStorage, at: number): void {
    this.#eachOf(storage, at, tlbEntry.fetchTag, (entry) => this.#clearEntry(entry));
  }

  /** Sets reason bits in every store tag, so that each page's next store takes the slow path and is looked at afresh. */
  distrustStores(reason: number): void {
    for (const bank of this.#banks) this.#each(bank, (entry) => this.#distrust(entry, reason));
  }

  /** The same for the pages that lie in the frame at a storage offset. */
  distrustStoresInto(storage: GuestStorage, at: number, reason: number): void {
    // Each page of code that is come to for the first time asks, and most pages are not stored into: those are passed over first.
    this.#eachOf(storage, at, tlbEntry.storeTag, (entry) => this.#distrust(entry, reason));
  }

  /** The same for those of them that have a place in a bank. */
  distrustStoresIntoAt(storage: GuestStorage, at: number, place: number, reason: number): void {
    const offset = place << tlbEntry.shift;
    for (const { address } of this.#banks) {
      const entry = address + offset;
      const tag = this.#words[(entry + tlbEntry.storeTag) >>> 2] ?? 0;
      if (tag === 0) continue;
      if (this.#words[(entry + tlbEntry.addend) >>> 2] === storage.addend(at, tag & ~0xfff))
        this.#distrust(entry, reason);
    }
  }

  // A page that has a reason already gets another one: the slow path does less where it knows them all.
  #distrust(entry: number, reason: number): void {
    const at = (entry + tlbEntry.storeTag) >>> 2;
    const tag = this.#words[at] ?? 0;
    const before = tag & 0xfff;
    if (before !== 0) this.#words[at] = ((before === tagBits.access ? tag & ~0xfff : tag) | reason) >>> 0;
  }

  // The entries of the frame whose tag at an offset is not zero.
  #eachOf(storage: GuestStorage, at: number, tagAt: number, visit: (entry: number) => void): void {
    const words = this.#words;
    // What an entry adds depends on its page in one way for all of them; most entries are of other frames.
    const ofPageZero = storage.addend(at, 0);
    const sign = (storage.addend(at, 1) - ofPageZero) | 0;
    const isOf = (entry: number): boolean => {
      const tag = words[(entry + tagAt) >>> 2] ?? 0;
      return tag !== 0 && words[(entry + tlbEntry.addend) >>> 2] === (ofPageZero + sign * (tag & ~0xfff)) >>> 0;
    };
    for (const bank of this.#banks) {
      this.#each(bank, (entry) => {
        if (isOf(entry)) visit(entry);
      });
    }
  }

  #each(bank: Bank, visit: (entry: number) => void): void {
    const { address, count, filled, pieces } = bank;
    if (count <= REMEMBERED) {
      for (let i = 0; i < count; i++) visit(address + ((filled[i] ?? 0) << tlbEntry.shift));
      return;
    }
    for (let piece = 0; piece < PIECES; piece++) {
      if (pieces[piece] === 0) continue;
      const from = address + piece * PIECE_BYTES;
      for (let entry = from; entry < from + PIECE_BYTES; entry += tlbEntry.bytes) visit(entry);
    }
  }

  #clear(bank: Bank): void {
    if (bank.count === 0) return;
    if (bank.count <= REMEMBERED) this.#each(bank, (entry) => this.#clearEntry(entry));
    else {
      for (let piece = 0; piece < PIECES; piece++) {
        const from = (bank.address + piece * PIECE_BYTES) >>> 2;
        if (bank.pieces[piece] === 1) this.#words.fill(0, from, from + PIECE_BYTES / 4);
      }
    }
    bank.pieces.fill(0);
    bank.count = 0;
  }

  #clearEntry(entry: number): void {
    const at = entry >>> 2;
    for (let i = 0; i < tlbEntry.bytes / 4; i++) this.#words[at + i] = 0;
  }
}

/** True when something near an entry of the bank was filled: one in use is. */
function isInUse(bank: Bank, entry: number): boolean {
  return bank.pieces[Math.floor((entry - bank.address) / PIECE_BYTES)] === 1;
}

/** Place in a bank of the entry for an address with the low word `low`. */
export function placeOf(low: number): number {
  return (low >>> 12) & (TLB_ENTRIES - 1);
}

/** Offset in a bank of that entry. */
export function entryOffset(low: number): number {
  return placeOf(low) << tlbEntry.shift;
}
