/** Storage as debuggers have it: by effective address of a vCPU's mode, past every protection and without a trace. */

import { PAGE_BYTES } from '../../../machine/layout.ts';
import type { StoragePiece, StorageRange } from '../../../machine/watch.ts';
import { spaceOf } from '../cpu/access.ts';
import { MSR } from '../cpu/msr.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { Ppc64Vm } from '../hv/vm.ts';
import type { AccessKind } from '../mmu/fault.ts';

const PAGE = BigInt(PAGE_BYTES);

/**
 * Offset of the byte at an effective address, -1 when nothing is there. Who stands in the first instructions of an interruption,
 * with translation off, still means the kernel by its addresses: those that real mode cannot have are translated.
 */
function debugOffset(vm: Ppc64Vm, v: Vcpu, address: bigint): number {
  const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
  const { translator } = vm.core;
  for (const kind of ['fetch', 'ifetch'] satisfies AccessKind[]) {
    const at = translator.translate(v, high, low, kind, true);
    if (at >= 0) return at;
  }
  return (v.msrLow & (MSR.ir | MSR.dr)) === 0 ? -1 : translator.lookReal(high, low);
}

/** The storage behind a range of addresses. */
export function storageBehind(vm: Ppc64Vm, v: Vcpu, address: bigint, length: number): StorageRange {
  const pieces: StoragePiece[] = [];
  const end = address + BigInt(length);
  for (let a = address; a < end; ) {
    const next = (a / PAGE + 1n) * PAGE;
    const count = Number((next < end ? next : end) - a);
    const at = debugOffset(vm, v, a);
    if (at >= 0) pieces.push({ address: a, at, length: count });
    a = next;
  }
  if (pieces.length === 0) return { pieces, spaces: 'any' };
  return { pieces, spaces: [...new Set([spaceOf(v, 'fetch'), spaceOf(v, 'ifetch')])] };
}

/** The bytes at an address, as many as there are. */
export function debugRead(vm: Ppc64Vm, v: Vcpu, address: bigint, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const a = BigInt.asUintN(64, address + BigInt(done));
    const at = debugOffset(vm, v, a);
    if (at < 0) break;
    const count = Math.min(length - done, PAGE_BYTES - (at % PAGE_BYTES));
    vm.complex.storage.readInto(at, out.subarray(done, done + count));
    done += count;
  }
  return out.subarray(0, done);
}

/** Stores bytes; false, and nothing has changed, unless all of them have a place. */
export function debugWrite(vm: Ppc64Vm, v: Vcpu, address: bigint, bytes: Uint8Array): boolean {
  const { pieces } = storageBehind(vm, v, address, bytes.length);
  if (pieces.reduce((n, p) => n + p.length, 0) !== bytes.length) return false;
  for (const { address: a, at, length } of pieces) {
    const from = Number(a - address);
    vm.complex.frames.storing(at);
    vm.complex.storage.write(at, bytes.subarray(from, from + length));
    vm.complex.frames.stored(at, length);
  }
  return true;
}
