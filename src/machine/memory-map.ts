import type { Stateful } from '../bits/stateful.ts';

/** A block of a guest's address space. */
export interface MappedBlock {
  readonly guest: number;
  readonly host: number;
  /** True once an access has linked it. */
  readonly linked: boolean;
  /** Nothing can be stored there. */
  readonly readOnly: boolean;
}

/** There is nothing at an address: negative, as callers test for. */
export const NOWHERE = -1;

/** Why an address cannot be linked. */
export type LinkError = 'unmapped' | 'taken';

/** Blocks below this are linked in an array, as far as something was mapped there; those above in a map. */
const DENSE_BLOCKS = 1 << 16;

/** Addresses below this can be shifted. */
const BELOW = 2 ** 32;

/** A map as plain data. */
export interface MemoryMapState {
  /** Host address by guest block. */
  readonly mapped: readonly (readonly [block: number, host: number])[];
  /** The guest blocks that an access has linked. */
  readonly linked: readonly number[];
  readonly faults: number;
  /** The guest blocks that may not be stored into; none when it is not there. */
  readonly readOnly?: readonly number[];
}

/**
 * A guest's address space over host storage, by blocks of one size. Mapping a block only says where it would be; the first
 * access links it, and from then on the machine goes there without asking. A reverse map finds the guest block behind a host
 * block, so that taking host storage away unlinks it. A host block can be linked to one guest block only.
 */
export class MemoryMap implements Stateful<MemoryMapState> {
  readonly blockBytes: number;
  readonly #shift: number;
  /** Bytes of guest addresses that can be mapped. */
  readonly span: number;
  readonly #hostBytes: number;
  /** Host address by guest block, linked ones only: what the machine follows. */
  #linked = new Float64Array(0);
  readonly #linkedAbove = new Map<number, number>();
  readonly #guestToHost = new Map<number, number>();
  readonly #hostToGuest = new Map<number, number>();
  /** Guest blocks that may not be stored into. */
  readonly #readOnly = new Set<number>();
  readonly #onUnlink: () => void;
  /** Told of each block that accesses do not reach any more, by its guest address. */
  unlinked: ((guest: number) => void) | undefined;
  /** Accesses that linked a block. */
  faults = 0;

  /** Sizes in bytes, multiples of a block's, which is a power of two. `onUnlink` must make the machine forget translations. */
  constructor(
    { blockBytes, span, hostBytes }: { readonly blockBytes: number; readonly span: number; readonly hostBytes: number },
    onUnlink: () => void,
  ) {
    this.blockBytes = blockBytes;
    this.#shift = Math.log2(blockBytes);
    this.span = span;
    this.#hostBytes = hostBytes;
    this.#onUnlink = onUnlink;
  }

