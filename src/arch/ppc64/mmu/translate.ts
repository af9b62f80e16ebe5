import { DSISR, VECTOR } from '../cpu/interruptions.ts';
import { MSR } from '../cpu/msr.ts';
import { slots } from '../cpu/state-layout.ts';
import type { Vcpu } from '../cpu/vcpu.ts';
import type { AccessKind, StorageFault } from './fault.ts';
import { HPTE, type Hpt, type VirtualPage, virtualPage } from './hpt.ts';
import { baseShift, SLB } from './slb.ts';

/** The partition whose addresses are translated: its page table, and where its pages lie in the hypervisor's storage. */
export interface Partition {
  readonly hpt: Hpt;
  /** Real address, in the hypervisor's storage, of the byte at offset 0 of the guest's storage. */
  readonly hostBase: number;
  /** Bytes of the guest's storage. */
  readonly bytes: number;
  /** The segment of the virtual real-mode area, as SLBMTE would give it; undefined when real addresses are what they are. */
  readonly vrma: { readonly high: number; readonly low: number } | undefined;
}

/** A translation step by step: what was found until it came to its end, or to nothing. */
export interface Explained {
  /** RS of the segment, or of the virtual real-mode area. */
  readonly rs: { readonly high: number; readonly low: number } | undefined;
  readonly segment: number | undefined;
  readonly hash: number | undefined;
  readonly entry: number | undefined;
  /** Offset into the guest's storage; -1 with the interruption that an access would meet. */
  readonly at: number;
  readonly vector: number;
  readonly bits: number;
}

const WORD = 0x1_0000_0000;
/** Largest upper word of an address that a number holds exactly. */
const MOST_HIGH = 0x1f_ffff;

/** Translates effective addresses, by words, to offsets into the guest's storage. */
export class Translator {
  readonly partition: Partition;
  readonly #page: VirtualPage = { high0: 0, low0: 0, avpnMask: 0, hash: 0, base: 12 };
  readonly #ea = { high: 0, low: 0 };
  readonly #rs = { high: 0, low: 0 };
  /** What became of the last translation that gave -1, and of the last one that did not. */
  readonly found: StorageFault = { vector: 0, bits: 0, hypervisor: false };

  constructor(partition: Partition) {
    this.partition = partition;
  }

  /**
   * Offset of the byte at an effective address for an access of the kind, -1 when it is not allowed. The page table is told of
   * references and changes unless it is only a `look`.
   */
  translate(vcpu: Vcpu, high: number, low: number, kind: AccessKind, look = false): number {
    const msr = vcpu.msrLow;
    const on = (msr & (kind === 'ifetch' ? MSR.ir : MSR.dr)) !== 0;
    return on ? this.#virtual(vcpu, high, low, kind, look) : this.#real(high, low, kind, look);
  }

  /** Offset of the byte at a real address, -1 when there is none; nothing is recorded. */
  lookReal(high: number, low: number): number {
    return this.#real(high, low, 'fetch', true);
  }

  /** Number of the entry of the virtual real-mode area for a real address, -1 when there is none. */
  vrmaEntry(real: number): number {
    const { vrma } = this.partition;
    return vrma === undefined ? -1 : this.#search(Math.floor(real / WORD), real >>> 0, vrma.high, vrma.low);
  }

  /** How an access would be translated; nothing is recorded. */
  explain(vcpu: Vcpu, address: bigint, kind: AccessKind): Explained {
    const [high, low] = [Number(address >> 32n), Number(address & 0xffff_ffffn)];
    const { vrma } = this.partition;
    const on = (vcpu.msrLow & (kind === 'ifetch' ? MSR.ir : MSR.dr)) !== 0;
    const segment = on ? vcpu.slb.find(high, low) : -1;
    const rs = segment >= 0 ? { high: vcpu.slb.rsHigh(segment), low: vcpu.slb.rsLow(segment) } : on ? undefined : vrma;
    const entry = rs === undefined ? undefined : this.#search(on ? high : high & 0x0fff_ffff, low, rs.high, rs.low);
    const hash = rs === undefined ? undefined : this.#page.hash;
    const at = this.translate(vcpu, high, low, kind, true);
    return {
      ...{
        rs,
        segment: segment >= 0 ? segment : undefined,
        hash,
        at,
        vector: this.found.vector,
        bits: this.found.bits,
      },
      entry: entry === undefined || entry < 0 ? undefined : entry,
    };
  }

  /**
   * Whether an entry of the page table is of the segment that an address lies in, translated or not: what a TLB has for the address can
   * have come from no other. An address without a segment says nothing.
   */
  isOfSegment(vcpu: Vcpu, translated: boolean, high: number, low: number, index: number): boolean {
    const { hpt, vrma } = this.partition;
    if (!translated) return vrma !== undefined && hpt.isOfSegment(index, vrma.high, vrma.low);
    const n = vcpu.slb.find(high, low);
    return n < 0 || hpt.isOfSegment(index, vcpu.slb.rsHigh(n), vcpu.slb.rsLow(n));
  }

