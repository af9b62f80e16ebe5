import { beforeEach, describe, expect, test } from 'vitest';
import { INSTRUCTIONS_PER_MICROSECOND } from '../../../../../src/arch/s390x/cpu/clock.ts';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import { gpa } from '../../../../../src/arch/s390x/dat/address.ts';
import { leave, program } from '../../../../../src/arch/s390x/kvm/outcome.ts';
import type { VcpuExit } from '../../../../../src/machine/exit.ts';
import { coded, encode, KvmBench, MASK_64, OPEN, SPIN, STORAGE } from './harness.ts';

const bench = new KvmBench();
const SECOND = 1_000_000n * INSTRUCTIONS_PER_MICROSECOND;

beforeEach(() => {
  bench.fresh();
});

/** CPU 0's DIAGNOSE with these registers. */
function diagnose(code: number, gr: Readonly<Record<number, bigint>> = {}, r1 = 2, r3 = 4): VcpuExit {
  const v = bench.program([coded('DIAG', r1, r3, code), SPIN]);
  for (const [n, value] of Object.entries(gr)) v.vcpu.setGr(Number(n), value);
  v.sync();
  return bench.run(v);
}
const pgm = (): number => Number(bench.low('programCode'));

test.each([0x10, 0x44, 0x9c, 0x258, 0x288, 0x308, 0x318, 0x500, 0x501])('%d in the problem state', (code) => {
  bench.one([coded('DIAG', 2, 4, code)], {}, MASK_64 | PSW.problem);
  expect(pgm()).toBe(PGM.privilegedOperation);
});

test.each([
  ['a code that nobody knows', 0x777, PGM.specification],
  ['the name of the control program, of which no guest is told', 0x318, PGM.specification],
  ["another debugger's breakpoint", 0x501, PGM.operation],
])('%s', (_, code, wanted) => {
  diagnose(code);
  expect(pgm()).toBe(wanted);
});

test('the code is the low halfword of base plus displacement', () => {
  const v = bench.program([encode('DIAG', { r1: 0, r3: 0, b2: 5, d2: 0x44 }), SPIN]);
  v.vcpu.setGr(5, 0x1_0000n);
  expect(bench.run(v)).toEqual({ kind: 'yield' });
});

describe('yields (44, 9C)', () => {
  test.each([
    ['44', 0x44, 0n, { kind: 'yield' }],
    ['9C to another CPU', 0x9c, 1n, { kind: 'yield', to: 1 }],
    ['9C to itself', 0x9c, 0n, { kind: 'quantum' }],
    ['9C to none', 0x9c, 7n, { kind: 'quantum' }],
  ])('%s', (_, code, target, exit) => {
    expect(diagnose(code, { 2: target })).toEqual(exit);
  });
});

describe('release of pages (10)', () => {
  const filled = (at: number): boolean => bench.hex(at, 4) === '07070707' && bench.hex(at + 4092, 4) === '07070707';
  beforeEach(() => {
    for (let at = 0x2_8000; at < 0x3_0000; at += 4096) bench.put(at, new Uint8Array(4096).fill(7));
  });
  test('first and last, both included', () => {
    diagnose(0x10, { 2: 0x2_9000n, 4: 0x2_a000n });
    expect([filled(0x2_8000), filled(0x2_9000), filled(0x2_a000), filled(0x2_b000), pgm()]).toEqual([
      true,
      false,
      false,
      true,
      0,
    ]);
  });
  test('real addresses of the prefix area are the first two pages', () => {
    const v = bench.program([coded('DIAG', 2, 4, 0x10), SPIN]);
    bench.put(0, new Uint8Array(8192).fill(7));
    v.vcpu.setPrefix(gpa(0x2_a000));
    v.vcpu.setGr(2, 0x2_9000n);
    v.vcpu.setGr(4, 0x2_c000n);
    v.sync();
    bench.run(v);
    const pages = [0x2_8000, 0x2_9000, 0x2_a000, 0x2_b000, 0x2_c000, 0x2_d000, 0, 0x1000];
    expect(pages.map(filled)).toEqual([true, false, true, true, false, true, false, false]);
  });
  test('ranges may lead out of storage', () => {
    diagnose(0x10, { 2: 0x2_f000n, 4: 1n << 40n });
    expect([filled(0x2_e000), filled(0x2_f000), bench.hex(STORAGE - 4, 4), pgm()]).toEqual([
      true,
      false,
      '00000000',
      0,
    ]);
  });
  test('of much storage is executed again for what is left', () => {
    const big = new KvmBench({ storage: 20 << 20 });
    const v = big.program([coded('DIAG', 2, 4, 0x10), SPIN]);
    const places = [1 << 20, 10 << 20, 18 << 20];
    for (const at of places) big.put(at, Uint8Array.of(7));
    v.vcpu.setGr(2, BigInt(1 << 20));
    v.vcpu.setGr(4, BigInt(20 << 20) - 4096n);
    v.sync();
    const { address } = v.psw;
    const run = (): readonly [contents: string, again: boolean] => {
      v.run({ until: v.vcpu.icount + 1n, checked: false });
      return [places.map((at) => big.hex(at, 1)).join(), v.psw.address === address];
    };
    expect(run()).toEqual(['00,07,07', true]);
    expect(run()).toEqual(['00,00,07', true]);
    expect(run()).toEqual(['00,00,00', false]);
  });
  test.each([
    ['start not on a page', 0x2_9004n, 0x2_a000n],
    ['end not on a page', 0x2_9000n, 0x2_a004n],
    ['end before start', 0x2_a000n, 0x2_8000n],
    ['the first two pages', 0x1000n, 0x2_8000n],
    ['an end that wraps around', 0x2_9000n, 0xffff_ffff_ffff_f000n],
  ])('%s: specification, nothing released', (_, start, last) => {
    diagnose(0x10, { 2: start, 4: last });
    expect([pgm(), filled(0x2_9000), filled(0x2_a000)]).toEqual([PGM.specification, true, true]);
  });
});

