import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';

/** Where a driver wants to be told of queues by adapter interruptions. */
export interface AdapterIndicators {
  readonly summary: number;
  readonly queues: number;
  /** Bit of queue 0, counted from the left of the byte at `queues`. */
  readonly firstBit: number;
  readonly isc: number;
}

/** Sets a bit of a doubleword of indicators, numbered from the right; false when it is not in storage. */
export function setIndicator(storage: AbsoluteBytes, at: number, bit: number): boolean {
  return setBits(storage, at + 7 - (bit >>> 3), 1 << (bit & 7)) !== undefined;
}

/** Sets a queue's indicator and the summary indicator; true when an interruption must say so. */
export function setAdapterIndicator(
  storage: AbsoluteBytes,
  { summary, queues, firstBit }: AdapterIndicators,
  queue: number,
): boolean {
  const bit = firstBit + queue;
  const set = setBits(storage, queues + Math.floor(bit / 8), 0x80 >>> (bit % 8));
  return set !== undefined && setBits(storage, summary, 1) === 0;
}

// The byte as it was.
function setBits(storage: AbsoluteBytes, at: number, bits: number): number | undefined {
  const before = Number.isSafeInteger(at) ? storage.read(at, 1)?.[0] : undefined;
  if (before === undefined || !storage.write(at, Uint8Array.of(before | bits))) return undefined;
  return before;
}