  /**
   * Maps `length` bytes of host storage at `host` to guest addresses from `guest` on, to be stored into unless `readOnly`; what
   * was mapped there goes. False, and nothing has happened, when they are no whole blocks or end outside.
   */
  map(host: number, guest: number, length: number, readOnly = false): boolean {
    if (!this.#isRange(host, length, this.#hostBytes) || !this.#isRange(guest, length, this.span)) return false;
    this.#reserve(Math.min(DENSE_BLOCKS, (guest + length) / this.blockBytes));
    for (let offset = 0; offset < length; offset += this.blockBytes) {
      const block = (guest + offset) / this.blockBytes;
      this.#unlink(block);
      this.#guestToHost.set(block, host + offset);
      if (readOnly) this.#readOnly.add(block);
      else this.#readOnly.delete(block);
    }
    this.#onUnlink();
    return true;
  }
  /** Takes guest addresses out of the map; those that are not in it are passed over. False as with `map`. */
  unmap(guest: number, length: number): boolean {
    if (!this.#isRange(guest, length, this.span)) return false;
    for (let block = guest / this.blockBytes; block < (guest + length) / this.blockBytes; block++) {
      this.#unlink(block);
      this.#guestToHost.delete(block);
      this.#readOnly.delete(block);
    }
    this.#onUnlink();
    return true;
  }

  /** Host address of a guest address, linked or not. Links nothing: for looks that must have no effect. */
  peek(guest: number): number {
    const host = this.#guestToHost.get(Math.floor(guest / this.blockBytes));
    return host === undefined ? NOWHERE : host + (guest % this.blockBytes);
  }
  /** Resolves a fault: links the block of a guest address and gives the host address, or why not. */
  link(guest: number): number | LinkError {
    const block = Math.floor(guest / this.blockBytes);
    const host = this.#guestToHost.get(block);
    if (host === undefined) return 'unmapped';
    const other = this.#hostToGuest.get(host);
    if (other !== undefined && other !== block) return 'taken';
    if (other === undefined) {
      this.faults++;
      this.#link(block, host);
    }
    return host + (guest % this.blockBytes);
  }
  /** The machine's way in: host address of a guest address, linked by this if it was not. To `store`, if that is allowed. */
  follow(guest: number, store = false): number {
    const block = guest < BELOW ? guest >>> this.#shift : Math.floor(guest / this.blockBytes);
    if (store && this.#readOnly.size > 0 && this.#readOnly.has(block)) return NOWHERE;
    const host = this.#linkOf(block);
    // No remainder: of numbers beyond 31 bits it costs more than all of the rest.
    if (host !== NOWHERE) return host + (guest - block * this.blockBytes);
    const found = this.link(guest);
    return typeof found === 'number' ? found : NOWHERE;
  }
  /** The host takes back the storage of a host block: the guest block behind it is unlinked, and faults again. */
  unlinkHost(host: number): void {
    const block = this.#hostToGuest.get(host - (host % this.blockBytes));
    if (block === undefined) return;
    this.#unlink(block);
    this.#onUnlink();
  }

  /** True when an access has linked the block of a guest address. */
  isLinked(guest: number): boolean {
    return this.#linkOf(Math.floor(guest / this.blockBytes)) !== NOWHERE;
  }
  /** True when a guest address is mapped and may not be stored into. */
  isReadOnly(guest: number): boolean {
    return this.#readOnly.has(Math.floor(guest / this.blockBytes));
  }
  /** True when every byte of a range of guest addresses is mapped. Links nothing. */
  covers(guest: number, length: number): boolean {
    // By the last byte: so far away that adding rounds, an end would be where the range begins.
    const last = Math.floor((guest + length - 1) / this.blockBytes);
    for (let block = Math.floor(guest / this.blockBytes); block <= last; block++) {
      if (!this.#guestToHost.has(block)) return false;
    }
    return true;
  }
  /** All mapped blocks in the order of guest addresses. */
  blocks(): MappedBlock[] {
    return [...this.#guestToHost]
      .sort(([a], [b]) => a - b)
      .map(([block, host]) => ({
        guest: block * this.blockBytes,
        host,
        linked: this.#linkOf(block) !== NOWHERE,
        readOnly: this.#readOnly.has(block),
      }));
  }

  /** @inheritdoc */
  save(): MemoryMapState {
    const mapped = [...this.#guestToHost].map(([block, host]) => [block, host] as const);
    const readOnly = [...this.#readOnly];
    return { mapped, linked: [...this.#hostToGuest.values()], faults: this.faults, readOnly };
  }
  /** Puts back what `save` gave. The machine must be made to forget translations. */
  restore({ mapped, linked, faults, readOnly = [] }: MemoryMapState): void {
    this.#readOnly.clear();
    for (const block of readOnly) this.#readOnly.add(block);
    this.#guestToHost.clear();
    this.#hostToGuest.clear();
    this.#linked.fill(NOWHERE);
    this.#linkedAbove.clear();
    for (const [block, host] of mapped) this.#guestToHost.set(block, host);
    const last = mapped.reduce((most, [block]) => Math.max(most, block), -1);
    this.#reserve(Math.min(DENSE_BLOCKS, last + 1));
    for (const block of linked) this.#link(block, this.#guestToHost.get(block) ?? NOWHERE);
    this.faults = faults;
  }

  #link(block: number, host: number): void {
    this.#hostToGuest.set(host, block);
    if (block < DENSE_BLOCKS) this.#linked[block] = host;
    else this.#linkedAbove.set(block, host);
  }
  #linkOf(block: number): number {
    return (block < DENSE_BLOCKS ? this.#linked[block] : this.#linkedAbove.get(block)) ?? NOWHERE;
  }
  #reserve(blocks: number): void {
    const old = this.#linked;
    if (blocks <= old.length) return;
    this.#linked = new Float64Array(blocks).fill(NOWHERE);
    this.#linked.set(old);
  }
  #unlink(block: number): void {
    const host = this.#linkOf(block);
    if (host === NOWHERE) return;
    if (block < DENSE_BLOCKS) this.#linked[block] = NOWHERE;
    else this.#linkedAbove.delete(block);
    this.#hostToGuest.delete(host);
    this.unlinked?.(block * this.blockBytes);
  }
  // Whole blocks, at least one, below the limit.
  #isRange(start: number, length: number, limit: number): boolean {
    if (!(start >= 0 && length > 0 && start + length <= limit)) return false;
    return start % this.blockBytes === 0 && length % this.blockBytes === 0;
  }
}
