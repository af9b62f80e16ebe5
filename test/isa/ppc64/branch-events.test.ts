/** Event-based branches of a POWER8: Power ISA 2.07, Book II, "Event-Based Branch Facility". */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { branchEvent } from '../../../src/arch/ppc64/cpu/branch-events.ts';
import { setMmcr0 } from '../../../src/arch/ppc64/cpu/performance-monitor.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import { encode } from '../../support/ppc64/isa.ts';
import { Ppc64Machine } from '../../support/ppc64/machine.ts';
import { root } from '../../support/sources.ts';

const image = readFileSync(`${root}guests/demo-ppc64/demo.elf`);
const [CODE, HANDLER] = [0x50_0000, 0x50_0100];
const SF = 0x8000_0000_0000_0000n;
const PROBLEM = SF | 0x4000n;
const [ENABLED, PERFORMANCE_WANTED] = [1n << 63n, 1n << 32n];
const [EXTERNAL, PERFORMANCE] = [2n, 1n];
const nop = encode('ori');
/** Of FSCR. */
const FACILITY = 0x80n;

/** A machine whose CPU is about to execute, in problem state unless said otherwise. */
function machineWith(code: readonly number[], { msr = PROBLEM, bescr = 0n, fscr = FACILITY, handler = [nop] } = {}) {
  const machine = new Ppc64Machine({ image, memory: 64 << 20, cpu: 'power8' });
  const { storage } = machine.guest.vm.complex;
  const { vcpu } = machine.guest.hv(0);
  const put = (at: number, words: readonly number[]): void => {
    for (const [i, word] of words.entries())
      storage.write(at + 4 * i, Uint8Array.of(word >>> 24, word >>> 16, word >>> 8, word));
  };
  put(CODE, [...code, nop, nop, nop]);
  put(HANDLER, [...handler, nop, nop]);
  machine.guest.vm.complex.storageReplaced();
  vcpu.setBig(slots.ebbhr, BigInt(HANDLER) | 3n);
  vcpu.setBig(slots.fscr, fscr);
  vcpu.setGpr(3, bescr);
  vcpu.setMsr(msr);
  vcpu.pc = BigInt(CODE);
  return {
    ...{ vcpu, machine },
    /** Executes so many instructions: where it is, where an event made it branch from, and BESCR. */
    run(count: bigint): { pc: number; from: number; bescr: bigint } {
      const { machine: m } = machine.assembly;
      m.runTo(m.time + count);
      return { pc: Number(vcpu.pc), from: Number(vcpu.big(slots.ebbrr)), bescr: vcpu.big(slots.bescr) };
    },
  };
}

const setAll = encode('mtbescr', { rt: 3 });

test.each([
  ['of the performance monitor', PERFORMANCE],
  ['from outside', EXTERNAL],
])('an event %s that has happened branches as soon as that is on, and turns it off', (_, event) => {
  const { run } = machineWith([setAll], { bescr: ENABLED | event });
  expect(run(2n)).toEqual({ pc: HANDLER + 4, from: CODE + 4, bescr: event });
});

test('the handler takes the event away and returns to where the program was', () => {
  const handler = [encode('mtbescrr', { rt: 4 }), encode('rfebb', { s: 1 })];
  const { vcpu, run } = machineWith([setAll], { bescr: ENABLED | PERFORMANCE, handler });
  vcpu.setGpr(4, PERFORMANCE);
  expect(run(4n)).toEqual({ pc: CODE + 8, from: CODE + 4, bescr: ENABLED });
  expect(vcpu.big(slots.cfar)).toBe(BigInt(HANDLER + 4));
});

test('an event that is still there branches again at once, and with S = 0 nothing does', () => {
  const again = machineWith([setAll], { bescr: ENABLED | PERFORMANCE, handler: [nop, encode('rfebb', { s: 1 })] });
  expect(again.run(4n)).toEqual({ pc: HANDLER + 4, from: CODE + 4, bescr: PERFORMANCE });
  const once = machineWith([setAll], { bescr: ENABLED | PERFORMANCE, handler: [encode('rfebb', { s: 0 })] });
  expect(once.run(3n)).toEqual({ pc: CODE + 8, from: CODE + 4, bescr: PERFORMANCE });
});

test('it waits until the program runs: supervisor state does not branch', () => {
  const { vcpu, run } = machineWith([setAll, encode('rfid')], { msr: SF, bescr: ENABLED | PERFORMANCE });
  vcpu.setBig(slots.srr0, BigInt(CODE + 8));
  // Translation comes on with problem state; its segment is not there, and the branch comes first.
  vcpu.setBig(slots.srr1, PROBLEM);
  expect(run(1n)).toEqual({ pc: CODE + 4, from: 0, bescr: ENABLED | PERFORMANCE });
  run(2n);
  expect([vcpu.big(slots.ebbrr), vcpu.taken.get(0x480)]).toEqual([BigInt(CODE + 8), 1]);
});

test('a program that FSCR keeps them from does not branch, and its RFEBB is a facility unavailable', () => {
  const { vcpu, run } = machineWith([setAll, encode('mtmsrd', { rs: 5 })], {
    ...{ msr: SF, fscr: 0n, bescr: ENABLED | PERFORMANCE },
  });
  vcpu.setGpr(5, PROBLEM);
  run(2n);
  expect(vcpu.big(slots.ebbrr)).toBe(0n);
  const refused = machineWith([encode('rfebb', { s: 1 })], { fscr: 0n });
  expect([refused.run(1n).pc, refused.vcpu.big(slots.fscr) >> 56n]).toEqual([0xf60, 7n]);
});

