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
export function readInput(path: string, input: InputFile): Uint8Array {
  return refusingInput(input, () => {
    const file = openSync(path, 'r');
    try {
      const stats = fstatSync(file);
      checkStats(stats, path, input);
      return stats.isFile() ? readFileSync(file) : readStream(file, path, input);
    } finally {
      closeSync(file);
    }
  });
}

/** What `read` gives; what the host says against it is the user's mistake. */
export function refusingInput<T>({ code, what }: InputFile, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(code, `cannot read the ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Refuses a file that cannot be read to its end. */
export function checkStats(stats: Stats, path: string, { code, what, most = LARGEST_FILE }: InputFile): void {
  const refused = refusal(stats, most);
  if (refused !== undefined) throw new UserError(code, `the ${what} ${path} ${refused}`);
}

function refusal(stats: Stats, most: number): string | undefined {
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'is a device: give a file';
  if (!stats.isFile() || stats.size <= most) return undefined;
  return `has ${Math.ceil(stats.size / MIB)} MiB, more than the ${Math.floor(most / MIB)} MiB that there is room for`;
}

/** What a pipe holds, up to its end. */
export function readStream(file: number, path: string, { code, what, most = LARGEST_FILE }: InputFile): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length <= most; ) {
    const chunk = new Uint8Array(CHUNK);
    const count = readSync(file, chunk);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  const room = `the ${Math.floor(most / MIB)} MiB that there is room for`;
  throw new UserError(code, `the ${what} ${path} does not end before ${room}`);
}
