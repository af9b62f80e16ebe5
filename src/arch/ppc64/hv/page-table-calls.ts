/** H_ENTER, H_REMOVE, H_READ, H_PROTECT, H_BULK_REMOVE and their like, on the page table that the hypervisor owns. */

import { SPACE } from '../cpu/vcpu.ts';
import { ENTRIES_IN_GROUP, HPTE, sizeOfEntry } from '../mmu/hpt.ts';
import type { CallArguments } from './call-arguments.ts';
import { flagHigh, flagLow, H, status } from './hcall.ts';
import type { Ppc64Vm } from './vm.ts';

const WORD = 0x1_0000_0000;

/** Carries out a call: its result, and what it leaves in `args`. Undefined when it is none of these. */
export function pageTableCall(vm: Ppc64Vm, nr: number, args: CallArguments): number | undefined {
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

/** A doubleword as a number, which may have lost bits when it is larger than any address. */
function numberOf(args: CallArguments, n: number): number {
  return args.high(n) * WORD + args.low(n);
}

/** Number of the entry that the second argument names; undefined when there is none. */
function entryNumber(vm: Ppc64Vm, args: CallArguments): number | undefined {
  const index = numberOf(args, 1);
  return index < vm.hpt.entries ? index : undefined;
}

/** Forgets what an entry may have mapped, in every TLB: each page of 4 KiB of it, or everything for a page of 16 MiB. */
function flushEntry(vm: Ppc64Vm, index: number): void {
  const { low, mask, shift } = vm.hpt.addressOf(index);
  if (shift > 16) return vm.complex.flushTlbs();
  const { translator } = vm.core;
  vm.complex.flushPages(
    low,
    mask,
    1 << (shift - 12),
    (vcpu) => (high, page, rights) => translator.isOfSegment(vcpu, rights !== SPACE.real, high, page, index),
  );
}

// KVM, "kvmppc_h_enter".
function enter(vm: Ppc64Vm, args: CallArguments): number {
  const [high0, low0, high1, low1] = [args.high(2), args.low(2), args.high(3), args.low(3)];
  const size = sizeOfEntry(low0, low1);
  // A page that is larger than the base page of its segment is not offered.
  if (size === undefined || size.base !== size.actual) return status.parameter;
  // The lowest bit of a 16 MiB page's AVA is zero.
  if (size.actual === 24 && (low0 & 0x80) !== 0) return status.parameter;
  const inPage = 2 ** size.actual - 1;
  const page = (high1 & HPTE.rpnHigh) * WORD + ((low1 & HPTE.rpnLow & ~inPage) >>> 0);
  if (page + inPage >= vm.bytes) return status.parameter;
  const wimg = low1 & HPTE.wimg;
  if (wimg !== HPTE.coherent && wimg !== 0x70) return status.parameter;
  const index = entryNumber(vm, args);
  if (index === undefined) return status.parameter;
  const real = page + vm.hostBase;
  const slot = freeSlot(vm, index, (args.high(0) & flagHigh.exact) !== 0);
  if (slot < 0) return status.groupFull;
  const code = low1 & inPage & HPTE.rpnLow;
  vm.hpt.set(
    slot,
    { high: high0, low: (low0 & ~0x60) | HPTE.valid },
    { high: (high1 & ~HPTE.rpnHigh) | Math.floor(real / WORD), low: (low1 & ~HPTE.rpnLow) | code | (real % WORD) },
  );
  args.set(0, 0, slot);
  return status.success;
}

function freeSlot({ hpt }: Ppc64Vm, index: number, exact: boolean): number {
  if (exact) return hpt.isValid(index) ? -1 : index;
  const start = index - (index % ENTRIES_IN_GROUP);
  for (let i = start; i < start + ENTRIES_IN_GROUP; i++) if (!hpt.isValid(i)) return i;
  return -1;
}

/** Whether an entry is the one that was meant: by flags, in their low word, and the AVPN in the argument number `n`. */
function isMeant({ hpt }: Ppc64Vm, index: number, flags: number, args: CallArguments, n: number): boolean {
  const high0 = hpt.high0(index);
  const low0 = hpt.low0(index);
  if ((low0 & HPTE.valid) === 0) return false;
  const [high, low] = [args.high(n), args.low(n)];
  if ((flags & flagLow.avpn) !== 0 && (high0 !== high || (low0 & ~0x7f) >>> 0 !== low)) return false;
  return (flags & flagLow.andCond) === 0 || ((high0 & high) | (low0 & low)) === 0;
}

/** The second doubleword of an entry as the guest knows it, with its own page's address, becomes an argument. */
function giveDword1({ hpt, hostBase }: Ppc64Vm, index: number, args: CallArguments, n: number): void {
  const [high1, low1] = [hpt.high1(index), hpt.low1(index)];
  const inPage = 2 ** (sizeOfEntry(hpt.low0(index), low1)?.actual ?? 12) - 1;
  const page = ((low1 & HPTE.rpnLow & ~inPage) >>> 0) - (hostBase % WORD);
  const high = (high1 & HPTE.rpnHigh) - Math.floor(hostBase / WORD) - (page < 0 ? 1 : 0);
  const code = low1 & HPTE.rpnLow & inPage;
  args.set(n, (high1 & ~HPTE.rpnHigh) | (high & HPTE.rpnHigh), (low1 & ~HPTE.rpnLow) | code | (page & HPTE.rpnLow));
}

const nothing = { high: 0, low: 0 } as const;

function remove(vm: Ppc64Vm, args: CallArguments): number {
  const index = entryNumber(vm, args);
  if (index === undefined) return status.parameter;
  if (!isMeant(vm, index, args.low(0), args, 2)) return status.notFound;
  flushEntry(vm, index);
  args.set(0, vm.hpt.high0(index), vm.hpt.low0(index));
  giveDword1(vm, index, args, 1);
  vm.hpt.set(index, nothing, nothing);
  return status.success;
}

function read(vm: Ppc64Vm, args: CallArguments): number {
  const { hpt } = vm;
  const index = entryNumber(vm, args);
  if (index === undefined) return status.parameter;
  const four = (args.high(0) & flagHigh.read4) !== 0;
  const first = four ? index & ~3 : index;
  for (let i = 0; i < (four ? 4 : 1); i++) {
    args.set(2 * i, hpt.high0(first + i), hpt.low0(first + i) & ~0x60);
    if (hpt.isValid(first + i)) giveDword1(vm, first + i, args, 2 * i + 1);
    else args.set(2 * i + 1, hpt.high1(first + i), hpt.low1(first + i));
  }
  return status.success;
}

function protect(vm: Ppc64Vm, args: CallArguments): number {
  const { hpt } = vm;
  const index = entryNumber(vm, args);
  if (index === undefined) return status.parameter;
  const flags = args.low(0);
  if (!isMeant(vm, index, flags & ~flagLow.andCond, args, 2)) return status.notFound;
  const inHigh = HPTE.pp0High | HPTE.keyHigh;
  const inLow = HPTE.pp | HPTE.noExecute | HPTE.keyLow;
  const high = (((flags >>> 8) & 1) << 31) | (((flags >>> 12) & 3) << 28);
  flushEntry(vm, index);
  hpt.set(
    index,
    { high: hpt.high0(index), low: hpt.low0(index) },
    { high: (hpt.high1(index) & ~inHigh) | high, low: (hpt.low1(index) & ~inLow) | (flags & inLow) },
  );
  return status.success;
}

function clear(vm: Ppc64Vm, args: CallArguments, bit: number): number {
  const index = entryNumber(vm, args);
  if (index === undefined) return status.parameter;
  if (!vm.hpt.isValid(index)) return status.notFound;
  giveDword1(vm, index, args, 0);
  flushEntry(vm, index);
  vm.hpt.setLow1(index, vm.hpt.low1(index) & ~bit);
  return status.success;
}

/** What H_BULK_REMOVE says of an entry: removed, not found, not to be had. */
const outcome = { removed: 0, notFound: 1, parameter: 2 } as const;

/** Four pairs of registers at most: type, code, flags and entry in the first one, the AVPN in the second. */
function bulkRemove(vm: Ppc64Vm, args: CallArguments): number {
  for (let i = 0; i < 4; i++) {
    const [high, low] = [args.high(2 * i), args.low(2 * i)];
    const type = high >>> 30;
    if (type === 3) return status.success;
    if (type !== 1) return status.parameter;
    const which = (high >>> 24) & 3;
    const answer = (code: number, changes = 0): void =>
      args.set(2 * i, (2 << 30) | (code << 28) | (changes << 26) | (which << 24) | (high & 0xff_ffff), low);
    const index = (high & 0xff_ffff) * WORD + low;
    if (which === 3 || index >= vm.hpt.entries) {
      answer(outcome.parameter);
      return status.parameter;
    }
    const flags = which === 1 ? flagLow.andCond : which === 2 ? flagLow.avpn : 0;
    if (!isMeant(vm, index, flags, args, 2 * i + 1)) {
      answer(outcome.notFound);
      continue;
    }
    const changes = (vm.hpt.low1(index) >>> 7) & 3;
    flushEntry(vm, index);
    vm.hpt.set(index, nothing, nothing);
    answer(outcome.removed, changes);
  }
  return status.success;
}

const PAGE = 4096;
const PAGE_FLAGS = flagLow.zeroPage | flagLow.copyPage | flagLow.cacheInvalidate | flagLow.cacheSynchronize;

/** H_PAGE_INIT: a page of the guest is copied from another one, or cleared. */
function initializePage(vm: Ppc64Vm, args: CallArguments): number {
  const isPage = (at: number): boolean => at % PAGE === 0 && at + PAGE <= vm.bytes;
  const flags = args.low(0);
  const to = numberOf(args, 1);
  const from = numberOf(args, 2);
  if (args.high(0) !== 0 || (flags & ~PAGE_FLAGS) !== 0 || !isPage(to)) return status.parameter;
  const copies = (flags & flagLow.copyPage) !== 0;
  if (copies && !isPage(from)) return status.parameter;
  const { storage, frames } = vm.complex;
  if (!copies && (flags & flagLow.zeroPage) === 0) return status.success;
  frames.storing(to);
  if (copies) storage.write(to, storage.read(from, PAGE));
  else storage.fill(to, PAGE, 0);
  frames.stored(to, PAGE);
  return status.success;
}
