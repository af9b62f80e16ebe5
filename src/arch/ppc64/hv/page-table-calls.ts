/** H_ENTER, H_REMOVE, H_READ, H_PROTECT, H_BULK_REMOVE and their like, on the page table that the hypervisor owns. */

import { ENTRIES_IN_GROUP, HPTE, sizeOfEntry } from '../mmu/hpt.ts';
import { flag, H, status } from './hcall.ts';
import type { Ppc64Vm } from './vm.ts';

const { asUintN } = BigInt;
const VALID = BigInt(HPTE.valid);
const RPN = 0x0fff_ffff_ffff_f000n;

const low = (value: bigint): number => Number(asUintN(32, value));

/** Carries out a call: its result, and what it leaves in `args`, r4 and on. Undefined when it is none of these. */
export function pageTableCall(vm: Ppc64Vm, nr: number, args: bigint[]): bigint | undefined {
  switch (nr) {
    case H.enter:
      return enter(vm, args);
    case H.remove:
      return remove(vm, args);
    case H.read:
      return read(vm, args);
    case H.protect:
      return protect(vm, args);
    case H.bulkRemove:
      return bulkRemove(vm, args);
    case H.clearRef:
      return clear(vm, args, HPTE.reference);
    case H.clearMod:
      return clear(vm, args, HPTE.change);
    case H.pageInit:
      return initializePage(vm, args);
    default:
      return undefined;
  }
}

/** Forgets what an entry may have mapped, in every TLB: each page of 4 KiB of it, or everything for a page of 16 MiB. */
function flushEntry(vm: Ppc64Vm, index: number): void {
  const { low, mask, shift } = vm.hpt.addressOf(index);
  if (shift > 16) return vm.complex.flushTlbs();
  vm.complex.flushPages(low, mask, 1 << (shift - 12));
}

// KVM, "kvmppc_h_enter".
function enter(vm: Ppc64Vm, args: bigint[]): bigint {
  const [flags = 0n, ptex = 0n, given0 = 0n, given1 = 0n] = args;
  const size = sizeOfEntry(low(given0), low(given1));
  if (size === undefined) return status.parameter;
  // A page that is larger than the base page of its segment is not offered.
  if (size.base !== size.actual) return status.parameter;
  // The lowest bit of a 16 MiB page's AVA is zero.
  if (size.actual === 24 && (given0 & 0x80n) !== 0n) return status.parameter;
  const pageMask = (1n << BigInt(size.actual)) - 1n;
  const page = given1 & RPN & ~pageMask;
  if (page + pageMask >= BigInt(vm.bytes)) return status.parameter;
  const wimg = given1 & BigInt(HPTE.wimg);
  if (wimg !== BigInt(HPTE.coherent) && wimg !== 0x70n) return status.parameter;
  if (ptex >= BigInt(vm.hpt.entries)) return status.parameter;
  const code = given1 & pageMask & RPN;
  const dword1 = (given1 & ~RPN) | code | (page + BigInt(vm.hostBase));
  const slot = freeSlot(vm, Number(ptex), (flags & flag.exact) !== 0n);
  if (slot < 0) return status.groupFull;
  vm.hpt.set(slot, (given0 & ~0x60n) | VALID, dword1);
  args[0] = BigInt(slot);
  return status.success;
}

function freeSlot({ hpt }: Ppc64Vm, ptex: number, exact: boolean): number {
  if (exact) return hpt.isValid(ptex) ? -1 : ptex;
  const start = ptex - (ptex % ENTRIES_IN_GROUP);
  for (let i = start; i < start + ENTRIES_IN_GROUP; i++) if (!hpt.isValid(i)) return i;
  return -1;
}

/** What a call finds of an entry; undefined when it is not the one that was meant. */
function meant(vm: Ppc64Vm, flags: bigint, ptex: bigint, avpn: bigint): number | undefined {
  const index = Number(ptex);
  const dword0 = vm.hpt.dword0(index);
  if ((dword0 & VALID) === 0n) return undefined;
  if ((flags & flag.avpn) !== 0n && (dword0 & ~0x7fn) !== avpn) return undefined;
  if ((flags & flag.andCond) !== 0n && (dword0 & avpn) !== 0n) return undefined;
  return index;
}

/** The second doubleword as the guest knows it: with its own page's address. */
function guestDword1(vm: Ppc64Vm, index: number): bigint {
  const dword1 = vm.hpt.dword1(index);
  const size = sizeOfEntry(vm.hpt.low0(index), vm.hpt.low1(index));
  const pageMask = (1n << BigInt(size?.actual ?? 12)) - 1n;
  const page = (dword1 & RPN & ~pageMask) - BigInt(vm.hostBase);
  return (dword1 & ~RPN) | (dword1 & RPN & pageMask) | (page & RPN);
}

