/** PoP, "Control Instructions": the PSW as a whole. */

import type { Address, I32, I64 } from '../../../../ir/node.ts';
import { engineState } from '../../../../machine/layout.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { isValidPswWords, PSW_HIGH, RESERVED_HIGH } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { requireKeys } from '../../cpu/storage-keys.ts';
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

/** Whether an instruction is a breaking event, which the breaking-event-address register tells of afterwards. */
type Breaks = 'breaks' | 'keeps';

interface Words {
  readonly high: I32;
  readonly low: I32;
  readonly addressHigh: I32;
  readonly addressLow: I32;
}

// The operand of an instruction, that is: what an interruption loads is loaded, and makes an early exception.
const requirePswKey = helper('requirePswKey', { params: [], result: undefined, effects: { faults: true } }, (vcpu) =>
  requireKeys(vcpu),
);

function setPsw($: Sem, psw: Words, breaks: Breaks): void {
  $.when($.and(psw.high, PSW_HIGH.key), () => $.callVoid(requirePswKey));
  if (breaks === 'breaks') $.setState(slots.bea, $.ia());
  $.callVoid(loadPsw, psw.high, psw.low, psw.addressHigh, psw.addressLow);
}

/** PSW bits 0-31 whose change, or that are one, make more to do than to go on elsewhere. */
const CHANGES = PSW_HIGH.dat | PSW_HIGH.key | PSW_HIGH.addressSpace | PSW_HIGH.per;
const EVENTS = PSW_HIGH.wait | PSW_HIGH.per;
const OF_THE_MASK = ~(PSW_HIGH.cc | PSW_HIGH.programMask | PSW_HIGH.ea);
/** Bits 32-63 of a PSW of the 64-bit mode. */
const BASIC_ADDRESSING = 0x8000_0000 | 0;

// A handler's return to the 64-bit mode and the space that it runs in itself stays in generated code while nothing waits.
function returnTo($: Sem, mask: I64, next: I64, breaks: Breaks): void {
  const high = $.wrap($.shrU(mask, 32));
  const low = $.wrap(mask);
  const other = $.and($.xor($.state(slots.pswHigh), high), CHANGES);
  const wrong = $.or(
    $.and($.xor(high, PSW_HIGH.ea), RESERVED_HIGH | PSW_HIGH.ea | EVENTS),
    $.xor(low, BASIC_ADDRESSING),
  );
  $.when(
    $.or($.or(other, wrong), $.state(slots.interruptionPending)),
    () => setPsw($, { high, low, addressHigh: $.wrap($.shrU(next, 32)), addressLow: $.wrap(next) }, breaks),
    () => {
      $.setState(slots.pswHigh, $.and(high, OF_THE_MASK));
      $.setCc($.and($.shrU(high, 12), 3));
      $.setState(slots.programMask, $.and($.shrU(high, 8), 15));
      $.setState(slots.addressingMode, $.i32(3));
      $.setState(engineState.amask, $.i64(-1n));
      if (breaks === 'breaks') $.branchTo(next);
      else $.branch(next);
    },
  );
}

// LOAD PSW EXTENDED, by its storage operand.
function loadExtended($: Sem, operand: () => Address, breaks: Breaks): void {
  $.privileged();
  const address = operand();
  $.requireAligned(address, 8);
  interceptIf($, ictl.lpsw);
  const mask = $.fetch64(address);
  const next = $.fetch64($.offset(address, 8));
  returnTo($, mask, next, breaks);
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
    const [addressHigh, addressLow] = [$.i32(0), $.and(low, 0x7fff_ffff)];
    setPsw($, { high: $.xor(high, SHORT), low: $.and(low, 0x8000_0000 | 0), addressHigh, addressLow }, 'breaks');
  }),
  insn('LPSWE', { op: 0xb2b2, fmt: 'S', title: 'LOAD PSW EXTENDED', facility: 'zarch' }, ($, f) =>
    loadExtended($, () => $.address2(f), 'breaks'),
  ),
  // Like LOAD PSW EXTENDED, but for its displacement, and that a program that is gone back to keeps its last breaking event.
  insn(
    'LPSWEY',
    { op: 0xeb71, fmt: 'SIY', title: 'LOAD PSW EXTENDED', facility: 'bear-enhancement', ignores: ['i2'] },
    ($, f) => loadExtended($, () => $.address1(f), 'keeps'),
  ),
  insn('LBEAR', { op: 0xb200, fmt: 'S', title: 'LOAD BEAR', facility: 'bear-enhancement' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    $.setState(slots.bea, $.fetch64(address));
  }),
  insn('STBEAR', { op: 0xb201, fmt: 'S', title: 'STORE BEAR', facility: 'bear-enhancement' }, ($, f) => {
    $.privileged();
    const address = $.address2(f);
    $.requireAligned(address, 8);
    $.store64(address, $.state(slots.bea));
  }),
  insn('EPSW', { op: 0xb98d, fmt: 'RRE', title: 'EXTRACT PSW', facility: 'zarch' }, ($, f) => {
    const mode = $.state(slots.addressingMode);
    const status = $.or($.shl($.cc(), 12), $.shl($.state(slots.programMask), 8));
    $.setGrLow(f.r1, $.or($.or($.state(slots.pswHigh), status), $.shrU(mode, 1)));
    $.when($.ne($.field(f.r2), 0), () => $.setGrLow(f.r2, $.shl(mode, 31)));
  }),
];
