import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import {
  ACCESS_REGISTER,
  DAT,
  doublewords,
  EDAT,
  HOME,
  identity,
  PROBLEM,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../support/s390x/tables.ts';

const bench = new Bench();
const SECONDARY_CONTROL = 0x400_0000n;
const AUTHORITY = 0x800_0000n;
const cr = {
  0: EDAT | SECONDARY_CONTROL,
  1: BigInt(SEGMENT_TABLE),
  7: BigInt(SEGMENT_TABLE),
  13: BigInt(SEGMENT_TABLE),
};
const translated = { cr, storage: identity(), mask: MASK_64 | DAT };

describe('SPKA', () => {
  const spka = encode('SPKA', { b2: 1 });
  test('takes the key from address bits 56-59', () => {
    const out = bench.run({ code: [spka], gr: { 1: 0xffffn } });
    expect(out.vcpu.pswMask).toBe(MASK_64 | 0x00f0_0000_0000_0000n);
    expect(bench.run({ code: [spka], gr: { 1: 0xf0fn }, mask: MASK_64 | 0x00f0_0000_0000_0000n }).vcpu.pswMask).toBe(
      MASK_64,
    );
  });
  test('counts for the next access, though key 0 has been there before', () => {
    const out = bench.run({
      code: [encode('LG', { r1: 5, b2: 2 }), spka, encode('LG', { r1: 6, b2: 2 })],
      gr: { 1: 0x30n, 2: 0x2000n },
      storage: { 0x2000: '0000000000000007' },
      keys: { 0x2000: 0x48 },
    });
    expect(out.pgm).toMatchObject({ code: 4, ilc: 6 });
    expect([out.gr[5], out.gr[6]]).toEqual([7n, 0n]);
  });
  test.each([
    [0x0000_4000n, undefined],
    [0xffff_bfffn, 2],
    [0xffff_0000_0000n, 2],
  ])('key 1 in the problem state by the PSW-key mask of CR3 %o', (mask, code) => {
    const out = bench.run({ code: [spka], gr: { 1: 0x10n }, cr: { 3: mask << 16n }, mask: MASK_64 | PROBLEM });
    expect(out.pgm?.code).toBe(code);
    expect(out.vcpu.accessKey).toBe(code === undefined ? 1 : 0);
  });
});

describe('IPK', () => {
  test('puts the key into bits 56-59 of general register 2 and zeros behind it', () => {
    const out = bench.run({ code: [encode('IPK')], gr: { 2: -1n }, mask: MASK_64 | 0x0090_0000_0000_0000n });
    expect(out.gr[2]).toBe(0xffff_ffff_ffff_ff90n);
  });
  test('wants extraction authority in the problem state', () => {
    const run = (cr0: bigint) =>
      bench.run({ code: [encode('IPK')], gr: { 2: 5n }, cr: { 0: cr0 }, mask: MASK_64 | PROBLEM });
    expect(run(~AUTHORITY).pgm).toMatchObject({ code: 2 });
    expect(run(AUTHORITY).gr[2]).toBe(0n);
  });
});

describe.each(['SAC', 'SACF'])('%s', (mnemonic) => {
  const run = (code: number, setup: Partial<Parameters<Bench['run']>[0]> = {}) =>
    bench.run({ code: [encode(mnemonic, { d2: code << 8 })], ...translated, ...setup });

  test.each([
    ['primary', 0, 0n],
    ['secondary', 1, SECONDARY],
    ['access register', 2, ACCESS_REGISTER],
    ['home', 3, HOME],
  ])('%s', (_, code, bits) => {
    const out = run(code);
    expect(out.pgm).toBeUndefined();
    expect(out.vcpu.pswMask).toBe(MASK_64 | DAT | bits);
  });
  test('the secondary space is where operands come from next', () => {
    const other = SEGMENT_TABLE + 0x4000;
    const out = bench.run({
      ...translated,
      code: [
        encode(mnemonic, { d2: 0x100 }),
        encode('LG', { r1: 5, b2: 2 }),
        encode(mnemonic),
        encode('LG', { r1: 6, b2: 2 }),
      ],
      cr: { ...cr, 7: BigInt(other) },
      gr: { 2: 0x10_0000n },
      storage: {
        ...identity(),
        [other]: doublewords(0x400n, 0x30_0400n),
        0x100000: doublewords(1n),
        0x300000: doublewords(3n),
      },
    });
    expect([out.gr[5], out.gr[6]]).toEqual([3n, 1n]);
  });
  test.each([
    ['DAT off', 0, { mask: MASK_64 }, 0x13],
    ['secondary-space control off', 0, { cr: { ...cr, 0: EDAT } }, 0x13],
    ['home in the problem state', 3, { mask: MASK_64 | DAT | PROBLEM }, 2],
    ['a code past 3', 4, {}, 6],
    ['DAT off before the code', 4, { mask: MASK_64 }, 0x13],
  ])('%s', (_, code, setup, pgm) => {
    const out = run(code, setup);
    expect(out.pgm).toMatchObject({ code: pgm, ilc: 4 });
    expect(out.vcpu.addressSpace).toBe(0);
    expect(out.address).toBe(CODE + 4n);
  });
  test.each([
    ['from primary', 3, 0n, { 1: BigInt(SEGMENT_TABLE) | 0x40n, 4: 0x7777_1234n }, 0x8000_1234n],
    ['from primary, by the home ASCE', 3, 0n, { 13: BigInt(SEGMENT_TABLE) | 0x40n, 4: 0x1234n }, 0x1234n],
    ['from home', 0, HOME, { 1: BigInt(SEGMENT_TABLE) | 0x40n, 4: 0x1234n }, 0n],
    ['from home, by its own ASCE', 0, HOME, { 13: BigInt(SEGMENT_TABLE) | 0x40n, 4: 0x1234n }, 0x8000_0000n],
  ])('space-switch event %s, when it is done', (_, code, bits, crs, teid) => {
    const out = run(code, { cr: { ...cr, ...crs }, mask: MASK_64 | DAT | bits });
    expect(out.pgm).toMatchObject({ code: 0x1c, ilc: 4, nullified: false, teid });
    expect(out.vcpu.addressSpace).toBe(code);
    expect(out.address).toBe(CODE + 4n);
  });
  test('no event between primary and secondary, or when home stays home', () => {
    const crs = { ...cr, 1: BigInt(SEGMENT_TABLE) | 0x40n, 13: BigInt(SEGMENT_TABLE) | 0x40n };
    expect(run(1, { cr: crs }).pgm).toBeUndefined();
    expect(run(3, { cr: crs, mask: MASK_64 | DAT | HOME }).pgm).toBeUndefined();
  });
});

describe('IAC', () => {
  test.each([
    [0n, 0],
    [SECONDARY, 1],
    [ACCESS_REGISTER, 2],
    [HOME, 3],
  ])('gives %s as code %i in bits 48-55 and as condition code', (bits, code) => {
    const out = bench.run({
      ...translated,
      code: [encode('IAC', { r1: 3 })],
      gr: { 3: -1n },
      mask: MASK_64 | DAT | bits,
    });
    expect(out.gr[3]).toBe(0xffff_ffff_ffff_00ffn | BigInt(code << 8));
    expect(out.cc).toBe(code);
  });
});

describe.each([
  ['IAC', 0xffff_ffff_ffff_00ffn],
  ['EPAR', 0xffff_ffff_0000_4444n],
  ['ESAR', 0xffff_ffff_0000_3333n],
  ['EPAIR', 0xaaaa_bbbb_0000_4444n],
  ['ESAIR', 0xcccc_dddd_0000_3333n],
])('%s', (mnemonic, value) => {
  const asn = { 3: 0xcccc_dddd_eeee_3333n, 4: 0xaaaa_bbbb_5555_4444n };
  const run = (mask: bigint, cr0: bigint) =>
    bench.run({
      ...translated,
      code: [encode(mnemonic, { r1: 3 })],
      gr: { 3: -1n },
      cr: { ...cr, ...asn, 0: cr0 },
      mask,
    });

  test('needs DAT, and extraction authority in the problem state', () => {
    expect(run(MASK_64, EDAT).pgm).toMatchObject({ code: 0x13 });
    expect(run(MASK_64 | PROBLEM, EDAT).pgm).toMatchObject({ code: 0x13 });
    const refused = run(MASK_64 | DAT | PROBLEM, EDAT);
    expect(refused.pgm).toMatchObject({ code: 2 });
    expect(refused.gr[3]).toBe(0xffff_ffff_ffff_ffffn);
    expect(run(MASK_64 | DAT | PROBLEM, EDAT | AUTHORITY).gr[3]).toBe(value);
    expect(run(MASK_64 | DAT, EDAT).gr[3]).toBe(value);
  });
});
