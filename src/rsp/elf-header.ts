import { FieldRecord, type RecordLayout } from '../bits/record.ts';
import type { TargetDescription } from '../machine/description.ts';

/** Sizes of the ELF structures by class (System V ABI, "ELF Header"). */
const sizesOf = {
  32: { word: 4, header: 52, programHeader: 32, sectionHeader: 40 },
  64: { word: 8, header: 64, programHeader: 56, sectionHeader: 64 },
} as const;

const CLASS = { 32: 1, 64: 2 } as const;
const DATA = { lsb: 1, msb: 2 } as const;
const ET_EXEC = 2;
const ET_DYN = 3;
const EV_CURRENT = 1;

/**
 * A file that is an ELF header and nothing else: no segments, no sections, no code. A debugger which is given no file learns
 * from it what no target description can say, the guest's byte order.
 */
export function elfHeader(elf: TargetDescription['elf']): Uint8Array {
  const { word, header, programHeader, sectionHeader } = sizesOf[elf.class];
  const bytes = new Uint8Array(header);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, CLASS[elf.class], DATA[elf.data], EV_CURRENT]);
  // Entry, program header offset, section header offset (a word each) and flags stay 0.
  const sizes = 24 + 3 * word + 4;
  const layout = {
    type: [16, 2],
    machine: [18, 2],
    version: [20, 4],
    headerBytes: [sizes, 2],
    programHeaderBytes: [sizes + 2, 2],
    sectionHeaderBytes: [sizes + 6, 2],
  } as const satisfies RecordLayout;
  const fields = new FieldRecord(layout, bytes, elf.data === 'lsb');
  // Of a file that is none to be executed an entry of 0 is no place.
  fields.set('type', elf.withoutEntry === true ? ET_DYN : ET_EXEC);
  fields.set('machine', elf.machine);
  fields.set('version', EV_CURRENT);
  fields.set('headerBytes', header);
  fields.set('programHeaderBytes', programHeader);
  fields.set('sectionHeaderBytes', sectionHeader);
  return bytes;
}
