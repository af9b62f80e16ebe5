import type { AbsoluteBytes } from '../../../../bits/absolute-bytes.ts';
import { hex } from '../../../../bits/hex.ts';
import { ok, type Result } from '../../../../bits/result.ts';
import { isElf } from '../../../../image/elf-layout.ts';
import type { ImageSymbols } from '../../../../image/symbols.ts';
import { type BootError, bootError } from './boot-error.ts';
import { loadElf, parseS390xElf, type S390xElf } from './elf.ts';
import { announceToLinux, hasLinuxMagic, type LinuxParameters, linuxImage, loadRawImage } from './kernel-image.ts';

/** An image and what goes with it. Storage is that of a machine after a clear reset: what is not loaded is zero. */
export interface BootRequest extends LinuxParameters {
  readonly storage: AbsoluteBytes;
  /** The file's bytes; kept by the plan's symbols. */
  readonly image: Uint8Array;
}

/** What the first vCPU begins with. */
export interface BootPlan {
  /** PSW bits 0-63 and instruction address. */
  readonly psw: { readonly mask: bigint; readonly address: bigint };
  /** One line for people: what was loaded where. */
  readonly description: string;
  /** True when the image says that it is a Linux kernel. */
  readonly linux: boolean;
  /** Names of the image's addresses; a raw image has none. */
  readonly symbols?: ImageSymbols;
}

/** PSW bits 0-63 on entry: everything disabled, DAT off, supervisor state, key 0, in the mode of the image. */
const entryMask = { 31: 0x0000_0000_8000_0000n, 64: 0x0000_0001_8000_0000n } as const;

/** Where ELF files of Linux before 3.3 are entered, which is for another loader: their kernel begins at 0x10000 too. */
const OLD_LINUX_ENTRY = 0x800n;

/**
 * Puts an image into storage: an ELF file at its absolute addresses, entered at its entry point, or anything else as a raw
 * image at 0, entered at 0x10000 or, when it is no kernel, where its IPL PSW points to. The command line and RAM disk, when
 * given, are announced as Linux expects. Storage may hold a part of the image after an error.
 */
export function loadImage(request: BootRequest): Result<BootPlan, BootError> {
  const { image } = request;
  if (image.length === 0) return bootError('image-empty', 'the image is empty: give an s390x kernel or ELF file');
  if (!isElf(image)) return loadRaw(request);
  const elf = parseS390xElf(image);
  return elf.ok ? loadParsed(request, elf.value) : elf;
}

function loadRaw(request: BootRequest): Result<BootPlan, BootError> {
  const { storage, image } = request;
  const loaded = loadRawImage(storage, image);
  if (!loaded.ok) return loaded;
  const { end, entry } = loaded.value;
  const refused = refuseParameters('raw image', BigInt(entry), request);
  if (refused !== undefined) return refused;
  const announced = announceToLinux(storage, end, request);
  if (!announced.ok) return announced;
  const linux = hasLinuxMagic(storage);
  const name = linux ? 'Linux kernel image' : 'raw image';
  return ok({
    psw: { mask: entryMask[64], address: BigInt(entry) },
    description: `${name}, ${hex(image.length)} bytes at 0x0, entered at ${hex(entry)}`,
    linux,
  });
}

function loadParsed(request: BootRequest, elf: S390xElf): Result<BootPlan, BootError> {
  const { storage, image } = request;
  const end = loadElf(storage, image, elf);
  if (!end.ok) return end;
  const linux = hasLinuxMagic(storage);
  const entry = elf.entry === OLD_LINUX_ENTRY ? BigInt(linuxImage.entry) : elf.entry;
  const refused = refuseParameters('ELF file', entry, request);
  if (refused !== undefined) return refused;
  const announced = announceToLinux(storage, end.value, request);
  if (!announced.ok) return announced;
  const parts = elf.segments.map((s) => `${hex(s.address)}-${hex(s.address + s.size - 1n)}`).join(', ');
  return ok({
    psw: { mask: entryMask[elf.mode], address: entry },
    description: `${elf.mode}-bit ELF file, ${parts}, entered at ${hex(entry)}`,
    linux,
    symbols: elf.symbols,
  });
}

/** An image that is entered elsewhere than a kernel has nothing at the places where a kernel finds its parameters. */
function refuseParameters(
  image: string,
  entry: bigint,
  { initrd, commandLine }: LinuxParameters,
): ReturnType<typeof bootError> | undefined {
  if (entry === BigInt(linuxImage.entry) || (initrd === undefined && commandLine === undefined)) return undefined;
  const what = initrd === undefined ? '--append' : '--initrd';
  const why = `is entered at ${hex(entry)}, not at ${hex(linuxImage.entry)} as a Linux kernel is`;
  return bootError('no-parameter-area', `the ${image} ${why}, so it takes no parameters: leave out ${what}`);
}
