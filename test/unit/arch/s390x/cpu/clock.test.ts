import { describe, expect, test } from 'vitest';
import {
  Clock,
  INSTRUCTIONS_PER_MICROSECOND,
  instructionsOfTod,
  TOD_PER_MICROSECOND,
  TOD_UNIX_EPOCH,
  todOfInstructions,
} from '../../../../../src/arch/s390x/cpu/clock.ts';
import { CpuComplex } from '../../../../../src/arch/s390x/cpu/complex.ts';
import { slots } from '../../../../../src/arch/s390x/cpu/state-layout.ts';
import type { Vcpu } from '../../../../../src/arch/s390x/cpu/vcpu.ts';

/** Instructions of a microsecond. */
const us = INSTRUCTIONS_PER_MICROSECOND;
const vcpus = (count: number): readonly Vcpu[] =>
  new CpuComplex({ vcpus: count, storage: 1 << 20, decodePages: 1 }).vcpus;
function oneVcpu(): Vcpu {
  const [vcpu] = vcpus(1);
  if (vcpu === undefined) throw new Error('no vCPU');
  return vcpu;
}

test('a microsecond is so many instructions, and the epoch of Unix is where it should be', () => {
  expect(todOfInstructions(INSTRUCTIONS_PER_MICROSECOND)).toBe(TOD_PER_MICROSECOND);
  // 25,567 days from 1900 to 1970.
  expect(TOD_UNIX_EPOCH).toBe(25_567n * 86_400_000_000n * 4096n);
});

test('that many instructions are enough for that much time, and one less is not, wherever they begin', () => {
  for (const tod of [1n, 40n, 41n, 4095n, 4096n, 4097n, 10n ** 15n]) {
    const count = instructionsOfTod(tod);
    for (const begin of [0n, 1n, us / 4n - 1n, us / 4n, 10n ** 12n + 7n]) {
      expect(todOfInstructions(begin + count) - todOfInstructions(begin)).toBeGreaterThanOrEqual(tod);
    }
    expect(todOfInstructions(count - 1n)).toBeLessThan(tod);
  }
});

describe('TOD clock', () => {
  test('two instructions never see the same value', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    let before = clock.tod(vcpu);
    for (let i = 1n; i < 200n; i++) {
      vcpu.icount = i;
      const now = clock.tod(vcpu);
      expect(now).toBeGreaterThan(before);
      before = now;
    }
  });
  test('is set for all vCPUs by their epoch, past zero and back', () => {
    const all = vcpus(2);
    const clock = new Clock();
    for (const value of [0n, 0xffff_ffff_ffff_fff0n]) {
      clock.setTime(all, value);
      for (const v of all) expect(clock.tod(v)).toBe(value);
    }
  });
  test('has an epoch index in front, into which it carries, and which wraps', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    const carried = 1n << 64n;
    for (const index of [0n, 1n, 0x7fn, 0xffn]) {
      vcpu.icount = 0n;
      clock.setTime([vcpu], index * carried + carried - 1n);
      expect([clock.time(vcpu), clock.tod(vcpu)]).toEqual([index * carried + carried - 1n, carried - 1n]);
      vcpu.icount = us;
      expect([clock.time(vcpu), clock.tod(vcpu)]).toEqual([((index + 1n) & 0xffn) * carried + 4095n, 4095n]);
    }
  });
  test('its index is that of the host and the difference of the vCPU: the host has one, too', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(0xffff_ffff_ffff_ffffn);
    vcpu.setNum(slots.epochIndex, 5);
    expect(clock.time(vcpu) >> 64n).toBe(5n);
    vcpu.icount = us;
    expect(clock.time(vcpu) >> 64n).toBe(6n);
    vcpu.setBig(slots.epoch, 0xffff_ffff_ffff_ffffn);
    expect(clock.time(vcpu)).toBe((7n << 64n) + 4094n);
  });
  test('wraps', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(0xffff_ffff_ffff_ffffn);
    vcpu.icount = us;
    expect(clock.tod(vcpu)).toBe(4095n);
  });
  test('goes on while a vCPU waits, or while it is the turn of another', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(0n);
    clock.idle(vcpu, us);
    expect(clock.tod(vcpu)).toBe(4096n);
    clock.pass(vcpu, us);
    expect(clock.tod(vcpu)).toBe(8192n);
  });
});

