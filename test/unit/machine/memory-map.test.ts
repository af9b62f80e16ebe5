import { describe, expect, test } from 'vitest';
import { MemoryMap, NOWHERE } from '../../../src/machine/memory-map.ts';

const K64 = 0x1_0000;

function mapped(): { readonly map: MemoryMap; readonly unlinks: () => number } {
  let unlinks = 0;
  const map = new MemoryMap({ blockBytes: K64, span: 2 ** 40, hostBytes: 8 * K64 }, () => unlinks++);
  expect(map.map(2 * K64, 2 ** 39, 2 * K64)).toBe(true);
  return { map, unlinks: () => unlinks };
}

describe('a map of blocks of any size', () => {
  test('is followed to host storage, and counts what was linked', () => {
    const { map } = mapped();
    expect([map.peek(2 ** 39 + 5), map.peek(2 ** 39 - 1), map.faults]).toEqual([2 * K64 + 5, NOWHERE, 0]);
    expect([map.follow(2 ** 39 + K64 + 7), map.follow(2 ** 39 + K64 + 8)]).toEqual([3 * K64 + 7, 3 * K64 + 8]);
    expect([map.follow(0), map.faults]).toEqual([NOWHERE, 1]);
    expect(map.blocks().map(({ linked }) => linked)).toEqual([false, true]);
  });
  test('has a host block in one place only, until that is taken back', () => {
    const { map, unlinks } = mapped();
    map.map(2 * K64, 0, K64);
    expect([map.link(0), map.link(2 ** 39), map.link(K64)]).toEqual([2 * K64, 'taken', 'unmapped']);
    map.unlinkHost(2 * K64 + 9);
    expect([map.link(2 ** 39), unlinks()]).toEqual([2 * K64, 3]);
  });
  test('takes whole blocks that lie inside', () => {
    const { map } = mapped();
    for (const [host, guest, length] of [
      [1, 0, K64],
      [0, 1, K64],
      [0, 0, K64 / 2],
      [0, 0, 0],
      [7 * K64, 0, 2 * K64],
      [0, 2 ** 40, K64],
    ] as const) {
      expect([map.map(host, guest, length), map.unmap(guest, length)]).toContain(false);
    }
    expect(map.covers(2 ** 39, 2 * K64) && !map.covers(2 ** 39, 2 * K64 + 1)).toBe(true);
  });
  test('is put back as it was saved, links and all', () => {
    const { map } = mapped();
    map.follow(2 ** 39);
    const saved = map.save();
    map.unmap(2 ** 39, 2 * K64);
    map.restore(saved);
    expect([map.save(), map.blocks().map(({ linked }) => linked)]).toEqual([saved, [true, false]]);
  });
});
