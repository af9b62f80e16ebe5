import { expect, test } from 'vitest';
import { Frames } from '../../../src/machine/frames.ts';
import { decodePageBytes, TLB_BANK_BYTES, tagBits, tlbEntry } from '../../../src/machine/layout.ts';
import { frameFlags, MirroredStorage } from '../../../src/machine/storage.ts';
import { entryOffset, storeTagReason, Tlb } from '../../../src/machine/tlb.ts';

const STORAGE = 0x10000;
const TLB_AT = 0x20000;
const FRAME = 3;

/** A machine in which frame 3 can be stored to by each of the addresses. */
function mappedBy(addresses: readonly number[]) {
  const bytes = TLB_AT + Tlb.bytes(2) + 4 * decodePageBytes(2) + 2 * STORAGE;
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 0x10000) });
  const top = memory.buffer.byteLength;
  const storage = new MirroredStorage(memory, top, STORAGE);
  const tlb = new Tlb(memory, TLB_AT, 2);
  const user = { tlb, forgetDecodePage: () => undefined, endSlice: () => undefined };
  const decode = { base: TLB_AT + Tlb.bytes(2), count: 4, unit: 2 } as const;
  const frames = new Frames({ memory, storage, flags: 0x1000, decode, users: () => [user] });
  const words = new Uint32Array(memory.buffer);
  const bank = tlb.bank(1, 1, 0);
  const storeTag = (low: number): number => words[(bank + entryOffset(low) + tlbEntry.storeTag) >>> 2] ?? 0;
  for (const low of addresses) {
    const entry = bank + entryOffset(low);
    tlb.filling(entry);
    words[entry >>> 2] = low | tagBits.access;
    words[(entry + tlbEntry.storeTag) >>> 2] = low | tagBits.access;
    words[(entry + tlbEntry.ifetchTag) >>> 2] = low | tagBits.ifetch;
    words[(entry + tlbEntry.addend) >>> 2] = storage.addend(FRAME * 0x1000, low);
    frames.mapped(FRAME, low, 'store');
  }
  // Another space has another frame in the place of the first.
  const other = tlb.bank(2, 2, 0) + entryOffset(addresses[0] ?? 0);
  tlb.filling(other);
  words[(other + tlbEntry.storeTag) >>> 2] = tagBits.access;
  words[(other + tlbEntry.addend) >>> 2] = storage.addend(5 * 0x1000, 0);
  const otherTag = (): number => words[(other + tlbEntry.storeTag) >>> 2] ?? 0;
  const ifetchTag = (low: number): number => words[(bank + entryOffset(low) + tlbEntry.ifetchTag) >>> 2] ?? 0;
  return { frames, storeTag, ifetchTag, otherTag };
}

test.each([1, 2, 3])('stores by %i addresses into a frame are looked at once it holds instructions', (count) => {
  expect(TLB_BANK_BYTES).toBeGreaterThan(entryOffset(0x9000));
  const addresses = [0x3000, 0x7000, 0x9000].slice(0, count);
  const { frames, storeTag, otherTag } = mappedBy(addresses);
  frames.decodePageFor(FRAME);
  expect(addresses.map(storeTag)).toEqual(addresses.map((low) => low | storeTagReason.code));
  expect(otherTag()).toBe(tagBits.access);
});

test('code that is stored over without a gap is no code any more: no TLB names its page, and stores are not looked at', () => {
  const { frames, ifetchTag } = mappedBy([0x3000, 0x7000]);
  const at = FRAME * 0x1000;
  const isCode = (): boolean => ((frames.flags[FRAME] ?? 0) & frameFlags.code) !== 0;
  const page = frames.decodePageFor(FRAME);
  // Each of these leaves a gap to the one before.
  for (let i = 0; i < 0x1000; i += 16) frames.stored(at + i, 8);
  expect([isCode(), ifetchTag(0x3000)]).toEqual([true, 0x3000 | tagBits.ifetch]);
  for (let i = 0; i < 504; i += 8) frames.stored(at + i, 8);
  expect(isCode()).toBe(true);
  frames.stored(at + 504, 8);
  expect([isCode(), ifetchTag(0x3000), ifetchTag(0x7000)]).toEqual([false, 0, 0]);
  expect(frames.decodePages.storageOffset(page)).toBeUndefined();
  // Another frame gets the page.
  expect(frames.decodePageFor(FRAME + 1)).toBe(page);
  expect(frames.decodePageFor(FRAME)).not.toBe(page);
});
