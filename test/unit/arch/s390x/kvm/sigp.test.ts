import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { slots } from '../../../../../src/arch/s390x/cpu/state-layout.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import type { VcpuExit } from '../../../../../src/machine/exit.ts';
import { coded, encode, KvmBench, MASK_64, OPEN, psw, SPIN } from './harness.ts';

const bench = new KvmBench();
const without = new KvmBench({ without: ['sense-running-status', 'vector', 'guarded-storage'] });
const order = {
  sense: 0x01,
  externalCall: 0x02,
  emergency: 0x03,
  start: 0x04,
  stop: 0x05,
  restart: 0x06,
  stopAndStore: 0x09,
  initialReset: 0x0b,
  reset: 0x0c,
  setPrefix: 0x0d,
  storeStatus: 0x0e,
  setArchitecture: 0x12,
  conditionalEmergency: 0x13,
  senseRunning: 0x15,
  additionalStatus: 0x17,
} as const;

beforeEach(() => {
  bench.fresh();
});

/** What CPU 0's SIGP to a CPU answers: condition code, and the status in R1. */
function signal(code: number, to = 1, parameter = 0n, on = bench): { cc: number; status: number; exit: VcpuExit } {
  const v = on.program([coded('SIGP', 2, 4, code), SPIN]);
  v.vcpu.setGr(2, 0xffff_ffff_0000_0000n);
  v.vcpu.setGr(3, parameter);
  v.vcpu.setGr(4, BigInt(to));
  v.sync();
  const exit = on.run(v);
  expect(v.vcpu.gr(2) >> 32n).toBe(0xffff_ffffn);
  return { cc: v.vcpu.cc, status: v.vcpu.grLow(2), exit };
}

/** CPU 1, operating. */
function other(mask = MASK_64): KvmVcpu {
  return bench.program([SPIN], { id: 1, at: 0x1_8000, mask });
}

describe('answers', () => {
  test.each(
    Object.entries(order).filter(([, n]) => n !== order.setArchitecture),
  )('%s to a CPU that is not there: 3', (_, n) => {
    expect(signal(n, 9)).toMatchObject({ cc: 3, status: 0 });
  });
  test('SET ARCHITECTURE, whatever the address: invalid parameter', () => {
    expect(signal(order.setArchitecture, 9)).toMatchObject({ cc: 1, status: 0x100 });
  });
  test.each([0x00, 0x07, 0x0a, 0x0f, 0x10, 0x11, 0x14, 0x16, 0x18, 0xff])('order %d: invalid', (n) => {
    expect(signal(n)).toMatchObject({ cc: 1, status: 0x02 });
  });

  test.each([
    ['operating', 0, false, undefined],
    ['stopped', 0x40, true, undefined],
    ['call pending', 0x80, false, 0],
    ['both', 0xc0, true, 0],
  ])('SENSE, %s', (_, status, stopped, call) => {
    const v = bench.vcpu(1);
    if (!stopped) v.start();
    v.local.externalCall = call;
    expect(signal(order.sense)).toMatchObject({ cc: status === 0 ? 0 : 1, status });
  });

  test('SENSE RUNNING STATUS: only the CPU that asks is running; without the facility it is no order', () => {
    other();
    expect(signal(order.senseRunning)).toMatchObject({ cc: 1, status: 0x400 });
    expect(signal(order.senseRunning, 0)).toMatchObject({ cc: 0, status: 0 });
    without.fresh();
    expect(signal(order.senseRunning, 0, 0n, without)).toMatchObject({ cc: 1, status: 0x02 });
  });

  test.each(
    Object.entries(order).filter(([, n]) => n !== order.setArchitecture),
  )('%s while a stop or restart waits: busy, but for resets', (_, n) => {
    const isReset = n === order.reset || n === order.initialReset;
    for (const pending of ['stop', 'restart'] as const) {
      const v = other();
      if (pending === 'stop') v.local.stop = { storeStatus: false };
      else v.local.restart = true;
      expect(signal(n).cc).toBe(isReset ? 0 : 2);
      v.local.clear();
    }
  });

  test('an order that is none to a busy CPU: busy', () => {
    other().local.stop = { storeStatus: false };
    expect(signal(0x0f).cc).toBe(2);
  });

  test('in the problem state: privileged operation, and the CPU hears nothing', () => {
    const v = bench.program([coded('SIGP', 2, 4, order.emergency)], { mask: MASK_64 | PSW.problem });
    v.vcpu.setGr(4, 1n);
    bench.run(v);
    expect([bench.low('programCode'), bench.vcpu(1).local.emergency.size]).toEqual([
      BigInt(PGM.privilegedOperation),
      0,
    ]);
  });
});

