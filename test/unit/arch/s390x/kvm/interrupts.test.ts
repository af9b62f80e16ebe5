import { beforeEach, describe, expect, test } from 'vitest';
import { iscMask } from '../../../../../src/arch/s390x/cpu/control-register-bits.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { slots } from '../../../../../src/arch/s390x/cpu/state-layout.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { FloatingInterrupts } from '../../../../../src/arch/s390x/kvm/interrupts.ts';
import { MCIC } from '../../../../../src/arch/s390x/kvm/machine-check.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { CODE, encode, HANDLERS, KvmBench, MASK_64, NOP, OPEN, psw, SPIN } from './harness.ts';

const bench = new KvmBench();
const ALL_CR0 = 0xffffn;
const io = (
  number: number,
  isc = 0,
): { subchannelId: number; subchannelNumber: number; parameter: number; word: number } => ({
  subchannelId: 1,
  subchannelNumber: number,
  parameter: 0x1000 + number,
  word: isc << 27,
});

beforeEach(() => {
  bench.fresh();
});

/** A vCPU that spins, with interruptions let in as told. */
function spinner(setup: { mask?: bigint; cr0?: bigint; cr6?: bigint; cr14?: bigint; id?: number } = {}): KvmVcpu {
  const v = bench.program([SPIN], { mask: setup.mask ?? OPEN.all, id: setup.id ?? 0 });
  v.vcpu.setCr(0, setup.cr0 ?? ALL_CR0);
  v.vcpu.setCr(6, setup.cr6 ?? 0xff00_0000n);
  v.vcpu.setCr(14, setup.cr14 ?? 0x1f00_0000n);
  v.vcpu.core.clock.setCpuTimer(v.vcpu, 1n << 60n);
  v.vcpu.core.clock.setClockComparator(v.vcpu, 0xffff_ffff_ffff_ffffn);
  v.sync();
  return v;
}

/** Lets one interruption after the other in, and tells which they were. */
function taken(v: KvmVcpu, most = 12): string[] {
  const order: string[] = [];
  for (let i = 0; i < most; i++) {
    bench.run(v);
    const which = bench.taken(v);
    if (which === undefined) break;
    order.push(which === 'external' ? bench.low('externalCode').toString(16) : which);
    v.setPsw({ mask: OPEN.all, address: BigInt(CODE) });
  }
  return order;
}

