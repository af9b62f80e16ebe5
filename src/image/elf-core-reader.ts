import { FieldRecord } from '../bits/record.ts';
import type { CoreNote } from './elf-core.ts';
import { coreHeaderFields, countFields, noteFields, programFields } from './elf-core-fields.ts';
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
const SECTION_BYTES = 64;
const NOTE_BYTES = 12;
const ELF_MAGIC = 0x7f45_4c46;
const WIDE = 2;
const LITTLE = 1;
const MOST_PROGRAMS = 1 << 20;
const MOST_NOTES = 64 << 20;

/** Reads a 64-bit core file; undefined when it is none, or cut off within what says what is where. */
export function readCore(file: PiecewiseFile): CoreContents | undefined {
  const bytes = file.read(0, HEADER_BYTES);
  if (bytes.length !== HEADER_BYTES) return undefined;
  const { magic, wordSize, little } = identityOf(bytes);
  const head = new FieldRecord(coreHeaderFields, bytes, little);
  if (magic !== ELF_MAGIC || wordSize !== WIDE || head.get('type') !== ET.core) return undefined;
  const stride = head.get('programBytes');
  const count = programCount(file, head, little);
  if (stride < PROGRAM_BYTES || count > MOST_PROGRAMS) return undefined;
  const table = readAll(file, Number(head.big('programsAt')), count * stride);
  if (table.length < count * stride) return undefined;
  const notes: CoreNote[] = [];
  const pieces: CorePiece[] = [];
  for (let i = 0; i < count; i++) {
    const program = new FieldRecord(programFields, table.subarray(i * stride), little);
    const [at, size] = [program.big('offset'), program.big('fileBytes')];
    const type = program.get('type');
    if (type === PT.load && size > 0n) {
      pieces.push({ physical: program.big('physical'), virtual: program.big('virtual'), bytes: size, at });
    }
    if (type === PT.note && size <= BigInt(MOST_NOTES))
      notes.push(...readNotes(readAll(file, Number(at), Number(size)), little));
  }
  return { machine: head.get('machine'), littleEndian: little, notes, pieces };
}

// These are bytes, and the order in which the rest stands.
function identityOf(bytes: Uint8Array): {
  readonly magic: number;
  readonly wordSize: number;
  readonly little: boolean;
} {
  const head = new FieldRecord(coreHeaderFields, bytes, false);
  return { magic: head.get('magic'), wordSize: head.get('wordSize'), little: head.get('dataOrder') === LITTLE };
}

function programCount(file: PiecewiseFile, head: FieldRecord<typeof coreHeaderFields>, little: boolean): number {
  const count = head.get('programs');
  if (count !== PN_XNUM) return count;
  const section = file.read(Number(head.big('sectionsAt')), SECTION_BYTES);
  return section.length === SECTION_BYTES ? new FieldRecord(countFields, section, little).get('programs') : count;
}

function readNotes(bytes: Uint8Array, little: boolean): CoreNote[] {
  const notes: CoreNote[] = [];
  // A length may be as much as 32 bits can say.
  const padded = (n: number): number => Math.ceil(n / 4) * 4;
  for (let at = 0; at + NOTE_BYTES <= bytes.length; ) {
    const note = new FieldRecord(noteFields, bytes.subarray(at), little);
    const [ownerBytes, length] = [note.get('ownerBytes'), note.get('bytes')];
    const data = at + NOTE_BYTES + padded(ownerBytes);
    if (data + length > bytes.length) break;
    const owner = Buffer.from(bytes.subarray(at + NOTE_BYTES, at + NOTE_BYTES + ownerBytes)).toString('latin1');
    notes.push({
      owner: owner.replace(/\0+$/, ''),
      type: note.get('type'),
      bytes: bytes.subarray(data, data + length),
    });
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
