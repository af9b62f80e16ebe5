import { beforeEach, describe, expect, test } from 'vitest';
import { Watchpoints, type WatchRange } from '../../../src/debug/watchpoints.ts';
import type { VcpuExit } from '../../../src/machine/exit.ts';
import { WalkingGuest } from './program.ts';

let guest: WalkingGuest;
let watchpoints: Watchpoints;

beforeEach(() => {
  guest = new WalkingGuest({});
  watchpoints = new Watchpoints(guest);
});

const range = (access: WatchRange['access'], address: number, length: number): WatchRange => ({
  access,
  address: BigInt(address),
  length,
  vcpu: 0,
});
const met = (access: WatchRange['access'], address: number): VcpuExit => ({
  kind: 'debug',
  reason: { kind: 'watchpoint', access, address: BigInt(address) },
});
/** Stores as the guest does: bytes first, told then. */
function store(at: number, ...bytes: number[]): boolean {
  guest.storage.set(bytes, at);
  return watchpoints.stored(at, bytes.length);
}

describe('which accesses meet which watch', () => {
  test.each([
    ['write', true, false],
    ['read', false, true],
    ['access', true, true],
  ] as const)('%s: stores %s, fetches %s', (access, byStore, byFetch) => {
    watchpoints.watch([range(access, 0x3004, 4)]);
    store(0x3004, 1);
    expect(watchpoints.met()).toEqual(byStore ? met(access, 0x3004) : undefined);
    watchpoints.fetched(0x3004, 1);
    expect(watchpoints.met()).toEqual(byFetch ? met(access, 0x3004) : undefined);
  });

  test.each([
    ['the last byte in front of it', 0x3003, 1, undefined],
    ['the first byte', 0x3003, 2, 0x3004],
    ['the last byte', 0x3007, 8, 0x3007],
    ['the first byte behind it', 0x3008, 1, undefined],
    ['all of it and more', 0x3000, 16, 0x3004],
  ] as const)('%s: the address told lies in the watch', (_, at, length, address) => {
    watchpoints.watch([range('access', 0x3004, 4)]);
    expect(watchpoints.fetched(at, length)).toBe(address !== undefined);
    expect(watchpoints.met()).toEqual(address === undefined ? undefined : met('access', address));
  });
});

test('bytes that are watched, for which accesses', () => {
  watchpoints.watch([range('write', 0x3004, 4), range('read', 0x3100, 4)]);
  const watched = (at: number, length: number): readonly boolean[] =>
    (['store', 'fetch'] as const).map((access) => watchpoints.watches(at, length, access));
  expect([watched(0x3000, 4), watched(0x3000, 5), watched(0x3007, 1), watched(0x3008, 0xf8)]).toEqual([
    [false, false],
    [true, false],
    [true, false],
    [false, false],
  ]);
  expect([watched(0x3103, 9), watched(0x3000, 0x1000), watched(0x4000, 0x1000)]).toEqual([
    [true, true],
    [true, true],
    [false, false],
  ]);
});

describe('a write watch', () => {
  test('is not met by a store of what was there, and by the next one that changes it', () => {
    watchpoints.watch([range('write', 0x3000, 4)]);
    store(0x3000, 0, 0);
    expect(watchpoints.met()).toBeUndefined();
    store(0x3000, 0, 9);
    expect(watchpoints.met()).toEqual(met('write', 0x3000));
    store(0x3001, 9);
    expect(watchpoints.met()).toBeUndefined();
  });

  test('takes what is there when it is set for the old contents, whoever changed it since the last time', () => {
    watchpoints.watch([range('write', 0x3000, 4)]);
    guest.storage.set([5], 0x3000);
    watchpoints.watch([range('write', 0x3000, 4)]);
    store(0x3000, 5);
    expect(watchpoints.met()).toBeUndefined();
  });

  test('beside another that is met too has seen the store, and is not met by it again', () => {
    watchpoints.watch([range('write', 0x3000, 4), range('write', 0x3002, 4)]);
    store(0x3002, 7);
    expect(watchpoints.met()).toEqual(met('write', 0x3002));
    store(0x3002, 7);
    expect(watchpoints.met()).toBeUndefined();
  });

  test('of very many bytes is met by every store', () => {
    guest.pages.set(0x100000n, 0x3000);
    watchpoints.watch([range('write', 0x100000, 2 << 20)]);
    store(0x3000, 0);
    expect(watchpoints.met()).toEqual(met('write', 0x100000));
  });
});

