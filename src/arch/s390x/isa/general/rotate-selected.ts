/** PoP, "General Instructions": ROTATE THEN ... SELECTED BITS. */

import type { Field } from '../../../../ir/field.ts';
import type { I32, I64 } from '../../../../ir/node.ts';
import type { Facility } from '../../cpu/facilities.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { signCc } from './arithmetic.ts';

type RotateFields = { r1: Field; r2: Field; i3: Field; i4: Field; i5: Field };

/** Bit 0 of I3 (test-results control) and of I4 (zero-remaining-bits control). */
const CONTROL = 0x80;

// Ones in bits I3 through I4, wrapping from the last to bit 0 when I3 is behind I4: as many ones as it takes, rotated
// into place. Counts are modulo the width, which drops the bits of I3 and I4 that do not count.
function selected64($: Sem, f: RotateFields): I64 {
  const fromEnd = $.not($.zext($.field(f.i4)));
  return $.rotl($.shrU($.i64(-1), $.add($.zext($.field(f.i3)), fromEnd)), fromEnd);
}

function selected32($: Sem, f: RotateFields): I32 {
  const fromEnd = $.not($.field(f.i4));
  return $.rotl($.shrU($.i32(-1), $.add($.field(f.i3), fromEnd)), fromEnd);
}

function rotated($: Sem, f: RotateFields): I64 {
  return $.rotl($.gr(f.r2), $.zext($.field(f.i5)));
}

function insert64($: Sem, f: RotateFields): I64 {
  const mask = selected64($, f);
  const zero = $.and($.field(f.i4), CONTROL);
  const kept = $.select(zero, $.i64(0), $.and($.gr(f.r1), $.not(mask)));
  const result = $.or($.and(rotated($, f), mask), kept);
  $.setGr(f.r1, result);
  return result;
}

function insert32($: Sem, f: RotateFields, old: I32, source: I32): I32 {
  const mask = selected32($, f);
  const zero = $.and($.field(f.i4), CONTROL);
  return $.or($.and(source, mask), $.select(zero, $.i32(0), $.and(old, $.not(mask))));
}

// The bits that are not selected stay: what is rotated has nothing there, or ones. The condition code tells of the selected ones.
function combine($: Sem, f: RotateFields, connective: 'and' | 'or' | 'xor'): void {
  const mask = selected64($, f);
  const second = connective === 'and' ? $.or(rotated($, f), $.not(mask)) : $.and(rotated($, f), mask);
  const combined = $.bin(connective, $.gr(f.r1), second);
  $.when($.isZero($.and($.field(f.i3), CONTROL)), () => $.setGr(f.r1, combined));
  $.setCc($.ne($.and(combined, mask), 0));
}

const row = (
  mnemonic: string,
  op: number,
  verb: string,
  facility: Facility,
  semantics: ($: Sem, f: RotateFields) => void,
): Row => insn(mnemonic, { op, fmt: 'RIE_f', title: `ROTATE THEN ${verb}`, facility }, semantics);

/** Rotation with insertion or a connective under a mask of consecutive bits. */
export const rotateSelectedRows: readonly Row[] = [
  row('RISBG', 0xec55, 'INSERT SELECTED BITS', 'general-instructions-extension', ($, f) =>
    $.setCc(signCc($, insert64($, f))),
  ),
  row('RISBGN', 0xec59, 'INSERT SELECTED BITS', 'zenterprise-ec12', ($, f) => {
    insert64($, f);
  }),
  row('RISBHG', 0xec5d, 'INSERT SELECTED BITS HIGH', 'zenterprise-196', ($, f) =>
    $.setGrHigh(f.r1, insert32($, f, $.grHigh(f.r1), $.wrap($.shrU(rotated($, f), 32)))),
  ),
  row('RISBLG', 0xec51, 'INSERT SELECTED BITS LOW', 'zenterprise-196', ($, f) =>
    $.setGrLow(f.r1, insert32($, f, $.grLow(f.r1), $.wrap(rotated($, f)))),
  ),
  row('RNSBG', 0xec54, 'AND SELECTED BITS', 'general-instructions-extension', ($, f) => combine($, f, 'and')),
  row('ROSBG', 0xec56, 'OR SELECTED BITS', 'general-instructions-extension', ($, f) => combine($, f, 'or')),
  row('RXSBG', 0xec57, 'EXCLUSIVE OR SELECTED BITS', 'general-instructions-extension', ($, f) => combine($, f, 'xor')),
];
