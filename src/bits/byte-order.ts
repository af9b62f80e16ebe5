/** Which byte of a number has the lowest address. */
export type ByteOrder = 'big' | 'little';

/** A word with its bytes the other way round. */
export function turnedWord(word: number): number {
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
