import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { hex } from '../../../../bits/hex.ts';
import { ok, type Result } from '../../../../bits/result.ts';
import { ElfReader, elfLayouts } from '../../../../image/elf-layout.ts';
import { ImageSymbols } from '../../../../image/symbols.ts';
import { type BootError, bootError, wholeMebibytes } from './boot-error.ts';

/** A part of the image that goes into storage: `fileBytes` from `offset`, then zeros up to `size`. */
export interface ElfSegment {
  /** Absolute address, the file's p_paddr. */
  readonly address: bigint;
  readonly virtualAddress: bigint;
  readonly offset: number;
  readonly fileBytes: number;
  readonly size: bigint;
  readonly executable: boolean;
}

/** An ELF file that this machine can run. */
export interface ElfImage {
  /** Addressing mode that the class asks for: ELFCLASS32 is 31-bit code. */
  readonly mode: 31 | 64;
  readonly entry: bigint;
  /** Loadable segments in the file's order; none is empty. */
  readonly segments: readonly ElfSegment[];
  readonly symbols: ImageSymbols;
}

const ELF_MAGIC = 0x7f454c46;
const CLASS_AT = 4;
const DATA_AT = 5;
const TYPE_AT = 16;
const MACHINE_AT = 18;
const BIG_ENDIAN = 2;
const ET_EXEC = 2;
const ET_DYN = 3;
const EM_S390 = 22;
/** What the toolchain used before the number was assigned. */
const EM_S390_OLD = 0xa390;
const PT_LOAD = 1;
const PF_X = 1;

const machines: Readonly<Record<number, string>> = {
  2: 'SPARC',
  3: 'x86',
  8: 'MIPS',
  20: '32-bit PowerPC',
  21: '64-bit PowerPC',
  40: 'ARM',
  43: '64-bit SPARC',
  62: 'x86-64',
  183: 'AArch64',
  243: 'RISC-V',
};

/** True when `image` begins as an ELF file does, whatever comes after. */
export function isElf(image: Uint8Array): boolean {
  return new ElfReader(image, false).word(0) === ELF_MAGIC;
}

/**
 * Reads the headers of a file for which `isElf` holds, and checks them: nothing that comes back points outside the file,
 * and every address is one that storage of some size could have. The image's bytes are kept by `symbols`.
 */
export function parseElf(image: Uint8Array): Result<ElfImage, BootError> {
  const elfClass = image[CLASS_AT] ?? 0;
  if (elfClass !== 1 && elfClass !== 2) {
    return bootError(
      'elf-class',
      `the ELF file has class ${elfClass}, neither 32-bit (1) nor 64-bit (2): it is damaged`,
    );
  }
  const mode = elfClass === 2 ? 64 : 31;
  const { header } = elfLayouts[mode];
  if (image[DATA_AT] !== BIG_ENDIAN) {
    const machine = machines[(image[MACHINE_AT] ?? 0) | ((image[MACHINE_AT + 1] ?? 0) << 8)];
    const what = machine === undefined ? 'not big endian' : `for ${machine}, little endian`;
    return bootError('elf-endianness', `the ELF file is ${what}: give one that was linked for s390x`);
  }
  if (image.length < header.size) return bootError('elf-truncated', 'the ELF file ends in its header: copy it again');
  const file = new ElfReader(image, mode === 64);
  const machine = file.half(MACHINE_AT);
  if (machine !== EM_S390 && machine !== EM_S390_OLD) {
    const name = machines[machine] ?? `machine ${machine}`;
    return bootError('elf-machine', `the ELF file is for ${name}: give one that was linked for s390x`);
  }
  const type = file.half(TYPE_AT);
  if (type !== ET_EXEC && type !== ET_DYN) {
    const what = type === 1 ? 'an object file that is not linked yet' : type === 4 ? 'a core dump' : `of type ${type}`;
    return bootError('elf-type', `the ELF file is ${what}: give a linked executable`);
  }
  const segments = parseSegments(file);
  if (!segments.ok) return segments;
  const entry = file.native(header.entry);
  const holdsEntry = segments.value.some((s) => entry >= s.address && entry < s.address + s.size);
  if ((entry & 1n) !== 0n || !holdsEntry) {
    const why = holdsEntry ? 'is odd' : 'lies in no loaded segment';
    const advice = 'the entry point must be the absolute address of an instruction; see the linker script';
    return bootError('elf-entry', `the ELF file's entry point ${hex(entry)} ${why}: ${advice}`);
  }
  return ok({ mode, entry, segments: segments.value, symbols: new ImageSymbols(image, mode) });
}

