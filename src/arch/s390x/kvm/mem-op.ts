/** Accesses to a guest's storage on its behalf, from outside: nothing is copied when an access exception happens. */

import { err, ok, type Result } from '../../../bits/result.ts';
import { PAGE_BYTES } from '../../../machine/layout.ts';
import { frameOf } from '../../../machine/storage.ts';
import type { AccessKind, AccessPath } from '../cpu/access-path.ts';
import type { AccessFault } from '../cpu/access-places.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { OVERRIDE_END } from '../cpu/protection.ts';
import { type Gpa, gpa } from '../dat/address.ts';
import type { Errno } from './errno.ts';
import type { KvmVcpu } from './vcpu.ts';
import type { KvmVm } from './vm.ts';

/** Bytes that one operation moves at most. */
const MOST_BYTES = 65536;
const FETCH_PROTECTED = 8;

/** An access by logical address. */
export interface LogicalAccess {
  readonly address: bigint;
  /** What is stored, or how many bytes are fetched. */
  readonly data: Uint8Array | number;
  /** Access register by whose number the operand is, 0 when none is said. */
  readonly ar?: number;
  /** Access key; without one the access is not subject to key-controlled protection. */
  readonly key?: number;
  /** Only look whether it could be done. */
  readonly checkOnly?: boolean;
  /** An access exception is presented to the guest. */
  readonly inject?: boolean;
}

/** What an operation did: bytes of a fetch, none of a store; or the code of the program exception that it met. */
export type Accessed = { readonly data: Uint8Array } | { readonly program: number };

interface Piece {
  readonly host: number;
  readonly from: number;
  readonly length: number;
}

/**
 * Fetches or stores in the address space that the vCPU's PSW, control registers and access registers say. EINVAL for no
 * bytes, an access register or a key that is none, E2BIG for more than 64 KiB.
 */
export function accessLogical(v: KvmVcpu, wanted: LogicalAccess): Result<Accessed, Errno> {
  const { data, ar = 0, key } = wanted;
  const length = typeof data === 'number' ? data : data.length;
  const bad = badSize(length) ?? (ar > 15 || (key ?? 0) > 15 ? 'EINVAL' : undefined);
  if (bad !== undefined) return err(bad);
  const kind = typeof data === 'number' ? 'fetch' : 'store';
  const path: AccessPath = { space: 'current', ar, key: key ?? 0 };
  const found = locate(v, wanted.address, length, kind, path);
  if (!Array.isArray(found)) {
    if (wanted.inject === true) v.injectProgram(found.code, found.details);
    return ok({ program: found.code });
  }
  if (wanted.checkOnly === true) return ok({ data: new Uint8Array(0) });
  return ok({ data: copy(v.vm, found, data) });
}

// All pieces, or the exception that the first bad one meets.
function locate(
  { vcpu, vm }: KvmVcpu,
  address: bigint,
  length: number,
  kind: AccessKind,
  path: AccessPath,
): Piece[] | AccessFault {
  const pieces: Piece[] = [];
  for (let from = 0; from < length; ) {
    const at = BigInt.asUintN(64, address + BigInt(from)) & vcpu.amask;
    const [high, low] = [Number(at >> 32n), Number(at & 0xffff_ffffn)];
    const host = vm.core.access.places.examine(vcpu, high, low, kind, path);
    if (host < 0) return vm.core.access.places.lastFault;
    // What an override allows ends in the middle of a page.
    const inPage = low % PAGE_BYTES;
    const end = high === 0 && low < OVERRIDE_END ? OVERRIDE_END : PAGE_BYTES;
    const n = Math.min(length - from, end - inPage);
    pieces.push({ host, from, length: n });
    from += n;
  }
  return pieces;
}

function copy(vm: KvmVm, pieces: readonly Piece[], data: Uint8Array | number): Uint8Array {
  const { storage } = vm.complex;
  if (typeof data !== 'number') {
    for (const { host, from, length } of pieces) {
      vm.complex.frames.storing(host);
      storage.write(host, data.subarray(from, from + length));
      vm.complex.storedFromOutside(host, length);
    }
    return new Uint8Array(0);
  }
  const out = new Uint8Array(data);
  for (const { host, from, length } of pieces) {
    storage.readInto(host, out.subarray(from, from + length));
    const frame = frameOf(host);
    vm.complex.keys[frame] = (vm.complex.keys[frame] ?? 0) | 4;
  }
  return out;
}

/** An access by absolute address, with a key if it is subject to key-controlled protection. */
export interface AbsoluteAccess {
  readonly address: number;
  readonly data: Uint8Array | number;
  readonly key?: number;
  readonly checkOnly?: boolean;
}

/** Fetches or stores by absolute address. Errors as with logical addresses. */
export function accessAbsolute(
  vm: KvmVm,
  { address, data, key = 0, checkOnly }: AbsoluteAccess,
): Result<Accessed, Errno> {
  const length = typeof data === 'number' ? data : data.length;
  const bad = badSize(length) ?? (key > 15 ? 'EINVAL' : undefined);
  if (bad !== undefined) return err(bad);
  const found = absolutePieces(vm, address, length, key, typeof data !== 'number');
  if (typeof found === 'number') return ok({ program: found });
  if (checkOnly === true) return ok({ data: new Uint8Array(0) });
  return ok({ data: copy(vm, found, data) });
}

function absolutePieces(vm: KvmVm, address: number, length: number, key: number, store: boolean): Piece[] | number {
  const pieces: Piece[] = [];
  for (let from = 0; from < length; ) {
    const at = address + from;
    const peeked = vm.gmap.peek(gpa(at));
    if (peeked < 0) return PGM.addressing;
    if (store && vm.gmap.isReadOnly(gpa(at))) return PGM.protection;
    const held = vm.complex.keyOf(peeked);
    if (key !== 0 && held >> 4 !== key && (store || (held & FETCH_PROTECTED) !== 0)) return PGM.protection;
    const n = Math.min(length - from, PAGE_BYTES - (at % PAGE_BYTES));
    pieces.push({ host: vm.gmap.hostAddress(gpa(at)), from, length: n });
    from += n;
  }
  return pieces;
}

/** What a compare-and-swap found. */
export type Swapped = { readonly swapped: boolean; readonly old: Uint8Array } | { readonly program: number };

/**
 * Compares storage at an absolute address with `old` and stores `replacement` if it is equal. Both have 1, 2, 4, 8 or 16
 * bytes, and the address is a multiple of their number; EINVAL else.
 */
export function compareAndSwapAbsolute(
  vm: KvmVm,
  address: Gpa,
  old: Uint8Array,
  replacement: Uint8Array,
  key = 0,
): Result<Swapped, Errno> {
  const { length } = replacement;
  const fits = [1, 2, 4, 8, 16].includes(length) && old.length === length && address % length === 0;
  if (!fits || key > 15) return err('EINVAL');
  const found = absolutePieces(vm, address, length, key, true);
  if (typeof found === 'number') return ok({ program: found });
  const held = copy(vm, found, length);
  const swapped = held.every((byte, i) => byte === old[i]);
  if (swapped) copy(vm, found, replacement);
  return ok({ swapped, old: held });
}

function badSize(length: number): Errno | undefined {
  if (length < 1) return 'EINVAL';
  return length > MOST_BYTES ? 'E2BIG' : undefined;
}
