import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import {
  DAT,
  doublewords,
  EDAT,
  HOME,
  identity,
  PROBLEM,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../support/s390x/tables.ts';

/**
 * A stack of two sections. The first has its header's descriptor at 0x20008 and space for one entry, whose descriptor is at
 * 0x20130; the trailer behind it leads to the second one's header descriptor at 0x21008.
 */
const FIRST = 0x20008;
const ENTRY = 0x20010;
const SECOND = 0x21008;
const STATE = 296;
const header = (free: number, next = 0): bigint =>
  (0x09n << 56n) | (0x5an << 48n) | (BigInt(free) << 32n) | BigInt(next << 16);

const bench = new Bench();
const cr = {
  0: EDAT,
  1: BigInt(SEGMENT_TABLE),
  3: 0x8042_0007n,
  4: 0x0007n,
  7: BigInt(SEGMENT_TABLE),
  8: 0x0003_0000n,
  13: BigInt(SEGMENT_TABLE),
  15: BigInt(FIRST),
};
const gr = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, 0x1111_1111_1111_1111n * BigInt(i)]));
const ar = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, 0x0101_0101 * i]));

function run(
  code: readonly Uint8Array[],
  setup: Partial<Setup> & { readonly stack?: Readonly<Record<number, string>> } = {},
): Outcome {
  const { stack, ...rest } = setup;
  const storage = {
    ...identity(),
    [FIRST]: doublewords(header(STATE)),
    [FIRST + 8 + STATE]: doublewords(BigInt(SECOND) | 1n),
    [SECOND]: doublewords(header(0x200)),
    ...stack,
  };
  return bench.run({ code, mask: MASK_64 | DAT, cr, gr, ar, storage, ...rest });
}
const doubleword = (out: Outcome, at: number): bigint => BigInt(`0x${out.storage(at, 8)}`);
const RETURN = 0x1_2345_6789n;

describe('BAKR', () => {
  test('forms a state entry and branches', () => {
    const out = run([encode('BAKR', { r1: 1, r2: 2 })], {
      gr: { ...gr, 1: 0x8000_4000n, 2: 0x1_0000_2000n },
      cc: 2,
      programMask: 5,
    });
    expect([out.pgm, out.address, out.cc]).toEqual([undefined, 0x1_0000_2000n, 2]);
    expect([doubleword(out, ENTRY), doubleword(out, ENTRY + 8), doubleword(out, ENTRY + 120)]).toEqual([
      0n,
      0x8000_4000n,
      ~0n & 0xffff_ffff_ffff_ffffn,
    ]);
    expect(doubleword(out, ENTRY + 128)).toBe(0x8042_0007_0003_0007n);
    expect(doubleword(out, ENTRY + 136)).toBe(((DAT | 0x8000_0000n) & ~(1n << 32n)) | (2n << 44n) | (5n << 40n));
    expect(doubleword(out, ENTRY + 144)).toBe(0x1_0000_2001n);
    expect([doubleword(out, ENTRY + 152), doubleword(out, ENTRY + 160), doubleword(out, ENTRY + 168)]).toEqual([
      0n,
      0n,
      0x4000n,
    ]);
    expect(out.storage(ENTRY + 224, 8)).toBe('0000000001010101');
    expect(out.storage(ENTRY + 280, 8)).toBe('0e0e0e0e0f0f0f0f');
    expect(out.storage(ENTRY + 288, 8)).toBe('0c5a000000000000');
    expect(doubleword(out, FIRST)).toBe(header(STATE, STATE));
    expect(out.vcpu.cr(15)).toBe(BigInt(ENTRY + 288));
  });
  test.each([
    [0x1_0000_0001n, 0x1_8000_0000n, 0x1_0000_0000n],
    [0x1_8000_0010n, 0x8000_0000n, 0x10n],
    [0x1_7f00_0010n, 0n, 0x10n],
  ])('takes the mode of the return from the address %s', (address, mode, result) => {
    const out = run([encode('BAKR', { r1: 1, r2: 0 })], { gr: { 1: address } });
    expect([doubleword(out, ENTRY + 136) & 0x1_8000_0000n, doubleword(out, ENTRY + 168)]).toEqual([mode, result]);
  });
  test('returns behind itself and does not branch without registers', () => {
    const out = run([encode('BAKR')], {});
    expect([doubleword(out, ENTRY + 168), doubleword(out, ENTRY + 144)]).toEqual([CODE + 4n, CODE + 5n]);
    expect(out.address).toBe(CODE + 4n);
  });
  test('goes to the next section when one is full', () => {
    const out = run([encode('BAKR')], {
      stack: { [FIRST]: doublewords(header(0)), [FIRST + 8]: doublewords(BigInt(SECOND) | 1n) },
    });
    expect([doubleword(out, SECOND - 8), out.vcpu.cr(15)]).toEqual([BigInt(FIRST) | 1n, BigInt(SECOND + STATE)]);
    expect(doubleword(out, SECOND)).toBe(header(0x200, STATE));
    expect(out.storage(SECOND + STATE, 8)).toBe('0c5a00d800000000');
  });
  test.each<readonly [number, string, Partial<Setup> & { readonly stack?: Readonly<Record<number, string>> }]>([
    [0x30, 'a full stack', { stack: { [FIRST]: doublewords(header(0)), [FIRST + 8]: doublewords(0n) } }],
    [0x32, 'free space that is no multiple of 8', { stack: { [FIRST]: doublewords(header(4)) } }],
    [
      0x32,
      'a next section without space',
      {
        stack: {
          [FIRST]: doublewords(header(0)),
          [FIRST + 8]: doublewords(BigInt(SECOND) | 1n),
          [SECOND]: doublewords(header(8)),
        },
      },
    ],
    [0x13, 'DAT off', { mask: MASK_64 }],
    [0x13, 'the secondary space', { mask: MASK_64 | DAT | SECONDARY }],
    [0x13, 'the home space', { mask: MASK_64 | DAT | HOME }],
  ])('ends with code %i for %s', (code, _, setup) => {
    const out = run([encode('BAKR', { r2: 2 })], setup);
    expect([out.pgm?.code, out.vcpu.cr(15)]).toEqual([code, BigInt(FIRST)]);
  });
});

