/** Power ISA, Books I to III-S, "Move To/From System Register Instructions". */

import type { I64, Slot } from '../../../../ir/node.ts';
import { setBescr } from '../../cpu/branch-events.ts';
import { decrementer, setDecrementer, timeBase } from '../../cpu/clock.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { counters, setCounter, setCounting, setMmcr0, settleCounters } from '../../cpu/performance-monitor.ts';
import { power8Sprs, type SprAccess, type SprRow, sprs } from '../../cpu/sprs.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form } from '../fields.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';
import { needsFacility } from './facility.ts';
import { problemStateWriters } from './monitor-spr.ts';

const FROM = 339;
const TO = 467;
const FROM_TIME = 371;
const rt = { rt: field.gr(6) };
const oneRegister = form(rt);
const anySpr = form({ ...rt, spr: field.spr() });

/** The opcode of an access to one register. */
function ofSpr(extended: number, number: number): Opcode {
  const { value, mask } = op.x(31, extended);
  return op.exactly(value | ((number & 31) << 16) | ((number >> 5) << 11), mask | 0x001f_f800);
}

const reader = (name: string, run: (vcpu: Vcpu) => bigint) =>
  helper(name, { params: [], result: 'i64', effects: { registers: { reads: [], writes: [] } } }, (vcpu) =>
    BigInt.asIntN(64, run(vcpu)),
  );

const counterReaders = counters.map((slot, i) =>
  reader(`PMC${i + 1}`, (vcpu) => {
    settleCounters(vcpu);
    return BigInt(vcpu.num(slot));
  }),
);

const readers: Readonly<Record<string, ReturnType<typeof reader>>> = {
  DEC: reader('decrementer', (vcpu) => BigInt(decrementer(vcpu))),
  TB: reader('time base', timeBase),
  'TBU 269': reader('time base upper', (vcpu) => timeBase(vcpu) >> 32n),
  PURR: reader('PURR', (vcpu) => vcpu.executed),
  SPURR: reader('SPURR', (vcpu) => vcpu.executed),
  IC: reader('instructions', (vcpu) => vcpu.executed),
  TIR: reader('thread', () => 0n),
  VTB: reader('virtual time base', timeBase),
  ...Object.fromEntries(counterReaders.flatMap((r, i) => [`PMC${i + 1}`, `UPMC${i + 1}`].map((name) => [name, r]))),
  PVR: helper('PVR', { params: [], result: 'i64', effects: { registers: { reads: [], writes: [] } } }, (_, core) =>
    BigInt(core.model.pvr),
  ),
};

const writer = (name: string, run: (vcpu: Vcpu, value: bigint) => void) =>
  helper(name, { params: ['i64'], result: undefined, effects: { ends: true } }, (vcpu, _core, value) =>
    run(vcpu, BigInt.asUintN(64, value)),
  );

/** The authority mask; in problem state only what UAMOR lets through changes. */
function setAmr(vcpu: Vcpu, value: bigint): void {
  const open = (vcpu.msrLow & MSR.pr) !== 0 ? vcpu.big(slots.uamor) : 0xffff_ffff_ffff_ffffn;
  vcpu.setBig(slots.amr, (vcpu.big(slots.amr) & ~open) | (value & open));
  vcpu.flushVirtual();
}

/** Sets or clears bits of BESCR, of one half of it. */
const changeBescr = (name: string, set: boolean, shift: bigint): ReturnType<typeof writer> =>
  writer(name, (vcpu, value) => {
    const bits = shift === 0n ? value : (value & 0xffff_ffffn) << shift;
    const before = vcpu.big(slots.bescr);
    setBescr(vcpu, set ? before | bits : before & ~bits);
  });