describe('order and masks', () => {
  test('of everything that can wait, the most urgent comes first', () => {
    const v = spinner();
    const { local, vm } = v;
    vm.floating.raiseIo(io(3, 3));
    vm.floating.raiseIo(io(0, 0));
    vm.floating.raiseService(0x1000);
    local.externalCall = 1;
    local.emergency.add(1);
    local.malfunction.add(1);
    vm.floating.interruptKey = true;
    vm.floating.raiseChannelReport();
    v.vcpu.core.clock.setClockComparator(v.vcpu, 0n);
    v.vcpu.core.clock.setCpuTimer(v.vcpu, -1n);
    v.sync();
    const first = taken(v, 6);
    expect(first).toEqual(['machineCheck', '40', '1200', '1201', '1202', '1004']);
    v.vcpu.core.clock.setClockComparator(v.vcpu, 0xffff_ffff_ffff_ffffn);
    v.sync();
    expect(taken(v, 1)).toEqual(['1005']);
    v.vcpu.core.clock.setCpuTimer(v.vcpu, 1n << 60n);
    v.sync();
    expect(taken(v)).toEqual(['2401', 'io', 'io']);
  });

  test.each([
    ['malfunction alert', 48, (v: KvmVcpu) => v.local.malfunction.add(1)],
    ['emergency signal', 49, (v: KvmVcpu) => v.local.emergency.add(1)],
    ['external call', 50, (v: KvmVcpu) => (v.local.externalCall = 1)],
    ['clock comparator', 52, (v: KvmVcpu) => v.vcpu.core.clock.setClockComparator(v.vcpu, 0n)],
    ['CPU timer', 53, (v: KvmVcpu) => v.vcpu.core.clock.setCpuTimer(v.vcpu, -1n)],
    ['service signal', 54, (v: KvmVcpu) => v.vm.floating.raiseService(8)],
    ['interrupt key', 57, (v: KvmVcpu) => (v.vm.floating.interruptKey = true)],
  ])('%s needs CR0 bit %d and the PSW', (_, bit, raise) => {
    const own = 1n << BigInt(63 - bit);
    for (const [mask, cr0, comes] of [
      [OPEN.external, ALL_CR0 & ~own, false],
      [MASK_64, own, false],
      [OPEN.external, own, true],
    ] as const) {
      bench.fresh();
      const v = spinner({ mask, cr0 });
      raise(v);
      v.sync();
      bench.run(v, 5);
      expect([v.hasDeliverable(), bench.taken(v)]).toEqual([false, comes ? 'external' : undefined]);
    }
  });

  test('what each external interruption stores', () => {
    const v = spinner();
    v.local.emergency.add(3);
    v.local.emergency.add(1);
    bench.run(v);
    expect([bench.low('externalCode'), bench.low('externalCpuAddress')]).toEqual([0x1201n, 1n]);
    expect(bench.hex(0x130, 16)).toBe(Buffer.from(psw(OPEN.all, CODE)).toString('hex'));
    v.setPsw({ mask: OPEN.all, address: BigInt(CODE) });
    bench.run(v);
    expect(bench.low('externalCpuAddress')).toBe(3n);
    v.setPsw({ mask: OPEN.all, address: BigInt(CODE) });
    v.vm.floating.raiseService(0x7fff_fff8);
    v.vm.floating.raiseService(1);
    bench.run(v);
    expect([bench.low('externalCode'), bench.low('externalCpuAddress'), bench.low('externalParameter')]).toEqual([
      0x2401n,
      0n,
      0x7fff_fff9n,
    ]);
  });

  test('an interruption becomes deliverable in the middle of a run by STOSM, LCTL and LPSWE', () => {
    const cases = [
      { texts: [encode('STOSM', { b1: 3, d1: 0, i2: 1 })], mask: MASK_64, cr0: ALL_CR0 },
      { texts: [encode('LCTLG', { r1: 0, r3: 0, b2: 3, d2: 0 })], mask: OPEN.external, cr0: 0n },
      { texts: [encode('LPSWE', { b2: 3, d2: 16 })], mask: MASK_64, cr0: ALL_CR0 },
    ];
    for (const { texts, mask, cr0 } of cases) {
      bench.fresh();
      const v = spinner({ mask, cr0 });
      bench.program([NOP, ...texts, SPIN], { mask });
      v.vcpu.setCr(0, cr0);
      v.vcpu.setGr(3, 0x1_2000n);
      bench.put(0x1_2000, Uint8Array.of(0, 0, 0, 0, 0, 0, 0xff, 0xff));
      bench.put(0x1_2010, psw(OPEN.external, CODE));
      v.local.externalCall = 1;
      v.sync();
      bench.run(v, 3);
      expect([bench.taken(v), bench.low('externalCode')]).toEqual(['external', 0x1202n]);
      expect(v.local.externalCall).toBeUndefined();
    }
  });

  test('held interruptions, as for a single step, stay pending', () => {
    const v = spinner();
    v.local.externalCall = 1;
    v.vm.floating.raiseIo(io(1));
    v.vcpu.core.clock.setClockComparator(v.vcpu, 0n);
    v.sync();
    bench.run(v, 3, true);
    expect([bench.taken(v), v.local.externalCall, v.vm.floating.anyIo]).toEqual([undefined, 1, true]);
  });
});

describe('I/O interruptions', () => {
  test('subclasses in order as CR6 has them, each first in first out', () => {
    const floating = new FloatingInterrupts();
    for (const [number, isc] of [
      [1, 5],
      [2, 0],
      [3, 5],
      [4, 7],
    ] as const)
      floating.raiseIo(io(number, isc));
    const next = (cr6: number): number | undefined => floating.nextIo(cr6, true)?.subchannelNumber;
    expect(next(iscMask(1))).toBeUndefined();
    expect([next(iscMask(5) | iscMask(7)), next(0xff00_0000), next(0xff00_0000), next(0xff00_0000)]).toEqual([
      1, 2, 3, 4,
    ]);
    expect([next(0xff00_0000), floating.anyIo]).toEqual([undefined, false]);
  });
  test('withdrawn ones do not come', () => {
    const floating = new FloatingInterrupts();
    floating.raiseIo(io(1));
    floating.raiseIo(io(2, 4));
    expect([floating.withdrawIo(1, 2), floating.withdrawIo(1, 2), floating.anyIo]).toEqual([true, false, true]);
    expect(floating.nextIo(0xff00_0000, true)?.subchannelNumber).toBe(1);
    expect(floating.anyIo).toBe(false);
  });
  test('any vCPU takes it: the one that is enabled', () => {
    const a = spinner({ mask: MASK_64 });
    const b = spinner({ id: 1 });
    b.vcpu.setPrefix(gpa(0x4000));
    b.sync();
    bench.put(0x4000, bench.bytes(0, 0x2000));
    bench.vm.floating.raiseIo({
      subchannelId: 0x0001,
      subchannelNumber: 0x0203,
      parameter: 0x0405_0607,
      word: 0x0809_0a0b,
    });
    bench.run(a, 3);
    bench.run(b, 3);
    expect([bench.taken(a), bench.taken(b)]).toEqual([undefined, 'io']);
    expect(bench.hex(0x40b8, 12)).toBe('000102030405060708090a0b');
  });
});

