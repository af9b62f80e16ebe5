/** What a virtio device is for, whatever transport it is reached by. */

import type { Virtqueue } from './virtqueue.ts';

/** The other side: a driver that has set the device up. */
export interface VirtioDriver {
  /** Feature bits that both sides have agreed on. */
  readonly features: bigint;
  /** Fields of the device's structures are little endian; legacy drivers have them in the guest's order. */
  readonly littleEndian: boolean;
  /** A queue that the driver has set up and that the device may use now. */
  queue(index: number): Virtqueue | undefined;
  /** Tells the driver of what was put into a queue, if it wants that; a queue that has broken stops the device. */
  used(queue: Virtqueue, index: number): void;
  /** Tells the driver that the configuration has changed. */
  configurationChanged(): void;
}

/** A kind of virtio device. */
export interface VirtioFunction {
  /** Device type (virtio specification, "Device Types"). */
  readonly type: number;
  /** Feature bits of its kind. */
  readonly features: bigint;
  /** Most descriptors of each queue. */
  readonly queueSizes: readonly number[];
  /** The configuration space, in the driver's byte order. */
  configuration(littleEndian: boolean): Uint8Array;
  /** The driver has written the first bytes of the configuration space. */
  configure?(bytes: Uint8Array): void;
  /** The driver has made buffers available. */
  notified(driver: VirtioDriver, queue: number): void;
  /** Something has come from outside the machine. */
  received?(driver: VirtioDriver, data: Uint8Array): void;
  reset(): void;
  /** What it has in hand, as plain data, and that put back; see `Stateful`. */
  save(): unknown;
  restore(state: unknown): void;
}

/** Feature bits of every kind of device. */
export const commonFeature = {
  anyLayout: 1n << 27n,
  indirect: 1n << 28n,
  eventIndex: 1n << 29n,
  version1: 1n << 32n,
} as const;