describe('an entry', () => {
  const stacked = encode('BAKR', { r1: 1 });
  const at = { ...gr, 1: RETURN };
  test('gives its registers by EREG and EREGG, round the end', () => {
    const clear = encode('LGHI', { r1: 15, i2: 0 });
    const wide = run([stacked, clear, encode('SAR', { r1: 14, r2: 15 }), encode('EREGG', { r1: 14, r2: 15 })], {
      gr: at,
    });
    expect([wide.gr[15], wide.ar[14], wide.pgm]).toEqual([0xffff_ffff_ffff_ffffn, 0x0e0e_0e0e, undefined]);
    const low = run([stacked, clear, encode('LGHI', { r1: 3, i2: 0 }), encode('EREG', { r1: 15, r2: 2 })], { gr: at });
    expect([low.gr[15], low.gr[3], low.gr[0], low.ar[1]]).toEqual([0xffff_ffffn, 0n, 0n, 0x0101_0101]);
  });
  test('tells its state by ESTA', () => {
    const ask = (code: number): Outcome =>
      run([stacked, encode('LGHI', { r1: 5, i2: code }), encode('ESTA', { r1: 2, r2: 5 })], { gr: at, cc: 3 });
    const high = 0x2222_2222_0000_0000n;
    const odd = 0x3333_3333_0000_0000n;
    const seen = (code: number): readonly unknown[] => [ask(code).gr[2], ask(code).gr[3], ask(code).cc];
    expect(seen(0)).toEqual([high | 0x8042_0007n, odd | 0x0003_0007n, 0]);
    expect(seen(1)).toEqual([high | 0x0408_3001n, odd | 0xa345_6789n, 0]);
    expect(seen(2)).toEqual([high, odd | (CODE + 5n), 0]);
    expect(seen(3)).toEqual([high, odd, 0]);
    expect(seen(4)).toEqual([0x0400_3001_8000_0000n, RETURN & ~1n, 0]);
    expect(seen(5)).toEqual([0x2222_2222n, 0x3333_3333n, 0]);
    expect(ask(6).pgm?.code).toBe(6);
    expect(run([stacked, encode('ESTA', { r1: 3, r2: 0 })]).pgm?.code).toBe(6);
  });
  test('of a program call is told by condition code 1', () => {
    const stack = { [ENTRY + 288]: '0d5a000000000000' };
    expect(run([encode('ESTA', { r1: 2, r2: 0 })], { stack, cr: { ...cr, 15: BigInt(ENTRY + 288) } }).cc).toBe(1);
  });
  test('has eight bytes that MSTA changes', () => {
    const out = run([stacked, encode('MSTA', { r1: 6 })], { gr: at });
    expect(out.storage(ENTRY + 152, 8)).toBe('6666666677777777');
    expect(run([stacked, encode('MSTA', { r1: 7 })]).pgm?.code).toBe(6);
  });
  test.each(['EREG', 'EREGG', 'ESTA', 'MSTA'])('is what %s needs', (mnemonic) => {
    const code = [encode(mnemonic)];
    expect(run(code).pgm?.code).toBe(0x31);
    const trailer = { [FIRST]: '0a5a000000000000' };
    expect(run(code, { stack: trailer }).pgm?.code).toBe(0x33);
    expect(run(code, { stack: { [FIRST - 8]: doublewords(BigInt(SECOND) | 1n) } }).pgm?.code).toBe(0x32);
    expect(run(code, { mask: MASK_64 | DAT | SECONDARY }).pgm?.code).toBe(0x13);
    expect(run(code, { mask: MASK_64 }).pgm?.code).toBe(0x13);
  });
});

