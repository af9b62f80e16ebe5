/** PoP, "Control Instructions": BRANCH IN SUBSPACE GROUP and BRANCH AND SET AUTHORITY, which keep their state in the DUCT. */

import type { AccessPath } from '../../cpu/access-path.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { PSW } from '../../cpu/psw.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import { requireAccessKey } from '../../cpu/storage-keys.ts';
import { branchTrace, makeTraceEntry, type TraceEntry, traceBytes, traceEntry, traces } from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { accessListEntry } from '../../dat/access-registers.ts';
import { type AddressSpace, ducts, KEPT_IN_SUBSPACE, SUBSPACE_ACTIVE, SUBSPACE_GROUP } from '../../dat/asn.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import { loadAsce, MIDDLE, requireSpace, secondaryBecomesPrimary, spaceAt } from './spaces.ts';

/** Stores by real address, past the storage keys. */
const path: AccessPath = { space: 'real', ar: ZERO_REGISTER, key: 0 };
const ORIGIN = 0x7fff_ffc0;
/** The table is within a page, and stored into: it has to be there, and not protected. */
const TABLE_BYTES = 64;

/** The dispatchable-unit control table, which is going to be changed. */
class Duct {
  readonly #vcpu: Vcpu;
  readonly #at: number;

  constructor(vcpu: Vcpu) {
    this.#vcpu = vcpu;
    this.#at = vcpu.core.access.require(vcpu, 0, ducts.origin(vcpu), 'store', path);
  }
  word(offset: number): number {
    return this.#vcpu.core.complex.storage.word(this.#at + offset) >>> 0;
  }
  doubleword(offset: number): bigint {
    return this.#vcpu.core.complex.storage.doubleword(this.#at + offset);
  }
  setWord(offset: number, value: number): void {
    this.#vcpu.core.complex.storage.setWord(this.#at + offset, value);
  }
  setDoubleword(offset: number, value: bigint): void {
    this.#vcpu.core.complex.storage.setDoubleword(this.#at + offset, value);
  }
  finish(): void {
    this.#vcpu.core.complex.stored(this.#at, TABLE_BYTES);
  }
}

/** The address of the next instruction as a register or the DUCT gets it: bit 32 says 31-bit mode. */
function linkOf(vcpu: Vcpu, next: bigint): bigint {
  return next | (vcpu.num(slots.addressingMode) === 1 ? 0x8000_0000n : 0n);
}

function setLink(vcpu: Vcpu, r1: number, next: bigint): void {
  if (r1 === 0) return;
  if (vcpu.num(slots.addressingMode) === 3) vcpu.setGr(r1, next);
  else vcpu.setGrLow(r1, Number(linkOf(vcpu, next)));
}

/** Where a branch goes that may change between 24-bit and 31-bit mode, but neither to nor from 64-bit mode. */
function targetOf(
  vcpu: Vcpu,
  operand: bigint,
): { readonly mode: bigint; readonly address: bigint; readonly short: number } {
  if (vcpu.num(slots.addressingMode) === 3) return { mode: PSW.ea | PSW.ba, address: operand, short: 3 };
  if ((operand & 0x8000_0000n) !== 0n) return { mode: PSW.ba, address: operand & 0x7fff_ffffn, short: 1 };
  return { mode: 0n, address: operand & 0xff_ffffn, short: 0 };
}

// ---- BRANCH IN SUBSPACE GROUP

const toLastSubspace = 1;

function groupTrace(vcpu: Vcpu, alet: number, operand: bigint): TraceEntry | undefined {
  const { address, short } = targetOf(vcpu, operand);
  if (!traces.spaces(vcpu)) return traces.branches(vcpu) ? branchTrace(vcpu, short, address) : undefined;
  // The bit of the primary list stands beside the seven others of the sequence number.
  const high = ((alet >>> 17) & 0x80) | ((alet >>> 16) & 0x7f);
  const word = Number(operand & (short === 0 ? 0xff_ffffn : 0xffff_ffffn));
  return traceEntry(vcpu, traceBytes(short === 3 ? 0x42 : 0x41, high, alet & 0xffff, short === 3 ? operand : word));
}