test('an event is told once to who asked for it, and to nobody else', () => {
  const { vcpu, run } = machineWith([nop]);
  expect(branchEvent(vcpu, 'performance')).toBe(false);
  vcpu.setBig(slots.bescr, ENABLED | PERFORMANCE_WANTED);
  expect([branchEvent(vcpu, 'performance'), branchEvent(vcpu, 'performance')]).toEqual([true, false]);
  expect(run(1n)).toEqual({ pc: HANDLER + 4, from: CODE, bescr: PERFORMANCE });
});

/** MMCR0: frozen, problem state may set all, alerts are events. */
const MMCR0 = {
  frozen: 0x8000_0000n,
  all: 0x8_0000n,
  firstFour: 0xc_0000n,
  refused: 0x4_0000n,
  events: 0x10_0000n,
} as const;

test('a counter that becomes negative is an event, after which the handler clears the alert by itself', () => {
  const handler = [encode('mtummcr0', { rt: 5 }), encode('mtbescrr', { rt: 4 }), encode('rfebb', { s: 1 })];
  // PMC5 counts instructions; its alert is enabled, and is for the program.
  const mmcr0 = MMCR0.all | MMCR0.events | 0x0400_4100n;
  const code = [encode('mtupmc5', { rt: 6 }), setAll, nop, nop, nop];
  const { vcpu, run } = machineWith(code, { bescr: ENABLED | PERFORMANCE_WANTED, handler });
  setMmcr0(vcpu, mmcr0);
  vcpu.setGpr(4, PERFORMANCE);
  vcpu.setGpr(5, MMCR0.frozen);
  vcpu.setGpr(6, 0x7fff_fffdn);
  expect([run(7n), vcpu.big(slots.mmcr0), vcpu.taken.get(0xf00)]).toEqual([
    { pc: CODE + 16, from: CODE + 16, bescr: ENABLED },
    MMCR0.frozen | MMCR0.all | MMCR0.events | 0x4100n,
    undefined,
  ]);
});

test('an alert that was there before is an event for who asks for it then', () => {
  const { vcpu, run } = machineWith([setAll], { bescr: ENABLED | PERFORMANCE_WANTED });
  setMmcr0(vcpu, MMCR0.frozen | MMCR0.events | 0x80n);
  expect(run(2n)).toEqual({ pc: HANDLER + 4, from: CODE + 4, bescr: PERFORMANCE });
});

const registers = {
  ...{ mtupmc1: slots.pmc1, mtupmc2: slots.pmc2, mtupmc3: slots.pmc3, mtupmc4: slots.pmc4 },
  ...{ mtupmc5: slots.pmc5, mtupmc6: slots.pmc6, mtummcr2: slots.mmcr2 },
} as const;

test.each([
  ['nobody may', 'mtupmc1', 0n, 0xe40, 0n],
  ['who may not even look', 'mtupmc1', MMCR0.refused, undefined, 3n],
  ['who may set the first four', 'mtupmc1', MMCR0.firstFour, undefined, 0n],
  ['who may set the first four, the fifth', 'mtupmc5', MMCR0.firstFour, undefined, 3n],
  ['who may set all, the fifth', 'mtupmc5', MMCR0.all, undefined, 0n],
  ['who may set all, the second', 'mtupmc2', MMCR0.all, undefined, 0n],
  ['who may set all, the third', 'mtupmc3', MMCR0.all, undefined, 0n],
  ['who may set the first four, the fourth', 'mtupmc4', MMCR0.firstFour, undefined, 0n],
  ['who may set the first four, the sixth', 'mtupmc6', MMCR0.firstFour, undefined, 3n],
  ['who may set all, MMCR2', 'mtummcr2', MMCR0.all, undefined, 0n],
] as const)('a counter is set by problem state as MMCR0 says: %s', (_, mnemonic, control, exit, facility) => {
  const { vcpu, machine, run } = machineWith([encode(mnemonic, { rt: 6 })]);
  setMmcr0(vcpu, MMCR0.frozen | control);
  vcpu.setGpr(6, 0xffff_ffff_ffff_ffffn);
  run(1n);
  expect([machine.guest.hv(0).exits.get(0xe40), vcpu.big(slots.fscr) >> 56n]).toEqual([exit && 1, facility]);
  const set = exit === undefined && facility === 0n;
  const slot = registers[mnemonic];
  const all = slot.ty === 'i64' ? 0x4020_1008_0402_0000n : 0xffff_ffffn;
  expect(slot.ty === 'i64' ? vcpu.big(slot) : BigInt(vcpu.num(slot))).toBe(set ? all : 0n);
});

test('the branch history has no entries: none is left to read, and it can be cleared', () => {
  const { vcpu, run } = machineWith([encode('clrbhrb'), encode('mfbhrbe', { rt: 6 })]);
  vcpu.setGpr(6, 1n);
  expect([run(2n).pc, vcpu.gpr(6)]).toEqual([CODE + 8, 0n]);
});
