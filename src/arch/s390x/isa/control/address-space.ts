/** PoP, "Control Instructions": access key and address-space control of the PSW, address-space numbers. */

import type { I32 } from '../../../../ir/node.ts';
import { CR0 } from '../../cpu/control-register-bits.ts';
import { spaceChosen } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW_HIGH } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { requireAccessKey } from '../../cpu/storage-keys.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { homeSwitchEvent } from './spaces.ts';

const selectKey = helper(
  'selectKey',
  { params: ['i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, high) => {
    requireAccessKey(vcpu, (high & PSW_HIGH.key) >>> 20);
    vcpu.setNum(slots.pswHigh, high);
    vcpu.selectSpaces();
  },
);

/** PSW bits 16-17 by the code that SAC takes: primary, secondary, access register, home. */
const spaceOfCode = [
  addressSpaceControl.primary,
  addressSpaceControl.secondary,
  addressSpaceControl.accessRegister,
  addressSpaceControl.home,
] as const;

const setAddressSpace = helper(
  'setAddressSpace',
  { params: ['i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, address) => {
    const code = (address >> 8) & 15;
    const high = vcpu.pswHigh;
    const allowed = (high & PSW_HIGH.dat) !== 0 && (vcpu.crLow(0) & CR0.secondarySpace) !== 0;
    if (!allowed) vcpu.raise(PGM.specialOperation);
    if (code === 3 && vcpu.problemState) vcpu.raise(PGM.privilegedOperation);
    const space = spaceOfCode[code];
    if (space === undefined) return vcpu.raise(PGM.specification);
    const before = vcpu.addressSpace;
    if (space === before) return;
    const { ilc } = vcpu;
    vcpu.setNum(slots.pswHigh, ((high & ~PSW_HIGH.addressSpace) | (space << 14)) >>> 0);
    vcpu.selectSpaces();
    spaceChosen(vcpu);
    homeSwitchEvent(vcpu, before, space, ilc);
  },
);

/** Privileged-operation exception in the problem state without extraction authority. */
export function requireExtractionAuthority($: Sem): void {
  const problem = $.and($.state(slots.pswHigh), PSW_HIGH.problem);
  $.pgmIf($.and($.ne(problem, 0), $.isZero($.and($.crLowN(0), CR0.extractionAuthority))), PGM.privilegedOperation);
}

/** Special-operation exception when DAT is off. */
export function requireDat($: Sem): void {
  $.pgmIf($.isZero($.and($.state(slots.pswHigh), PSW_HIGH.dat)), PGM.specialOperation);
}

/** Exchanges the extended authorization index of control register 8 with the halves of a word: new on the left, old on the right. */
const exchangeAuthority = helper(
  'exchangeAuthority',
  { params: ['i32'], result: undefined, effects: {} },
  (vcpu, r1) => {
    const [word, old] = [vcpu.grLow(r1), vcpu.cr(8)];
    vcpu.setGrLow(r1, ((word & 0xffff_0000) | Number((old >> 16n) & 0xffffn)) >>> 0);
    vcpu.setCr(8, (old & ~0xffff_0000n) | BigInt((word & 0xffff_0000) >>> 0));
  },
);

/** The code by which SAC and IAC know the current space. */
function currentSpaceCode($: Sem): I32 {
  const high = $.state(slots.pswHigh);
  return $.or($.and($.shrU(high, 15), 1), $.and($.shrU(high, 13), 2));
}

/** Access key, address-space control, address-space numbers. */
export const addressSpaceRows: readonly Row[] = [
  insn('IPK', { op: 0xb20b, fmt: 'S', title: 'INSERT PSW KEY', facility: 'zarch', ignores: ['b2', 'd2'] }, ($) => {
    requireExtractionAuthority($);
    const key = $.and($.shrU($.state(slots.pswHigh), 16), 0xf0);
    $.setGrLowN(2, $.or($.and($.grLowN(2), ~0xff), key));
  }),
  insn('SPKA', { op: 0xb20a, fmt: 'S', title: 'SET PSW KEY FROM ADDRESS', facility: 'zarch' }, ($, f) => {
    const key = $.and($.wrap($.address2(f).at), 0xf0);
    const before = $.state(slots.pswHigh);
    // In the problem state the PSW-key mask, bits 32-47 of CR3, says which keys may be set.
    const permitted = $.and($.shl($.crLowN(3), $.shrU(key, 4)), 0x8000_0000 | 0);
    const problem = $.and(before, PSW_HIGH.problem);
    $.pgmIf($.and($.ne(problem, 0), $.isZero(permitted)), PGM.privilegedOperation);
    const after = $.or($.and(before, ~PSW_HIGH.key), $.shl(key, 16));
    $.when($.ne(after, before), () => $.callVoid(selectKey, after));
  }),
  insn('SAC', { op: 0xb219, fmt: 'S', title: 'SET ADDRESS SPACE CONTROL', facility: 'zarch' }, ($, f) =>
    $.callVoid(setAddressSpace, $.wrap($.address2(f).at)),
  ),
  insn('SACF', { op: 0xb279, fmt: 'S', title: 'SET ADDRESS SPACE CONTROL FAST', facility: 'zarch' }, ($, f) =>
    $.callVoid(setAddressSpace, $.wrap($.address2(f).at)),
  ),
  insn(
    'IAC',
    { op: 0xb224, fmt: 'RRE', title: 'INSERT ADDRESS SPACE CONTROL', facility: 'zarch', ignores: ['r2'] },
    ($, f) => {
      requireDat($);
      requireExtractionAuthority($);
      const code = currentSpaceCode($);
      $.setGrHalf(f.r1, $.or($.grByte(f.r1), $.shl(code, 8)));
      $.setCc(code);
    },
  ),
  insn(
    'ESEA',
    { op: 0xb99d, fmt: 'RRE', title: 'EXTRACT AND SET EXTENDED AUTHORITY', facility: 'zarch', ignores: ['r2'] },
    ($, f) => {
      $.privileged();
      $.callVoid(exchangeAuthority, $.field(f.r1));
    },
  ),
  insn('EPAR', { op: 0xb226, fmt: 'RRE', title: 'EXTRACT PRIMARY ASN', facility: 'zarch', ignores: ['r2'] }, ($, f) => {
    requireDat($);
    requireExtractionAuthority($);
    $.setGrLow(f.r1, $.and($.crLowN(4), 0xffff));
  }),
  insn(
    'ESAR',
    { op: 0xb227, fmt: 'RRE', title: 'EXTRACT SECONDARY ASN', facility: 'zarch', ignores: ['r2'] },
    ($, f) => {
      requireDat($);
      requireExtractionAuthority($);
      $.setGrLow(f.r1, $.and($.crLowN(3), 0xffff));
    },
  ),
  insn(
    'EPAIR',
    {
      op: 0xb99a,
      fmt: 'RRE',
      title: 'EXTRACT PRIMARY ASN AND INSTANCE',
      facility: 'asn-and-lx-reuse',
      ignores: ['r2'],
    },
    ($, f) => {
      requireDat($);
      requireExtractionAuthority($);
      const cr4 = $.crN(4);
      $.setGr(f.r1, $.or($.and(cr4, 0xffffn), $.and(cr4, 0xffff_ffff_0000_0000n)));
    },
  ),
  insn(
    'ESAIR',
    {
      op: 0xb99b,
      fmt: 'RRE',
      title: 'EXTRACT SECONDARY ASN AND INSTANCE',
      facility: 'asn-and-lx-reuse',
      ignores: ['r2'],
    },
    ($, f) => {
      requireDat($);
      requireExtractionAuthority($);
      const cr3 = $.crN(3);
      $.setGr(f.r1, $.or($.and(cr3, 0xffffn), $.and(cr3, 0xffff_ffff_0000_0000n)));
    },
  ),
];