describe('signals', () => {
  test('an external call waits until it is taken; a second one is refused', () => {
    const v = other(OPEN.external);
    v.vcpu.setCr(0, 0x2000n);
    v.sync();
    expect(signal(order.externalCall)).toMatchObject({ cc: 0, exit: { kind: 'signal', to: 1 } });
    expect(signal(order.externalCall)).toMatchObject({ cc: 1, status: 0x80 });
    bench.run(v);
    expect([bench.taken(v), bench.low('externalCode'), bench.low('externalCpuAddress')]).toEqual([
      'external',
      0x1202n,
      0n,
    ]);
    expect(signal(order.externalCall).cc).toBe(0);
  });
  test.each([order.emergency, order.conditionalEmergency])('emergency signals (order %d) of one CPU are one', (n) => {
    const v = other(OPEN.external);
    v.vcpu.setCr(0, 0x4000n);
    v.sync();
    for (let i = 0; i < 2; i++) expect(signal(n)).toMatchObject({ cc: 0, exit: { kind: 'signal', to: 1 } });
    bench.run(v);
    expect([bench.low('externalCode'), v.hasDeliverable()]).toEqual([0x1201n, false]);
  });
  test('to itself: taken at once, without leaving', () => {
    const v = bench.program([coded('SIGP', 2, 4, order.emergency), SPIN], { mask: OPEN.external });
    v.vcpu.setCr(0, 0x4000n);
    v.sync();
    expect(bench.run(v, 2)).toEqual({ kind: 'quantum' });
    expect(bench.taken(v)).toBe('external');
  });
});

describe('start, stop, restart', () => {
  test('START and RESTART of a stopped CPU', () => {
    const v = bench.vcpu(1);
    expect(signal(order.start)).toMatchObject({ cc: 0, exit: { kind: 'signal', to: 1 } });
    expect(v.stopped).toBe(false);
    v.stop();
    expect(signal(order.restart).cc).toBe(0);
    v.vcpu.setPrefix(gpa(0x6000));
    v.sync();
    bench.put(0x6000, bench.bytes(0, 0x2000));
    bench.run(v);
    expect([v.stopped, bench.taken(v)]).toEqual([false, 'restart']);
  });
  test('STOP: pending until the CPU does it; accepted again once stopped', () => {
    const v = other();
    expect(signal(order.stop).cc).toBe(0);
    expect([v.stopped, signal(order.stop).cc]).toEqual([false, 2]);
    expect(bench.run(v, 5)).toEqual({ kind: 'stopped' });
    expect(signal(order.stop).cc).toBe(0);
    expect(v.local.stop).toBeUndefined();
  });
  test.each(['operating', 'stopped'])('STOP AND STORE STATUS of a CPU that is %s', (state) => {
    const v = other();
    v.vcpu.setGr(7, 0x77n);
    v.sync();
    if (state === 'stopped') v.stop();
    expect(signal(order.stopAndStore).cc).toBe(0);
    if (state === 'operating') bench.run(v, 5);
    expect([v.stopped, bench.hex(0x1280 + 56, 8), bench.hex(0xa3, 1)]).toEqual([true, '0000000000000077', '01']);
  });
  test('of the last CPU by itself', () => {
    const v = bench.program([coded('SIGP', 2, 4, order.stop), SPIN]);
    expect(bench.run(v, 5)).toEqual({ kind: 'stopped' });
  });
});

