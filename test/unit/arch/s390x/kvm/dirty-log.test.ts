import { beforeEach, expect, test } from 'vitest';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { encode, KvmBench, STORAGE } from './harness.ts';

const bench = new KvmBench();
const FRAMES = STORAGE / 4096;
const STORE = encode('STG', { r1: 1, x2: 0, b2: 3, d2: 0 });

beforeEach(() => {
  bench.fresh();
});

function store(address: number): void {
  const v = bench.program([STORE]);
  v.vcpu.setGr(3, BigInt(address));
  bench.run(v);
}

test('the first store into a page marks it, reads do not', () => {
  const log = bench.vm.dirtyLog.open('a');
  const v = bench.program([encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 })]);
  v.vcpu.setGr(3, 0x3_0000n);
  log.take(0, FRAMES, true);
  bench.run(v);
  expect(log.take(0, FRAMES, false)).toEqual([]);
  store(0x3_0008);
  store(0x3_0010);
  expect(log.take(0x30, FRAMES, false)).toEqual([0x30]);
});

test('a page that the TLB knows is found again after a reader has cleared its mark', () => {
  const log = bench.vm.dirtyLog.open('a');
  store(0x3_0000);
  expect(log.take(0x30, 0x31, true)).toEqual([0x30]);
  expect(log.take(0x30, 0x31, true)).toEqual([]);
  store(0x3_0000);
  expect(log.take(0x30, 0x31, true)).toEqual([0x30]);
});

test('readers do not see what the others have cleared', () => {
  const { dirtyLog } = bench.vm;
  const a = dirtyLog.open('a');
  store(0x3_0000);
  const b = dirtyLog.open('b');
  store(0x3_1000);
  expect([a.take(0x30, 0x32, true), b.take(0x30, 0x32, false)]).toEqual([[0x30, 0x31], [0x31]]);
  store(0x3_1000);
  expect([a.take(0x30, 0x32, true), b.take(0x30, 0x32, true)]).toEqual([[0x31], [0x31]]);
  dirtyLog.close(a);
  store(0x3_0000);
  expect([a.count(), b.take(0x30, 0x32, true)]).toEqual([a.count(), [0x30]]);
  expect(a.take(0x30, 0x32, false)).toEqual([]);
});

test('take looks at the frames that it is asked for only, and clears only those', () => {
  const log = bench.vm.dirtyLog.open('a');
  for (const at of [0x3_0000, 0x3_1000, 0x3_2000]) store(at);
  expect(log.take(0x31, 0x32, true)).toEqual([0x31]);
  expect(log.take(0x30, 0x33, true)).toEqual([0x30, 0x32]);
});

test('a store across two pages, device stores, key changes, released pages', () => {
  const log = bench.vm.dirtyLog.open('a');
  store(0x3_0ffc);
  expect(log.take(0x30, 0x40, true)).toEqual([0x30, 0x31]);
  bench.vm.writeAbsolute(gpa(0x3_2fff), Uint8Array.of(1, 2));
  expect(log.take(0x30, 0x40, true)).toEqual([0x32, 0x33]);
  bench.one([encode('SSKE', { r1: 1, r2: 2, m3: 0 }), encode('SSKE', { r1: 1, r2: 2, m3: 0 })], {
    1: 0x10n,
    2: 0x3_4000n,
  });
  expect(log.take(0x30, 0x40, true)).toEqual([0x34]);
  bench.one([encode('DIAG', { r1: 2, r3: 3, b2: 0, d2: 0x10 })], { 2: 0x3_5000n, 3: 0x3_6000n });
  expect(log.take(0x30, 0x40, true)).toEqual([0x35, 0x36]);
});
