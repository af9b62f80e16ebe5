import { hex } from '../../../bits/hex.ts';
import { type Item, item } from '../../../monitor/command.ts';
import { INSTRUCTIONS_PER_MICROSECOND, TOD_PER_MICROSECOND, TOD_UNIX_EPOCH } from '../cpu/clock.ts';
import type { KvmVcpu } from '../kvm/vcpu.ts';

/** The clocks of a vCPU: raw, and as time. */
export function* clockItems({ vm, vcpu }: KvmVcpu): Iterable<Item> {
  const { clock } = vm.core;
  const tod = clock.tod(vcpu);
  const comparator = clock.clockComparator(vcpu);
  const timer = clock.cpuTimer(vcpu);
  yield item('tod', tod, `${hex(tod, 16)} (${dateOfTod(tod)})`);
  const until = comparator - tod;
  const due = clock.clockComparatorPending(vcpu) ? 'passed' : `in ${durationOfTod(until)}`;
  const never = comparator === 0xffff_ffff_ffff_ffffn;
  yield item('clockComparator', comparator, `${hex(comparator, 16)} (${never ? 'never' : due})`);
  const left = timer < 0n ? `ran out ${durationOfTod(-timer)} ago` : `${durationOfTod(timer)} left`;
  yield item('cpuTimer', BigInt.asUintN(64, timer), `${hex(BigInt.asUintN(64, timer), 16)} (${left})`);
  const instructions = clock.count(vcpu);
  const seconds = decimal(instructions, INSTRUCTIONS_PER_MICROSECOND * 1_000_000n);
  yield item('instructions', String(instructions), `${instructions} (${seconds} s since the start, waits included)`);
}

/** A TOD-clock value as date and time in UTC, to the microsecond. */
export function dateOfTod(tod: bigint): string {
  const microseconds = (tod - TOD_UNIX_EPOCH) / TOD_PER_MICROSECOND;
  const day = 86_400_000_000n;
  const days = floorDivide(microseconds, day);
  const [year, month, date] = civil(Number(days));
  const rest = microseconds - days * day;
  const two = (n: bigint | number): string => String(n).padStart(2, '0');
  const seconds = rest / 1_000_000n;
  const time = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`;
  return `${year}-${two(month)}-${two(date)} ${time}.${String(rest % 1_000_000n).padStart(6, '0')} UTC`;
}

/** A time in TOD-clock units, in a unit that people read. */
function durationOfTod(tod: bigint): string {
  const microseconds = tod / TOD_PER_MICROSECOND;
  if (microseconds < 1000n) return `${microseconds} us`;
  return microseconds < 1_000_000n ? `${decimal(microseconds, 1000n)} ms` : `${decimal(microseconds, 1_000_000n)} s`;
}

function decimal(value: bigint, unit: bigint): string {
  return `${value / unit}.${String(((value % unit) * 1000n) / unit).padStart(3, '0')}`;
}

function floorDivide(a: bigint, b: bigint): bigint {
  return (a - (((a % b) + b) % b)) / b;
}

/** Year, month and day of a number of days since 1970-01-01 (proleptic Gregorian). */
function civil(days: number): [year: number, month: number, day: number] {
  // Counted from 0000-03-01, so that a leap day is the last of its year.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return [year, month, dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1];
}
