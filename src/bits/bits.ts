/** The bits `from` to `to` (both included, numbered from the left as the manual prints them) of a 64-bit value. */
export function bits(value: bigint, from: number, to: number): bigint {
  return (BigInt.asUintN(64, value) >> BigInt(63 - to)) & ((1n << BigInt(to - from + 1)) - 1n);
}

/** Bit `n` of a 64-bit value, numbered from the left. */
export function bit(value: bigint, n: number): boolean {
  return ((BigInt.asUintN(64, value) >> BigInt(63 - n)) & 1n) === 1n;
}

/** A 64-bit mask with the bits `from` to `to` set, numbered from the left. */
export function mask(from: number, to = from): bigint {
  return ((1n << BigInt(to - from + 1)) - 1n) << BigInt(63 - to);
}

/** `value` with the bits `from` to `to` replaced by the low bits of `field`, numbered from the left, 64 bits wide. */
export function withBits(value: bigint, from: number, to: number, field: bigint): bigint {
  const m = mask(from, to);
  return (BigInt.asUintN(64, value) & ~m) | ((field << BigInt(63 - to)) & m);
}

/** `value` as an unsigned 64-bit integer. */
export function u64(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}
