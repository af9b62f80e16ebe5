/** PoP, "Control Instructions": PROGRAM CALL. */

import { spaceChosen } from '../../cpu/events.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, PSW } from '../../cpu/psw.ts';
import { slots } from '../../cpu/state-layout.ts';
import { requireAccessKey } from '../../cpu/storage-keys.ts';
import {
  isWord,
  makeTraceEntry,
  modeTrace,
  type TraceEntry,
  traceBytes,
  traceEntry,
  traces,
} from '../../cpu/trace-table.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import type { AddressSpace } from '../../dat/asn.ts';
import { RealTables } from '../../dat/real-tables.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';
import {
  asceOfSpace,
  enterPrimary,
  MIDDLE,
  NUMBER,
  ofOtherSpaces,
  raiseSpaceSwitch,
  requireAsnTranslation,
  requireSpace,
  reuses,
  secondaryBecomesPrimary,
  spaceAt,
  wantsEvent,
} from './spaces.ts';
import { formCallEntry } from './stack-entry.ts';

const INVALID = 0x8000_0000;
const ADDRESS = 0x7fff_ffff;

/** A PC number as the operand address has it: 20 bits, or with reuse 32 of which one says that they are. */
interface CallNumber {
  /** What interruptions and trace entries tell. */
  readonly told: number;
  /** Indexes, one behind the other. */
  readonly number: number;
  /** Of 31 bits. */
  readonly long: boolean;
}
const LONG = 0x8_0000;

function callNumber(vcpu: Vcpu, operand: number): CallNumber {
  if (!reuses(vcpu)) return { told: operand & 0xf_ffff, number: operand & 0xf_ffff, long: false };
  const short = operand & 0x7_ffff;
  if ((operand & LONG) === 0) return { told: short, number: short, long: false };
  return { told: operand >>> 0, number: ((operand & 0xfff0_0000) >>> 1) | short, long: true };
}

/** Tables that a call goes through, and what its exceptions tell. */
class CallTables {
  readonly #vcpu: Vcpu;
  readonly #tables: RealTables;
  readonly #pc: CallNumber;

  constructor(vcpu: Vcpu, pc: CallNumber) {
    this.#vcpu = vcpu;
    this.#tables = new RealTables(vcpu.place, vcpu.prefix);
    this.#pc = pc;
  }

  /** The word at a real address. */
  word(address: number): number {
    return this.#tables.word(address & ADDRESS) ?? this.#vcpu.raise(PGM.addressing);
  }
  #refuse(code: number): never {
    return this.#vcpu.raise(code, { teid: BigInt(this.#pc.told) });
  }

  /** Origin and length of the entry table, as one word, by the linkage table of a designation. */
  entryTable(designation: number): number {
    const { number } = this.#pc;
    if (reuses(this.#vcpu)) return this.#byTwoTables(designation);
    if ((designation & 0x7f) < number >>> 13) this.#refuse(PGM.lxTranslation);
    const entry = this.word((designation & 0x7fff_ff80) + ((number >>> 8) << 2));
    return (entry & INVALID) !== 0 ? this.#refuse(PGM.lxTranslation) : entry;
  }

  #byTwoTables(designation: number): number {
    const { number, long } = this.#pc;
    if (long && (designation & 0xff) < number >>> 19) this.#refuse(PGM.lfxTranslation);
    const first = this.word((designation & 0x7fff_ff00) + ((number >>> 13) << 2));
    if ((first & INVALID) !== 0) this.#refuse(PGM.lfxTranslation);
    const at = (first & 0x7fff_ff00) + (((number >>> 8) & 31) << 3);
    const [entry, sequence] = [this.word(at), this.word(at + 4)];
    if ((entry & INVALID) !== 0) this.#refuse(PGM.lsxTranslation);
    if (sequence !== 0 && BigInt(sequence) !== this.#vcpu.gr(15) >> 32n) this.#refuse(PGM.lsteSequence);
    return entry;
  }

  /** The words of the entry. */
  entry(table: number): CallEntry {
    const index = this.#pc.number & 0xff;
    if ((table & 0x3f) < index >>> 2) this.#refuse(PGM.exTranslation);
    const at = (table & 0x7fff_ffc0) + (index << 5);
    return new CallEntry(Array.from({ length: 8 }, (_, i) => this.word(at + 4 * i)));
  }
}

/** An entry-table entry. */
class CallEntry {
  readonly #words: readonly number[];

  constructor(words: readonly number[]) {
    this.#words = words;
  }
  word(n: number): number {
    return this.#words[n] ?? 0;
  }
  #flag(mask: number): boolean {
    return (this.word(4) & mask) !== 0;
  }
  get stacks(): boolean {
    return this.#flag(0x8000_0000);
  }
  get to64Bits(): boolean {
    return this.#flag(0x4000_0000);
  }
  get setsKey(): boolean {
    return this.#flag(0x1000_0000);
  }
  get replacesKeyMask(): boolean {
    return this.#flag(0x0800_0000);
  }
  get setsAuthority(): boolean {
    return this.#flag(0x0400_0000);
  }
  get usesAccessRegisters(): boolean {
    return this.#flag(0x0200_0000);
  }
  /** The new primary space becomes the secondary one, too. */
  get entersBoth(): boolean {
    return this.#flag(0x0100_0000);
  }
  get key(): bigint {
    return BigInt((this.word(4) >>> 20) & 15);
  }
  get authority(): bigint {
    return BigInt(this.word(4) & 0xffff);
  }
  get callers(): number {
    return this.word(2) >>> 16;
  }
  get asn(): number {
    return this.word(2) & 0xffff;
  }
  get keyMask(): bigint {
    return BigInt(this.word(3)) & MIDDLE;
  }
  get space(): number {
    return this.word(5) & 0x7fff_ffc0;
  }
  get parameter(): bigint {
    return (BigInt(this.word(6)) << 32n) | BigInt(this.word(7));
  }
  /** Addressing mode and instruction address of the called program, as bits of a PSW. */
  get target(): { readonly mode: bigint; readonly address: bigint } {
    const word = this.word(1);
    if (this.to64Bits)
      return { mode: PSW.ea | PSW.ba, address: (BigInt(this.word(0)) << 32n) | BigInt((word & ~1) >>> 0) };
    return { mode: (word & INVALID) !== 0 ? PSW.ba : 0n, address: BigInt(word & 0x7fff_fffe) };
  }
  get isProblem(): boolean {
    return (this.word(1) & 1) !== 0;
  }
}

