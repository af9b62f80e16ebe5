import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { icpt, ictl } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { CODE, encode, HANDLERS, KvmBench, MASK_64, NOP, psw, SPIN, withBase } from './harness.ts';

const bench = new KvmBench();
const OPERAND = 0x1_2000;
const ABSENT = 0x4000_0000n;

beforeEach(() => {
  bench.fresh();
});

/** What the last program interruption stored: code, length, and the old PSW's address relative to `CODE`. */
function interruption(): { code: number; ilc: number; past: number } | undefined {
  const code = Number(bench.low('programCode'));
  if (code === 0) return undefined;
  return { code, ilc: Number(bench.low('programIlc')), past: Number(BigInt(`0x${bench.hex(0x158, 8)}`)) - CODE };
}

describe('storage operands', () => {
  const names = ['SPX', 'STPX', 'STAP', 'STIDP', 'SCK'] as const;
  const alignment = { SPX: 4, STPX: 4, STAP: 2, STIDP: 8, SCK: 8 } as const;
  test.each(names)('%s: privilege, then alignment, then access; the PSW is behind it', (name) => {
    bench.one([withBase(name, 3)], { 3: ABSENT + 1n }, MASK_64 | PSW.problem);
    expect(interruption()).toEqual({ code: PGM.privilegedOperation, ilc: 4, past: 4 });
    bench.fresh();
    bench.one([withBase(name, 3)], { 3: ABSENT + BigInt(alignment[name] / 2) });
    expect(interruption()).toEqual({ code: PGM.specification, ilc: 4, past: 4 });
    bench.fresh();
    bench.one([withBase(name, 3)], { 3: ABSENT });
    expect(interruption()).toEqual({ code: PGM.addressing, ilc: 4, past: 4 });
  });

  test('as the target of EXRL: the length is that of EXRL', () => {
    bench.put(CODE + 0x100, withBase('STPX', 3));
    bench.one([encode('EXRL', { r1: 0, ri2: 0x100 })], { 3: ABSENT });
    expect(interruption()).toEqual({ code: PGM.addressing, ilc: 6, past: 6 });
  });

  test('a translation exception in a handler is nullified: the PSW is at the instruction', () => {
    const v = bench.program([encode('STPX', { b2: 3, d2: 0 })], { mask: MASK_64 | PSW.dat | PSW.addressSpace });
    // Home space: one segment, whose page table has 16 pages one to one and then none.
    const table = new Uint8Array(2048).fill(0);
    const view = new DataView(table.buffer);
    for (let i = 0; i < 256; i++) view.setBigUint64(i * 8, i < 0x13 ? BigInt(i << 12) : 0x400n);
    bench.put(0x2_8000, Uint8Array.of(0, 0, 0, 0, 0, 2, 0x90, 0));
    bench.put(0x2_9000, table);
    v.vcpu.setCr(13, 0x2_8000n);
    v.vcpu.setGr(3, 0x1_3000n);
    v.sync();
    bench.run(v);
    expect(interruption()).toEqual({ code: PGM.pageTranslation, ilc: 4, past: 0 });
    expect(bench.low('translationExceptionId')).toBe(0x1_3403n);
  });

  test('SET PREFIX and STORE PREFIX: bits 33-50, and storage that must be there', () => {
    bench.put(OPERAND, Uint8Array.of(0x80, 0, 0x7f, 0xff));
    bench.put(0x6000, bench.bytes(0, 0x2000));
    const v = bench.one([withBase('SPX', 3), withBase('STPX', 4)], { 3: BigInt(OPERAND), 4: BigInt(OPERAND + 8) });
    expect([v.vcpu.prefix, bench.hex(OPERAND + 8, 4), interruption()]).toEqual([0x6000, '00006000', undefined]);
    bench.fresh();
    bench.put(OPERAND, Uint8Array.of(0x40, 0, 0, 0));
    bench.one([withBase('SPX', 3)], { 3: BigInt(OPERAND) });
    expect(interruption()).toEqual({ code: PGM.addressing, ilc: 4, past: 4 });
  });

  test('STORE CPU ADDRESS and STORE CPU ID', () => {
    const v = bench.program([withBase('STAP', 3), withBase('STIDP', 4)], { id: 1 });
    v.vcpu.setGr(3, BigInt(OPERAND));
    v.vcpu.setGr(4, BigInt(OPERAND + 8));
    bench.run(v, 2);
    expect([bench.hex(OPERAND, 2), bench.hex(OPERAND + 8, 8)]).toEqual(['0001', 'ff00000091758000']);
  });

  test('STORE FACILITY LIST: the first 32 bits, at a real address', () => {
    const v = bench.program([withBase('STFL', 0)]);
    v.vcpu.setPrefix(gpa(0x6000));
    v.sync();
    bench.run(v);
    let word = 0;
    for (const n of bench.core.facilities) if (n < 32) word |= 0x8000_0000 >>> n;
    expect(bench.hex(0x60c8, 4)).toBe((word >>> 0).toString(16).padStart(8, '0'));
  });

  test('SET CLOCK: all CPUs show the same', () => {
    const { clock } = bench.core;
    bench.put(OPERAND, Uint8Array.of(0x12, 0x34, 0, 0, 0, 0, 0, 0));
    clock.pass(bench.vcpu(0).vcpu, 1_000_000n);
    clock.pass(bench.vcpu(1).vcpu, 1_000_000n + bench.vcpu(0).vcpu.icount - bench.vcpu(1).vcpu.icount);
    const v = bench.one([withBase('SCK', 3)], { 3: BigInt(OPERAND) });
    clock.pass(bench.vcpu(1).vcpu, 1n);
    expect([v.vcpu.cc, clock.tod(v.vcpu) >> 40n]).toEqual([0, 0x12_3400n]);
    expect(clock.tod(bench.vcpu(1).vcpu)).toBe(clock.tod(v.vcpu));
    expect(bench.vcpu(1).block.big('epoch')).toBe(v.block.big('epoch'));
  });
});

