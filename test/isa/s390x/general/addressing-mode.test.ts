import { describe, expect, test } from 'vitest';
import { hostAddress } from '../../../../src/arch/s390x/dat/address.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const MASK_24 = 0n;
const EA_BA = 0x1_8000_0000n;
const HIGH = 0x5a5a_5a5a_0000_0000n;

/** PSW bits 31 and 32 of an outcome. */
const mode = (out: ReturnType<Bench['run']>): bigint => out.vcpu.psw.mask & EA_BA;

describe('BRANCH AND LINK', () => {
  test.each([
    ['BALR', 2, MASK_24, HIGH | 0x6500_0000n | (CODE + 2n)],
    ['BALR', 2, MASK_31, HIGH | 0x8000_0000n | (CODE + 2n)],
    ['BALR', 2, MASK_64, CODE + 2n],
    ['BAL', 4, MASK_24, HIGH | 0xa500_0000n | (CODE + 4n)],
    ['BAL', 4, MASK_31, HIGH | 0x8000_0000n | (CODE + 4n)],
    ['BAL', 4, MASK_64, CODE + 4n],
  ])('%s (%i bytes) in mode %i leaves length, condition code and program mask in 24-bit mode only', (mnemonic, _bytes, mask, link) => {
    const fields = mnemonic === 'BAL' ? { r1: 1, b2: 2 } : { r1: 1, r2: 2 };
    const setup = {
      code: [encode(mnemonic, fields)],
      gr: { 1: HIGH | 0x77n, 2: 0x1234n },
      mask,
      cc: 2,
      programMask: 5,
    };
    const out = bench.run(setup);
    expect([out.gr[1], out.address, out.cc]).toEqual([link, 0x1234n, 2]);
  });
  test('BALR: the link register may be the target; R2 zero does not branch', () => {
    const same = bench.run({ code: [encode('BALR', { r1: 2, r2: 2 })], gr: { 2: 0x1234n } });
    expect([same.gr[2], same.address]).toEqual([CODE + 2n, 0x1234n]);
    const none = bench.run({ code: [encode('BALR', { r1: 2, r2: 0 })], gr: { 0: 0x1234n } });
    expect([none.gr[2], none.address]).toEqual([CODE + 2n, CODE + 2n]);
  });
  test('BAL: the address counts the link register as it was', () => {
    const out = bench.run({ code: [encode('BAL', { r1: 2, b2: 2, d2: 4 })], gr: { 2: 0x1234n } });
    expect([out.gr[2], out.address]).toEqual([CODE + 4n, 0x1238n]);
  });
  test('BALR as target of EXECUTE in 24-bit mode says two halfwords', () => {
    const out = bench.run({
      code: [encode('EX', { r1: 0, b2: 3 })],
      gr: { 2: 0x1234n, 3: 0x20000n },
      mask: MASK_24,
      storage: { 131072: encode('BALR', { r1: 1, r2: 2 }) },
    });
    expect([out.gr[1], out.address]).toEqual([0x8000_0000n | (CODE + 4n), 0x1234n]);
  });
});

