/** PoP, "Linkage-Stack Operations": entries in the home space, found by control register 15. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { ZERO_REGISTER } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { reuses } from './spaces.ts';

/** The stack is reached with 64-bit addresses, whatever the mode, and past the storage keys. */
const path = { space: 'home', ar: ZERO_REGISTER, key: 0 } as const;

/** Where a byte of the stack is. */
export function place(vcpu: Vcpu, address: bigint, kind: 'fetch' | 'store'): number {
  const a = BigInt.asUintN(64, address);
  return vcpu.core.access.require(vcpu, Number(a >> 32n), Number(a & 0xffff_ffffn), kind, path);
}

/** The doubleword at a multiple of 8. */
export function fetch(vcpu: Vcpu, address: bigint): bigint {
  const at = place(vcpu, address, 'fetch');
  vcpu.core.complex.frames.fetched(at, 8);
  return vcpu.core.complex.storage.doubleword(at);
}

/** Stores a doubleword there. */
export function store(vcpu: Vcpu, address: bigint, value: bigint): void {
  const at = place(vcpu, address, 'store');
  const a = BigInt.asUintN(64, address);
  vcpu.core.complex.storage.setDoubleword(at, BigInt.asUintN(64, value));
  vcpu.core.access.recorder?.accessed(vcpu, Number(a >> 32n), Number(a & 0xffff_ffffn), 8, 'store', path);
  vcpu.core.complex.stored(at, 8);
}

/** Bits 0-60 of control register 15 and of the addresses in headers and trailers; in those the last bit says that there is one. */
const ADDRESS = ~7n;
const VALID = 1n;

/** Types of entries. */
export const entryType = { header: 0x09, branch: 0x0c, call: 0x0d } as const;
/** Bytes of a state entry, the descriptor at its end included. */
export const STATE_BYTES = 296n;
/** Places in a state entry. */
export const at = {
  keyMask: 128n,
  psw: 136n,
  branch: 144n,
  modifiable: 152n,
  zeros: 160n,
  address: 168n,
  instances: 176n,
  accessRegisters: 224n,
  descriptor: 288n,
} as const;

/** An entry descriptor, and where it stands. */
export interface Entry {
  readonly address: bigint;
  readonly word: bigint;
}
/** The descriptor at an address. */
export const entryAt = (vcpu: Vcpu, address: bigint): Entry => ({ address, word: fetch(vcpu, address) });
/** Its type. */
export const typeOf = ({ word }: Entry): number => Number((word >> 56n) & 0x7fn);
/** Unstacking is suppressed. */
const isKept = ({ word }: Entry): boolean => word >> 63n !== 0n;
/** Bytes between the entry and the trailer of its section. */
const freeBytes = ({ word }: Entry): bigint => (word >> 32n) & 0xffffn;
/** It with another size of the next entry. */
export const withNextSize = ({ word }: Entry, size: bigint): bigint => (word & ~0xffff_0000n) | (size << 16n);

function current(vcpu: Vcpu): Entry {
  return entryAt(vcpu, vcpu.cr(15) & ADDRESS);
}

/** The entry behind which there is space, and the old one if that is in another section. */
function entryWithSpace(vcpu: Vcpu): { readonly entry: Entry; readonly before: bigint | undefined } {
  const entry = current(vcpu);
  const free = freeBytes(entry);
  if (free >= STATE_BYTES) return { entry, before: undefined };
  if ((free & 7n) !== 0n) vcpu.raise(PGM.stackSpecification);
  const forward = fetch(vcpu, entry.address + 8n + free);
  if ((forward & VALID) === 0n) vcpu.raise(PGM.stackFull);
  const next = entryAt(vcpu, forward & ADDRESS);
  if (freeBytes(next) < STATE_BYTES) vcpu.raise(PGM.stackSpecification);
  return { entry: next, before: entry.address };
}

/** What a state entry holds behind the registers, and differs with its kind. */
interface State {
  readonly type: number;
  /** PSW of the return. */
  readonly mask: bigint;
  readonly address: bigint;
  readonly branch: bigint;
}

