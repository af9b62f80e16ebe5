/** A driver of a virtio-ccw device, in a test's hands: it speaks channel commands and keeps the rings. */

import { VirtioCcw, virtioCommand } from '../../../../../../src/arch/s390x/vmm/virtio-ccw/virtio-ccw.ts';
import type { VirtioFunction } from '../../../../../../src/virtio/virtio-function.ts';
import { at, Bench, opcode, schid } from '../css/channel.ts';

/** Where the driver keeps things. */
export const place = {
  indicators: 0x1_0000,
  configurationIndicators: 0x1_0008,
  summary: 0x1_0010,
  queueBits: 0x1_0100,
  queue: (index: number): number => 0x2_0000 + index * 0x4000,
  buffers: 0x4_0000,
} as const;

export const QUEUE_SIZE = 8;
const FLAG = { next: 1, write: 2, indirect: 4 } as const;

/** How a driver sets its device up. */
export interface DriverChoice {
  readonly revision?: number;
  /** Feature bits to accept besides VERSION_1. */
  readonly features?: bigint;
  /** Adapter interruptions on ISC 5, queue 0 at bit 13; else classic indicators. */
  readonly adapter?: boolean;
}

/** How a channel command ended. */
export interface CommandOutcome {
  readonly device: number;
  readonly channel: number;
  readonly count: number;
  readonly data: Uint8Array;
}

/** A chain: bytes to be read, then room to be written. */
export interface Chain {
  readonly readable?: readonly Uint8Array[];
  readonly writable?: readonly number[];
  readonly indirect?: boolean;
}

/** A buffer that was made available. */
export interface Offered {
  readonly head: number;
  /** Addresses of the parts in order. */
  readonly parts: readonly number[];
}

/** What the used ring says. */
export interface Used {
  readonly head: number;
  readonly length: number;
}

export class TestDriver {
  readonly bench = new Bench();
  readonly device: VirtioCcw;
  readonly littleEndian: boolean;
  #free = 0;
  #nextBuffer: number = place.buffers;
  readonly #available: number[] = [];
  readonly #seen: number[] = [];

  constructor(what: VirtioFunction, choice: DriverChoice = {}) {
    const { array } = this.bench.storage;
    this.device = new VirtioCcw(what, array);
    this.bench.css.attach(this.device);
    this.littleEndian = (choice.revision ?? 2) > 0;
    this.enable(true);
    this.#setUp(what, choice);
    this.bench.pending.length = 0;
  }

  get view(): DataView {
    return this.bench.view;
  }

  enable(on: boolean): void {
    const { bench } = this;
    bench.io(opcode.stsch, { gr1: schid(1) });
    bench.view.setUint16(at.operand + 4, on ? 0x0881 : 0x0801);
    bench.io(opcode.msch, { gr1: schid(1) });
  }

