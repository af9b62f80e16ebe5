/** PoP, "Control Instructions": clock comparator, CPU timer, program parameter. */

import { slots } from '../../cpu/state-layout.ts';
import { ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { interceptIf } from './interception.ts';

const setClockComparator = helper(
  'setClockComparator',
  { params: ['i64'], result: undefined, effects: { ends: true } },
  (vcpu, value) => {
    vcpu.core.clock.setClockComparator(vcpu, value);
    vcpu.recheck = true;
    vcpu.endSlice();
  },
);

const setCpuTimer = helper(
  'setCpuTimer',
  { params: ['i64'], result: undefined, effects: { ends: true } },
  (vcpu, value) => {
    vcpu.core.clock.setCpuTimer(vcpu, value);
    vcpu.recheck = true;
    vcpu.endSlice();
  },
);

const currentCpuTimer = helper('currentCpuTimer', { params: [], result: 'i64', effects: {} }, (vcpu) =>
  vcpu.core.clock.cpuTimer(vcpu),
);

/** Timers. */
export const timerRows: readonly Row[] = [
  insn('SCKC', { op: 0xb206, fmt: 'S', title: 'SET CLOCK COMPARATOR', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.sckc);
    $.callVoid(setClockComparator, $.fetch64(address));
  }),
  insn('STCKC', { op: 0xb207, fmt: 'S', title: 'STORE CLOCK COMPARATOR', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.sckc);
    $.store64(address, $.state(slots.clockComparator));
  }),
  insn('SPT', { op: 0xb208, fmt: 'S', title: 'SET CPU TIMER', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.spt);
    $.callVoid(setCpuTimer, $.fetch64(address));
  }),
  insn('STPT', { op: 0xb209, fmt: 'S', title: 'STORE CPU TIMER', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.spt);
    $.store64(address, $.call(currentCpuTimer));
  }),
  insn('LPP', { op: 0xb280, fmt: 'S', title: 'LOAD PROGRAM PARAMETER', facility: 'load-program-parameter' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    $.setState(slots.programParameter, $.fetch64(address));
  }),
];
