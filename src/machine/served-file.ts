/** A file that is made when it is read, for a debugger to fetch. */
export interface ServedFile {
  readonly size: number;
  /** At most `count` bytes from `offset` on; fewer at the end only. Not to be changed. */
  read(offset: number, count: number): Uint8Array;
}

/** Files by their whole names. */
export interface FilePort {
  get(name: string): ServedFile | undefined;
}

/** Bytes that are there as a file. */
export function bytesFile(bytes: Uint8Array): ServedFile {
  return { size: bytes.length, read: (offset, count) => bytes.subarray(offset, offset + count) };
}