describe('the watchdog (288)', () => {
  const start = (seconds: bigint, command = 0n, action = 0n): VcpuExit =>
    diagnose(0x288, { 2: command, 3: seconds, 4: action });
  test('strikes when it is not set again in time, also in a wait', () => {
    start(15n);
    const v = bench.program([SPIN], { mask: OPEN.external | PSW.wait });
    expect(bench.run(v).kind).toBe('wait');
    const left = v.untilTimer();
    expect([left !== undefined && left > 14n * SECOND && left <= 15n * SECOND, v.hasDeliverable()]).toEqual([
      true,
      false,
    ]);
    v.vcpu.core.clock.idle(v.vcpu, (left ?? 0n) - 1n);
    expect(bench.run(v).kind).toBe('wait');
    start(20n, 1n);
    bench.program([SPIN], { mask: OPEN.external });
    v.vcpu.core.clock.pass(v.vcpu, 19n * SECOND);
    expect(bench.run(v).kind).toBe('quantum');
    v.vcpu.core.clock.pass(v.vcpu, SECOND);
    expect(bench.run(v)).toMatchObject({ kind: 'crashed', message: expect.stringContaining('watchdog') });
  });
  test('strikes once, and what comes of it is for user space to say', () => {
    const struck: number[] = [];
    bench.vm.userSpace = {
      ...bench.vm.userSpace,
      watchdogStruck: ({ id }) => {
        struck.push(id);
        return { kind: 'machine' };
      },
    };
    start(15n);
    const v = bench.program([SPIN], { mask: OPEN.external });
    v.vcpu.core.clock.pass(v.vcpu, 15n * SECOND);
    expect([bench.run(v).kind, bench.run(v).kind]).toEqual(['machine', 'quantum']);
    expect([struck, bench.vm.watchdog.until(v)]).toEqual([[0], undefined]);
  });
  test.each([10_000n, 7n, 1n])('strikes behind the same instruction when runs are of %d', (piece) => {
    start(15n);
    const v = bench.program([SPIN], { mask: OPEN.external });
    v.vcpu.core.clock.pass(v.vcpu, (bench.vm.watchdog.until(v) ?? 0n) - 1000n);
    const from = v.vcpu.icount;
    let exit: VcpuExit = { kind: 'quantum' };
    while (exit.kind === 'quantum' && v.vcpu.icount < from + 20_000n)
      exit = v.run({ until: v.vcpu.icount + piece, checked: false });
    expect([exit.kind, v.vcpu.icount - from]).toEqual(['crashed', 1000n]);
  });
  test('cancelled, it does not', () => {
    start(15n);
    start(0n, 2n);
    expect([pgm(), bench.vm.watchdog.until(bench.vcpu())]).toEqual([0, undefined]);
  });
  test.each([
    ['too short', 14n, 0n, 0n],
    ['a function that is none', 15n, 3n, 0n],
    ['an action that is none', 15n, 0n, 1n],
    ['changed while it is off', 15n, 1n, 0n],
    ['cancelled while it is off', 15n, 2n, 0n],
  ])('%s: specification', (_, seconds, command, action) => {
    start(seconds, command, action);
    expect([pgm(), bench.vm.watchdog.until(bench.vcpu())]).toEqual([PGM.specification, undefined]);
  });
});

test('user space answers what the hypervisor does not', () => {
  bench.vm.userSpace = {
    ...bench.vm.userSpace,
    diagnose: (v, code, r1, r3) => {
      v.vcpu.setGr(9, BigInt(code * 256 + r1 * 16 + r3));
      return code === 0x600 ? leave({ kind: 'machine' }) : program(PGM.operand);
    },
  };
  expect([diagnose(0x600), bench.vcpu().vcpu.gr(9)]).toEqual([{ kind: 'machine' }, 0x60024n]);
  diagnose(0x601);
  expect(pgm()).toBe(PGM.operand);
});

