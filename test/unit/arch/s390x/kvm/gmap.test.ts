import { beforeEach, describe, expect, test } from 'vitest';
import { gpa, hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { SEGMENT_BYTES as MB } from '../../../../../src/arch/s390x/dat/translate.ts';
import { Gmap } from '../../../../../src/arch/s390x/kvm/gmap.ts';
import { KvmBench, SPIN } from './harness.ts';

const HOST = 8 * MB;
let unlinks = 0;
let gmap = new Gmap(2 ** 44, HOST, () => undefined);

beforeEach(() => {
  unlinks = 0;
  gmap = new Gmap(2 ** 44, HOST, () => unlinks++);
});

describe('limits', () => {
  test.each([
    [2 ** 31 - MB, 2 ** 31],
    [2 ** 31, 2 ** 31],
    [2 ** 31 + MB, 2 ** 42],
    [2 ** 44, 2 ** 53],
    [2 ** 60, 2 ** 64],
  ])('a limit of %d spans %d', (limit, span) => {
    const g = new Gmap(limit, HOST, () => undefined);
    expect(g.span).toBe(span);
    expect(g.mapSegment(hostAddress(0), gpa(span - MB), MB).ok).toBe(true);
    expect(g.mapSegment(hostAddress(0), gpa(span), MB)).toEqual({ ok: false, error: 'EINVAL' });
  });

  test.each([
    ['from not on a megabyte', 4096, 0, MB],
    ['to not on a megabyte', 0, 4096, MB],
    ['length not in megabytes', 0, 0, MB + 4096],
    ['no length', 0, 0, 0],
    ['negative', 0, -MB, MB],
    ['past the host', HOST - MB, 0, 2 * MB],
    ['past the last table', 0, 2 ** 53 - MB, 2 * MB],
  ])('mapping, %s: EINVAL and nothing mapped', (_, from, to, length) => {
    expect(gmap.mapSegment(hostAddress(from), gpa(to), length)).toEqual({ ok: false, error: 'EINVAL' });
    expect([gmap.segments(), unlinks]).toEqual([[], 0]);
  });

  test.each([
    ['not on a megabyte', 4096, MB],
    ['no length', 0, 0],
    ['negative', -MB, MB],
  ])('unmapping, %s: EINVAL', (_, to, length) => {
    expect(gmap.unmapSegment(gpa(to), length)).toEqual({ ok: false, error: 'EINVAL' });
  });
});

describe('faults', () => {
  test('a mapping is populated by its first access, segment by segment', () => {
    gmap.mapSegment(hostAddress(2 * MB), gpa(5 * MB), 2 * MB);
    expect(gmap.segments().map((s) => s.populated)).toEqual([false, false]);
    expect(gmap.peek(gpa(6 * MB + 0x123))).toBe(3 * MB + 0x123);
    expect([gmap.segments().map((s) => s.populated), gmap.faults]).toEqual([[false, false], 0]);
    expect(gmap.hostAddress(gpa(6 * MB + 0x123))).toBe(3 * MB + 0x123);
    expect(gmap.segments()).toEqual([
      { guest: 5 * MB, host: 2 * MB, populated: false, readOnly: false },
      { guest: 6 * MB, host: 3 * MB, populated: true, readOnly: false },
    ]);
    gmap.hostAddress(gpa(6 * MB));
    expect(gmap.faults).toBe(1);
  });

  test.each([
    ['below', 4 * MB],
    ['above', 7 * MB],
    ['far above', 2 ** 50],
    ['beyond all tables', 2 ** 63],
  ])('%s what is mapped: EFAULT, -1 for the machine', (_, address) => {
    gmap.mapSegment(hostAddress(2 * MB), gpa(5 * MB), 2 * MB);
    expect(gmap.translate(gpa(address))).toEqual({ ok: false, error: 'EFAULT' });
    expect(gmap.fault(gpa(address))).toEqual({ ok: false, error: 'EFAULT' });
    expect(gmap.hostAddress(gpa(address))).toBe(-1);
  });

  test('a host segment is linked to one guest segment: EEXIST for the second, until the first is gone', () => {
    gmap.mapSegment(hostAddress(0), gpa(0), MB);
    gmap.mapSegment(hostAddress(0), gpa(MB), MB);
    expect(gmap.fault(gpa(0)).ok).toBe(true);
    expect(gmap.fault(gpa(MB))).toEqual({ ok: false, error: 'EEXIST' });
    expect(gmap.fault(gpa(0)).ok).toBe(true);
    gmap.unmapSegment(gpa(0), MB);
    expect(gmap.fault(gpa(MB))).toEqual({ ok: true, value: 0 });
  });

  test.each([MB, 2 ** 40])('segments around %d are linked and unlinked the same way', (guest) => {
    gmap.mapSegment(hostAddress(0), gpa(guest), 2 * MB);
    expect(gmap.hostAddress(gpa(guest + MB))).toBe(MB);
    gmap.mapSegment(hostAddress(4 * MB), gpa(guest + MB), MB);
    expect(gmap.hostAddress(gpa(guest + MB))).toBe(4 * MB);
    gmap.unmapSegment(gpa(guest), 2 * MB);
    expect([gmap.hostAddress(gpa(guest)), gmap.hostAddress(gpa(guest + MB)), gmap.segments()]).toEqual([-1, -1, []]);
  });

  test('the reverse map: what the host takes back is unlinked, stays mapped, and faults again', () => {
    gmap.mapSegment(hostAddress(2 * MB), gpa(5 * MB), MB);
    gmap.hostAddress(gpa(5 * MB));
    unlinks = 0;
    gmap.unlinkHost(hostAddress(3 * MB));
    expect(unlinks).toBe(0);
    gmap.unlinkHost(hostAddress(2 * MB + 4096));
    expect([unlinks, gmap.segments()[0]?.populated]).toEqual([1, false]);
    expect([gmap.hostAddress(gpa(5 * MB)), gmap.faults]).toEqual([2 * MB, 2]);
  });

  test('every change makes the machine forget translations', () => {
    gmap.mapSegment(hostAddress(0), gpa(0), MB);
    gmap.unmapSegment(gpa(0), MB);
    expect(unlinks).toBe(2);
  });

  test('covers: all of a range, nothing populated', () => {
    gmap.mapSegment(hostAddress(0), gpa(0), 2 * MB);
    expect([gmap.covers(gpa(MB - 4), 8), gmap.covers(gpa(2 * MB - 4), 8), gmap.covers(gpa(2 * MB), 1)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(gmap.faults).toBe(0);
  });
});

describe('memory slots', () => {
  const bench = new KvmBench();
  test.each([
    ['a number that is taken', { slot: 0, guest: 8 * MB, bytes: MB, host: 0 }, 'EINVAL'],
    ['past the memory limit', { slot: 1, guest: 2 ** 44, bytes: MB, host: 0 }, 'EINVAL'],
    ['a size that is no multiple', { slot: 1, guest: 8 * MB, bytes: MB / 2, host: 0 }, 'EINVAL'],
    ['addresses of another slot', { slot: 1, guest: 3 * MB, bytes: 2 * MB, host: 0 }, 'EEXIST'],
  ])('%s', (_, slot, error) => {
    const vm = bench.fresh();
    const { guest, host } = slot;
    expect(vm.addSlot({ ...slot, guest: gpa(guest), host: hostAddress(host) })).toEqual({ ok: false, error });
    expect(vm.slots()).toHaveLength(1);
  });
  test('a slot that is removed is an addressing exception; another can take its place', () => {
    const vm = bench.fresh();
    expect(vm.removeSlot(0).ok).toBe(true);
    expect(vm.readAbsolute(gpa(0), 4)).toBeUndefined();
    expect(vm.addSlot({ slot: 3, guest: gpa(16 * MB), bytes: MB, host: hostAddress(MB) }).ok).toBe(true);
    expect(vm.writeAbsolute(gpa(16 * MB), Uint8Array.of(7))).toBe(true);
    expect(bench.complex.storage.byte(MB)).toBe(7);
    expect(vm.writeAbsolute(gpa(17 * MB - 2), new Uint8Array(4).fill(1))).toBe(false);
    expect(vm.readAbsolute(gpa(17 * MB - 2), 2)).toEqual(new Uint8Array(2));
    expect(vm.removeSlot(0)).toEqual({ ok: false, error: 'EINVAL' });
  });
});

describe('the pages of a prefix area', () => {
  const bench = new KvmBench();
  const pins = (): number => bench.vm.trace.last(99).filter(({ kind }) => kind === 'prefix').length;

  test('are pinned before SIE is entered, and again once their segment was invalidated or the prefix is another', () => {
    const { vm } = bench;
    vm.trace.turn(true);
    const v = bench.program([SPIN]);
    v.vcpu.setPrefix(gpa(2 * MB));
    v.sync();
    bench.put(2 * MB + 0x1d0, bench.bytes(0x1d0, 16));
    bench.run(v);
    bench.run(v);
    expect([pins(), vm.gmap.isPopulated(gpa(2 * MB))]).toEqual([1, true]);
    vm.reclaim(hostAddress(3 * MB));
    vm.reclaim(hostAddress(MB));
    bench.run(v);
    expect(pins()).toBe(1);
    vm.reclaim(hostAddress(2 * MB));
    expect(vm.gmap.isPopulated(gpa(2 * MB))).toBe(false);
    bench.run(v);
    expect([pins(), vm.gmap.isPopulated(gpa(2 * MB))]).toEqual([2, true]);
    v.vcpu.setPrefix(gpa(0));
    v.sync();
    bench.run(v);
    expect(pins()).toBe(3);
  });
  test('that are not there are left to SIE, which says so', () => {
    bench.fresh();
    const v = bench.program([SPIN]);
    v.vcpu.setPrefix(gpa(8 * MB));
    v.sync();
    expect(bench.run(v)).toMatchObject({ kind: 'crashed', message: 'validity interception, reason 0x37' });
  });
});

describe('discarding', () => {
  const bench = new KvmBench();
  test('makes frames read as zeros, keeps their keys, passes holes over, and counts as a change', () => {
    const { vm } = bench;
    vm.enableKeys();
    bench.put(0x3_0000, new Uint8Array(3 * 4096).fill(7));
    bench.complex.keys[0x31] = 0x30;
    const reader = vm.dirtyLog.open('a');
    vm.discard(0x3_1000, 0x3_2000);
    expect([bench.hex(0x3_0fff, 2), bench.hex(0x3_1fff, 2)]).toEqual(['0700', '0007']);
    expect([bench.complex.keys[0x31], reader.take(0, 1024, true)]).toEqual([0x30, [0x31]]);
    vm.removeSlot(0);
    vm.discard(0, 8 * MB);
    expect(reader.count()).toBe(0);
  });
});
