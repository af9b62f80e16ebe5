/** Power ISA, Book III-S: "System Linkage", "Processor Control" and "SLB Management Instructions". */

import type { I32 } from '../../../../ir/node.ts';
import { engineState } from '../../../../machine/layout.ts';
import { tellSegment } from '../../cpu/events.ts';
import { noteReturn } from '../../cpu/held-decrementer.ts';
import { trapCode } from '../../cpu/interruptions.ts';
import { MSR } from '../../cpu/msr.ts';
import { slots } from '../../cpu/state-layout.ts';
import type { Vcpu } from '../../cpu/vcpu.ts';
import { field, form, forms } from '../fields.ts';
import { interruptIfMet } from '../float/fpscr.ts';
import { helper } from '../helper.ts';
import { insn, type Opcode, op, type Row } from '../row.ts';
import type { Sem } from '../sem.ts';

const { asUintN } = BigInt;
const call = { params: ['i32'], result: undefined, effects: { ends: true } } as const;
const words = { params: ['i32', 'i32'], result: undefined, effects: { ends: true } } as const;
const value = { params: ['i64'], result: undefined, effects: { ends: true } } as const;
const nothing = { params: [], result: undefined, effects: { ends: true } } as const;

const systemCall = helper('system call', call, (vcpu, _core, level) => vcpu.systemCall(level));

/** Power ISA, "Return From Interrupt Doubleword": problem state has interruptions and translation on. */
const returnFromInterrupt = helper('rfid', nothing, (vcpu) => {
  const [high, low] = [vcpu.highOf(slots.srr0), vcpu.num(slots.srr0)];
  vcpu.loadMsr(vcpu.highOf(slots.srr1), kept(vcpu, withProblem(vcpu.num(slots.srr1)), MSR.me));
  vcpu.setWords(engineState.pc, high, low & ~3);
  noteReturn(vcpu);
  interruptIfMet(vcpu, vcpu.pc);
});

/** Bits that MTMSR and MTMSRD leave alone. */
const KEPT = MSR.me | MSR.le;

/** Problem state has interruptions and translation on. */
function withProblem(low: number): number {
  return (low & MSR.pr) !== 0 ? low | MSR.ee | MSR.ir | MSR.dr : low;
}
/** A lower word in which some bits are as they are in the MSR. */
function kept(vcpu: Vcpu, low: number, bits: number): number {
  return (low & ~bits) | (vcpu.msrLow & bits);
}
const setMsr = helper('set MSR', words, (vcpu, _core, high, low) => {
  vcpu.loadMsr(high, kept(vcpu, withProblem(low), KEPT));
  interruptIfMet(vcpu, vcpu.ia + 4n);
});
const setMsrLow = helper('set MSR low', call, (vcpu, _core, low) => {
  vcpu.loadMsr(vcpu.highOf(slots.msr), kept(vcpu, withProblem(low), KEPT));
  interruptIfMet(vcpu, vcpu.ia + 4n);
});
const setMsrAsItIs = helper('set MSR as it is', call, (vcpu, _core, low) => vcpu.loadMsr(vcpu.highOf(slots.msr), low));

/**
 * L = 1: EE and RI alone, and nothing else is looked at. Kernels do little else than open and close EE: that stays in generated code
 * unless something waits for it to open, or instructions are traced.
 */
function setInterruptible($: Sem, given: I32): void {
  const bits = MSR.ee | MSR.ri;
  const before = $.msr();
  const after = $.or($.and(before, ~bits), $.and(given, bits));
  const opened = $.and($.and(after, $.xor(before, after)), MSR.ee);
  const look = $.or($.and(before, MSR.se | MSR.be), $.select(opened, $.state(slots.pending), 0));
  $.when(
    look,
    () => $.callVoid(setMsrAsItIs, after),
    () => $.setState(slots.msrLow, after),
  );
}

function drop(vcpu: Vcpu, entry: number): void {
  vcpu.slb.drop(entry);
  if (vcpu.events !== undefined) tellSegment(vcpu, 'dropped', entry, vcpu.slb.rb(entry));
}

const slb = { params: ['i64', 'i64'], result: undefined, effects: { ends: true } } as const;
const moveToSlb = helper('slbmte', slb, (vcpu, _core, rs, rb) => {
  const entry = Number(asUintN(12, rb)) % vcpu.slb.size;
  if (vcpu.slb.set(entry, asUintN(64, rb), asUintN(64, rs))) vcpu.flushVirtual();
  if (vcpu.events !== undefined) tellSegment(vcpu, 'set', entry, asUintN(64, rb));
});
const invalidateEntry = helper('slbie', value, (vcpu, _core, rb) => {
  const [high, low] = [Number(asUintN(32, rb >> 32n)), Number(asUintN(32, rb))];
  const entry = vcpu.slb.find(high, low);
  if (entry >= 0) drop(vcpu, entry);
  vcpu.flushVirtual();
});
const invalidateAll = helper('slbia', nothing, (vcpu) => {
  for (let n = 1; n < vcpu.slb.size; n++) if (vcpu.slb.isValid(n)) drop(vcpu, n);
  vcpu.flushVirtual();
});
const number = { params: ['i64'], result: 'i64', effects: { registers: { reads: [], writes: [] } } } as const;
const entryOf = (rb: bigint): number => Number(asUintN(12, rb));
const readEsid = helper('slbmfee', number, (vcpu, _core, rb) => {
  const n = entryOf(rb);
  return n < vcpu.slb.size && vcpu.slb.isValid(n) ? BigInt.asIntN(64, vcpu.slb.rb(n)) : 0n;
});
const readVsid = helper('slbmfev', number, (vcpu, _core, rb) => {
  const n = entryOf(rb);
  return n < vcpu.slb.size && vcpu.slb.isValid(n) ? BigInt.asIntN(64, vcpu.slb.rs(n)) : 0n;
});
/** The number of the entry for an address, -1 for none. */
const findEntry = helper('slb find', { ...number, result: 'i32' }, (vcpu, _core, rb) =>
  vcpu.slb.find(Number(asUintN(32, rb >> 32n)), Number(asUintN(32, rb))),
);