const writers: Readonly<Record<string, ReturnType<typeof writer>>> = {
  ...problemStateWriters,
  DEC: writer('set decrementer', (vcpu, value) => setDecrementer(vcpu, Number(BigInt.asIntN(32, value)))),
  AMR: writer('set AMR', setAmr),
  UAMR: writer('set UAMR', setAmr),
  BESCR: writer('set BESCR', setBescr),
  MMCR0: writer('set MMCR0', setMmcr0),
  MMCR1: writer('set MMCR1', (vcpu, value) => setCounting(vcpu, slots.mmcr1, value)),
  MMCR2: writer('set MMCR2', (vcpu, value) => setCounting(vcpu, slots.mmcr2, value)),
  CTRLT: writer('set CTRL', (vcpu, value) => setCounter(vcpu, slots.ctrl, value)),
  ...Object.fromEntries(
    counters.map((slot, i) => [
      `PMC${i + 1}`,
      writer(`set PMC${i + 1}`, (vcpu, value) => setCounter(vcpu, slot, value)),
    ]),
  ),
  BESCRS: changeBescr('BESCRS', true, 0n),
  BESCRSU: changeBescr('BESCRSU', true, 32n),
  BESCRR: changeBescr('BESCRR', false, 0n),
  BESCRRU: changeBescr('BESCRRU', false, 32n),
  ...Object.fromEntries([128, 129, 130, 131].map((n) => [`TM${n}`, writer(`set TM ${n}`, () => undefined)])),
};

function helperOf<T>(table: Readonly<Record<string, T>>, { name, number }: SprRow): T {
  const found = table[`${name} ${number}`] ?? table[name];
  if (found === undefined) throw new Error(`nobody can use ${name}`);
  return found;
}

/** Refuses who may not use the register. */
function checked($: Sem, access: SprAccess, facility: SprRow['facility']): boolean {
  if (facility !== undefined) needsFacility($, facility);
  if (access === 'supervisor') $.privileged();
  if (access === 'hypervisor') $.trap(trapCode.privileged);
  return access === 'user' || access === 'supervisor';
}

function read($: Sem, row: SprRow): I64 {
  const slot = row.slot ?? row.readSlot;
  if (slot === undefined) return $.call(helperOf(readers, row));
  if (isWord(slot)) return $.zext($.state(slot));
  if (isDoubleword(slot)) return $.state(slot);
  throw new Error(`${row.name} has an odd width`);
}

function write($: Sem, row: SprRow, value: I64): void {
  const { slot } = row;
  if (slot === undefined) $.callVoid(helperOf(writers, row), value);
  else if (isWord(slot)) $.setState(slot, $.wrap(value));
  else if (isDoubleword(slot)) $.setState(slot, value);
}

function isWord(slot: Slot): slot is Slot<'i32'> {
  return slot.ty === 'i32';
}
function isDoubleword(slot: Slot): slot is Slot<'i64'> {
  return slot.ty === 'i64';
}

function from(row: SprRow, extended: number, prefix: string): Row[] {
  if (row.read === 'nobody') return [];
  const ignores = row.read === 'hypervisor' ? ['rt'] : [];
  const spec = {
    op: ofSpr(extended, row.number),
    form: oneRegister,
    title: 'Move From Special Purpose Register',
    ignores,
  };
  return insn(`${prefix}${nameOf(row)}`, spec, ($, f) => {
    if (checked($, row.read, row.facility)) $.setGpr(f.rt, read($, row));
  });
}

function to(row: SprRow): Row[] {
  if (row.write === 'nobody') return [];
  const ignores = row.write === 'hypervisor' ? ['rt'] : [];
  const spec = { op: ofSpr(TO, row.number), form: oneRegister, title: 'Move To Special Purpose Register', ignores };
  return insn(`mt${nameOf(row)}`, spec, ($, f) => {
    if (checked($, row.write, row.facility)) write($, row, $.gpr(f.rt));
  });
}

// Two numbers may have one name.
function nameOf({ name, number }: SprRow): string {
  const first = sprs.find((s) => s.name === name);
  return first === undefined || first.number === number ? name.toLowerCase() : `${name.toLowerCase()}${number}`;
}

/**
 * A register that does not exist: privileged for problem state when its number says so, else an illegal instruction there; for
 * supervisor state nothing happens, but for a few numbers.
 */
const unknownSpr = helper(
  'unknown SPR',
  { params: ['i32', 'i32'], result: undefined, effects: { faults: true, ends: true } },
  (vcpu, core, number, write) => {
    const problem = (vcpu.msrLow & MSR.pr) !== 0;
    if ((number & 16) !== 0 && problem) vcpu.raise(trapCode.privileged & 0xfff, 0x4_0000);
    const illegal = problem || number === 0 || (write === 0 && [4, 5, 6].includes(number));
    if ((number & 16) === 0 && illegal) core.illegal(vcpu);
  },
);

