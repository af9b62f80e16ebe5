import { bigEndian } from '../../../bits/hex.ts';
import { pieces } from '../../../bits/pieces.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { debugWalk } from '../gdb/memory.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';
import type { KvmVm } from '../kvm/vm.ts';

/** The home space, in which Linux has itself since 5.12. */
const HOME = 13;

/**
 * Storage at the kernel's own virtual addresses, whatever the vCPUs are at. Before the kernel has set up DAT, those are
 * real addresses. Reading changes nothing.
 */
export class KernelStorage {
  readonly #vm: KvmVm;

  constructor(vm: KvmVm) {
    this.#vm = vm;
  }

  /** `length` bytes, or undefined when some cannot be read. */
  read(address: bigint, length: number): Uint8Array | undefined {
    const by = this.#translator();
    if (by === undefined) return undefined;
    const asce = by.vcpu.cr(HOME);
    const out = new Uint8Array(length);
    for (const { from, length: n } of pieces(address, length, PAGE_BYTES)) {
      const at = BigInt.asUintN(64, address + BigInt(from));
      const { host } = debugWalk(this.#vm, by.vcpu, at, asce === 0n ? undefined : asce);
      if (host < 0) return undefined;
      this.#vm.complex.storage.readInto(host, out.subarray(from, from + n));
    }
    return out;
  }

  /** A doubleword; 0 when it cannot be read, which no pointer that is followed here is. */
  doubleword(address: bigint): bigint {
    const bytes = this.read(address, 8);
    return bytes === undefined ? 0n : bigEndian(bytes);
  }

  /** A word; 0 when it cannot be read. */
  word(address: bigint): number {
    const bytes = this.read(address, 4);
    return bytes === undefined ? 0 : Number(bigEndian(bytes));
  }

  /** A text of at most `most` bytes up to its NUL; empty when it cannot be read. */
  text(address: bigint, most: number): string {
    // A text that ends before its page does shall not need the next one.
    const near = PAGE_BYTES - Number(address & 0xfffn);
    const bytes = this.read(address, most) ?? this.read(address, Math.min(near, most));
    if (bytes === undefined) return '';
    const end = bytes.indexOf(0);
    return Buffer.from(bytes.subarray(0, end < 0 ? bytes.length : end)).toString('latin1');
  }

  // A vCPU that Linux runs on: it has a home space.
  #translator(): KvmVcpu | undefined {
    const { vcpus } = this.#vm;
    return vcpus.find((v) => v.vcpu.cr(HOME) !== 0n) ?? vcpus[0];
  }
}