/** The space that an ALET names; 0 the base space, 1 the subspace that was left last. */
function destination(vcpu: Vcpu, duct: Duct, alet: number, r2: number): AddressSpace {
  const base = duct.word(ducts.base) & ORIGIN;
  if (alet === 0) return spaceAt(vcpu, base);
  const refuse = (code: number): never => vcpu.raise(code, code === PGM.addressing ? {} : { exceptionAccessId: r2 });
  if (alet === toLastSubspace) {
    const origin = duct.word(ducts.subspace) & ORIGIN;
    if (origin === 0) vcpu.raise(PGM.specialOperation);
    const space = spaceAt(vcpu, origin);
    if (space.invalid) refuse(PGM.asteValidity);
    if (space.sequence !== duct.word(ducts.sequence)) refuse(PGM.asteSequence);
    return space;
  }
  const entry = accessListEntry(vcpu, vcpu.place, alet);
  if (!entry.ok) return refuse(entry.error);
  const space = spaceAt(vcpu, entry.value.aste);
  if (space.invalid) refuse(PGM.asteValidity);
  if (space.sequence !== entry.value.asteSequence) refuse(PGM.asteSequence);
  const isMember = (space.asce & SUBSPACE_GROUP) !== 0n && !space.isBase;
  if (space.origin !== base && !isMember) vcpu.raise(PGM.specialOperation);
  return space;
}

