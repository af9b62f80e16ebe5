import { hex } from '../../../bits/hex.ts';
import type { Result } from '../../../bits/result.ts';
import { parseElf } from '../../../image/elf.ts';
import { setWordIn } from '../../../machine/storage.ts';
import type { BootRefusal, BootRequest, GuestIdentity } from '../../../wing/wing.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import { FIRMWARE_BYTES, machineTree } from './machine-tree.ts';
import { rtasStub } from './rtas-tokens.ts';

/** `e_machine` of 64-bit PowerPC. */
export const ELF_MACHINE_PPC64 = 21;
/** Where images are put, and entered: at the beginning of what is loaded, whatever the file says. */
const LOAD_AT = 0x40_0000;
const LOAD_MASK = 0x0fff_ffffn;
const MEBIBYTE = 0x10_0000;
const RTAS_BYTES = 0x1000;
/** RTAS and the tree must lie where 32-bit code reaches them, and below 1 GiB for kernels that map no more at first. */
const LOW_LIMIT = 1 << 29;

/** Where a machine that was loaded begins. */
export interface Loaded {
  readonly description: string;
  readonly entry: number;
  readonly tree: number;
  readonly littleEndian: boolean;
}

const refused = (code: string, message: string): { readonly ok: false; readonly error: BootRefusal } => ({
  ok: false,
  error: { code, message },
});

/** Puts an image, its initial ramdisk, RTAS and the device tree into storage, which holds zeros. */
export function load(vm: Ppc64Vm, request: BootRequest, identity?: GuestIdentity): Result<Loaded, BootRefusal> {
  const { storage } = vm.complex;
  const parsed = parseElf(request.image);
  if (!parsed.ok) return parsed;
  const { segments, littleEndian, machine, wide } = parsed.value;
  if (machine !== ELF_MACHINE_PPC64 || !wide) return refused('elf-machine', 'the image is none for 64-bit PowerPC');
  let end = 0;
  const firmware = Math.min(storage.size, LOW_LIMIT) - FIRMWARE_BYTES;
  for (const { address, offset, fileBytes, size } of segments) {
    const at = LOAD_AT + Number(address & LOAD_MASK);
    if (at + Number(size) > firmware) {
      return refused('image-size', `the image ends at ${hex(BigInt(at) + size)}: give the guest more with --memory`);
    }
    storage.write(at, request.image.subarray(offset, offset + fileBytes));
    end = Math.max(end, at + Number(size));
  }
  const initrd = placeInitrd(request.initrd, end, firmware);
  if (initrd === 'no room') return refused('initrd-size', 'the initrd has no room: give the guest more with --memory');
  if (initrd !== undefined && request.initrd !== undefined) storage.write(initrd.at, request.initrd);
  rtasStub.forEach((word, i) => {
    setWordIn(storage, firmware + 4 * i, word, 'big');
  });
  const tree = machineTree({
    ...{ memory: storage.size, vcpus: vm.vcpus.length, model: vm.core.model, hptOrder: vm.hpt.order, rtas: firmware },
    ...{ commandLine: request.commandLine ?? '', initrd, identity },
  });
  storage.write(firmware + RTAS_BYTES, tree);
  const order = littleEndian ? 'little endian' : 'big endian';
  return {
    ok: true,
    value: {
      description: `ELF image for ppc64, ${order}, at ${hex(BigInt(LOAD_AT))}, device tree at ${hex(BigInt(firmware + RTAS_BYTES))}`,
      ...{ entry: LOAD_AT, tree: firmware + RTAS_BYTES, littleEndian },
    },
  };
}

function placeInitrd(
  initrd: Uint8Array | undefined,
  imageEnd: number,
  firmware: number,
): { readonly at: number; readonly end: number } | undefined | 'no room' {
  if (initrd === undefined) return undefined;
  const at = Math.floor((firmware - initrd.length) / MEBIBYTE) * MEBIBYTE;
  // A kernel copies itself to 0 before it looks at anything.
  return at < imageEnd + MEBIBYTE ? 'no room' : { at, end: at + initrd.length };
}
