import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { accessAbsolute, accessLogical, compareAndSwapAbsolute } from '../../../../../src/arch/s390x/kvm/mem-op.ts';
import { getKeys, operateOnKey, setKeys } from '../../../../../src/arch/s390x/kvm/skeys.ts';
import { KvmBench, STORAGE } from './harness.ts';

const bench = new KvmBench();
const PAGES = STORAGE / 4096;
const bytes = (...values: number[]): Uint8Array => Uint8Array.of(...values);

beforeEach(() => {
  bench.fresh();
});

describe('keys of a range', () => {
  test.each([
    ['flags', { startGfn: 0, count: 0, flags: 1 }, { ok: false, error: 'EINVAL' }],
    ['a guest without keys, whatever the count', { startGfn: 99999999, count: 0 }, { ok: true, value: 'none' }],
  ])('get: %s', (_, range, wanted) => {
    expect(getKeys(bench.vm, range)).toEqual(wanted);
  });
  test.each([
    ['no keys', 0, 0, 'EINVAL'],
    ['too many', 0, 1048577, 'EINVAL'],
    ['no storage', PAGES - 1, 2, 'EFAULT'],
  ])('get, keys in use: %s', (_, startGfn, count, error) => {
    bench.vm.enableKeys();
    expect(getKeys(bench.vm, { startGfn, count })).toEqual({ ok: false, error });
  });
  test('set turns keys on, and get gives them back', () => {
    expect(setKeys(bench.vm, 5, bytes(0x30, 0xfe, 0))).toBeUndefined();
    expect(bench.vm.usesKeys).toBe(true);
    expect(getKeys(bench.vm, { startGfn: 4, count: 5 })).toEqual({ ok: true, value: bytes(6, 0x30, 0xfe, 0, 6) });
  });
  test('set: a key with its low bit one ends it, after those in front', () => {
    expect(setKeys(bench.vm, 5, bytes(0x30, 0x41, 0x50))).toBe('EINVAL');
    expect(getKeys(bench.vm, { startGfn: 5, count: 3 })).toEqual({ ok: true, value: bytes(0x30, 6, 6) });
  });
  test.each([
    ['flags', 0, bytes(0), 1, 'EINVAL'],
    ['none', 0, bytes(), 0, 'EINVAL'],
    ['no storage', PAGES, bytes(0), 0, 'EFAULT'],
  ])('set: %s, and keys stay off', (_, start, keys, flags, error) => {
    expect([setKeys(bench.vm, start, keys, flags), bench.vm.usesKeys]).toEqual([error, false]);
  });
  test('set counts as a change of the frame', () => {
    const reader = bench.vm.dirtyLog.open('a');
    setKeys(bench.vm, 7, bytes(0x20));
    expect(reader.take(0, PAGES, false)).toEqual([7]);
  });
  test('one key by an operation', () => {
    const at = gpa(0x5123);
    expect(operateOnKey(bench.vm, 'sske', at, 0x3f)).toEqual({ ok: true, value: 6 });
    expect(operateOnKey(bench.vm, 'iske', at)).toEqual({ ok: true, value: 0x3e });
    expect(operateOnKey(bench.vm, 'rrbe', at)).toEqual({ ok: true, value: 0x3e });
    expect(operateOnKey(bench.vm, 'iske', at)).toEqual({ ok: true, value: 0x3a });
    expect(operateOnKey(bench.vm, 'iske', gpa(STORAGE))).toEqual({ ok: false, error: 'EFAULT' });
  });
});