function parseSegments(file: ElfReader): Result<readonly ElfSegment[], BootError> {
  const { header, program } = elfLayouts[file.wide ? 64 : 31];
  const table = file.native(header.phoff);
  const count = file.half(header.phnum);
  const stride = file.half(header.phentsize);
  if (count === 0) return bootError('elf-no-segments', 'the ELF file has nothing to load: give a linked executable');
  if (stride < program.size) {
    return bootError('elf-malformed', `the ELF file's program headers have ${stride} bytes, not ${program.size}`);
  }
  if (!file.holds(table, BigInt(count * stride))) {
    return bootError('elf-truncated', 'the ELF file ends before its program headers do: copy it again');
  }
  const segments: ElfSegment[] = [];
  for (let i = 0; i < count; i++) {
    const at = Number(table) + i * stride;
    if (file.word(at) !== PT_LOAD) continue;
    const segment = parseSegment(file, at, i);
    if (!segment.ok) return segment;
    if (segment.value.size > 0n) segments.push(segment.value);
  }
  if (segments.length > 0) return ok(segments);
  return bootError('elf-no-segments', 'the ELF file has nothing to load: give a linked executable');
}

function parseSegment(file: ElfReader, at: number, number: number): Result<ElfSegment, BootError> {
  const { program } = elfLayouts[file.wide ? 64 : 31];
  const offset = file.native(at + program.offset);
  const fileBytes = file.native(at + program.filesz);
  const address = file.native(at + program.paddr);
  const size = file.native(at + program.memsz);
  const name = `segment ${number} of the ELF file`;
  if (fileBytes > size) return bootError('elf-malformed', `${name} is larger in the file than in storage`);
  if (fileBytes > 0n && !file.holds(offset, fileBytes)) {
    return bootError('elf-truncated', `${name} ends ${hex(offset + fileBytes)} bytes into the file, past its end`);
  }
  if (address + size > 1n << (file.wide ? 64n : 31n)) {
    return bootError('elf-malformed', `${name} at ${hex(address)} goes past the last address`);
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

const zeros = new Uint8Array(0x10000);

/**
 * Puts the segments of `elf`, which was parsed from `image`, at their absolute addresses. Where segments overlap, bytes of
 * the file win over the zeros of another. Returns the address past the last segment; storage is untouched on an error.
 */
export function loadElf(storage: AbsoluteBytes, image: Uint8Array, elf: ElfImage): Result<number, BootError> {
  const end = elf.segments.reduce((last, s) => (s.address + s.size > last ? s.address + s.size : last), 0n);
  const size = BigInt(storage.size);
  if (end > size) {
    const has = `the guest has ${wholeMebibytes(size)} of storage`;
    const needs = `the image needs ${wholeMebibytes(end)}`;
    return bootError('storage-too-small', `${has}, ${needs} up to ${hex(end)}: give more with --memory`);
  }
  for (const segment of elf.segments) {
    clear(storage, Number(segment.address) + segment.fileBytes, Number(segment.address + segment.size));
  }
  for (const { address, offset, fileBytes } of elf.segments) {
    storage.write(Number(address), image.subarray(offset, offset + fileBytes));
  }
  return ok(Number(end));
}

function clear(storage: AbsoluteBytes, from: number, to: number): void {
  for (let at = from; at < to; at += zeros.length) {
    storage.write(at, zeros.subarray(0, Math.min(zeros.length, to - at)));
  }
}
