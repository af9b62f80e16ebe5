/** Power ISA, Book I, "Load and Store Quadword Instructions". */

import { PROGRAM, trapCode, VECTOR } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { parts, slots } from '../../cpu/state-layout.ts';
import { field, form } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import { aligned, evenRegister, second } from './operands.ts';

/** On a POWER7 they are the supervisor's, and not for little-endian storage; a POWER8 has neither limit. */
const allowed = helper(
  'quadword allowed',
  { params: ['i64'], result: undefined, effects: { faults: true } },
  (vcpu, core, ea) => {
    if (core.model.name !== 'power7') return;
    if ((vcpu.msrLow & MSR.pr) !== 0) vcpu.raise(VECTOR.program, PROGRAM.privileged);
    if ((vcpu.msrLow & MSR.le) === 0) return;
    vcpu.setBig(slots.dar, BigInt.asUintN(64, ea));
    vcpu.raise(VECTOR.alignment);
  },
);

const load = form({ rt: field.gr(6), ra: field.gr0(11), d: field.dq() });
const store = form({ rs: field.gr(6), ra: field.gr0(11), d: field.ds() });

/** The instructions. */
export const quadwords: readonly Row[] = [
  ...insn('lq', { op: op.d(56), form: load, title: 'Load Quadword' }, ($, f) => {
    evenRegister($, f.rt);
    // The target may not be where the address comes from.
    $.trapIf($.eq($.field(f.rt), $.field(f.ra)), trapCode.illegal);
    const ea = $.ea($.gpr(f.ra), $.sext($.field(f.d)));
    $.callVoid(allowed, ea);
    aligned($, ea, 16);
    const value = $.fetchQuad(ea);
    $.setGpr(f.rt, $.leftOf(value));
    $.writeReg(parts.gpr, second(f.rt), $.rightOf(value));
  }),
  ...insn('stq', { op: op.ds(62, 2), form: store, title: 'Store Quadword' }, ($, f) => {
    evenRegister($, f.rs);
    const ea = $.ea($.gpr(f.ra), $.sext($.field(f.d)));
    $.callVoid(allowed, ea);
    aligned($, ea, 16);
    $.storeQuad(ea, $.quad($.gpr(f.rs), $.readReg(parts.gpr, second(f.rs))));
  }),
];
