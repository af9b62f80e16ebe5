import type { Instant } from '../machine/inputs.ts';
import type { SavedParts } from '../machine/snapshot.ts';

/** A state of the machine to which it can be put back, its pages aside. */
export interface Mark {
  readonly instant: Instant;
  readonly parts: SavedParts;
  /** Instructions that all vCPUs together had executed. */
  readonly executed: bigint;
  /** How many of all logged inputs have come in by then. */
  readonly inputs: number;
  /** Made on the way back, and no place where the run as it was has left a trace. */
  readonly passing: boolean;
  /** Bytes that it takes, about. */
  readonly bytes: number;
}

/** Bytes that plain data take, about. */
export function bytesOfPlain(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 64;
  if (typeof value !== 'object' || value === null) return 16;
  let bytes = 32;
  for (const inner of Object.values(value)) bytes += 8 + bytesOfPlain(inner);
  return bytes;
}
