/** Guests over several memory slots: holes, storage that is only to be read, slots that come, move and go, a gmap that is off. */

import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { SEGMENT_BYTES as MB } from '../../../../../src/arch/s390x/dat/translate.ts';
import { accessAbsolute, accessLogical, compareAndSwapAbsolute } from '../../../../../src/arch/s390x/kvm/mem-op.ts';
import { coded, encode, KvmBench, MASK_64, psw, withBase } from './harness.ts';

const bench = new KvmBench();
const READ_ONLY = 16 * MB;
const BEYOND = 64 * MB;

/**
 * Four mebibytes of host storage: the first is the guest's first, the second is the guest's from `BEYOND` on, the third is to be
 * read at `READ_ONLY`, and everything else is a hole.
 */
beforeEach(() => {
  const vm = bench.fresh();
  const lowcore = bench.bytes(0, 0x2_6000);
  vm.removeSlot(0);
  const slots = [
    { slot: 3, guest: gpa(0), bytes: MB, host: hostAddress(0) },
    { slot: 1, guest: gpa(BEYOND), bytes: MB, host: hostAddress(MB) },
    { slot: 2, guest: gpa(READ_ONLY), bytes: MB, host: hostAddress(2 * MB), readOnly: true },
  ];
  for (const slot of slots) expect(vm.addSlot(slot)).toEqual({ ok: true, value: undefined });
  expect(vm.readAbsolute(gpa(0), 0x2_6000)).toEqual(lowcore);
  bench.complex.storage.write(2 * MB, new Uint8Array(4096).fill(0x5a));
});

const g3 = (address: number): Record<number, bigint> => ({ 1: 0x11n, 3: BigInt(address) });
const STG = encode('STG', { r1: 1, x2: 0, b2: 3, d2: 0 });
const LG = encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 });
const code = (): number => Number(bench.low('programCode'));

describe('where storage is', () => {
  test.each([
    ['below', READ_ONLY - 8],
    ['between', BEYOND - 8],
    ['above', BEYOND + MB],
    ['far above', 2 ** 45],
    ['at the highest address', 0xffff_ffff_ffff_f000],
  ])('%s slots there is none: an addressing exception, for fetches and stores', (_, address) => {
    bench.one([LG], g3(address));
    expect(code()).toBe(PGM.addressing);
    bench.one([STG], g3(address));
    expect(code()).toBe(PGM.addressing);
  });

  test.each([
    MB - 4,
    BEYOND - 4,
    BEYOND + MB - 4,
  ])('an operand that lies half in a hole at %i changes nothing', (address) => {
    bench.one([STG], g3(address));
    expect(code()).toBe(PGM.addressing);
    expect(bench.complex.storage.doubleword(MB - 8)).toBe(0n);
    expect(bench.complex.storage.doubleword(2 * MB - 8)).toBe(0n);
  });

  test('each slot has its own part of the host’s storage', () => {
    bench.one([STG], g3(BEYOND + 0x123));
    expect([code(), bench.complex.storage.doubleword(MB + 0x123)]).toEqual([0, 0x11n]);
    const v = bench.one([LG], g3(BEYOND + 0x123));
    expect(v.vcpu.gr(1)).toBe(0x11n);
  });

  test('programs run in any of them', () => {
    bench.put(BEYOND + 0x100, encode('LGHI', { r1: 5, i2: 7 }));
    const v = bench.program([], { at: BEYOND + 0x100 });
    bench.run(v);
    expect(v.vcpu.gr(5)).toBe(7n);
    bench.complex.storage.write(2 * MB + 0x100, encode('LGHI', { r1: 6, i2: 9 }));
    bench.program([], { at: READ_ONLY + 0x100 });
    bench.run(v);
    expect(v.vcpu.gr(6)).toBe(9n);
  });
});