describe('CPU timer', () => {
  test('counts instructions and waits, not the turns of others', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    clock.setCpuTimer(vcpu, 10_000n);
    vcpu.icount = us;
    expect(clock.cpuTimer(vcpu)).toBe(10_000n - 4096n);
    clock.pass(vcpu, us);
    expect(clock.cpuTimer(vcpu)).toBe(10_000n - 4096n);
    clock.idle(vcpu, us);
    expect(clock.cpuTimer(vcpu)).toBe(10_000n - 8192n);
  });
  test('setting it to what it shows changes nothing later', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    clock.setCpuTimer(vcpu, 10_000n);
    vcpu.icount = us / 4n;
    clock.setCpuTimer(vcpu, clock.cpuTimer(vcpu));
    vcpu.icount = us;
    expect(clock.cpuTimer(vcpu)).toBe(10_000n - 4096n);
  });
  test('is pending when negative, and after just as many instructions as it says', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    clock.setCpuTimer(vcpu, 1000n);
    const left = clock.untilCpuTimer(vcpu);
    vcpu.icount = left - 1n;
    expect(clock.cpuTimerPending(vcpu)).toBe(false);
    vcpu.icount = left;
    expect(clock.cpuTimerPending(vcpu)).toBe(true);
    expect(clock.untilCpuTimer(vcpu)).toBe(0n);
  });
  test('is due at the same instruction, whenever that is asked', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    // The last of the units that so many instructions take.
    clock.setCpuTimer(vcpu, todOfInstructions(us / 4n - 1n) - 1n);
    const due = clock.untilCpuTimer(vcpu);
    for (let count = 1n; count < due; count++) {
      vcpu.icount = count;
      expect(count + clock.untilCpuTimer(vcpu)).toBe(due);
    }
  });
  test('wraps from the most negative value', () => {
    const vcpu = oneVcpu();
    const clock = new Clock();
    clock.setCpuTimer(vcpu, -(1n << 63n));
    vcpu.icount = 1n;
    expect(clock.cpuTimer(vcpu)).toBe((1n << 63n) - todOfInstructions(1n));
  });
});

describe('clock comparator', () => {
  test('is pending when the TOD clock is greater, and after just as many instructions as it says', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(1000n);
    clock.setClockComparator(vcpu, 1000n);
    expect(clock.clockComparatorPending(vcpu)).toBe(false);
    clock.setClockComparator(vcpu, 5000n);
    const left = clock.untilClockComparator(vcpu) ?? 0n;
    vcpu.icount = left - 1n;
    expect(clock.clockComparatorPending(vcpu)).toBe(false);
    vcpu.icount = left;
    expect(clock.clockComparatorPending(vcpu)).toBe(true);
    expect(clock.untilClockComparator(vcpu)).toBe(0n);
  });
  test.each([
    ['all ones', 0xffff_ffff_ffff_ffffn, 0n],
    ['the greatest signed value, with the sign control', 0x7fff_ffff_ffff_ffffn, 1n << 53n],
  ])('never comes for what no clock is greater than: %s', (_, comparator, cr0) => {
    const vcpu = oneVcpu();
    const clock = new Clock(1000n);
    vcpu.setCr(0, cr0);
    clock.setClockComparator(vcpu, comparator);
    expect(clock.untilClockComparator(vcpu)).toBe(undefined);
    clock.setClockComparator(vcpu, comparator - 1n);
    expect(clock.untilClockComparator(vcpu)).toBeGreaterThan(0n);
  });
  test('is due at the same instruction, whenever that is asked', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(1000n);
    clock.setClockComparator(vcpu, 999n + todOfInstructions(us / 4n - 1n));
    const due = clock.untilClockComparator(vcpu) ?? 0n;
    for (let count = 1n; count < due; count++) {
      vcpu.icount = count;
      expect(count + (clock.untilClockComparator(vcpu) ?? 0n)).toBe(due);
    }
  });
  test('goes by the clock of the guest', () => {
    const vcpu = oneVcpu();
    const clock = new Clock(1000n);
    clock.setClockComparator(vcpu, 5000n);
    vcpu.setBig(slots.epoch, 4001n);
    expect(clock.clockComparatorPending(vcpu)).toBe(true);
  });
});