describe('accesses by logical address', () => {
  const DATA = bytes(1, 2, 3, 4);
  test.each([
    ['no bytes', { address: 0n, data: 0 }, 'EINVAL'],
    ['too many', { address: 0n, data: 65537 }, 'E2BIG'],
    ['an access register that is none', { address: 0n, data: 1, ar: 16 }, 'EINVAL'],
    ['a key that is none', { address: 0n, data: 1, key: 16 }, 'EINVAL'],
  ])('%s', (_, wanted, error) => {
    expect(accessLogical(bench.vcpu(), wanted)).toEqual({ ok: false, error });
  });
  test('stores and fetches across pages', () => {
    const v = bench.program([]);
    expect(accessLogical(v, { address: 0x3_0ffen, data: DATA })).toEqual({ ok: true, value: { data: bytes() } });
    expect(accessLogical(v, { address: 0x3_0ffen, data: 4 })).toEqual({ ok: true, value: { data: DATA } });
  });
  test('a store that ends outside storage stores nothing', () => {
    const v = bench.program([]);
    const address = BigInt(STORAGE - 2);
    expect(accessLogical(v, { address, data: DATA })).toEqual({ ok: true, value: { program: PGM.addressing } });
    expect(bench.hex(STORAGE - 2, 2)).toBe('0000');
  });
  test('a look stores nothing', () => {
    const v = bench.program([]);
    expect(accessLogical(v, { address: 0x3_0000n, data: DATA, checkOnly: true })).toEqual({
      ok: true,
      value: { data: bytes() },
    });
    expect(bench.hex(0x3_0000, 4)).toBe('00000000');
  });
  test('keys count when one is given', () => {
    const v = bench.program([]);
    setKeys(bench.vm, 0x30, bytes(0x38));
    const at = (extra: { key?: number }) => accessLogical(v, { address: 0x3_0000n, data: 4, ...extra });
    expect([at({}), at({ key: 3 }), at({ key: 4 })]).toMatchObject([
      { ok: true, value: { data: bytes(0, 0, 0, 0) } },
      { ok: true, value: { data: bytes(0, 0, 0, 0) } },
      { ok: true, value: { program: PGM.protection } },
    ]);
  });
  test('fetch-protection override ends at 2048', () => {
    const v = bench.program([]);
    setKeys(bench.vm, 0, bytes(0x38));
    v.vcpu.setCr(0, 0x0200_0000n);
    const at = (address: bigint, data: number) => accessLogical(v, { address, data, key: 4 });
    expect([at(0x7f8n, 8), at(0x7f8n, 9), at(0x800n, 1)]).toMatchObject([
      { ok: true, value: { data: new Uint8Array(8) } },
      { ok: true, value: { program: PGM.protection } },
      { ok: true, value: { program: PGM.protection } },
    ]);
  });
  test('low-address protection, and the guest is told when asked', () => {
    const v = bench.program([]);
    v.vcpu.setCr(0, 0x1000_0000n);
    expect(accessLogical(v, { address: 0x100n, data: DATA })).toMatchObject({ ok: true, value: { program: 4 } });
    expect(bench.low('programCode')).toBe(0n);
    expect(accessLogical(v, { address: 0x100n, data: DATA, inject: true })).toMatchObject({ value: { program: 4 } });
    expect([bench.low('programCode'), bench.low('translationExceptionId'), bench.taken(v)]).toEqual([
      4n,
      0x480n,
      'program',
    ]);
    expect(bench.hex(0x100, 4)).toBe('00000000');
  });
});

describe('accesses by absolute address', () => {
  const DATA = bytes(1, 2, 3, 4);
  test('past prefixing, a key if one is given', () => {
    expect(accessAbsolute(bench.vm, { address: 0x3_0ffe, data: DATA })).toMatchObject({ ok: true });
    expect(accessAbsolute(bench.vm, { address: 0x3_0ffe, data: 4 })).toEqual({ ok: true, value: { data: DATA } });
    setKeys(bench.vm, 0x30, bytes(0x30, 0x40));
    const store = (key: number) => accessAbsolute(bench.vm, { address: 0x3_0ffe, data: bytes(9, 9, 9, 9), key });
    expect(store(3)).toEqual({ ok: true, value: { program: PGM.protection } });
    expect(bench.hex(0x3_0ffe, 4)).toBe('01020304');
    expect(accessAbsolute(bench.vm, { address: STORAGE - 1, data: 2 })).toEqual({
      ok: true,
      value: { program: PGM.addressing },
    });
    expect(accessAbsolute(bench.vm, { address: 0, data: 65537 })).toEqual({ ok: false, error: 'E2BIG' });
  });
  test('compare and swap', () => {
    const at = gpa(0x3_0000);
    const swap = (old: Uint8Array, replacement: Uint8Array, address = at) =>
      compareAndSwapAbsolute(bench.vm, address, old, replacement);
    expect(swap(bytes(0, 0), bytes(1, 2))).toEqual({ ok: true, value: { swapped: true, old: bytes(0, 0) } });
    expect(swap(bytes(0, 0), bytes(3, 4))).toEqual({ ok: true, value: { swapped: false, old: bytes(1, 2) } });
    expect(bench.hex(at, 2)).toBe('0102');
    expect(swap(bytes(1, 2, 3), bytes(1, 2, 3))).toEqual({ ok: false, error: 'EINVAL' });
    expect(swap(bytes(1, 2), bytes(1, 2), gpa(at + 1))).toEqual({ ok: false, error: 'EINVAL' });
    expect(swap(bytes(1), bytes(1), gpa(STORAGE))).toEqual({ ok: true, value: { program: PGM.addressing } });
  });
});
