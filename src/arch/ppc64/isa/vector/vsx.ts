/** Power ISA, Book I, "Vector-Scalar Floating-Point Operations": loads, stores, permutes and logic. */

import type { I64, V128 } from '../../../../ir/node.ts';
import { type Fields, field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const storageForm = form({ xt: field.vs(6, 31), ra: field.gr0(11), rb: field.gr(16) });
type StorageForm = Fields<Record<'xt' | 'ra' | 'rb', unknown>>;
const three = form({ xt: field.vs(6, 31), xa: field.vs(11, 29), xb: field.vs(16, 30) });

const ea = ($: Sem, f: StorageForm): I64 => $.ea($.gpr(f.ra), $.gpr(f.rb));

// Bit 31 is the sixth bit of XT.
const row = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, f: StorageForm) => void): Row[] =>
  insn(mnemonic, { op: op.x(31, extended), form: storageForm, title }, ($, f) => {
    $.needsVsx();
    meaning($, f);
  });

/** Words in the order of storage, each in the byte order of MSR[LE]. */
function words($: Sem, at: I64): V128 {
  if (!$.variant.little) return $.fetchQuad(at);
  const word = (n: number): I64 => $.fetch(32, $.add(at, 4 * n));
  const [first, second, third, fourth] = [word(0), word(1), word(2), word(3)];
  return $.quad($.or($.shl(first, 32), second), $.or($.shl(third, 32), fourth));
}

const logic = (mnemonic: string, extended: number, title: string, meaning: ($: Sem, a: V128, b: V128) => V128): Row[] =>
  insn(mnemonic, { op: op.exactly((60 << 26) | (extended << 3), 0xfc00_07f8), form: three, title }, ($, f) => {
    $.needsVsx();
    $.setVsr(f.xt, meaning($, $.vsr(f.xa), $.vsr(f.xb)));
  });

const permuteForm = form({
  ...{ xt: field.vs(6, 31), xa: field.vs(11, 29), xb: field.vs(16, 30) },
  dm: field.bits(22, 2),
});

/** The instructions. */
export const vsx: readonly Row[] = [
  ...row('lxvd2x', 844, 'Load VSX Vector Doubleword*2 Indexed', ($, f) => {
    const at = ea($, f);
    if (!$.variant.little) return $.setVsr(f.xt, $.fetchQuad(at));
    const left = $.fetch(64, at);
    const right = $.fetch(64, $.add(at, 8));
    $.setVsr(f.xt, $.quad(left, right));
  }),
  ...row('stxvd2x', 972, 'Store VSX Vector Doubleword*2 Indexed', ($, f) => {
    const at = ea($, f);
    const value = $.vsr(f.xt);
    if (!$.variant.little) return $.storeQuad(at, value);
    $.store(64, at, $.leftOf(value));
    $.store(64, $.add(at, 8), $.rightOf(value));
  }),
  ...row('lxvw4x', 780, 'Load VSX Vector Word*4 Indexed', ($, f) => $.setVsr(f.xt, words($, ea($, f)))),
  ...row('stxvw4x', 908, 'Store VSX Vector Word*4 Indexed', ($, f) => {
    const at = ea($, f);
    const value = $.vsr(f.xt);
    if (!$.variant.little) return $.storeQuad(at, value);
    [$.leftOf(value), $.rightOf(value)].forEach((half, i) => {
      $.store(32, $.add(at, 8 * i), $.shrU(half, 32));
      $.store(32, $.add(at, 8 * i + 4), half);
    });
  }),
  ...row('lxsdx', 588, 'Load VSX Scalar Doubleword Indexed', ($, f) => {
    const value = $.fetch(64, ea($, f));
    $.setVsr(f.xt, $.quad(value, $.i64(0)));
  }),
  ...row('stxsdx', 716, 'Store VSX Scalar Doubleword Indexed', ($, f) => $.store(64, ea($, f), $.leftOf($.vsr(f.xt)))),
  ...row('lxvdsx', 332, 'Load VSX Vector Doubleword & Splat Indexed', ($, f) =>
    $.setVsr(f.xt, $.conv('v128', 'i64x2.splat', $.fetch(64, ea($, f)))),
  ),
  ...logic('xxland', 130, 'VSX Logical AND', ($, a, b) => $.bin('v128.and', a, b)),
  ...logic('xxlandc', 138, 'VSX Logical AND with Complement', ($, a, b) => $.bin('v128.andnot', a, b)),
  ...logic('xxlor', 146, 'VSX Logical OR', ($, a, b) => $.bin('v128.or', a, b)),
  ...logic('xxlxor', 154, 'VSX Logical XOR', ($, a, b) => $.bin('v128.xor', a, b)),
  ...logic('xxlnor', 162, 'VSX Logical NOR', ($, a, b) => $.un('v128.not', $.bin('v128.or', a, b))),
  ...insn(
    'xxpermdi',
    {
      op: op.exactly((60 << 26) | (10 << 3), 0xfc00_04f8),
      form: permuteForm,
      title: 'VSX Permute Doubleword Immediate',
    },
    ($, f) => {
      $.needsVsx();
      const a = $.vsr(f.xa);
      const b = $.vsr(f.xb);
      const left = $.select($.and($.field(f.dm), 2), $.rightOf(a), $.leftOf(a));
      const right = $.select($.and($.field(f.dm), 1), $.rightOf(b), $.leftOf(b));
      $.setVsr(f.xt, $.quad(left, right));
    },
  ),
];