describe('what is only to be read', () => {
  const refused = (address = READ_ONLY): void => {
    expect([code(), bench.low('translationExceptionId'), bench.complex.storage.doubleword(2 * MB)]).toEqual([
      PGM.protection,
      BigInt(address) | 0x404n,
      0x5a5a_5a5a_5a5a_5a5an,
    ]);
  };

  test('is fetched', () => {
    expect(bench.one([LG], g3(READ_ONLY)).vcpu.gr(1)).toBe(0x5a5a_5a5a_5a5a_5a5an);
  });
  test('is protected from stores, suppressed, as if by DAT, also behind a fetch', () => {
    const v = bench.one([LG, STG], g3(READ_ONLY));
    expect(bench.taken(v)).toBe('program');
    refused();
    expect(BigInt(`0x${bench.hex(0x158, 8)}`)).toBe(0x1_000cn);
  });
  test.each([
    ['MVC', encode('MVC', { l: 7, b1: 3, d1: 0, b2: 0, d2: 0 })],
    ['OI', encode('OI', { b1: 3, d1: 0, i2: 1 })],
    ['CS', encode('CS', { r1: 1, r3: 2, b2: 3, d2: 0 })],
    ['STCK', withBase('STCK', 3)],
    ['STAP', withBase('STAP', 3)],
    ['STPX', withBase('STPX', 3)],
    ['STIDP', withBase('STIDP', 3)],
    ['TS', withBase('TS', 3)],
    ['STCTG', encode('STCTG', { r1: 0, r3: 1, b2: 3, d2: 0 })],
    ['TB', encode('TB', { r1: 1, r2: 3 })],
    ['STURG', encode('STURG', { r1: 1, r2: 3 })],
  ])('%s', (_, text) => {
    bench.one([text], g3(READ_ONLY));
    refused();
  });
  test('IPTE of a table in it changes nothing', () => {
    bench.one([encode('IPTE', { r1: 3, r2: 2, r3: 0, m4: 0 })], g3(READ_ONLY));
    refused();
  });
  test('PFMF may set its keys and not clear it', () => {
    const pfmf = encode('PFMF', { r1: 4, r2: 3 });
    bench.one([pfmf], { 3: BigInt(READ_ONLY), 4: 0x1_0000n });
    refused();
    bench.one([pfmf, pfmf], { 3: BigInt(READ_ONLY), 4: 0x2_0030n });
    expect([code(), bench.complex.keys[(2 * MB) / 4096]]).toEqual([PGM.protection, 0x30]);
  });
  test('releasing its pages leaves it as it is', () => {
    bench.one([coded('DIAG', 1, 2, 0x10)], { 1: BigInt(READ_ONLY), 2: BigInt(READ_ONLY + 0x1000) });
    expect(bench.complex.storage.doubleword(2 * MB)).toBe(0x5a5a_5a5a_5a5a_5a5an);
  });
  test('a prefix area there is no place for interruptions', () => {
    const v = bench.program([Uint8Array.of(0, 0)]);
    v.vcpu.setPrefix(gpa(READ_ONLY));
    v.sync();
    expect(bench.run(v)).toMatchObject({ kind: 'crashed', message: 'validity interception, reason 0x37' });
  });
  test('devices and user space cannot store there either', () => {
    const { vm } = bench;
    const v = bench.program([]);
    const data = Uint8Array.of(1, 2);
    expect(vm.writeAbsolute(gpa(READ_ONLY), data)).toBe(false);
    expect(vm.writeAbsolute(gpa(READ_ONLY + 4095), data)).toBe(false);
    expect(vm.setHalfAbsolute(gpa(READ_ONLY), 1)).toBe(false);
    expect(accessAbsolute(vm, { address: READ_ONLY, data })).toEqual({ ok: true, value: { program: PGM.protection } });
    expect(accessAbsolute(vm, { address: READ_ONLY, data: 2 })).toMatchObject({
      ok: true,
      value: { data: Uint8Array.of(0x5a, 0x5a) },
    });
    expect(compareAndSwapAbsolute(vm, gpa(READ_ONLY), data, data)).toEqual({
      ok: true,
      value: { program: PGM.protection },
    });
    expect(accessLogical(v, { address: BigInt(READ_ONLY), data })).toMatchObject({
      ok: true,
      value: { program: PGM.protection },
    });
    expect(vm.gmap.fault(gpa(READ_ONLY), true)).toEqual({ ok: false, error: 'EFAULT' });
    expect(vm.gmap.fault(gpa(READ_ONLY))).toEqual({ ok: true, value: 2 * MB });
  });
  test('it can be stored into once its slot is made anew, and the machine knows', () => {
    const { vm } = bench;
    bench.one([STG], g3(READ_ONLY));
    refused();
    vm.removeSlot(2);
    bench.one([LG], g3(READ_ONLY));
    expect(code()).toBe(PGM.addressing);
    vm.addSlot({ slot: 2, guest: gpa(READ_ONLY), bytes: MB, host: hostAddress(2 * MB) });
    bench.put(0x8e, new Uint8Array(2));
    bench.one([STG], g3(READ_ONLY));
    expect([code(), bench.complex.storage.doubleword(2 * MB)]).toEqual([0, 0x11n]);
  });
  test('saved and restored it is still so', () => {
    const { gmap } = bench.vm;
    const state = gmap.save();
    gmap.unmapSegment(gpa(READ_ONLY), MB);
    expect(gmap.isReadOnly(gpa(READ_ONLY))).toBe(false);
    gmap.restore(state);
    expect([
      gmap.isReadOnly(gpa(READ_ONLY)),
      gmap.isReadOnly(gpa(BEYOND)),
      gmap.hostAddress(gpa(READ_ONLY), true),
    ]).toEqual([true, false, -1]);
  });
  test('START INTERPRETIVE EXECUTION of a state description there: it could not be stored into', () => {
    bench.one([withBase('SIE', 3)], g3(READ_ONLY));
    expect(code()).toBe(PGM.addressing);
  });
});