describe('TEST BLOCK', () => {
  const TB = encode('TB', { r1: 1, r2: 2 });
  test('clears the block, which is a real one, and GR0', () => {
    bench.put(0x6000, new Uint8Array(4096).fill(9));
    const v = bench.program([TB]);
    bench.put(0x61d0, bench.bytes(0x1d0, 16));
    v.vcpu.setPrefix(gpa(0x6000));
    v.vcpu.setGr(0, 5n);
    v.vcpu.setGr(2, 0x123n);
    v.sync();
    bench.run(v);
    expect([v.vcpu.gr(0), v.vcpu.cc, bench.hex(0x6000, 2)]).toEqual([0n, 0, '0000']);
  });
  test.each([
    ['low-address protection', 0x1fffn, 0x1000_0000n, PGM.protection],
    ['a block that is not there', ABSENT, 0n, PGM.addressing],
  ])('%s', (_, address, cr0, code) => {
    const v = bench.program([TB]);
    v.vcpu.setCr(0, cr0);
    v.vcpu.setGr(2, address);
    v.vcpu.setGr(0, 5n);
    v.sync();
    bench.run(v);
    expect([interruption(), v.vcpu.gr(0)]).toEqual([{ code, ilc: 4, past: 4 }, 5n]);
    if (code === PGM.protection) expect(bench.low('translationExceptionId')).toBe(0x1480n);
  });
});

