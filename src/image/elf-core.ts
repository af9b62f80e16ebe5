import { FieldRecord } from '../bits/record.ts';
import { countFields, noteFields, programFields } from './elf-core-fields.ts';
import { type ElfIdentity, ET, elfFileHeader } from './elf-writer.ts';

/** A stretch of addresses with what lies there. */
export interface CoreSegment {
  readonly virtual: bigint;
  readonly physical: bigint;
  readonly bytes: bigint;
  readonly writable: boolean;
  readonly executable: boolean;
}

/** A note: owner and type say what its bytes are. */
export interface CoreNote {
  readonly owner: string;
  readonly type: number;
  readonly bytes: Uint8Array;
}

const PT = { load: 1, note: 4 } as const;
const PF = { execute: 1, write: 2, read: 4 } as const;
const HEADER_BYTES = 64;
const PROGRAM_BYTES = 56;
const SECTION_BYTES = 64;
const PAGE = 0x1000;
/** A count of program headers that does not fit stands in the first section's header. */
const PN_XNUM = 0xffff;

const NOTE_BYTES = 12;
const wide = ['offset', 'virtual', 'physical', 'fileBytes', 'memoryBytes', 'align'] as const;
type Wide = (typeof wide)[number];

const padded = (n: number, to: number): number => (n + to - 1) & -to;

/** Notes one after another. */
export function noteBytes(notes: readonly CoreNote[], littleEndian = false): Uint8Array {
  return Buffer.concat(
    notes.flatMap(({ owner, type, bytes }) => {
      const name = Buffer.from(`${owner}\0`, 'latin1');
      const head = new Uint8Array(NOTE_BYTES + padded(name.length, 4));
      const note = new FieldRecord(noteFields, head, littleEndian);
      note.set('ownerBytes', name.length);
      note.set('bytes', bytes.length);
      note.set('type', type);
      head.set(name, NOTE_BYTES);
      return [head, bytes, Buffer.alloc(-bytes.length & 3)];
    }),
  );
}

/**
 * All of a 64-bit core file in front of the contents, which follow at once: physical storage from 0 on. Segments may overlap
 * there, so that a file with every address that maps a page holds the page once.
 */
export function coreHead(
  { machine, littleEndian = false }: Omit<ElfIdentity, 'type'>,
  notes: readonly CoreNote[],
  segments: readonly CoreSegment[],
): Uint8Array {
  const identity: ElfIdentity = { type: ET.core, machine, littleEndian };
  const count = segments.length + 1;
  const many = count >= PN_XNUM;
  const noteSegment = noteBytes(notes, littleEndian);
  const programsAt = HEADER_BYTES;
  const sectionAt = programsAt + count * PROGRAM_BYTES;
  const notesAt = sectionAt + (many ? SECTION_BYTES : 0);
  const head = new Uint8Array(padded(notesAt + noteSegment.length, PAGE));
  const shape = { programs: many ? PN_XNUM : count, programsAt };
  head.set(elfFileHeader(identity, many ? { ...shape, sections: 1, sectionsAt: BigInt(sectionAt) } : shape));
  if (many) new FieldRecord(countFields, head.subarray(sectionAt), littleEndian).set('programs', count);
  head.set(noteSegment, notesAt);
  const put = (i: number, type: number, flags: number, fields: Readonly<Partial<Record<Wide, bigint>>>): void => {
    const program = new FieldRecord(programFields, head.subarray(programsAt + i * PROGRAM_BYTES), littleEndian);
    program.set('type', type);
    program.set('flags', flags);
    for (const name of wide) program.setBig(name, fields[name] ?? 0n);
  };
  const noted = BigInt(noteSegment.length);
  put(0, PT.note, PF.read, { offset: BigInt(notesAt), fileBytes: noted, memoryBytes: noted, align: 4n });
  for (const [i, { virtual, physical, bytes, writable, executable }] of segments.entries()) {
    const flags = PF.read | (writable ? PF.write : 0) | (executable ? PF.execute : 0);
    const size = { fileBytes: bytes, memoryBytes: bytes, align: BigInt(PAGE) };
    put(i + 1, PT.load, flags, { offset: BigInt(head.length) + physical, virtual, physical, ...size });
  }
  return head;
}