/** The caller's address in its mode's form: bit 32 says 31 bits. */
function returnWord(vcpu: Vcpu, next: bigint): bigint {
  return next | (vcpu.num(slots.addressingMode) === 1 ? 0x8000_0000n : 0n);
}

function callTrace(vcpu: Vcpu, { told, long }: CallNumber, next: bigint): TraceEntry {
  const key = vcpu.accessKey << 4;
  const back = returnWord(vcpu, next) | (vcpu.problemState ? 1n : 0n);
  const wide = vcpu.num(slots.addressingMode) === 3;
  if (!long) {
    const high = key | (told >>> 16);
    return traceEntry(
      vcpu,
      wide ? traceBytes(0x22, high, told & 0xffff, back) : traceBytes(0x21, high, told & 0xffff, Number(back)),
    );
  }
  if (!wide) return traceEntry(vcpu, traceBytes(0x22, key | 0x8, 0, Number(back), told));
  if (isWord(next)) return traceEntry(vcpu, traceBytes(0x22, key | 0xb, 0, Number(back), told));
  return traceEntry(vcpu, traceBytes(0x23, key | 0xf, 0, back, told));
}

// What a caller must not do is found out before anything is looked up in its name.
function requireCallable(vcpu: Vcpu, entry: CallEntry): void {
  if (!entry.stacks) {
    if (vcpu.addressSpace === addressSpaceControl.accessRegister) vcpu.raise(PGM.specialOperation);
    if (entry.to64Bits !== (vcpu.num(slots.addressingMode) === 3)) vcpu.raise(PGM.specialOperation);
  }
  const { mode, address } = entry.target;
  if (mode === 0n && address > 0xff_ffffn) vcpu.raise(PGM.pcTranslationSpecification);
  if (vcpu.problemState && ((vcpu.crLow(3) >>> 16) & entry.callers) === 0) vcpu.raise(PGM.privilegedOperation);
}

/** The space that is called, and its ASCE. */
interface CalledSpace {
  readonly space: AddressSpace;
  readonly asce: bigint;
}

function calledSpace(vcpu: Vcpu, entry: CallEntry): CalledSpace | undefined {
  if (entry.asn === 0) return undefined;
  requireAsnTranslation(vcpu);
  const space = spaceAt(vcpu, entry.space);
  if (space.invalid) vcpu.raise(PGM.asxTranslation, { teid: BigInt(entry.asn) });
  return { space, asce: asceOfSpace(vcpu, space) };
}

const programCall = helper(
  'programCall',
  { params: ['i32', 'i64'], result: undefined, effects: { fetches: true, stores: true, faults: true, ends: true } },
  (vcpu, operand, following) => {
    const next = BigInt.asUintN(64, following) & vcpu.amask;
    const pc = callNumber(vcpu, operand);
    requireSpace(vcpu, ...ofOtherSpaces);
    const tables = new CallTables(vcpu, pc);
    const designation = tables.word((vcpu.crLow(5) & 0x7fff_ffc0) + 24);
    if ((designation & INVALID) === 0) vcpu.raise(PGM.specialOperation);
    const trace = traces.spaces(vcpu) ? callTrace(vcpu, pc, next) : undefined;
    const entry = tables.entry(tables.entryTable(designation));
    requireCallable(vcpu, entry);
    if (entry.stacks && entry.setsKey) requireAccessKey(vcpu, Number(entry.key));
    const called = calledSpace(vcpu, entry);
    const { ilc } = vcpu;
    const from = { asce: vcpu.cr(1), asn: vcpu.cr(4) & NUMBER };
    if (entry.stacks) stack(vcpu, { entry, called, pc, next, trace });
    else link(vcpu, entry, { next, trace });
    switchSpaces(vcpu, entry, called);
    enter(vcpu, entry);
    if (called !== undefined && wantsEvent(from.asce, called.asce)) raiseSpaceSwitch(vcpu, from, ilc);
  },
);