describe('STORE SYSTEM INFORMATION', () => {
  const STSI = withBase('STSI', 3);
  test.each([
    ['level: 3', { 0: 0n, 1: 0n, 3: 1n }, { cc: 0, gr0: 0x3000_0000n }],
    [
      'a function code that is none, before all checks',
      { 0: 0x4000_0fffn, 1: 0xffff_0000n, 3: 1n },
      { cc: 3, gr0: 0x4000_0fffn },
    ],
    ['a block that is none', { 0: 0x3000_0001n, 1: 1n, 3: 0x1_3000n }, { cc: 3, gr0: 0x3000_0001n }],
    ['reserved bits of GR0', { 0: 0x1000_0101n, 1: 1n, 3: 0x1_3000n }, PGM.specification],
    ['reserved bits of GR1', { 0: 0x1000_0001n, 1: 0x1_0001n, 3: 0x1_3000n }, PGM.specification],
    ['an address that is not a page', { 0: 0x3000_0001n, 1: 1n, 3: 0x1_3008n }, PGM.specification],
  ] as const)('%s', (_, gr, wanted) => {
    const v = bench.one([STSI], gr);
    if (typeof wanted === 'number') expect(interruption()).toEqual({ code: wanted, ilc: 4, past: 4 });
    else expect({ cc: v.vcpu.cc, gr0: v.vcpu.gr(0) }).toEqual(wanted);
  });
  test('a block that is there; GR0 bits 0-31 stay', () => {
    bench.vm.userSpace = { ...bench.vm.userSpace, systemInformation: () => new Uint8Array(4096).fill(0x5a) };
    const v = bench.one([STSI], { 0: 0x7_3000_0002n, 1: 2n, 3: 0x1_3000n });
    expect([v.vcpu.cc, v.vcpu.gr(0), bench.hex(0x1_3ffe, 2)]).toEqual([0, 0x7_0000_0000n, '5a5a']);
  });
});

test('SERVICE CALL: all of the register is the SCCB address in the 64-bit mode, its low word in the others', () => {
  const asked: number[] = [];
  bench.vm.userSpace = {
    ...bench.vm.userSpace,
    serviceCall: (_, command, sccb) => {
      asked.push(command, sccb);
      return { kind: 'cc', cc: 0 };
    },
  };
  const [SERVC, gr] = [encode('SERVC', { r1: 4, r2: 5 }), { 4: 0x12_0001n, 5: 0x1_0001_4000n }];
  bench.one([SERVC], gr);
  bench.one([SERVC], gr, 0x8000_0000n);
  expect(asked).toEqual([0x12_0001, 0x1_0001_4000, 0x12_0001, 0x1_4000]);
});

test.each([
  0x40n,
  0x41n,
  0x42n,
  0x43n,
  0x45n,
  0x49n,
  0x4dn,
])('PTFF %d, a control function that no guest has: condition code 3', (code) => {
  const v = bench.one([encode('PTFF')], { 0: code, 1: BigInt(OPERAND) });
  expect([v.vcpu.cc, v.psw.address, bench.hex(OPERAND, 8)]).toEqual([3, BigInt(CODE + 2), '00'.repeat(8)]);
});

test('SET CLOCK PROGRAMMABLE FIELD', () => {
  const v = bench.one([encode('SCKPF')], { 0: 0xff_0000_1234n });
  expect(v.block.get('todpr')).toBe(0x1234);
  bench.one([encode('SCKPF')], { 0: 0x1_0000n });
  expect(interruption()).toEqual({ code: PGM.specification, ilc: 2, past: 2 });
});

describe('LOAD PSW while a machine check waits', () => {
  const short = new Uint8Array(8);
  new DataView(short.buffer).setBigUint64(0, 0x0008_0000_8001_3000n);
  test.each([
    ['LPSW', withBase('LPSW', 3), short, 0x0000_0000_8000_0000n],
    ['LPSWE', withBase('LPSWE', 3), psw(MASK_64, 0x1_3000), MASK_64],
  ])('%s', (_, text, operand, mask) => {
    bench.vm.floating.raiseChannelReport();
    bench.put(OPERAND, operand);
    const v = bench.one([text], { 3: BigInt(OPERAND) });
    expect([v.psw, v.intercepts.counts.get(icpt.instruction)]).toEqual([{ mask, address: 0x1_3000n }, 1]);
    expect(v.block.big('gbea')).toBe(BigInt(CODE));
  });
  test('LPSWEY is no breaking event', () => {
    bench.vm.floating.raiseChannelReport();
    bench.put(OPERAND, psw(MASK_64, 0x1_3000));
    const v = bench.one([encode('LPSWEY', { b1: 3, d1: 0 })], { 3: BigInt(OPERAND) });
    expect([v.psw, v.intercepts.counts.get(icpt.instruction)]).toEqual([{ mask: MASK_64, address: 0x1_3000n }, 1]);
    expect(v.block.big('gbea')).not.toBe(BigInt(CODE));
  });
  test('a short PSW without bit 12 is an exception of LPSW itself, which is suppressed', () => {
    bench.vm.floating.raiseChannelReport();
    bench.put(OPERAND, Uint8Array.of(0, 0, 0, 0, 0x80, 1, 0x30, 0));
    const v = bench.one([withBase('LPSW', 3)], { 3: BigInt(OPERAND) });
    expect(interruption()).toEqual({ code: PGM.specification, ilc: 4, past: 4 });
    expect([bench.hex(0x150, 8), v.intercepts.counts.get(icpt.instruction)]).toEqual(['0000000180000000', 1]);
  });
  test('one that is not valid is the old PSW of its exception', () => {
    bench.vm.floating.raiseChannelReport();
    bench.put(OPERAND, psw(MASK_64 | 1n, 0x1_3000));
    const v = bench.one([withBase('LPSWE', 3)], { 3: BigInt(OPERAND) });
    expect(interruption()).toEqual({ code: PGM.specification, ilc: 0, past: 0x3000 });
    expect([bench.hex(0x150, 8), bench.taken(v)]).toEqual(['0000000180000001', 'program']);
  });
});

