import { engineState, NO_TAG, TLB_BANK_BYTES, TLB_ENTRIES, tlbEntry } from './layout.ts';

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

/** What an address space is known by: its ASCE, or real addressing; and the access key that pages were checked for. */
export type SpaceKey = bigint;

/** The key of a space for an access key of 0 to 15. ASCE bit 58 (real space) and DAT off stay apart: no ASCE is -1. */
export function spaceKey(asce: bigint | undefined, accessKey: number): SpaceKey {
  return ((asce ?? 0xffff_ffff_ffff_ffffn) << 4n) | BigInt(accessKey);
}

interface Bank {
  readonly address: number;
  key: SpaceKey | undefined;
  lastUse: number;
}

/**
 * A vCPU's software TLB: some banks, each with the translations of one address space for one access key, so that a change
 * of space changes a pointer and flushes nothing. One further bank stays empty: it serves modes that must always be slow.
 */
export class Tlb {
  readonly empty: number;
  readonly #banks: readonly Bank[];
  readonly #byKey = new Map<SpaceKey, Bank>();
  readonly #view: DataView;
  readonly #bytes: Uint8Array;
  #uses = 0;

  /** `count` banks and the empty one, from `base` on. */
  constructor(memory: WebAssembly.Memory, base: number, count: number) {
    this.#view = new DataView(memory.buffer);
    this.#bytes = new Uint8Array(memory.buffer);
    this.empty = base;
    this.#banks = Array.from({ length: count }, (_, i) => ({
      address: base + (i + 1) * TLB_BANK_BYTES,
      key: undefined,
      lastUse: 0,
    }));
    this.#clear(this.empty);
  }

  /** Memory that a TLB of `count` banks takes. */
  static bytes(count: number): number {
    return (count + 1) * TLB_BANK_BYTES;
  }

  /** Address of the bank of a space, emptied first when it served another; the banks `kept` go on serving theirs. */
  bank(key: SpaceKey, kept: readonly number[] = []): number {
    let bank = this.#byKey.get(key);
    if (bank === undefined) {
      const free = this.#banks.filter((b) => !kept.includes(b.address));
      bank = free.reduce((a, b) => (b.lastUse < a.lastUse ? b : a));
      if (bank.key !== undefined) this.#byKey.delete(bank.key);
      bank.key = key;
      this.#byKey.set(key, bank);
      this.#clear(bank.address);
    }
    bank.lastUse = ++this.#uses;
    return bank.address;
  }

  /** Empties every bank. */
  flush(): void {
    for (const b of this.#banks) if (b.key !== undefined) this.#clear(b.address);
  }

  /** Is as it was when it was made: which spaces have banks is forgotten, too. */
  forget(): void {
    this.flush();
    this.#byKey.clear();
    this.#uses = 0;
    for (const b of this.#banks) {
      b.key = undefined;
      b.lastUse = 0;
    }
  }

  /** Names no decode page any more; where pages of storage lie stays known. */
  forgetDecodePages(): void {
    for (const e of this.entries()) this.#view.setBigUint64(e + tlbEntry.ifetchTag, NO_TAG, true);
  }

  /** Empties the banks of the spaces for which `match` holds; the argument is the ASCE, undefined for real addressing. */
  flushSpaces(match: (asce: bigint | undefined) => boolean): void {
    for (const b of this.#banks) {
      if (b.key === undefined) continue;
      const asce = b.key >> 4n;
      if (match(asce === 0xffff_ffff_ffff_ffffn ? undefined : asce)) this.#clear(b.address);
    }
  }

  /** Forgets a virtual page in every bank. `low` is the low word of its address. */
  flushPage(low: number): void {
    for (const b of this.#banks) {
      if (b.key !== undefined) this.#clearEntry(b.address + entryOffset(low));
    }
  }

  /** Calls back with each entry's address. */
  *entries(): IterableIterator<number> {
    for (const b of this.#banks) {
      if (b.key === undefined) continue;
      for (let i = 0; i < TLB_ENTRIES; i++) yield b.address + i * tlbEntry.bytes;
    }
  }

  /** Sets reason bits in every store tag, so that each page's next store takes the slow path and is looked at afresh. */
  distrustStores(reason: number): void {
    for (const e of this.entries()) {
      const tag = this.#view.getBigUint64(e + tlbEntry.storeTag, true);
      if ((tag & 1n) === 0n) this.#view.setBigUint64(e + tlbEntry.storeTag, tag | BigInt(reason), true);
    }
  }

  #clear(address: number): void {
    this.#bytes.fill(0, address, address + TLB_BANK_BYTES);
    for (let i = 0; i < TLB_ENTRIES; i++) this.#clearEntry(address + i * tlbEntry.bytes);
  }

  #clearEntry(entry: number): void {
    this.#view.setBigUint64(entry + tlbEntry.fetchTag, NO_TAG, true);
    this.#view.setBigUint64(entry + tlbEntry.storeTag, NO_TAG, true);
    this.#view.setBigUint64(entry + tlbEntry.ifetchTag, NO_TAG, true);
  }
}

/** Offset in a bank of the entry for an address with the low word `low`. */
export function entryOffset(low: number): number {
  return ((low >>> 12) & (TLB_ENTRIES - 1)) << tlbEntry.shift;
}

/** Slots that hold bank addresses. */
export const bankSlots = [engineState.tlbInsn, engineState.tlbData] as const;