interface Linking {
  readonly next: bigint;
  readonly trace: TraceEntry | undefined;
}

// The basic form keeps what it takes to return in general registers 3 and 14.
function link(vcpu: Vcpu, entry: CallEntry, { next, trace }: Linking): void {
  makeTraceEntry(vcpu, trace);
  const wide = vcpu.num(slots.addressingMode) === 3;
  const back = returnWord(vcpu, next) | (vcpu.problemState ? 1n : 0n);
  if (wide) vcpu.setGr(14, back);
  else vcpu.setGrLow(14, Number(back));
  const ids = (vcpu.cr(3) & MIDDLE) | (vcpu.cr(4) & NUMBER);
  if (reuses(vcpu)) vcpu.setGr(3, ((vcpu.cr(4) >> 32n) << 32n) | ids);
  else vcpu.setGrLow(3, Number(ids));
  vcpu.setCr(3, vcpu.cr(3) | entry.keyMask);
}

interface Stacking extends Linking {
  readonly entry: CallEntry;
  readonly called: CalledSpace | undefined;
  readonly pc: CallNumber;
}

// The stacking form keeps it in the linkage stack, and may change keys, authority and mode.
function stack(vcpu: Vcpu, { entry, called, pc, next, trace }: Stacking): void {
  const changesMode = entry.to64Bits !== (vcpu.num(slots.addressingMode) === 3);
  const mode = changesMode && traces.modes(vcpu) ? modeTrace(vcpu, next, trace) : undefined;
  const instance = called === undefined ? 0 : reuses(vcpu) ? called.space.instance : called.space.sequence;
  const identification = ((entry.asn << 16) | (instance & 0xffff)) >>> 0;
  const number = (pc.number | (entry.to64Bits ? INVALID : 0)) >>> 0;
  formCallEntry(vcpu, next, (BigInt(entry.asn === 0 ? 0 : identification) << 32n) | BigInt(number));
  makeTraceEntry(vcpu, trace);
  makeTraceEntry(vcpu, mode);
  const cr3 = vcpu.cr(3);
  vcpu.setCr(3, (entry.replacesKeyMask ? cr3 & ~MIDDLE : cr3) | entry.keyMask);
  if (entry.setsAuthority) vcpu.setCr(8, (vcpu.cr(8) & ~MIDDLE) | (entry.authority << 16n));
}

// The caller's space is the secondary one, unless the entry wants the called one to be both.
function switchSpaces(vcpu: Vcpu, entry: CallEntry, called: CalledSpace | undefined): void {
  secondaryBecomesPrimary(vcpu);
  if (called === undefined) return;
  enterPrimary(vcpu, called.space, entry.asn, called.asce);
  if (entry.stacks && entry.entersBoth) secondaryBecomesPrimary(vcpu);
}

// Parameter, PSW, and where the branch came from.
function enter(vcpu: Vcpu, entry: CallEntry): void {
  const { mode, address } = entry.target;
  if (entry.to64Bits) vcpu.setGr(4, entry.parameter);
  else vcpu.setGrLow(4, Number(entry.parameter & 0xffff_ffffn));
  let mask = (vcpu.pswMask & ~(PSW.ea | PSW.ba | PSW.problem)) | mode;
  if (entry.isProblem) mask |= PSW.problem;
  if (entry.stacks) {
    if (entry.setsKey) mask = (mask & ~PSW.key) | (entry.key << 52n);
    mask &= ~PSW.addressSpace;
    if (entry.usesAccessRegisters) mask |= BigInt(addressSpaceControl.accessRegister) << 46n;
  }
  vcpu.setBig(slots.bea, vcpu.ia);
  const before = vcpu.addressSpace;
  vcpu.setPsw({ mask, address });
  if (vcpu.addressSpace !== before) spaceChosen(vcpu);
}

/** PROGRAM CALL, basic and stacking, to the current primary space and with a space switch. */
export const programCallRows: readonly Row[] = [
  insn('PC', { op: 0xb218, fmt: 'S', title: 'PROGRAM CALL', facility: 'zarch' }, ($, f) =>
    $.callVoid(programCall, $.wrap($.address2(f).at), $.next()),
  ),
];
