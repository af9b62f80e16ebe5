/** START INTERPRETIVE EXECUTION as a guest executes it: what its guest does, what ends it, what is stored. */

import { beforeEach, describe, expect, test } from 'vitest';
import { todOfInstructions } from '../../../../../src/arch/s390x/cpu/clock.ts';
import { PSW } from '../../../../../src/arch/s390x/cpu/psw.ts';
import {
  cpuflags,
  eca,
  ecb,
  ecb2,
  ecd,
  icpt,
  icptStatus,
  ictl,
  type SieBlock,
} from '../../../../../src/arch/s390x/sie/state-description.ts';
import { toBigEndian } from '../../../../../src/bits/hex.ts';
import { CODE, coded, encode, MASK_64, NOP, OPEN, psw, SPIN, withBase } from '../kvm/harness.ts';
import { BASE, BLOCK, DIAG, INNER, INNER_HANDLER, NestedBench, PAGE, PAGES, SEGMENTS } from './nested.ts';

const n = new NestedBench();
const { bench } = n;

beforeEach(() => {
  bench.fresh();
});

const STG = encode('STG', { r1: 1, x2: 0, b2: 3, d2: 0 });
const LG = encode('LG', { r1: 1, x2: 0, b2: 3, d2: 0 });

describe('what host and guest have', () => {
  test('general registers 14 and 15 and the control registers come from the block and go back; the others are shared', () => {
    n.describeGuest((b) => {
      b.setBig('gg14', 0x1111n);
      b.setBig('gg15', 0x2222n);
      b.setGcr(3, 0x3333n);
    });
    n.inner([encode('AGR', { r1: 14, r2: 5 }), encode('LGR', { r1: 6, r2: 15 }), DIAG]);
    n.host({ gr: { 5: 7n, 14: 0xaaaan, 15: 0xbbbbn } });
    n.v.vcpu.setCr(3, 0xccccn);
    n.v.sync();
    bench.run(n.v, 5);
    const b = n.told();
    expect([b.big('gg14'), b.big('gg15'), b.gcr(3)]).toEqual([0x1118n, 0x2222n, 0x3333n]);
    expect([n.v.vcpu.gr(6), n.v.vcpu.gr(14), n.v.vcpu.gr(15), n.v.vcpu.cr(3)]).toEqual([
      0x2222n,
      0xaaaan,
      0xbbbbn,
      0xccccn,
    ]);
    expect(n.v.psw.address).toBe(BigInt(CODE + 6));
  });

  test('access, floating-point and vector registers are shared', () => {
    n.describeGuest();
    n.inner([encode('SAR', { r1: 2, r2: 5 }), encode('LDGR', { r1: 4, r2: 5 }), DIAG]);
    n.interpret(4, { gr: { 5: 0x1234n } });
    expect([n.v.vcpu.ar(2), n.v.vcpu.fpr(4)]).toEqual([0x1234, 0x1234n]);
  });

  test('the clock is the host clock with the epoch of the block, and stays there', () => {
    n.describeGuest((b) => b.setBig('epoch', 1n << 40n));
    n.inner([encode('STCK', { b2: 0, d2: 0x800 }), DIAG]);
    n.host();
    bench.run(n.v, 2);
    const expected = BigInt.asUintN(64, bench.core.clock.tod(n.v.vcpu) + (1n << 40n));
    const seen = BigInt(`0x${bench.hex(BASE + 0x800, 8)}`);
    expect(expected - seen < 4096n && expected >= seen).toBe(true);
    bench.run(n.v, 1);
    expect(n.told().big('epoch')).toBe(1n << 40n);
  });

  test('the epoch index is the sum of all, carries included, where the block has the control', () => {
    const index = (control: number): string => {
      n.describeGuest((b) => {
        b.setBig('epoch', (1n << 64n) - 1n);
        b.set('epdx', 0xfe);
        b.set('ecd', control);
      });
      n.inner([encode('STCKE', { b2: 0, d2: 0x800 }), DIAG]);
      n.host();
      n.v.block.set('epdx', 7);
      bench.run(n.v, 3);
      expect(n.told().get('epdx')).toBe(0xfe);
      return bench.hex(BASE + 0x800, 1);
    };
    expect(index(ecd.mef)).toBe('06');
    expect(index(0)).toBe('00');
  });

  test('the CPU timer runs while the guest does, and the one of the host all the time', () => {
    n.describeGuest((b) => b.setBig('cputm', 0x100_0000n));
    n.inner([...Array.from({ length: 249 }, () => NOP), DIAG]);
    n.host();
    const timer = bench.core.clock.cpuTimer(n.v.vcpu);
    bench.run(n.v, 251);
    expect(n.told().big('cputm')).toBe(0x100_0000n - todOfInstructions(250n));
    expect(timer - bench.core.clock.cpuTimer(n.v.vcpu)).toBe(todOfInstructions(251n));
  });

  test('the prefix is the one of the block', () => {
    n.describeGuest((b) => b.set('prefix', 0x2_0000));
    bench.put(BASE + 0x2_0000 + 0x800, toBigEndian(0x77n, 8));
    n.inner([encode('LG', { r1: 1, x2: 0, b2: 0, d2: 0x800 }), DIAG]);
    n.interpret(3);
    expect(n.v.vcpu.gr(1)).toBe(0x77n);
  });
});

