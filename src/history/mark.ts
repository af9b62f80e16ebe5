import type { Instant, LoggedInput } from '../machine/inputs.ts';
import type { SavedParts } from '../machine/snapshot.ts';

/**
 * `logged`: the run as it was made it, and has left a trace of it among its inputs. `silent`: made on the way through what was
 * foreseen. `passing`: made on the way back, for as long as it is of use.
 */
export type MarkKind = 'logged' | 'silent' | 'passing';

/** A state of the machine to which it can be put back, its pages aside. */
export interface Mark {
  readonly instant: Instant;
  /** Absent for a place that the machine has not come to, though what comes in until there is known. */
  readonly parts: SavedParts | undefined;
  /** Instructions that all vCPUs together had executed. */
  readonly executed: bigint;
  /** How many of all logged inputs have come in by then. */
  readonly inputs: number;
  readonly kind: MarkKind;
  /** Bytes that it takes, about. */
  readonly bytes: number;
}

/** A place that the machine has not come to, with how many inputs will have come in by then. */
export function foreseenMark(instant: Instant, inputs: number): Mark {
  return { instant, parts: undefined, executed: 0n, inputs, kind: 'silent', bytes: 0 };
}

/** Bytes that plain data take, about. */
export function bytesOfPlain(value: unknown): number {
  if (value instanceof Uint8Array) return value.length + 64;
  if (typeof value !== 'object' || value === null) return 16;
  let bytes = 32;
  for (const inner of Object.values(value)) bytes += 8 + bytesOfPlain(inner);
  return bytes;
}

/** Bytes that an input takes beside its data, about. */
const INPUT_BYTES = 200;

/** Bytes that inputs take, about. */
export function bytesOfInputs(inputs: readonly LoggedInput[]): number {
  return inputs.reduce((sum, { input }) => sum + INPUT_BYTES + ('data' in input ? input.data.length : 0), 0);
}
