/** What QEMU cannot be asked about one instruction at a time: the little-endian mode, MSR, time, reservations, the hypervisor's. */

import { describe, expect, test } from 'vitest';
import { TIMEBASE_FREQUENCY } from '../../../src/arch/ppc64/cpu/clock.ts';
import { cpuModels } from '../../../src/arch/ppc64/cpu/model.ts';
import { slots } from '../../../src/arch/ppc64/cpu/state-layout.ts';
import { forms } from '../../../src/arch/ppc64/isa/fields.ts';
import { insn, op } from '../../../src/arch/ppc64/isa/row.ts';
import { instructionTable } from '../../../src/arch/ppc64/isa/table.ts';
import { comparable } from '../../oracle/ppc64/case.ts';
import { Bench, CODE, encode, MSR_64, MSR_ALL, storageOrders } from '../../support/ppc64/isa.ts';
import { sources } from '../../support/sources.ts';

const LE = 1n;
const PR = 0x4000n;
const bench = new Bench();
const DATA = 0x20000n;

describe.each(storageOrders)('in little-endian mode, storage %s endian', (order) => {
  const bench = new Bench(undefined, cpuModels.power7, order);
  const loads = [
    ['lbz', 'rt', '01', 0x01n],
    ['lhz', 'rt', '0102', 0x0201n],
    ['lha', 'rt', '01f2', 0xffff_ffff_ffff_f201n],
    ['lwz', 'rt', '01020304', 0x0403_0201n],
    ['lwa', 'rt', '010203f4', 0xffff_ffff_f403_0201n],
    ['ld', 'rt', '0102030405060708', 0x0807_0605_0403_0201n],
  ] as const;
  test.each(loads)('%s begins with the last byte', (mnemonic, target, bytes, value) => {
    const code = [encode(mnemonic, { [target]: 3, ra: 4, d: 0 })];
    const out = bench.run({ code, msr: MSR_64 | LE, gpr: { 4: DATA }, storage: { [Number(DATA)]: bytes } });
    expect(out.gpr[3]).toBe(value);
    expect(out.pc).toBe(CODE + 4n);
  });
  test.each([
    ['stb', '08'],
    ['sth', '0807'],
    ['stw', '08070605'],
    ['std', '0807060504030201'],
  ] as const)('%s begins with the last byte', (mnemonic, bytes) => {
    const code = [encode(mnemonic, { rt: 3, ra: 4, d: 0 })];
    const out = bench.run({ code, msr: MSR_64 | LE, gpr: { 3: 0x0102_0304_0506_0708n, 4: DATA } });
    expect(out.storage(Number(DATA), bytes.length / 2)).toBe(bytes);
  });
  test('byte-reversed accesses begin with the first byte', () => {
    const code = [encode('lwbrx', { rt: 3, ra: 0, rb: 4 }), encode('sthbrx', { rt: 3, ra: 0, rb: 5 })];
    const storage = { [Number(DATA)]: '01020304' };
    const out = bench.run({ code, msr: MSR_64 | LE, gpr: { 4: DATA, 5: DATA + 8n }, storage });
    expect(out.gpr[3]).toBe(0x0102_0304n);
    expect(out.storage(Number(DATA) + 8, 2)).toBe('0304');
  });
  test('lvx turns the quadword around, lxvd2x each doubleword', () => {
    const bytes = '000102030405060708090a0b0c0d0e0f';
    const code = [encode('lvx', { vrt: 2, ra: 0, rb: 4 }), encode('lxvd2x', { xt: 3, ra: 0, rb: 4 })];
    const out = bench.run({ code, msr: MSR_ALL | LE, gpr: { 4: DATA }, storage: { [Number(DATA)]: bytes } });
    expect(out.vsr[34]).toEqual([0x0f0e_0d0c_0b0a_0908n, 0x0706_0504_0302_0100n]);
    expect(out.vsr[3]).toEqual([0x0706_0504_0302_0100n, 0x0f0e_0d0c_0b0a_0908n]);
  });
  test('lxvw4x turns each word around, and stxvw4x puts it back', () => {
    const bytes = '000102030405060708090a0b0c0d0e0f';
    const code = [encode('lxvw4x', { xt: 3, ra: 0, rb: 4 }), encode('stxvw4x', { xt: 3, ra: 0, rb: 5 })];
    const gpr = { 4: DATA, 5: DATA + 0xff8n };
    const out = bench.run({ code, msr: MSR_ALL | LE, gpr, storage: { [Number(DATA)]: bytes } });
    expect(out.vsr[3]).toEqual([0x0302_0100_0706_0504n, 0x0b0a_0908_0f0e_0d0cn]);
    expect(out.storage(Number(DATA) + 0xff8, 16)).toBe(bytes);
  });
  test('stxvd2x turns each doubleword around, across pages too', () => {
    const code = [encode('stxvd2x', { xt: 3, ra: 0, rb: 4 })];
    const vsr = { 3: [0x0706_0504_0302_0100n, 0x0f0e_0d0c_0b0a_0908n] as const };
    const out = bench.run({ code, msr: MSR_ALL | LE, gpr: { 4: DATA + 0xffdn }, vsr });
    expect(out.storage(Number(DATA) + 0xffd, 16)).toBe('000102030405060708090a0b0c0d0e0f');
  });
  test.each(['lmw', 'stmw'])('%s is an alignment interruption, and nothing is changed', (mnemonic) => {
    const code = [encode(mnemonic, { rt: 30, ra: 4, d: 0 })];
    const out = bench.run({ code, msr: MSR_64 | LE, gpr: { 4: DATA, 30: 7n } });
    expect([out.pc, out.vcpu.big(slots.srr0), out.vcpu.big(slots.dar)]).toEqual([0x600n, CODE, DATA]);
    expect(out.gpr[30]).toBe(7n);
    // Interruptions are taken big endian unless the guest has asked for the other order.
    expect(out.msr & LE).toBe(0n);
  });
});

