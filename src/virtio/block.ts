import { FieldRecord, type RecordLayout } from '../bits/record.ts';
import type { Stateful } from '../bits/stateful.ts';
import type { VirtqueueBuffer } from './buffer.ts';
import type { VirtioDriver, VirtioFunction } from './virtio-function.ts';

/** What a disk keeps its bytes in. Nothing here waits: a call is over when it returns. */
export interface BlockBackend {
  /** Bytes; what is left over of the last sector is not used. */
  readonly size: number;
  /** `length` bytes from `offset` on, or undefined when the host cannot read them. */
  read(offset: number, length: number): Uint8Array | undefined;
  /** Keeps bytes, copying them; false when the host cannot. */
  write(offset: number, data: Uint8Array): boolean;
  /** Makes what was written outlive the host; false when the host cannot. */
  flush(): boolean;
  /** Makes bytes zero, and gives their room back where it can; without this, guests are offered neither discard nor zeroes. */
  zero?(offset: number, length: number): boolean;
  /** The contents, for those that a snapshot shall have. Without it they stay as they are when one is restored. */
  readonly contents?: Stateful<unknown>;
}

/** Bytes of a disk, and where they are. */
export interface DiskBlock {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** How a disk looks. */
export interface BlockOptions {
  readonly backend: BlockBackend;
  readonly readOnly?: boolean;
  /** Up to 20 characters of ASCII. */
  readonly serial?: string;
}

const SECTOR = 512;
const HEADER_BYTES = 16;
const ID_BYTES = 20;
const RANGE_BYTES = 16;
const QUEUE_SIZE = 256;
const MOST_SEGMENTS = QUEUE_SIZE - 2;
/** Sectors of one discard or of one run of zeroes. */
const MOST_RANGE_SECTORS = 0x1_0000;
const CONFIGURATION_BYTES = 60;

/** Fields of the configuration that are not zero, and those of a request. */
const configurationFields = {
  sectors: [0, 8],
  mostSegments: [12, 4],
  blockSize: [20, 4],
  discardSectors: [36, 4],
  discardRanges: [40, 4],
  discardAlignment: [44, 4],
  zeroSectors: [48, 4],
  zeroRanges: [52, 4],
  zeroMayUnmap: [56, 1],
} as const satisfies RecordLayout;
const headerFields = { type: [0, 4], sector: [8, 8] } as const satisfies RecordLayout;
const rangeFields = { sector: [0, 8], sectors: [8, 4], flags: [12, 4] } as const satisfies RecordLayout;

const feature = {
  mostSegments: 1n << 2n,
  readOnly: 1n << 5n,
  blockSize: 1n << 6n,
  flush: 1n << 9n,
  discard: 1n << 13n,
  writeZeroes: 1n << 14n,
} as const;

const request = { read: 0, write: 1, flush: 4, getId: 8, discard: 11, writeZeroes: 13 } as const;
const result = { ok: 0, ioError: 1, unsupported: 2 } as const;
type BlockResult = (typeof result)[keyof typeof result];

/** Status of a request, and the bytes written ahead of it. */
interface Outcome {
  readonly status: BlockResult;
  readonly written: number;
}
const failed: Outcome = { status: result.ioError, written: 0 };
const done: Outcome = { status: result.ok, written: 0 };
const unsupported: Outcome = { status: result.unsupported, written: 0 };

/** A disk. */
export class VirtioBlock implements VirtioFunction {
  readonly type = 2;
  readonly features: bigint;
  readonly queueSizes = [QUEUE_SIZE];
  readonly #backend: BlockBackend;
  readonly #readOnly: boolean;
  readonly #serial: Uint8Array;
  readonly #sectors: number;

  constructor({ backend, readOnly = false, serial = '' }: BlockOptions) {
    this.#backend = backend;
    this.#readOnly = readOnly;
    this.#serial = new Uint8Array(ID_BYTES);
    this.#serial.set(Buffer.from(serial, 'latin1').subarray(0, ID_BYTES));
    this.#sectors = Math.floor(backend.size / SECTOR);
    const zeroing = !readOnly && backend.zero !== undefined ? feature.discard | feature.writeZeroes : 0n;
    this.features =
      feature.mostSegments | feature.blockSize | feature.flush | zeroing | (readOnly ? feature.readOnly : 0n);
  }

