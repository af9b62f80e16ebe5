/** Power ISA, Book I, "Vector-Scalar Floating-Point Operations": loads and stores. */

import type { I64, V128 } from '../../../../ir/node.ts';
import { type Fields, field, form } from '../fields.ts';
import { insn, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const storageForm = form({ xt: field.vs(6, 31), ra: field.gr0(11), rb: field.gr(16) });
type StorageForm = Fields<Record<'xt' | 'ra' | 'rb', unknown>>;

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

/** The instructions. */
export const vsxStorage: readonly Row[] = [
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
];