describe('resets', () => {
  test.each([
    ['CPU RESET', order.reset, 'normal'],
    ['INITIAL CPU RESET', order.initialReset, 'initial'],
  ] as const)('%s', (_, n, kind) => {
    const v = other(OPEN.external);
    v.vcpu.setGr(5, 5n);
    v.vcpu.setCr(4, 4n);
    v.vcpu.fpc = 0x80;
    v.vcpu.setPrefix(gpa(0x6000));
    v.local.externalCall = 0;
    v.local.stop = { storeStatus: true };
    v.sync();
    expect(signal(n).cc).toBe(0);
    expect([v.stopped, v.local.externalCall, v.local.stop, v.vcpu.gr(5)]).toEqual([true, undefined, undefined, 5n]);
    const initial = kind === 'initial';
    expect([v.psw.mask, v.psw.address]).toEqual(initial ? [0n, 0n] : [OPEN.external, 0x1_8000n]);
    const state = [v.vcpu.cr(0), v.vcpu.cr(4), v.vcpu.cr(14), v.vcpu.prefix, v.vcpu.fpc, v.block.big('gbea')];
    if (initial) expect(state).toEqual([0xe0n, 0n, 0xc200_0000n, 0, 0, 1n]);
    else expect(state.slice(0, 5)).toEqual([0xe0n, 4n, 0xc200_0000n, 0x6000, 0x80]);
  });
  // A stop of the machine brings those that wait to the present; a reset that came without one must find them there, too.
  test.each([
    ['CPU RESET of another', order.reset],
    ['INITIAL CPU RESET of another', order.initialReset],
  ])('%s that waits: its CPU timer has run on until then, whether anybody has looked at it before or not', (_, n) => {
    const { clock } = bench.core;
    const timerOf = (looked: boolean): bigint => {
      bench.fresh();
      const v = other();
      // Both begin at one time, which no other test has moved.
      clock.pass(v.vcpu, bench.vcpu(0).vcpu.icount + 5000n - clock.count(v.vcpu));
      clock.pass(bench.vcpu(0).vcpu, clock.count(v.vcpu) - clock.count(bench.vcpu(0).vcpu));
      clock.setCpuTimer(v.vcpu, 1_000_000n);
      v.enterWait();
      clock.pass(bench.vcpu(0).vcpu, 1000n);
      if (looked) clock.idle(v.vcpu, 1000n);
      expect(signal(n).cc).toBe(0);
      return clock.cpuTimer(v.vcpu);
    };
    expect(timerOf(false)).toBe(timerOf(true));
    expect(timerOf(false)).toBeLessThan(n === order.reset ? 1_000_000n - 4000n : 1n);
  });
  test('a clear reset, as DIAGNOSE 308 makes it, takes the registers as well', () => {
    const v = other();
    v.vcpu.setGr(5, 5n);
    v.vcpu.setAr(6, 6);
    for (let n = 0; n < 32; n++) v.vcpu.setVr(n, (7n << 64n) | BigInt(n));
    v.reset('initial');
    expect(v.vcpu.vr(31)).toBe((7n << 64n) | 31n);
    v.reset('clear');
    expect([v.vcpu.gr(5), v.vcpu.ar(6), v.block.big('gg15')]).toEqual([0n, 0, 0n]);
    expect(Array.from({ length: 32 }, (_, n) => v.vcpu.vr(n))).toEqual(new Array(32).fill(0n));
  });
});

describe('prefix and status', () => {
  test.each([
    ['a stopped CPU', true, 0x0000_7fffn, 0, 0],
    ['an operating one', false, 0x6000n, 1, 0x200],
    ['storage that is not there', true, 0x4000_0000n, 1, 0x100],
    ['both wrong: the parameter is looked at first', false, 0x4000_0000n, 1, 0x100],
  ])('SET PREFIX, %s', (_, stopped, parameter, cc, status) => {
    const v = other();
    if (stopped) v.stop();
    expect(signal(order.setPrefix, 1, parameter)).toMatchObject({ cc, status });
    expect([v.vcpu.prefix, v.block.get('prefix')]).toEqual(cc === 0 ? [0x6000, 0x6000] : [0, 0]);
  });
  test.each([
    ['a stopped CPU', true, 0x3_01ffn, 0, 0],
    ['an operating one', false, 0x3_0000n, 1, 0x200],
    ['storage that is not there', true, 0x4000_0000n, 1, 0x100],
  ])('STORE STATUS AT ADDRESS, %s', (_, stopped, parameter, cc, status) => {
    const v = other(OPEN.io);
    v.vcpu.setGr(15, 0xffn);
    v.vcpu.setCr(1, 0xc1n);
    v.vcpu.setPrefix(gpa(0x6000));
    v.vcpu.core.clock.setClockComparator(v.vcpu, 0x1122_3344_5566_7788n);
    v.sync();
    if (stopped) v.stop();
    bench.put(0x3_0000, new Uint8Array(0x200).fill(0xee));
    expect(signal(order.storeStatus, 1, parameter)).toMatchObject({ cc, status });
    const at = (offset: number, length: number): string => bench.hex(0x3_0000 + offset - 0x1200, length);
    if (cc !== 0) return expect(at(0x1200, 4)).toBe('eeeeeeee');
    expect([at(0x12f8, 8), at(0x1388, 8), at(0x1318, 4)]).toEqual(['00000000000000ff', '00000000000000c1', '00006000']);
    expect(at(0x1300, 16)).toBe(Buffer.from(psw(OPEN.io, 0x1_8000)).toString('hex'));
    expect(at(0x1330, 8)).toBe('0011223344556677');
    // Locations that belong to no save area stay.
    expect([at(0x1310, 8), at(0x1320, 4), at(0x1338, 8)]).toEqual(['ee'.repeat(8), 'ee'.repeat(4), 'ee'.repeat(8)]);
  });
});

