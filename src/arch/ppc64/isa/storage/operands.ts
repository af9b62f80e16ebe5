/** Limits of operands in storage and of pairs of registers that several headings have. */

import type { I64 } from '../../../../ir/node.ts';
import { trapCode, VECTOR } from '../../cpu/interruptions.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { PpcField } from '../fields.ts';
import { helper } from '../helper.ts';
import type { Sem } from '../sem.ts';

const misaligned = helper(
  'misaligned',
  { params: ['i64'], result: undefined, effects: { faults: true } },
  (vcpu, _core, ea) => {
    vcpu.setBig(slots.dar, ea);
    vcpu.raise(VECTOR.alignment);
  },
);

/** An operand must be aligned, or an alignment interruption says where it is not. */
export function aligned($: Sem, ea: I64, bytes: number): void {
  if (bytes > 1) $.when($.ne($.and(ea, bytes - 1), 0), () => $.callVoid(misaligned, ea));
}

/** An even register and the next one hold a quadword; an odd number is an invalid form. */
export function evenRegister($: Sem, field: PpcField): void {
  $.trapIf($.and($.field(field), 1), trapCode.illegal);
}
/** The register behind that of a field. */
export const second = (field: PpcField) => ({ by: 'field', field, delta: 1 }) as const;
