import { closeSync, fstatSync, openSync, readFileSync, readSync, type Stats } from 'node:fs';
import { type UsageErrorCode, UserError } from './user-error.ts';

/** Bytes of the largest file that can be read whole. */
const LARGEST_FILE = 2 ** 31 - 1;
const CHUNK = 1 << 20;
const MIB = 1 << 20;

/** A file that the user gives. */
export interface InputFile {
  /** What becomes of the mistake when it cannot be had. */
  readonly code: UsageErrorCode;
  /** What it is, in words. */
  readonly what: string;
  /** Bytes at most. */
  readonly most?: number;
}

/** A file's bytes. One that cannot be read, has no end, or is too large, is the user's mistake, found before it is read. */
export function readInput(path: string, { code, what, most = LARGEST_FILE }: InputFile): Uint8Array {
  try {
    const file = openSync(path, 'r');
    try {
      const stats = fstatSync(file);
      const refused = refusal(stats, most);
      if (refused !== undefined) throw new UserError(code, `the ${what} ${path} ${refused}`);
      if (stats.isFile()) return readFileSync(file);
      return readStream(file, most) ?? tooLarge(code, what, path, most);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(code, `cannot read the ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function refusal(stats: Stats, most: number): string | undefined {
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'is a device: give a file';
  if (!stats.isFile() || stats.size <= most) return undefined;
  return `has ${Math.ceil(stats.size / MIB)} MiB, more than the ${Math.floor(most / MIB)} MiB that there is room for`;
}

function tooLarge(code: UsageErrorCode, what: string, path: string, most: number): never {
  const room = `the ${Math.floor(most / MIB)} MiB that there is room for`;
  throw new UserError(code, `the ${what} ${path} does not end before ${room}`);
}

/** What a pipe holds, up to its end; undefined when that is more than `most` bytes. */
function readStream(file: number, most: number): Uint8Array | undefined {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length <= most; ) {
    const chunk = new Uint8Array(CHUNK);
    const count = readSync(file, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return undefined;
}