describe('LOAD CONTROL and STORE CONTROL, intercepted', () => {
  test('LCTL replaces low words, LCTLG whole registers; an interruption that they let in comes at once', () => {
    const v = bench.program([encode('LCTL', { r1: 15, r3: 0, b2: 3, d2: 0 })], { mask: MASK_64 | PSW.external });
    v.vcpu.setCr(15, 0x1_0000_0000n);
    v.vcpu.setGr(3, BigInt(OPERAND));
    v.local.externalCall = 1;
    bench.put(OPERAND, Uint8Array.of(1, 2, 3, 4, 0, 0, 0x20, 0));
    v.sync();
    bench.run(v);
    expect([v.vcpu.cr(15), v.vcpu.cr(0)]).toEqual([0x1_0102_0304n, 0x2000n]);
    bench.run(v);
    expect(bench.taken(v)).toBe('external');
  });
  test('STCTG under its control', () => {
    const v = bench.program([encode('STCTG', { r1: 14, r3: 15, b2: 3, d2: -8 })]);
    v.vcpu.setCr(15, 0x0102_0304_0506_0708n);
    v.vcpu.setGr(3, BigInt(OPERAND));
    v.sync();
    v.block.change('ictl', ictl.stctl);
    bench.run(v);
    expect([bench.hex(OPERAND, 8), v.intercepts.counts.get(icpt.instruction)]).toEqual(['0102030405060708', 1]);
  });
});

