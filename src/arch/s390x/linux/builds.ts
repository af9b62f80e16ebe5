import { readBuildId } from '../../../image/elf-file.ts';
import { isElf } from '../../../image/elf-layout.ts';

/** Where a kernel image has the address of its version, and what every such image has near it. */
const VERSION_POINTER_AT = 0x10428;
const MAGIC_AT = 0x10008;
const MAGIC = 'S390EP';
const BANNER = 'Linux version ';

/**
 * What tells a kernel with symbols from an image: the build-ids of two ELF files, or for a packed kernel the version that it
 * gives of itself. Undefined when nothing does.
 */
export function differentBuild(image: Uint8Array, symbols: Uint8Array): string | undefined {
  const [of, have] = isElf(image) ? [readBuildId(image), readBuildId(symbols)] : [imageVersion(image), banner(symbols)];
  if (of === undefined || have === undefined) return undefined;
  const same = isElf(image) ? of === have : have.startsWith(firstWord(of)) && have.includes(buildOf(of));
  if (same) return undefined;
  return isElf(image) ? `build id ${have}, not ${of}` : `${short(have)}, not ${short(of)}`;
}

/** The version of a packed kernel: release, who made it where, number and date. */
function imageVersion(image: Uint8Array): string | undefined {
  const file = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  if (file.length < VERSION_POINTER_AT + 8 || file.toString('latin1', MAGIC_AT, MAGIC_AT + MAGIC.length) !== MAGIC) {
    return undefined;
  }
  const at = file.readBigUInt64BE(VERSION_POINTER_AT);
  return at === 0n || at >= BigInt(file.length) ? undefined : textAt(file, Number(at));
}

/** The version in a kernel's banner, with more in it than an image says. */
function banner(symbols: Uint8Array): string | undefined {
  const file = Buffer.from(symbols.buffer, symbols.byteOffset, symbols.byteLength);
  const at = file.indexOf(BANNER);
  return at < 0 ? undefined : textAt(file, at + BANNER.length);
}

function textAt(file: Buffer, at: number): string {
  const end = file.indexOf(0, at);
  return file.toString('latin1', at, end < 0 ? at : end).trim();
}

/** Release, and what tells builds of it apart. */
const short = (version: string): string => `Linux ${firstWord(version)} ${buildOf(version)}`;
const firstWord = (version: string): string => version.split(' ')[0] ?? '';
/** What stands behind a build's number, such as `SMP Debian 6.1.1-1 (2023-01-01)`; the first banner of a file lacks the number. */
const buildOf = (version: string): string => /#\d* *(.*)/.exec(version)?.[1] ?? '';
