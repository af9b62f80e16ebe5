/** Power ISA 2.07, Book II, "Event-Based Branch Facility" and "Branch History Rolling Buffer". */

import { returnFromBranchEvent } from '../../cpu/branch-events.ts';
import { slots } from '../../cpu/state-layout.ts';
import { field, form, forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import { needsFacility } from '../system/facility.ts';

const returning = helper('rfebb', { params: ['i32'], result: undefined, effects: { ends: true } }, (vcpu, _core, s) =>
  returnFromBranchEvent(vcpu, s === 1),
);

/** The instructions. No branches are recorded: the history has no entries, and one that is not there reads as zero. */
export const branchEvents: readonly Row[] = [
  ...insn(
    'rfebb',
    { op: op.x(19, 146), form: form({ s: field.bits(20, 1) }), title: 'Return From Event-Based Branch' },
    ($, f) => {
      needsFacility($, 'ebb');
      $.setState(slots.cfar, $.ia());
      $.callVoid(returning, $.field(f.s));
    },
  ),
  ...insn(
    'clrbhrb',
    { op: op.x(31, 430), form: forms.none, title: 'Clear Branch History Rolling Buffer' },
    () => undefined,
  ),
  ...insn(
    'mfbhrbe',
    {
      ...{ op: op.x(31, 302), form: form({ rt: field.gr(6) }) },
      title: 'Move From Branch History Rolling Buffer Entry',
    },
    ($, f) => $.setGpr(f.rt, $.i64(0)),
  ),
];
