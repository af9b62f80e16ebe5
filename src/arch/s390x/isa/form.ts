/** Forms of an instruction that came with a later facility than the instruction itself. */

import type { I32 } from '../../../ir/node.ts';
import { type Facility, facilityBits } from '../cpu/facilities.ts';
import { PGM } from '../cpu/interruption-codes.ts';
import { helper } from './helper.ts';
import type { Sem } from './sem.ts';

const requireInstalled = helper(
  'requireInstalled',
  { params: ['i32'], result: undefined, effects: { faults: true } },
  (vcpu, bit) => {
    if (!vcpu.core.hasBit(bit)) vcpu.raise(PGM.specification);
  },
);

const isInstalledHere = helper('isInstalled', { params: ['i32'], result: 'i32', effects: {} }, (vcpu, bit) =>
  vcpu.core.hasBit(bit) ? 1 : 0,
);

/** Specification exception where `asked` is not zero and the machine does not have the facility. */
export function requireFacilityIf($: Sem, asked: I32, facility: Facility): void {
  $.when(asked, () => $.callVoid(requireInstalled, $.i32(facilityBits[facility])));
}

/** Whether the machine has the facility, 1 or 0. */
export function hasFacility($: Sem, facility: Facility): I32 {
  return $.call(isInstalledHere, $.i32(facilityBits[facility]));
}