describe('machine checks', () => {
  test('a channel report: repressible, floating, CR14 bit 35; registers are saved', () => {
    const v = spinner({ cr14: 0n });
    bench.vm.floating.raiseChannelReport();
    bench.run(v, 3);
    expect([bench.taken(v), v.hasDeliverable()]).toEqual([undefined, false]);
    v.vcpu.setGr(5, 0x55n);
    v.vcpu.setAr(3, 0x33);
    v.vcpu.setFpr(2, 0x22n);
    v.vcpu.setCr(14, 0x1000_0000n);
    v.sync();
    bench.run(v, 1);
    expect(bench.taken(v)).toBe('machineCheck');
    const code = bench.low('machineCheckCode');
    expect([code & MCIC.channelReport, code >> 62n, bench.low('architectureMode')]).toEqual([
      MCIC.channelReport,
      0n,
      1n,
    ]);
    // PSW, registers, timers are valid; failing address, damage code and vectors are not.
    expect((code >> 16n) & 0xffff_ffffn).toBe(0x0f1d_4033n);
    expect([bench.hex(0x1280 + 40, 8), bench.hex(0x1340 + 12, 4), bench.hex(0x1210, 8)]).toEqual([
      '0000000000000055',
      '00000033',
      '0000000000000022',
    ]);
    expect(bench.hex(0x13f0, 8)).toBe('0000000010000000');
    expect(bench.vm.floating.channelReport).toBe(false);
  });

  test.each([
    ['no length', 0, false],
    ['2 KiB', 11, true],
    ['a length that is none', 13, false],
  ])('the extended save area with %s: vectors, and guarded storage where there is room', (_, lc, guards) => {
    const [v, at] = [spinner({ cr14: 0x1000_0000n }), 0x3_1000];
    bench.put(0x11b0, Uint8Array.of(...toBigEndian(BigInt(at + lc), 8)));
    bench.put(at, new Uint8Array(2048).fill(0xee));
    v.vcpu.setVr(31, 0x31n);
    v.vcpu.setBig(slots.gssm, 0x77n);
    bench.vm.floating.raiseChannelReport();
    bench.run(v, 1);
    const validity = MCIC.vectorRegistersValid | MCIC.guardedStorageValid;
    expect(bench.low('machineCheckCode') & validity).toBe(guards ? validity : MCIC.vectorRegistersValid);
    expect(bench.hex(at + 511, 1)).toBe('31');
    expect(bench.hex(at + 1024 + 16, 8)).toBe(guards ? '0000000000000077' : 'ee'.repeat(8));
  });

  test('an exigent one needs no subclass; a repressible one of its own joins it', () => {
    const v = spinner({ cr14: 0n });
    v.local.machineChecks.raise({ mcic: MCIC.degradation, cr14: 0x0400_0000, externalDamageCode: 0x11 });
    expect(v.hasDeliverable()).toBe(false);
    v.local.machineChecks.raise({ mcic: MCIC.instructionProcessingDamage, cr14: 0, failingStorageAddress: 0x1234n });
    bench.run(v);
    expect(bench.taken(v)).toBe('machineCheck');
    expect(bench.low('machineCheckCode') & (MCIC.degradation | MCIC.instructionProcessingDamage)).toBe(
      MCIC.degradation | MCIC.instructionProcessingDamage,
    );
    expect([bench.low('externalDamageCode'), bench.low('failingStorageAddress')]).toEqual([0x11n, 0x1234n]);
    expect(v.local.machineChecks.pending).toBeUndefined();
  });

  test('one that the PSW holds back is taken as soon as LPSWE lets it in', () => {
    const v = spinner({ mask: MASK_64 });
    bench.program([encode('LPSWE', { b2: 3, d2: 0 })]);
    v.vcpu.setGr(3, 0x1_2000n);
    bench.put(0x1_2000, psw(MASK_64 | PSW.machineCheck, 0x1_3000));
    bench.vm.floating.raiseChannelReport();
    bench.run(v, 2);
    expect([bench.taken(v), bench.hex(0x168, 8)]).toEqual(['machineCheck', '0000000000013000']);
    expect(v.block.has('ictl', 0x0040_0000)).toBe(false);
  });
});

