import { describe, expect, test } from 'vitest';
import { TLB_BANK_BYTES, TLB_ENTRIES, tagBits, tlbEntry } from '../../../src/machine/layout.ts';
import { makeStorage } from '../../../src/machine/storage.ts';
import { entryOffset, REAL_SPACE, storeTagReason, Tlb } from '../../../src/machine/tlb.ts';

const BANKS = 4;
const BASE = 65536;
const PAGE = 4096;
/** Where frames lie; only their addresses count. */
const FRAMES = 512;

function make() {
  const pages = Math.ceil((BASE + Tlb.bytes(BANKS)) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const tlb = new Tlb(memory, BASE, BANKS);
  const words = new Uint32Array(memory.buffer);
  const storage = makeStorage(memory, 0, FRAMES * PAGE, 'big');
  const at = (bank: number, page: number): number => (bank + entryOffset(page * PAGE)) >>> 2;
  return {
    tlb,
    storage,
    /** Enters a page that lies in a frame, for fetches and stores. */
    enter(bank: number, page: number, frame: number): void {
      const entry = at(bank, page);
      tlb.filling(entry * 4);
      words[entry + tlbEntry.fetchTag / 4] = (page * PAGE) | tagBits.access;
      words[entry + tlbEntry.storeTag / 4] = (page * PAGE) | tagBits.access;
      words[entry + tlbEntry.addend / 4] = storage.addend(frame * PAGE, page * PAGE);
    },
    fetches: (bank: number, page: number): boolean => words[at(bank, page)] === ((page * PAGE) | tagBits.access) >>> 0,
    storeTag: (bank: number, page: number): number => words[at(bank, page) + tlbEntry.storeTag / 4] ?? 0,
    /** A mark where `flush` would clear an entry. */
    poison(bank: number, place: number): void {
      words[(bank + place * tlbEntry.bytes + tlbEntry.decodePage) >>> 2] = 0xdead;
    },
    poisoned: (bank: number, place: number): boolean =>
      words[(bank + place * tlbEntry.bytes + tlbEntry.decodePage) >>> 2] === 0xdead,
    used: (bank: number): number =>
      words.subarray(bank >>> 2, (bank + TLB_BANK_BYTES) >>> 2).filter((w) => w !== 0).length,
  };
}

describe('banks', () => {
  test('a space keeps its bank while another is in use, and DAT off is a space of its own', () => {
    const { tlb, enter, fetches } = make();
    const kernel = tlb.bank(0, 0x1003, 0);
    enter(kernel, 5, 50);
    const user = tlb.bank(0, 0x5003, 0);
    const real = tlb.bank(0, 0x1003, REAL_SPACE);
    expect(new Set([kernel, user, real]).size).toBe(3);
    expect([tlb.bank(0, 0x1003, 0), fetches(kernel, 5), fetches(user, 5)]).toEqual([kernel, true, false]);
    expect([tlb.bank(1, 0x1003, 0), tlb.bank(0, 0x1003, 8)]).not.toContain(kernel);
  });

  test('the one used longest ago is given away, emptied; those that are kept are not', () => {
    const { tlb, enter, used } = make();
    const banks = [1, 2, 3, 4].map((n) => tlb.bank(0, n << 12, 0));
    const [first = 0, second = 0, third = 0] = banks;
    for (const bank of banks) enter(bank, 7, 70);
    expect(tlb.bank(0, 0x9000, 0, first, second)).toBe(third);
    expect([used(first) > 0, used(third)]).toEqual([true, 0]);
  });
});

describe('memory of the host', () => {
  test('a space that is new gets an empty bank that was in use, unless that was asked for just now', () => {
    const { tlb, enter } = make();
    const [first, second] = [tlb.bank(0, 0x1000, 0), tlb.bank(0, 0x2000, 0)];
    enter(second, 1, 1);
    tlb.flush();
    const third = tlb.bank(0, 0x3000, 0);
    expect([first, second]).not.toContain(third);
    for (let i = 0; i < 4; i++) tlb.bank(0, 0x3000, 0);
    expect(tlb.bank(0, 0x4000, 0)).toBe(second);
    expect(tlb.bank(0, 0x1000, 0)).toBe(first);
  });

  test('a bank that is kept is not given away, though it is empty', () => {
    const { tlb, enter } = make();
    const bank = tlb.bank(0, 0x1000, 0);
    enter(bank, 1, 1);
    tlb.flush();
    for (let i = 0; i < 8; i++) tlb.bank(0, 0x2000, 0);
    expect(tlb.bank(0, 0x3000, 0, bank)).not.toBe(bank);
    expect(tlb.bank(0, 0x1000, 0)).toBe(bank);
  });

  test.each([3, 3000])('pieces of a bank with %i entries are stored into only where there are some', (count) => {
    const { tlb, enter, poison, poisoned } = make();
    const bank = tlb.bank(0, 0x1000, 0);
    for (let page = 0; page < count; page++) enter(bank, 256 + page, page);
    // A mark in pieces in front of and behind those, where no entry is.
    poison(bank, 0);
    poison(bank, TLB_ENTRIES - 1);
    tlb.flushPagesOfIndex(0, 256);
    tlb.flushPagesOfIndex(255, 256);
    tlb.flushPagesAt(0, 0xffff_f000);
    tlb.distrustStores(storeTagReason.clean);
    tlb.flush();
    expect([poisoned(bank, 0), poisoned(bank, TLB_ENTRIES - 1)]).toEqual([true, true]);
  });
});

describe('what was filled is found again', () => {
  test.each([1, 1000, 1024, 1025, 3000])('a flush empties a bank with %i entries', (count) => {
    const { tlb, enter, used } = make();
    const bank = tlb.bank(0, 0x1000, 0);
    for (let page = 0; page < count; page++) enter(bank, (page * 5) % TLB_ENTRIES, page);
    expect(used(bank)).toBeGreaterThan(0);
    tlb.flush();
    expect(used(bank)).toBe(0);
    enter(bank, 3, 3);
    tlb.flush();
    expect(used(bank)).toBe(0);
  });

  test.each([
    10, 2000,
  ])('with %i entries, a frame is forgotten in every space, under every address, and no other', (count) => {
    const { tlb, storage, enter, fetches } = make();
    const [a, b] = [tlb.bank(0, 0x1000, 0), tlb.bank(0, 0x2000, 0)];
    for (let page = 0; page < count; page++) enter(a, page, page);
    enter(b, 9000, 4);
    enter(b, 9001, 500);
    tlb.flushFrame(storage, 4 * PAGE);
    expect([fetches(a, 4), fetches(b, 9000)]).toEqual([false, false]);
    expect([fetches(a, 3), fetches(a, 5), fetches(b, 9001)]).toEqual([true, true, true]);
  });

  test('pages are forgotten in every space by as many bits of their addresses as are known', () => {
    const { tlb, enter, fetches } = make();
    const [a, b] = [tlb.bank(0, 0x1000, 0), tlb.bank(0, 0x2000, 0)];
    const far = 0x10000;
    for (const bank of [a, b]) for (const page of [6, 7]) enter(bank, page, page);
    tlb.flushPagesAt((far + 6) * PAGE, 0x0fff_f000);
    tlb.flushPagesAt((far + 7) * PAGE, 0xffff_f000);
    for (const bank of [a, b]) expect([6, 7].map((page) => fetches(bank, page))).toEqual([false, true]);
    // Whoever knows more is asked about those that fit.
    const asked: number[][] = [];
    tlb.flushPagesAt(7 * PAGE, 0x0fff_f000, (high, low, rights) => {
      asked.push([high, low, rights]);
      return asked.length > 1;
    });
    expect(asked).toEqual([
      [0, 7 * PAGE, 0],
      [0, 7 * PAGE, 0],
    ]);
    expect([a, b].map((bank) => fetches(bank, 7))).toEqual([true, false]);
  });

  test('pages of one index are forgotten in every space and every segment', () => {
    const { tlb, enter, fetches } = make();
    const [a, b] = [tlb.bank(0, 0x1000, 0), tlb.bank(0, 0x2000, 0)];
    const pages = [6, 256 + 6, 63 * 256 + 6, 64 * 256 + 7];
    for (const bank of [a, b]) for (const page of pages) enter(bank, page, page % 64);
    tlb.flushPagesOfIndex(6, 256);
    for (const bank of [a, b]) expect(pages.map((page) => fetches(bank, page))).toEqual([false, false, false, true]);
    enter(a, 6, 6);
    tlb.flush();
    expect(fetches(a, 6)).toBe(false);
  });
});

test('stores into a frame are looked at afresh, wherever it is mapped, and fetches go on', () => {
  const { tlb, storage, enter, fetches, storeTag } = make();
  const [a, b] = [tlb.bank(0, 0x1000, 0), tlb.bank(0, 0x2000, 0)];
  enter(a, 1, 11);
  enter(b, 2, 11);
  enter(b, 3, 12);
  tlb.distrustStoresInto(storage, 11 * PAGE, storeTagReason.code);
  expect([storeTag(a, 1), storeTag(b, 2)]).toEqual([PAGE | storeTagReason.code, (2 * PAGE) | storeTagReason.code]);
  expect(storeTag(b, 3)).toBe((3 * PAGE) | tagBits.access);
  tlb.distrustStores(storeTagReason.clean);
  expect(storeTag(b, 3)).toBe((3 * PAGE) | storeTagReason.clean);
  // Which reasons there are tells how much has to be looked at.
  expect(storeTag(a, 1)).toBe(PAGE | storeTagReason.code | storeTagReason.clean);
  expect([fetches(a, 1), fetches(b, 3)]).toEqual([true, true]);
});
