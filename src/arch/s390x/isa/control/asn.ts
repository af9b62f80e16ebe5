/** PoP, "Control Instructions": secondary ASN, tests of access registers, explicit tracing. */

import type { Field } from '../../../../ir/field.ts';
import { CR12 } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { makeTraceEntry, traceBytes, traceEntry, traces } from '../../cpu/trace-table.ts';
import { accessListTranslation } from '../../dat/access-registers.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import {
  admittedSpace,
  asceOfSpace,
  INSTANCE,
  loadAsce,
  MIDDLE,
  NUMBER,
  requireAsnTranslation,
  requireSpace,
  reuses,
} from './spaces.ts';

const PRIMARY_LIST = 0x0100_0000;

const setSecondaryAsn = helper(
  'setSecondaryAsn',
  { params: ['i64', 'i32'], result: undefined, effects: { fetches: true, stores: true, faults: true, ends: true } },
  (vcpu, value, withInstance) => {
    requireAsnTranslation(vcpu);
    requireSpace(vcpu);
    const asn = Number(value & NUMBER);
    const trace = traces.spaces(vcpu) ? traceEntry(vcpu, traceBytes(0x10, withInstance, asn)) : undefined;
    const isPrimary = BigInt(asn) === (vcpu.cr(4) & NUMBER);
    const wanted = withInstance === 0 ? undefined : BigInt.asUintN(64, value) >> 32n;
    const space = isPrimary ? undefined : admittedSpace(vcpu, asn, wanted, 'secondary');
    const asce = space === undefined ? vcpu.cr(1) : asceOfSpace(vcpu, space);
    makeTraceEntry(vcpu, trace);
    const instance = (space === undefined ? vcpu.cr(4) : BigInt(space.instance) << 32n) & INSTANCE;
    const cr3 = vcpu.cr(3);
    const takes = withInstance !== 0 || reuses(vcpu);
    vcpu.setCr(3, (takes ? instance : cr3 & INSTANCE) | (cr3 & MIDDLE) | BigInt(asn));
    loadAsce(vcpu, 7, asce);
    vcpu.selectSpaces();
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

/** TOD-clock bits 64-79 of an entry: what the running clock has there is never zero. */
const CLOCK_END = 1;

const explicitTrace = helper(
  'explicitTrace',
  { params: ['i32', 'i32', 'i32', 'i32'], result: undefined, effects: { stores: true, faults: true, ends: true } },
  (vcpu, operand, r1, r3, wide) => {
    if (operand < 0) return;
    const count = ((r3 - r1) & 15) + 1;
    const numbers = Array.from({ length: count }, (_, i) => (r1 + i) & 15);
    const tod = vcpu.core.clock.tod(vcpu);
    const part = (from: bigint, mask: bigint): number => Number((tod >> from) & mask);
    const format = 0x70 | (count - 1);
    const bytes =
      wide === 0
        ? traceBytes(
            format,
            0,
            part(32n, 0xffffn),
            part(0n, 0xffff_ffffn),
            operand,
            ...numbers.map((r) => vcpu.grLow(r)),
          )
        : traceBytes(
            format,
            0x80,
            part(48n, 0xffffn),
            part(16n, 0xffff_ffffn),
            (part(0n, 0xffffn) << 16) | CLOCK_END,
            operand,
            ...numbers.map((r) => vcpu.gr(r)),
          );
    makeTraceEntry(vcpu, traceEntry(vcpu, bytes));
  },
);

type TraceOperands = { readonly r1: Field; readonly r3: Field; readonly b2: Field; readonly d2: Field };

// With explicit tracing off, or bit 0 of the operand on, the instruction does nothing.
function recordTrace($: Sem, f: TraceOperands, wide: 0 | 1): void {
  $.privileged();
  const address = $.address2(f);
  $.requireAligned(address, 4);
  $.when($.and($.crLowN(12), CR12.explicitTrace), () =>
    $.callVoid(explicitTrace, $.fetch32(address), $.field(f.r1), $.field(f.r3), wide),
  );
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
  insn('TRACE', { op: 0x99, fmt: 'RS_a', title: 'TRACE (32)', facility: 'zarch' }, ($, f) => recordTrace($, f, 0)),
  insn('TRACG', { op: 0xeb0f, fmt: 'RSY_a', title: 'TRACE (64)', facility: 'zarch' }, ($, f) => recordTrace($, f, 1)),
];
