import { beforeEach, describe, expect, test } from 'vitest';
import { PGM } from '../../../../../src/arch/s390x/cpu/interruption-codes.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import type { KvmVcpu } from '../../../../../src/arch/s390x/kvm/vcpu.ts';
import type { SieExit } from '../../../../../src/arch/s390x/sie/sie-exit.ts';
import { cpuflags, eca, ecb, icpt, ictl } from '../../../../../src/arch/s390x/sie/state-description.ts';
import { CODE, coded, encode, HANDLERS, KvmBench, MASK_64, NOP, psw, SPIN, withBase } from '../kvm/harness.ts';

const bench = new KvmBench();
let v: KvmVcpu;

beforeEach(() => {
  bench.fresh();
});

/** One entry to SIE, with what waits from the block alone: no hypervisor around it. */
function enter(count = 1): SieExit {
  return bench.vm.sie.enter(v.vcpu, v.block, { until: v.vcpu.icount + BigInt(count), checked: false });
}
function told(): { code: number; status: number; ipa: number; ipb: number; address: number } {
  const { block } = v;
  return {
    code: block.get('icptcode'),
    status: block.get('icptstatus'),
    ipa: block.get('ipa'),
    ipb: block.get('ipb'),
    address: Number(block.big('gpswAddress')),
  };
}

describe('instruction interception (04)', () => {
  test('text left-aligned in ipa and ipb, PSW behind the instruction', () => {
    v = bench.program([coded('DIAG', 0, 0, 0x44)]);
    expect(enter()).toEqual({ kind: 'intercepted' });
    expect(told()).toEqual({ code: icpt.instruction, status: 0x80, ipa: 0x8300, ipb: 0x0044_0000, address: CODE + 4 });
  });

  test('two-byte instruction: ipb is zero', () => {
    v = bench.program([encode('SCKPF')]);
    enter();
    expect(told()).toMatchObject({ code: icpt.instruction, ipa: 0x0107, ipb: 0, address: CODE + 2 });
  });

  test.each([
    ['EX', encode('EX', { r1: 2, x2: 0, b2: 3, d2: 0 }), 4, 0xc1],
    ['EXRL', encode('EXRL', { r1: 2, ri2: 0x100 }), 6, 0xe1],
  ])('target of %s: the target with its bits OR-ed in, the length of the EXECUTE', (_, text, length, status) => {
    v = bench.program([text]);
    bench.put(CODE + 0x100, coded('DIAG', 1, 0, 0x10));
    v.vcpu.setGr(2, 0x05n);
    v.vcpu.setGr(3, BigInt(CODE + 0x100));
    v.sync();
    enter();
    expect(told()).toEqual({ code: icpt.instruction, status, ipa: 0x8315, ipb: 0x0010_0000, address: CODE + length });
  });

  test.each([
    ['all', 0x8000_0000, 7, true],
    ['the first number', 0x4007_0809, 7, true],
    ['the second number', 0x2007_0809, 8, true],
    ['the third number', 0x1007_0809, 9, true],
    ['a number that is not enabled', 0x4007_0809, 8, false],
    ['none', 0x0007_0809, 7, false],
  ])('SVC interception control, %s', (_, svcc, number, intercepted) => {
    v = bench.program([encode('SVC', { i: number })]);
    v.block.set('svcc', svcc);
    enter();
    expect(v.block.get('icptcode')).toBe(intercepted ? icpt.instruction : icpt.none);
    if (intercepted) expect(told()).toMatchObject({ ipa: 0x0a00 | number, address: CODE + 2 });
    else expect([bench.low('svcCode'), told().address]).toEqual([BigInt(number), HANDLERS.svc]);
  });

  test.each([
    ['LCTLG of the register', encode('LCTLG', { r1: 6, r3: 6, b2: 3, d2: 0 }), 0x0200, true],
    ['LCTLG of others', encode('LCTLG', { r1: 7, r3: 8, b2: 3, d2: 0 }), 0x0200, false],
    ['LCTL that wraps around to it', encode('LCTL', { r1: 14, r3: 0, b2: 3, d2: 0 }), 0x8000, true],
    ['LCTL that wraps around past it', encode('LCTL', { r1: 14, r3: 0, b2: 3, d2: 0 }), 0x4000, false],
  ])('lctl, %s', (_, text, lctl, intercepted) => {
    v = bench.program([text]);
    v.vcpu.setGr(3, 0x1_2000n);
    v.block.set('lctl', lctl);
    enter();
    expect(told().code).toBe(intercepted ? icpt.instruction : icpt.none);
  });

  test('privilege and alignment come before the interception of LCTLG', () => {
    v = bench.program([encode('LCTLG', { r1: 6, r3: 6, b2: 3, d2: 0 })]);
    v.vcpu.setGr(3, 0x1_2004n);
    v.block.set('lctl', 0xffff);
    enter();
    expect([told().code, bench.low('programCode')]).toEqual([icpt.none, BigInt(PGM.specification)]);
    v.setPsw({ mask: MASK_64 | PSW.problem, address: BigInt(CODE) });
    enter();
    expect([told().code, bench.low('programCode')]).toEqual([icpt.none, BigInt(PGM.privilegedOperation)]);
  });
});

