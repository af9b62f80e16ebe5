import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { hostAddress } from '../../../../../src/arch/s390x/dat/address.ts';
import { type AttributeGroup, attributeGroups } from '../../../../../src/arch/s390x/kvm/attributes/row.ts';
import { setAttribute } from '../../../../../src/arch/s390x/kvm/attributes/table.ts';
import { ecb2 } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { encode, KvmBench, MASK_64, STORAGE } from './harness.ts';

const bench = new KvmBench();
const BLOCK = 0x3_0000n;
const MIB = 1 << 20;
/** A block of a segment that no access has linked. */
const AWAY = 0x30_5000n;
const PAGES = STORAGE / 4096;
/** States as ESSA tells them: stable, unused, potentially volatile, volatile; by the content state resident. */
const TOLD = [0n, 4n, 8n, 12n] as const;

const essa = (m3: number): Uint8Array => encode('ESSA', { r1: 1, r2: 2, m3 });

/** One ESSA; what it gave. The vCPU must have used it before, for the machine to do it. */
function give(m3: number, block = BLOCK): bigint {
  const v = bench.one([essa(m3)], { 1: 0xdead_beef_0000_0000n, 2: block });
  if (!v.block.has('ecb2', ecb2.cmma) && !bench.vm.cmma.migrating) throw new Error('not interpreted');
  return v.vcpu.gr(1);
}

function attribute(group: AttributeGroup, number: number): string | undefined {
  return setAttribute(bench.vm, attributeGroups[group], number);
}

beforeEach(() => {
  bench.fresh('later');
});

describe('collaborative memory management that nobody enabled', () => {
  test.each([
    ['supervisor', MASK_64],
    ['problem', MASK_64 | PSW.problem],
  ])('is an operation exception in the %s state', (_, mask) => {
    bench.createVcpus();
    bench.one([essa(0)], { 1: 5n, 2: BLOCK }, mask);
    expect([bench.low('programCode'), bench.low('programIlc'), bench.vcpu().vcpu.gr(1)]).toEqual([1n, 4n, 5n]);
  });
  test('cannot be enabled once there are vCPUs, nor cleared', () => {
    bench.createVcpus();
    expect([attribute('memory', 0), attribute('memory', 1)]).toEqual(['EBUSY', 'EINVAL']);
  });
});

