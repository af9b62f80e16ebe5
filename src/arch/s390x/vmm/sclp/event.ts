import type { Response } from './response.ts';

/** Event types by their number, which is also the bit of a mask, counted from 1 at the left. */
export const eventTypes = {
  operatorCommand: 0x01,
  message: 0x02,
  priorityMessage: 0x09,
  identification: 0x0b,
  asciiConsole: 0x1a,
  signalQuiesce: 0x1d,
} as const;

/** Bytes of an event buffer's header: length, type, flags, reserved. */
export const EVENT_HEADER_BYTES = 6;

/** A type of event that the guest writes. */
export interface EventSink {
  readonly type: number;
  /** Takes an event buffer, `data` being what follows its header; called with whole buffers only. */
  accept(data: Uint8Array): Response;
}

/** A type of event that the guest reads. */
export interface EventSource {
  readonly type: number;
  /** True when `take` has something to give. */
  pending(): boolean;
  /** The next event without its header, of at most `room` bytes; undefined when it does not fit, and then it stays. */
  take(room: number): Uint8Array | undefined;
}

/** Set of event types; masks of every length come from and go to it. */
export type EventMask = ReadonlySet<number>;

/** The types that a mask in guest order names. */
export function parseEventMask(bytes: Uint8Array): EventMask {
  const types = new Set<number>();
  for (const [i, byte] of bytes.subarray(0, 32).entries()) {
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) types.add(i * 8 + bit + 1);
  }
  return types;
}

/** A mask of `length` bytes; types past its end are left out. */
export function eventMaskBytes(types: Iterable<number>, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (const type of types) {
    const at = (type - 1) >>> 3;
    if (at < length) bytes[at] = (bytes[at] ?? 0) | (0x80 >> ((type - 1) & 7));
  }
  return bytes;
}