describe('PR', () => {
  const stacked = encode('BAKR', { r1: 1 });
  test('restores registers 2 to 14 and the PSW, and takes the entry away', () => {
    const changed = [2, 14, 15, 0].map((r) => encode('LGHI', { r1: r, i2: 1 }));
    const out = run([stacked, ...changed, encode('PR')], { gr: { ...gr, 1: 0x8000_4000n }, cc: 1, programMask: 3 });
    expect(out.pgm).toBeUndefined();
    expect([out.gr[2], out.gr[14], out.gr[15], out.gr[0]]).toEqual([gr[2], gr[14], 1n, 1n]);
    expect(out.vcpu.psw).toEqual({ mask: DAT | 0x8000_0000n | (1n << 44n) | (3n << 40n), address: 0x4000n });
    expect([out.vcpu.cr(15), doubleword(out, FIRST)]).toEqual([BigInt(FIRST), header(STATE)]);
  });
  test('is for the problem state, too, and goes back over a header', () => {
    const full = { [FIRST]: doublewords(header(0)), [FIRST + 8]: doublewords(BigInt(SECOND) | 1n) };
    const out = run([stacked, encode('PR')], { stack: full, gr: { ...gr, 1: 0x4001n }, mask: MASK_64 | DAT | PROBLEM });
    expect([out.address, out.vcpu.cr(15), out.vcpu.problemState]).toEqual([0x4000n, BigInt(SECOND), true]);
    const behind = run([encode('PR')], { stack: { ...full, [FIRST]: header(0).toString(16).padStart(16, '0') } });
    expect(behind.pgm?.code).toBe(0x31);
  });
  test('restores the authorities of a program call in the same space', () => {
    const call = {
      [ENTRY + 128]: '0100000700090007',
      [ENTRY + 136]: doublewords(MASK_64 | DAT),
      [ENTRY + 168]: doublewords(0x5000n),
      [ENTRY + 288]: '0d5a000000000000',
    };
    const out = run([encode('PR')], { stack: call, cr: { ...cr, 15: BigInt(ENTRY + 288) } });
    expect([out.vcpu.cr(3), out.vcpu.cr(8), out.address]).toEqual([0x0100_0007n, 0x0009_0000n, 0x5000n]);
    // Of another space the number is translated, if that may be.
    const other = { ...call, [ENTRY + 128]: '0100000800090007' };
    expect(run([encode('PR')], { stack: other, cr: { ...cr, 15: BigInt(ENTRY + 288) } }).pgm?.code).toBe(0x13);
  });
  test('refuses an entry that is kept, a PSW that is none, and the home space', () => {
    const entry = {
      [ENTRY + 136]: doublewords(MASK_64 | DAT),
      [ENTRY + 288]: '8c5a000000000000',
    };
    const there = { ...cr, 15: BigInt(ENTRY + 288) };
    expect(run([encode('PR')], { stack: entry, cr: there }).pgm?.code).toBe(0x34);
    expect(run([encode('PR')], { stack: { [FIRST]: doublewords(header(STATE) | (1n << 63n)) } }).pgm?.code).toBe(0x34);
    const wrong = { [ENTRY + 136]: doublewords(MASK_64 | DAT | (1n << 63n)), [ENTRY + 288]: '0c5a000000000000' };
    expect(run([encode('PR')], { stack: wrong, cr: there }).pgm?.code).toBe(6);
    expect(run([encode('PR')], { mask: MASK_64 | DAT | HOME }).pgm?.code).toBe(0x13);
  });
});