describe('instruction interception', () => {
  test('text, and the PSW behind; the host goes on behind SIE', () => {
    n.describeGuest();
    n.inner([NOP, DIAG]);
    n.interpret(3);
    expect(n.ended()).toEqual([icpt.instruction, 0x80, '831200440000', INNER + 6]);
    expect([n.v.psw.address, n.v.vcpu.icount - n.before]).toEqual([BigInt(CODE + 4), 3n]);
  });

  test('of the target of EXECUTE', () => {
    n.describeGuest();
    n.inner([encode('EXRL', { r1: 5, ri2: 0x100 })]);
    n.inner([coded('DIAG', 1, 0, 0x10)], INNER + 0x100);
    n.interpret(2, { gr: { 5: 2n } });
    expect(n.ended()).toEqual([icpt.instruction, 0xe1, '831200100000', INNER + 6]);
  });

  test('START INTERPRETIVE EXECUTION of the guest is always intercepted', () => {
    n.describeGuest();
    n.inner([withBase('SIE', 12)]);
    n.interpret(2);
    expect(n.ended()).toEqual([icpt.instruction, 0x80, 'b214c0000000', INNER + 4]);
  });

  test.each([
    ['LPSWE', ictl.lpsw, encode('LPSWE', { b2: 0, d2: 0x800 })],
    ['PTLB', ictl.ptlb, encode('PTLB')],
    ['ISKE', ictl.iske, encode('ISKE', { r1: 1, r2: 2 })],
    ['STCTG', ictl.stctl, encode('STCTG', { r1: 1, r3: 1, b2: 0, d2: 0x800 })],
  ])('%s by its control', (_, control, text) => {
    n.describeGuest((b) => {
      b.ictl = control;
    });
    n.inner([text]);
    n.interpret(2);
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.instruction, INNER + text.length]);
  });

  test('the keyless subset: in front of the instruction, with its own code', () => {
    n.describeGuest((b) => {
      b.cpuflags = b.cpuflags | cpuflags.kss;
    });
    n.inner([encode('ISKE', { r1: 1, r2: 2 })]);
    n.interpret(2);
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.kss, INNER]);
  });

  test('invalidation while the host walks the tables of the guest: the lock in the system control area', () => {
    n.describeGuest((b) => b.set('scaol', 0x7_0000));
    n.inner([encode('IPTE', { r1: 1, r2: 2, r3: 0, m4: 0 }), DIAG]);
    bench.put(0x7_0000, Uint8Array.of(0x80));
    n.interpret(2, { gr: { 1: 0x1_0000n } });
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.instruction, INNER + 4]);
    expect(bench.hex(BASE + 0x1_0000, 8)).toBe('0000000000000000');
  });

  test('the facility list is the one of the block; without one STFLE is intercepted', () => {
    const text = encode('STFLE', { b2: 0, d2: 0x800 });
    n.describeGuest();
    n.inner([text]);
    n.interpret(2);
    expect(n.ended()).toEqual([icpt.instruction, 0x80, 'b2b008000000', INNER + 4]);
    n.describeGuest((b) => b.set('fac', 0x7_1000));
    bench.put(0x7_1000, Uint8Array.of(0xde, 0xad));
    n.inner([text, DIAG]);
    n.interpret(3);
    expect(bench.hex(BASE + 0x800, 8)).toBe('dead000000000000');
  });
});

