import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { crc32, deflateRawSync, inflateRawSync } from 'node:zlib';
import { decodePlain, encodePlain } from '../../bits/plain-data.ts';

/**
 * Files that guests are kept in: a line that says so, a version, and records, each with its kind, its length and a checksum, so
 * that a file that was cut, or changed, is told from a whole one. What a record holds is plain data, deflated.
 */
const MAGIC = Buffer.from('guestscope file\n');
const FILE_VERSION = 1;
const HEAD_BYTES = MAGIC.length + 4;
/** Kind, length, checksum. */
const RECORD_HEAD_BYTES = 9;
/** No record is longer. */
const MOST_BYTES = 1 << 30;
/** Little time for most of what can be had. */
const LEVEL = 1;

/** Kinds of records. What stands behind `whole` came in later, one after the other. */
export const kinds = {
  about: 1,
  image: 2,
  disk: 3,
  storage: 4,
  state: 5,
  history: 6,
  interval: 7,
  whole: 8,
  part: 9,
  input: 16,
  digest: 17,
  turned: 18,
  end: 19,
} as const;

export type RecordKind = (typeof kinds)[keyof typeof kinds];

/** Why a file is not what it should be, in words. */
export class FileError extends Error {}

/** A record where it lies in its file. */
export interface FoundRecord {
  readonly kind: number;
  /** Of the record's first byte, and of the one behind its last. */
  readonly at: number;
  readonly end: number;
}

/** A record as bytes. */
function recordBytes(kind: RecordKind, data: unknown): Buffer {
  const payload = deflateRawSync(encodePlain(data), { level: LEVEL });
  const bytes = Buffer.alloc(RECORD_HEAD_BYTES + payload.length);
  bytes[0] = kind;
  bytes.writeUInt32BE(payload.length, 1);
  payload.copy(bytes, RECORD_HEAD_BYTES);
  bytes.writeUInt32BE(checksum(bytes, payload), 5);
  return bytes;
}
function checksum(head: Buffer, payload: Uint8Array): number {
  return crc32(payload, crc32(head.subarray(0, 5)));
}

/** A file that records are written into, one behind the other. */
export class RecordWriter {
  readonly #path: string;
  #file: number;
  #bytes = 0;

  /** Begins a file in place of what is there. Throws what the host says when it cannot. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w');
    const head = Buffer.alloc(HEAD_BYTES);
    MAGIC.copy(head);
    head.writeUInt32BE(FILE_VERSION, MAGIC.length);
    this.#write(head);
  }

  get bytes(): number {
    return this.#bytes;
  }
  /** Adds a record; it is the host's when this returns, and outlives the process. */
  add(kind: RecordKind, data: unknown): void {
    this.#write(recordBytes(kind, data));
  }
  /** Adds what lies between two places of another file. */
  copy(path: string, from: number, to: number): void {
    const file = openSync(path, 'r');
    try {
      const chunk = Buffer.alloc(1 << 20);
      for (let at = from; at < to; ) {
        const count = readSync(file, chunk, 0, Math.min(chunk.length, to - at), at);
        if (count === 0) throw new FileError(`${path} ends too early`);
        this.#write(chunk.subarray(0, count));
        at += count;
      }
    } finally {
      closeSync(file);
    }
  }
  /** Makes the file outlive the host, under a name that may be another one's until now. */
  moveTo(path: string): void {
    fsyncSync(this.#file);
    renameSync(this.#path, path);
  }
  close(): void {
    closeSync(this.#file);
  }
  /** Gives the file up. */
  drop(): void {
    this.close();
    unlinkSync(this.#path);
  }
  // A record is there as a whole or not at all, as far as that is in our hands.
  #write(bytes: Buffer): void {
    const before = this.#bytes;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#file, bytes, at);
      this.#bytes += bytes.length;
    } catch (error) {
      ftruncateSync(this.#file, before);
      throw error;
    }
  }
}

/** Writes a file that is there as a whole or not at all. */
export function writeWhole(path: string, write: (writer: RecordWriter) => void): void {
  const writer = new RecordWriter(`${path}.part`);
  try {
    write(writer);
    writer.moveTo(path);
  } catch (error) {
    writer.drop();
    throw error;
  }
  writer.close();
}

/** A file of records, to be read. It stays open: what is large is read when it is wanted. */
export class RecordReader {
  readonly #path: string;
  readonly #file: number;
  readonly #size: number;

  /** Throws a `FileError`, or what the host says. */
  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'r');
    this.#size = fstatSync(this.#file).size;
    const head = this.#bytes(0, HEAD_BYTES);
    if (head === undefined || !head.subarray(0, MAGIC.length).equals(MAGIC)) {
      throw new FileError(`${path} is no file that guestscope keeps guests in`);
    }
    const version = head.readUInt32BE(MAGIC.length);
    if (version !== FILE_VERSION) {
      throw new FileError(`${path} is of version ${version}, and this guestscope knows version ${FILE_VERSION}`);
    }
  }

  /** The records, as far as they are whole; what stands behind them, if anything, is a record that was cut or changed. */
  *records(from = HEAD_BYTES): Generator<FoundRecord> {
    for (let at = from; ; ) {
      const found = this.#recordAt(at);
      if (found === undefined) return;
      yield found;
      at = found.end;
    }
  }
  /** Throws a `FileError` that says what is at a place where there should be a record. */
  refuse(at: number): never {
    const cut = at >= this.#size ? 'ends too early' : `is cut or damaged behind byte ${at}`;
    throw new FileError(`${this.#path} ${cut}`);
  }
  /** What a record holds. */
  data({ at, end }: FoundRecord): unknown {
    const payload = this.#bytes(at + RECORD_HEAD_BYTES, end - at - RECORD_HEAD_BYTES);
    if (payload === undefined) return this.refuse(at);
    return decodePlain(inflateRawSync(payload));
  }
  close(): void {
    closeSync(this.#file);
  }

  #recordAt(at: number): FoundRecord | undefined {
    const head = this.#bytes(at, RECORD_HEAD_BYTES);
    if (head === undefined) return undefined;
    const length = head.readUInt32BE(1);
    const payload = length > MOST_BYTES ? undefined : this.#bytes(at + RECORD_HEAD_BYTES, length);
    if (payload === undefined || checksum(head, payload) !== head.readUInt32BE(5)) return undefined;
    return { kind: head[0] ?? 0, at, end: at + RECORD_HEAD_BYTES + length };
  }
  /** So many bytes; undefined when they are not there. */
  #bytes(at: number, length: number): Buffer | undefined {
    if (at + length > this.#size) return undefined;
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const count = readSync(this.#file, bytes, done, length - done, at + done);
      if (count === 0) return undefined;
      done += count;
    }
    return bytes;
  }
}
