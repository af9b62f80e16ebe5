import { FieldRecord, type RecordLayout } from '../bits/record.ts';
import { commonFeature, type VirtioDriver, type VirtioFunction } from './virtio-function.ts';

/** The wire behind a network device. */
export interface NetBackend {
  /** The guest sends an Ethernet frame, without its check sequence; not kept by the caller. */
  send(frame: Uint8Array): void;
}

const QUEUE_SIZE = 256;
const queue = { receive: 0, transmit: 1 } as const;
const feature = { mac: 1n << 5n, status: 1n << 16n } as const;
const LINK_UP = 1;
const MAC_BYTES = 6;
const configurationFields = { status: [MAC_BYTES, 2] } as const satisfies RecordLayout;
/** What stands in front of a frame, for drivers of version 1: into how many buffers it went. */
const headerFields = { buffers: [10, 2] } as const satisfies RecordLayout;
/** Frames kept for a guest that has no buffer for them; later ones are lost, as on a wire. */
const MOST_KEPT = 256;
const MOST_FRAME = 65_550;

/** A network device. It offloads nothing: frames are whole. */
export class VirtioNet implements VirtioFunction {
  readonly type = 1;
  readonly features = feature.mac | feature.status;
  readonly queueSizes = [QUEUE_SIZE, QUEUE_SIZE];
  readonly #backend: NetBackend;
  readonly #mac: Uint8Array;
  #frames: Uint8Array[] = [];

  /** `mac`: 6 bytes. */
  constructor(backend: NetBackend, mac: Uint8Array) {
    if (mac.length !== MAC_BYTES) throw new Error(`a MAC address has ${MAC_BYTES} bytes`);
    this.#backend = backend;
    this.#mac = mac;
  }

  /** @inheritdoc */
  configuration(littleEndian: boolean): Uint8Array {
    const bytes = new Uint8Array(MAC_BYTES + 2);
    bytes.set(this.#mac);
    new FieldRecord(configurationFields, bytes, littleEndian).set('status', LINK_UP);
    return bytes;
  }

  /** @inheritdoc */
  notified(driver: VirtioDriver, index: number): void {
    if (index === queue.receive) this.#deliver(driver);
    else this.#transmit(driver);
  }

  /** @inheritdoc */
  received(driver: VirtioDriver, frame: Uint8Array): void {
    if (frame.length > MOST_FRAME || this.#frames.length >= MOST_KEPT) return;
    this.#frames.push(frame);
    this.#deliver(driver);
  }

  /** @inheritdoc */
  reset(): void {
    this.#frames = [];
  }

  /** The frames that wait for the guest. */
  save(): readonly Uint8Array[] {
    return this.#frames.map((frame) => frame.slice());
  }
  /** @inheritdoc */
  restore(frames: readonly Uint8Array[]): void {
    this.#frames = frames.map((frame) => frame.slice());
  }

  #transmit(driver: VirtioDriver): void {
    const transmit = driver.queue(queue.transmit);
    if (transmit === undefined) return;
    const header = headerBytes(driver);
    transmit.each((buffer) => {
      const frame = buffer.read(header, MOST_FRAME);
      if (!buffer.failed && frame.length > 0) this.#backend.send(frame);
      transmit.put(buffer, 0);
    });
    driver.used(transmit, queue.transmit);
  }

  // A frame that does not fit the next buffer is lost, and the buffer waits for another.
  #deliver(driver: VirtioDriver): void {
    const receive = driver.queue(queue.receive);
    if (receive === undefined) {
      this.#frames = [];
      return;
    }
    const header = headerBytes(driver);
    for (let frame = this.#frames[0]; frame !== undefined; frame = this.#frames[0]) {
      const buffer = receive.take();
      if (buffer === undefined) break;
      this.#frames.shift();
      if (buffer.writableBytes < header + frame.length) {
        receive.untake();
        continue;
      }
      buffer.write(0, receiveHeader(header, driver.littleEndian));
      buffer.write(header, frame);
      receive.put(buffer, header + frame.length);
    }
    driver.used(receive, queue.receive);
  }
}

// The header's `buffers`, how many buffers a frame takes, is not there for legacy drivers.
function headerBytes(driver: VirtioDriver): number {
  return (driver.features & commonFeature.version1) !== 0n ? 12 : 10;
}

function receiveHeader(bytes: number, littleEndian: boolean): Uint8Array {
  const header = new Uint8Array(bytes);
  if (bytes === 12) new FieldRecord(headerFields, header, littleEndian).set('buffers', 1);
  return header;
}

/** One end of a wire inside the process. */
export interface WireEnd extends NetBackend {
  /** Told of every frame that the other end sends. */
  onFrame: ((frame: Uint8Array) => void) | undefined;
}

/** A wire between two network devices of this process. Its frames must still enter a machine as outside events. */
export function wire(): readonly [WireEnd, WireEnd] {
  const a: WireEnd = { onFrame: undefined, send: (frame) => b.onFrame?.(frame) };
  const b: WireEnd = { onFrame: undefined, send: (frame) => a.onFrame?.(frame) };
  return [a, b];
}
