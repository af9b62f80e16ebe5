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

/** Letters for elements of 1, 2, 4, 8 and 16 bytes. */
const elements = ['B', 'H', 'F', 'G', 'Q'];

/**
 * The element of an array: the sum of the index, bits 32-63 of its register, and the displacement is a number of 32 bits, which
 * is extended and multiplied by the size of an element.
 */
function indexedRows(logical: boolean): Row[] {
  return elements.map((letter, size) => {
    const title = `LOAD ${logical ? 'LOGICAL ' : ''}INDEXED ADDRESS (shift left ${size})`;
    const spec = { op: 0xe360 + 2 * size + (logical ? 1 : 0), fmt: 'RXY_a', title } as const;
    return insn(`${logical ? 'L' : ''}LXA${letter}`, { ...spec, facility: 'miscellaneous-extensions-4' }, ($, f) => {
      const number = $.add($.wrap($.gr(f.x2)), $.field(f.d2));
      const extended = logical ? $.zext(number) : $.sext(number);
      setAddress($, f.r1, $.wrapAddress($.add($.gr(f.b2), $.shl(extended, size))));
    });
  });
}

/** Loads of addresses. */
export const loadAddressRows: readonly Row[] = [
  ...indexedRows(false),
  ...indexedRows(true),
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
