/** PoP, "General Instructions": AND and OR WITH COMPLEMENT, NAND, NOR and NOT EXCLUSIVE OR. */

import type { Node } from '../../../../ir/node.ts';
import type { Int } from '../../../../ir/recorder.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

/** One heading: its mnemonics without `RK` and `GRK`, its opcodes, and what it makes of the second and third operand. */
interface Family {
  readonly stem: string;
  readonly title: string;
  readonly op: { readonly word: number; readonly doubleword: number };
  apply<T extends Int>($: Sem, a: Node<T>, b: Node<T>): Node<T>;
}

const families: readonly Family[] = [
  {
    stem: 'NC',
    title: 'AND WITH COMPLEMENT',
    op: { word: 0xb9f5, doubleword: 0xb9e5 },
    apply: ($, a, b) => $.and(a, $.not(b)),
  },
  { stem: 'NN', title: 'NAND', op: { word: 0xb974, doubleword: 0xb964 }, apply: ($, a, b) => $.not($.and(a, b)) },
  {
    stem: 'OC',
    title: 'OR WITH COMPLEMENT',
    op: { word: 0xb975, doubleword: 0xb965 },
    apply: ($, a, b) => $.or(a, $.not(b)),
  },
  { stem: 'NO', title: 'NOR', op: { word: 0xb976, doubleword: 0xb966 }, apply: ($, a, b) => $.not($.or(a, b)) },
  {
    stem: 'NX',
    title: 'NOT EXCLUSIVE OR',
    op: { word: 0xb977, doubleword: 0xb967 },
    apply: ($, a, b) => $.not($.xor(a, b)),
  },
];

/** Connectives with a complement in them, of registers alone. CC 0 when the result is zero, 1 when it is not. */
export const logicalComplementRows: readonly Row[] = families.flatMap(({ stem, title, op, apply }) => [
  insn(
    `${stem}RK`,
    { op: op.word, fmt: 'RRF_a', title: `${title} (32)`, facility: 'miscellaneous-extensions-3', ignores: ['m4'] },
    ($, f) => {
      const result = apply($, $.grLow(f.r2), $.grLow(f.r3));
      $.setGrLow(f.r1, result);
      $.setCc($.ne(result, 0));
    },
  ),
  insn(
    `${stem}GRK`,
    {
      op: op.doubleword,
      fmt: 'RRF_a',
      title: `${title} (64)`,
      facility: 'miscellaneous-extensions-3',
      ignores: ['m4'],
    },
    ($, f) => {
      const result = apply($, $.gr(f.r2), $.gr(f.r3));
      $.setGr(f.r1, result);
      $.setCc($.ne(result, 0));
    },
  ),
]);