describe('program interruptions of the guest', () => {
  test('are its own, in its prefix area', () => {
    n.describeGuest();
    bench.put(BASE + 0x1d0, psw(MASK_64, INNER_HANDLER));
    n.inner([Uint8Array.of(0, 0)]);
    n.inner([DIAG], INNER_HANDLER);
    n.interpret(3);
    expect(n.ended()).toEqual([icpt.instruction, 0x80, '831200440000', INNER_HANDLER + 4]);
    expect([bench.hex(BASE + 0x8e, 2), bench.hex(BASE + 0x158, 8)]).toEqual([
      '0001',
      BigInt(INNER + 2)
        .toString(16)
        .padStart(16, '0'),
    ]);
    expect(bench.low('programCode')).toBe(0n);
  });

  test('operation exceptions by their control, with the text', () => {
    n.describeGuest((b) => {
      b.ictl = ictl.operationException;
    });
    n.inner([Uint8Array.of(0, 0)]);
    n.interpret(2);
    expect(n.ended()).toEqual([icpt.operation, 0x80, '000000000000', INNER + 2]);
  });

  test('addressing is always intercepted: beyond the limit, the origin added', () => {
    n.describeGuest((b) => {
      b.cpuflags = cpuflags.zarch;
      b.setBig('mso', 0n);
      b.setBig('msl', 0xf_ffffn);
    });
    n.inner([LG]);
    n.interpret(2, { gr: { 3: 0x10_0000n } });
    const b = n.told();
    expect([b.icptcode, b.get('iprcc'), Number(b.big('gpswAddress'))]).toEqual([icpt.program, 5, INNER + 6]);
  });

  test('an invalid new PSW is intercepted as a specification exception', () => {
    n.describeGuest();
    bench.put(BASE + 0x1d0, psw(MASK_64 | 1n, INNER_HANDLER));
    n.inner([Uint8Array.of(0, 0)]);
    n.interpret(2);
    const b = n.told();
    expect([b.icptcode, b.get('iprcc'), b.big('gpsw')]).toEqual([icpt.program, 6, MASK_64 | 1n]);
  });

  test('by a loop of them, which the host can still interrupt', () => {
    n.describeGuest();
    bench.put(BASE + 0x1d0, psw(MASK_64, INNER));
    n.inner([Uint8Array.of(0, 0)]);
    n.host();
    expect(bench.run(n.v, 50)).toEqual({ kind: 'quantum' });
    expect([n.v.interpretation.active, n.v.vcpu.icount - n.before]).toEqual([true, 50n]);
  });
});

describe('program events of the guest', () => {
  test('under its enhancement are intercepted, whatever the PSW says', () => {
    n.describeGuest((b) => {
      b.cpuflags = b.cpuflags | cpuflags.p;
      b.setGcr(9, 0x4000_0000n);
      b.setGcr(11, -1n);
    });
    n.inner([NOP, NOP]);
    n.interpret(2);
    const b = n.told();
    expect([b.icptcode, b.get('iprcc'), b.get('perc'), b.big('peraddr')]).toEqual([
      icpt.program,
      0x80,
      0x40,
      BigInt(INNER),
    ]);
    expect(n.ended()[3]).toBe(INNER + 2);
  });

  test('of an intercepted instruction: the bit that says it was fetched', () => {
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.per);
      b.setGcr(9, 0x4000_0000n);
      b.setGcr(11, -1n);
    });
    n.inner([DIAG]);
    n.interpret(2);
    expect(n.ended()).toEqual([icpt.instruction, icptStatus.text | icptStatus.perIfetch, '831200440000', INNER + 4]);
  });

  test('without either they are the guest’s own', () => {
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.per);
      b.setGcr(9, 0x4000_0000n);
      b.setGcr(11, -1n);
    });
    bench.put(BASE + 0x1d0, psw(MASK_64, INNER_HANDLER));
    n.inner([NOP]);
    n.inner([DIAG], INNER_HANDLER);
    n.interpret(3);
    expect([n.ended()[3], bench.hex(BASE + 0x8e, 2), bench.hex(BASE + 0x96, 1)]).toEqual([
      INNER_HANDLER + 4,
      '0080',
      '40',
    ]);
  });
});

