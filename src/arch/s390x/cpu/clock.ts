import type { Stateful } from '../../../bits/stateful.ts';
import { CR0 } from './control-register-bits.ts';
import { EXT } from './interruption-codes.ts';
import { files, slots } from './state-layout.ts';
import type { Vcpu } from './vcpu.ts';

/** Units of the TOD clock in a microsecond: its bit 51 is one (PoP, "TOD Clock"). */
export const TOD_PER_MICROSECOND = 4096n;
/** Instructions in a microsecond of guest time: about as many as the host executes, so that a guest has as many ticks of its clock as it takes. */
export const INSTRUCTIONS_PER_MICROSECOND = 1000n;

/** Bits of the epoch index and the TOD clock. */
const TIME_BITS = 72;

/** What the TOD clock shows at the beginning of 1970 and of 2024. */
export const TOD_UNIX_EPOCH = 0x7d91_048b_ca00_0000n;
const TOD_2024 = TOD_UNIX_EPOCH + 1_704_067_200_000_000n * TOD_PER_MICROSECOND;

/** What the TOD clock shows at a time in milliseconds since 1970. */
export function todOfDate(milliseconds: number): bigint {
  return TOD_UNIX_EPOCH + BigInt(milliseconds) * 1000n * TOD_PER_MICROSECOND;
}

/** TOD-clock units that a number of instructions takes, rounded down. */
export function todOfInstructions(count: bigint): bigint {
  return (count * TOD_PER_MICROSECOND) / INSTRUCTIONS_PER_MICROSECOND;
}

/** The number of instructions after which at least `tod` units have passed. */
export function instructionsOfTod(tod: bigint): bigint {
  return (tod * INSTRUCTIONS_PER_MICROSECOND + TOD_PER_MICROSECOND - 1n) / TOD_PER_MICROSECOND;
}

// Instructions behind `count` ones until more than `tod` further units have passed. What has passed of the present unit counts, or
// it would depend on when this is asked.
function untilPast(count: bigint, tod: bigint): bigint {
  return instructionsOfTod(todOfInstructions(count) + tod + 1n) - count;
}

/**
 * The clocks of a configuration (PoP, "Timing"), in TOD-clock units. Time is what a vCPU has executed, plus its skew:
 * instructions that it did not execute because it waited or because it was another vCPU's turn. All values are exact
 * functions of the vCPUs' states, so that a run can be repeated.
 */
export class Clock implements Stateful<{ readonly start: bigint }> {
  /** The host's TOD clock at instruction count zero. A guest's clock differs from the host's by its vCPUs' epoch. */
  start: bigint;

  constructor(start = TOD_2024) {
    this.start = start;
  }

