import { closeSync, fstatSync, openSync } from 'node:fs';
import { readBytes } from './file-bytes.ts';
import { checkStats, type InputFile, readStream, refusingInput } from './input.ts';
import { UserError } from './user-error.ts';

/**
 * What a guest is booted from. Its bytes are read whenever somebody wants them, since they are wanted once in most runs: an image and
 * its initial RAM disk are megabytes that would otherwise stay in memory for an IPL that may never come.
 */
export interface BootFile {
  /** All bytes, which whoever asks may keep. Throws a `UserError` when there are others by now. */
  read(): Uint8Array;
  /** At most so many bytes of the beginning. */
  head(count: number): Uint8Array;
  /** Nobody reads it any more. */
  close(): void;
}

/** Bytes that are in memory. */
export function heldFile(bytes: Uint8Array): BootFile {
  return { read: () => bytes, head: (count) => bytes.subarray(0, count), close: () => undefined };
}

/**
 * A file that the user gives. It stays open, so that it remains the same when another takes its name, which is how files are mostly
 * replaced; one that is changed in its place is told by its size and time. What has no size, such as a pipe, is kept.
 */
export function bootFile(path: string, input: InputFile): BootFile {
  return refusingInput(input, () => {
    const file = openSync(path, 'r');
    try {
      checkStats(fstatSync(file), path, input);
      const stats = fstatSync(file, { bigint: true });
      if (stats.isFile() && stats.size > 0n) return new OpenFile(file, path, input, stats);
      const bytes = readStream(file, path, input);
      closeSync(file);
      return heldFile(bytes);
    } catch (error) {
      closeSync(file);
      throw error;
    }
  });
}

class OpenFile implements BootFile {
  readonly #file: number;
  readonly #path: string;
  readonly #input: InputFile;
  readonly #size: bigint;
  readonly #changedAt: bigint;
  #open = true;

  constructor(file: number, path: string, input: InputFile, { size, mtimeNs }: { size: bigint; mtimeNs: bigint }) {
    this.#file = file;
    this.#path = path;
    this.#input = input;
    this.#size = size;
    this.#changedAt = mtimeNs;
  }

  read(): Uint8Array {
    return this.head(Number(this.#size));
  }

  head(count: number): Uint8Array {
    const wanted = Math.min(count, Number(this.#size));
    const bytes = refusingInput(this.#input, () => readBytes(this.#file, wanted));
    const { size, mtimeNs } = fstatSync(this.#file, { bigint: true });
    if (bytes.length === wanted && size === this.#size && mtimeNs === this.#changedAt) return bytes;
    const { what } = this.#input;
    throw new UserError(
      'file-changed',
      `the ${what} ${this.#path} was changed in its place after the guest was made of it`,
    );
  }

  close(): void {
    if (this.#open) closeSync(this.#file);
    this.#open = false;
  }
}
