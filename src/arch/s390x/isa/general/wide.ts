import type { I64, V128 } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';

/** Two doublewords as one quadword of storage, the first of them leftmost. */
export function quadword($: Sem, high: I64, low: I64): V128 {
  return $.lane('v128', 'i64x2.replace_lane', 1, $.conv('v128', 'i64x2.splat', low), high);
}

/** The leftmost doubleword of a quadword. */
export function highDoubleword($: Sem, value: V128): I64 {
  return $.lane('i64', 'i64x2.extract_lane', 1, value);
}

/** The rightmost doubleword of a quadword. */
export function lowDoubleword($: Sem, value: V128): I64 {
  return $.lane('i64', 'i64x2.extract_lane', 0, value);
}

/** Bits 0-63 of the unsigned 128-bit product of two doublewords. */
export function multiplyHigh($: Sem, a: I64, b: I64): I64 {
  const low = 0xffff_ffffn;
  const [aHigh, aLow] = [$.shrU(a, 32), $.and(a, low)];
  const [bHigh, bLow] = [$.shrU(b, 32), $.and(b, low)];
  const [crossed, lowest] = [$.mul(aLow, bHigh), $.mul(aLow, bLow)];
  // At most 2^64 - 1; the four products need not wait for each other.
  const middle = $.add($.add($.and(crossed, low), $.shrU(lowest, 32)), $.mul(aHigh, bLow));
  return $.add($.add($.mul(aHigh, bHigh), $.shrU(crossed, 32)), $.shrU(middle, 32));
}

/** Bits 0-63 of the signed 128-bit product of two doublewords. */
export function multiplyHighSigned($: Sem, a: I64, b: I64): I64 {
  const unsigned = multiplyHigh($, a, b);
  return $.sub($.sub(unsigned, $.and($.shrS(a, 63), b)), $.and($.shrS(b, 63), a));
}