const oneRegister = form({ rs: field.gr(6) });
const toMsr = (extended: number, l: number): Opcode => {
  const { value: word, mask } = op.x(31, extended);
  return op.exactly(word | (l << 16), mask | 0x0001_0000);
};
const twoRegisters = form({ rt: field.gr(6), rb: field.gr(16) });

/** Belongs to the hypervisor: a guest may not use it. */
const hypervisors = (
  [
    ['hrfid', op.x(19, 274), 'Hypervisor Return From Interrupt Doubleword'],
    ['doze', op.x(19, 402), 'Doze'],
    ['nap', op.x(19, 434), 'Nap'],
    ['sleep', op.x(19, 466), 'Sleep'],
    ['rvwinkle', op.x(19, 498), 'Rip Van Winkle'],
    ['tlbie', op.x(31, 306), 'TLB Invalidate Entry'],
    ['tlbiel', op.x(31, 274), 'TLB Invalidate Entry Local'],
    ['tlbsync', op.x(31, 566), 'TLB Synchronize'],
  ] as const
).flatMap(([mnemonic, opcode, title]) =>
  insn(mnemonic, { op: opcode, form: forms.none, title }, ($) => $.trap(trapCode.privileged)),
);

/** The instructions. */
export const supervisor: readonly Row[] = [
  ...insn(
    'sc',
    { op: op.exactly(0x4400_0002, 0xfc00_0002), form: form({ lev: field.bits(20, 7) }), title: 'System Call' },
    ($, f) => $.callVoid(systemCall, $.field(f.lev)),
  ),
  ...insn('rfid', { op: op.x(19, 18), form: forms.none, title: 'Return From Interrupt Doubleword' }, ($) => {
    $.privileged();
    $.callVoid(returnFromInterrupt);
  }),
  ...insn('mtmsr', { op: toMsr(146, 0), form: oneRegister, title: 'Move To Machine State Register' }, ($, f) => {
    $.privileged();
    $.callVoid(setMsrLow, $.low(f.rs));
  }),
  ...insn('mtmsr 1', { op: toMsr(146, 1), form: oneRegister, title: 'Move To Machine State Register' }, ($, f) => {
    $.privileged();
    setInterruptible($, $.low(f.rs));
  }),
  ...insn(
    'mtmsrd',
    { op: toMsr(178, 0), form: oneRegister, title: 'Move To Machine State Register Doubleword' },
    ($, f) => {
      $.privileged();
      $.callVoid(setMsr, $.wrap($.shrU($.gpr(f.rs), 32)), $.low(f.rs));
    },
  ),
  ...insn(
    'mtmsrd 1',
    { op: toMsr(178, 1), form: oneRegister, title: 'Move To Machine State Register Doubleword' },
    ($, f) => {
      $.privileged();
      setInterruptible($, $.low(f.rs));
    },
  ),
  ...insn('mfmsr', { op: op.x(31, 83), form: oneRegister, title: 'Move From Machine State Register' }, ($, f) => {
    $.privileged();
    $.setGpr(f.rs, $.or($.shl($.zext($.state(slots.msrHigh)), 32), $.zext($.msr())));
  }),
  ...insn('slbmte', { op: op.x(31, 402), form: twoRegisters, title: 'SLB Move To Entry' }, ($, f) => {
    $.privileged();
    $.callVoid(moveToSlb, $.gpr(f.rt), $.gpr(f.rb));
  }),
  ...insn('slbie', { op: op.x(31, 434), form: form({ rb: field.gr(16) }), title: 'SLB Invalidate Entry' }, ($, f) => {
    $.privileged();
    $.callVoid(invalidateEntry, $.gpr(f.rb));
  }),
  ...insn('slbia', { op: op.x(31, 498), form: forms.none, title: 'SLB Invalidate All' }, ($) => {
    $.privileged();
    $.callVoid(invalidateAll);
  }),
  ...insn('slbmfee', { op: op.x(31, 915), form: twoRegisters, title: 'SLB Move From Entry ESID' }, ($, f) => {
    $.privileged();
    $.setGpr(f.rt, $.call(readEsid, $.gpr(f.rb)));
  }),
  ...insn('slbmfev', { op: op.x(31, 851), form: twoRegisters, title: 'SLB Move From Entry VSID' }, ($, f) => {
    $.privileged();
    $.setGpr(f.rt, $.call(readVsid, $.gpr(f.rb)));
  }),
  ...insn('slbfee.', { op: op.xDot(31, 979), form: twoRegisters, title: 'SLB Find Entry ESID' }, ($, f) => {
    $.privileged();
    const address = $.gpr(f.rb);
    const found = $.call(findEntry, address);
    const none = $.eq(found, -1);
    $.setGpr(f.rt, $.select(none, $.i64(0), $.call(readVsid, $.zext(found))));
    $.setCrN(0, $.or($.select(none, $.i32(0), $.i32(2)), $.so()));
  }),
  ...hypervisors,
];
