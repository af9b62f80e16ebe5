/** PoP, "Control Instructions": what makes, reads and changes entries of the linkage stack. */

import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { branchTrace, makeTraceEntry, traces } from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { ofOtherSpaces, requireSpace } from './spaces.ts';
import {
  at,
  entryType,
  fetch,
  formEntry,
  loadRegisters,
  registersBetween,
  startOf,
  stateEntry,
  store,
  typeOf,
} from './stack-entry.ts';

/** Of instructions that read or change the last entry. */
function requireStack(vcpu: Vcpu): void {
  requireSpace(vcpu, addressSpaceControl.secondary);
}

// ---- the instructions

/** The return address in a register says its addressing mode: bit 63 is one for 64 bits, else bit 32 for 31. */
function returnOf(value: bigint): { readonly mode: bigint; readonly address: bigint } {
  if ((value & 1n) !== 0n) return { mode: PSW.ea | PSW.ba, address: value & ~1n };
  if ((value & 0x8000_0000n) !== 0n) return { mode: PSW.ba, address: value & 0x7fff_ffffn };
  return { mode: 0n, address: value & 0xff_ffffn };
}

const MODE = PSW.ea | PSW.ba;

const branchAndStack = helper(
  'branchAndStack',
  { params: ['i32', 'i32', 'i64'], result: 'i64', effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1, r2, next) => {
    requireSpace(vcpu, ...ofOtherSpaces);
    const mode = vcpu.pswMask & MODE;
    const behind = { mode, address: BigInt.asUintN(64, next) & vcpu.amask };
    const back = r1 === 0 ? behind : returnOf(vcpu.gr(r1));
    const target = (r2 === 0 ? BigInt.asUintN(64, next) : vcpu.gr(r2)) & vcpu.amask;
    const marked = (mode & PSW.ea) !== 0n ? 1n : mode !== 0n ? 0x8000_0000n : 0n;
    const mask = (vcpu.pswMask & ~MODE) | back.mode;
    const traced = r2 !== 0 && traces.branches(vcpu);
    const trace = traced ? branchTrace(vcpu, vcpu.num(slots.addressingMode), target) : undefined;
    formEntry(vcpu, { type: entryType.branch, mask, address: back.address, branch: target | marked });
    makeTraceEntry(vcpu, trace);
    return BigInt.asIntN(64, target);
  },
);

const extractRegisters = helper(
  'extractStackedRegisters',
  { params: ['i32', 'i32', 'i32'], result: undefined, effects: { fetches: true, faults: true } },
  (vcpu, r1, r2, whole) => {
    requireStack(vcpu);
    loadRegisters(vcpu, stateEntry(vcpu, false), registersBetween(r1, r2), whole !== 0);
  },
);

/** What EXTRACT STACKED STATE can be asked for. */
const wanted = { shortPsw: 1, psw: 4, instances: 5 } as const;

const extractState = helper(
  'extractStackedState',
  { params: ['i32', 'i32'], result: undefined, effects: { fetches: true, faults: true } },
  (vcpu, r1, code) => {
    requireStack(vcpu);
    const most = vcpu.core.has('asn-and-lx-reuse') ? wanted.instances : wanted.psw;
    if ((r1 & 1) !== 0 || code > most) vcpu.raise(PGM.specification);
    const entry = stateEntry(vcpu, false);
    extract(vcpu, startOf(entry), r1, code);
    vcpu.cc = typeOf(entry) === entryType.call ? 1 : 0;
  },
);

function extract(vcpu: Vcpu, start: bigint, r1: number, code: number): void {
  if (code === wanted.psw || code === wanted.shortPsw) {
    const [mask, address] = [fetch(vcpu, start + at.psw), fetch(vcpu, start + at.address)];
    if (code === wanted.psw) {
      vcpu.setGr(r1, mask);
      vcpu.setGr(r1 + 1, address);
      return;
    }
    vcpu.setGrLow(r1, Number((mask >> 32n) | 0x8_0000n));
    // The last bit tells of an address that has no place there.
    const rest = (mask & 0x8000_0000n) | (address & 0x7fff_ffffn) | (address > 0x7fff_ffffn ? 1n : 0n);
    vcpu.setGrLow(r1 + 1, Number(rest));
    return;
  }
  const upper = code === wanted.instances;
  const value = fetch(vcpu, start + (upper ? at.instances : at.keyMask + BigInt(8 * code)));
  for (const [r, word] of [
    [r1, value >> 32n],
    [r1 + 1, value & 0xffff_ffffn],
  ] as const) {
    const old = vcpu.gr(r);
    vcpu.setGr(r, upper ? (word << 32n) | (old & 0xffff_ffffn) : ((old >> 32n) << 32n) | word);
  }
}

const modifyState = helper(
  'modifyStackedState',
  { params: ['i32'], result: undefined, effects: { fetches: true, stores: true, faults: true } },
  (vcpu, r1) => {
    requireStack(vcpu);
    if ((r1 & 1) !== 0) vcpu.raise(PGM.specification);
    const start = startOf(stateEntry(vcpu, false));
    store(vcpu, start + at.modifiable, (BigInt(vcpu.grLow(r1) >>> 0) << 32n) | BigInt(vcpu.grLow(r1 + 1) >>> 0));
  },
);

/** Entries are made, read and changed; PROGRAM RETURN takes them away. */
export const linkageStackRows: readonly Row[] = [
  insn('BAKR', { op: 0xb240, fmt: 'RRE', title: 'BRANCH AND STACK', facility: 'zarch' }, ($, f) => {
    const target = $.call(branchAndStack, $.field(f.r1), $.field(f.r2), $.next());
    $.when($.ne($.field(f.r2), 0), () => $.branchTo(target));
  }),
  insn('EREG', { op: 0xb249, fmt: 'RRE', title: 'EXTRACT STACKED REGISTERS (32)', facility: 'zarch' }, ($, f) =>
    $.callVoid(extractRegisters, $.field(f.r1), $.field(f.r2), 0),
  ),
  insn('EREGG', { op: 0xb90e, fmt: 'RRE', title: 'EXTRACT STACKED REGISTERS (64)', facility: 'zarch' }, ($, f) =>
    $.callVoid(extractRegisters, $.field(f.r1), $.field(f.r2), 1),
  ),
  insn('ESTA', { op: 0xb24a, fmt: 'RRE', title: 'EXTRACT STACKED STATE', facility: 'zarch' }, ($, f) =>
    $.callVoid(extractState, $.field(f.r1), $.and($.grLow(f.r2), 0xff)),
  ),
  insn('MSTA', { op: 0xb247, fmt: 'RRE', title: 'MODIFY STACKED STATE', facility: 'zarch', ignores: ['r2'] }, ($, f) =>
    $.callVoid(modifyState, $.field(f.r1)),
  ),
];