test('parameter and status registers: an odd R1 is both, of an even one the register behind it holds the parameter', () => {
  bench.vcpu(1).stop();
  const v = bench.program([encode('SIGP', { r1: 3, r3: 4, b2: 0, d2: order.setPrefix }), SPIN]);
  v.vcpu.setGr(3, 0x6000n);
  v.vcpu.setGr(4, 0xdead_0001n);
  v.sync();
  bench.run(v);
  expect([v.vcpu.cc, bench.vcpu(1).vcpu.prefix]).toEqual([0, 0x6000]);
});

describe('STORE ADDITIONAL STATUS AT ADDRESS', () => {
  const AT = 0x3_0400;
  const filled = (): KvmVcpu => {
    const v = other();
    v.stop();
    for (let n = 0; n < 32; n++) v.vcpu.setVr(n, (BigInt(0x1000 + n) << 112n) | BigInt(n));
    bench.put(AT, new Uint8Array(1024).fill(0xee));
    return v;
  };
  const untouched = (): void => expect(bench.hex(AT, 1024)).toBe('ee'.repeat(1024));

  test('stores all vector registers, leftmost byte first, and nothing behind them', () => {
    filled();
    expect(signal(order.additionalStatus, 1, BigInt(AT))).toMatchObject({ cc: 0 });
    const register = (n: number): string => `${(0x1000 + n).toString(16)}${n.toString(16).padStart(28, '0')}`;
    expect(bench.hex(AT, 512)).toBe(Array.from({ length: 32 }, (_, n) => register(n)).join(''));
    expect(bench.hex(AT + 512, 512)).toBe('ee'.repeat(512));
  });
  test('refuses a CPU that is not stopped: incorrect state', () => {
    filled().start();
    expect(signal(order.additionalStatus, 1, BigInt(AT))).toMatchObject({ cc: 1, status: 0x200 });
    untouched();
  });
  test.each([
    ['is not a multiple of 1024', BigInt(AT + 512)],
    ['has a length of less than 1 KiB in it', BigInt(AT + 9)],
    ['has a length of more than 4 KiB in it', BigInt(AT + 13)],
    ['is not a multiple of the length in it, 2 KiB', BigInt(AT + 11)],
    ['is not a multiple of the length in it, 4 KiB', BigInt(AT + 0x400 + 12)],
    ['is not there', 0x4000_0000n],
    ['is not there, and its low word is', (1n << 32n) | BigInt(AT)],
    ['is as far away as can be', 0xffff_ffff_ffff_fc00n],
  ])('refuses an address that %s: invalid parameter', (_, at) => {
    filled();
    expect(signal(order.additionalStatus, 1, at)).toMatchObject({ cc: 1, status: 0x100 });
    untouched();
  });
  test.each([
    [10, 1024],
    [11, 2048],
    [12, 4096],
  ])('with length characteristic %i stores the guarded-storage control block at 1024 from 2 KiB on', (lc, bytes) => {
    const v = filled();
    const at = 0x3_1000;
    bench.put(at, new Uint8Array(4096).fill(0xee));
    v.vcpu.setBig(slots.gsd, 0x1234_0019n);
    v.vcpu.setBig(slots.gssm, 0x77n);
    v.vcpu.setBig(slots.gsepla, 0x5000n);
    expect(signal(order.additionalStatus, 1, BigInt(at + lc))).toMatchObject({ cc: 0 });
    const block = ['0', '12340019', '77', '5000'].map((n) => n.padStart(16, '0')).join('');
    expect(bench.hex(at + 1024, 32)).toBe(bytes < 2048 ? 'ee'.repeat(32) : block);
    expect(bench.hex(at + 512, 512)).toBe('ee'.repeat(512));
    expect(bench.hex(at + 1056, 3040)).toBe('ee'.repeat(3040));
  });
  test('is no order where neither vectors nor guarded storage are there', () => {
    expect(signal(order.additionalStatus, 0, BigInt(AT), without)).toMatchObject({ cc: 1, status: 0x02 });
  });
});
