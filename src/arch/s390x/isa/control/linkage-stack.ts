/** PoP, "Linkage-Stack Operations": entries in the home space, found by control register 15. */

import { CR0 } from '../../cpu/control-register-bits.ts';
import { PGM } from '../../cpu/interruption-codes.ts';
import { addressSpaceControl, isValidPsw, PSW, PSW_HIGH } from '../../cpu/psw.ts';
import { slots, ZERO_REGISTER } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { helper } from '../helper.ts';
import { insn, type Row } from '../row.ts';

/** The stack is reached with 64-bit addresses, whatever the mode, and past the storage keys. */
const path = { space: 'home', ar: ZERO_REGISTER, key: 0 } as const;

function place(vcpu: Vcpu, address: bigint, kind: 'fetch' | 'store'): number {
  const a = BigInt.asUintN(64, address);
  return vcpu.core.access.require(vcpu, Number(a >> 32n), Number(a & 0xffff_ffffn), kind, path);
}

/** The doubleword at a multiple of 8. */
function fetch(vcpu: Vcpu, address: bigint): bigint {
  return vcpu.core.complex.storage.doubleword(place(vcpu, address, 'fetch'));
}

function store(vcpu: Vcpu, address: bigint, value: bigint): void {
  const at = place(vcpu, address, 'store');
  const a = BigInt.asUintN(64, address);
  vcpu.core.complex.storage.setDoubleword(at, BigInt.asUintN(64, value));
  vcpu.core.access.recorder?.accessed(vcpu, Number(a >> 32n), Number(a & 0xffff_ffffn), 8, 'store');
  vcpu.core.complex.stored(at, 8);
}

/** Bits 0-60 of control register 15 and of the addresses in headers and trailers; in those the last bit says that there is one. */
const ADDRESS = ~7n;
const VALID = 1n;

/** The types of entries. */
const type = { header: 0x09, branch: 0x0c, call: 0x0d } as const;
/** Bytes of a state entry, the descriptor at its end included. */
const STATE_BYTES = 296n;
/** Places in a state entry. */
const at = {
  keyMask: 128n,
  psw: 136n,
  branch: 144n,
  modifiable: 152n,
  zeros: 160n,
  address: 168n,
  instances: 176n,
  accessRegisters: 224n,
  descriptor: 288n,
} as const;

/** An entry descriptor, and where it stands. */
interface Entry {
  readonly address: bigint;
  readonly word: bigint;
}
const entryAt = (vcpu: Vcpu, address: bigint): Entry => ({ address, word: fetch(vcpu, address) });
const typeOf = ({ word }: Entry): number => Number((word >> 56n) & 0x7fn);
/** Unstacking is suppressed. */
const isKept = ({ word }: Entry): boolean => word >> 63n !== 0n;
/** Bytes between the entry and the trailer of its section. */
const freeBytes = ({ word }: Entry): bigint => (word >> 32n) & 0xffffn;
const withNextSize = ({ word }: Entry, size: bigint): bigint => (word & ~0xffff_0000n) | (size << 16n);

function current(vcpu: Vcpu): Entry {
  return entryAt(vcpu, vcpu.cr(15) & ADDRESS);
}

function reuses(vcpu: Vcpu): boolean {
  return vcpu.core.has('asn-and-lx-reuse') && (vcpu.crLow(0) & CR0.asnAndLxReuse) !== 0;
}

/** The entry behind which there is space, and the old one if that is in another section. */
function entryWithSpace(vcpu: Vcpu): { readonly entry: Entry; readonly before: bigint | undefined } {
  const entry = current(vcpu);
  const free = freeBytes(entry);
  if (free >= STATE_BYTES) return { entry, before: undefined };
  if ((free & 7n) !== 0n) vcpu.raise(PGM.stackSpecification);
  const forward = fetch(vcpu, entry.address + 8n + free);
  if ((forward & VALID) === 0n) vcpu.raise(PGM.stackFull);
  const next = entryAt(vcpu, forward & ADDRESS);
  if (freeBytes(next) < STATE_BYTES) vcpu.raise(PGM.stackSpecification);
  return { entry: next, before: entry.address };
}

/** What a state entry holds behind the registers, and differs with its kind. */
interface State {
  readonly type: number;
  /** PSW of the return. */
  readonly mask: bigint;
  readonly address: bigint;
  readonly branch: bigint;
}