/** The stacking process. */
export function formEntry(vcpu: Vcpu, state: State): void {
  const { entry, before } = entryWithSpace(vcpu);
  const start = entry.address + 8n;
  // Everything is looked at before anything is stored: the exceptions nullify.
  if (before !== undefined) place(vcpu, entry.address - 8n, 'store');
  place(vcpu, entry.address, 'store');
  place(vcpu, start, 'store');
  place(vcpu, start + at.descriptor, 'store');
  if (before !== undefined) store(vcpu, entry.address - 8n, before | VALID);
  for (let r = 0; r < 16; r++) store(vcpu, start + BigInt(8 * r), vcpu.gr(r));
  const ids = ((vcpu.cr(3) & 0xffff_ffffn) << 32n) | (vcpu.cr(8) & 0xffff_0000n) | (vcpu.cr(4) & 0xffffn);
  store(vcpu, start + at.keyMask, ids);
  store(vcpu, start + at.psw, state.mask);
  store(vcpu, start + at.branch, state.branch);
  store(vcpu, start + at.modifiable, 0n);
  store(vcpu, start + at.zeros, 0n);
  store(vcpu, start + at.address, state.address);
  if (reuses(vcpu)) store(vcpu, start + at.instances, ((vcpu.cr(3) >> 32n) << 32n) | (vcpu.cr(4) >> 32n));
  for (let r = 0; r < 16; r += 2) {
    const pair = (BigInt(vcpu.ar(r) >>> 0) << 32n) | BigInt(vcpu.ar(r + 1) >>> 0);
    store(vcpu, start + at.accessRegisters + BigInt(4 * r), pair);
  }
  const section = entry.word & 0x00ff_0000_0000_0000n;
  const free = (freeBytes(entry) - STATE_BYTES) << 32n;
  store(vcpu, start + at.descriptor, (BigInt(state.type) << 56n) | section | free);
  store(vcpu, entry.address, withNextSize(entry, STATE_BYTES));
  vcpu.setCr(15, start + at.descriptor);
}

/** The entry of a stacking program call: where it returns to, called space and number of the call. */
export function formCallEntry(vcpu: Vcpu, address: bigint, called: bigint): void {
  formEntry(vcpu, { type: entryType.call, mask: vcpu.pswMask, address, branch: called });
}

/** The last state entry; the one before a header, where that is the current one. */
export function stateEntry(vcpu: Vcpu, unstacks: boolean): Entry {
  let entry = current(vcpu);
  if (typeOf(entry) === entryType.header) {
    if (unstacks && isKept(entry)) vcpu.raise(PGM.stackOperation);
    const backward = fetch(vcpu, entry.address - 8n);
    if ((backward & VALID) === 0n) vcpu.raise(PGM.stackEmpty);
    entry = entryAt(vcpu, backward & ADDRESS);
    if (typeOf(entry) === entryType.header) vcpu.raise(PGM.stackSpecification);
  }
  if (typeOf(entry) !== entryType.branch && typeOf(entry) !== entryType.call) vcpu.raise(PGM.stackType);
  if (unstacks && isKept(entry)) vcpu.raise(PGM.stackOperation);
  return entry;
}
/** Where a state entry begins. */
export const startOf = ({ address }: Entry): bigint => address - at.descriptor;

/** Registers from the first to the last one, which may lie before it. */
export function registersBetween(first: number, last: number): readonly number[] {
  return Array.from({ length: ((last - first) & 15) + 1 }, (_, i) => (first + i) & 15);
}

/** Loads general and access registers from an entry, the general ones in `whole` or bits 32-63 alone. */
export function loadRegisters(vcpu: Vcpu, entry: Entry, numbers: readonly number[], whole: boolean): void {
  const start = startOf(entry);
  const found = numbers.map((r) => ({
    r,
    general: fetch(vcpu, start + BigInt(8 * r)),
    pair: fetch(vcpu, start + at.accessRegisters + BigInt(4 * (r & ~1))),
  }));
  for (const { r, general, pair } of found) {
    if (whole) vcpu.setGr(r, general);
    else vcpu.setGrLow(r, Number(general & 0xffff_ffffn));
    vcpu.setAr(r, Number((r & 1) === 0 ? pair >> 32n : pair & 0xffff_ffffn));
  }
}
