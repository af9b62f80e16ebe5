import { BigEndianRecord, type RecordLayout } from '../bits/record.ts';
import { err, ok, type Result } from '../bits/result.ts';
import type { FilePort, ServedFile } from '../machine/served-file.ts';

/** Error numbers of the File-I/O protocol (gdb doc, "Errno Values"). */
export const fileErrno = { ENOENT: 2, EBADF: 9, EINVAL: 22, EMFILE: 24, EROFS: 30 } as const;

const ACCESS_MODE = 0x3;
const O_CREAT = 0x200;
const O_TRUNC = 0x400;
const MAX_HANDLES = 32;
/** Regular file, readable by all. */
const MODE = 0o100444;
const STAT_BYTES = 64;
/** Escaping doubles a byte at worst. */
const MAX_READ = 0x40000;

/** A handle or data, or a File-I/O error number. */
export type FileResult<T> = Result<T, number>;

/**
 * The files that one client sees through vFile: what the server itself has named, by exactly that name. Nothing else of the
 * host's file system is reachable, and nothing can be written.
 */
export class FileServer {
  readonly #files: FilePort;
  readonly #open = new Map<number, ServedFile>();

  constructor(files: FilePort) {
    this.#files = files;
  }

  /** A handle for reading `path`. */
  open(path: string, flags: number): FileResult<number> {
    const content = this.#files.get(path);
    if (content === undefined) return err(fileErrno.ENOENT);
    if ((flags & (ACCESS_MODE | O_CREAT | O_TRUNC)) !== 0) return err(fileErrno.EROFS);
    if (this.#open.size >= MAX_HANDLES) return err(fileErrno.EMFILE);
    let handle = 0;
    while (this.#open.has(handle)) handle++;
    this.#open.set(handle, content);
    return ok(handle);
  }

  /** Gives a handle back. */
  close(handle: number): FileResult<number> {
    return this.#open.delete(handle) ? ok(0) : err(fileErrno.EBADF);
  }

  /** At most `count` bytes from `offset`; none at and past the end. */
  pread(handle: number, count: number, offset: number): FileResult<Uint8Array> {
    const content = this.#open.get(handle);
    if (content === undefined) return err(fileErrno.EBADF);
    return ok(content.read(offset, Math.min(count, MAX_READ)));
  }

  /** The 64 bytes of a stat structure of an open file. */
  fstat(handle: number): FileResult<Uint8Array> {
    const content = this.#open.get(handle);
    return content === undefined ? err(fileErrno.EBADF) : ok(stat(content.size));
  }

  /** The 64 bytes of a stat structure of a file by name. */
  stat(path: string): FileResult<Uint8Array> {
    const content = this.#files.get(path);
    return content === undefined ? err(fileErrno.ENOENT) : ok(stat(content.size));
  }

  /** Always an error: none of the files is a symbolic link. */
  readlink(path: string): FileResult<Uint8Array> {
    return err(this.#files.get(path) === undefined ? fileErrno.ENOENT : fileErrno.EINVAL);
  }
}

/** Fields of the protocol's stat structure that are not zero, big endian (gdb doc, "struct stat"). */
const statFields = {
  mode: [8, 4],
  links: [12, 4],
  size: [28, 8],
  blockSize: [36, 8],
  blocks: [44, 8],
} as const satisfies RecordLayout;

function stat(size: number): Uint8Array {
  const bytes = new Uint8Array(STAT_BYTES);
  const fields = new BigEndianRecord(statFields, bytes);
  fields.set('mode', MODE);
  fields.set('links', 1);
  fields.setBig('size', BigInt(size));
  fields.setBig('blockSize', 512n);
  fields.setBig('blocks', BigInt(Math.ceil(size / 512)));
  return bytes;
}
