/** What an operation is told by the FPC register and its modifiers, and what it answers (PoP, "IEEE Exceptions"). */

/** Rounding methods, as the FPC's DFP rounding mode numbers them. The first four, and the last, are values of its BFP rounding mode. */
export const rounding = {
  nearestEven: 0,
  towardZero: 1,
  up: 2,
  down: 3,
  nearestAway: 4,
  nearestTowardZero: 5,
  awayFromZero: 6,
  /** Round to prepare for shorter precision: an inexact result gets a rightmost one, or as a decimal one does not end in 0 or 5. */
  shorter: 7,
} as const;

export type Rounding = (typeof rounding)[keyof typeof rounding];

/** The IEEE exceptions as bits of the FPC's mask byte and flag byte. */
export const ieee = {
  invalid: 0x80,
  divideByZero: 0x40,
  overflow: 0x20,
  underflow: 0x10,
  inexact: 0x08,
  /** Of decimal numbers alone: the result is not what the operands make one expect of its quantum. */
  quantum: 0x04,
} as const;

/** DXC bit of an inexact result that was incremented in magnitude. */
const INCREMENTED = 0x04;

/** The state an operation depends on. */
export interface Environment {
  /** IEEE-exception masks, bits as in `ieee`. */
  readonly masks: number;
  readonly rounding: Rounding;
  /** IEEE-inexact-exception control: inexact results are not recognized as such. */
  readonly inexactSuppressed: boolean;
}

/** What came of an operation. */
export interface Outcome {
  /** Bit pattern of the result; meaningless when the operation is suppressed. */
  readonly value: bigint;
  /** Flags to be set in the FPC, bits as in `ieee`. */
  readonly flags: number;
  /** Data-exception code of the trap that follows, or 0. */
  readonly dxc: number;
}

/** True when the trap leaves everything unchanged: invalid operation and division by zero. */
export function isSuppressed(outcome: { readonly dxc: number }): boolean {
  return outcome.dxc >= ieee.divideByZero;
}

/** A result without exceptions. */
export function exact(value: bigint): Outcome {
  return { value, flags: 0, dxc: 0 };
}

/** An exception that suppresses when its mask is one, and gives `value` when it is zero. */
export function exception(env: Environment, which: 0x80 | 0x40, value: bigint): Outcome {
  return (env.masks & which) !== 0 ? { value: 0n, flags: 0, dxc: which } : { value, flags: which, dxc: 0 };
}

/** How a rounded magnitude relates to the precise one. */
export interface Inexactness {
  readonly inexact: boolean;
  readonly incremented: boolean;
}

/** The part of a DXC that tells of inexactness. */
export function inexactDxc(r: Inexactness): number {
  return r.inexact ? ieee.inexact | (r.incremented ? INCREMENTED : 0) : 0;
}

/** A completed result, with other `flags` set already, that may be inexact: flag or trap. */
export function completed(env: Environment, value: bigint, r: Inexactness, flags = 0): Outcome {
  if (!r.inexact || env.inexactSuppressed) return { value, flags, dxc: 0 };
  if ((env.masks & ieee.inexact) !== 0) return { value, flags, dxc: inexactDxc(r) };
  return { value, flags: flags | ieee.inexact, dxc: 0 };
}