describe('host exceptions', () => {
  const INVALID = 0x400n;
  const PROTECTED = 0x200n;
  const target = { gr: { 3: 0x3_0008n, 1: 0x55n } };

  test.each([
    ['fetch', LG, 0x3_0800n],
    ['store', STG, 0x3_0400n],
  ])('a page that is not there, %s: in front of SIE, the guest in front of its instruction', (_, text, teid) => {
    n.describeGuest((b) => {
      b.icptcode = 0;
    });
    n.inner([text]);
    n.interpret(2, { ...target, asce: n.tables({ 0x30: INVALID }) });
    expect(bench.taken(n.v)).toBe('program');
    expect([bench.low('programCode'), bench.low('programIlc'), bench.low('translationExceptionId')]).toEqual([
      0x11n,
      4n,
      teid,
    ]);
    expect(BigInt(`0x${bench.hex(0x158, 8)}`)).toBe(BigInt(CODE));
    expect(n.ended()).toEqual([icpt.none, 0, '000000000000', INNER]);
  });

  test('an instruction that lies there', () => {
    n.describeGuest((b) => b.setBig('gpswAddress', 0x3_0000n));
    n.interpret(2, { asce: n.tables({ 0x30: INVALID }) });
    expect([bench.low('programCode'), bench.low('translationExceptionId')]).toEqual([0x11n, 0x3_0800n]);
    expect(n.ended()[3]).toBe(0x3_0000);
  });

  test('a segment that is not there', () => {
    n.describeGuest();
    n.inner([LG]);
    n.interpret(2, { gr: { 3: 0x20_0008n } });
    expect([bench.low('programCode'), bench.low('translationExceptionId')]).toEqual([0x10n, 0x20_0800n]);
  });

  test('tables of the guest that are not there', () => {
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.dat);
      b.setGcr(1, 0x3_0000n);
    });
    n.interpret(2, { asce: n.tables({ 0x30: INVALID }) });
    expect([bench.low('programCode'), bench.low('translationExceptionId')]).toEqual([0x11n, 0x3_0800n]);
    expect(n.ended()[3]).toBe(INNER);
  });

  test('protection is the host’s under its control: behind SIE, and nothing is stored', () => {
    n.describeGuest();
    n.inner([STG]);
    n.interpret(2, { ...target, asce: n.tables({ 0x30: BigInt(BASE + 0x3_0000) | PROTECTED }) });
    expect([bench.low('programCode'), bench.low('translationExceptionId')]).toEqual([4n, 0x3_0404n]);
    expect(BigInt(`0x${bench.hex(0x158, 8)}`)).toBe(BigInt(CODE + 4));
    expect(n.ended()).toEqual([icpt.none, 0, '000000000000', INNER]);
    expect(bench.hex(BASE + 0x3_0008, 8)).toBe('0000000000000000');
  });

  test('and an interception without', () => {
    n.describeGuest((b) => b.set('ecb', ecb.speci));
    n.inner([STG]);
    n.interpret(2, { ...target, asce: n.tables({ 0x30: BigInt(BASE + 0x3_0000) | PROTECTED }) });
    const b = n.told();
    expect([b.icptcode, b.get('iprcc'), n.ended()[3]]).toEqual([icpt.program, 4, INNER + 6]);
    expect(bench.low('programCode')).toBe(0n);
  });

  test('an entry made valid by a plain store needs no purge', () => {
    n.describeGuest();
    n.inner([LG, DIAG]);
    n.interpret(2, { ...target, asce: n.tables({ 0x30: INVALID }) });
    bench.put(PAGES + 0x30 * 8, toBigEndian(BigInt(BASE + 0x3_0000), 8));
    bench.put(BASE + 0x3_0008, toBigEndian(0x99n, 8));
    n.v.setPsw({ mask: MASK_64, address: BigInt(CODE) });
    bench.run(n.v, 3);
    expect([n.v.vcpu.gr(1), n.ended()[0]]).toEqual([0x99n, icpt.instruction]);
  });

  test('TEST PROTECTION does not tell of it: it is intercepted', () => {
    n.describeGuest();
    n.inner([encode('TPROT', { b1: 3, d1: 0, b2: 0, d2: 0 })]);
    n.interpret(2, { ...target, asce: n.tables({ 0x30: INVALID }) });
    expect([n.ended()[0], n.ended()[3]]).toEqual([icpt.instruction, INNER + 6]);
  });

  test('an operand in two pages of which the second is not there: nothing is stored', () => {
    n.describeGuest();
    n.inner([STG]);
    n.interpret(2, { gr: { 3: 0x2_fffcn, 1: -1n }, asce: n.tables({ 0x30: INVALID }) });
    expect(bench.low('translationExceptionId')).toBe(0x3_0400n);
    expect(bench.hex(BASE + 0x2_fffc, 4)).toBe('00000000');
  });
});

describe('MOVE PAGE', () => {
  const text = encode('MVPG', { r1: 3, r2: 4 });
  const gr = { 0: 0n, 3: 0x3_0000n, 4: 0x3_1000n };
  const entries = (): readonly bigint[] => [n.told().bytes.getBigUint64(0xc0), n.told().bytes.getBigUint64(0xc8)];
  const [to, from] = [BigInt(PAGES + 0x30 * 8), BigInt(PAGES + 0x31 * 8)];

  test.each([
    ['the source', { 0x31: 0x400n }, [to, from]],
    ['the destination', { 0x30: 0x400n }, [to, from]],
    ['a destination that is protected', { 0x30: BigInt(BASE + 0x3_0000) | 0x200n }, [to | 2n, from]],
  ] as const)('is left to the host when that has to resolve %s', (_, change, expected) => {
    n.describeGuest();
    n.inner([text]);
    bench.put(BASE + 0x3_1000, toBigEndian(0x77n, 8));
    n.interpret(2, { gr, asce: n.tables(change) });
    expect(n.ended()).toEqual([icpt.partialExecution, 0x80, 'b25400340000', INNER + 4]);
    expect(entries()).toEqual(expected);
    expect(bench.hex(BASE + 0x3_0000, 8)).toBe('0000000000000000');
  });

  test('a segment that is not there: the entry is none of a page', () => {
    n.describeGuest();
    n.inner([text]);
    n.interpret(2, { gr: { ...gr, 4: 0x20_1000n } });
    expect([n.ended()[0], ...entries()]).toEqual([icpt.partialExecution, to, BigInt(SEGMENTS + 16) | 4n]);
  });

  test('is intercepted without its control, and done with it', () => {
    n.describeGuest((b) => b.set('eca', eca.protectionInterpretation));
    n.inner([text, DIAG]);
    bench.put(BASE + 0x3_1000, toBigEndian(0x77n, 8));
    n.interpret(2, { gr });
    expect(n.ended()).toEqual([icpt.instruction, 0x80, 'b25400340000', INNER + 4]);
    n.describeGuest();
    n.interpret(3, { gr });
    expect([n.ended()[3], bench.hex(BASE + 0x3_0000, 8)]).toEqual([INNER + 8, '0000000000000077']);
  });
});

