/**
 * Registers of the performance monitor as problem state may set them on a POWER8 (Power ISA 2.07, Book III-S, "Performance Monitor
 * Facility"): MMCR0[PMCC] says which, and of the control registers only some bits.
 */

import { MSR } from '../../cpu/msr.ts';
import { counters, setCounter, setCounting, setMmcr0 } from '../../cpu/performance-monitor.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { type BoundHelper, helper } from '../helper.ts';
import { facilityUnavailable } from './facility.ts';

/** What PMCC says, in its place in MMCR0: nothing may be set; nothing may be looked at; all; all but the last two counters. */
const PMCC = { mask: 0xc_0000, refused: 0x4_0000, firstFour: 0xc_0000 } as const;
/** Its number in FSCR. */
const MONITOR = 3;
/** Bits that problem state sets: freeze, alert enable, alert; of MMCR2 those that freeze a counter in problem state. */
const MMCR0_OPEN = 0x8400_0080n;
const MMCR2_OPEN = 0x4020_1008_0402_0000n;

type Writer = BoundHelper<readonly ['i64'], undefined>;

const writer = (name: string, lastTwo: boolean, run: (vcpu: Vcpu, value: bigint) => void): Writer =>
  helper(name, { params: ['i64'], result: undefined, effects: { faults: true, ends: true } }, (vcpu, core, value) => {
    const control = vcpu.num(slots.mmcr0) & PMCC.mask;
    if ((vcpu.msrLow & MSR.pr) !== 0) {
      if (control === 0) core.illegal(vcpu);
      if (control === PMCC.refused || (lastTwo && control === PMCC.firstFour)) facilityUnavailable(vcpu, MONITOR);
    }
    run(vcpu, BigInt.asUintN(64, value));
  });

const opened = (before: bigint, value: bigint, open: bigint): bigint => (before & ~open) | (value & open);

/** What sets them, by the names of the registers. */
export const problemStateWriters: Readonly<Record<string, Writer>> = {
  UMMCR0: writer('set UMMCR0', false, (vcpu, value) =>
    setMmcr0(vcpu, opened(vcpu.big(slots.mmcr0), value, MMCR0_OPEN)),
  ),
  UMMCR2: writer('set UMMCR2', false, (vcpu, value) =>
    setCounting(vcpu, slots.mmcr2, opened(vcpu.big(slots.mmcr2), value, MMCR2_OPEN)),
  ),
  ...Object.fromEntries(
    counters.map((slot, i) => [
      `UPMC${i + 1}`,
      writer(`set UPMC${i + 1}`, i > 3, (vcpu, value) => setCounter(vcpu, slot, value)),
    ]),
  ),
};