function remove(vm: Ppc64Vm, args: bigint[]): bigint {
  const [flags = 0n, ptex = 0n, avpn = 0n] = args;
  if (ptex >= BigInt(vm.hpt.entries)) return status.parameter;
  const index = meant(vm, flags, ptex, avpn);
  if (index === undefined) return status.notFound;
  const dword0 = vm.hpt.dword0(index);
  const dword1 = guestDword1(vm, index);
  flushEntry(vm, index);
  vm.hpt.set(index, 0n, 0n);
  args[0] = dword0;
  args[1] = dword1;
  return status.success;
}

function read(vm: Ppc64Vm, args: bigint[]): bigint {
  const [flags = 0n, ptex = 0n] = args;
  if (ptex >= BigInt(vm.hpt.entries)) return status.parameter;
  const four = (flags & flag.read4) !== 0n;
  const first = four ? Number(ptex) & ~3 : Number(ptex);
  for (let i = 0; i < (four ? 4 : 1); i++) {
    args[2 * i] = vm.hpt.dword0(first + i) & ~0x60n;
    args[2 * i + 1] = vm.hpt.isValid(first + i) ? guestDword1(vm, first + i) : vm.hpt.dword1(first + i);
  }
  return status.success;
}

function protect(vm: Ppc64Vm, args: bigint[]): bigint {
  const [flags = 0n, ptex = 0n, avpn = 0n] = args;
  if (ptex >= BigInt(vm.hpt.entries)) return status.parameter;
  const index = meant(vm, flags & ~flag.andCond, ptex, avpn);
  if (index === undefined) return status.notFound;
  const keyHigh = 0x3000_0000_0000_0000n;
  const inPlace = BigInt(HPTE.pp | HPTE.noExecute | HPTE.keyLow);
  const given = ((flags << 55n) & (1n << 63n)) | ((flags << 48n) & keyHigh) | (flags & inPlace);
  const kept = vm.hpt.dword1(index) & ~((1n << 63n) | keyHigh | inPlace);
  flushEntry(vm, index);
  vm.hpt.set(index, vm.hpt.dword0(index), kept | given);
  return status.success;
}

function clear(vm: Ppc64Vm, args: bigint[], bit: number): bigint {
  const [, ptex = 0n] = args;
  if (ptex >= BigInt(vm.hpt.entries)) return status.parameter;
  const index = Number(ptex);
  if (!vm.hpt.isValid(index)) return status.notFound;
  args[0] = guestDword1(vm, index);
  flushEntry(vm, index);
  vm.hpt.setLow1(index, vm.hpt.low1(index) & ~bit);
  return status.success;
}

/** Four pairs of registers at most: type, code, flags and entry in the first one, the AVPN in the second. */
function bulkRemove(vm: Ppc64Vm, args: bigint[]): bigint {
  for (let i = 0; i < 4; i++) {
    const word = args[2 * i] ?? 0n;
    const type = word >> 62n;
    if (type === 3n) return status.success;
    if (type !== 1n) return status.parameter;
    const which = (word >> 56n) & 3n;
    const ptex = word & 0x00ff_ffff_ffff_ffffn;
    const flags = which === 1n ? flag.andCond : which === 2n ? flag.avpn : 0n;
    const answer = (code: bigint, changes = 0n): void => {
      args[2 * i] = (2n << 62n) | (code << 60n) | (changes << 58n) | (which << 56n) | ptex;
    };
    if (which === 3n || ptex >= BigInt(vm.hpt.entries)) {
      answer(2n);
      return status.parameter;
    }
    const index = meant(vm, flags, ptex, args[2 * i + 1] ?? 0n);
    if (index === undefined) {
      answer(1n);
      continue;
    }
    const changes = (BigInt(vm.hpt.low1(index)) >> 7n) & 3n;
    flushEntry(vm, index);
    vm.hpt.set(index, 0n, 0n);
    answer(0n, changes);
  }
  return status.success;
}

const PAGE = 4096;
const PAGE_FLAGS = flag.zeroPage | flag.copyPage | flag.cacheInvalidate | flag.cacheSynchronize;

/** H_PAGE_INIT: a page of the guest is copied from another one, or cleared. */
function initializePage(vm: Ppc64Vm, [flags = 0n, to = 0n, from = 0n]: readonly bigint[]): bigint {
  const isPage = (at: bigint): boolean => at % BigInt(PAGE) === 0n && at + BigInt(PAGE) <= BigInt(vm.bytes);
  if ((flags & ~PAGE_FLAGS) !== 0n || !isPage(to)) return status.parameter;
  const copies = (flags & flag.copyPage) !== 0n;
  if (copies && !isPage(from)) return status.parameter;
  const { storage, frames } = vm.complex;
  const target = Number(to);
  if (!copies && (flags & flag.zeroPage) === 0n) return status.success;
  frames.storing(target);
  if (copies) storage.write(target, storage.read(Number(from), PAGE));
  else storage.fill(target, PAGE, 0);
  frames.stored(target, PAGE);
  return status.success;
}
