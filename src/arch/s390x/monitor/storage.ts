import { pieces } from '../../../bits/pieces.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { further, type Gpa } from '../dat/address.ts';
import type { KvmVm } from '../kvm/vm.ts';

/** Bytes at an absolute address, populating nothing; undefined when some are not in the configuration. */
export function peekAbsolute(vm: KvmVm, address: Gpa, length: number): Uint8Array | undefined {
  const out = new Uint8Array(length);
  for (const { from, length: n } of pieces(address, length, PAGE_BYTES)) {
    const at = vm.gmap.peek(further(address, from));
    if (at < 0) return undefined;
    vm.complex.storage.readInto(at, out.subarray(from, from + n));
  }
  return out;
}