describe('transactions', () => {
  test('none of the guest’s survives an exit: it is where it goes on after the abort, its stores taken back', () => {
    n.describeGuest((b) => {
      b.set('ecb', ecb.hostProtection | ecb.speci | ecb.te);
      b.setBig('itdba', 0x7_2000n);
      b.setGcr(0, 0xe0n | (1n << 55n));
    });
    n.inner([encode('TBEGIN', { b1: 0, d1: 0, i2: 0xff00 }), STG, SPIN]);
    n.host({ gr: { 1: 0x77n, 3: 0x3_0008n } });
    bench.run(n.v, 20);
    expect(bench.hex(BASE + 0x3_0008, 8)).toBe('0000000000000077');
    bench.put(BLOCK, toBigEndian(BigInt(cpuflags.zarch | cpuflags.sm | cpuflags.stopInt), 4));
    bench.run(n.v, 1);
    const b = n.told();
    expect([b.icptcode, b.big('gpswAddress'), (b.big('gpsw') >> 44n) & 3n]).toEqual([icpt.stop, BigInt(INNER + 6), 2n]);
    expect(bench.hex(BASE + 0x3_0008, 8)).toBe('0000000000000000');
  });

  test('an intercepted program interruption of one has its diagnostic block where the description says', () => {
    n.describeGuest((b) => {
      b.set('ecb', ecb.hostProtection | ecb.speci | ecb.te);
      b.setBig('itdba', 0x7_2000n);
      b.setGcr(0, 0xe0n | (1n << 55n));
      b.ictl = ictl.programInterruption;
    });
    n.inner([encode('TBEGIN', { b1: 0, d1: 0, i2: 0xff00 }), encode('DR', { r1: 2, r2: 1 })]);
    n.interpret(3, { gr: { 1: 0n } });
    const b = n.told();
    expect([b.icptcode, b.get('iprcc')]).toEqual([icpt.program, 0x209]);
    expect(bench.hex(0x7_2000, 2)).toBe('0100');
    expect(bench.hex(0x7_2026, 2)).toBe('0209');
  });
});

