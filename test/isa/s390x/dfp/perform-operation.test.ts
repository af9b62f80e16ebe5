import { describe, expect, test } from 'vitest';
import * as binary from '../../../../src/soft-float/format.ts';
import { Bench, encode, type Outcome } from '../../../support/s390x/isa.ts';
import { AFP, bits, extended, fromRegister, inRegister, long, short, text } from './vector.ts';

/** PERFORM FLOATING-POINT OPERATION: its code is 01, the format of the result, that of the operand, and the method. */
const bench = new Bench();

type Registers = Readonly<Record<number, bigint>>;

function perform(gr0: number, fpr: Registers, fpc = 0, cr: Registers = AFP): Outcome {
  return bench.run({
    cr,
    fpr,
    fpc,
    gr: { 0: 0x1234_5678_0000_0000n | BigInt(gr0), 1: ~0n },
    cc: 2,
    code: [encode('PFPO', {})],
  });
}

const decimals = { 8: short, 9: long, 10: extended } as const;
const to = (code: number, from: number, method = 0): number => 0x0100_0000 | (code << 16) | (from << 8) | method;

describe('PFPO', () => {
  test('tests whether it knows an operation', () => {
    const cc = (gr0: number): number => perform(0x8000_0000 + gr0, {}).cc;
    expect(cc(0x0109_0600)).toBe(0);
    expect(cc(0x0199_0600)).toBe(3);
    expect(cc(0x0209_0600)).toBe(3);
    expect(cc(0x0109_0602)).toBe(3);
    expect(cc(0x0109_060f)).toBe(0);
    expect(cc(0x0109_0a00)).toBe(3);
    expect(cc(0x0106_0910)).toBe(3);
    expect(perform(0x8109_0600, {}).gr[1]).toBe(0xffff_ffff_0000_0000n);
  });

  // Values of a machine, as valgrind's tests have them; the condition code tells of an exact one.
  test.each([
    ['42f721a1', { 8: '2614d757', 9: '260535d5a1cbd4db', 10: '2203c00000000001275ae8317d1774a5' }],
    ['7f7fffff', { 8: '4c58092d', 9: '2e96024b66672d4f', 10: '2e096024b66672d4eb78971063c934e9' }],
    ['00800000', { 8: '0793d65a', 9: '2564f5969d04b14e' }],
  ])('makes decimal numbers of the short binary one %s', (source, results) => {
    for (const [code, result] of Object.entries(results)) {
      const f = decimals[Number(code) as 8];
      const out = perform(to(Number(code), 5), { 4: BigInt(`0x${source}`) << 32n });
      expect(
        fromRegister(f, 0, out)
          .toString(16)
          .padStart(f.width / 4, '0'),
      ).toBe(result);
    }
  });
  test.each([
    ['423cbe991def90d0', { 8: '26a4d2e8', 9: '262934b9c7fa7f57', 10: '22050000000028e56f3cffb97734b8a5' }],
    ['0010000000000000', { 8: '00000000', 9: '092d251ce3ea1d01' }],
    ['7fefffffffffffff', { 8: '78000000', 9: '46cffbcecb45b196', 10: '264cffbcecb45b195e20c55d13765c44' }],
  ])('makes decimal numbers of the long binary one %s', (source, results) => {
    for (const [code, result] of Object.entries(results)) {
      const f = decimals[Number(code) as 8];
      const out = perform(to(Number(code), 6), { 4: BigInt(`0x${source}`) });
      expect(
        fromRegister(f, 0, out)
          .toString(16)
          .padStart(f.width / 4, '0'),
      ).toBe(result);
    }
  });
  test('tells with the condition code whether the result is exact, and with the flags what else', () => {
    const seen = (code: number, source: bigint): readonly number[] => {
      const out = perform(to(code, 6), { 4: source });
      return [out.cc, out.fpc >>> 16];
    };
    expect(seen(9, 0x3ff8_0000_0000_0000n)).toEqual([0, 0]);
    expect(seen(9, 0x3fb9_9999_9999_999an)).toEqual([1, 0x08]);
    expect(seen(8, 0x0010_0000_0000_0000n)).toEqual([1, 0x18]);
    expect(seen(8, 0x7fef_ffff_ffff_ffffn)).toEqual([1, 0x28]);
    expect(seen(8, 0x7ff0_0000_0000_0001n)).toEqual([0, 0x80]);
    expect(seen(8, 0x7ff0_0000_0000_0000n)).toEqual([0, 0]);
  });
  test('gives an exact result the largest quantum, or the one nearest to one', () => {
    const hundred = { 4: 0x4059_0000_0000_0000n };
    expect(text(long, fromRegister(long, 0, perform(to(9, 6), hundred)))).toBe('1e2');
    expect(text(long, fromRegister(long, 0, perform(to(9, 6, 0x10), hundred)))).toBe('100');
    expect(text(long, fromRegister(long, 0, perform(to(9, 6), { 4: 0x3ff8_0000_0000_0000n })))).toBe('15e-1');
  });
  test('makes binary numbers of decimal ones', () => {
    const out = perform(to(6, 9), inRegister(long, 4, bits(long, '1e-1')));
    expect([out.fpr[0], out.cc]).toEqual([0x3fb9_9999_9999_999an, 1]);
    const wide = perform(to(7, 10), inRegister(extended, 4, bits(extended, '-25e-1')));
    expect([wide.fpr[0], wide.fpr[2], wide.cc]).toEqual([0xc000_4000_0000_0000n, 0n, 0]);
    const narrow = perform(to(5, 8), inRegister(short, 4, bits(short, '9e90')));
    expect([(narrow.fpr[0] ?? 0n) >> 32n, narrow.cc, narrow.fpc >>> 16]).toEqual([0x7f80_0000n, 1, 0x28]);
  });
  // A tenth lies between 3dcc cccc and 3dcc cccd, and 0.8 of the way up.
  test.each([
    [0x8, 0x3dcc_cccd],
    [0x9, 0x3dcc_cccc],
    [0xa, 0x3dcc_cccd],
    [0xb, 0x3dcc_cccc],
    [0xc, 0x3dcc_cccd],
    [0xd, 0x3dcc_cccd],
    [0xe, 0x3dcc_cccd],
    [0xf, 0x3dcc_cccd],
  ])('rounds with the method %i', (method, result) => {
    const out = perform(to(5, 8, method), inRegister(short, 4, bits(short, '1e-1')));
    expect((out.fpr[0] ?? 0n) >> 32n).toBe(BigInt(result));
  });
  test('rounds with the mode of either radix', () => {
    const tenth = inRegister(short, 4, bits(short, '1e-1'));
    const rounded = (method: number, fpc: number): bigint =>
      (perform(to(5, 8, method), tenth, fpc).fpr[0] ?? 0n) >> 32n;
    expect([rounded(0, 0x11), rounded(1, 0x11), rounded(0, 0x01), rounded(1, 0x10)]).toEqual([
      0x3dcc_ccccn,
      0x3dcc_ccccn,
      0x3dcc_cccdn,
      0x3dcc_cccdn,
    ]);
  });
  test('makes hexadecimal numbers and takes them', () => {
    const seen = (code: number, from: number, fpr: Registers): readonly unknown[] => {
      const out = perform(to(code, from), fpr);
      return [(out.fpr[0] ?? 0n).toString(16), out.cc, out.fpc >>> 16];
    };
    expect(seen(1, 6, { 4: 0xbff8_0000_0000_0000n })).toEqual(['c118000000000000', 0, 0]);
    expect(seen(1, 9, inRegister(long, 4, bits(long, '25e-2')))).toEqual(['4040000000000000', 0, 0]);
    expect(seen(6, 1, { 4: 0x4110_0000_0000_0000n })).toEqual(['3ff0000000000000', 0, 0]);
    expect(seen(9, 1, { 4: 0xc1c8_0000_0000_0000n })[0]).toBe(bits(long, '-125e-1').toString(16));
    expect(seen(1, 6, { 4: 0x7fef_ffff_ffff_ffffn })).toEqual(['7fffffffffffffff', 0, 0x80]);
    expect(seen(1, 6, { 4: 0x0010_0000_0000_0000n })).toEqual(['0', 1, 0x18]);
  });
  test('traps where a mask says so, and suppresses inexactness where the operation does', () => {
    const trapped = perform(to(9, 6), { 0: 7n, 4: 0x7ff0_0000_0000_0001n }, 0x8000_0000);
    expect([trapped.pgm?.code, trapped.pgm?.dxc, trapped.fpr[0]]).toEqual([7, 0x80, 7n]);
    const inexact = perform(to(9, 6), { 4: 0x3fb9_9999_9999_999an }, 0x0800_0000);
    expect([inexact.pgm?.code, (inexact.pgm?.dxc ?? 0) & 0x08, inexact.cc]).toEqual([7, 0x08, 1]);
    const quiet = perform(to(9, 6, 0x80), { 4: 0x3fb9_9999_9999_999an }, 0x0800_0000);
    expect([quiet.pgm, (quiet.fpc >>> 16) & 0xff, quiet.cc]).toEqual([undefined, 0, 0]);
  });
  test('knows no other operation, and needs the AFP registers', () => {
    expect(perform(0x0199_0600, {}).pgm?.code).toBe(6);
    expect(perform(to(9, 6, 2), {}).pgm?.code).toBe(6);
    const out = perform(to(9, 6), {}, 0, {});
    expect([out.pgm?.code, out.pgm?.dxc]).toEqual([7, 3]);
  });
  test('keeps NaNs, with what they carry as a decimal fraction has it', () => {
    const nan = binary.defaultNan(binary.long);
    expect(text(long, fromRegister(long, 0, perform(to(9, 6), { 4: nan })))).toBe('nan');
  });
});