describe('slots that change while the guest runs', () => {
  test('one that moves takes its contents along', () => {
    const { vm } = bench;
    bench.one([STG], g3(BEYOND));
    vm.removeSlot(1);
    expect(vm.addSlot({ slot: 1, guest: gpa(BEYOND + MB), bytes: MB, host: hostAddress(MB) }).ok).toBe(true);
    bench.one([LG], g3(BEYOND));
    expect(code()).toBe(PGM.addressing);
    expect(bench.one([LG], g3(BEYOND + MB)).vcpu.gr(1)).toBe(0x11n);
  });
  test.each([
    ['a guest address in no whole mebibyte', { guest: 0x80_1000, bytes: MB, host: 3 * MB }, 'EINVAL'],
    ['a host address in none', { guest: 8 * MB, bytes: MB, host: 0x1000 }, 'EINVAL'],
    ['a length in none', { guest: 8 * MB, bytes: 0x1000, host: 3 * MB }, 'EINVAL'],
    ['no length', { guest: 8 * MB, bytes: 0, host: 3 * MB }, 'EINVAL'],
    ['addresses in no whole page', { guest: 8 * MB + 1, bytes: MB, host: 3 * MB }, 'EINVAL'],
    ['more than the host has', { guest: 8 * MB, bytes: 2 * MB, host: 3 * MB }, 'EINVAL'],
    ['more than the limit', { guest: 2 ** 44 - MB, bytes: 2 * MB, host: 2 * MB }, 'EINVAL'],
    ['the end of another slot', { guest: BEYOND - MB, bytes: 2 * MB, host: 2 * MB }, 'EEXIST'],
    ['the begin of another slot', { guest: READ_ONLY, bytes: 2 * MB, host: 2 * MB }, 'EEXIST'],
  ])('%s: %s', (_, { guest, bytes, host }, error) => {
    const { vm } = bench;
    const before = vm.gmap.segments();
    expect(vm.addSlot({ slot: 9, guest: gpa(guest), bytes, host: hostAddress(host) })).toEqual({ ok: false, error });
    expect([vm.gmap.segments(), vm.slots().length]).toEqual([before, 3]);
  });
  test('host storage that two slots have belongs to the one that faulted first', () => {
    const { vm } = bench;
    bench.one([STG], g3(BEYOND));
    vm.addSlot({ slot: 7, guest: gpa(128 * MB), bytes: MB, host: hostAddress(MB) });
    bench.one([LG], g3(128 * MB));
    expect(code()).toBe(PGM.addressing);
    vm.removeSlot(1);
    bench.put(0x8e, new Uint8Array(2));
    expect(bench.one([LG], g3(128 * MB)).vcpu.gr(1)).toBe(0x11n);
  });
});

describe('the gmap', () => {
  test('disabled, the machine finds nothing, not even the prefix area; enabled again, all is as it was', () => {
    const { vm } = bench;
    expect(vm.gmapEnabled).toBe(true);
    bench.one([STG], g3(BEYOND));
    const segments = vm.gmap.segments();
    const v = bench.program([LG]);
    vm.gmapEnabled = false;
    expect(bench.run(v)).toMatchObject({ kind: 'crashed', message: 'validity interception, reason 0x37' });
    expect([vm.gmap.segments(), vm.gmapEnabled]).toEqual([segments, false]);
    vm.gmapEnabled = true;
    expect(bench.one([LG], g3(BEYOND)).vcpu.gr(1)).toBe(0x11n);
  });
  test('with a limit: what slots have mapped is mapped in the new one, read-only as it was', () => {
    const { vm } = bench;
    vm.setMemoryLimit(128 * MB);
    expect(vm.gmap.segments().map(({ guest, host, readOnly }) => [guest, host, readOnly])).toEqual([
      [0, 0, false],
      [READ_ONLY, 2 * MB, true],
      [BEYOND, MB, false],
    ]);
    bench.put(0x1d0, psw(MASK_64, 0x2_3000));
    bench.one([STG], g3(READ_ONLY));
    expect(code()).toBe(PGM.protection);
    expect(vm.addSlot({ slot: 9, guest: gpa(128 * MB), bytes: MB, host: hostAddress(3 * MB) })).toEqual({
      ok: false,
      error: 'EINVAL',
    });
  });
});
