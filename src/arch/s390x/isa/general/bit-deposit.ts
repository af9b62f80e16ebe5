/** PoP, "General Instructions": BIT DEPOSIT and BIT EXTRACT (miscellaneous-instruction-extensions facility 4). */

import type { Field } from '../../../../ir/field.ts';
import type { I64 } from '../../../../ir/node.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const LEFTMOST = -(1n << 63n);

/**
 * Bits of the second operand, by the ones of the third from the left: the leftmost one has to do with the leftmost bit of the
 * operand that has them side by side, and so on.
 */
function bits($: Sem, how: 'deposit' | 'extract', source: I64, mask: I64): I64 {
  const result = $.variable($.i64(0));
  const left = $.variable(mask);
  const place = $.variable($.i64(LEFTMOST));
  $.when($.ne(mask, 0), () =>
    $.repeat(() => {
      const one = $.shrU($.i64(LEFTMOST), $.clz($.get(left)));
      const [from, to] = how === 'deposit' ? [$.get(place), one] : [one, $.get(place)];
      $.set(result, $.or($.get(result), $.select($.isZero($.and(source, from)), $.i64(0), to)));
      $.set(place, $.shrU($.get(place), 1));
      const rest = $.xor($.get(left), one);
      $.set(left, rest);
      return $.ne(rest, 0);
    }),
  );
  return $.get(result);
}

function row(mnemonic: string, op: number, title: string, how: 'deposit' | 'extract'): Row {
  const spec = { op, fmt: 'RRF_a', title, facility: 'miscellaneous-extensions-4', ignores: ['m4'] } as const;
  return insn(mnemonic, spec, ($, f: { readonly r1: Field; readonly r2: Field; readonly r3: Field }) =>
    $.setGr(f.r1, bits($, how, $.gr(f.r2), $.gr(f.r3))),
  );
}

/** Bits spread over the places of a mask, and brought together from them. */
export const bitDepositRows: readonly Row[] = [
  row('BDEPG', 0xb96d, 'BIT DEPOSIT', 'deposit'),
  row('BEXTG', 0xb96c, 'BIT EXTRACT', 'extract'),
];
