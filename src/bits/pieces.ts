/** A run of bytes within a unit, such as a page: so many, that far into the whole. */
export interface Piece {
  readonly from: number;
  readonly length: number;
}

/** The pieces into which the multiples of `unit` divide the `length` bytes from `start` on, in order. */
export function pieces(start: number | bigint, length: number, unit: number): readonly Piece[] {
  const offset = typeof start === 'bigint' ? Number(start % BigInt(unit)) : start % unit;
  const found: Piece[] = [];
  for (let from = 0; from < length; ) {
    const n = Math.min(length - from, unit - ((offset + from) % unit));
    found.push({ from, length: n });
    from += n;
  }
  return found;
}
