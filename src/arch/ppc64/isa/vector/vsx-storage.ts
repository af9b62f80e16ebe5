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

/** Doublewords in the order of storage, each in the byte order of MSR[LE]; also the way back. */
function doublewords($: Sem, quad: V128): V128 {
  return $.variant.little ? $.quad($.rightOf(quad), $.leftOf(quad)) : quad;
}
/** The same of words. */
function words($: Sem, quad: V128): V128 {
  return $.variant.little ? $.quad($.rotl($.rightOf(quad), 32), $.rotl($.leftOf(quad), 32)) : quad;
}

/** The instructions. */
export const vsxStorage: readonly Row[] = [
  ...row('lxvd2x', 844, 'Load VSX Vector Doubleword*2 Indexed', ($, f) =>
    $.setVsr(f.xt, doublewords($, $.fetchQuad(ea($, f)))),
  ),
  ...row('stxvd2x', 972, 'Store VSX Vector Doubleword*2 Indexed', ($, f) =>
    $.storeQuad(ea($, f), doublewords($, $.vsr(f.xt))),
  ),
  ...row('lxvw4x', 780, 'Load VSX Vector Word*4 Indexed', ($, f) => $.setVsr(f.xt, words($, $.fetchQuad(ea($, f))))),
  ...row('stxvw4x', 908, 'Store VSX Vector Word*4 Indexed', ($, f) => $.storeQuad(ea($, f), words($, $.vsr(f.xt)))),
  ...row('lxsdx', 588, 'Load VSX Scalar Doubleword Indexed', ($, f) => {
    const value = $.fetch(64, ea($, f));
    $.setVsr(f.xt, $.quad(value, $.i64(0)));
  }),
  ...row('stxsdx', 716, 'Store VSX Scalar Doubleword Indexed', ($, f) => $.store(64, ea($, f), $.leftOf($.vsr(f.xt)))),
  ...row('lxvdsx', 332, 'Load VSX Vector Doubleword & Splat Indexed', ($, f) =>
    $.setVsr(f.xt, $.conv('v128', 'i64x2.splat', $.fetch(64, ea($, f)))),
  ),
];
