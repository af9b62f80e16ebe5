import { decodeEntry, engineState, PAGE_BYTES, tagBits, tlbEntry } from '../../../machine/layout.ts';
import { entryOffset } from '../../../machine/tlb.ts';
import { instructionLength } from '../isa/decoder.ts';
import { isExecute } from '../isa/opcodes.ts';
import { operand } from './access-path.ts';
import type { S390xCore } from './core.ts';
import { PGM } from './interruption-codes.ts';
import type { Vcpu } from './vcpu.ts';

/** Cached decodings, a power of two. */
const SLOTS = 4096;
/** Words of a slot: text (2), length and distance (2), the decode-cache entry (4). */
const SLOT_WORDS = 8;
const ENTRY_AT = 4;
/** 2^32 divided by the golden ratio, which spreads small differences over the upper bits of a product. */
const GOLDEN = 0x9e37_79b1;

/**
 * Decodes instructions that have no place in a decode page: those that cross a page, and targets of EXECUTE. Text is
 * fetched at every execution, since the second page or the modifier may be another each time; what it decodes to is kept
 * by text.
 */
export class LooseDecoder {
  readonly #core: S390xCore;
  readonly #slots = new Uint32Array(SLOTS * SLOT_WORDS);
  /** The text in hand: bytes 0-3, and 4-5. */
  #first = 0;
  #last = 0;

  constructor(core: S390xCore) {
    this.#core = core;
  }

  /** Decodes the page-crossing instruction at `ia` into the vCPU's entry for such, and returns that entry. */
  crossing(vcpu: Vcpu): number {
    const entry = vcpu.base + engineState.crossingEntry.offset;
    const high = vcpu.view.getUint32(vcpu.base + engineState.ia.offset + 4, true);
    const low = vcpu.view.getUint32(vcpu.base + engineState.ia.offset, true);
    const length = instructionLength(this.#half(vcpu, high, low) >>> 8);
    // What the length is must be known when the rest cannot be fetched.
    this.#core.complex.setEntry(entry, 0, length);
    this.#fetch(vcpu, high, low, length);
    this.#enter(vcpu, entry, length, 0, 0);
    return entry;
  }

  /**
   * Decodes the target of EXECUTE, at an address by words, into the vCPU's entry for such, and returns that entry. Bits 8-15 are OR'ed with the
   * modifier, and what comes of that is the instruction: an opcode goes on in bits 12-15 in many formats. The length by
   * which the PSW advances is EXECUTE's; relative operands count from the target.
   */
  target(vcpu: Vcpu, high: number, low: number, modifier: number): number {
    if ((low & 1) !== 0) vcpu.raise(PGM.specification);
    this.#fetchAll(vcpu, high, low);
    this.#first = (this.#first | ((modifier & 0xff) << 16)) >>> 0;
    if (isExecute(this.#first >>> 16)) vcpu.raise(PGM.execute);
    const entry = vcpu.base + engineState.executeEntry.offset;
    const { view } = vcpu;
    const iaLow = view.getUint32(vcpu.base + engineState.ia.offset, true);
    const iaHigh = view.getUint32(vcpu.base + engineState.ia.offset + 4, true);
    this.#enter(vcpu, entry, vcpu.ilc, high - iaHigh - (low < iaLow ? 1 : 0), low - iaLow);
    vcpu.executeText[0] = this.#first;
    vcpu.executeText[1] = this.#last;
    return entry;
  }

  /** Fetches the text of the instruction in execution: `first` and `last` are it. */
  fetchText(vcpu: Vcpu): void {
    const at = vcpu.base + engineState.ia.offset;
    this.#fetch(vcpu, vcpu.view.getUint32(at + 4, true), vcpu.view.getUint32(at, true), vcpu.ilc);
  }
  /** Bytes 0-3 of what was fetched last. */
  get first(): number {
    return this.#first;
  }
  /** Bytes 4-5; zeros behind a shorter instruction. */
  get last(): number {
    return this.#last;
  }

  #fetch(vcpu: Vcpu, high: number, low: number, length: number): void {
    if ((low & (PAGE_BYTES - 1)) + length <= PAGE_BYTES) return this.#fetchInPage(vcpu, high, low, length);
    const part = (i: number): number => {
      if (i >= length) return 0;
      const next = low + i;
      return this.#half(vcpu, next > 0xffff_ffff ? (high + 1) >>> 0 : high, next >>> 0);
    };
    this.#first = ((part(0) << 16) | part(2)) >>> 0;
    this.#last = part(4);
  }

  // The text, of which the first halfword tells the length, which is what it gives.
  #fetchAll(vcpu: Vcpu, high: number, low: number): void {
    const at = this.#find(vcpu, high, low);
    const length = instructionLength(this.#core.complex.storage.byte(at));
    if ((low & (PAGE_BYTES - 1)) + length <= PAGE_BYTES) this.#take(at, length);
    else this.#fetch(vcpu, high, low, length);
  }

  #fetchInPage(vcpu: Vcpu, high: number, low: number, length: number): void {
    this.#take(this.#find(vcpu, high, low), length);
  }

  // The text at a storage offset, in one page.
  #take(at: number, length: number): void {
    const { storage } = this.#core.complex;
    this.#first = ((storage.half(at) << 16) | (length > 2 ? storage.half(at + 2) : 0)) >>> 0;
    this.#last = length > 4 ? storage.half(at + 4) : 0;
  }

