import type { ByteOrder } from '../bits/byte-order.ts';
import { hex } from '../bits/hex.ts';
import { ok, type Result } from '../bits/result.ts';
import { NT_GNU_ABI_TAG, noteOf } from './elf-file.ts';
import { ELF_MACHINE_AT, ELF_TYPE_AT, ElfReader, elfShape } from './elf-layout.ts';
import { ImageSymbols } from './symbols.ts';

/** A part of the image that goes into storage: `fileBytes` from `offset`, then zeros up to `size`. */
export interface ElfSegment {
  /** Physical address, the file's p_paddr. */
  readonly address: bigint;
  readonly virtualAddress: bigint;
  readonly offset: number;
  readonly fileBytes: number;
  readonly size: bigint;
  readonly executable: boolean;
}

/** A linked ELF file. */
export interface ElfImage {
  readonly wide: boolean;
  readonly littleEndian: boolean;
  readonly machine: number;
  readonly entry: bigint;
  /** Loadable segments in the file's order; none is empty. */
  readonly segments: readonly ElfSegment[];
  /** It names a program that loads it, or says which operating system it is for: it is not for a bare machine. */
  readonly interpreted: boolean;
  /** It is linked to be put anywhere. */
  readonly positionIndependent: boolean;
  readonly symbols: ImageSymbols;
}

/** Why a file cannot be used; stable. */
export type ElfFaultCode =
  | 'elf-class'
  | 'elf-endianness'
  | 'elf-type'
  | 'elf-malformed'
  | 'elf-truncated'
  | 'elf-no-segments';

/** What is wrong with a file, and what to do about it. */
export interface ElfFault {
  readonly code: ElfFaultCode;
  readonly message: string;
}

const ET_EXEC = 2;
const ET_DYN = 3;
const PT_LOAD = 1;
const PT_INTERP = 3;
const PT_NOTE = 4;
const PF_X = 1;

const machines: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: '64-bit PowerPC',
  22: 's390x',
  40: 'ARM',
  43: '64-bit SPARC',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

/** The name of a value of `e_machine`. */
export function elfMachineName(machine: number): string {
  return machines[machine] ?? `machine ${machine}`;
}

/** The byte order of a file's numbers, which is that of the program in it; undefined for a file that is none. */
export function elfByteOrder(bytes: Uint8Array): ByteOrder | undefined {
  const shape = elfShape(bytes);
  return shape && (shape.littleEndian ? 'little' : 'big');
}

/** The value of `e_machine`; undefined for a file that is none or that is damaged there. */
export function elfMachine(bytes: Uint8Array): number | undefined {
  const shape = elfShape(bytes);
  if (shape === undefined || bytes.length < ELF_MACHINE_AT + 2) return undefined;
  return new ElfReader(bytes, shape).half(ELF_MACHINE_AT);
}

/**
 * Reads the headers of a file for which `isElf` holds, and checks them: nothing that comes back points outside the file,
 * and every address is one that storage of some size could have. The image's bytes are kept by `symbols`.
 */
export function parseElf(image: Uint8Array): Result<ElfImage, ElfFault> {
  const shape = elfShape(image);
  if (shape === undefined) return shapeless(image);
  const file = new ElfReader(image, shape);
  const { header } = file.layout;
  if (image.length < header.size) return fault('elf-truncated', 'the ELF file ends in its header: copy it again');
  const type = file.half(ELF_TYPE_AT);
  if (type !== ET_EXEC && type !== ET_DYN) {
    const what = type === 1 ? 'an object file that is not linked yet' : type === 4 ? 'a core dump' : `of type ${type}`;
    return fault('elf-type', `the ELF file is ${what}: give a linked executable`);
  }
  const found = parsePrograms(file);
  if (!found.ok) return found;
  const machine = file.half(ELF_MACHINE_AT);
  const symbols = new ImageSymbols(image);
  const entry = file.native(header.entry);
  return ok({ ...shape, machine, entry, positionIndependent: type === ET_DYN, ...found.value, symbols });
}

function shapeless(image: Uint8Array): { readonly ok: false; readonly error: ElfFault } {
  const [elfClass = 0, data = 0] = image.subarray(4, 6);
  if (elfClass !== 1 && elfClass !== 2) {
    const what = `has class ${elfClass}, neither 32-bit (1) nor 64-bit (2)`;
    return fault('elf-class', `the ELF file ${what}: it is damaged`);
  }
  return fault('elf-endianness', `the ELF file has byte order ${data}, neither little (1) nor big (2): it is damaged`);
}

function fault(code: ElfFaultCode, message: string): { readonly ok: false; readonly error: ElfFault } {
  return { ok: false, error: { code, message } };
}

function parsePrograms(file: ElfReader): Result<Pick<ElfImage, 'segments' | 'interpreted'>, ElfFault> {
  const { header, program } = file.layout;
  const table = file.native(header.phoff);
  const count = file.half(header.phnum);
  const stride = file.half(header.phentsize);
  if (count === 0) return fault('elf-no-segments', 'the ELF file has nothing to load: give a linked executable');
  if (stride < program.size) {
    return fault('elf-malformed', `the ELF file's program headers have ${stride} bytes, not ${program.size}`);
  }
  if (!file.holds(table, BigInt(count * stride))) {
    return fault('elf-truncated', 'the ELF file ends before its program headers do: copy it again');
  }
  const segments: ElfSegment[] = [];
  let interpreted = false;
  for (let i = 0; i < count; i++) {
    const at = Number(table) + i * stride;
    const type = file.word(at);
    if (type === PT_INTERP || (type === PT_NOTE && hasAbiTag(file, at))) interpreted = true;
    if (type !== PT_LOAD) continue;
    const segment = parseSegment(file, at, i);
    if (!segment.ok) return segment;
    if (segment.value.size > 0n) segments.push(segment.value);
  }
  if (segments.length > 0) return ok({ segments, interpreted });
  return fault('elf-no-segments', 'the ELF file has nothing to load: give a linked executable');
}

/** True when the notes of a segment name an operating system, as linkers have it of the C library. */
function hasAbiTag(file: ElfReader, at: number): boolean {
  const { program } = file.layout;
  const [from, length] = [file.native(at + program.offset), file.native(at + program.filesz)];
  if (!file.holds(from, length)) return false;
  const notes = file.bytes.subarray(Number(from), Number(from + length));
  return noteOf(notes, NT_GNU_ABI_TAG, file.littleEndian) !== undefined;
}

function parseSegment(file: ElfReader, at: number, number: number): Result<ElfSegment, ElfFault> {
  const { program } = file.layout;
  const offset = file.native(at + program.offset);
  const fileBytes = file.native(at + program.filesz);
  const address = file.native(at + program.paddr);
  const size = file.native(at + program.memsz);
  const name = `segment ${number} of the ELF file`;
  if (fileBytes > size) return fault('elf-malformed', `${name} is larger in the file than in storage`);
  if (fileBytes > 0n && !file.holds(offset, fileBytes)) {
    return fault('elf-truncated', `${name} ends ${hex(offset + fileBytes)} bytes into the file, past its end`);
  }
  if (address + size > 1n << (file.wide ? 64n : 32n)) {
    return fault('elf-malformed', `${name} at ${hex(address)} goes past the last address`);
  }
  return ok({
    address,
    virtualAddress: file.native(at + program.vaddr),
    offset: Number(offset),
    fileBytes: Number(fileBytes),
    size,
    executable: (file.word(at + program.flags) & PF_X) !== 0,
  });
}