describe('reservations', () => {
  const pair = (store: number) => [
    encode('lwarx', { rt: 3, ra: 0, rb: 4 }),
    store,
    encode('stwcx.', { rt: 5, ra: 0, rb: 4 }),
  ];
  const nop = encode('ori', { rs: 0, ra: 0, ui: 0 });
  test('a conditional store behind its reservation stores, and says so by EQ', () => {
    const out = bench.run({ code: pair(nop), gpr: { 4: DATA, 5: 9n }, storage: { [Number(DATA)]: '00000007' } });
    expect([out.gpr[3], out.cr >>> 28, out.storage(Number(DATA), 4)]).toEqual([7n, 2, '00000009']);
  });
  test('without a reservation it does not', () => {
    const code = [encode('stdcx.', { rt: 5, ra: 0, rb: 4 })];
    const out = bench.run({ code, gpr: { 4: DATA, 5: 9n }, xer: 0x8000_0000 });
    expect([out.cr >>> 28, out.storage(Number(DATA), 8)]).toEqual([1, '0000000000000000']);
  });
  test('any conditional store ends the reservation', () => {
    const twice = [...pair(nop), encode('stwcx.', { rt: 6, ra: 0, rb: 4 })];
    const out = bench.run({ code: twice, gpr: { 4: DATA, 5: 9n, 6: 11n } });
    expect([out.cr >>> 28, out.storage(Number(DATA), 4)]).toEqual([0, '00000009']);
  });
});

describe('the machine state', () => {
  test('mtmsrd changes neither ME nor LE nor HV', () => {
    const out = bench.run({ code: [encode('mtmsrd', { rs: 3 })], gpr: { 3: 0xffff_ffff_ffff_ffffn & ~PR & ~0x30n } });
    expect(out.msr & 0x1000_0000_0000_1001n).toBe(0n);
    expect(out.msr & MSR_64).toBe(MSR_64);
  });
  test('mtmsrd and mtmsr with L = 1 change EE and RI alone', () => {
    for (const mnemonic of ['mtmsrd 1', 'mtmsr 1']) {
      const out = bench.run({ code: [encode(mnemonic, { rs: 3 })], gpr: { 3: 0xffff_ffff_ffff_ffffn } });
      expect(out.msr).toBe(MSR_64 | 0x8002n);
    }
  });
  test('mtmsr leaves bits 0-31 alone, and problem state brings EE, IR and DR', () => {
    const out = bench.run({ code: [encode('mtmsr', { rs: 3 })], gpr: { 3: PR } });
    expect(out.msr).toBe(MSR_64 | PR | 0x8030n);
  });
  test('sc keeps the address behind it, and level 1 leaves the guest', () => {
    const out = bench.run({ code: [encode('sc', { lev: 0 })] });
    expect([out.pc, out.vcpu.big(slots.srr0), out.vcpu.big(slots.srr1)]).toEqual([0xc00n, CODE + 4n, MSR_64]);
    const call = bench.run({ code: [encode('sc', { lev: 1 })] });
    expect([call.cause, call.pc]).toEqual([{ kind: 'hcall' }, CODE + 4n]);
  });
  test.each(
    [
      'hrfid',
      'doze',
      'nap',
      'sleep',
      'rvwinkle',
      'tlbie',
      'tlbiel',
      'tlbsync',
      'ldcix',
      'stwcix',
      'lbzcix',
      'lhzcix',
    ].concat([
      'lwzcix',
      'stbcix',
      'sthcix',
      'stdcix',
      'mflpcr',
      'mtlpcr',
      'mfsdr1',
      'mthdec',
      'mthsrr0',
      'mfhdar',
      'mtdabr',
    ]),
  )('%s belongs to the hypervisor: privileged for a guest', (mnemonic) => {
    const out = bench.run({ code: [encode(mnemonic)] });
    expect([out.pc, out.vcpu.big(slots.srr1) & 0x783f_0000n]).toEqual([0x700n, 0x4_0000n]);
  });
});

