/** PoP, "General Instructions": STORE CLOCK, its kin, and EXTRACT CPU TIME. */

import type { I64 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { ictl } from '../../sie/state-description.ts';
import { interceptIf } from '../control/interception.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { quadword } from './wide.ts';

/** Bits 0-63 of the guest's TOD clock. */
const todClock = helper('todClock', { params: [], result: 'i64', effects: {} }, (vcpu) =>
  BigInt.asIntN(64, vcpu.core.clock.tod(vcpu)),
);

/** The epoch index, if the guest has one. */
const epochIndex = helper('epochIndex', { params: [], result: 'i64', effects: {} }, (vcpu) =>
  vcpu.controls.multipleEpoch && vcpu.core.has('multiple-epoch') ? vcpu.core.clock.time(vcpu) >> 64n : 0n,
);

const cpuTimer = helper('cpuTimer', { params: [], result: 'i64', effects: {} }, (vcpu) =>
  vcpu.core.clock.cpuTimer(vcpu),
);

// A clock that steps with every instruction is unique without waiting: the fast form is the same.
function storeClock($: Sem, f: Parameters<Sem['address2']>[0]): void {
  interceptIf($, ictl.stck);
  const address = $.address2(f);
  $.store64(address, $.call(todClock));
  $.setCc(0);
}

/** Bit 111: the running clock stores something other than zero behind bit 71. */
const NEVER_ZERO = 0x1_0000;

/** Instructions that read clocks. Condition code 0 of STORE CLOCK: the clock is set. */
export const clockRows: readonly Row[] = [
  insn('STCK', { op: 0xb205, fmt: 'S', title: 'STORE CLOCK', facility: 'zarch' }, storeClock),
  insn('STCKF', { op: 0xb27c, fmt: 'S', title: 'STORE CLOCK FAST', facility: 'store-clock-fast' }, storeClock),
  insn('STCKE', { op: 0xb278, fmt: 'S', title: 'STORE CLOCK EXTENDED', facility: 'zarch' }, ($, f) => {
    interceptIf($, ictl.stck);
    const address = $.address2(f);
    const tod: I64 = $.call(todClock);
    const programmable = $.and($.state(slots.todProgrammable), 0xffff);
    const low = $.or($.shl(tod, 56), $.zext($.or(programmable, NEVER_ZERO)));
    const high = $.or($.shl($.call(epochIndex), 56), $.shrU(tod, 8));
    $.storeAs(128, address, quadword($, high, low));
    $.setCc(0);
  }),
  insn('ECTG', { op: 0xc81, fmt: 'SSF', title: 'EXTRACT CPU TIME', facility: 'extract-cpu-time' }, ($, f) => {
    interceptIf($, ictl.spt);
    const first = $.fetch64($.address1(f));
    const second = $.fetch64($.address2(f));
    const third = $.fetch64($.addressIn(f.r3));
    $.setGrN(0, $.sub(first, $.call(cpuTimer)));
    $.setGrN(1, second);
    $.setGr(f.r3, third);
  }),
];