describe('waits and stops', () => {
  test('a wait ends by what the PSW and the masks let in, and by nothing else', () => {
    const v = spinner({ mask: OPEN.external | PSW.wait, cr0: 0x2000n });
    expect(bench.run(v)).toEqual({ kind: 'wait' });
    expect([v.waiting, v.block.get('cpuflags') & 0x1000_0000]).toEqual([true, 0x1000_0000]);
    v.local.emergency.add(1);
    expect([v.hasDeliverable(), bench.run(v).kind]).toEqual([false, 'wait']);
    v.local.externalCall = 1;
    expect([v.hasDeliverable(), bench.run(v).kind]).toEqual([true, 'quantum']);
    expect([v.waiting, bench.taken(v), bench.hex(0x130, 8)]).toEqual([false, 'external', '0102000180000000']);
  });

  test('the CPU timer runs on in a wait and ends it', () => {
    const v = spinner({ mask: OPEN.external | PSW.wait });
    v.vcpu.core.clock.setCpuTimer(v.vcpu, 4096n * 10n);
    v.sync();
    bench.run(v);
    const until = v.untilTimer();
    if (until === undefined) throw new Error('the timer would not end the wait');
    v.vcpu.core.clock.idle(v.vcpu, until - 1n);
    expect([v.hasDeliverable(), bench.run(v).kind]).toEqual([false, 'wait']);
    v.vcpu.core.clock.idle(v.vcpu, 1n);
    bench.run(v);
    expect([bench.taken(v), bench.low('externalCode')]).toEqual(['external', 0x1005n]);
  });

  test('a timer whose new PSW lets it in again is a crash, whether the machine or the hypervisor finds it', () => {
    for (const merged of [false, true]) {
      bench.fresh();
      const v = spinner();
      bench.put(0x1b0, psw(OPEN.external, HANDLERS.external));
      v.vcpu.core.clock.setClockComparator(v.vcpu, 0n);
      if (merged) v.vm.floating.raiseService(8);
      v.sync();
      expect(bench.run(v, 100)).toMatchObject({ kind: 'crashed', message: expect.stringContaining('external') });
    }
  });

  test('a stop waits for what can be delivered first, and for nothing else', () => {
    const v = spinner();
    v.local.stop = { storeStatus: true };
    v.local.externalCall = 1;
    v.vm.floating.interruptKey = true;
    expect(bench.run(v, 10)).toEqual({ kind: 'stopped' });
    expect([bench.taken(v), bench.low('externalCode')]).toEqual(['external', 0x40n]);
    expect([v.local.externalCall, v.stopped, bench.hex(0xa3, 1)]).toEqual([1, true, '01']);
    expect(bench.hex(0x1308, 8)).toBe(HANDLERS.external.toString(16).padStart(16, '0'));
    expect(bench.run(v)).toEqual({ kind: 'stopped' });
  });

  test('disabled waits: a crash once nobody else can go on; 0xfff is an orderly end', () => {
    const a = spinner({ mask: MASK_64 | PSW.wait });
    const b = spinner({ mask: MASK_64 | PSW.wait, id: 1 });
    expect(bench.run(a)).toEqual({ kind: 'wait' });
    expect(bench.run(b)).toEqual({ kind: 'crashed', message: 'disabled wait at 0x10000' });
    bench.fresh();
    const only = spinner({ mask: MASK_64 | PSW.wait });
    only.setPsw({ mask: MASK_64 | PSW.wait, address: 0xfffn });
    expect(bench.run(only)).toEqual({ kind: 'machine' });
  });

  test('a restart starts a stopped vCPU before anything else; an operating one takes it last', () => {
    const v = spinner();
    v.stop();
    v.local.restart = true;
    v.local.externalCall = 1;
    bench.run(v);
    expect([v.stopped, bench.taken(v), v.local.externalCall]).toEqual([false, 'restart', 1]);
    v.setPsw({ mask: OPEN.all, address: BigInt(CODE) });
    v.local.restart = true;
    bench.run(v);
    expect([bench.taken(v), bench.hex(0x128, 8)]).toEqual([
      'restart',
      HANDLERS.external.toString(16).padStart(16, '0'),
    ]);
  });
});