describe('guests that can go no further', () => {
  test.each([
    [
      'an invalid program-new PSW',
      psw(MASK_64 | 1n, HANDLERS.program),
      'the program new PSW at 0x1d0 is invalid; first was program interruption 0x6 (specification) at 0x10000',
    ],
    [
      'a program-new PSW to storage that is not there',
      psw(MASK_64, 0x4000_0000),
      'program-interruption loop, code 0x5',
    ],
    ['a program-new PSW to the same kind of instruction', psw(MASK_64, CODE), 'program-interruption loop, code 0x6'],
  ])('%s', (_, fresh, message) => {
    bench.put(0x1d0, fresh);
    const v = bench.program([encode('DIAG', { r1: 0, r3: 0, b2: 0, d2: 0x777 })]);
    expect(bench.run(v, 1000)).toEqual({ kind: 'crashed', message: expect.stringContaining(message) });
  });
  test('a store beyond storage under a zero program-new PSW: what was first is told, each time', () => {
    bench.put(0x1d0, new Uint8Array(16));
    const v = bench.program([
      encode('BRC', { m1: 15, ri2: 4 }),
      encode('LLILH', { r1: 1, i2: 0x4000 }),
      encode('STG', { r1: 0, x2: 0, b2: 1, d2: 0 }),
    ]);
    const message =
      'program-interruption loop, code 0x1 (operation); the program new PSW at 0x1d0 is zero; ' +
      'first was program interruption 0x5 (addressing) at 0x10008, last break 0x10000';
    expect([bench.run(v, 1000), bench.run(v, 1000)]).toEqual([
      { kind: 'crashed', message },
      { kind: 'crashed', message },
    ]);
  });
  test.each([
    1, 1000,
  ])('a PSW that a debugger has made invalid is an early exception, and its handler goes on: a run of %i', (most) => {
    const v = bench.program([SPIN]);
    bench.put(HANDLERS.program, SPIN);
    v.vcpu.setPsw({ mask: MASK_64 | 0x4000n, address: BigInt(CODE) });
    const before = v.vcpu.icount;
    expect(bench.run(v, most)).toEqual({ kind: 'quantum' });
    expect([bench.low('programCode'), bench.low('programIlc'), v.psw.address]).toEqual([
      ...[BigInt(PGM.specification), 0n, BigInt(HANDLERS.program)],
    ]);
    expect(bench.hex(0x150, 16)).toBe(`000000018000400000000000000${CODE.toString(16)}`);
    expect(v.vcpu.icount - before).toBe(most === 1 ? 0n : 1000n);
  });
  test('a program interruption whose new PSW is a disabled wait', () => {
    bench.put(0x1d0, psw(MASK_64 | (1n << 49n), 0xbad));
    const v = bench.program([Uint8Array.of(0, 0)]);
    for (const other of bench.vm.vcpus.slice(1)) other.stop();
    expect(bench.run(v, 1000)).toEqual({
      kind: 'crashed',
      message: 'disabled wait at 0xbad; first was program interruption 0x1 (operation) at 0x10000, last break 0x1',
    });
  });
  test('a jump to where the program-new PSW leads: nothing was before', () => {
    bench.put(0x1d0, psw(MASK_64, CODE + 4));
    const v = bench.program([encode('BRC', { m1: 15, ri2: 4 }), Uint8Array.of(0, 0)]);
    expect(bench.run(v, 1000)).toEqual({ kind: 'crashed', message: 'program-interruption loop, code 0x1 (operation)' });
  });
  test('an operation exception (2C) whose handler begins with it', () => {
    bench.put(HANDLERS.program, Uint8Array.of(0, 0));
    const v = bench.program([Uint8Array.of(0, 0)]);
    v.block.change('ictl', ictl.operationException);
    expect(bench.run(v, 1000)).toEqual({
      kind: 'crashed',
      message: 'operation-exception loop; first was program interruption 0x1 (operation) at 0x10000, last break 0x1',
    });
  });
  test('an operation exception elsewhere is the guest’s', () => {
    const v = bench.program([NOP, Uint8Array.of(0, 0)]);
    v.block.change('ictl', ictl.operationException);
    bench.run(v, 2);
    expect([interruption(), v.intercepts.counts.get(icpt.operation)]).toEqual([
      { code: PGM.operation, ilc: 2, past: 4 },
      1,
    ]);
  });
  test('a prefix area that is taken away', () => {
    const v = bench.program([SPIN]);
    bench.vm.removeSlot(0);
    expect(bench.run(v)).toEqual({ kind: 'crashed', message: 'validity interception, reason 0x37' });
  });
});

describe('the log of interceptions', () => {
  test('counts kinds, keeps the last 64 in order, forgets', () => {
    const v = bench.program([...Array.from({ length: 70 }, () => withBase('STFL', 0)), SPIN]);
    bench.run(v, 71);
    expect(v.intercepts.counts).toEqual(new Map([[icpt.instruction, 70]]));
    const last = v.intercepts.last();
    expect([last.length, last[0]?.address, last[63]?.address, last[63]?.ipa]).toEqual([
      64,
      BigInt(CODE + 7 * 4),
      BigInt(CODE + 70 * 4),
      0xb2b1,
    ]);
    v.intercepts.reset();
    expect([v.intercepts.last(), v.intercepts.counts.size]).toEqual([[], 0]);
  });
  test('the program interruption that it was', () => {
    const v = bench.one([encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 })], { 3: ABSENT });
    expect(v.intercepts.last()).toMatchObject([{ code: icpt.program, pgm: PGM.addressing, ipa: 0 }]);
    expect(interruption()).toEqual({ code: PGM.addressing, ilc: 6, past: 6 });
    // Nothing goes with this code.
    expect([bench.low('translationExceptionId'), bench.low('exceptionAccessId')]).toEqual([0n, 0n]);
  });
});
