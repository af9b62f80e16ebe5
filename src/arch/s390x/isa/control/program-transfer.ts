/** PoP, "Control Instructions": PROGRAM TRANSFER, with and without instance. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { isWord, makeTraceEntry, type TraceEntry, traceBytes, traceEntry, traces } from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import {
  admittedSpace,
  asceOfSpace,
  enterPrimary,
  INSTANCE,
  loadAsce,
  MIDDLE,
  NUMBER,
  raiseSpaceSwitch,
  requireAsnTranslation,
  requireSpace,
  reuses,
  spaceAt,
  wantsEvent,
} from './spaces.ts';

const VALID = 0x8000_0000;

function transferTrace(vcpu: Vcpu, withInstance: boolean, asn: number, operand: bigint): TraceEntry {
  const key = (vcpu.accessKey << 4) | (withInstance ? 1 : 0);
  const word = Number(operand & 0xffff_ffffn);
  if (vcpu.num(slots.addressingMode) !== 3) return traceEntry(vcpu, traceBytes(0x31, key, asn, word));
  if (isWord(operand)) return traceEntry(vcpu, traceBytes(0x31, key | 8, asn, word));
  return traceEntry(vcpu, traceBytes(0x32, key | 0xc, asn, operand));
}

/** Where a transfer goes: mode and address as bits of a PSW. */
function targetOf(vcpu: Vcpu, operand: bigint): { readonly mode: bigint; readonly address: bigint } {
  if (vcpu.num(slots.addressingMode) === 3) return { mode: PSW.ea | PSW.ba, address: operand & ~1n };
  return { mode: (operand & 0x8000_0000n) !== 0n ? PSW.ba : 0n, address: operand & 0x7fff_fffen };
}

const programTransfer = helper(
  'programTransfer',
  {
    params: ['i64', 'i64', 'i32'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, first, second, withInstance) => {
    const { accessRegister, secondary, home } = addressSpaceControl;
    requireSpace(vcpu, accessRegister, secondary, home);
    const asn = Number(first & NUMBER);
    const operand = BigInt.asUintN(64, second);
    const trace = traces.spaces(vcpu) ? transferTrace(vcpu, withInstance !== 0, asn, operand) : undefined;
    const problem = (operand & 1n) !== 0n;
    const { mode, address } = targetOf(vcpu, operand);
    const { linkage } = spaceAt(vcpu, vcpu.crLow(5) & 0x7fff_ffc0);
    if ((linkage & VALID) === 0) vcpu.raise(PGM.specialOperation);
    if (vcpu.problemState && !problem) vcpu.raise(PGM.privilegedOperation);
    if (mode === 0n && address > 0xff_ffffn) vcpu.raise(PGM.specification);
    const from = { asce: vcpu.cr(1), asn: vcpu.cr(4) & NUMBER };
    const instance = withInstance === 0 ? undefined : BigInt.asUintN(64, first) >> 32n;
    const isOther = BigInt(asn) !== from.asn;
    if (isOther) requireAsnTranslation(vcpu);
    const space = isOther ? admittedSpace(vcpu, asn, instance, 'primary') : undefined;
    const asce = space === undefined ? from.asce : asceOfSpace(vcpu, space);
    const { ilc } = vcpu;
    const takes = withInstance !== 0 || reuses(vcpu);
    if (space !== undefined) enterPrimary(vcpu, space, asn, asce, takes);
    makeTraceEntry(vcpu, trace);
    const cr3 = vcpu.cr(3);
    const high = (takes ? vcpu.cr(4) : cr3) & INSTANCE;
    vcpu.setCr(3, high | (cr3 & first & MIDDLE) | BigInt(asn));
    loadAsce(vcpu, 7, asce);
    vcpu.setBig(slots.bea, vcpu.ia);
    const mask = (vcpu.pswMask & ~(PSW.ea | PSW.ba | PSW.problem)) | mode;
    vcpu.setPsw({ mask: problem ? mask | PSW.problem : mask, address });
    if (space !== undefined && wantsEvent(from.asce, asce)) raiseSpaceSwitch(vcpu, from, ilc);
  },
);

/** Returns from a basic program call, and other transfers. */
export const programTransferRows: readonly Row[] = [
  insn('PT', { op: 0xb228, fmt: 'RRE', title: 'PROGRAM TRANSFER', facility: 'zarch' }, ($, f) =>
    $.callVoid(programTransfer, $.gr(f.r1), $.gr(f.r2), 0),
  ),
  insn(
    'PTI',
    { op: 0xb99e, fmt: 'RRE', title: 'PROGRAM TRANSFER WITH INSTANCE', facility: 'asn-and-lx-reuse' },
    ($, f) => $.callVoid(programTransfer, $.gr(f.r1), $.gr(f.r2), 1),
  ),
];