  #setUp(what: VirtioFunction, { revision = 2, features = 0n, adapter = false }: DriverChoice): void {
    if (revision >= 0) this.command(virtioCommand.setRevision, halves(Math.max(revision, 0), 0));
    this.writeFeatures(features | (this.littleEndian ? 1n << 32n : 0n));
    this.status(this.littleEndian ? 11 : 3);
    for (const index of what.queueSizes.keys()) this.setQueue(index);
    if (adapter) {
      this.command(virtioCommand.setAdapterIndicators, [...doublewords(place.summary, place.queueBits, 13), 5]);
    } else this.command(virtioCommand.setIndicators, doublewords(place.indicators));
    this.command(virtioCommand.setConfigurationIndicators, doublewords(place.configurationIndicators));
    this.status(this.littleEndian ? 15 : 7);
  }

  /** A channel command with its data area filled from `data`; the area is `count` bytes long. */
  command(code: number, data: Iterable<number> = [], count = [...data].length, flags = 0): CommandOutcome {
    const { bench } = this;
    bench.bytes.fill(0, at.data, at.data + count);
    bench.bytes.set([...data], at.data);
    const word = Buffer.from([code, flags, count >>> 8, count, 0, 0, at.data >>> 8, at.data & 0xff]);
    bench.bytes.set(word, at.program);
    bench.view.setUint16(at.orb + 4, 0x0080);
    bench.view.setUint8(at.orb + 6, 0xff);
    bench.view.setUint32(at.orb + 8, at.program);
    // An interruption that nobody took has its status still pending.
    bench.io(opcode.tsch, { gr1: schid(1) });
    const outcome = bench.io(opcode.ssch, { gr1: schid(1), address: at.orb });
    if (!('cc' in outcome) || outcome.cc !== 0) throw new Error(`SSCH: ${JSON.stringify(outcome)}`);
    bench.io(opcode.tsch, { gr1: schid(1) });
    const irb = new DataView(bench.bytes.buffer, at.operand, 64);
    return {
      device: irb.getUint8(8),
      channel: irb.getUint8(9),
      count: irb.getUint16(10),
      data: bench.bytes.slice(at.data, at.data + count),
    };
  }

  status(value: number): CommandOutcome {
    return this.command(virtioCommand.writeStatus, [value]);
  }
  readStatus(): number {
    return this.command(virtioCommand.readStatus, [0]).data[0] ?? 0;
  }
  writeFeatures(features: bigint): void {
    for (const index of [0, 1]) {
      const word = Number((features >> BigInt(index * 32)) & 0xffff_ffffn);
      this.command(
        virtioCommand.writeFeatures,
        [word, word >>> 8, word >>> 16, word >>> 24, index].map((b) => b & 255),
      );
    }
  }
  readFeatures(): bigint {
    let all = 0n;
    for (const index of [0, 1]) {
      const { data } = this.command(virtioCommand.readFeatures, [0, 0, 0, 0, index]);
      all |= BigInt(new DataView(data.buffer).getUint32(0, true)) << BigInt(index * 32);
    }
    return all;
  }
  configuration(length: number): Uint8Array {
    return this.command(virtioCommand.readConfiguration, [], length).data;
  }

  // Rings: descriptors at the queue's place, available at +0x400, used at +0x1000 (a legacy page boundary).
  setQueue(index: number, size = QUEUE_SIZE): CommandOutcome {
    this.#available[index] = 0;
    this.#seen[index] = 0;
    const base = place.queue(index);
    this.bench.bytes.fill(0, base, base + 0x4000);
    if (!this.littleEndian) {
      return this.command(virtioCommand.setQueue, [...doublewords(base), 0, 0, 0x10, 0, ...halves(index, size)]);
    }
    const rest = doublewords(this.available(index), this.used(index));
    return this.command(virtioCommand.setQueue, [...doublewords(base), 0, 0, 0, 0, ...halves(index, size), ...rest]);
  }
  available(index: number): number {
    return place.queue(index) + QUEUE_SIZE * 16;
  }
  used(index: number): number {
    return place.queue(index) + 0x1000;
  }

  /** Makes a chain available; the device is not told. */
  offer(queue: number, { readable = [], writable = [], indirect = false }: Chain): Offered {
    const parts = [
      ...readable.map((bytes) => ({ address: this.#room(bytes.length, bytes), length: bytes.length, write: false })),
      ...writable.map((length) => ({ address: this.#room(length), length, write: true })),
    ];
    const table = indirect ? this.#room(parts.length * 16) : place.queue(queue);
    const head = this.#free % QUEUE_SIZE;
    for (const [i, { address, length, write }] of parts.entries()) {
      const last = i === parts.length - 1;
      const index = indirect ? i : (this.#free + i) % QUEUE_SIZE;
      const flags = (write ? FLAG.write : 0) | (last ? 0 : FLAG.next);
      this.descriptor(table + index * 16, address, length, flags, indirect ? i + 1 : (this.#free + i + 1) % QUEUE_SIZE);
    }
    if (indirect) this.descriptor(place.queue(queue) + head * 16, table, parts.length * 16, FLAG.indirect, 0);
    this.#free += indirect ? 1 : parts.length;
    this.makeAvailable(queue, head);
    return { head, parts: parts.map((p) => p.address) };
  }
  descriptor(at_: number, address: number, length: number, flags: number, next: number): void {
    const { view, littleEndian } = this;
    view.setBigUint64(at_, BigInt(address), littleEndian);
    view.setUint32(at_ + 8, length, littleEndian);
    view.setUint16(at_ + 12, flags, littleEndian);
    view.setUint16(at_ + 14, next, littleEndian);
  }
  makeAvailable(queue: number, head: number): void {
    const count = this.#available[queue] ?? 0;
    const ring = this.available(queue);
    this.view.setUint16(ring + 4 + 2 * (count % QUEUE_SIZE), head, this.littleEndian);
    this.#available[queue] = count + 1;
    this.view.setUint16(ring + 2, (count + 1) & 0xffff, this.littleEndian);
  }
  /** Uses the room for buffers from its start again. */
  startBuffersAnew(): void {
    this.#nextBuffer = place.buffers;
  }
  kick(queue = 0): boolean {
    return this.device.notify(queue);
  }

  /** What came into the used ring since the last time. */
  take(queue = 0): Used[] {
    const { view, littleEndian } = this;
    const ring = this.used(queue);
    const until = view.getUint16(ring + 2, littleEndian);
    const out: Used[] = [];
    for (let n = this.#seen[queue] ?? 0; n !== until; n = (n + 1) & 0xffff) {
      const entry = ring + 4 + 8 * (n % QUEUE_SIZE);
      out.push({ head: view.getUint32(entry, littleEndian), length: view.getUint32(entry + 4, littleEndian) });
    }
    this.#seen[queue] = until;
    return out;
  }
  bytes(address: number, length: number): Uint8Array {
    return this.bench.bytes.slice(address, address + length);
  }

  #room(length: number, bytes?: Uint8Array): number {
    const address = this.#nextBuffer;
    this.#nextBuffer += Math.max(16, length + (-length & 15));
    if (bytes !== undefined) this.bench.bytes.set(bytes, address);
    return address;
  }
}

/** Halfwords as bytes, big endian. */
export function halves(...values: number[]): number[] {
  return values.flatMap((v) => [(v >>> 8) & 255, v & 255]);
}
/** Doublewords as bytes, big endian. */
export function doublewords(...values: number[]): number[] {
  return values.flatMap((v) => [0, 0, 0, 0, (v >>> 24) & 255, (v >>> 16) & 255, (v >>> 8) & 255, v & 255]);
}
