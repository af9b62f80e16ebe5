/** What rounding methods decide, whatever the radix (PoP, "Rounding" of the binary and of the decimal chapter). */

import { type Rounding, rounding } from './environment.ts';

/** What is known of a magnitude that lies between two neighbours. */
export interface Between {
  readonly negative: boolean;
  /** What is cut off is compared with half of the distance: below 0, 0, or above. */
  readonly half: number;
  /** The neighbour towards zero is odd. */
  readonly isOdd: boolean;
  /** Its last digit is one that rounding for shorter precision leaves. */
  readonly isLeftByShorter: boolean;
}

/** Below 0, 0, or above, as `a` is less than `b`, equal, or more. */
export function order(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** True when an inexact magnitude becomes the neighbour away from zero. */
export function roundsUp(mode: Rounding, { negative, half, isOdd, isLeftByShorter }: Between): boolean {
  switch (mode) {
    case rounding.nearestEven:
      return half > 0 || (half === 0 && isOdd);
    case rounding.nearestAway:
      return half >= 0;
    case rounding.nearestTowardZero:
      return half > 0;
    case rounding.towardZero:
      return false;
    case rounding.awayFromZero:
      return true;
    case rounding.up:
      return !negative;
    case rounding.down:
      return negative;
    case rounding.shorter:
      return isLeftByShorter;
  }
}

/** True when what is too large becomes infinity, and not the largest number. */
export function overflowsToInfinity(mode: Rounding, negative: boolean): boolean {
  switch (mode) {
    case rounding.up:
      return !negative;
    case rounding.down:
      return negative;
    case rounding.towardZero:
    case rounding.shorter:
      return false;
    default:
      return true;
  }
}
