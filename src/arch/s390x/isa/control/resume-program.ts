/** PoP, "Control Instructions": RESUME PROGRAM. */

import { bigEndian } from '../../../../bits/hex.ts';
import { operand as ifetch } from '../../cpu/access-path.ts';
import { spaceChosen } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, expandShortPsw, isValidPsw, PSW, PSW_HIGH, type Psw } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import {
  branchTrace,
  makeTraceEntry,
  modeBranchTrace,
  modeTrace,
  type TraceEntry,
  traces,
} from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { isExecuteRelative } from '../opcodes.ts';
import { insn, type Row } from '../row.ts';
import { operandOf } from '../storage/operands.ts';
import { homeSwitchEvent } from './spaces.ts';

/** Flags of the parameter list. */
const flag = { reserved: 0xfff8, psw: 0x4, general: 0x2, disjoint: 0x1 } as const;
/** PSW bits that come from the operand: address-space control, condition code, program mask, addressing mode. */
const RESUMED = PSW.addressSpace | PSW.cc | PSW.programMask | PSW.ea | PSW.ba;

/** Where the parameter list begins: behind the instruction, be that the target of an EXECUTE. */
function listAddress(vcpu: Vcpu): bigint {
  if (!vcpu.isExecuting()) return (vcpu.ia + 4n) & vcpu.amask;
  const { first, last } = vcpu.core.loose;
  if (isExecuteRelative(first >>> 16)) {
    const distance = BigInt((first << 16) | last);
    return (vcpu.ia + 2n * distance + 4n) & vcpu.amask;
  }
  const register = (n: number): bigint => (n === 0 ? 0n : vcpu.gr(n));
  const target = register((first >>> 16) & 15) + register((first >>> 12) & 15) + BigInt(first & 0xfff);
  return (target + 4n) & vcpu.amask;
}

/** A halfword of the parameter list, which lies where instructions are fetched from. */
function listed(vcpu: Vcpu, list: bigint, index: number): number {
  const address = (list + BigInt(2 * index)) & vcpu.amask;
  const { access, complex } = vcpu.core;
  const at = access.require(vcpu, Number(address >> 32n), Number(address & 0xffff_ffffn), 'ifetch', ifetch);
  return complex.storage.half(at);
}

/** The program that is resumed. */
interface Resumed {
  readonly psw: Psw;
  readonly ar: number;
  readonly gr: bigint;
  /** All of the general register. */
  readonly whole: boolean;
}

function fetchResumed(vcpu: Vcpu, base: bigint, register: number): Resumed {
  const list = listAddress(vcpu);
  const flags = listed(vcpu, list, 0);
  if ((flags & flag.reserved) !== 0) vcpu.raise(PGM.specification);
  const path = operandOf(register);
  const disjoint = (flags & flag.general) !== 0 && (flags & flag.disjoint) !== 0;
  const offsets = [1, 2, 3, ...(disjoint ? [4] : [])].map((i) => listed(vcpu, list, i));
  const read = (i: number, length: number): bigint => {
    const address = (base + BigInt(offsets[i] ?? 0)) & vcpu.amask;
    return bigEndian(vcpu.core.access.read(vcpu, address, length, path));
  };
  const wide = (flags & flag.psw) !== 0;
  const text = read(0, wide ? 16 : 8);
  const ar = Number(read(1, 4));
  const whole = (flags & flag.general) !== 0;
  const gr = disjoint ? (read(3, 4) << 32n) | read(2, 4) : read(2, whole ? 8 : 4);
  // Of the short form the address has bits 33-63 only, and there is no bit 12 to look at.
  const found = wide ? { mask: text >> 64n, address: BigInt.asUintN(64, text) } : expandShortPsw(text);
  const reserved = found.mask & 0x7fff_ffffn;
  const mask = (vcpu.pswMask & ~RESUMED) | (found.mask & RESUMED) | reserved;
  return { psw: { mask, address: found.address }, ar, gr, whole };
}

function resumeTrace(vcpu: Vcpu, { mask, address }: Psw, next: bigint): TraceEntry | undefined {
  const wide = (mask & PSW.ea) !== 0n;
  const changes = wide !== (vcpu.num(slots.addressingMode) === 3);
  const there = wide ? 3 : (mask & PSW.ba) !== 0n ? 1 : 0;
  if (changes && traces.modes(vcpu))
    return traces.branches(vcpu) ? modeBranchTrace(vcpu, there, address) : modeTrace(vcpu, next);
  return traces.branches(vcpu) ? branchTrace(vcpu, there, address) : undefined;
}

const resumeProgram = helper(
  'resumeProgram',
  {
    params: ['i64', 'i32', 'i64'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, base, register, following) => {
    const { psw, ar, gr, whole } = fetchResumed(vcpu, BigInt.asUintN(64, base), register);
    const trace = resumeTrace(vcpu, psw, BigInt.asUintN(64, following) & vcpu.amask);
    const dat = (vcpu.pswHigh & PSW_HIGH.dat) !== 0;
    const space = Number((psw.mask & PSW.addressSpace) >> 46n);
    if (dat && vcpu.problemState && space === addressSpaceControl.home) vcpu.raise(PGM.privilegedOperation);
    if (!isValidPsw(psw) || (psw.address & 1n) !== 0n) vcpu.raise(PGM.specification);
    const before = vcpu.addressSpace;
    const { ilc } = vcpu;
    const b2 = register & 15;
    vcpu.setAr(b2, ar);
    if (whole) vcpu.setGr(b2, gr);
    else vcpu.setGrLow(b2, Number(gr));
    makeTraceEntry(vcpu, trace);
    vcpu.setBig(slots.bea, vcpu.ia);
    vcpu.setPsw(psw);
    if (space !== before) spaceChosen(vcpu);
    if (dat) homeSwitchEvent(vcpu, before, space, ilc);
  },
);

/** RESUME PROGRAM. */
export const resumeProgramRows: readonly Row[] = [
  insn('RP', { op: 0xb277, fmt: 'S', title: 'RESUME PROGRAM', facility: 'zarch' }, ($, f) =>
    $.callVoid(resumeProgram, $.address2(f).at, $.field(f.b2), $.next()),
  ),
];
