import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { bigEndian, hex } from '../../../../bits/hex.ts';
import { ok, type Result } from '../../../../bits/result.ts';
import { expandShortPsw, PSW } from '../../cpu/psw.ts';
import { type BootError, bootError, wholeMebibytes } from './boot-error.ts';

/** Where a Linux kernel image for s390 is entered and where it expects its parameters, absolute addresses. */
export const linuxImage = {
  entry: 0x10000,
  /** "S390EP" stands here in kernels of 2013 and later. */
  magic: 0x10008,
  initrdStart: 0x10408,
  initrdSize: 0x10410,
  /** Size of the command line with its NUL, in kernels of 2021 and later; else 0. */
  maxCommandLineSize: 0x10430,
  commandLine: 0x10480,
  /** Size of the command line in kernels that do not say. */
  legacyCommandLineSize: 896,
  /** Lowest place of an initial RAM disk, above what a kernel unpacks itself to. */
  initrdLowest: 0x80_0000,
  /** Room left after the image, for what the kernel needs before it looks at its RAM disk. */
  initrdGap: 0x10_0000,
} as const;

const magicBytes = Buffer.from('S390EP', 'latin1');

/** What the user wants a Linux kernel to be told. */
export interface LinuxParameters {
  readonly initrd?: Uint8Array | undefined;
  readonly commandLine?: string | undefined;
}

/** True when storage holds a Linux kernel that says so itself. */
export function hasLinuxMagic(storage: AbsoluteBytes): boolean {
  return magicBytes.equals(storage.read(linuxImage.magic, magicBytes.length) ?? magicBytes.subarray(1));
}

/** A raw image in storage. */
export interface RawImage {
  /** Address past it. */
  readonly end: number;
  readonly entry: number;
}

/** Puts a raw image at address 0. Storage is untouched on an error. */
export function loadRawImage(storage: AbsoluteBytes, image: Uint8Array): Result<RawImage, BootError> {
  const entry = rawEntry(image);
  if (entry === undefined) {
    const what = `the file is no ELF file, has no IPL PSW, and with ${hex(image.length)} bytes it`;
    const where = `ends before ${hex(linuxImage.entry)}, where a raw kernel image is entered`;
    return bootError('image-not-bootable', `${what} ${where}: give an s390x kernel or ELF file`);
  }
  if (image.length > storage.size) return tooSmall(storage, image.length, 'the image');
  storage.write(0, image);
  return ok({ end: image.length, entry });
}

/** Where a raw image is entered: a kernel at 0x10000, whatever its IPL PSW says, anything else where that PSW points to. */
function rawEntry(image: Uint8Array): number | undefined {
  const magicAt = linuxImage.magic;
  const isLinux = magicBytes.equals(image.subarray(magicAt, magicAt + magicBytes.length));
  const psw = bigEndian(image.subarray(0, 8));
  if (!isLinux && image.length >= 8 && (psw & PSW.short) !== 0n) {
    const address = Number(expandShortPsw(psw).address);
    if (address % 2 === 0 && address < image.length) return address;
  }
  return image.length > linuxImage.entry ? linuxImage.entry : undefined;
}

/**
 * Tells the loaded kernel its command line and initial RAM disk, and puts the disk into storage past `imageEnd`. What is
 * not given is left as the image has it.
 */
export function announceToLinux(
  storage: AbsoluteBytes,
  imageEnd: number,
  { initrd, commandLine }: LinuxParameters,
): Result<void, BootError> {
  if (commandLine !== undefined) {
    const written = writeCommandLine(storage, commandLine);
    if (!written.ok) return written;
  }
  return initrd === undefined ? ok(undefined) : placeInitrd(storage, imageEnd, initrd);
}

function writeCommandLine(storage: AbsoluteBytes, commandLine: string): Result<void, BootError> {
  if (commandLine.includes('\0')) return bootError('command-line-nul', 'the command line must not contain a NUL');
  const text = Buffer.from(`${commandLine}\0`, 'utf8');
  const room = commandLineRoom(storage);
  if (text.length > room) {
    const has = `the command line has ${text.length - 1} bytes`;
    return bootError('command-line-too-long', `${has}, this kernel takes ${room - 1}: shorten what --append gives`);
  }
  if (!storage.write(linuxImage.commandLine, text)) {
    return tooSmall(storage, linuxImage.commandLine + text.length, 'the command line');
  }
  return ok(undefined);
}

/** Bytes that the kernel has for its command line and the NUL after it. */
function commandLineRoom(storage: AbsoluteBytes): number {
  const field = storage.read(linuxImage.maxCommandLineSize, 8);
  // Where no kernel says that it is one, these bytes are somebody's instructions.
  if (field === undefined || !hasLinuxMagic(storage)) return linuxImage.legacyCommandLineSize;
  const size = Buffer.from(field).readBigUInt64BE();
  return size === 0n ? linuxImage.legacyCommandLineSize : Number(size < 0x1_0000n ? size : 0x1_0000n);
}

/** Address of a RAM disk: whole mebibytes, as far behind the image as QEMU puts it, since kernels are tested with that. */
export function initrdAddress(imageEnd: number): number {
  const step = 0x10_0000;
  return Math.max(linuxImage.initrdLowest, Math.ceil((imageEnd + linuxImage.initrdGap) / step) * step);
}

function placeInitrd(storage: AbsoluteBytes, imageEnd: number, initrd: Uint8Array): Result<void, BootError> {
  if (initrd.length === 0) return bootError('initrd-empty', 'the file that --initrd gives is empty');
  const start = initrdAddress(imageEnd);
  if (start + initrd.length > storage.size) return tooSmall(storage, start + initrd.length, 'the RAM disk');
  const announcement = Buffer.alloc(16);
  announcement.writeBigUInt64BE(BigInt(start), 0);
  announcement.writeBigUInt64BE(BigInt(initrd.length), 8);
  storage.write(start, initrd);
  storage.write(linuxImage.initrdStart, announcement);
  return ok(undefined);
}

function tooSmall(
  storage: AbsoluteBytes,
  end: number,
  what: string,
): { readonly ok: false; readonly error: BootError } {
  const [has, needs] = [wholeMebibytes(BigInt(storage.size)), wholeMebibytes(BigInt(end))];
  return bootError(
    'storage-too-small',
    `the guest has ${has} of storage, ${what} needs ${needs} up to ${hex(end)}: give more with --memory`,
  );
}