  #real(high: number, low: number, kind: AccessKind, look: boolean): number {
    const { vrma, bytes } = this.partition;
    const up = high & 0x0fff_ffff;
    if (vrma === undefined) {
      const at = up * WORD + low;
      return at < bytes ? at : this.#fail(kind, DSISR.noEntry, true);
    }
    if (up > 0xff) return this.#fail(kind, DSISR.noEntry, true);
    const index = this.#search(up, low, vrma.high, vrma.low);
    return index < 0 ? this.#fail(kind, DSISR.noEntry, true) : this.#use(index, low, kind, look, 0, undefined);
  }

  #virtual(vcpu: Vcpu, high: number, low: number, kind: AccessKind, look: boolean): number {
    const { slb } = vcpu;
    const segment = slb.find(high, low);
    if (segment < 0) {
      const { found } = this;
      found.vector = kind === 'ifetch' ? VECTOR.instructionSegment : VECTOR.dataSegment;
      found.bits = 0;
      found.hypervisor = false;
      return -1;
    }
    const rsLow = slb.rsLow(segment);
    if (kind === 'ifetch' && (rsLow & SLB.noExecute) !== 0) return this.#fail(kind, DSISR.noExecute, false);
    const index = this.#search(high, low, slb.rsHigh(segment), rsLow);
    if (index < 0) return this.#fail(kind, DSISR.noEntry, false);
    const problem = (vcpu.msrLow & MSR.pr) !== 0;
    const key = (rsLow & (problem ? SLB.kp : SLB.ks)) !== 0 ? 1 : 0;
    return this.#use(index, low, kind, look, key, vcpu);
  }

  #search(high: number, low: number, rsHigh: number, rsLow: number): number {
    const base = baseShift(rsLow);
    // Pages of 16 GiB are not offered to guests.
    if (base === undefined || base === 34) return -1;
    this.#ea.high = high;
    this.#ea.low = low;
    this.#rs.high = rsHigh;
    this.#rs.low = rsLow;
    virtualPage(this.#page, this.#ea, this.#rs, base);
    return this.partition.hpt.search(this.#page);
  }

  // By hand: an object would be made at every miss. Real accesses are those of no vCPU.
  #use(index: number, low: number, kind: AccessKind, look: boolean, key: 0 | 1, vcpu: Vcpu | undefined): number {
    const { hpt, hostBase, bytes } = this.partition;
    const shift = hpt.shift;
    const high1 = hpt.high1(index);
    const low1 = hpt.low1(index);
    const real = vcpu === undefined;
    const rights = rightsOf(((high1 & HPTE.pp0High) >>> 29) | (low1 & HPTE.pp), key);
    if (kind === 'ifetch') {
      if ((low1 & (HPTE.noExecute | HPTE.guarded)) !== 0 && !real) return this.#fail(kind, DSISR.noExecute, false);
      if (rights === 'none') return this.#fail(kind, DSISR.protection, real);
    } else if (rights === 'none' || (kind === 'store' && rights === 'read')) {
      return this.#fail(kind, DSISR.protection, real);
    }
    const keys = vcpu === undefined ? 0 : keyDenies(vcpu, high1, low1);
    if (kind !== 'ifetch' && (keys & (kind === 'store' ? 2 : 1)) !== 0) return this.#fail(kind, DSISR.key, false);
    const up = high1 & HPTE.rpnHigh;
    const mask = 2 ** shift - 1;
    const page = up > MOST_HIGH ? -1 : up * WORD + ((low1 & HPTE.rpnLow & ~mask) >>> 0) - hostBase;
    const at = page + (low & mask);
    if (page < 0 || at >= bytes) return this.#fail(kind, DSISR.noEntry, real);
    const marks = kind === 'store' ? HPTE.reference | HPTE.change : HPTE.reference;
    if (!look && (low1 & marks) !== marks) hpt.setLow1(index, low1 | marks);
    return at;
  }

  #fail(kind: AccessKind, bits: number, hypervisor: boolean): -1 {
    const { found } = this;
    found.hypervisor = hypervisor;
    found.bits = kind === 'store' ? bits | DSISR.store : bits;
    if (hypervisor) {
      found.vector = kind === 'ifetch' ? VECTOR.hypervisorInstructionStorage : VECTOR.hypervisorDataStorage;
    } else found.vector = kind === 'ifetch' ? VECTOR.instructionStorage : VECTOR.dataStorage;
    return -1;
  }
}

/** What protection bits PP0 to PP2, as a number, allow with a key. */
function rightsOf(pp: number, key: 0 | 1): 'none' | 'read' | 'write' {
  if (key === 0) return pp <= 2 ? 'write' : pp === 3 || pp === 6 ? 'read' : 'none';
  return pp === 2 ? 'write' : pp === 1 || pp === 3 ? 'read' : 'none';
}

/** What the authority mask forbids for an entry's key: 2 for stores, 1 for loads. */
function keyDenies(vcpu: Vcpu, high1: number, low1: number): number {
  const key = (((high1 & HPTE.keyHigh) >>> 28) << 3) | ((low1 & HPTE.keyLow) >>> 9);
  const word = vcpu.view.getUint32(vcpu.base + slots.amr.offset + (key < 16 ? 4 : 0), true);
  return (word >>> (30 - 2 * (key & 15))) & 3;
}
