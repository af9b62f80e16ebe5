/** Which byte of a number has the lowest address. */
export type ByteOrder = 'big' | 'little';
