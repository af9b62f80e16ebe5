import { crc32 } from 'node:zlib';
import { encodePlain } from '../../bits/plain-data.ts';
import type { Guest } from '../../machine/guest.ts';
import type { Instant } from '../../machine/inputs.ts';
import { PAGE_BYTES } from '../../machine/layout.ts';
import type { GuestStorage } from '../../machine/storage.ts';

/** What a guest is at an instant, in few words: registers by their values, parts of the state and storage by checksums. */
export interface Digest {
  readonly at: Instant;
  /** By vCPU and row of the description. */
  readonly registers: readonly (readonly (Uint8Array | undefined)[])[];
  readonly parts: Readonly<Record<string, number>>;
  readonly storage: number;
}

/** Parts that say what somebody looks at, or that have a checksum of their own. */
const aside = ['storage', 'dirty log', 'slot logs', 'hypercalls'];

/** A checksum of all of a storage, of which only frames that have changed are looked at again. Zeros count for nothing. */
export class StorageDigest {
  readonly #storage: GuestStorage;
  readonly #sums: Uint32Array;
  readonly #zeros = new Uint8Array(PAGE_BYTES);
  #total = 0;

  constructor(storage: GuestStorage) {
    this.#storage = storage;
    this.#sums = new Uint32Array(storage.size / PAGE_BYTES);
    this.lookAtAll();
  }

  get total(): number {
    return this.#total;
  }
  lookAt(frames: Iterable<number>): void {
    for (const frame of frames) {
      const sum = this.#sumOf(frame);
      this.#total = (this.#total - (this.#sums[frame] ?? 0) + sum) >>> 0;
      this.#sums[frame] = sum;
    }
  }
  lookAtAll(): void {
    this.lookAt(this.#sums.keys());
  }
  // The same bytes in two frames have two sums.
  #sumOf(frame: number): number {
    const bytes = this.#storage.frame(frame * PAGE_BYTES);
    if (Buffer.compare(bytes, this.#zeros) === 0) return 0;
    return Math.imul(crc32(this.#storage.filed(bytes)) ^ Math.imul(frame + 1, 0x9e37_79b1), 0x85eb_ca6b) >>> 0;
  }
}

/** The digest of a guest whose caches have just been forgotten. */
export function digestOf(guest: Guest, at: Instant, storage: number): Digest {
  const rows = guest.description.features.flatMap((f) => f.registers);
  const parts = guest.state.parts.save(aside);
  return {
    ...{ at, storage },
    registers: guest.vcpus.map((v) => rows.map((row) => guest.readRegister(v.id, row)?.slice())),
    parts: Object.fromEntries(Object.entries(parts).map(([name, { state }]) => [name, crc32(encodePlain(state))])),
  };
}

/** The first thing in which a guest is not what it was, in words; undefined when there is none. */
export function firstDifference(guest: Guest, was: Digest, is: Digest): string | undefined {
  const rows = guest.description.features.flatMap((f) => f.registers);
  for (const [vcpu, values] of was.registers.entries()) {
    for (const [i, value] of values.entries()) {
      const now = is.registers[vcpu]?.[i];
      if (shown(value) !== shown(now)) {
        return `register ${rows[i]?.name} of CPU ${vcpu} was ${shown(value)} and is ${shown(now)}`;
      }
    }
  }
  const part = Object.keys(was.parts).find((name) => was.parts[name] !== is.parts[name]);
  if (part !== undefined) return `no register differs, but the state of "${part}" does`;
  return was.storage === is.storage ? undefined : 'no register differs, but storage does';
}
function shown(value: Uint8Array | undefined): string {
  return value === undefined ? 'nothing' : `0x${Buffer.from(value).toString('hex')}`;
}
