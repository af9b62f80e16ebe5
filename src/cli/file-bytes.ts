import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** The C library maps larger pieces of memory by themselves, and learns nothing when they are freed. */
const LEARNED_BYTES = 32 << 20;
/** It learns nothing from smaller ones, either. */
const SMALL_BYTES = 128 << 10;

/**
 * Room for bytes that are needed for a short time, such as a file's. glibc takes the largest piece up to 32 MiB that was mapped by
 * itself and freed for usual, and from then on each thread's heap keeps twice as much at its end: behind an image of 5 MB, V8's compiling
 * threads keep 30 MB between them. So such bytes are a part of a larger piece, of which no more is resident than is written.
 */
export function passingBytes(size: number): Uint8Array<ArrayBuffer> {
  const whole = size < SMALL_BYTES || size > LEARNED_BYTES ? size : LEARNED_BYTES + 4096;
  return new Uint8Array(new ArrayBuffer(whole), 0, size);
}

/** At most `size` bytes of the beginning of an open file, which come to lie in `room` if it is given and large enough. */
export function readBytes(file: number, size: number, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = room === undefined || room.length < size ? passingBytes(size) : room.subarray(0, size);
  let length = 0;
  for (let got = -1; length < size && got !== 0; length += got) {
    got = readSync(file, bytes, length, size - length, length);
  }
  return bytes.subarray(0, length);
}

/** A file's bytes, in `room` if that is large enough; undefined when it cannot be opened. */
export function wholeFile(path: string | URL, room?: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return readBytes(file, fstatSync(file).size, room);
  } finally {
    closeSync(file);
  }
}