const branchInSubspaceGroup = helper(
  'branchInSubspaceGroup',
  {
    params: ['i32', 'i32', 'i64', 'i64'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, r1, r2, branch, following) => {
    requireSpace(vcpu);
    const operand = BigInt.asUintN(64, branch);
    const alet = r2 === 0 ? 0 : vcpu.ar(r2) >>> 0;
    const trace = groupTrace(vcpu, alet, operand);
    const duct = new Duct(vcpu);
    const base = duct.word(ducts.base) & ORIGIN;
    if ((vcpu.crLow(5) & ORIGIN) !== base) vcpu.raise(PGM.specialOperation);
    const space = destination(vcpu, duct, alet, r2);
    const toBase = space.origin === base && alet !== toLastSubspace;
    loadAsce(vcpu, 1, toBase ? space.asce : (vcpu.cr(1) & KEPT_IN_SUBSPACE) | (space.asce & ~KEPT_IN_SUBSPACE));
    setLink(vcpu, r1, BigInt.asUintN(64, following) & vcpu.amask);
    secondaryBecomesPrimary(vcpu);
    if (toBase) duct.setWord(ducts.subspace, duct.word(ducts.subspace) & ~SUBSPACE_ACTIVE);
    else if (alet === toLastSubspace) duct.setWord(ducts.subspace, duct.word(ducts.subspace) | SUBSPACE_ACTIVE);
    else {
      duct.setWord(ducts.subspace, SUBSPACE_ACTIVE | space.origin);
      duct.setWord(ducts.sequence, space.sequence);
    }
    duct.finish();
    makeTraceEntry(vcpu, trace);
    const { mode, address } = targetOf(vcpu, operand);
    vcpu.setBig(slots.bea, vcpu.ia);
    vcpu.setPsw({ mask: (vcpu.pswMask & ~(PSW.ea | PSW.ba)) | mode, address });
  },
);

// ---- BRANCH AND SET AUTHORITY

/** Words of the DUCT: PSW-key mask, key, reduced authority, problem state; and the address of the return. */
const authority = { state: 20, back: 32, reduced: 0x8, problem: 0x1 } as const;

const branchAndSetAuthority = helper(
  'branchAndSetAuthority',
  {
    params: ['i32', 'i32', 'i64', 'i64', 'i64'],
    result: undefined,
    effects: { fetches: true, stores: true, faults: true, ends: true },
  },
  (vcpu, r1, r2, first, branch, following) => {
    const duct = new Duct(vcpu);
    const reduced = (duct.word(authority.state) & authority.reduced) !== 0;
    // From the base authority a register says where to; back from the reduced one none must.
    if (reduced !== (r2 === 0)) vcpu.raise(PGM.specialOperation);
    const next = BigInt.asUintN(64, following) & vcpu.amask;
    if (reduced) restoreAuthority(vcpu, duct, r1, next);
    else reduceAuthority(vcpu, duct, { first, operand: BigInt.asUintN(64, branch), next });
  },
);

interface Reduction {
  readonly first: bigint;
  readonly operand: bigint;
  readonly next: bigint;
}

function reduceAuthority(vcpu: Vcpu, duct: Duct, { first, operand, next }: Reduction): void {
  const { mode, address, short } = targetOf(vcpu, operand);
  const trace = traces.branches(vcpu) ? branchTrace(vcpu, short, address) : undefined;
  const key = (first >> 4n) & 15n;
  const permitted = ((vcpu.crLow(3) << Number(key)) & 0x8000_0000) !== 0;
  if (vcpu.problemState && !permitted) vcpu.raise(PGM.privilegedOperation);
  requireAccessKey(vcpu, Number(key));
  const problem = vcpu.problemState ? authority.problem : 0;
  const keyMask = vcpu.cr(3) & MIDDLE;
  duct.setWord(authority.state, (Number(keyMask) | (vcpu.accessKey << 4) | authority.reduced | problem) >>> 0);
  duct.setDoubleword(authority.back, linkOf(vcpu, next));
  duct.finish();
  makeTraceEntry(vcpu, trace);
  vcpu.setCr(3, (vcpu.cr(3) & ~MIDDLE) | (keyMask & first));
  vcpu.setBig(slots.bea, vcpu.ia);
  const kept = vcpu.pswMask & ~(PSW.ea | PSW.ba | PSW.key);
  vcpu.setPsw({ mask: kept | mode | PSW.problem | (key << 52n), address });
}

function restoreAuthority(vcpu: Vcpu, duct: Duct, r1: number, next: bigint): void {
  const state = duct.word(authority.state);
  const back = duct.doubleword(authority.back);
  const wide = vcpu.num(slots.addressingMode) === 3;
  const is31 = (back & 0x8000_0000n) !== 0n;
  const address = wide ? back : back & 0x7fff_ffffn;
  const trace = traces.branches(vcpu) ? branchTrace(vcpu, wide ? 3 : is31 ? 1 : 0, address) : undefined;
  setLink(vcpu, r1, next);
  duct.setWord(authority.state, state & ~authority.reduced);
  duct.finish();
  makeTraceEntry(vcpu, trace);
  vcpu.setCr(3, (vcpu.cr(3) & ~MIDDLE) | (BigInt(state) & MIDDLE));
  vcpu.setBig(slots.bea, vcpu.ia);
  const mode = wide ? PSW.ea | PSW.ba : is31 ? PSW.ba : 0n;
  const kept = vcpu.pswMask & ~(PSW.ea | PSW.ba | PSW.key | PSW.problem);
  const problem = (state & authority.problem) !== 0 ? PSW.problem : 0n;
  const psw = { mask: kept | mode | problem | (BigInt((state >>> 4) & 15) << 52n), address };
  vcpu.setPsw(psw);
  if (!vcpu.accepts(psw)) vcpu.raiseForNewPsw(PGM.specification, 0);
}

/** Branches that change the subspace, or the authority. */
export const subspaceRows: readonly Row[] = [
  insn('BSG', { op: 0xb258, fmt: 'RRE', title: 'BRANCH IN SUBSPACE GROUP', facility: 'zarch' }, ($, f) =>
    $.callVoid(branchInSubspaceGroup, $.field(f.r1), $.field(f.r2), $.gr(f.r2), $.next()),
  ),
  insn('BSA', { op: 0xb25a, fmt: 'RRE', title: 'BRANCH AND SET AUTHORITY', facility: 'zarch' }, ($, f) =>
    $.callVoid(branchAndSetAuthority, $.field(f.r1), $.field(f.r2), $.gr(f.r1), $.gr(f.r2), $.next()),
  ),
];
