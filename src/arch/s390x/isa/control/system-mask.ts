/** PoP, "Control Instructions": the system mask, PSW bits 0-7. */

import type { I32 } from '../../../../ir/node.ts';
import { CR0 } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW_HIGH } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { interceptIf } from './interception.ts';

const RESERVED = 0xb800_0000;

const replaceMask = helper(
  'replaceMask',
  { params: ['i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, high) => {
    const { ilc } = vcpu;
    vcpu.setPswHigh(high);
    if ((high & RESERVED) !== 0) vcpu.raiseForNewPsw(PGM.specification, ilc);
  },
);

// Kernels do little else than open and close the I/O and external masks: that stays in generated code unless something
// waits for the mask to open.
function setSystemMask($: Sem, before: I32, mask: I32): void {
  const after = $.or($.and(before, 0x00ff_ffff), $.shl(mask, 24));
  const changed = $.xor(before, after);
  const opened = $.and(changed, after);
  const other = $.and(changed, ~(PSW_HIGH.io | PSW_HIGH.external));
  const look = $.or(other, $.select(opened, $.state(slots.interruptionPending), 0));
  $.when(
    look,
    () => $.callVoid(replaceMask, after),
    () => $.setState(slots.pswHigh, after),
  );
}

/** Changes of the system mask. */
export const systemMaskRows: readonly Row[] = [
  insn('SSM', { op: 0x80, fmt: 'S_8', title: 'SET SYSTEM MASK', facility: 'zarch' }, ($, f) => {
    $.privileged();
    $.pgmIf($.and($.crLowN(0), CR0.ssmSuppression), PGM.specialOperation);
    interceptIf($, ictl.ssm);
    const mask = $.fetch8($.address2(f));
    setSystemMask($, $.state(slots.pswHigh), mask);
  }),
  insn('STNSM', { op: 0xac, fmt: 'SI', title: 'STORE THEN AND SYSTEM MASK', facility: 'zarch' }, ($, f) => {
    $.privileged();
    interceptIf($, ictl.stnsm);
    const high = $.state(slots.pswHigh);
    const before = $.shrU(high, 24);
    $.store8($.address1(f), before);
    setSystemMask($, high, $.and(before, $.field(f.i2)));
  }),
  insn('STOSM', { op: 0xad, fmt: 'SI', title: 'STORE THEN OR SYSTEM MASK', facility: 'zarch' }, ($, f) => {
    $.privileged();
    interceptIf($, ictl.stosm);
    const high = $.state(slots.pswHigh);
    const before = $.shrU(high, 24);
    $.store8($.address1(f), before);
    setSystemMask($, high, $.or(before, $.field(f.i2)));
  }),
];