describe('the storage behind addresses', () => {
  test('counts, not the addresses; what is told is an address', () => {
    guest.pages.set(0x40000n, 0x5000);
    watchpoints.watch([range('access', 0x40010, 4)]);
    expect([watchpoints.watchesFrame(5), watchpoints.watchesFrame(0x40)]).toEqual([true, false]);
    watchpoints.fetched(0x5012, 1);
    expect(watchpoints.met()).toEqual(met('access', 0x40012));
  });

  test('may lie in two places, and part of it nowhere', () => {
    guest.pages.set(0x40000n, 0x5000);
    guest.pages.set(0x41000n, undefined);
    guest.pages.set(0x42000n, 0x2000);
    watchpoints.watch([range('access', 0x40ffc, 0x1008)]);
    expect([2, 4, 5, 6].filter((frame) => watchpoints.watchesFrame(frame))).toEqual([2, 5]);
    watchpoints.fetched(0x2000, 8);
    expect(watchpoints.met()).toEqual(met('access', 0x42000));
    watchpoints.fetched(0x5ff8, 8);
    expect(watchpoints.met()).toEqual(met('access', 0x40ffc));
  });

  test('may lie in two frames that follow each other', () => {
    watchpoints.watch([range('write', 0x3ffc, 8)]);
    store(0x4000, 1);
    expect(watchpoints.met()).toEqual(met('write', 0x4000));
    store(0x3fff, 1);
    expect(watchpoints.met()).toEqual(met('write', 0x3fff));
  });

  test('that comes to lie there later is watched from then on, in the spaces that count', () => {
    guest.pages.set(0x40000n, undefined);
    guest.spaces = [7n];
    watchpoints.watch([range('write', 0x40010, 4)]);
    expect(watchpoints.reached(8n, 0, 0x40000, 0x6000)).toBe(false);
    expect(watchpoints.watchesFrame(6)).toBe(false);
    expect(watchpoints.reached(7n, 0, 0x40abc, 0x6abc)).toBe(true);
    expect(watchpoints.reached(7n, 0, 0x40000, 0x6000)).toBe(false);
    store(0x6010, 1);
    expect(watchpoints.met()).toEqual(met('write', 0x40010));
  });

  test('is watched in every space while its own is not known, by both words of the address', () => {
    guest.pages.set(0x1_0004_0000n, undefined);
    guest.spaces = 'any';
    watchpoints.watch([{ access: 'read', address: 0x1_0004_0000n, length: 1, vcpu: 0 }]);
    expect(watchpoints.reached(3n, 0, 0x40000, 0x6000)).toBe(false);
    expect(watchpoints.reached(3n, 1, 0x40000, 0x6000)).toBe(true);
  });

  test('watched anew is news to the guest only when it is other storage', () => {
    expect(watchpoints.watch([range('write', 0x3000, 4)])).toBe(true);
    expect(watchpoints.watch([range('write', 0x3000, 4)])).toBe(false);
    guest.pages.set(0x3000n, 0x7000);
    expect(watchpoints.watch([range('write', 0x3000, 4)])).toBe(true);
    expect([watchpoints.watchesFrame(3), watchpoints.watchesFrame(7)]).toEqual([false, true]);
    expect(watchpoints.watch([])).toBe(true);
    expect(watchpoints.watchesFrame(7)).toBe(false);
  });
});

test('what was met is told once, and forgotten when other ranges are watched', () => {
  watchpoints.watch([range('access', 0x3000, 4)]);
  watchpoints.fetched(0x3000, 1);
  watchpoints.fetched(0x3001, 1);
  expect(watchpoints.met()).toEqual(met('access', 0x3000));
  expect(watchpoints.met()).toBeUndefined();
  watchpoints.fetched(0x3000, 1);
  watchpoints.watch([range('access', 0x4000, 4)]);
  expect(watchpoints.met()).toBeUndefined();
});

describe('what a watch that was met is about', () => {
  const contents = (address: number, length: number): Uint8Array | undefined =>
    watchpoints.contents(BigInt(address), length);

  test('is read by its addresses, wherever the vCPU has come to, until something is watched anew', () => {
    watchpoints.watch([range('write', 0x3000, 4), range('write', 0x5000, 4)]);
    expect(contents(0x3000, 4)).toBeUndefined();
    store(0x3000, 0, 9, 8);
    expect(watchpoints.met()).toEqual(met('write', 0x3000));
    expect(contents(0x3000, 4)).toEqual(Uint8Array.of(0, 9, 8, 0));
    expect(contents(0x3001, 2)).toEqual(Uint8Array.of(9, 8));
    watchpoints.watch([range('write', 0x3000, 4)]);
    expect(contents(0x3000, 4)).toBeUndefined();
  });
  test('and nothing else is', () => {
    watchpoints.watch([range('write', 0x3000, 4), range('write', 0x5000, 4)]);
    store(0x3000, 1);
    watchpoints.met();
    for (const [address, length] of [
      [0x2fff, 4],
      [0x3001, 4],
      [0x3004, 1],
      [0x5000, 4],
    ] as const) {
      expect(contents(address, length)).toBeUndefined();
    }
  });
});
