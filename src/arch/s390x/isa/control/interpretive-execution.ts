/** START INTERPRETIVE EXECUTION: a hypervisor's instruction, executed by one that is a guest itself. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { gra } from '../../dat/address.ts';
import { PREFIX_AREA_BYTES, prefixed } from '../../dat/prefix.ts';
import { icpt, STATE_DESCRIPTION_BYTES } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

/** No guest's guest has it, nor one that is no hypervisor: the host takes care of that. */
const startInterpretation = helper(
  'startInterpretation',
  {
    // The operand's address by words: no bigint has to be made.
    params: ['i32', 'i32'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
    intercepts: true,
  },
  (vcpu, high, low) => {
    if (vcpu.outer !== undefined || !vcpu.core.complex.interprets) vcpu.intercept(icpt.instruction);
    const address = (high >>> 0) * 0x1_0000_0000 + (low >>> 0);
    const { prefix } = vcpu;
    if (address % STATE_DESCRIPTION_BYTES !== 0) vcpu.raise(PGM.specification);
    if (address < PREFIX_AREA_BYTES / 2) vcpu.raise(PGM.specification);
    if (address >= prefix && address < prefix + PREFIX_AREA_BYTES) vcpu.raise(PGM.specification);
    const block = prefixed(gra(address), prefix);
    if (vcpu.place.hostAddress(block, true) < 0) vcpu.raise(PGM.addressing);
    vcpu.end({ kind: 'sie', block, ilc: vcpu.ilc }, 0);
  },
);

/** The instruction whose operand is a state description. */
export const interpretiveExecutionRows: readonly Row[] = [
  insn('SIE', { op: 0xb214, fmt: 'S', title: 'START INTERPRETIVE EXECUTION', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const { at } = $.address2(f);
    $.callVoid(startInterpretation, $.wrap($.shrU(at, 32)), $.wrap(at));
  }),
];