describe('collaborative memory management', () => {
  beforeEach(() => {
    expect(attribute('memory', 0)).toBeUndefined();
    bench.createVcpus();
  });
  const first = (): void => {
    const v = bench.one([essa(0)], { 2: BLOCK });
    bench.run(v);
  };

  test('the first instruction is intercepted, and done by the machine when it is tried again', () => {
    const v = bench.program([essa(0)]);
    v.vcpu.setGr(2, BLOCK);
    v.vcpu.setGr(1, ~0n);
    expect([v.block.has('ecb2', ecb2.cmma), bench.vm.cmma.used]).toEqual([false, false]);
    bench.run(v, 2);
    expect([v.block.has('ecb2', ecb2.cmma), bench.vm.cmma.used, v.vcpu.gr(1)]).toEqual([true, true, 0n]);
    expect(v.intercepts.counts.get(4)).toBe(1);
    bench.one([essa(2), essa(0)], { 2: BLOCK });
    expect(v.intercepts.counts.get(4)).toBe(1);
  });
  test.each([7, 8, 15])('order %i is a specification exception', (order) => {
    first();
    bench.one([essa(order)], { 2: BLOCK });
    expect([bench.low('programCode'), bench.low('programIlc')]).toEqual([BigInt(PGM.specification), 4n]);
  });
  test.each([
    ['before', () => undefined],
    ['after', first],
  ])('the problem state may not, %s the first', (_, begin) => {
    begin();
    bench.one([essa(8)], { 2: BLOCK }, MASK_64 | PSW.problem);
    expect([bench.low('programCode'), bench.vm.cmma.used]).toEqual([BigInt(PGM.privilegedOperation), begin === first]);
  });
  test('a block outside storage is an addressing exception', () => {
    first();
    bench.one([essa(1)], { 1: 9n, 2: BigInt(STORAGE) });
    expect([bench.low('programCode'), bench.vcpu().vcpu.gr(1)]).toEqual([BigInt(PGM.addressing), 9n]);
  });

  test.each([
    ['stable', 1, 0],
    ['unused', 2, 1],
    ['volatile', 3, 3],
    ['potentially volatile', 4, 2],
    ['stable and resident', 5, 0],
    ['stable if resident', 6, 0],
  ])('a resident block from every state to %s: the old state is told', (_, order, state) => {
    first();
    for (const [from, before] of [1, 2, 4, 3].entries()) {
      give(before);
      expect(give(order)).toBe(TOLD[from]);
      expect(give(0)).toBe(TOLD[state]);
    }
    expect(bench.vm.cmma.listed).toBe(0);
  });
  test('the low bits of the address do not matter', () => {
    first();
    give(2, BLOCK | 0xfffn);
    expect([give(0), give(0, BLOCK + 0x1000n)]).toEqual([4n, 0n]);
  });

  describe('a block that is away', () => {
    beforeEach(() => {
      first();
      bench.put(Number(AWAY), Uint8Array.of(1, 2, 3));
      bench.vm.reclaim(hostAddress(3 * MIB));
    });
    test('is preserved, and stays away', () => {
      expect([give(0, AWAY), give(6, AWAY), give(0, AWAY)]).toEqual([2n, 2n, 2n]);
    });
    test('unused: goes to the release list, is zero; the guest that touches it finds what is there', () => {
      expect([give(2, AWAY), give(0, AWAY), bench.vm.cmma.listed]).toEqual([2n, 7n, 1]);
      expect(bench.vcpu().block.big('cbrlo') & 0xfffn).toBe(8n);
      bench.bytes(Number(AWAY), 1);
      expect([give(0, AWAY), give(1, AWAY)]).toEqual([4n, 4n]);
    });
    test('volatile: the same', () => {
      expect([give(3, AWAY), give(0, AWAY), bench.vm.cmma.listed]).toEqual([2n, 15n, 1]);
    });
    test('potentially volatile: stable when changed, volatile when not', () => {
      expect([give(4, AWAY), give(0, AWAY), bench.vm.cmma.listed]).toEqual([2n, 2n, 0]);
      bench.complex.keys[Number(AWAY) / 4096] = 4;
      expect([give(4, AWAY), give(0, AWAY), bench.vm.cmma.listed]).toEqual([2n, 15n, 1]);
      expect([give(4, AWAY), bench.vm.cmma.listed]).toEqual([15n, 1]);
    });
    test('stable if resident leaves an unused one unused', () => {
      give(2, AWAY);
      expect([give(6, AWAY), give(0, AWAY)]).toEqual([7n, 7n]);
    });
    test('a full list is handed over: what is still free reads as zeros, what was taken back stays', () => {
      bench.put(0x30_0000, new Uint8Array(MIB).fill(7));
      bench.put(0x20_0000, new Uint8Array(MIB).fill(7));
      bench.vm.reclaim(hostAddress(3 * MIB));
      bench.vm.reclaim(hostAddress(2 * MIB));
      for (let i = 0; i < 511; i++) give(2, BigInt(0x20_0000 + i * 4096));
      expect(bench.vm.cmma.listed).toBe(511);
      give(1, 0x20_3000n);
      expect([bench.vm.cmma.listed, bench.vcpu().intercepts.counts.get(4)]).toEqual([0, 2]);
      // Only the block that was made stable behind the release.
      give(2, 0x20_0000n);
      expect(
        bench
          .bytes(0x20_0000, 0x1ff000)
          .subarray(0, 511 * 4096)
          .some((b) => b !== 0),
      ).toBe(false);
      expect(bench.bytes(0x20_0000 + 511 * 4096, 1)).toEqual(Uint8Array.of(7));
    });
  });

  test('the attribute that clears makes all blocks stable', () => {
    first();
    for (const m3 of [2, 3, 4]) give(m3, BLOCK + BigInt(m3 * 4096));
    expect(attribute('memory', 1)).toBeUndefined();
    expect([2n, 3n, 4n].map((n) => give(0, BLOCK + n * 4096n))).toEqual([0n, 0n, 0n]);
  });

  describe('in migration mode', () => {
    const bits = (startGfn: number, count: number, peek = false) => bench.vm.cmma.getBits({ startGfn, count, peek });
    const start = (): void => {
      bench.vm.logs.set(0, true);
      expect(attribute('migration', 1)).toBeUndefined();
    };

    test('needs the slots to log stores, and ends when one does not any more', () => {
      expect(attribute('migration', 1)).toBe('EINVAL');
      start();
      expect([bench.vm.cmma.migrating, attribute('migration', 1)]).toEqual([true, undefined]);
      bench.vm.logs.set(0, false);
      expect([bench.vm.cmma.migrating, attribute('migration', 0)]).toEqual([false, undefined]);
    });
    test('the hypervisor does the instruction, and the machine does it again afterwards', () => {
      first();
      start();
      const v = bench.vcpu();
      expect([v.block.has('ecb2', ecb2.cmma), give(2), give(0)]).toEqual([false, 0n, 4n]);
      expect(v.intercepts.counts.get(4)).toBe(3);
      bench.one([essa(7)], { 2: BLOCK });
      expect(bench.low('programCode')).toBe(BigInt(PGM.specification));
      bench.one([essa(2)], { 2: BigInt(STORAGE) });
      expect(bench.low('programCode')).toBe(BigInt(PGM.addressing));
      attribute('migration', 0);
      expect([v.block.has('ecb2', ecb2.cmma), give(0)]).toEqual([true, 4n]);
    });
    test('all states count as changed at the start; then those that the guest sets', () => {
      first();
      give(2, 0x5000n);
      start();
      expect(bench.vm.cmma.dirtyBlocks).toBe(PAGES);
      const all = bits(0, PAGES);
      expect(all).toMatchObject({ ok: true, value: { startGfn: 0, remaining: 0 } });
      expect(all.ok && [all.value.values.length, all.value.values[5], all.value.values[6]]).toEqual([PAGES, 1, 0]);
      expect(bits(0, PAGES)).toEqual({ ok: true, value: { startGfn: 0, values: new Uint8Array(0), remaining: 0 } });
      give(0, 0x7000n);
      expect(bench.vm.cmma.dirtyBlocks).toBe(0);
      give(3, 0x1_0000n);
      give(4, 0x1_3000n);
      give(2, 0x8_0000n);
      expect(bits(3, 100)).toEqual({
        ok: true,
        value: { startGfn: 0x10, values: Uint8Array.of(3, 0, 0, 2), remaining: 1 },
      });
      expect(bits(PAGES + 5, 1)).toEqual({
        ok: true,
        value: { startGfn: 0x80, values: Uint8Array.of(1), remaining: 0 },
      });
    });
    test('a run ends where the buffer does', () => {
      first();
      start();
      expect(bits(0, 3)).toEqual({ ok: true, value: { startGfn: 0, values: new Uint8Array(3), remaining: PAGES - 3 } });
      expect(bits(0, 3)).toMatchObject({ ok: true, value: { startGfn: 3 } });
    });
    test('looks clear nothing and need no migration mode', () => {
      first();
      give(3, 0x6000n);
      expect(bits(5, 3, true)).toEqual({
        ok: true,
        value: { startGfn: 5, values: Uint8Array.of(0, 3, 0), remaining: 0 },
      });
      expect(bits(5, 3)).toEqual({ ok: false, error: 'EINVAL' });
      expect(bits(PAGES, 3, true)).toEqual({ ok: false, error: 'EFAULT' });
      expect(bits(PAGES - 1, 3, true)).toMatchObject({ ok: true, value: { values: Uint8Array.of(0) } });
    });
    test('nothing to get: the guest never used it, or no room', () => {
      start();
      const nothing = { ok: true, value: { startGfn: 0, values: new Uint8Array(0), remaining: 0 } };
      expect(bits(7, 9)).toEqual(nothing);
      bench.vm.cmma.used = true;
      expect(bits(7, 0)).toEqual(nothing);
    });
    test('states are set as far as the mask goes, and count as used', () => {
      const { cmma } = bench.vm;
      expect(cmma.setBits({ startGfn: 0x30, values: Uint8Array.of(0xff, 1), mask: 0xff })).toBeUndefined();
      expect(cmma.used).toBe(true);
      first();
      expect([give(0), give(0, BLOCK + 0x1000n)]).toEqual([0x2cn, 4n]);
      cmma.setBits({ startGfn: 0x30, values: Uint8Array.of(0), mask: 0x40 });
      expect(give(0)).toBe(0xcn);
      expect(cmma.setBits({ startGfn: PAGES - 1, values: new Uint8Array(2), mask: 3 })).toBe('EFAULT');
      expect(cmma.setBits({ startGfn: PAGES, values: new Uint8Array(0), mask: 3 })).toBeUndefined();
      expect(cmma.setBits({ startGfn: 0, values: new Uint8Array((1 << 20) + 1), mask: 3 })).toBe('EINVAL');
    });
  });

  test('saved and restored: states, what was listed, what has changed', () => {
    first();
    bench.vm.reclaim(hostAddress(3 * MIB));
    give(2, AWAY);
    bench.vm.logs.set(0, true);
    attribute('migration', 1);
    bench.vm.cmma.getBits({ startGfn: 0, count: PAGES, peek: false });
    give(3);
    const saved = bench.vm.cmma.save();
    const { vm: before } = bench;
    bench.fresh('later');
    bench.createVcpus();
    bench.vm.cmma.restore(saved);
    expect(bench.vm.cmma.save()).toEqual(before.cmma.save());
    expect([bench.vm.cmma.enabled, bench.vm.cmma.dirtyBlocks, bench.vm.cmma.listed]).toEqual([true, 1, 0]);
  });
});

test('without it the calls on states are ENXIO', () => {
  const { cmma } = bench.vm;
  expect([
    cmma.getBits({ startGfn: 0, count: 1, peek: true }),
    cmma.setBits({ startGfn: 0, values: Uint8Array.of(0), mask: 3 }),
  ]).toEqual([{ ok: false, error: 'ENXIO' }, 'ENXIO']);
});

test('PFMF that sets keys is left to the hypervisor while states are kept', () => {
  attribute('memory', 0);
  bench.createVcpus();
  bench.put(Number(BLOCK), Uint8Array.of(1));
  const v = bench.one([encode('PFMF', { r1: 1, r2: 2 })], { 1: 0x3_0030n, 2: BLOCK });
  expect([bench.vm.usesKeys, bench.complex.keys[0x30], bench.hex(Number(BLOCK), 1)]).toEqual([true, 0x30, '00']);
  bench.one([encode('PFMF', { r1: 1, r2: 2 })], { 1: 0x2_1040n, 2: 0x10_0000n });
  expect([bench.complex.keys[0x100], bench.complex.keys[0x1ff], v.vcpu.gr(2)]).toEqual([0x40, 0x40, 0x20_0000n]);
});
