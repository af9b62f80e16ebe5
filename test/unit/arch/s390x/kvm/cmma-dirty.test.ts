import { expect, test } from 'vitest';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { CmmaDirty } from '../../../../../src/arch/s390x/kvm/cmma-dirty.ts';

const PAGES = 512;
/** The first block of the second slot, by the guest's numbers: a hole is in front of it. */
const SECOND = 4096;
const slots = [
  { slot: 1, guest: gpa(SECOND * 4096), bytes: PAGES * 4096, host: hostAddress(PAGES * 4096) },
  { slot: 0, guest: gpa(0), bytes: PAGES * 4096, host: hostAddress(0) },
];

/** Where a run begins, and how long it is. */
function take(dirty: CmmaDirty, from: number, most: number): readonly [start: number, count: number] {
  const { start, gfns } = dirty.take(slots, from, most);
  expect(gfns).toEqual(Array.from(gfns, (_, i) => start + i));
  return [start, gfns.length];
}

test('a run ends at a hole, and the next one begins behind it', () => {
  const dirty = new CmmaDirty(2 * PAGES);
  dirty.markAll(0, 2 * PAGES);
  expect([take(dirty, 0, 2 * PAGES), dirty.count]).toEqual([[0, PAGES], PAGES]);
  expect([take(dirty, PAGES, 2 * PAGES), dirty.count]).toEqual([[SECOND, PAGES], 0]);
});

test('runs as somebody gets them who jumps: behind the end from the beginning, over gaps of 16 and not of 17', () => {
  const dirty = new CmmaDirty(2 * PAGES);
  dirty.markAll(PAGES, PAGES);
  const runs: readonly (readonly [from: number, most: number, start: number, count: number])[] = [
    [0, 1, 0, 1],
    [SECOND + PAGES, 0x20, 1, 0x20],
    [SECOND + 0x41, 0x20, 0x41, 0x20],
    [SECOND, 1, 0x21, 1],
    [SECOND + 0x23, 15, 0x23, 15],
    // 0x22 and 0x32 with what is between them, which has not changed.
    [SECOND + 0x22, 17, 0x22, 17],
    [SECOND + 0x40, 25, 0x40, 1],
    [SECOND + 0x33, 0x40 - 0x33, 0x33, 0x40 - 0x33],
    [SECOND, PAGES - 0x61, 0x61, PAGES - 0x61],
  ];
  for (const [from, most, start, count] of runs) expect(take(dirty, from, most)).toEqual([SECOND + start, count]);
  expect(dirty.count).toBe(0);
});
