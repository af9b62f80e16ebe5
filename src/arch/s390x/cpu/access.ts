import { toBigEndian } from '../../../bits/hex.ts';
import { engineState, PAGE_BYTES, PAGE_SHIFT, tagBits, tlbEntry } from '../../../machine/layout.ts';
import { frameOf } from '../../../machine/storage.ts';
import { entryOffset, REAL_SPACE, storeTagReason } from '../../../machine/tlb.ts';
import { type HostAddress, NO_HOST_ADDRESS } from '../dat/address.ts';
import { type AccessKind, type AccessPath, operand, operandPath } from './access-path.ts';
import { AccessPlaces } from './access-places.ts';
import type { CpuComplex } from './complex.ts';
import { PGM } from './interruption-codes.ts';
import { OVERRIDE_END } from './protection.ts';
import { INSTRUCTION_SPACE } from './state-layout.ts';
import { fillTlb } from './tlb-fill.ts';
import type { Vcpu } from './vcpu.ts';

/** In each of the first two pages, low-address protection guards so many bytes. */
const GUARDED_BYTES = 512;

/** Who records the accesses of an instruction. While there is one, every access takes the slow path. */
export interface AccessRecorder {
  /** An operand access to a logical address (by words) has happened, on this path. */
  accessed(vcpu: Vcpu, high: number, low: number, length: number, kind: AccessKind, path: AccessPath): void;
}

/**
 * Storage accesses of a vCPU by logical address: translation, protection in the order in which the manual has it
 * (low-address, DAT, key), prefixing, TLB. Behind the generated code's fast path and in front of every helper.
 */
export class StorageAccess {
  readonly #complex: CpuComplex;
  readonly places: AccessPlaces;
  /** Program-event recording, during the instructions that it looks at. */
  recorder: AccessRecorder | undefined;

  constructor(complex: CpuComplex) {
    this.#complex = complex;
    this.places = new AccessPlaces(complex);
  }

  /** As `places.locate`, raising the program interruption. */
  require(vcpu: Vcpu, high: number, low: number, kind: AccessKind, path: AccessPath): HostAddress {
    const at = this.places.locate(vcpu, high, low, kind, path);
    if (at >= 0) return at;
    return vcpu.raise(this.places.lastFault.code, this.places.lastFault.details);
  }

  /**
   * As `places.locate`, by the TLB: for operands in a space or with a key that the PSW need not have, which have no fast path in
   * generated code. Access registers always take the slow way.
   */
  locateByTlb(vcpu: Vcpu, high: number, low: number, kind: 'fetch' | 'store', path: AccessPath): number {
    const byRegister = path.space === 'access-register' || path.space === 'real' || path.space === 'absolute';
    const inArMode = path.space === 'current' && vcpu.num(engineState.tlbData) === vcpu.tlb.empty;
    if (byRegister || inArMode) return this.places.locate(vcpu, high, low, kind, path);
    const data = vcpu.num(engineState.tlbData);
    const bank = path.space === 'current' && path.key === undefined ? data : this.#bankOf(vcpu, kind, path);
    if (bank < 0) return NO_HOST_ADDRESS;
    const { words, top } = this.#complex.storage;
    const entry = bank + entryOffset(low);
    const tag = (entry + (kind === 'fetch' ? tlbEntry.fetchTag : tlbEntry.storeTag)) >>> 2;
    if (words[tag] === (low | tagBits.access) >>> 0 && words[tag + 1] === high) {
      return top - (((words[(entry + tlbEntry.addend) >>> 2] ?? 0) - low + 16) >>> 0);
    }
    const known = kind === 'store' ? this.#known(bank, high, low, 1) : -1;
    if (known >= 0) return known;
    const at = this.places.locate(vcpu, high, low, kind, path);
    if (at >= 0) this.#fill(vcpu, high, low, at, kind, bank);
    return at;
  }