const branchRegisters: readonly Row[] = [
  insn('mflr', { op: ofSpr(FROM, 8), form: oneRegister, title: 'Move From Special Purpose Register' }, ($, f) =>
    $.setGpr(f.rt, $.lr()),
  ),
  insn('mfctr', { op: ofSpr(FROM, 9), form: oneRegister, title: 'Move From Special Purpose Register' }, ($, f) =>
    $.setGpr(f.rt, $.ctr()),
  ),
  insn('mtlr', { op: ofSpr(TO, 8), form: oneRegister, title: 'Move To Special Purpose Register' }, ($, f) =>
    $.setLr($.gpr(f.rt)),
  ),
  insn('mtctr', { op: ofSpr(TO, 9), form: oneRegister, title: 'Move To Special Purpose Register' }, ($, f) =>
    $.setCtr($.gpr(f.rt)),
  ),
  insn('mfxer', { op: ofSpr(FROM, 1), form: oneRegister, title: 'Move From Special Purpose Register' }, ($, f) => {
    const flags = $.or($.or($.shl($.so(), 31), $.shl($.state(slots.ov), 30)), $.shl($.ca(), 29));
    $.setGpr(f.rt, $.zext($.or(flags, $.state(slots.byteCount))));
  }),
  insn('mtxer', { op: ofSpr(TO, 1), form: oneRegister, title: 'Move To Special Purpose Register' }, ($, f) => {
    const value = $.low(f.rt);
    $.setState(slots.so, $.shrU(value, 31));
    $.setState(slots.ov, $.and($.shrU(value, 30), 1));
    $.setState(slots.ca, $.and($.shrU(value, 29), 1));
    $.setState(slots.byteCount, $.and(value, 127));
  }),
].flat();

const someFields = form({ rt: field.gr(6), fxm: field.bits(12, 8) });

const conditionRegister: readonly Row[] = [
  insn('mtcrf', { op: op.x(31, 144), form: someFields, title: 'Move To Condition Register Fields' }, ($, f) => {
    const value = $.low(f.rt);
    for (let n = 0; n < 8; n++) {
      const chosen = $.and($.shrU($.field(f.fxm), 7 - n), 1);
      $.when(chosen, () => $.setCrN(n, $.and($.shrU(value, 28 - 4 * n), 15)));
    }
  }),
  insn(
    'mfcr',
    { op: op.exactly(0x7c00_0026, 0xfc10_07fe), form: oneRegister, title: 'Move From Condition Register' },
    ($, f) => {
      let all = $.crN(0);
      for (let n = 1; n < 8; n++) all = $.or($.shl(all, 4), $.crN(n));
      $.setGpr(f.rt, $.zext(all));
    },
  ),
  insn(
    'mfocrf',
    { op: op.exactly(0x7c10_0026, 0xfc10_07fe), form: someFields, title: 'Move From One Condition Register Field' },
    ($, f) => {
      let all = $.i32(0);
      for (let n = 0; n < 8; n++) {
        const chosen = $.and($.shrU($.field(f.fxm), 7 - n), 1);
        all = $.or(all, $.select(chosen, $.shl($.crN(n), 28 - 4 * n), $.i32(0)));
      }
      $.setGpr(f.rt, $.zext(all));
    },
  ),
].flat();

/** The instructions. */
export const sprInstructions: readonly Row[] = [
  ...branchRegisters,
  ...sprs.flatMap((row) => from(row, FROM, 'mf')),
  ...sprs.filter(({ number }) => number === 268 || number === 269).flatMap((row) => from(row, FROM_TIME, 'mftb.')),
  ...sprs.flatMap(to),
  ...insn(
    'mfspr',
    { op: op.x(31, FROM), form: anySpr, title: 'Move From Special Purpose Register', ignores: ['rt'] },
    ($, f) => $.callVoid(unknownSpr, $.field(f.spr), 0),
  ),
  ...insn(
    'mtspr',
    { op: op.x(31, TO), form: anySpr, title: 'Move To Special Purpose Register', ignores: ['rt'] },
    ($, f) => $.callVoid(unknownSpr, $.field(f.spr), 1),
  ),
  ...conditionRegister,
];

/** Those of registers that POWER8 has besides. */
export const power8SprInstructions: readonly Row[] = [
  ...power8Sprs.flatMap((row) => from(row, FROM, 'mf')),
  ...power8Sprs.flatMap(to),
];
