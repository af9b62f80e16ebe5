/** PoP, "Control Instructions": the PSW as a whole. */

import type { I32 } from '../../../../ir/node.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { isValidPswWords } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { ictl } from '../../sie/state-description.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { interceptIf } from './interception.ts';

const SHORT = 0x0008_0000;

const big = (high: number, low: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

// An invalid PSW is loaded all the same; then it makes the exception, whose old PSW it is (PoP, "Early Exception
// Recognition").
const loadPsw = helper(
  'loadPsw',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, high, low, addressHigh, addressLow) => {
    if (isValidPswWords(high, low, addressHigh, addressLow)) return vcpu.loadPsw(high, low, addressHigh, addressLow);
    vcpu.setPsw({ mask: big(high, low), address: big(addressHigh, addressLow) });
    return vcpu.raiseForNewPsw(PGM.specification, 0);
  },
);

function setPsw($: Sem, psw: { high: I32; low: I32; addressHigh: I32; addressLow: I32 }): void {
  $.setState(slots.bea, $.ia());
  $.callVoid(loadPsw, psw.high, psw.low, psw.addressHigh, psw.addressLow);
}

/** Loads and extractions of the PSW. */
export const loadPswRows: readonly Row[] = [
  insn('LPSW', { op: 0x82, fmt: 'S_8', title: 'LOAD PSW', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.lpsw);
    const word = $.fetch64(address);
    const [high, low] = [$.wrap($.shrU(word, 32)), $.wrap(word)];
    // That bit 12 is one is asked of the operand, and of nothing that is loaded.
    $.pgmIf($.isZero($.and(high, SHORT)), PGM.specification);
    setPsw($, {
      high: $.xor(high, SHORT),
      low: $.and(low, 0x8000_0000 | 0),
      addressHigh: $.i32(0),
      addressLow: $.and(low, 0x7fff_ffff),
    });
  }),
  insn('LPSWE', { op: 0xb2b2, fmt: 'S', title: 'LOAD PSW EXTENDED', facility: 'zarch' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    interceptIf($, ictl.lpsw);
    const mask = $.fetch64(address);
    const next = $.fetch64($.offset(address, 8));
    setPsw($, {
      high: $.wrap($.shrU(mask, 32)),
      low: $.wrap(mask),
      addressHigh: $.wrap($.shrU(next, 32)),
      addressLow: $.wrap(next),
    });
  }),
  insn('EPSW', { op: 0xb98d, fmt: 'RRE', title: 'EXTRACT PSW', facility: 'zarch' }, ($, f) => {
    const mode = $.state(slots.addressingMode);
    const status = $.or($.shl($.cc(), 12), $.shl($.state(slots.programMask), 8));
    $.setGrLow(f.r1, $.or($.or($.state(slots.pswHigh), status), $.shrU(mode, 1)));
    $.when($.ne($.field(f.r2), 0), () => $.setGrLow(f.r2, $.shl(mode, 31)));
  }),
];