describe.each([
  ['from 24-bit', MASK_24],
  ['from 31-bit', MASK_31],
  ['from 64-bit', MASK_64],
])('mode-setting branches %s mode', (_name, mask) => {
  const link = (next: bigint): bigint =>
    mask === MASK_64 ? next | 1n : HIGH | (mask === MASK_31 ? 0x8000_0000n : 0n) | next;
  test.each([
    ['64-bit', 0x1_0000_1235n, EA_BA, 0x1_0000_1234n],
    ['31-bit', 0x7fff_ffff_8100_1234n, MASK_31, 0x0100_1234n],
    ['24-bit', 0x7fff_ffff_7100_1234n, MASK_24, 0x0000_1234n],
  ])('to %s', (_to, target, after, address) => {
    const bassm = bench.run({
      code: [encode('BASSM', { r1: 1, r2: 2 })],
      gr: { 1: HIGH | 0x77n, 2: target },
      mask,
      cc: 2,
    });
    expect([bassm.gr[1], bassm.address, mode(bassm), bassm.cc]).toEqual([link(CODE + 2n), address, after, 2]);
    const bsm = bench.run({
      code: [encode('BSM', { r1: 1, r2: 2 })],
      gr: { 1: HIGH | 0xff00_0076n, 2: target },
      mask,
      cc: 2,
    });
    const saved = mask === MASK_64 ? HIGH | 0xff00_0077n : HIGH | (mask === MASK_31 ? 0xff00_0076n : 0x7f00_0076n);
    expect([bsm.gr[1], bsm.address, mode(bsm), bsm.cc]).toEqual([saved, address, after, 2]);
  });
  test('R2 zero neither branches nor sets the mode', () => {
    const bassm = bench.run({ code: [encode('BASSM', { r1: 1, r2: 0 })], gr: { 0: 0x1235n, 1: HIGH }, mask });
    expect([bassm.gr[1], bassm.address, mode(bassm)]).toEqual([link(CODE + 2n), CODE + 2n, mask]);
    const bsm = bench.run({ code: [encode('BSM', { r1: 1, r2: 0 })], gr: { 0: 0x1235n, 1: HIGH }, mask });
    expect([bsm.address, mode(bsm)]).toEqual([CODE + 2n, mask]);
  });
  test('BSM with R1 zero saves nothing; with R1 and R2 the same branches by the old contents', () => {
    const zero = bench.run({ code: [encode('BSM', { r1: 0, r2: 2 })], gr: { 0: HIGH, 2: 0x1235n }, mask });
    expect([zero.gr[0], zero.address, mode(zero)]).toEqual([HIGH, 0x1234n, EA_BA]);
    const same = bench.run({ code: [encode('BSM', { r1: 2, r2: 2 })], gr: { 2: 0x1234n }, mask });
    expect([same.address, mode(same)]).toEqual([0x1234n, MASK_24]);
    const both = bench.run({ code: [encode('BASSM', { r1: 2, r2: 2 })], gr: { 2: 0x1235n }, mask });
    expect([both.address, mode(both)]).toEqual([0x1234n, EA_BA]);
  });
  test('the next instruction lives in the new mode', () => {
    const tam = encode('TAM');
    const run = (target: bigint): number =>
      bench.run({ code: [encode('BSM', { r1: 0, r2: 2 })], steps: 2, gr: { 2: target }, mask, storage: { 8192: tam } })
        .cc;
    expect([run(0x2000n), run(0x8000_2000n), run(0x2001n)]).toEqual([0, 1, 3]);
  });
});

describe('SET ADDRESSING MODE', () => {
  test.each([
    ['SAM24', MASK_64, MASK_24],
    ['SAM31', MASK_24, MASK_31],
    ['SAM64', MASK_31, EA_BA],
  ])('%s: the condition code stays', (mnemonic, mask, after) => {
    const out = bench.run({ code: [encode(mnemonic)], mask, cc: 2 });
    expect([mode(out), out.address, out.cc]).toEqual([after, CODE + 2n, 2]);
  });
  describe('at an address that the new mode does not have', () => {
    // Storage that repeats, so that there are instructions beyond 16 MiB and 2 GiB.
    const high = new Bench();
    high.complex.absolute = { hostAddress: (absolute) => hostAddress(absolute % (4 << 20)) };
    const run = (mnemonic: string, at: bigint, mask = MASK_64) =>
      high.run({ code: [], steps: 1, at, mask, storage: { [Number(at % (4n << 20n))]: encode(mnemonic) } });

    test.each([
      ['SAM24', 0x0100_0000n],
      ['SAM31', 0x8000_0000n],
    ])('%s is a specification exception', (mnemonic, at) => {
      const out = run(mnemonic, at);
      expect(out.pgm).toMatchObject({ code: 6, ilc: 2, nullified: false });
      expect([mode(out), out.address]).toEqual([EA_BA, at + 2n]);
    });
    test.each([
      ['SAM24', 0x00ff_fffcn, 0x00ff_fffen],
      ['SAM24', 0x00ff_fffen, 0n],
      ['SAM31', 0x7fff_fffen, 0n],
      ['SAM31', 0x0100_0000n, 0x0100_0002n],
      ['SAM64', 0x0100_0000n, 0x0100_0002n],
    ])('%s at %i goes on at %i: its own address counts, not the next one', (mnemonic, at, next) => {
      const out = run(mnemonic, at);
      expect([out.pgm, out.address]).toEqual([undefined, next]);
    });
  });
  test.each([
    [MASK_24, 0],
    [MASK_31, 1],
    [MASK_64, 3],
  ])('TAM in mode %i is condition code %i', (mask, cc) => {
    expect(bench.run({ code: [encode('TAM')], mask, cc: 2 }).cc).toBe(cc);
  });
});

describe('BRCTH', () => {
  test('counts in the high word only', () => {
    const out = bench.run({ code: [encode('BRCTH', { r1: 2, ri2: -0x20 })], gr: { 2: 0x0000_0002_ffff_ffffn }, cc: 2 });
    expect([out.gr[2], out.address, out.cc]).toEqual([0x0000_0001_ffff_ffffn, CODE - 0x20n, 2]);
    const last = bench.run({ code: [encode('BRCTH', { r1: 2, ri2: -0x20 })], gr: { 2: 0x0000_0001_ffff_ffffn } });
    expect([last.gr[2], last.address]).toEqual([0xffff_ffffn, CODE + 6n]);
  });
});
