/** Operands of storage-to-storage instructions as helpers see them: where their bytes lie, and the registers they come from. */

import { engineState, PAGE_BYTES, tagBits, tlbEntry } from '../../../../machine/layout.ts';
import { entryOffset } from '../../../../machine/tlb.ts';
import { type AccessPath, operand } from '../../cpu/access-path.ts';
import { OVERRIDE_END } from '../../cpu/protection.ts';
import { addressSpaceControl, PSW_HIGH } from '../../cpu/psw.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';

/** How many bytes an interruptible instruction gets done at least before it lets interruptions in. */
export const UNIT = 4096;

const paths: readonly AccessPath[] = Array.from({ length: ZERO_REGISTER + 1 }, (_, ar) =>
  ar === ZERO_REGISTER ? operand : { space: 'current', ar },
);

/** What an instruction does with an operand; one that is updated is fetched and then stored, and meets what a store meets. */
export type OperandUse = 'fetch' | 'store' | 'update';

/** The path of an operand whose base is the general register (or `zr` field) of that number. */
export function operandOf(register: number): AccessPath {
  return paths[register] ?? operand;
}

/** Bytes from an address to the end of its page. */
function toPageEnd(address: bigint): number {
  return PAGE_BYTES - Number(address & 0xfffn);
}

/** Bytes from an address on that can be accessed when its byte can: to the end of its page, or of fetch-protection override. */
export function toStretchEnd(address: bigint): number {
  return address < OVERRIDE_END ? OVERRIDE_END - Number(address) : toPageEnd(address);
}

/** Storage offset of the byte at a logical address, or -1 when the access would fault. Nobody is told of the access. */
export function find(vcpu: Vcpu, address: bigint, use: OperandUse, path: AccessPath): number {
  const { core } = vcpu;
  const kind = use === 'fetch' ? 'fetch' : 'store';
  const { top, words } = core.complex.storage;
  const high = Number(address >> 32n);
  const low = Number(address & 0xffff_ffffn);
  if (path.space === 'current' && path.key === undefined) {
    const entry = vcpu.num(engineState.tlbData) + entryOffset(low);
    const tag = (entry + (kind === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag)) >>> 2;
    if (words[tag] === (low | tagBits.access) >>> 0 && words[tag + 1] === high) {
      const addend = words[(entry + tlbEntry.addend) >>> 2] ?? 0;
      return top - ((addend - low + 16) >>> 0);
    }
    const pointer = core.access.probeSlow(vcpu, high, low, 1, kind === 'fetch' ? 0 : 1, path.ar);
    return pointer !== 0 ? top - pointer : core.access.places.locate(vcpu, high, low, kind, path);
  }
  return core.access.locateByTlb(vcpu, high, low, kind, path);
}

/** Tells who must know of an access within a page: decode cache, dirty log, watchpoints. */
export function report(
  vcpu: Vcpu,
  address: bigint,
  at: number,
  length: number,
  use: OperandUse,
  path: AccessPath,
): void {
  const { access, complex } = vcpu.core;
  const kind = use === 'fetch' ? 'fetch' : 'store';
  if (use !== 'store') complex.frames.fetched(at, length);
  if (kind === 'store') complex.stored(at, length);
  access.recorder?.accessed(vcpu, Number(address >> 32n), Number(address & 0xffff_ffffn), length, kind, path);
}

/**
 * Storage offset of the byte at a logical address whose `length` bytes lie in one page, or -1 when the access would fault:
 * `access.places.lastFault` then says how.
 */
export function tryPlace(
  vcpu: Vcpu,
  address: bigint,
  length: number,
  use: OperandUse,
  path: AccessPath = operand,
): number {
  const at = find(vcpu, address, use, path);
  const end = BigInt(OVERRIDE_END);
  if (address < end && address + BigInt(length) > end && find(vcpu, end, use, path) < 0) return -1;
  if (at >= 0) report(vcpu, address, at, length, use, path);
  return at;
}

/** As `tryPlace`, raising the program interruption. */
export function place(
  vcpu: Vcpu,
  address: bigint,
  length: number,
  use: OperandUse,
  path: AccessPath = operand,
): number {
  const at = tryPlace(vcpu, address, length, use, path);
  return at < 0 ? raiseLast(vcpu) : at;
}

/** Raises the fault that `tryPlace` has met. */
export function raiseLast(vcpu: Vcpu): never {
  const { code, details } = vcpu.core.access.places.lastFault;
  return vcpu.raise(code, details);
}

/** Where the bytes of an operand of at most a page's length lie: in one page or in two. */
export class Span {
  readonly length: number;
  readonly #first: number;
  readonly #split: number;
  readonly #second: number;

