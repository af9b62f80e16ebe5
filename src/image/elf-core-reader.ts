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
  readonly littleEndian: boolean;
  readonly notes: readonly CoreNote[];
  readonly pieces: readonly CorePiece[];
}

const PT = { load: 1, note: 4 } as const;
const PN_XNUM = 0xffff;
const HEADER_BYTES = 64;
const PROGRAM_BYTES = 56;
const MOST_PROGRAMS = 1 << 20;
const MOST_NOTES = 64 << 20;

/** Reads a 64-bit core file; undefined when it is none, or cut off within what says what is where. */
export function readCore(file: PiecewiseFile): CoreContents | undefined {
  const head = viewOf(file.read(0, HEADER_BYTES));
  if (head.byteLength !== HEADER_BYTES || head.getUint32(0) !== 0x7f454c46 || head.getUint8(4) !== 2) return undefined;
  const little = head.getUint8(5) === 1;
  if (head.getUint16(16, little) !== ET.core) return undefined;
  const [at, stride] = [Number(head.getBigUint64(32, little)), head.getUint16(54, little)];
  const count = programCount(file, head, little);
  if (stride < PROGRAM_BYTES || count > MOST_PROGRAMS) return undefined;
  const table = viewOf(readAll(file, at, count * stride));
  if (table.byteLength < count * stride) return undefined;
  const notes: CoreNote[] = [];
  const pieces: CorePiece[] = [];
  for (let i = 0; i < count; i++) {
    const p = i * stride;
    const [offset, virtual, physical, bytes] = [8, 16, 24, 32].map((k) => table.getBigUint64(p + k, little));
    if (offset === undefined || virtual === undefined || physical === undefined || bytes === undefined) continue;
    const type = table.getUint32(p, little);
    if (type === PT.load && bytes > 0n) pieces.push({ physical, virtual, bytes, at: offset });
    if (type === PT.note && bytes <= BigInt(MOST_NOTES)) {
      notes.push(...readNotes(readAll(file, Number(offset), Number(bytes)), little));
    }
  }
  return { machine: head.getUint16(18, little), littleEndian: little, notes, pieces };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function programCount(file: PiecewiseFile, head: DataView, little: boolean): number {
  const count = head.getUint16(56, little);
  if (count !== PN_XNUM) return count;
  const section = viewOf(file.read(Number(head.getBigUint64(40, little)), 64));
  return section.byteLength === 64 ? section.getUint32(44, little) : count;
}

function readNotes(bytes: Uint8Array, little: boolean): CoreNote[] {
  const notes: CoreNote[] = [];
  const view = viewOf(bytes);
  // A length may be as much as 32 bits can say.
  const padded = (n: number): number => Math.ceil(n / 4) * 4;
  for (let at = 0; at + 12 <= bytes.length; ) {
    const [nameBytes = 0, length = 0, type = 0] = [0, 4, 8].map((k) => view.getUint32(at + k, little));
    const data = at + 12 + padded(nameBytes);
    if (data + length > bytes.length) break;
    const owner = Buffer.from(bytes.subarray(at + 12, at + 12 + nameBytes))
      .toString('latin1')
      .replace(/\0+$/, '');
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