/** The stacking process. */
function formEntry(vcpu: Vcpu, state: State): void {
  const { entry, before } = entryWithSpace(vcpu);
  const start = entry.address + 8n;
  // Everything is looked at before anything is stored: the exceptions nullify.
  if (before !== undefined) place(vcpu, entry.address - 8n, 'store');
  place(vcpu, entry.address, 'store');
  place(vcpu, start, 'store');
  place(vcpu, start + at.descriptor, 'store');
  if (before !== undefined) store(vcpu, entry.address - 8n, before | VALID);
  for (let r = 0; r < 16; r++) store(vcpu, start + BigInt(8 * r), vcpu.gr(r));
  const ids = ((vcpu.cr(3) & 0xffff_ffffn) << 32n) | (vcpu.cr(8) & 0xffff_0000n) | (vcpu.cr(4) & 0xffffn);
  store(vcpu, start + at.keyMask, ids);
  store(vcpu, start + at.psw, state.mask);
  store(vcpu, start + at.branch, state.branch);
  store(vcpu, start + at.modifiable, 0n);
  store(vcpu, start + at.zeros, 0n);
  store(vcpu, start + at.address, state.address);
  if (reuses(vcpu)) store(vcpu, start + at.instances, ((vcpu.cr(3) >> 32n) << 32n) | (vcpu.cr(4) >> 32n));
  for (let r = 0; r < 16; r += 2) {
    const pair = (BigInt(vcpu.ar(r) >>> 0) << 32n) | BigInt(vcpu.ar(r + 1) >>> 0);
    store(vcpu, start + at.accessRegisters + BigInt(4 * r), pair);
  }
  const section = entry.word & 0x00ff_0000_0000_0000n;
  const free = (freeBytes(entry) - STATE_BYTES) << 32n;
  store(vcpu, start + at.descriptor, (BigInt(state.type) << 56n) | section | free);
  store(vcpu, entry.address, withNextSize(entry, STATE_BYTES));
  vcpu.setCr(15, start + at.descriptor);
}

/** Special-operation exception with DAT off, and in the modes that are not for it. */
function requireSpace(vcpu: Vcpu, ...refused: readonly number[]): void {
  const allowed = (vcpu.pswHigh & PSW_HIGH.dat) !== 0 && !refused.includes(vcpu.addressSpace);
  if (!allowed) vcpu.raise(PGM.specialOperation);
}

/** Of instructions that read or change the last entry. */
function requireStack(vcpu: Vcpu): void {
  requireSpace(vcpu, addressSpaceControl.secondary);
}

/** The last state entry; the one before a header, where that is the current one. */
function stateEntry(vcpu: Vcpu, unstacks: boolean): Entry {
  let entry = current(vcpu);
  if (typeOf(entry) === type.header) {
    if (unstacks && isKept(entry)) vcpu.raise(PGM.stackOperation);
    const backward = fetch(vcpu, entry.address - 8n);
    if ((backward & VALID) === 0n) vcpu.raise(PGM.stackEmpty);
    entry = entryAt(vcpu, backward & ADDRESS);
    if (typeOf(entry) === type.header) vcpu.raise(PGM.stackSpecification);
  }
  if (typeOf(entry) !== type.branch && typeOf(entry) !== type.call) vcpu.raise(PGM.stackType);
  if (unstacks && isKept(entry)) vcpu.raise(PGM.stackOperation);
  return entry;
}
const startOf = ({ address }: Entry): bigint => address - at.descriptor;

/** Registers from the first to the last one, which may lie before it. */
function registersBetween(first: number, last: number): readonly number[] {
  return Array.from({ length: ((last - first) & 15) + 1 }, (_, i) => (first + i) & 15);
}

