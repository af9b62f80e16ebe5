import { engineState, PAGE_BYTES, PAGE_SHIFT, tagBits, tlbEntry } from '../../../machine/layout.ts';
import { frameFlags } from '../../../machine/storage.ts';
import { entryOffset, storeTagReason } from '../../../machine/tlb.ts';
import type { AccessKind } from '../mmu/fault.ts';
import type { Translator } from '../mmu/translate.ts';
import type { CpuComplex } from './complex.ts';
import { guards, stopsAt } from './data-breakpoints.ts';
import { VECTOR } from './interruptions.ts';
import { slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

const WORD = 0x1_0000_0000;
const { asUintN } = BigInt;

/** Bytes of an access that lie together in storage. */
interface Piece {
  readonly at: number;
  readonly from: number;
  readonly length: number;
}

/** Storage accesses of a vCPU by effective address: behind the generated code's fast path, and for helpers. */
export class StorageAccess {
  readonly #complex: CpuComplex;
  readonly #translator: Translator;

  constructor(complex: CpuComplex, translator: Translator) {
    this.#complex = complex;
    this.#translator = translator;
  }

  /** Offset of the byte at an effective address (by words), or -1, and then the instruction has ended with an interruption. */
  #find(vcpu: Vcpu, high: number, low: number, kind: AccessKind): number {
    const at = this.#locate(vcpu, high, low, kind);
    if (at < 0) this.#fault(vcpu, high, low, kind);
    return at;
  }
  #locate(vcpu: Vcpu, high: number, low: number, kind: AccessKind): number {
    const translator = this.#translator;
    const at = translator.translate(vcpu, high, low, kind);
    if (at < 0) return at;
    const { frames } = this.#complex;
    const frame = Math.floor(at / PAGE_BYTES);
    if (kind !== 'ifetch' && frames.watch !== undefined) {
      if (frames.watch.reached(spaceOf(vcpu, kind), high, low, at)) frames.flushTlbs();
    }
    if (kind === 'store' && frames.dirty.isClean(frame)) frames.dirty.mark(frame);
    return at;
  }

  // What the last translation met. Instruction storage interruptions have their address in SRR0.
  #fault(vcpu: Vcpu, high: number, low: number, kind: AccessKind): void {
    const { vector, bits, hypervisor } = this.#translator.found;
    const address = (BigInt(high) << 32n) | BigInt(low);
    if (hypervisor) {
      if (kind !== 'ifetch') {
        vcpu.setBig(slots.hdar, address);
        vcpu.setNum(slots.hdsisr, bits);
      }
      const known = kind === 'ifetch' ? VECTOR.hypervisorInstructionStorage : VECTOR.hypervisorDataStorage;
      vcpu.hypervisorFault(known, kind === 'ifetch' ? bits : 0);
      return;
    }
    if (kind === 'ifetch') return vcpu.fault(vector, bits);
    vcpu.setBig(slots.dar, address);
    if (vector === VECTOR.dataStorage) vcpu.setNum(slots.dsisr, bits);
    vcpu.fault(vector);
  }

  /** See EngineHooks. */
  fetchSlow(vcpu: Vcpu, high: number, low: number, bytes: number): number {
    const { storage, frames } = this.#complex;
    const inPage = low & (PAGE_BYTES - 1);
    if (stopsAt(vcpu, high, low, bytes, false)) return 0;
    const at = this.#find(vcpu, high, low, 'fetch');
    if (at < 0) return 0;
    if (inPage + bytes <= PAGE_BYTES) {
      this.#fill(vcpu, high, low, at, 'fetch');
      frames.fetched(at, bytes);
      return storage.accessAddress(at);
    }
    const first = PAGE_BYTES - inPage;
    const [h2, l2] = advance(vcpu, high, low, first);
    const at2 = this.#find(vcpu, h2, l2, 'fetch');
    if (at2 < 0) return 0;
    frames.fetched(at, first);
    frames.fetched(at2, bytes - first);
    const split = { at, bytes: first, otherAt: at2, otherBytes: bytes - first };
    return storage.fetchSplit(vcpu.base + engineState.scratch.offset, split);
  }

  /** See EngineHooks. */
  storeSlow(vcpu: Vcpu, high: number, low: number, bytes: number): void {
    const { storage, frames } = this.#complex;
    const scratch = vcpu.base + engineState.scratch.offset;
    const inPage = low & (PAGE_BYTES - 1);
    if (stopsAt(vcpu, high, low, bytes, true)) return;
    const at = this.#find(vcpu, high, low, 'store');
    if (at < 0) return;
    if (inPage + bytes <= PAGE_BYTES) {
      this.#fill(vcpu, high, low, at, 'store');
      storage.storeFrom(scratch, at, bytes);
      frames.stored(at, bytes);
      return;
    }
    const first = PAGE_BYTES - inPage;
    const [h2, l2] = advance(vcpu, high, low, first);
    const at2 = this.#find(vcpu, h2, l2, 'store');
    if (at2 < 0) return;
    storage.storeSplit(scratch, { at, bytes: first, otherAt: at2, otherBytes: bytes - first });
    frames.stored(at, first);
    frames.stored(at2, bytes - first);
  }

  /** See EngineHooks. */
  probeSlow(vcpu: Vcpu, high: number, low: number, length: number, access: number): number {
    if ((low & (PAGE_BYTES - 1)) + length > PAGE_BYTES) return 0;
    const kind = access === 0 ? 'fetch' : 'store';
    const at = this.#locate(vcpu, high, low, kind);
    if (at < 0 || guards(vcpu, high, low)) return 0;
    if (this.#complex.frames.watch?.watches(at, length, kind) === true) return 0;
    this.#fill(vcpu, high, low, at, kind);
    // The caller stores without telling: forget decoded instructions now, they cannot be fetched in between.
    if (kind === 'store') this.#complex.frames.stored(at, length);
    return this.#complex.storage.pointer(at);
  }

  /** See EngineHooks. */
  ifetchMiss(vcpu: Vcpu): void {
    // Bits 62 and 63 of an instruction address do not exist.
    const pc = vcpu.pc & ~3n;
    vcpu.pc = pc;
    vcpu.setBig(engineState.ia, pc);
    const [high, low] = [Number(pc >> 32n), Number(pc & 0xffff_ffffn)];
    const at = this.#find(vcpu, high, low, 'ifetch');
    if (at < 0) return;
    const { codeOrder, pageKeeper } = this.#complex;
    pageKeeper?.executes(high * 0x10_0000 + (low >>> PAGE_SHIFT));
    const page = codeOrder.pageFor(vcpu, Math.floor(at / PAGE_BYTES));
    const bank = vcpu.num(engineState.tlbInsn);
    if (bank !== vcpu.tlb.empty) {
      this.#fill(vcpu, high, low, at, 'ifetch');
      const entry = (bank + entryOffset(low)) >>> 2;
      const { words } = this.#complex;
      words[entry + tlbEntry.ifetchTag / 4] = (low | tagBits.ifetch) >>> 0;
      words[entry + tlbEntry.ifetchTag / 4 + 1] = high;
      words[entry + tlbEntry.decodePage / 4] = page;
    }
    vcpu.setBig(engineState.ifetchTag, pc & ~0xfffn);
    vcpu.setNum(engineState.ifetchBase, page);
  }

  #isWatched(at: number, kind: AccessKind): boolean {
    const { watch } = this.#complex.frames;
    if (watch === undefined || kind === 'ifetch') return false;
    return watch.watches(at - (at % PAGE_BYTES), PAGE_BYTES, kind);
  }

  /** Enters what was found into the TLB. What is known of the same page stays. */
  #fill(vcpu: Vcpu, high: number, low: number, at: number, kind: AccessKind): void {
    const { frames, storage, words } = this.#complex;
    const bank = vcpu.num(kind === 'ifetch' ? engineState.tlbInsn : engineState.tlbData);
    if (bank === vcpu.tlb.empty) return;
    vcpu.tlb.filling(bank + entryOffset(low));
    const entry = (bank + entryOffset(low)) >>> 2;
    const page = (low & 0xffff_f000) >>> 0;
    const frame = Math.floor(at / PAGE_BYTES);
    const watched = this.#isWatched(at, kind) || guards(vcpu, high, low);
    const tag = words[entry] ?? 0;
    const samePage = tag !== 0 && (tag & ~0xfff) >>> 0 === page && words[entry + 1] === high;
    if (!samePage) for (let i = 0; i < tlbEntry.bytes / 4; i++) words[entry + i] = 0;
    if (kind === 'fetch' || !samePage) {
      words[entry] = (page | (kind === 'fetch' && !watched ? tagBits.access : tagBits.never)) >>> 0;
      words[entry + 1] = high;
    }
    if (kind === 'store') {
      let reason = watched ? storeTagReason.watched : 0;
      if (((frames.flags[frame] ?? 0) & frameFlags.code) !== 0) reason |= storeTagReason.code;
      words[entry + tlbEntry.storeTag / 4] = (page | (reason === 0 ? tagBits.access : reason)) >>> 0;
      words[entry + tlbEntry.storeTag / 4 + 1] = high;
    }
    words[entry + tlbEntry.addend / 4] = storage.addend(at, low);
    frames.mapped(frame, low, kind);
  }

  // ---- accesses of helpers

  /** Fetches bytes at an effective address; nothing is returned unless all can be. */
  read(vcpu: Vcpu, address: bigint, length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (const p of this.#pieces(vcpu, address, length, 'fetch')) {
      this.#complex.storage.readInto(p.at, out.subarray(p.from, p.from + p.length));
      this.#complex.frames.fetched(p.at, p.length);
    }
    return out;
  }
  /** Stores bytes at an effective address; nothing is stored unless all can be. */
  write(vcpu: Vcpu, address: bigint, data: Uint8Array): void {
    for (const p of this.#pieces(vcpu, address, data.length, 'store')) {
      this.#complex.storage.write(p.at, data.subarray(p.from, p.from + p.length));
      this.#complex.frames.stored(p.at, p.length);
    }
  }
  #pieces(vcpu: Vcpu, address: bigint, length: number, kind: AccessKind): readonly Piece[] {
    const pieces: Piece[] = [];
    for (let from = 0; from < length; ) {
      const ea = asUintN(64, address + BigInt(from)) & vcpu.big(engineState.amask);
      const [high, low] = [Number(ea >> 32n), Number(ea & 0xffff_ffffn)];
      const count = Math.min(length - from, PAGE_BYTES - (low & (PAGE_BYTES - 1)));
      if (stopsAt(vcpu, high, low, count, kind === 'store')) vcpu.unwind();
      const at = this.#find(vcpu, high, low, kind);
      if (at < 0) vcpu.unwind();
      pieces.push({ at, from, length: count });
      from += count;
    }
    return pieces;
  }
}

function advance(vcpu: Vcpu, high: number, low: number, by: number): readonly [number, number] {
  const next = low + by;
  if (next < WORD) return [high, next];
  return [vcpu.num(slots.sf) === 1 ? (high + 1) >>> 0 : 0, next - WORD];
}

/** Tells address spaces apart for watchpoints: the partition, and whether addresses are translated. */
export function spaceOf(vcpu: Vcpu, kind: AccessKind): bigint {
  const bit = kind === 'ifetch' ? 0x20 : 0x10;
  return BigInt(vcpu.lpid * 2 + ((vcpu.msrLow & bit) !== 0 ? 1 : 0));
}