  /** @inheritdoc */
  configuration(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(CONFIGURATION_BYTES);
    const fields = new FieldRecord(configurationFields, bytes, littleEndian);
    fields.setBig('sectors', BigInt(this.#sectors));
    fields.set('mostSegments', MOST_SEGMENTS);
    fields.set('blockSize', SECTOR);
    fields.set('discardSectors', MOST_RANGE_SECTORS);
    fields.set('discardRanges', 1);
    fields.set('discardAlignment', 1);
    fields.set('zeroSectors', MOST_RANGE_SECTORS);
    fields.set('zeroRanges', 1);
    fields.set('zeroMayUnmap', 1);
    return bytes;
  }

  /** @inheritdoc */
  notified(driver: VirtioDriver, index: number): void {
    const queue = driver.queue(index);
    if (queue === undefined) return;
    queue.each((buffer) => {
      const last = buffer.writableBytes - 1;
      // Without room for the status there is nobody to tell.
      if (last < 0) return queue.put(buffer, 0);
      const { status, written } = this.#execute(buffer, last, driver.littleEndian);
      buffer.write(last, Uint8Array.of(status));
      queue.put(buffer, written + 1);
    });
    driver.used(queue, index);
  }

  /** @inheritdoc */
  reset(): void {}

  /** The contents, when its backend gives them. */
  save(): unknown {
    return this.#backend.contents?.save();
  }
  /** @inheritdoc */
  restore(state: unknown): void {
    if (state !== undefined) this.#backend.contents?.restore(state);
  }

  #execute(buffer: VirtqueueBuffer, room: number, littleEndian: boolean): Outcome {
    if (buffer.readableBytes < HEADER_BYTES) return failed;
    const header = new FieldRecord(headerFields, buffer.read(0, HEADER_BYTES), littleEndian);
    const sector = Number(header.big('sector'));
    switch (header.get('type')) {
      case request.read:
        return this.#read(buffer, sector, room);
      case request.write:
        return this.#write(buffer, sector);
      case request.flush:
        return this.#backend.flush() ? done : failed;
      case request.getId:
        return { status: result.ok, written: buffer.write(0, this.#serial.subarray(0, room)) };
      case request.discard:
      case request.writeZeroes:
        return this.#zero(buffer, littleEndian);
      default:
        return unsupported;
    }
  }

  #read(buffer: VirtqueueBuffer, sector: number, length: number): Outcome {
    if (!this.#holds(sector, length)) return failed;
    const bytes = this.#backend.read(sector * SECTOR, length);
    return bytes === undefined ? failed : { status: result.ok, written: buffer.write(0, bytes) };
  }

  #write(buffer: VirtqueueBuffer, sector: number): Outcome {
    const length = buffer.readableBytes - HEADER_BYTES;
    if (this.#readOnly || !this.#holds(sector, length)) return failed;
    const data = buffer.read(HEADER_BYTES);
    return !buffer.failed && this.#backend.write(sector * SECTOR, data) ? done : failed;
  }

  #zero(buffer: VirtqueueBuffer, littleEndian: boolean): Outcome {
    const { zero } = this.#backend;
    if (this.#readOnly || zero === undefined) return unsupported;
    if (buffer.readableBytes !== HEADER_BYTES + RANGE_BYTES) return failed;
    const range = new FieldRecord(rangeFields, buffer.read(HEADER_BYTES), littleEndian);
    const sector = Number(range.big('sector'));
    const count = range.get('sectors');
    if (range.get('flags') > 1) return unsupported;
    if (count > MOST_RANGE_SECTORS || !this.#holds(sector, count * SECTOR)) return failed;
    return zero.call(this.#backend, sector * SECTOR, count * SECTOR) ? done : failed;
  }

  #holds(sector: number, length: number): boolean {
    return length % SECTOR === 0 && sector + length / SECTOR <= this.#sectors;
  }
}

/** Bytes of a disk in memory that are saved or left out together: what holds nothing but zeros is not kept. */
const SAVED_BLOCK = 1 << 16;

/** A disk in memory. */
export class MemoryDisk implements BlockBackend, Stateful<readonly DiskBlock[]> {
  readonly bytes: Uint8Array;

  /** Takes over the bytes. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  get size(): number {
    return this.bytes.length;
  }
  get contents(): this {
    return this;
  }
  /** What is not all zeros. */
  save(): readonly DiskBlock[] {
    const blocks: DiskBlock[] = [];
    for (let at = 0; at < this.bytes.length; at += SAVED_BLOCK) {
      const bytes = this.bytes.slice(at, at + SAVED_BLOCK);
      if (bytes.some((byte) => byte !== 0)) blocks.push({ at, bytes });
    }
    return blocks;
  }
  /** @inheritdoc */
  restore(blocks: readonly DiskBlock[]): void {
    this.bytes.fill(0);
    for (const { at, bytes } of blocks) this.bytes.set(bytes, at);
  }
  read(offset: number, length: number): Uint8Array {
    return this.bytes.slice(offset, offset + length);
  }
  write(offset: number, data: Uint8Array): boolean {
    this.bytes.set(data, offset);
    return true;
  }
  flush(): boolean {
    return true;
  }
  zero(offset: number, length: number): boolean {
    this.bytes.fill(0, offset, offset + length);
    return true;
  }
}
