import { describe, expect, test } from 'vitest';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64, type Outcome } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const PROBLEM = 0x0001_0000_0000_0000n;
const OPEN = 0x0300_0000_0000_0000n;

const systemMask = (out: Outcome): number => Number(out.vcpu.pswMask >> 56n);

describe('STNSM', () => {
  test('stores the old mask, closes what I2 says and keeps the rest of the PSW', () => {
    const out = bench.run({
      code: [encode('STNSM', { i2: 0xfd, b1: 1 })],
      gr: { 1: 0x2000n },
      mask: MASK_64 | OPEN,
      cc: 3,
    });
    expect(out.storage(0x2000, 2)).toBe('0300');
    expect(out.vcpu.pswMask).toBe(MASK_64 | 0x0100_0000_0000_0000n | (3n << 44n));
  });
  test('a mask that the operand cannot take stays open', () => {
    const out = bench.run({ code: [encode('STNSM', { i2: 0, b1: 1 })], gr: { 1: 0x50_0000n }, mask: MASK_64 | OPEN });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(systemMask(out)).toBe(3);
  });
  test('turning DAT off takes the next instruction from the real address', () => {
    // One segment table for 2 GiB at 1 MiB: the code's page is mapped to itself.
    const out = bench.run({
      code: [encode('STNSM', { i2: 0xfb, b1: 1 }), encode('LGHI', { r1: 5, i2: 7 })],
      gr: { 1: 0x10_1000n },
      mask: MASK_64 | 0x0400_0000_0000_0000n,
      cr: { 0: 0x80_0000n, 1: 0x20_0000n },
      storage: { 0x200000: '0000000000000400', 0x200008: '0000000000000400' },
    });
    expect(out.pgm).toBeUndefined();
    expect(out.gr[5]).toBe(7n);
    expect(out.vcpu.pswMask).toBe(MASK_64);
    // The store came before the change, and went through segment 1, which maps absolute 0.
    expect(out.storage(0x1000, 1)).toBe('04');
  });
});

describe('STOSM', () => {
  const run = (i2: number, mask = MASK_64): Outcome =>
    bench.run({ code: [encode('STOSM', { i2, b1: 1 })], gr: { 1: 0x2000n }, mask });

  test('opens and stores the old mask', () => {
    const out = run(3, MASK_64 | 0x0100_0000_0000_0000n);
    expect(out.storage(0x2000, 1)).toBe('01');
    expect(systemMask(out)).toBe(3);
  });
  test.each([
    ['nothing waits', 0x03, 0n, false, false],
    ['something waits', 0x03, 0n, true, true],
    ['something waits, but the mask was open before', 0x03, OPEN, true, false],
    ['PER goes on', 0x40, 0n, false, true],
  ])('the run loop looks for interruptions when it must: %s', (_, i2, mask, interruptionPending, looked) => {
    const out = bench.run({
      code: [encode('STOSM', { i2, b1: 1 })],
      gr: { 1: 0x2000n },
      mask: MASK_64 | mask,
      interruptionPending,
    });
    expect(out.looked).toBe(looked);
    expect(systemMask(out) & i2).toBe(i2);
  });
  test.each([
    0x80, 0x20, 0x08,
  ])('reserved bit %i: stored, set, then a specification exception with its own length', (i2) => {
    const out = run(i2, MASK_64 | 0x0100_0000_0000_0000n);
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(systemMask(out)).toBe(i2 | 1);
    expect(out.storage(0x2000, 1)).toBe('01');
    expect(out.address).toBe(CODE + 4n);
  });
});

describe('SSM', () => {
  const run = (byte: string, cr0 = 0n, mask = MASK_64 | OPEN): Outcome =>
    bench.run({
      code: [encode('SSM', { b2: 1 })],
      gr: { 1: 0x2003n },
      storage: { 0x2003: byte },
      cr: { 0: cr0 },
      mask,
    });

  test('replaces the mask', () => {
    expect(systemMask(run('01'))).toBe(1);
    expect(run('02', 0n, MASK_64 | 0x0104_0000_0000_0000n).vcpu.pswMask).toBe(MASK_64 | 0x0204_0000_0000_0000n);
  });
  test('SSM suppression is a special-operation exception', () => {
    const out = run('00', 0x4000_0000n);
    expect(out.pgm).toMatchObject({ code: 0x13, ilc: 4 });
    expect(systemMask(out)).toBe(3);
  });
  test('an invalid mask: old PSW with the bits, ILC of the instruction', () => {
    const out = run('13');
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(systemMask(out)).toBe(0x13);
  });
  test('by EXECUTE the exception has the length of EXECUTE', () => {
    const out = bench.run({
      code: [encode('EXRL', { r1: 0, ri2: 0x100 })],
      gr: { 1: 0x2000n },
      storage: { 0x10100: encode('SSM', { b2: 1 }), 0x2000: '80' },
    });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 6 });
    expect(out.address).toBe(CODE + 6n);
  });
});

describe.each([
  ['SSM', encode('SSM', { b2: 1 }), ictl.ssm],
  ['STNSM', encode('STNSM', { b1: 1, i2: 0xff }), ictl.stnsm],
  ['STOSM', encode('STOSM', { b1: 1 }), ictl.stosm],
])('%s', (_, text, control) => {
  test('is privileged', () => {
    expect(bench.run({ code: [text], gr: { 1: 0x2000n }, mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 2 });
  });
  test('is intercepted by its own control, with nothing stored', () => {
    const run = (controls: number): Outcome =>
      bench.run({ code: [text], gr: { 1: 0x2000n }, mask: MASK_64 | OPEN, controls: { ictl: controls } });
    const out = run(control);
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.storage(0x2000, 1)).toBe('00');
    expect(run(~control).cause).toBeUndefined();
  });
});
