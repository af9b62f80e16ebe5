import { err, ok, type Result } from '../../../bits/result.ts';
import type { AbsoluteStorage } from '../cpu/complex.ts';

/** Bytes of a segment: what a gmap maps by. */
export const SEGMENT_BYTES = 1 << 20;

/** Why a gmap call failed; the names are those of the hypervisor interface. */
export type GmapError = 'EINVAL' | 'EFAULT' | 'EEXIST' | 'ENOMEM';

/** A segment of a guest's address space. */
export interface GmapSegment {
  /** Guest absolute address. */
  readonly guest: number;
  /** Host address: an offset into the storage. */
  readonly host: number;
  /** True once a fault has linked it. */
  readonly populated: boolean;
}

const UNMAPPED = -1;

/**
 * A guest address space over host storage, by segments of 1 MiB. Mapping a segment only says where it would be; the first
 * fault links it, and from then on the machine goes there without asking. A reverse map finds the guest segments behind
 * a host segment, so that taking host storage away unlinks them.
 */
export class Gmap implements AbsoluteStorage {
  /** Last guest address, plus one. */
  readonly limit: number;
  readonly #hostLimit: number;
  /** Host address by guest segment, linked ones only: what the machine follows. */
  readonly #linked: Float64Array;
  readonly #guestToHost = new Map<number, number>();
  readonly #hostToGuest = new Map<number, number>();
  readonly #onUnlink: () => void;
  /** Faults that linked a segment. */
  faults = 0;

  /** `limit` and `hostLimit` in bytes. `onUnlink` must make the machine forget translations. */
  constructor(limit: number, hostLimit: number, onUnlink: () => void) {
    this.limit = limit;
    this.#hostLimit = hostLimit;
    this.#linked = new Float64Array(Math.ceil(limit / SEGMENT_BYTES)).fill(UNMAPPED);
    this.#onUnlink = onUnlink;
  }

  /** Maps `length` bytes of host storage at `from` to guest addresses from `to` on. */
  mapSegment(from: number, to: number, length: number): Result<undefined, GmapError> {
    const aligned = [from, to, length].every((n) => n >= 0 && n % SEGMENT_BYTES === 0);
    if (!aligned || length === 0 || to + length > this.limit || from + length > this.#hostLimit) return err('EINVAL');
    for (let offset = 0; offset < length; offset += SEGMENT_BYTES) {
      this.#unlink((to + offset) / SEGMENT_BYTES);
      this.#guestToHost.set((to + offset) / SEGMENT_BYTES, from + offset);
    }
    this.#onUnlink();
    return ok(undefined);
  }

  /** Takes guest addresses out of the map. */
  unmapSegment(to: number, length: number): Result<undefined, GmapError> {
    if (to % SEGMENT_BYTES !== 0 || length % SEGMENT_BYTES !== 0 || length === 0 || to + length > this.limit) {
      return err('EINVAL');
    }
    for (let s = to / SEGMENT_BYTES; s < (to + length) / SEGMENT_BYTES; s++) {
      this.#unlink(s);
      this.#guestToHost.delete(s);
    }
    this.#onUnlink();
    return ok(undefined);
  }

  /** Host address of a guest address, linked or not. */
  translate(guest: number): Result<number, GmapError> {
    const host = this.#guestToHost.get(Math.floor(guest / SEGMENT_BYTES));
    return host === undefined ? err('EFAULT') : ok(host + (guest % SEGMENT_BYTES));
  }

  /** Resolves a fault: links the segment and gives the host address. */
  fault(guest: number): Result<number, GmapError> {
    const segment = Math.floor(guest / SEGMENT_BYTES);
    const host = this.#guestToHost.get(segment);
    if (host === undefined) return err('EFAULT');
    const other = this.#hostToGuest.get(host);
    if (other !== undefined && other !== segment) return err('EEXIST');
    if (this.#linked[segment] === UNMAPPED) this.faults++;
    this.#hostToGuest.set(host, segment);
    this.#linked[segment] = host;
    return ok(host + (guest % SEGMENT_BYTES));
  }

  /** The host takes back the storage of a host segment: the guest segment behind it is unlinked, and faults again. */
  unlinkHost(host: number): void {
    const segment = this.#hostToGuest.get(host - (host % SEGMENT_BYTES));
    if (segment === undefined) return;
    this.#unlink(segment);
    this.#onUnlink();
  }

  /** The machine's way in: -1 when nothing is mapped. */
  hostAddress(absolute: number): number {
    const segment = Math.floor(absolute / SEGMENT_BYTES);
    const host = this.#linked[segment] ?? UNMAPPED;
    if (host !== UNMAPPED) return host + (absolute % SEGMENT_BYTES);
    const found = this.fault(absolute);
    return found.ok ? found.value : UNMAPPED;
  }

  /** Host address without populating anything: for looks that must have no effect. */
  peek(absolute: number): number {
    const found = this.translate(absolute);
    return found.ok ? found.value : UNMAPPED;
  }

  /** All mapped segments in the order of guest addresses. */
  segments(): GmapSegment[] {
    return [...this.#guestToHost]
      .sort(([a], [b]) => a - b)
      .map(([segment, host]) => ({
        guest: segment * SEGMENT_BYTES,
        host,
        populated: this.#linked[segment] !== UNMAPPED,
      }));
  }

  #unlink(segment: number): void {
    const host = this.#linked[segment] ?? UNMAPPED;
    if (host === UNMAPPED) return;
    this.#linked[segment] = UNMAPPED;
    this.#hostToGuest.delete(host);
  }
}
