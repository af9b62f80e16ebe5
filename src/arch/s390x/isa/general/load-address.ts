/** PoP, "General Instructions": LOAD ADDRESS and its kin. */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** Places an address: all 64 bits in the 64-bit mode, bits 32-63 in the others. */
export function setAddress($: Sem, r1: Field, address: I64): void {
  $.when(
    $.is64(),
    () => $.setGr(r1, address),
    () => $.setGrLow(r1, $.wrap(address)),
  );
}

/** Loads of addresses. */
export const loadAddressRows: readonly Row[] = [
  insn('LA', { op: 0x41, fmt: 'RX_a', title: 'LOAD ADDRESS', facility: 'zarch' }, ($, f) =>
    setAddress($, f.r1, $.address2(f).at),
  ),
  insn('LAY', { op: 0xe371, fmt: 'RXY_a', title: 'LOAD ADDRESS', facility: 'long-displacement' }, ($, f) =>
    setAddress($, f.r1, $.address2(f).at),
  ),
  insn('LARL', { op: 0xc00, fmt: 'RIL_b', title: 'LOAD ADDRESS RELATIVE LONG', facility: 'zarch' }, ($, f) =>
    setAddress($, f.r1, $.relative(f.ri2)),
  ),
];
