import type { AbsoluteBytes } from '../bits/absolute-bytes.ts';
import { FieldRecord, type RecordLayout } from '../bits/record.ts';
import { type BufferPart, VirtqueueBuffer } from './buffer.ts';
import { RingMemory } from './ring-memory.ts';

/** Where a split virtqueue lies, and how many descriptors it has (a power of two). */
export interface QueueLayout {
  readonly descriptors: number;
  readonly available: number;
  readonly used: number;
  readonly size: number;
}

/** What was negotiated that changes how a queue works. */
export interface QueueFeatures {
  readonly indirect: boolean;
  readonly eventIndex: boolean;
}

/** A queue as plain data. */
export interface VirtqueueState {
  readonly layout: QueueLayout;
  readonly features: QueueFeatures;
  readonly littleEndian: boolean;
  readonly taken: number;
  readonly put: number;
  readonly considered: number | undefined;
  /** It has broken: by what was in it, or by an access outside storage. */
  readonly bad: boolean;
  readonly failed: boolean;
}

const DESCRIPTOR_BYTES = 16;
const descriptorFields = {
  address: [0, 8],
  length: [8, 4],
  flags: [12, 2],
  next: [14, 2],
} as const satisfies RecordLayout;
const flag = { next: 1, write: 2, indirect: 4 } as const;
const NO_INTERRUPT = 1;

/** Descriptors of one buffer, and its bytes: more is no driver's doing. */
const MOST_PARTS = 1024;
const MOST_BYTES = 64 * 1024 * 1024;

interface Descriptor {
  readonly address: number;
  readonly length: number;
  readonly flags: number;
  readonly next: number;
}

/** A table of descriptors: the queue's own, or an indirect one. */
interface Table {
  readonly at: number;
  readonly entries: number;
  readonly indirect: boolean;
}

/** The legacy layout: one area, the used ring on a boundary of its own. */
export function legacyLayout(at: number, size: number, align: number): QueueLayout {
  const available = at + size * DESCRIPTOR_BYTES;
  const end = available + 2 * (3 + size);
  return { descriptors: at, available, used: Math.ceil(end / align) * align, size };
}

/**
 * A split virtqueue as its device uses it (virtio specification, "Split Virtqueues"). A queue that makes no sense becomes
 * `broken` and gives nothing any more.
 */
export class Virtqueue {
  readonly layout: QueueLayout;
  readonly memory: RingMemory;
  readonly #features: QueueFeatures;
  #taken = 0;
  #put = 0;
  /** Used index at the last interruption that was considered. */
  #considered: number | undefined;
  #bad = false;

  constructor(layout: QueueLayout, memory: RingMemory, features: QueueFeatures) {
    this.layout = layout;
    this.memory = memory;
    this.#features = features;
  }

