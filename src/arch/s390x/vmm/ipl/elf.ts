import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { hex } from '../../../../bits/hex.ts';
import { ok, type Result } from '../../../../bits/result.ts';
import { type ElfImage, elfMachine, elfMachineName, parseElf } from '../../../../image/elf.ts';
import { elfShape } from '../../../../image/elf-layout.ts';
import { type BootError, bootError, wholeMebibytes } from './boot-error.ts';

/** An ELF file that this machine can run. */
export interface S390xElf extends ElfImage {
  /** Addressing mode that the class asks for: ELFCLASS32 is 31-bit code. */
  readonly mode: 31 | 64;
}

/** Values of `e_machine`: the assigned one, and what the toolchain used before. */
export const s390Machines: readonly number[] = [22, 0xa390];

/** Reads an ELF file, and refuses what is not for this machine. The image's bytes are kept by `symbols`. */
export function parseS390xElf(image: Uint8Array): Result<S390xElf, BootError> {
  const machine = elfMachine(image);
  if (machine !== undefined && elfShape(image)?.littleEndian === true) {
    const what = `for ${elfMachineName(machine)}, little endian`;
    return bootError('elf-endianness', `the ELF file is ${what}: give one that was linked for s390x`);
  }
  if (machine !== undefined && !s390Machines.includes(machine)) {
    const what = elfMachineName(machine);
    return bootError('elf-machine', `the ELF file is for ${what}: give one that was linked for s390x`);
  }
  const parsed = parseElf(image);
  if (!parsed.ok) return parsed;
  const elf = parsed.value;
  const { entry, segments } = elf;
  const headerInStorage = segments.some((s) => s.offset === 0 && s.address === 0n);
  if (elf.interpreted || (elf.positionIndependent && headerInStorage)) {
    const instead = 'give a kernel, or run it in one: guestscope linux boots Debian, --script is a script for it';
    return bootError('linux-program', `the ELF file is a program for Linux, not for a bare machine: ${instead}`);
  }
  const mode = elf.wide ? 64 : 31;
  const past = segments.find((s) => s.address + s.size > 1n << BigInt(mode));
  if (past !== undefined) {
    return bootError('elf-malformed', `the ELF file's segment at ${hex(past.address)} goes past the last address`);
  }
  const holdsEntry = segments.some((s) => entry >= s.address && entry < s.address + s.size);
  if ((entry & 1n) !== 0n || !holdsEntry) {
    const why = holdsEntry ? 'is odd' : 'lies in no loaded segment';
    const advice = 'the entry point must be the absolute address of an instruction; see the linker script';
    return bootError('elf-entry', `the ELF file's entry point ${hex(entry)} ${why}: ${advice}`);
  }
  return ok({ ...elf, mode });
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
