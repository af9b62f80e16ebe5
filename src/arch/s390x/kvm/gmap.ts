import { err, ok, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import type { AbsoluteStorage } from '../cpu/complex.ts';
import { type Gpa, gpa, type HostAddress, hostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';

/** Why a gmap call failed; the names are those of the hypervisor interface. */
export type GmapError = 'EINVAL' | 'EFAULT' | 'EEXIST' | 'ENOMEM';

/** A segment of a guest's address space. */
export interface GmapSegment {
  readonly guest: Gpa;
  readonly host: HostAddress;
  /** True once a fault has linked it. */
  readonly populated: boolean;
}

/** In the array of linked segments. */
const UNMAPPED = -1;

/** Bytes that a table of each level spans, lowest first: what the highest table of an address space can be. */
const tableSpans = [2 ** 31, 2 ** 42, 2 ** 53] as const;

/** Segments below this are linked in an array, as far as something was mapped there; those above in a map. */
const DENSE_SEGMENTS = 1 << 16;

/** A gmap as plain data. */
export interface GmapState {
  /** Host address by guest segment. */
  readonly mapped: readonly (readonly [segment: number, host: number])[];
  /** The guest segments that a fault has linked. */
  readonly linked: readonly number[];
  readonly faults: number;
}

/**
 * A guest address space over host storage, by segments of 1 MiB. Mapping a segment only says where it would be; the first
 * fault links it, and from then on the machine goes there without asking. A reverse map finds the guest segment behind
 * a host segment, so that taking host storage away unlinks it. A host segment can be linked to one guest segment only.
 */
export class Gmap implements AbsoluteStorage, Stateful<GmapState> {
  /** Bytes of guest addresses that the memory limit allows. */
  readonly limit: number;
  /** Bytes that the highest table spans: the limit rounded up to a whole table. Nothing can be mapped above. */
  readonly span: number;
  readonly #hostLimit: number;
  /** Host address by guest segment, linked ones only: what the machine follows. */
  #linked = new Float64Array(0);
  readonly #linkedAbove = new Map<number, number>();
  readonly #guestToHost = new Map<number, number>();
  readonly #hostToGuest = new Map<number, number>();
  readonly #onUnlink: () => void;
  /** Faults that linked a segment. */
  faults = 0;

  /** `limit` and `hostLimit` in bytes. `onUnlink` must make the machine forget translations. */
  constructor(limit: number, hostLimit: number, onUnlink: () => void) {
    this.limit = limit;
    this.span = tableSpans.find((span) => limit <= span) ?? 2 ** 64;
    this.#hostLimit = hostLimit;
    this.#onUnlink = onUnlink;
  }

  /** Maps `length` bytes of host storage at `from` to guest addresses from `to` on. What was mapped there goes. */
  mapSegment(from: HostAddress, to: Gpa, length: number): Result<undefined, GmapError> {
    if (!isRange(from, length, this.#hostLimit) || !isRange(to, length, this.span)) return err('EINVAL');
    this.#reserve(Math.min(DENSE_SEGMENTS, (to + length) / SEGMENT_BYTES));
    for (let offset = 0; offset < length; offset += SEGMENT_BYTES) {
      this.#unlink((to + offset) / SEGMENT_BYTES);
      this.#guestToHost.set((to + offset) / SEGMENT_BYTES, from + offset);
    }
    this.#onUnlink();
    return ok(undefined);
  }

  /** Takes guest addresses out of the map; those that are not in it are passed over. */
  unmapSegment(to: Gpa, length: number): Result<undefined, GmapError> {
    if (!isRange(to, length, this.span)) return err('EINVAL');
    for (let s = to / SEGMENT_BYTES; s < (to + length) / SEGMENT_BYTES; s++) {
      this.#unlink(s);
      this.#guestToHost.delete(s);
    }
    this.#onUnlink();
    return ok(undefined);
  }

  /** Host address of a guest address, linked or not. */
  translate(guest: Gpa): Result<HostAddress, GmapError> {
    const host = this.#guestToHost.get(Math.floor(guest / SEGMENT_BYTES));
    return host === undefined ? err('EFAULT') : ok(hostAddress(host + (guest % SEGMENT_BYTES)));
  }

  /** Resolves a fault: links the segment and gives the host address. */
  fault(guest: Gpa): Result<HostAddress, GmapError> {
    const segment = Math.floor(guest / SEGMENT_BYTES);
    const host = this.#guestToHost.get(segment);
    if (host === undefined) return err('EFAULT');
    const other = this.#hostToGuest.get(host);
    if (other !== undefined && other !== segment) return err('EEXIST');
    if (other === undefined) {
      this.faults++;
      this.#link(segment, host);
    }
    return ok(hostAddress(host + (guest % SEGMENT_BYTES)));
  }

  /** The host takes back the storage of a host segment: the guest segment behind it is unlinked, and faults again. */
  unlinkHost(host: HostAddress): void {
    const segment = this.#hostToGuest.get(host - (host % SEGMENT_BYTES));
    if (segment === undefined) return;
    this.#unlink(segment);
    this.#onUnlink();
  }

  /** The machine's way in. */
  hostAddress(absolute: Gpa): HostAddress {
    const host = this.#linkOf(Math.floor(absolute / SEGMENT_BYTES));
    if (host !== UNMAPPED) return hostAddress(host + (absolute % SEGMENT_BYTES));
    const found = this.fault(absolute);
    return found.ok ? found.value : NO_HOST_ADDRESS;
  }

  /** Host address without populating anything: for looks that must have no effect. */
  peek(absolute: Gpa): HostAddress {
    const found = this.translate(absolute);
    return found.ok ? found.value : NO_HOST_ADDRESS;
  }

  /** True when every byte of a range of guest absolute addresses is mapped. Populates nothing. */
  covers(guest: Gpa, length: number): boolean {
    // Beyond 2^53 the sums below would not be exact.
    if (guest + length > this.limit) return false;
    for (let s = Math.floor(guest / SEGMENT_BYTES); s * SEGMENT_BYTES < guest + length; s++) {
      if (!this.#guestToHost.has(s)) return false;
    }
    return true;
  }

  /** All mapped segments in the order of guest addresses. */
  segments(): GmapSegment[] {
    return [...this.#guestToHost]
      .sort(([a], [b]) => a - b)
      .map(([segment, host]) => ({
        guest: gpa(segment * SEGMENT_BYTES),
        host: hostAddress(host),
        populated: this.#linkOf(segment) !== UNMAPPED,
      }));
  }

  /** @inheritdoc */
  save(): GmapState {
    const mapped = [...this.#guestToHost].map(([segment, host]) => [segment, host] as const);
    return { mapped, linked: [...this.#hostToGuest.values()], faults: this.faults };
  }
  /** Puts back what `save` gave. The machine must be made to forget translations. */
  restore({ mapped, linked, faults }: GmapState): void {
    this.#guestToHost.clear();
    this.#hostToGuest.clear();
    this.#linked.fill(UNMAPPED);
    this.#linkedAbove.clear();
    for (const [segment, host] of mapped) this.#guestToHost.set(segment, host);
    const last = mapped.reduce((most, [segment]) => Math.max(most, segment), -1);
    this.#reserve(Math.min(DENSE_SEGMENTS, last + 1));
    for (const segment of linked) this.#link(segment, this.#guestToHost.get(segment) ?? UNMAPPED);
    this.faults = faults;
  }

  #link(segment: number, host: number): void {
    this.#hostToGuest.set(host, segment);
    if (segment < DENSE_SEGMENTS) this.#linked[segment] = host;
    else this.#linkedAbove.set(segment, host);
  }
  #linkOf(segment: number): number {
    return (segment < DENSE_SEGMENTS ? this.#linked[segment] : this.#linkedAbove.get(segment)) ?? UNMAPPED;
  }

  #reserve(segments: number): void {
    const old = this.#linked;
    if (segments <= old.length) return;
    this.#linked = new Float64Array(segments).fill(UNMAPPED);
    this.#linked.set(old);
  }

  #unlink(segment: number): void {
    const host = this.#linkOf(segment);
    if (host === UNMAPPED) return;
    if (segment < DENSE_SEGMENTS) this.#linked[segment] = UNMAPPED;
    else this.#linkedAbove.delete(segment);
    this.#hostToGuest.delete(host);
  }
}

// Whole segments, at least one, below the limit.
function isRange(start: number, length: number, limit: number): boolean {
  if (!(start >= 0 && length > 0 && start + length <= limit)) return false;
  return start % SEGMENT_BYTES === 0 && length % SEGMENT_BYTES === 0;
}