  /** The queue that `save` gave. */
  static of(state: VirtqueueState, storage: AbsoluteBytes): Virtqueue {
    const memory = new RingMemory(storage, state.littleEndian);
    const queue = new Virtqueue({ ...state.layout }, memory, { ...state.features });
    memory.failed = state.failed;
    queue.#taken = state.taken;
    queue.#put = state.put;
    queue.#considered = state.considered;
    queue.#bad = state.bad;
    return queue;
  }
  /** The queue as plain data. */
  save(): VirtqueueState {
    return {
      layout: { ...this.layout },
      features: { ...this.#features },
      littleEndian: this.memory.littleEndian,
      taken: this.#taken,
      put: this.#put,
      considered: this.#considered,
      bad: this.#bad,
      failed: this.memory.failed,
    };
  }

  get broken(): boolean {
    return this.#bad || this.memory.failed;
  }

  /** How many buffers wait. */
  waiting(): number {
    if (this.broken) return 0;
    const { available, size } = this.layout;
    const count = (this.memory.half(available + 2) - this.#taken) & 0xffff;
    if (count > size) this.#bad = true;
    return this.broken ? 0 : count;
  }

  /** Hands every buffer that waits now to `use`, until the queue breaks. */
  each(use: (buffer: VirtqueueBuffer) => void): void {
    for (let left = this.waiting(); left > 0 && !this.broken; left--) {
      const buffer = this.take();
      if (buffer === undefined) return;
      use(buffer);
    }
  }

  /** The next buffer, if one waits. */
  take(): VirtqueueBuffer | undefined {
    if (this.waiting() === 0) return undefined;
    const { available, size } = this.layout;
    const head = this.memory.half(available + 4 + 2 * (this.#taken % size));
    this.#taken = (this.#taken + 1) & 0xffff;
    if (this.#features.eventIndex) this.memory.setHalf(this.#availableEvent, this.#taken);
    const buffer = head < size ? this.#buffer(head) : undefined;
    if (buffer === undefined) this.#bad = true;
    return this.broken ? undefined : buffer;
  }
  /** Gives back the buffer that was taken last, as if it had not been. */
  untake(): void {
    this.#taken = (this.#taken - 1) & 0xffff;
  }

  /** Puts a buffer into the used ring, with the bytes that were written into it. */
  put(buffer: VirtqueueBuffer, written: number): void {
    if (this.broken) return;
    const { used, size } = this.layout;
    this.memory.setWords(used + 4 + 8 * (this.#put % size), buffer.head, written);
    this.#put = (this.#put + 1) & 0xffff;
    this.memory.setHalf(used + 2, this.#put);
  }

  /** True when the driver wants to hear of what was put since it was last asked. */
  wantsInterruption(): boolean {
    const before = this.#considered;
    if (this.broken || before === this.#put || (before === undefined && this.#put === 0)) return false;
    this.#considered = this.#put;
    const { available, size } = this.layout;
    if (!this.#features.eventIndex) return (this.memory.half(available) & NO_INTERRUPT) === 0;
    if (before === undefined) return true;
    const event = this.memory.half(available + 4 + 2 * size);
    return ((this.#put - event - 1) & 0xffff) < ((this.#put - before) & 0xffff);
  }

  get #availableEvent(): number {
    const { used, size } = this.layout;
    return used + 4 + 8 * size;
  }

  // Undefined for a chain that no driver may make.
  #buffer(head: number): VirtqueueBuffer | undefined {
    const parts: (BufferPart & { readonly writable: boolean })[] = [];
    let table: Table = { at: this.layout.descriptors, entries: this.layout.size, indirect: false };
    let index = head;
    let bytes = 0;
    for (let seen = 0; seen <= MOST_PARTS; seen++) {
      if (index >= table.entries) return undefined;
      const d = this.#descriptor(table.at + index * DESCRIPTOR_BYTES);
      if ((d.flags & flag.indirect) !== 0) {
        const inner = this.#indirect(d, table);
        if (inner === undefined) return undefined;
        table = inner;
        index = 0;
        continue;
      }
      const writable = (d.flags & flag.write) !== 0;
      bytes += d.length;
      if ((parts.at(-1)?.writable === true && !writable) || bytes > MOST_BYTES || this.memory.failed) return undefined;
      parts.push({ address: d.address, length: d.length, writable });
      if ((d.flags & flag.next) === 0) {
        return new VirtqueueBuffer(
          this.memory,
          head,
          parts.filter((p) => !p.writable),
          parts.filter((p) => p.writable),
        );
      }
      index = d.next;
    }
    return undefined;
  }

  #indirect(d: Descriptor, outer: Table): Table | undefined {
    const entries = d.length / DESCRIPTOR_BYTES;
    const allowed = this.#features.indirect && !outer.indirect && (d.flags & flag.next) === 0;
    if (!allowed || !Number.isInteger(entries) || entries === 0) return undefined;
    return { at: d.address, entries, indirect: true };
  }

  #descriptor(at: number): Descriptor {
    const bytes = this.memory.read(at, DESCRIPTOR_BYTES);
    const fields = new FieldRecord(descriptorFields, bytes, this.memory.littleEndian);
    return {
      address: Number(fields.big('address')),
      length: fields.get('length'),
      flags: fields.get('flags'),
      next: fields.get('next'),
    };
  }
}