describe('the handshake for page faults', () => {
  const BLOCK = 0x3_8000;
  type Words = Readonly<{
    code: number;
    subcode: number;
    length: number;
    version: number;
    token: bigint;
    select: bigint;
    compare: bigint;
    mode: bigint;
  }>;
  const token: Words = {
    code: 0x258,
    subcode: 0,
    length: 5,
    version: 2,
    token: 0x1_2340n,
    select: 1n << 48n,
    compare: 1n << 48n,
    mode: 1n << 63n,
  };
  const cancel: Words = { ...token, subcode: 1, token: 0n, select: 0n, compare: 0n, mode: 0n };

  function blockOf(words: Words): Uint8Array {
    const block = new DataView(new ArrayBuffer(40));
    for (const [i, value] of [words.code, words.subcode, words.length, words.version].entries())
      block.setUint16(2 * i, value);
    for (const [i, value] of [words.token, words.select, words.compare, words.mode].entries())
      block.setBigUint64(8 + 8 * i, value);
    return new Uint8Array(block.buffer);
  }
  /** What R3 holds afterwards. */
  function ask(words: Words, at = BLOCK): bigint | undefined {
    bench.put(at, blockOf(words));
    bench.put(0x8e, new Uint8Array(2));
    diagnose(0x258, { 2: BigInt(at), 4: 0xdeadn });
    return pgm() === 0 ? bench.vcpu().vcpu.gr(4) : undefined;
  }

  test('is taken up once, and called off once', () => {
    expect(ask(cancel)).toBe(4n);
    expect(ask(token)).toBe(0n);
    expect(ask({ ...token, token: 0x8000n })).toBe(8n);
    expect(ask(cancel)).toBe(0n);
    expect(ask(cancel)).toBe(4n);
  });
  test('ends with a reset, and is part of the state of a vCPU', () => {
    expect(ask(token)).toBe(0n);
    const saved = bench.vcpu().save();
    bench.vcpu().reset('normal');
    expect(ask(cancel)).toBe(4n);
    bench.vcpu().restore(saved);
    expect(ask(token)).toBe(8n);
  });
  test('of another vCPU is another one', () => {
    expect(ask(token)).toBe(0n);
    expect(bench.vcpu(1).pfault.save().token).toBeUndefined();
  });

  type Case = readonly [string, Words, number, number?];
  const refused: readonly Case[] = [
    ['parameters in between doublewords', token, PGM.specification, BLOCK + 4],
    ['another code', { ...token, code: 0x259 }, PGM.specification],
    ['another version', { ...token, version: 1 }, PGM.specification],
    ['too short a block', { ...token, length: 4 }, PGM.specification],
    ['a subcode that is none', { ...token, subcode: 2 }, PGM.specification],
    ['a token in between doublewords', { ...token, token: 0x1_2344n }, PGM.specification],
    ['bits to compare that are not selected', { ...token, compare: 3n << 48n }, PGM.specification],
    ['another architecture', { ...token, mode: 0n }, PGM.specification],
    ['a token that is nowhere', { ...token, token: 0x4000_0000n }, PGM.addressing],
    ['a token with its end', { ...cancel, token: 0x1_2340n }, PGM.specification],
    ['a mask with its end', { ...cancel, select: 1n }, PGM.specification],
  ];
  test.each(
    refused.map(([name, words, code, at = BLOCK]) => [name, words, code, at] as const),
  )('%s: refused, nothing taken up', (_, words, code, at) => {
    expect([ask(words, at), pgm(), bench.vcpu().vcpu.gr(4)]).toEqual([undefined, code, 0xdeadn]);
    expect(bench.vcpu().pfault.save().token).toBeUndefined();
  });
  test.each([
    ['nowhere', 0xffff_ffff_ffff_fff0n],
    ['half of them', BigInt(STORAGE - 8)],
  ])('parameters that are %s: an addressing exception', (_, at) => {
    diagnose(0x258, { 2: at });
    expect(pgm()).toBe(PGM.addressing);
  });
  test('parameters are at a real address', () => {
    // By prefixing, what is real there is absolute in the first page.
    bench.put(0x3a0, blockOf(token));
    bench.put(0x2_01d0, bench.bytes(0x1d0, 16));
    bench.vcpu().vcpu.setPrefix(gpa(0x2_0000));
    diagnose(0x258, { 2: 0x2_03a0n, 4: 0xdeadn });
    expect([Number(bench.low('programCode', 0x2_0000)), bench.vcpu().vcpu.gr(4)]).toEqual([0, 0n]);
  });
});