/** A text, and the program interruption that it ends with at `CODE`. GR 3 holds an address that is not there. */
const ends = {
  operation: Uint8Array.of(0, 0),
  privileged: encode('PTLB'),
  specification: encode('LCTLG', { r1: 0, r3: 0, b2: 4, d2: 1 }),
  addressing: encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 }),
  protection: encode('STG', { r1: 1, x2: 0, b2: 4, d2: 0 }),
  divide: encode('DR', { r1: 2, r2: 1 }),
} as const;

describe('program interruptions: who gets them', () => {
  type Case = readonly [keyof typeof ends, string, Partial<Record<'ictl' | 'eca' | 'ecb', number>>, number];
  const cases: readonly Case[] = [
    ['operation', 'its own code with the control', { ictl: ictl.operationException }, icpt.operation],
    ['operation', 'the guest without', { ictl: 0 }, icpt.none],
    ['operation', 'its own code even when all are intercepted', { ictl: 0xa000_0000 }, icpt.operation],
    ['privileged', 'intercepted with the control', { ictl: ictl.privilegedOperation }, icpt.program],
    ['privileged', 'the guest without', { ictl: 0 }, icpt.none],
    ['specification', 'the guest under SPECI', { ecb: ecb.speci }, icpt.none],
    ['specification', 'intercepted without', { ecb: 0 }, icpt.program],
    ['addressing', 'always intercepted', {}, icpt.program],
    ['protection', 'the guest under its interpretation', { eca: eca.protectionInterpretation }, icpt.none],
    ['protection', 'intercepted without', { eca: 0 }, icpt.program],
    ['divide', 'the guest', {}, icpt.none],
    ['divide', 'intercepted when all are', { ictl: ictl.programInterruption }, icpt.program],
  ];
  test.each(cases)('%s: %s', (name, _, controls, code) => {
    const problem = name === 'privileged' ? PSW.problem : 0n;
    v = bench.program([ends[name]], { mask: MASK_64 | problem });
    v.vcpu.setGr(3, 0x4000_0000n);
    v.vcpu.setCr(0, 0x1000_0000n);
    v.sync();
    for (const [field, value] of Object.entries(controls)) v.block.set(field as 'ictl', value);
    enter();
    expect(told().code).toBe(code);
    const delivered = bench.low('programCode') !== 0n;
    expect(delivered).toBe(code === icpt.none);
    expect(told().address).toBe(code === icpt.none ? HANDLERS.program : CODE + ends[name].length);
  });

  test('parameters of an intercepted one; the prefix area is untouched, the PSW stays when it is nullified', () => {
    v = bench.program([encode('LG', { r1: 1, x2: 0, b2: 0, d2: 0x800 })], {
      mask: MASK_64 | PSW.dat | PSW.addressSpace,
    });
    // Home space whose segment table is there, all entries invalid.
    bench.put(0x2_8000, new Uint8Array(8 * 16).fill(0x20));
    v.vcpu.setCr(13, 0x2_8000n);
    v.block.change('ictl', ictl.programInterruption);
    v.sync();
    const before = bench.hex(0, 0x200);
    enter();
    expect(told()).toMatchObject({ code: icpt.program, address: CODE });
    expect([v.block.get('iprcc'), v.block.get('pgmilc') & 6]).toEqual([PGM.segmentTranslation, 2]);
    expect(v.block.big('tecmc')).toBe(BigInt(CODE) | 0x803n);
    expect(bench.hex(0, 0x200)).toBe(before);
  });

  test('an exception because of the program-new PSW is intercepted whatever the controls', () => {
    v = bench.program([ends.privileged], { mask: MASK_64 | PSW.problem });
    bench.put(0x1d0, psw(MASK_64 | 1n, HANDLERS.program));
    enter();
    expect(told()).toMatchObject({ code: icpt.program, address: HANDLERS.program });
    expect([v.block.get('iprcc'), v.block.get('pgmilc')]).toEqual([PGM.specification, 0]);
    expect(v.block.big('gpsw')).toBe(MASK_64 | 1n);
  });

  test('a guest that would take one interruption for ever is told, not run for ever', () => {
    v = bench.program([ends.operation]);
    bench.put(0x1d0, psw(MASK_64, 0x2_6000));
    expect(enter(10)).toMatchObject({
      kind: 'interruption-loop',
      code: PGM.operation,
      cause: { address: BigInt(CODE) },
    });
  });
});