describe('translations of two spaces', () => {
  /** The guest loads what it has at 0x30008, twice: once in each of two entries, with something in between. */
  function twice(between: () => void, changeTo: bigint): bigint {
    n.describeGuest((b) => b.set('ihcpu', 0));
    n.inner([LG, DIAG]);
    bench.put(BASE + 0x3_0008, toBigEndian(1n, 8));
    bench.put(BASE + 0x4_0008, toBigEndian(2n, 8));
    n.interpret(3, { gr: { 3: 0x3_0008n } });
    expect(n.v.vcpu.gr(1)).toBe(1n);
    bench.put(PAGES + 0x30 * 8, toBigEndian(changeTo, 8));
    between();
    n.describeGuest((b) => b.set('ihcpu', 0));
    bench.put(CODE, withBase('SIE', 12));
    n.v.vcpu.setGr(12, BigInt(BLOCK));
    n.v.vcpu.setGr(3, 0x3_0008n);
    n.v.setPsw({ mask: MASK_64, address: BigInt(CODE) });
    bench.run(n.v, 3);
    return n.v.vcpu.gr(1);
  }
  const moved = BigInt(BASE + 0x4_0000);
  /** One instruction of the host's. */
  const execute =
    (text: Uint8Array, gr: Readonly<Record<number, bigint>> = {}) =>
    (): void => {
      bench.put(0x1_8000, text);
      for (const [r, value] of Object.entries(gr)) n.v.vcpu.setGr(Number(r), value);
      n.v.setPsw({ mask: MASK_64, address: 0x1_8000n });
      bench.run(n.v, 1);
    };

  test.each([
    ['PTLB', execute(encode('PTLB'))],
    ['IDTE by the host’s ASCE', execute(encode('IDTE', { r1: 4, r2: 5, r3: 6, m4: 0 }), { 5: 0x800n, 6: 0x6_0103n })],
    ['CSP with a purge', execute(encode('CSPG', { r1: 4, r2: 6 }), { 4: 0n, 5: 0n, 6: 0x7_8001n })],
  ])('%s of the host ends those that were made by its tables', (_, between) => {
    expect(twice(between, moved)).toBe(2n);
  });

  test('IPTE of the host, whatever address it names', () => {
    const between = execute(encode('IPTE', { r1: 4, r2: 5, r3: 0, m4: 0 }), { 4: BigInt(PAGES), 5: 0x7003_0000n });
    const and = (): void => {
      between();
      bench.put(PAGES + 0x30 * 8, toBigEndian(moved, 8));
    };
    expect(twice(and, moved)).toBe(2n);
  });

  test('another host CPU’s number in the block, or none', () => {
    expect(twice(() => undefined, moved)).toBe(1n);
    n.describeGuest();
    n.v.vcpu.setGr(12, BigInt(BLOCK));
    n.v.vcpu.setGr(3, 0x3_0008n);
    n.v.setPsw({ mask: MASK_64, address: BigInt(CODE) });
    bench.run(n.v, 3);
    expect(n.v.vcpu.gr(1)).toBe(2n);
  });

  test('the guest’s own tables on top, and its IPTE', () => {
    const [segments, pages] = [0x7_0000, 0x7_4000];
    const absolute = (at: number): number => BASE + at;
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.dat);
      b.setGcr(1, BigInt(segments));
    });
    bench.put(absolute(segments), new Uint8Array(512 * 8).fill(0x20));
    bench.put(absolute(segments), toBigEndian(BigInt(pages), 8));
    for (let i = 0; i < 256; i++) bench.put(absolute(pages) + i * 8, toBigEndian(BigInt(i * PAGE), 8));
    bench.put(absolute(pages) + 0x30 * 8, toBigEndian(0x2_0000n, 8));
    bench.put(absolute(0x2_0008), toBigEndian(0x41n, 8));
    bench.put(absolute(0x1d0), psw(MASK_64, INNER_HANDLER));
    n.inner([LG, encode('IPTE', { r1: 4, r2: 5, r3: 0, m4: 0 }), LG]);
    n.inner([DIAG], INNER_HANDLER);
    n.interpret(6, { gr: { 3: 0x3_0008n, 4: BigInt(pages), 5: 0x3_0000n } });
    expect([n.v.vcpu.gr(1), bench.hex(absolute(0x8e), 2), n.ended()[3]]).toEqual([0x41n, '0011', INNER_HANDLER + 4]);
  });

  test('IPTE of the guest on a table that the host protects is the host’s exception', () => {
    n.describeGuest();
    n.inner([encode('IPTE', { r1: 4, r2: 5, r3: 0, m4: 0 })]);
    n.interpret(2, { gr: { 4: 0x3_0000n, 5: 0n }, asce: n.tables({ 0x30: BigInt(BASE + 0x3_0000) | 0x200n }) });
    expect([bench.low('programCode'), bench.low('translationExceptionId')]).toEqual([4n, 0x3_0404n]);
    expect(bench.hex(BASE + 0x3_0000, 8)).toBe('0000000000000000');
  });

  test('code of the guest that its host changes is decoded anew', () => {
    n.describeGuest();
    n.inner([encode('LGHI', { r1: 1, i2: 1 }), DIAG]);
    n.interpret(3);
    n.inner([encode('LGHI', { r1: 1, i2: 2 })]);
    n.describeGuest();
    n.v.vcpu.setGr(12, BigInt(BLOCK));
    n.v.setPsw({ mask: MASK_64, address: BigInt(CODE) });
    bench.run(n.v, 3);
    expect(n.v.vcpu.gr(1)).toBe(2n);
  });
});

describe('keys', () => {
  test('the key of the frame counts against the key of the guest’s PSW', () => {
    bench.vm.enableKeys();
    n.describeGuest((b) => b.setBig('gpsw', MASK_64 | (1n << 52n)));
    bench.put(BASE + 0x1d0, psw(MASK_64, INNER_HANDLER));
    n.inner([STG]);
    n.inner([DIAG], INNER_HANDLER);
    bench.complex.keys.fill(0x16, BASE / PAGE, BASE / PAGE + 256);
    bench.complex.keys[(BASE + 0x3_0000) / PAGE] = 0x26;
    n.interpret(3, { gr: { 3: 0x3_0008n, 1: 1n } });
    expect([bench.hex(BASE + 0x8e, 2), n.ended()[3]]).toEqual(['0004', INNER_HANDLER + 4]);
  });
});

