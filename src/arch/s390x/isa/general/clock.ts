/** PoP, "General Instructions": STORE CLOCK, STORE CLOCK FAST and STORE CLOCK EXTENDED. */

import type { I64 } from '../../../../ir/node.ts';
import { slots } from '../../cpu/state-layout.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { quadword } from './wide.ts';

const INTERCEPT_STORE_CLOCK = 0x8000;
const INSTRUCTION_INTERCEPTION = 4;

/** Bits 0-63 of the guest's TOD clock, when its hypervisor does not want the instruction. */
const todClock = helper('todClock', { params: [], result: 'i64', effects: { faults: true } }, (vcpu) => {
  if ((vcpu.controls.ictl & INTERCEPT_STORE_CLOCK) !== 0) vcpu.intercept(INSTRUCTION_INTERCEPTION);
  return BigInt.asIntN(64, vcpu.core.clock.tod(vcpu));
});

// A clock that steps with every instruction is unique without waiting: the fast form is the same.
function storeClock($: Sem, f: Parameters<Sem['address2']>[0]): void {
  const address = $.address2(f);
  $.store64(address, $.call(todClock));
  $.setCc(0);
}

/** Bit 111: the running clock stores something other than zero behind bit 71. */
const NEVER_ZERO = 0x1_0000;

/** Instructions that store the TOD clock. Condition code 0: the clock is set. */
export const clockRows: readonly Row[] = [
  insn('STCK', { op: 0xb205, fmt: 'S', title: 'STORE CLOCK', facility: 'zarch' }, storeClock),
  insn('STCKF', { op: 0xb27c, fmt: 'S', title: 'STORE CLOCK FAST', facility: 'store-clock-fast' }, storeClock),
  insn('STCKE', { op: 0xb278, fmt: 'S', title: 'STORE CLOCK EXTENDED', facility: 'zarch' }, ($, f) => {
    const address = $.address2(f);
    const tod: I64 = $.call(todClock);
    const programmable = $.and($.state(slots.todProgrammable), 0xffff);
    const low = $.or($.shl(tod, 56), $.zext($.or(programmable, NEVER_ZERO)));
    $.storeAs(128, address, quadword($, $.shrU(tod, 8), low));
    $.setCc(0);
  }),
];