describe('requests', () => {
  const { extInt, ioInt, stopInt } = cpuflags;
  test.each([
    ['external, masked', extInt, 0n, icpt.none],
    ['external, open', extInt, PSW.external, icpt.externalRequest],
    ['I/O, masked', ioInt, PSW.external, icpt.none],
    ['I/O, open', ioInt, PSW.io, icpt.ioRequest],
    ['stop, whatever the masks', stopInt, 0n, icpt.stop],
    ['external before I/O before stop', extInt | ioInt | stopInt, PSW.external | PSW.io, icpt.externalRequest],
    ['I/O before stop', extInt | ioInt | stopInt, PSW.io, icpt.ioRequest],
    ['stop before wait', stopInt, PSW.wait, icpt.stop],
    ['wait', 0, PSW.wait, icpt.wait],
  ])('%s', (_, flags, mask, code) => {
    v = bench.program([SPIN], { mask: MASK_64 | mask });
    v.block.change('cpuflags', flags);
    enter();
    expect(told()).toMatchObject({ code, address: CODE });
  });

  test('a mask that an instruction opens is seen before the next one', () => {
    const open = encode('STOSM', { b1: 3, d1: 0, i2: 1 });
    v = bench.program([open, NOP, SPIN]);
    v.vcpu.setGr(3, 0x1_2000n);
    v.block.change('cpuflags', extInt);
    enter(10);
    expect(told()).toMatchObject({ code: icpt.externalRequest, address: CODE + 4 });
  });

  test.each([
    ['delivered when it is alone', 0, MASK_64, icpt.none],
    ['left to the hypervisor when it has one too (14)', extInt, MASK_64, icpt.externalInterruption],
    ['left to the hypervisor when it would never end (14)', 0, MASK_64 | PSW.external, icpt.externalInterruption],
  ])("a timer's interruption is %s", (_, flags, fresh, code) => {
    v = bench.program([SPIN], { mask: MASK_64 | PSW.external });
    bench.put(0x1b0, psw(fresh, HANDLERS.external));
    v.vcpu.setCr(0, 0x800n);
    v.vcpu.core.clock.setClockComparator(v.vcpu, 0n);
    v.block.change('cpuflags', flags);
    v.sync();
    enter();
    expect(told().code).toBe(code);
    if (code === icpt.none) expect(bench.low('externalCode')).toBe(0x1004n);
    else expect([v.block.get('eic'), told().address]).toEqual([0x1004, CODE]);
  });

  test.each([
    ['unsigned: the highest value is never', 0n, 0xffff_ffff_ffff_ffffn, false],
    ['unsigned: zero is always', 0n, 0n, true],
    ['signed: minus one is long past', 1n << 53n, 0xffff_ffff_ffff_ffffn, false],
    ['signed: the least is past', 1n << 53n, 0x8000_0000_0000_0000n, true],
  ])('clock comparator, %s', (_, sign, comparator, pending) => {
    // The TOD clock of 2024 is negative in the signed comparison; minus one is later than it.
    v = bench.program([SPIN], { mask: MASK_64 | PSW.external });
    v.vcpu.setCr(0, 0x800n | sign);
    v.vcpu.core.clock.setClockComparator(v.vcpu, comparator);
    v.sync();
    enter();
    expect(bench.low('externalCode') === 0x1004n).toBe(pending);
  });
});