describe('requests and interruptions', () => {
  test('a wait is an interception at once', () => {
    n.describeGuest((b) => b.setBig('gpsw', MASK_64 | PSW.wait));
    n.interpret(1);
    expect([n.ended()[0], n.ended()[3], n.v.psw.address]).toEqual([icpt.wait, INNER, BigInt(CODE + 4)]);
  });

  test.each([
    ['external', cpuflags.extInt, PSW.external, icpt.externalRequest],
    ['I/O', cpuflags.ioInt, PSW.io, icpt.ioRequest],
    ['stop', cpuflags.stopInt, 0n, icpt.stop],
  ])('a request in the block: %s', (_, flag, mask, code) => {
    n.describeGuest((b) => {
      b.cpuflags = b.cpuflags | flag;
      b.setBig('gpsw', MASK_64 | mask);
    });
    n.inner([DIAG]);
    n.interpret(1);
    expect([n.ended()[0], n.ended()[3]]).toEqual([code, INNER]);
  });

  test('a request that another CPU makes while the guest runs', () => {
    n.describeGuest();
    n.inner([SPIN]);
    n.host();
    bench.run(n.v, 100);
    expect(n.v.interpretation.active).toBe(true);
    bench.put(BLOCK, toBigEndian(BigInt(cpuflags.zarch | cpuflags.sm | cpuflags.stopInt), 4));
    bench.run(n.v, 1);
    expect([n.ended()[0], n.v.interpretation.active, n.v.psw.address]).toEqual([icpt.stop, false, BigInt(CODE + 6)]);
  });

  test('the guest’s clock comparator interrupts the guest', () => {
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.external);
      b.setGcr(0, 0x800n);
    });
    bench.put(BASE + 0x1b0, psw(MASK_64, INNER_HANDLER));
    n.inner([SPIN]);
    n.inner([DIAG], INNER_HANDLER);
    n.interpret(3);
    expect([bench.hex(BASE + 0x86, 2), n.ended()[3]]).toEqual(['1004', INNER_HANDLER + 4]);
  });

  test('and is an interception where it would lead to itself', () => {
    n.describeGuest((b) => {
      b.setBig('gpsw', MASK_64 | PSW.external);
      b.setGcr(0, 0x800n);
    });
    bench.put(BASE + 0x1b0, psw(OPEN.external, INNER_HANDLER));
    n.interpret(1);
    expect([n.ended()[0], n.told().get('eic')]).toEqual([icpt.externalInterruption, 0x1004]);
  });

  test('a timer of the host ends it at the instruction where it is due, in front of SIE', () => {
    n.describeGuest();
    n.inner([SPIN]);
    n.host({ mask: OPEN.external });
    n.v.vcpu.setCr(0, n.v.vcpu.cr(0) | 0x400n);
    bench.core.clock.setCpuTimer(n.v.vcpu, todOfInstructions(100n));
    n.v.sync();
    bench.run(n.v, 101);
    expect([n.v.interpretation.active, n.v.vcpu.icount - n.before]).toEqual([true, 101n]);
    bench.run(n.v, 1);
    expect(bench.taken(n.v)).toBe('external');
    expect([BigInt(`0x${bench.hex(0x138, 8)}`), n.ended()]).toEqual([
      BigInt(CODE),
      [icpt.none, 0, '000000000000', INNER],
    ]);
  });

  test.each([
    ['waits for its mask', MASK_64, true],
    ['ends it when the mask is open', OPEN.external, false],
  ])('an interruption of the host %s', (_, mask, active) => {
    n.describeGuest();
    n.inner([SPIN]);
    n.host({ mask });
    n.v.vcpu.setCr(0, n.v.vcpu.cr(0) | 0x4000n);
    n.v.sync();
    bench.run(n.v, 10);
    n.v.local.emergency.add(1);
    bench.run(n.v, 10);
    expect([n.v.interpretation.active, bench.taken(n.v)]).toEqual([active, active ? undefined : 'external']);
    if (!active) expect(BigInt(`0x${bench.hex(0x138, 8)}`)).toBe(BigInt(CODE));
  });
});

describe('validity', () => {
  type Case = readonly [string, (b: SieBlock) => void, number];
  /** A control, and the block that it asks for. */
  const wanting =
    (control: 'eca' | 'ecb', bits: number, field: 'gvrd' | 'itdba' | 'sdnxo', value: bigint) =>
    (b: SieBlock): void => {
      b.set(control, bits);
      b.setBig(field, value);
    };
  const cases: readonly Case[] = [
    ['no z/Architecture', (b) => b.set('cpuflags', cpuflags.sm), 0x0001],
    ['a system control area too low', (b) => b.set('scaol', 0x1000), 0x0038],
    ['one that crosses its page', (b) => b.set('scaol', 0x7_0e00), 0x003b],
    ['one that is nowhere', (b) => b.set('scaoh', 0x100), 0x0034],
    [
      'a limit below the origin',
      (b) => {
        b.set('cpuflags', cpuflags.zarch);
        b.setBig('mso', 0x20_0000n);
      },
      0x0041,
    ],
    [
      'a prefix beyond the limit',
      (b) => {
        b.set('cpuflags', cpuflags.zarch);
        b.set('prefix', 0x10_0000);
      },
      0x0010,
    ],
    ['a transaction diagnostic block too low', (b) => b.set('ecb', ecb.te), 0x0080],
    ['a vector save area too low', (b) => b.set('eca', eca.vx), 0x1310],
    ['one that is nowhere', wanting('eca', eca.vx, 'gvrd', 0x100_0000_0000n), 0x1310],
    ['a diagnostic block that is nowhere', wanting('ecb', ecb.te, 'itdba', 0x100_0000_0000n), 0x0080],
    ['an extension too low', wanting('ecb', ecb.gs, 'sdnxo', 0x1006n), 0x10b0],
    ['one that is nowhere', wanting('ecb', ecb.gs, 'sdnxo', 0x100_0000_0006n), 0x10b0],
    ['one too short', wanting('ecb', ecb.gs, 'sdnxo', 0x7_0005n), 0x10b1],
    ['one too long', wanting('ecb', ecb.gs, 'sdnxo', 0x7_000dn), 0x10b1],
    ['one off its boundary', wanting('ecb', ecb.gs, 'sdnxo', 0x7_0047n), 0x10b2],
    ['a prefix page that is not there', (b) => b.set('prefix', 0x3_0000), 0x0037],
    ['a prefix page that is protected', (b) => b.set('prefix', 0x3_2000), 0x0037],
  ];
  test.each(cases)('%s', (_, change, reason) => {
    n.describeGuest(change);
    n.interpret(1, { asce: n.tables({ 0x30: 0x400n, 0x32: BigInt(BASE + 0x3_2000) | 0x200n }) });
    const b = n.told();
    expect([b.icptcode, b.ipb >>> 16, b.ipa >>> 12]).toEqual([icpt.validity, reason, 1]);
    expect([b.big('gpswAddress'), n.v.psw.address, n.v.interpretation.active]).toEqual([
      BigInt(INNER),
      BigInt(CODE + 4),
      false,
    ]);
  });

  test('fields that nothing uses may hold anything', () => {
    n.describeGuest((b) => {
      for (const name of ['sdnxo', 'riccbd', 'itdba', 'gvrd', 'cbrlo'] as const) b.setBig(name, 0x6n);
      b.set('crycbd', 3);
      b.set('ecb2', ecb2.esca | ecb2.pfmfi);
    });
    n.inner([DIAG]);
    n.interpret(2);
    expect(n.ended()[0]).toBe(icpt.instruction);
  });
});