function loadRegisters(vcpu: Vcpu, entry: Entry, numbers: readonly number[], whole: boolean): void {
  const start = startOf(entry);
  const found = numbers.map((r) => ({
    r,
    general: fetch(vcpu, start + BigInt(8 * r)),
    pair: fetch(vcpu, start + at.accessRegisters + BigInt(4 * (r & ~1))),
  }));
  for (const { r, general, pair } of found) {
    if (whole) vcpu.setGr(r, general);
    else vcpu.setGrLow(r, Number(general & 0xffff_ffffn));
    vcpu.setAr(r, Number((r & 1) === 0 ? pair >> 32n : pair & 0xffff_ffffn));
  }
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
    requireSpace(vcpu, addressSpaceControl.secondary, addressSpaceControl.home);
    const mode = vcpu.pswMask & MODE;
    const behind = { mode, address: BigInt.asUintN(64, next) & vcpu.amask };
    const back = r1 === 0 ? behind : returnOf(vcpu.gr(r1));
    const target = (r2 === 0 ? BigInt.asUintN(64, next) : vcpu.gr(r2)) & vcpu.amask;
    const marked = (mode & PSW.ea) !== 0n ? 1n : mode !== 0n ? 0x8000_0000n : 0n;
    const mask = (vcpu.pswMask & ~MODE) | back.mode;
    formEntry(vcpu, { type: type.branch, mask, address: back.address, branch: target | marked });
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
    vcpu.cc = typeOf(entry) === type.call ? 1 : 0;
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

/** Control registers that PROGRAM RETURN takes from the entry of a program call. */
interface Spaces {
  readonly cr3: bigint;
  readonly cr4: bigint;
  readonly cr8: bigint;
}

const HIGH = 0xffff_ffff_0000_0000n;

/** Those of an entry. ASN translation is nobody's need so far: of another space the machine stops by name. */
function spacesOf(vcpu: Vcpu, start: bigint): Spaces {
  const ids = fetch(vcpu, start + at.keyMask);
  const instances = reuses(vcpu) ? fetch(vcpu, start + at.instances) : undefined;
  const [secondary, primary] = [(ids >> 32n) & 0xffffn, ids & 0xffffn];
  const cr3 = (instances === undefined ? vcpu.cr(3) & HIGH : instances & HIGH) | (ids >> 32n);
  const cr4 = (instances === undefined ? vcpu.cr(4) & HIGH : instances << 32n) | (vcpu.cr(4) & 0xffff_0000n) | primary;
  const another = primary !== (vcpu.cr(4) & 0xffffn) || secondary !== primary;
  if (another) vcpu.leave({ kind: 'unimplemented', mnemonic: 'PR' }, 0);
  return { cr3, cr4: BigInt.asUintN(64, cr4), cr8: (vcpu.cr(8) & ~0xffff_0000n) | (ids & 0xffff_0000n) };
}

const programReturn = helper(
  'programReturn',
  { params: [], result: undefined, effects: { fetches: true, stores: true, faults: true, ends: true } },
  (vcpu) => {
    requireSpace(vcpu, addressSpaceControl.secondary, addressSpaceControl.home);
    const entry = stateEntry(vcpu, true);
    const start = startOf(entry);
    const psw = { mask: fetch(vcpu, start + at.psw), address: fetch(vcpu, start + at.address) };
    const spaces = typeOf(entry) === type.call ? spacesOf(vcpu, start) : undefined;
    const before = entryAt(vcpu, entry.address - STATE_BYTES);
    place(vcpu, before.address, 'store');
    loadRegisters(vcpu, entry, registersBetween(2, 14), true);
    store(vcpu, before.address, withNextSize(before, 0n));
    vcpu.setCr(15, before.address);
    if (spaces !== undefined) {
      vcpu.setCr(3, spaces.cr3);
      vcpu.setCr(4, spaces.cr4);
      vcpu.setCr(8, spaces.cr8);
      vcpu.setCr(7, vcpu.cr(1));
    }
    const recording = vcpu.pswMask & PSW.per;
    const next = { mask: (psw.mask & ~PSW.per) | recording, address: psw.address };
    vcpu.setPsw(next);
    if (!isValidPsw(next)) vcpu.raiseForNewPsw(PGM.specification, 0);
  },
);

/** Entries are made, read, changed and taken away. */
export const linkageStackRows: readonly Row[] = [
  insn('BAKR', { op: 0xb240, fmt: 'RRE', title: 'BRANCH AND STACK', facility: 'zarch' }, ($, f) => {
    const target = $.call(branchAndStack, $.field(f.r1), $.field(f.r2), $.next());
    $.when($.ne($.field(f.r2), 0), () => $.branchTo(target));
  }),
  insn('PR', { op: 0x0101, fmt: 'E', title: 'PROGRAM RETURN', facility: 'zarch' }, ($) => {
    $.setState(slots.bea, $.ia());
    $.callVoid(programReturn);
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