  // Of a space or a key that the PSW need not have; -1 when there is no such space.
  #bankOf(vcpu: Vcpu, kind: AccessKind, path: AccessPath): number {
    const asce = this.places.asce(vcpu, kind, path);
    if (asce === null) return -1;
    return vcpu.tlb.bank(
      asce?.high ?? 0,
      asce?.low ?? 0,
      (path.key ?? vcpu.accessKey) | (asce === undefined ? REAL_SPACE : 0) | vcpu.context,
      vcpu.num(engineState.tlbInsn),
      vcpu.num(engineState.tlbData),
    );
  }

  // ---- the slow paths of generated code

  // As `locate`, ending the instruction in execution when it gives -1.
  #find(vcpu: Vcpu, high: number, low: number, kind: AccessKind, path: AccessPath): number {
    const at = this.places.locate(vcpu, high, low, kind, path);
    if (at < 0) vcpu.endWith(this.places.lastFault.code, this.places.lastFault.details);
    return at;
  }

  /** See EngineHooks. */
  fetchSlow(vcpu: Vcpu, high: number, low: number, bytes: number, ar: number): number {
    const path = operandPath(ar);
    if ((low & (PAGE_BYTES - 1)) + bytes <= PAGE_BYTES) {
      const at = this.#find(vcpu, high, low, 'fetch', path);
      if (at < 0) return 0;
      if (this.places.overridden && low + bytes > OVERRIDE_END) {
        if (this.#find(vcpu, high, OVERRIDE_END, 'fetch', path) < 0) return 0;
      }
      this.#fill(vcpu, high, low, at, 'fetch', this.#bank(vcpu, ar));
      this.recorder?.accessed(vcpu, high, low, bytes, 'fetch', path);
      this.#complex.frames.fetched(at, bytes);
      return this.#complex.storage.accessAddress(at);
    }
    const first = PAGE_BYTES - (low & (PAGE_BYTES - 1));
    const at1 = this.#find(vcpu, high, low, 'fetch', path);
    if (at1 < 0) return 0;
    const [h2, l2] = advance(vcpu, high, low, first);
    const at2 = this.#find(vcpu, h2, l2, 'fetch', path);
    if (at2 < 0) return 0;
    this.recorder?.accessed(vcpu, high, low, bytes, 'fetch', path);
    this.#complex.frames.fetched(at1, first);
    this.#complex.frames.fetched(at2, bytes - first);
    const split = { at: at1, bytes: first, otherAt: at2, otherBytes: bytes - first };
    return this.#complex.storage.fetchSplit(vcpu.base + engineState.scratch.offset, split);
  }

  /** See EngineHooks. */
  storeSlow(vcpu: Vcpu, high: number, low: number, bytes: number, ar: number): void {
    const path = operandPath(ar);
    const scratch = vcpu.base + engineState.scratch.offset;
    const { storage } = this.#complex;
    const inPage = low & (PAGE_BYTES - 1);
    if (inPage + bytes <= PAGE_BYTES) {
      const known = this.#known(this.#bank(vcpu, ar), high, low, bytes);
      const at = known >= 0 ? known : this.#find(vcpu, high, low, 'store', path);
      if (at < 0) return;
      if (known < 0) this.#fill(vcpu, high, low, at, 'store', this.#bank(vcpu, ar));
      storage.storeFrom(scratch, at, bytes);
      this.#complex.stored(at, bytes);
    } else {
      const first = PAGE_BYTES - inPage;
      const at1 = this.#find(vcpu, high, low, 'store', path);
      if (at1 < 0) return;
      const [h2, l2] = advance(vcpu, high, low, first);
      const at2 = this.#find(vcpu, h2, l2, 'store', path);
      if (at2 < 0) return;
      storage.storeSplit(scratch, { at: at1, bytes: first, otherAt: at2, otherBytes: bytes - first });
      this.#complex.stored(at1, first);
      this.#complex.stored(at2, bytes - first);
    }
    this.recorder?.accessed(vcpu, high, low, bytes, 'store', path);
  }

  /** See EngineHooks. */
  probeSlow(vcpu: Vcpu, high: number, low: number, length: number, access: number, ar: number): number {
    if ((low & (PAGE_BYTES - 1)) + length > PAGE_BYTES || this.recorder !== undefined) return 0;
    const path = operandPath(ar);
    const kind = access === 0 ? 'fetch' : 'store';
    const known = kind === 'store' ? this.#known(this.#bank(vcpu, ar), high, low, length) : -1;
    if (known >= 0) {
      // The caller stores without telling.
      if (this.#complex.frames.watch?.watches(known, length, 'store') === true) return 0;
      this.#complex.stored(known, length);
      return this.#complex.storage.top - known;
    }
    const at = this.places.locate(vcpu, high, low, kind, path);
    if (at < 0 || (this.places.overridden && low + length > OVERRIDE_END)) return 0;
    if (this.#complex.frames.watch?.watches(at, length, kind) === true) return 0;
    this.#fill(vcpu, high, low, at, kind, this.#bank(vcpu, ar));
    if (kind === 'store') {
      // Forget decoded instructions now, they cannot be fetched in between.
      this.#complex.stored(at, length);
    }
    return this.#complex.storage.top - at;
  }

  /** See EngineHooks. */
  ifetchMiss(vcpu: Vcpu): void {
    const pc = vcpu.big(engineState.pc) & vcpu.amask;
    vcpu.setBig(engineState.pc, pc);
    vcpu.setBig(engineState.ia, pc);
    if ((pc & 1n) !== 0n) return vcpu.endWith(PGM.specification, { ilc: 2 });
    const high = Number(pc >> 32n);
    const low = Number(pc & 0xffff_ffffn);
    const at = this.#find(vcpu, high, low, 'ifetch', operand);
    if (at < 0) return;
    const frame = frameOf(at);
    this.#complex.pageKeeper?.executes(high * 0x10_0000 + (low >>> PAGE_SHIFT));
    const page = this.#complex.frames.decodePageFor(frame);
    const entry = (vcpu.num(engineState.tlbInsn) + entryOffset(low)) >>> 2;
    this.#fill(vcpu, high, low, at, 'ifetch', vcpu.num(engineState.tlbInsn));
    // With fetch-protection override the next instruction of the page may be one that it does not cover.
    const { overridden } = this.places;
    if (overridden) vcpu.endBehindNext();
    const { words } = this.#complex.storage;
    words[entry + tlbEntry.ifetchTag / 4] = overridden ? 0 : (low | tagBits.ifetch) >>> 0;
    words[entry + tlbEntry.ifetchTag / 4 + 1] = overridden ? 0 : high;
    words[entry + tlbEntry.decodePage / 4] = page;
    vcpu.setBig(engineState.ifetchTag, pc & ~0xfffn);
    vcpu.setNum(engineState.ifetchBase, page);
  }

  #bank(vcpu: Vcpu, ar: number): number {
    return vcpu.num(ar === INSTRUCTION_SPACE ? engineState.tlbInsn : engineState.tlbData);
  }

  /**
   * Where a store goes whose page the TLB has, when it is slow only because other bytes of the page are guarded, or for whoever watches
   * the page, or for the instructions there, about which `stored` is to be told; -1 when more must be looked at. Such pages are stored into all the time: Linux has
   * instructions in the page of each CPU's lowcore.
   */
  #known(bank: number, high: number, low: number, length: number): number {
    const { words, top } = this.#complex.storage;
    const entry = bank + entryOffset(low);
    const tag = words[(entry + tlbEntry.storeTag) >>> 2] ?? 0;
    const reason = tag & (PAGE_BYTES - 1);
    const others = reason & ~(storeTagReason.code | storeTagReason.lowAddress | storeTagReason.watched);
    if (reason === 0 || others !== 0 || tag - reason !== (low & ~(PAGE_BYTES - 1)) >>> 0) return -1;
    if (words[(entry + tlbEntry.storeTag + 4) >>> 2] !== high) return -1;
    const offset = low & (PAGE_BYTES - 1);
    const guarded = offset < GUARDED_BYTES && (reason & storeTagReason.lowAddress) !== 0;
    if (guarded || offset + length > PAGE_BYTES || (this.recorder ?? this.#complex.keeper) !== undefined) return -1;
    return top - (((words[(entry + tlbEntry.addend) >>> 2] ?? 0) - low + 16) >>> 0);
  }

  /** Enters what `locate` has just found into a bank of the TLB. */
  #fill(vcpu: Vcpu, high: number, low: number, at: number, kind: AccessKind, bank: number): void {
    const { watch } = this.#complex.frames;
    const told = kind !== 'ifetch' && watch?.watches(at - (at % PAGE_BYTES), PAGE_BYTES, kind) === true;
    const watched = this.recorder !== undefined || told;
    fillTlb(this.#complex, vcpu, { bank, high, low, at, kind, watched, partial: this.places.overridden });
  }

  // ---- accesses of helpers

  /** Fetches `length` bytes at a logical address, in guest order. Nothing is returned unless all can be. */
  read(vcpu: Vcpu, address: bigint, length: number, path: AccessPath = operand): Uint8Array {
    const out = new Uint8Array(length);
    const whole = this.#whole(vcpu, address, length, 'fetch', path);
    if (whole >= 0) {
      this.#complex.storage.readInto(whole, out);
      return out;
    }
    for (const p of this.#pieces(vcpu, address, length, 'fetch', path)) {
      this.#complex.storage.readInto(p.at, out.subarray(p.from, p.from + p.length));
      this.#complex.frames.fetched(p.at, p.length);
    }
    return out;
  }
  /** Stores bytes at a logical address; nothing is stored unless all can be. */
  write(vcpu: Vcpu, address: bigint, data: Uint8Array, path: AccessPath = operand): void {
    const whole = this.#whole(vcpu, address, data.length, 'store', path);
    if (whole >= 0) {
      this.#complex.storage.write(whole, data);
      this.#complex.stored(whole, data.length);
      return;
    }
    for (const p of this.#pieces(vcpu, address, data.length, 'store', path)) {
      this.#complex.storage.write(p.at, data.subarray(p.from, p.from + p.length));
      this.#complex.stored(p.at, p.length);
    }
  }
  /** Raises what a store (or fetch) of the bytes would raise. */
  check(vcpu: Vcpu, address: bigint, length: number, kind: AccessKind, path: AccessPath = operand): void {
    this.#pieces(vcpu, address, length, kind, path);
  }
  fetch64(vcpu: Vcpu, address: bigint, path: AccessPath = operand): bigint {
    const whole = this.#whole(vcpu, address, 8, 'fetch', path);
    if (whole >= 0) return this.#complex.storage.doubleword(whole);
    return new DataView(this.read(vcpu, address, 8, path).buffer).getBigUint64(0);
  }
  fetch32(vcpu: Vcpu, address: bigint, path: AccessPath = operand): number {
    return new DataView(this.read(vcpu, address, 4, path).buffer).getUint32(0);
  }
  store64(vcpu: Vcpu, address: bigint, value: bigint, path: AccessPath = operand): void {
    const whole = this.#whole(vcpu, address, 8, 'store', path);
    if (whole < 0) return this.write(vcpu, address, toBigEndian(value, 8), path);
    this.#complex.storage.setDoubleword(whole, value);
    this.#complex.stored(whole, 8);
  }
  store32(vcpu: Vcpu, address: bigint, value: number, path: AccessPath = operand): void {
    this.write(vcpu, address, Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value), path);
  }
  /** Stores the low halfword of `value`. */
  store16(vcpu: Vcpu, address: bigint, value: number, path: AccessPath = operand): void {
    const whole = this.#whole(vcpu, address, 2, 'store', path);
    if (whole < 0) return this.write(vcpu, address, Uint8Array.of(value >>> 8, value), path);
    this.#complex.storage.setHalf(whole, value);
    this.#complex.stored(whole, 2);
  }

  // Where an operand of the PSW's space is that lies within a page; -1 when it is to be looked for piece by piece. Raises what
  // the access would raise, and tells of a fetch.
  #whole(vcpu: Vcpu, address: bigint, length: number, kind: 'fetch' | 'store', path: AccessPath): number {
    if (this.recorder !== undefined || path.space !== 'current' || length === 0) return -1;
    const masked = address & vcpu.amask;
    const low = Number(masked & 0xffff_ffffn);
    const last = (low & (PAGE_BYTES - 1)) + length;
    if (last > PAGE_BYTES) return -1;
    const at = this.locateByTlb(vcpu, Number(masked >> 32n), low, kind, path);
    if (at < 0) return vcpu.raise(this.places.lastFault.code, this.places.lastFault.details);
    if (kind === 'store') return at;
    // What the last look found need not be of this access: then the pieces find the same.
    if (this.places.overridden && last > OVERRIDE_END) return -1;
    this.#complex.frames.fetched(at, length);
    return at;
  }

  #pieces(
    vcpu: Vcpu,
    address: bigint,
    length: number,
    kind: AccessKind,
    path: AccessPath,
  ): { at: number; from: number; length: number }[] {
    const pieces: { at: number; from: number; length: number }[] = [];
    const byTlb = this.recorder === undefined && path.space === 'current' && kind !== 'ifetch';
    const mask = path.space === 'absolute' ? 0xffff_ffff_ffff_ffffn : vcpu.amask;
    for (let from = 0; from < length; ) {
      const a = (address + BigInt(from)) & mask;
      const high = Number(a >> 32n);
      const low = Number(a & 0xffff_ffffn);
      // What the TLB has lies in its page to the end.
      this.places.overridden = false;
      const at = byTlb
        ? this.locateByTlb(vcpu, high, low, kind, path)
        : this.places.locate(vcpu, high, low, kind, path);
      if (at < 0) vcpu.raise(this.places.lastFault.code, this.places.lastFault.details);
      const end = this.places.overridden ? OVERRIDE_END : PAGE_BYTES;
      const n = Math.min(length - from, end - (low & (PAGE_BYTES - 1)));
      pieces.push({ at, from, length: n });
      this.recorder?.accessed(vcpu, high, low, n, kind, path);
      from += n;
    }
    return pieces;
  }
}

function advance(vcpu: Vcpu, high: number, low: number, bytes: number): [number, number] {
  const a = ((BigInt(high) << 32n) + BigInt(low) + BigInt(bytes)) & vcpu.amask;
  return [Number(a >> 32n), Number(a & 0xffff_ffffn)];
}
