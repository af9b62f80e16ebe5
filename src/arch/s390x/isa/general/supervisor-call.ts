/** PoP, "General Instructions": SUPERVISOR CALL and MONITOR CALL. */

import { supervisorCall as interruptForSupervisorCall } from '../../cpu/interruption.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { icpt } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

/** True when the SVC interception control names the number: all of them, or one of three. */
function svcIntercepted(vcpu: Vcpu, number: number): boolean {
  const control = vcpu.controls.svcc;
  return [0x80, 0x40, 0x20, 0x10].some(
    (bit, i) => ((control >>> 24) & bit) !== 0 && (i === 0 || ((control >>> (24 - 8 * i)) & 0xff) === number),
  );
}

const supervisorCall = helper(
  'supervisorCall',
  { params: ['i32'], result: undefined, effects: { faults: true, ends: true }, intercepts: true },
  (vcpu, number) => {
    if (vcpu.controls.svcc !== 0 && svcIntercepted(vcpu, number)) vcpu.intercept(icpt.instruction);
    const { ilc } = vcpu;
    if (interruptForSupervisorCall(vcpu.core.complex, vcpu, number, ilc)) return;
    vcpu.end({ kind: 'svc', number, ilc }, ilc);
  },
);

const monitorEvent = helper(
  'monitorEvent',
  { params: ['i32', 'i64'], result: undefined, effects: { faults: true } },
  (vcpu, monitorClass, code) => {
    vcpu.raise(PGM.monitorEvent, { monitorClass, monitorCode: BigInt.asUintN(64, code) });
  },
);

/** Instructions that only interrupt. */
export const supervisorCallRows: readonly Row[] = [
  insn('SVC', { op: 0x0a, fmt: 'I', title: 'SUPERVISOR CALL', facility: 'zarch' }, ($, f) =>
    $.callVoid(supervisorCall, $.field(f.i)),
  ),
  insn('MC', { op: 0xaf, fmt: 'SI', title: 'MONITOR CALL', facility: 'zarch' }, ($, f) => {
    const monitorClass = $.field(f.i2);
    $.pgmIf($.gtU(monitorClass, 15), PGM.specification);
    const masks = $.wrap($.crN(8));
    const enabled = $.and($.shrU(masks, $.sub($.i32(15), monitorClass)), 1);
    $.when(enabled, () => $.callVoid(monitorEvent, monitorClass, $.address1(f).at));
  }),
];
