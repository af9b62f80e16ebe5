/** PoP, "Control Instructions": secondary ASN, tests of access registers, explicit tracing. */

import type { Field } from '../../../../ir/field.ts';
import { CR0, CR12, CR14 } from '../../cpu/control-register-bits.ts';
import { spaceLoaded } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW_HIGH } from '../../cpu/psw.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { accessListTranslation } from '../../dat/access-registers.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const PRIMARY_LIST = 0x0100_0000;

function stop(vcpu: Vcpu, mnemonic: string): never {
  return vcpu.leave({ kind: 'unimplemented', mnemonic }, 0);
}

// The primary ASN makes the secondary space the primary one. Any other ASN needs ASN translation, which nobody uses here.
const setSecondaryAsn = helper(
  'setSecondaryAsn',
  { params: ['i64', 'i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, value, withInstance) => {
    const name = withInstance === 0 ? 'SSAR' : 'SSAIR';
    const allowed = (vcpu.pswHigh & PSW_HIGH.dat) !== 0 && (vcpu.crLow(14) & CR14.asnTranslation) !== 0;
    if (!allowed) vcpu.raise(PGM.specialOperation);
    const primary = vcpu.cr(4);
    if ((value & 0xffffn) !== (primary & 0xffffn)) stop(vcpu, name);
    const reuse = vcpu.core.has('asn-and-lx-reuse') && (vcpu.crLow(0) & CR0.asnAndLxReuse) !== 0;
    if (withInstance !== 0 && BigInt.asUintN(64, value) >> 32n !== primary >> 32n) vcpu.raise(PGM.asteInstance);
    const instance = reuse ? primary & 0xffff_ffff_0000_0000n : vcpu.cr(3) & 0xffff_ffff_0000_0000n;
    vcpu.setCr(3, instance | (vcpu.cr(3) & 0xffff_0000n) | (primary & 0xffffn));
    const secondary = vcpu.cr(7);
    vcpu.setCr(7, vcpu.cr(1));
    vcpu.selectSpaces();
    spaceLoaded(vcpu, 7, secondary);
  },
);

/** Condition code of TEST ACCESS: 0 the primary space, 1 and 2 by the two access lists, 3 not. */
const testAccess = helper(
  'testAccess',
  { params: ['i32', 'i32'], result: 'i32', effects: { fetches: true, faults: true } },
  (vcpu, alet, authorization) => {
    if (alet === 0) return 0;
    if (alet === 1) return 3;
    const found = accessListTranslation(vcpu, vcpu.place, alet >>> 0, authorization >>> 16);
    if (found.ok) return (alet & PRIMARY_LIST) === 0 ? 1 : 2;
    return found.error === PGM.addressing ? vcpu.raise(PGM.addressing) : 3;
  },
);

const makeTraceEntry = helper(
  'makeTraceEntry',
  { params: ['i32', 'i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, operand, wide) => {
    if (operand >= 0) stop(vcpu, wide === 0 ? 'TRACE' : 'TRACG');
  },
);

type TraceOperands = { readonly r1: Field; readonly r3: Field; readonly b2: Field; readonly d2: Field };

// With explicit tracing off, or bit 0 of the operand on, the instruction does nothing; no guest has come so far as to turn it on.
function recordTrace($: Sem, f: TraceOperands, wide: 0 | 1): void {
  $.privileged();
  const address = $.address2(f);
  $.requireAligned(address, 4);
  $.when($.and($.crLowN(12), CR12.explicitTrace), () => $.callVoid(makeTraceEntry, $.fetch32(address), wide));
}

/** Address-space numbers, access registers, tracing. */
export const asnRows: readonly Row[] = [
  insn('SSAR', { op: 0xb225, fmt: 'RRE', title: 'SET SECONDARY ASN', facility: 'zarch', ignores: ['r2'] }, ($, f) =>
    $.callVoid(setSecondaryAsn, $.gr(f.r1), 0),
  ),
  insn(
    'SSAIR',
    { op: 0xb99f, fmt: 'RRE', title: 'SET SECONDARY ASN WITH INSTANCE', facility: 'asn-and-lx-reuse', ignores: ['r2'] },
    ($, f) => $.callVoid(setSecondaryAsn, $.gr(f.r1), 1),
  ),
  insn('TAR', { op: 0xb24c, fmt: 'RRE', title: 'TEST ACCESS', facility: 'zarch' }, ($, f) =>
    $.setCc($.call(testAccess, $.ar(f.r1), $.grLow(f.r2))),
  ),
  insn('TRACE', { op: 0x99, fmt: 'RS_a', title: 'TRACE (32)', facility: 'zarch', ignores: ['r1', 'r3'] }, ($, f) =>
    recordTrace($, f, 0),
  ),
  insn('TRACG', { op: 0xeb0f, fmt: 'RSY_a', title: 'TRACE (64)', facility: 'zarch', ignores: ['r1', 'r3'] }, ($, f) =>
    recordTrace($, f, 1),
  ),
];
