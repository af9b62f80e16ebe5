import type { Field } from '../../../../ir/field.ts';
import type { Address } from '../../../../ir/node.ts';
import type { Sem } from '../sem.ts';

/** A storage operand by relative address; a specification exception unless it is a multiple of its size. */
export function alignedOperand($: Sem, ri2: Field, bytes: 4 | 8): Address {
  const address = $.relativeOperand(ri2);
  $.requireAligned(address, bytes);
  return address;
}