describe('validity interceptions (20) and state', () => {
  test('not z/Architecture', () => {
    v = bench.program([SPIN]);
    v.block.change('cpuflags', 0, cpuflags.zarch);
    enter();
    expect(told()).toMatchObject({ code: icpt.validity, ipa: 0x1110, ipb: 0x0001_0000 });
  });
  test('a prefix area that is not there', () => {
    v = bench.program([SPIN]);
    v.block.set('prefix', 0x4000_0000);
    enter();
    expect(told()).toMatchObject({ code: icpt.validity, ipa: 0x1110, ipb: 0x0037_0000 });
  });
  test('a PSW that is not valid makes its exception before anything is executed', () => {
    v = bench.program([SPIN]);
    v.block.setBig('gpsw', MASK_64 | 1n);
    enter();
    expect([bench.low('programCode'), bench.low('programIlc')]).toEqual([BigInt(PGM.specification), 0n]);
    expect(bench.hex(0x150, 16)).toBe(Buffer.from(psw(MASK_64 | 1n, CODE)).toString('hex'));
  });
  test('everything that the block holds of the guest goes in and comes out', () => {
    v = bench.program([withBase('STCKC', 3), withBase('STPT', 4), SPIN]);
    const { block } = v;
    v.vcpu.setGr(3, 0x1_2000n);
    v.vcpu.setGr(4, 0x1_2008n);
    block.setBig('ckc', 0x1234_5678_9abc_def0n);
    block.setBig('cputm', 0x7000_0000_0000_0000n);
    block.setGcr(4, 0xdead_beef_0000_0001n);
    block.setBig('gg14', 14n);
    block.setBig('gg15', 15n);
    block.setBig('pp', 0xabcn);
    block.set('todpr', 0x1234);
    enter(2);
    expect(bench.hex(0x1_2000, 8)).toBe('123456789abcdef0');
    expect(BigInt(`0x${bench.hex(0x1_2008, 8)}`)).toBeLessThan(0x7000_0000_0000_0000n);
    expect([v.vcpu.cr(4), v.vcpu.gr(14), v.vcpu.gr(15)]).toEqual([0xdead_beef_0000_0001n, 14n, 15n]);
    expect([block.big('pp'), block.get('todpr'), block.gcr(4)]).toEqual([0xabcn, 0x1234, 0xdead_beef_0000_0001n]);
    expect(block.big('cputm')).toBeLessThan(0x7000_0000_0000_0000n);
  });
  test('ihcpu FFFF asks for a purge of the TLB and is taken', () => {
    v = bench.program([SPIN]);
    v.block.set('ihcpu', 0xffff);
    enter();
    expect(v.block.get('ihcpu')).not.toBe(0xffff);
  });
});
