import type { CoreNote } from './elf-core.ts';
import { ET } from './elf-writer.ts';

/** A file that is read piece by piece. */
export interface PiecewiseFile {
  readonly size: number;
  /** At most `count` bytes from `offset` on; none at and past the end. */
  read(offset: number, count: number): Uint8Array;
}

/** A stretch of a core file and where in storage it belongs. */
export interface CorePiece {
  readonly physical: bigint;
  readonly virtual: bigint;
  readonly bytes: bigint;
  /** Where in the file. */
  readonly at: bigint;
}

/** What a core file holds. */
export interface CoreContents {
  readonly machine: number;
  readonly notes: readonly CoreNote[];
  readonly pieces: readonly CorePiece[];
}

const PT = { load: 1, note: 4 } as const;
const PN_XNUM = 0xffff;
const HEADER_BYTES = 64;
const PROGRAM_BYTES = 56;
const MOST_PROGRAMS = 1 << 20;
const MOST_NOTES = 64 << 20;

/** Reads a 64-bit big-endian core file; undefined when it is none, or cut off within what says what is where. */
export function readCore(file: PiecewiseFile): CoreContents | undefined {
  const head = Buffer.from(file.read(0, HEADER_BYTES));
  const magic = head.length === HEADER_BYTES && head.readUInt32BE(0) === 0x7f454c46;
  if (!magic || head[4] !== 2 || head[5] !== 2 || head.readUInt16BE(16) !== ET.core) return undefined;
  const [at, stride] = [Number(head.readBigUInt64BE(32)), head.readUInt16BE(54)];
  const count = programCount(file, head);
  if (stride < PROGRAM_BYTES || count > MOST_PROGRAMS) return undefined;
  const table = Buffer.from(readAll(file, at, count * stride));
  if (table.length < count * stride) return undefined;
  const notes: CoreNote[] = [];
  const pieces: CorePiece[] = [];
  for (let i = 0; i < count; i++) {
    const p = i * stride;
    const [offset, virtual, physical, bytes] = [8, 16, 24, 32].map((k) => table.readBigUInt64BE(p + k));
    if (offset === undefined || virtual === undefined || physical === undefined || bytes === undefined) continue;
    const type = table.readUInt32BE(p);
    if (type === PT.load && bytes > 0n) pieces.push({ physical, virtual, bytes, at: offset });
    if (type === PT.note && bytes <= BigInt(MOST_NOTES)) {
      notes.push(...readNotes(Buffer.from(readAll(file, Number(offset), Number(bytes)))));
    }
  }
  return { machine: head.readUInt16BE(18), notes, pieces };
}

function programCount(file: PiecewiseFile, head: Buffer): number {
  const count = head.readUInt16BE(56);
  if (count !== PN_XNUM) return count;
  const section = Buffer.from(file.read(Number(head.readBigUInt64BE(40)), 64));
  return section.length === 64 ? section.readUInt32BE(44) : count;
}

function readNotes(bytes: Buffer): CoreNote[] {
  const notes: CoreNote[] = [];
  // A length may be as much as 32 bits can say.
  const padded = (n: number): number => Math.ceil(n / 4) * 4;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameBytes, length, type] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4), bytes.readUInt32BE(at + 8)];
    const data = at + 12 + padded(nameBytes);
    if (data + length > bytes.length) break;
    const owner = bytes.toString('latin1', at + 12, at + 12 + nameBytes).replace(/\0+$/, '');
    notes.push({ owner, type, bytes: bytes.subarray(data, data + length) });
    at = data + padded(length);
  }
  return notes;
}

/** Bytes of a file that answers with as much as it likes; fewer at its end. */
export function readAll(file: PiecewiseFile, offset: number, count: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let done = 0;
  while (done < count) {
    const part = file.read(offset + done, count - done);
    if (part.length === 0) break;
    parts.push(part);
    done += part.length;
  }
  return parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts);
}