test('wait does nothing: there is always something to wait for', () => {
  expect(bench.run({ code: [encode('wait')] }).pc).toBe(CODE + 4n);
});

describe('time', () => {
  test('the time base counts instructions, by mftb and mfspr', () => {
    expect(TIMEBASE_FREQUENCY).toBe(512_000_000);
    const code = [encode('mftb', { rt: 3 }), encode('mftb.tb', { rt: 4 }), encode('mftbu', { rt: 5 })];
    const out = bench.run({ code });
    expect([(out.gpr[4] ?? 0n) - (out.gpr[3] ?? 0n), out.gpr[5]]).toEqual([1n, 0n]);
  });
  test('the decrementer counts down with it', () => {
    const code = [encode('mtdec', { rt: 3 }), encode('mfdec', { rt: 4 }), encode('mfpurr', { rt: 5 })];
    expect(bench.run({ code, gpr: { 3: 100n } }).gpr[4]).toBe(99n);
  });
});

describe('FPSCR', () => {
  test('mtfsf sets the fields that FLM names, mtfsb1 a bit, mtfsb0 takes it away', () => {
    const vsr = { 1: [0x0000_0000_0000_00f3n, 0n] } as const;
    const code = [
      encode('mtfsf', { flm: 3, frb: 1 }),
      encode('mtfsb1', { bt: 31 }),
      encode('mtfsb0', { bt: 30 }),
      encode('mffs', { frt: 2 }),
    ];
    const out = bench.run({ code, msr: MSR_ALL, vsr });
    expect(out.vsr[2]?.[0]).toBe(0xf1n);
  });
  test('is not available without MSR[FP]', () => {
    expect(bench.run({ code: [encode('mffs', { frt: 2 })] }).pc).toBe(0x800n);
  });
});

test('what nobody wrote stops by name, and what is no instruction goes to the hypervisor', () => {
  const known = insn('later', { op: op.x(31, 1), form: forms.none, title: 'Not Written' });
  const named = new Bench(undefined, cpuModels.power8, 'big', [...instructionTable, ...known]).run({
    code: [0x7c00_0002],
  });
  expect([named.cause, named.pc]).toEqual([{ kind: 'unimplemented', mnemonic: 'later' }, CODE]);
  const none = bench.run({ code: [0] });
  expect(none.cause).toEqual({ kind: 'hypervisor', vector: 0xe40 });
  expect([none.vcpu.big(slots.hsrr0), none.vcpu.num(slots.heir)]).toEqual([CODE, 0]);
});

test('no instruction is known by name alone', () => {
  expect(instructionTable.filter((r) => !r.implemented).map((r) => r.mnemonic)).toEqual([]);
});

test('every instruction with a meaning is compared with QEMU, or named by a vector', () => {
  const compared = new Set(Object.values(comparable).flatMap((rows) => rows.map((r) => r.base)));
  const text = sources('test/isa/ppc64')
    .map((file) => file.text)
    .join('\n');
  // Registers that a guest may not use have one meaning, of which some stand for all.
  const unnamed = instructionTable.filter(
    (r) =>
      r.implemented &&
      !compared.has(r.base) &&
      !text.includes(`'${r.base}'`) &&
      !/^m[ft](h|t[bd]|pcr|rmor|lpid|dabrx?|amor|sdr|lpcr|pir|spurr|purr|dpdes|dawr|ciabr|rpr)/.test(r.base),
  );
  expect([...new Set(unnamed.map((r) => r.base))]).toEqual([]);
});
