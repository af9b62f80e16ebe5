/** Power ISA 2.07, Book III-S, "Facility Status and Control Register": facilities that problem state may be kept from. */

import { VECTOR } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { forms } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Numbers of facilities: the bit of FSCR from the right, and what its first byte says of an interruption. */
export const facility = { dscr: 2, tm: 5, ebb: 7, tar: 8 } as const;
export type Facility = keyof typeof facility;

/** Ends an instruction that wanted what is kept from it; FSCR says which facility, by its number. */
export function facilityUnavailable(vcpu: Vcpu, number: number): never {
  const kept = vcpu.big(slots.fscr) & 0x00ff_ffff_ffff_ffffn;
  vcpu.setBig(slots.fscr, kept | (BigInt(number) << 56n));
  return vcpu.raise(VECTOR.facilityUnavailable);
}
const unavailable = helper(
  'facility unavailable',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, _core, number) => facilityUnavailable(vcpu, number),
);

/** Problem state may use what FSCR lets it; transactional memory nobody may, since MSR[TM] is always zero. */
export function needsFacility($: Sem, name: Facility): void {
  const number = facility[name];
  if (name === 'tm') return $.callVoid(unavailable, number);
  const on = $.and($.wrap($.state(slots.fscr)), 1 << number);
  const problem = $.ne($.and($.msr(), MSR.pr), 0);
  $.when($.and(problem, $.isZero(on)), () => $.callVoid(unavailable, number));
}

/** Transactional memory, which is there to be refused. */
export const transactional: readonly Row[] = (
  [
    ['tbegin.', 654],
    ['tend.', 686],
    ['tcheck', 718],
    ['tsr.', 750],
    ['tabort.', 910],
    ['tabortwc.', 782],
    ['tabortdc.', 814],
    ['tabortwci.', 846],
    ['tabortdci.', 878],
    ['treclaim.', 942],
    ['trechkpt.', 1006],
  ] as const
).flatMap(([mnemonic, extended]) =>
  insn(mnemonic, { op: op.x(31, extended), form: forms.none, title: 'Transactional Memory' }, ($) => {
    if (/^tre/.test(mnemonic)) $.privileged();
    needsFacility($, 'tm');
  }),
);
