/** Power ISA 2.07, Book III-S, "Processor Control": messages of a processor's threads to each other. A guest's processors have one. */

import { setDoorbell } from '../../cpu/doorbell.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { field, form, forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';

/** The type of message that is a doorbell, in bits 32-36 of RB, and the thread that it is for, in bits 57-63. */
const DOORBELL = 5;
const THREAD = 0x7f;

const message = { params: ['i32'], result: undefined, effects: { ends: true } } as const;
const send = helper('msgsndp', message, (vcpu, _core, rb) => {
  if (rb >>> 27 !== DOORBELL || (rb & THREAD) !== 0) return;
  setDoorbell(vcpu, true);
  vcpu.endSlice();
});
const clear = helper('msgclrp', message, (vcpu, _core, rb) => {
  if (rb >>> 27 === DOORBELL) setDoorbell(vcpu, false);
});

const toThreads = (
  [
    ['msgsndp', 142, 'Message Send Privileged', send],
    ['msgclrp', 174, 'Message Clear Privileged', clear],
  ] as const
).flatMap(([mnemonic, extended, title, run]) =>
  insn(mnemonic, { op: op.x(31, extended), form: form({ rb: field.gr(16) }), title }, ($, f) => {
    $.privileged();
    $.callVoid(run, $.low(f.rb));
  }),
);

/** Those to other processors are the hypervisor's. */
const toProcessors = (
  [
    ['msgsnd', 206, 'Message Send'],
    ['msgclr', 238, 'Message Clear'],
  ] as const
).flatMap(([mnemonic, extended, title]) =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.none, title }, ($) => $.trap(trapCode.privileged)),
);

/** The instructions. */
export const doorbells: readonly Row[] = [...toThreads, ...toProcessors];