  #half(vcpu: Vcpu, high: number, low: number): number {
    return this.#core.complex.storage.half(this.#find(vcpu, high, low));
  }

  // Where a halfword is, by an instruction-fetch access; addresses wrap in the addressing mode.
  #find(vcpu: Vcpu, high: number, low: number): number {
    const { complex, access } = this.#core;
    const maskHigh = vcpu.view.getUint32(vcpu.base + engineState.amask.offset + 4, true);
    const maskLow = vcpu.view.getUint32(vcpu.base + engineState.amask.offset, true);
    const h = (high & maskHigh) >>> 0;
    const l = (low & maskLow) >>> 0;
    const { view } = vcpu;
    const tlb = vcpu.num(engineState.tlbInsn) + entryOffset(l);
    const known =
      view.getUint32(tlb + tlbEntry.ifetchTag, true) === (l | tagBits.ifetch) >>> 0 &&
      view.getUint32(tlb + tlbEntry.ifetchTag + 4, true) === h;
    if (known) {
      const page = complex.frames.decodePages.storageOffset(view.getUint32(tlb + tlbEntry.decodePage, true));
      if (page !== undefined) return page + (l & (PAGE_BYTES - 1));
    }
    return access.require(vcpu, h, l, 'ifetch', operand);
  }

  // `distanceHigh` and `distanceLow` are the words of a signed number, as far as their last 32 bits go.
  #enter(vcpu: Vcpu, entry: number, ilc: number, distanceHigh: number, distanceLow: number): void {
    const slots = this.#slots;
    const low = distanceLow >>> 0;
    const high = distanceHigh >>> 0;
    // Texts that differ in the modifier alone, bits 8-15, must not share slots.
    const mixed = this.#first ^ Math.imul(this.#last | (ilc << 16), GOLDEN) ^ low;
    const hash = Math.imul(mixed ^ (mixed >>> 16), GOLDEN);
    const at = (hash >>> 20) * SLOT_WORDS;
    const key2 = (this.#last | (ilc << 16)) >>> 0;
    const hit = slots[at] === this.#first && slots[at + 1] === key2 && slots[at + 2] === low && slots[at + 3] === high;
    const { view } = vcpu;
    if (!hit) {
      const distance = BigInt.asIntN(64, (BigInt(high) << 32n) | BigInt(low));
      this.#core.enter(vcpu, entry, this.#first, this.#last, ilc, distance);
      slots[at] = this.#first;
      slots[at + 1] = key2;
      slots[at + 2] = low;
      slots[at + 3] = high;
      for (let i = 0; i < 4; i++) slots[at + ENTRY_AT + i] = view.getUint32(entry + i * 4, true);
      return;
    }
    for (let i = 0; i < decodeEntry.bytes / 4; i++) view.setUint32(entry + i * 4, slots[at + ENTRY_AT + i] ?? 0, true);
  }
}

/** The bytes of an instruction text held in words. */
export function textBytes(first: number, last: number, length: number): Uint8Array {
  return Uint8Array.of(first >>> 24, first >>> 16, first >>> 8, first, last >>> 8, last).subarray(0, length);
}
