import { describe, expect, test } from 'vitest';
import { todOfInstructions } from '../../../../src/arch/s390x/cpu/clock.ts';
import { slots } from '../../../../src/arch/s390x/cpu/state-layout.ts';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { doublewords, PROBLEM } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const at = (mnemonic: string, d2 = 0) => encode(mnemonic, { b2: 1, d2 });

describe('CPU timer', () => {
  test('is set, counts 4.096 units for each instruction and is stored as it stands', () => {
    const nop = encode('BCR', { m1: 0, r2: 0 });
    const out = bench.run({
      code: [at('SPT'), ...Array.from({ length: 24 }, () => nop), at('STPT', 8)],
      gr: { 1: 0x2000n },
      storage: { 0x2000: doublewords(0x10_0000n) },
    });
    // 25 instructions from SPT to STPT.
    expect(todOfInstructions(25n)).toBe(102n);
    expect(out.storage(0x2008, 8)).toBe(doublewords(0x10_0000n - 102n));
  });
  test('goes below zero', () => {
    const out = bench.run({ code: [at('SPT'), at('STPT', 8)], gr: { 1: 0x2000n } });
    expect(out.storage(0x2008, 8)).toBe(doublewords(-4n));
  });
  test('the run loop is told of a new value', () => {
    expect(bench.run({ code: [at('SPT')], gr: { 1: 0x2000n } }).looked).toBe(true);
    expect(bench.run({ code: [at('STPT')], gr: { 1: 0x2000n } }).looked).toBe(false);
  });
});

describe('clock comparator', () => {
  test('is set and stored', () => {
    const out = bench.run({
      code: [at('SCKC'), at('STCKC', 8)],
      gr: { 1: 0x2000n },
      storage: { 0x2000: 'fedcba9876543210' },
      steps: 1,
    });
    expect(out.looked).toBe(true);
    expect(out.vcpu.core.clock.clockComparator(out.vcpu)).toBe(0xfedc_ba98_7654_3210n);
    const stored = bench.run({ code: [at('STCKC', 8)], gr: { 1: 0x2000n } });
    expect(stored.storage(0x2008, 8)).toBe('fedcba9876543210');
  });
});

test('LPP takes the program parameter', () => {
  const out = bench.run({ code: [at('LPP')], gr: { 1: 0x2000n }, storage: { 0x2000: '1122334455667788' } });
  expect(out.vcpu.big(slots.programParameter)).toBe(0x1122_3344_5566_7788n);
});

describe.each([
  ['SCKC', ictl.sckc],
  ['STCKC', ictl.sckc],
  ['SPT', ictl.spt],
  ['STPT', ictl.spt],
  ['LPP', 0],
])('%s', (mnemonic, control) => {
  test('is privileged', () => {
    expect(bench.run({ code: [at(mnemonic)], gr: { 1: 1n }, mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 2 });
  });
  test('wants a doubleword', () => {
    expect(bench.run({ code: [at(mnemonic)], gr: { 1: 0x2004n } }).pgm).toMatchObject({ code: 6 });
  });
  test('an absent operand leaves the timers as they were', () => {
    bench.run({ code: [at('SCKC')], gr: { 1: 0x2000n }, storage: { 0x2000: doublewords(77n) } });
    const out = bench.run({ code: [at(mnemonic)], gr: { 1: 0x40_0000n } });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(out.looked).toBe(false);
    expect(out.vcpu.core.clock.clockComparator(out.vcpu)).toBe(77n);
  });
  test('is intercepted by its control', () => {
    const run = (controls: number) =>
      bench.run({ code: [at(mnemonic)], gr: { 1: 0x2000n }, controls: { ictl: controls } });
    if (control !== 0) {
      const out = run(control);
      expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
      expect(out.address).toBe(CODE + 4n);
    }
    expect(run(~control).cause).toBeUndefined();
  });
});