  constructor(length: number, first: number, split: number, second: number) {
    this.length = length;
    this.#first = first;
    this.#split = split;
    this.#second = second;
  }

  /** Storage offset of byte `i`. */
  at(i: number): number {
    return i < this.#split ? this.#first + i : this.#second + (i - this.#split);
  }
  /** How many bytes from `i` on lie one behind the other. */
  run(i: number): number {
    return i < this.#split ? this.#split - i : this.length - i;
  }
  /** Bytes `from` to `from + length`. */
  part(from: number, length: number): Span {
    return new Span(
      length,
      this.at(from),
      Math.min(this.run(from), length),
      this.#second + Math.max(0, from - this.#split),
    );
  }
}

/** Finds all bytes of an operand, raising the access exception if there is one. `length` is at most a page. */
export function span(vcpu: Vcpu, address: bigint, length: number, use: OperandUse, path: AccessPath = operand): Span {
  const here = toPageEnd(address);
  if (length <= here) return new Span(length, length === 0 ? 0 : place(vcpu, address, length, use, path), length, 0);
  const first = place(vcpu, address, here, use, path);
  const second = place(vcpu, (address + BigInt(here)) & vcpu.amask, length - here, use, path);
  return new Span(length, first, here, second);
}

/** Copies bytes that lie in one page each as if byte by byte from the left. */
export function copyForward(vcpu: Vcpu, to: number, from: number, length: number): void {
  const { bytes, top } = vcpu.core.complex.storage;
  const ahead = to - from;
  if (ahead <= 0 || ahead >= length) bytes.copyWithin(top - to - length, top - from - length, top - from);
  else if (ahead === 1) bytes.fill(bytes[top - 1 - from] ?? 0, top - to - length, top - to);
  else for (let i = 1; i <= length; i++) bytes[top - to - i] = bytes[top - from - i] ?? 0;
}

/** Copies one span to another of the same length as if byte by byte from the left. */
export function copySpan(vcpu: Vcpu, to: Span, from: Span): void {
  for (let i = 0; i < to.length; ) {
    const n = Math.min(to.run(i), from.run(i));
    copyForward(vcpu, to.at(i), from.at(i), n);
    i += n;
  }
}

/** The address in a general register. */
export function addressIn(vcpu: Vcpu, register: number): bigint {
  return vcpu.gr(register) & vcpu.amask;
}

/**
 * Puts an address into a general register: bits 0-63, 33-63 (bit 32 becomes zero) or 40-63, as the addressing mode has it.
 * Where the manual lets bits 32-39 stay or become zeros in 24-bit mode they stay.
 */
export function setAddress(vcpu: Vcpu, register: number, address: bigint): void {
  const mode = vcpu.num(slots.addressingMode);
  if (mode === 3) vcpu.setGr(register, BigInt.asUintN(64, address));
  else if (mode === 1) vcpu.setGrLow(register, Number(address & 0x7fff_ffffn));
  else vcpu.setGrLow(register, ((vcpu.grLow(register) & 0xff00_0000) | Number(address & 0xff_ffffn)) >>> 0);
}

/** As `setAddress`, with zeros in bits 32-39 in 24-bit mode, as MOVE LONG and COMPARE LOGICAL LONG have it. */
export function setAddressZero(vcpu: Vcpu, register: number, address: bigint): void {
  if (vcpu.in64BitMode) vcpu.setGr(register, BigInt.asUintN(64, address));
  else vcpu.setGrLow(register, Number(address & vcpu.amask));
}

/** A length in a general register: 64 bits in 64-bit mode, else bits 32-63. */
export function lengthIn(vcpu: Vcpu, register: number): bigint {
  return vcpu.in64BitMode ? vcpu.gr(register) : BigInt(vcpu.grLow(register));
}

export function setLength(vcpu: Vcpu, register: number, length: bigint): void {
  if (vcpu.in64BitMode) vcpu.setGr(register, BigInt.asUintN(64, length));
  else vcpu.setGrLow(register, Number(length & 0xffff_ffffn));
}

/** An i64 argument of a helper as an unsigned number. */
export function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

/** False when access registers put the operands of two base registers into spaces that need not be the same. */
export function isSameSpace(vcpu: Vcpu, a: number, b: number): boolean {
  const inArMode = (vcpu.pswHigh & PSW_HIGH.dat) !== 0 && vcpu.addressSpace === addressSpaceControl.accessRegister;
  if (!inArMode) return true;
  const alet = (r: number): number => (r === 0 ? 0 : vcpu.ar(r));
  return alet(a) === alet(b);
}