  /** Instructions that have passed for a vCPU, skew included: the one time base. */
  count(vcpu: Vcpu): bigint {
    return vcpu.icount + BigInt.asIntN(64, vcpu.big(slots.timeSkew));
  }
  // The host's epoch index, of which there are 8 bits, and its TOD clock behind that.
  #hostTime(vcpu: Vcpu): bigint {
    return this.start + todOfInstructions(this.count(vcpu));
  }
  /** The host's TOD clock as a vCPU would see it. */
  hostTod(vcpu: Vcpu): bigint {
    return BigInt.asUintN(64, this.#hostTime(vcpu));
  }
  /** The guest's TOD clock. */
  tod(vcpu: Vcpu): bigint {
    return BigInt.asUintN(64, this.#hostTime(vcpu) + vcpu.big(slots.epoch));
  }
  /** The guest's epoch index and behind it its TOD clock: 72 bits (PoP, "TOD Clock", multiple-epoch facility). */
  time(vcpu: Vcpu): bigint {
    const difference = (BigInt(vcpu.num(slots.epochIndex)) << 64n) + vcpu.big(slots.epoch);
    return BigInt.asUintN(TIME_BITS, this.#hostTime(vcpu) + difference);
  }
  /** Sets the guest's epoch index and TOD clock for all of the vCPUs given, as seen by the first. */
  setTime(vcpus: readonly Vcpu[], value: bigint): void {
    const [first] = vcpus;
    if (first === undefined) return;
    const difference = BigInt.asUintN(TIME_BITS, value - this.#hostTime(first));
    for (const v of vcpus) {
      v.setBig(slots.epoch, BigInt.asUintN(64, difference));
      v.setNum(slots.epochIndex, Number(difference >> 64n));
    }
  }

  /** The CPU timer, signed. */
  cpuTimer(vcpu: Vcpu): bigint {
    return BigInt.asIntN(64, vcpu.big(slots.cpuTimer) - todOfInstructions(this.#sinceSet(vcpu)));
  }
  // Instructions since the CPU timer was set.
  #sinceSet(vcpu: Vcpu): bigint {
    return vcpu.icount - BigInt.asIntN(64, vcpu.big(slots.cpuTimerBase));
  }
  setCpuTimer(vcpu: Vcpu, value: bigint): void {
    vcpu.setBig(slots.cpuTimer, BigInt.asUintN(64, value));
    vcpu.setBig(slots.cpuTimerBase, vcpu.icount);
  }

  clockComparator(vcpu: Vcpu): bigint {
    return vcpu.big(slots.clockComparator);
  }
  setClockComparator(vcpu: Vcpu, value: bigint): void {
    vcpu.setBig(slots.clockComparator, BigInt.asUintN(64, value));
  }

  /** Lets `instructions` pass for a waiting vCPU. */
  idle(vcpu: Vcpu, instructions: bigint): void {
    this.pass(vcpu, instructions);
    vcpu.setBig(slots.cpuTimerBase, BigInt.asUintN(64, vcpu.big(slots.cpuTimerBase) - instructions));
  }
  /** Lets `instructions` pass for a vCPU that could not run: its CPU timer stands still. */
  pass(vcpu: Vcpu, instructions: bigint): void {
    vcpu.setBig(slots.timeSkew, BigInt.asUintN(64, vcpu.big(slots.timeSkew) + instructions));
  }

  /** True when the clock-comparator condition exists. */
  clockComparatorPending(vcpu: Vcpu): boolean {
    return this.#missing(vcpu) < 0n;
  }
  /** True when the CPU-timer condition exists. */
  cpuTimerPending(vcpu: Vcpu): boolean {
    return this.cpuTimer(vcpu) < 0n;
  }
  /** Instructions until the clock-comparator condition exists; 0 when it does, undefined when it never will. */
  untilClockComparator(vcpu: Vcpu): bigint | undefined {
    // The clock never shows more than this.
    if (vcpu.big(slots.clockComparator) === (signed(vcpu) ? LATEST_SIGNED : LATEST)) return undefined;
    const missing = this.#missing(vcpu);
    if (missing < 0n) return 0n;
    return untilPast(this.count(vcpu), missing);
  }
  /** Instructions until the CPU timer is negative; 0 when it is. */
  untilCpuTimer(vcpu: Vcpu): bigint {
    const left = this.cpuTimer(vcpu);
    if (left < 0n) return 0n;
    return untilPast(this.#sinceSet(vcpu), left);
  }
  /** Code of the external interruption that a timer wants and the subclass masks allow, 0 when there is none. */
  pendingTimer(vcpu: Vcpu): number {
    const cr0 = vcpu.crLow(0);
    if ((cr0 & CR0.clockComparator) !== 0 && this.clockComparatorPending(vcpu)) return EXT.clockComparator;
    if ((cr0 & CR0.cpuTimer) !== 0 && this.cpuTimerPending(vcpu)) return EXT.cpuTimer;
    return 0;
  }
  /** Instructions until the first timer that the subclass masks allow; 0 when one wants its interruption, undefined when none ever will. */
  untilTimer(vcpu: Vcpu): bigint | undefined {
    const cr0 = vcpu.crLow(0);
    const comparator = (cr0 & CR0.clockComparator) !== 0 ? this.untilClockComparator(vcpu) : undefined;
    const cpuTimer = (cr0 & CR0.cpuTimer) !== 0 ? this.untilCpuTimer(vcpu) : undefined;
    if (comparator === undefined || cpuTimer === undefined) return comparator ?? cpuTimer;
    return comparator < cpuTimer ? comparator : cpuTimer;
  }

  /** @inheritdoc */
  save(): { readonly start: bigint } {
    return { start: this.start };
  }
  /** @inheritdoc */
  restore({ start }: { readonly start: bigint }): void {
    this.start = start;
  }

  // Clock comparator minus TOD clock; both signed under the clock-comparator sign control.
  #missing(vcpu: Vcpu): bigint {
    const comparator = vcpu.big(slots.clockComparator);
    const tod = this.tod(vcpu);
    if (!signed(vcpu)) return comparator - tod;
    return BigInt.asIntN(64, comparator) - BigInt.asIntN(64, tod);
  }
}

const LATEST = 0xffff_ffff_ffff_ffffn;
const LATEST_SIGNED = 0x7fff_ffff_ffff_ffffn;

/** CR0 bit 10: the clock-comparator sign control. */
function signed(vcpu: Vcpu): boolean {
  return (vcpu.view.getUint32(vcpu.base + files.cr.offset + 4, true) & 0x0020_0000) !== 0;
}
