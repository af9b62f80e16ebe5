import { err, ok, type Result } from '../../../bits/result.ts';
import type { Stateful } from '../../../bits/stateful.ts';
import { MemoryMap, type MemoryMapState } from '../../../machine/memory-map.ts';
import type { AbsoluteStorage } from '../cpu/complex.ts';
import { type Gpa, gpa, type HostAddress, hostAddress } from '../dat/address.ts';
import { SEGMENT_BYTES } from '../dat/translate.ts';
import type { Errno } from './errno.ts';

/** Why a gmap call failed. */
export type GmapError = Extract<Errno, 'EINVAL' | 'EFAULT' | 'EEXIST' | 'ENOMEM'>;

/** A segment of a guest's address space. */
export interface GmapSegment {
  readonly guest: Gpa;
  readonly host: HostAddress;
  /** True once a fault has linked it. */
  readonly populated: boolean;
  /** Stores there are protection exceptions. */
  readonly readOnly: boolean;
}

/** Bytes that a table of each level spans, lowest first: what the highest table of an address space can be. */
const tableSpans = [2 ** 31, 2 ** 42, 2 ** 53] as const;

/** A guest address space as the hypervisor's calls have it: a memory map of segments of 1 MiB, with errors by their names. */
export class Gmap implements AbsoluteStorage, Stateful<MemoryMapState> {
  /** Bytes of guest addresses that the memory limit allows. */
  readonly limit: number;
  readonly #map: MemoryMap;

  /** `limit` and `hostBytes` in bytes. `onUnlink` must make the machine forget translations. */
  constructor(limit: number, hostBytes: number, onUnlink: () => void) {
    this.limit = limit;
    const span = tableSpans.find((each) => limit <= each) ?? 2 ** 64;
    this.#map = new MemoryMap({ blockBytes: SEGMENT_BYTES, span, hostBytes }, onUnlink);
  }

  /** Who hears of segments that are invalidated: whoever has pinned pages there must do it again. */
  set invalidated(listener: (segment: Gpa) => void) {
    this.#map.unlinked = (guest) => listener(gpa(guest));
  }

  /** Bytes that the highest table spans: the limit rounded up to a whole table. Nothing can be mapped above. */
  get span(): number {
    return this.#map.span;
  }
  /** Faults that linked a segment. */
  get faults(): number {
    return this.#map.faults;
  }

  /** Maps `length` bytes of host storage at `from` to guest addresses from `to` on. What was mapped there goes. */
  mapSegment(from: HostAddress, to: Gpa, length: number, readOnly = false): Result<undefined, GmapError> {
    return this.#map.map(from, to, length, readOnly) ? ok(undefined) : err('EINVAL');
  }
  /** Takes guest addresses out of the map; those that are not in it are passed over. */
  unmapSegment(to: Gpa, length: number): Result<undefined, GmapError> {
    return this.#map.unmap(to, length) ? ok(undefined) : err('EINVAL');
  }

  /** Host address of a guest address, linked or not. */
  translate(guest: Gpa): Result<HostAddress, GmapError> {
    const host = this.peek(guest);
    return host < 0 ? err('EFAULT') : ok(host);
  }
  /** Resolves a fault: links the segment and gives the host address. EFAULT, too, for a `store` where none is allowed. */
  fault(guest: Gpa, store = false): Result<HostAddress, GmapError> {
    if (store && this.isReadOnly(guest)) return err('EFAULT');
    const host = this.#map.link(guest);
    if (typeof host === 'number') return ok(hostAddress(host));
    return err(host === 'taken' ? 'EEXIST' : 'EFAULT');
  }
  /** The host takes back the storage of a host segment: the guest segment behind it is unlinked, and faults again. */
  unlinkHost(host: HostAddress): void {
    this.#map.unlinkHost(host);
  }

  /** The machine's way in. */
  hostAddress(absolute: Gpa, store = false): HostAddress {
    return hostAddress(this.#map.follow(absolute, store));
  }
  /** Host address without populating anything: for looks that must have no effect. */
  peek(absolute: Gpa): HostAddress {
    return hostAddress(this.#map.peek(absolute));
  }

  /** True when a fault has linked the segment of a guest address: what is there is in the host's storage. */
  isPopulated(guest: Gpa): boolean {
    return this.#map.isLinked(guest);
  }
  /** True when there is something at a guest address that may not be stored into. */
  isReadOnly(guest: Gpa): boolean {
    return this.#map.isReadOnly(guest);
  }
  /** True when every byte of a range of guest absolute addresses is mapped. Populates nothing. */
  covers(guest: Gpa, length: number): boolean {
    return this.#map.covers(guest, length);
  }
  /** All mapped segments in the order of guest addresses. */
  segments(): GmapSegment[] {
    return this.#map.blocks().map(({ guest, host, linked, readOnly }) => ({
      guest: gpa(guest),
      host: hostAddress(host),
      populated: linked,
      readOnly,
    }));
  }

  /** @inheritdoc */
  save(): MemoryMapState {
    return this.#map.save();
  }
  /** Puts back what `save` gave. The machine must be made to forget translations. */
  restore(state: MemoryMapState): void {
    this.#map.restore(state);
  }
}