describe('what goes around it', () => {
  test('one run or many: the same instructions, the same end', () => {
    const program = [encode('AGHI', { r1: 4, i2: 1 }), encode('BRCTG', { r1: 5, ri2: -2 }), DIAG];
    const outcome = (step: number): unknown => {
      bench.fresh();
      n.describeGuest();
      n.inner(program);
      n.host({ gr: { 4: 0n, 5: 40n } });
      for (let ran = 0; ran < 90; ran += step) bench.run(n.v, step);
      return [n.v.vcpu.icount - n.before, n.v.vcpu.gr(4), n.v.psw.address, n.ended()];
    };
    expect(outcome(1)).toEqual(outcome(90));
    expect(outcome(9)).toEqual(outcome(90));
  });

  test('saved while it is active, and restored: goes on alike', () => {
    const states = (): unknown => [
      n.v.vcpu.icount,
      n.v.vcpu.gr(4),
      n.v.vcpu.gr(14),
      n.v.executing.psw.address,
      n.ended(),
    ];
    n.describeGuest((b) => b.setBig('gg14', 0x1234n));
    n.inner([encode('AGHI', { r1: 4, i2: 1 }), encode('BRC', { m1: 15, ri2: -2 })]);
    n.host({ gr: { 4: 0n } });
    bench.run(n.v, 50);
    const saved = [n.v.vcpu.save(), n.v.executing.save(), n.v.save(), n.v.interpretation.save()] as const;
    bench.run(n.v, 51);
    const expected = states();
    const { guest } = n.v.interpretation;
    n.v.vcpu.restore(saved[0]);
    guest.restore(saved[1]);
    n.v.restore(saved[2]);
    n.v.interpretation.restore(saved[3]);
    bench.complex.forget();
    expect(n.v.interpretation.active).toBe(true);
    bench.run(n.v, 51);
    expect(states()).toEqual(expected);
  });

  test('a reset ends it', () => {
    n.describeGuest();
    n.inner([SPIN]);
    n.host();
    bench.run(n.v, 10);
    n.v.reset('initial');
    expect([n.v.interpretation.active, n.ended()[3]]).toEqual([false, INNER]);
  });

  test('program events of the instruction itself come when it is completed', () => {
    n.describeGuest();
    n.inner([DIAG]);
    n.host({ mask: MASK_64 | PSW.per });
    n.v.vcpu.setCr(9, 0x4000_0000n);
    n.v.vcpu.setCr(11, BigInt(CODE + 3));
    n.v.sync();
    bench.run(n.v, 2);
    expect(bench.taken(n.v)).toBe('program');
    expect([bench.low('programCode'), bench.low('perAddress'), n.ended()[0]]).toEqual([
      0x80n,
      BigInt(CODE),
      icpt.instruction,
    ]);
  });

  test('the host runs in home-space mode with DAT on, the guest in its primary space', () => {
    n.describeGuest();
    n.inner([DIAG]);
    const asce = n.tables();
    // The host's own space is another one: its storage as it is.
    n.host({ asce });
    n.v.vcpu.setCr(13, 0x20n);
    n.v.setPsw({ mask: MASK_64 | PSW.dat | PSW.addressSpace, address: BigInt(CODE) });
    bench.run(n.v, 3);
    expect([n.ended()[0], n.v.psw.address]).toEqual([icpt.instruction, BigInt(CODE + 6)]);
  });
});
