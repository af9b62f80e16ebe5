import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, rowOf } from '../../../support/s390x/isa.ts';
import { randomWords } from '../../../support/seed.ts';

const bench = new Bench();
const OPERAND = 0x2000;
const ones = 0xffff_ffff_ffff_ffffn;
const HIGH = 0x5a5a_5a5an << 32n;

/** Does an instruction with `second` in GR 6, in storage or as the immediate, whatever its format has. */
function operate(mnemonic: string, second: bigint, gr: Record<number, bigint>, programMask = 0, r1 = 2) {
  const { formatName } = rowOf(mnemonic);
  const bytes = /^(MH|MHY|MGH)$/.test(mnemonic) ? 2 : /G$|GC$/.test(mnemonic) ? 8 : 4;
  const width = BigInt.asUintN(bytes * 8, second);
  const storage = { [OPERAND]: width.toString(16).padStart(bytes * 2, '0') };
  const setup = { gr: { ...gr, 6: second, 7: BigInt(OPERAND) }, storage, cc: 3, programMask };
  const fields =
    formatName === 'RI_a' || formatName === 'RIL_a'
      ? { r1, i2: Number(BigInt.asIntN(32, second)) }
      : formatName === 'RRF_a'
        ? { r1, r2: 3, r3: 6 }
        : formatName === 'RX_a' || formatName === 'RXY_a'
          ? { r1, b2: 7 }
          : { r1, r2: 6 };
  return bench.run({ ...setup, code: [encode(mnemonic, fields)] });
}

test('DLGR divides 128 bits by 64 whatever the estimate of a word is off by', () => {
  const random = randomWords(0xd162);
  const mostly = (): bigint => {
    const word = (): bigint => BigInt(random() >>> 0);
    const kind = random() % 6;
    // Words of ones, of zeros, and with one bit are where estimates are too large.
    const of = (): bigint => [word(), 0xffff_ffffn, 0n, 1n, 0x8000_0000n, 0xffff_fffen][random() % 6] ?? 0n;
    return kind < 4 ? (of() << 32n) | of() : ((word() << 32n) | word()) >> BigInt(random() % 64);
  };
  for (let i = 0; i < 3000; i++) {
    const divisor = mostly() || 3n;
    const high = mostly() % divisor;
    const low = mostly();
    const out = operate('DLGR', divisor, { 2: high, 3: low });
    const dividend = (high << 64n) | low;
    expect([out.gr[2], out.gr[3]], `${dividend} by ${divisor}`).toEqual([dividend % divisor, dividend / divisor]);
  }
});

describe('products of twice the width', () => {
  test.each([
    ['MR', 0xffff_fffen, 3n, 0xffff_ffffn, 0xffff_fffan],
    ['MR', 0x8000_0000n, 0x8000_0000n, 0x4000_0000n, 0n],
    ['M', 0x7fff_ffffn, 0x8000_0000n, 0xc000_0000n, 0x8000_0000n],
    ['MFY', 0xffff_ffffn, 0xffff_ffffn, 0n, 1n],
    ['MLR', 0xffff_ffffn, 0xffff_ffffn, 0xffff_fffen, 1n],
    ['ML', 0x8000_0000n, 4n, 2n, 0n],
  ])('%s %i by %i: the low words of a pair, multiplicand in the odd one', (mnemonic, a, b, high, low) => {
    const out = operate(mnemonic, HIGH | b, { 2: HIGH | 0x77n, 3: HIGH | a });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([HIGH | high, HIGH | low, 3]);
  });
  test.each([
    ['MLGR', ones, ones, ones - 1n, 1n],
    ['MLG', 1n << 63n, 2n, 1n, 0n],
    ['MLGR', 0x1234_5678_9abc_def0n, 0xfedc_ba98_7654_3210n, 0x121f_a00a_d77d_7422n, 0x236d_88fe_5618_cf00n],
    ['MLG', 0xffff_ffffn, 0x1_0000_0001n, 0n, ones],
    ['MG', ones, ones, 0n, 1n],
    ['MG', 1n << 63n, 1n << 63n, 1n << 62n, 0n],
    ['MG', ones, 5n, ones, ones - 4n],
    ['MGRK', (1n << 63n) - 1n, 1n << 63n, 0xc000_0000_0000_0000n, 1n << 63n],
  ])('%s %i by %i: 128 bits', (mnemonic, a, b, high, low) => {
    const out = operate(mnemonic, b, { 2: 0x77n, 3: a });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([high, low, 3]);
  });
  test.each([
    'MR',
    'M',
    'MFY',
    'MLR',
    'ML',
    'MLGR',
    'MLG',
    'MG',
    'MGRK',
  ])('%s with an odd R1 is a specification exception', (mnemonic) => {
    const out = operate(mnemonic, 2n, { 3: 5n, 4: 9n }, 0, 3);
    expect([out.pgm?.code, out.gr[3], out.gr[4]]).toEqual([6, 5n, 9n]);
  });
  test('M: an odd R1 comes before the access, the access before the result', () => {
    const m = (r1: number) => bench.run({ code: [encode('M', { r1, b2: 7 })], gr: { 2: 1n, 3: 2n, 7: 0x1000_0000n } });
    expect(m(3).pgm?.code).toBe(6);
    expect([m(2).pgm?.code, m(2).gr[2], m(2).gr[3]]).toEqual([5, 1n, 2n]);
  });
});

describe('products of the same width', () => {
  test.each([
    ['MSR', 0x1_0001n, 0x1_0001n, HIGH | 0x0002_0001n],
    ['MS', 0xffff_ffffn, 5n, HIGH | 0xffff_fffbn],
    ['MSY', 0x8000_0000n, 2n, HIGH],
    ['MSFI', 3n, -7n, HIGH | 0xffff_ffebn],
    ['MH', 3n, 0x8000n, HIGH | 0xfffe_8000n],
    ['MHY', 0x1_0000n, 0x7fffn, HIGH | 0x7fff_0000n],
    ['MHI', 3n, -32768n, HIGH | 0xfffe_8000n],
  ])('%s %i by %i: bits 0-31 stay', (mnemonic, a, b, want) => {
    const out = operate(mnemonic, b, { 2: HIGH | a });
    expect([out.gr[2], out.cc]).toEqual([want, 3]);
  });
  test.each([
    ['MSGR', 0x1_0000_0001n, 0x1_0000_0001n, 0x2_0000_0001n],
    ['MSG', ones, 5n, ones - 4n],
    ['MSGFR', 2n, 0x7777_7777_ffff_ffffn, ones - 1n],
    ['MSGF', 2n, 0x8000_0000n, 0xffff_ffff_0000_0000n],
    ['MSGFI', 0x1_0000_0000n, -3n, 0xffff_fffd_0000_0000n],
    ['MGHI', 0x1_0000_0000n, -3n, 0xffff_fffd_0000_0000n],
    ['MGH', 0x1_0000_0000n, 0x8000n, 0xffff_8000_0000_0000n],
  ])('%s %i by %i: 64 bits', (mnemonic, a, b, want) => {
    const out = operate(mnemonic, b, { 2: a });
    expect([out.gr[2], out.cc]).toEqual([want, 3]);
  });
  test.each([
    ['MSC', 0x7fff_ffffn, 2n, HIGH | 0xffff_fffen, 3],
    ['MSC', 0xffff_ffffn, 0x7fff_ffffn, HIGH | 0x8000_0001n, 1],
    ['MSC', 0x8000_0000n, 0xffff_ffffn, HIGH | 0x8000_0000n, 3],
    ['MSRKC', 0x4000_0000n, 0xffff_fffen, 0x8000_0000n, 1],
    ['MSRKC', 0x1_0000n, 0x1_0000n, 0n, 3],
    ['MSRKC', 0n, 5n, 0n, 0],
    ['MSGC', 1n << 62n, 2n, 1n << 63n, 3],
    ['MSGC', ones, 5n, ones - 4n, 1],
    ['MSGC', 1n << 63n, ones, 1n << 63n, 3],
    ['MSGRKC', 1n << 32n, 1n << 32n, 0n, 3],
    ['MSGRKC', 1n << 31n, 1n << 31n, 1n << 62n, 2],
    ['MSGRKC', 0n, ones, 0n, 0],
  ])('%s %i by %i: condition code of the product, 3 when it does not fit', (mnemonic, a, b, want, cc) => {
    const long = mnemonic.startsWith('MSG');
    const gr = mnemonic.includes('RK') ? { 3: a } : { 2: long ? a : HIGH | a };
    const out = operate(mnemonic, b, gr);
    expect([out.gr[2], out.cc, out.pgm]).toEqual([want, cc, undefined]);
    const masked = operate(mnemonic, b, gr, 8);
    expect([masked.gr[2], masked.pgm?.code]).toEqual([want, cc === 3 ? 8 : undefined]);
  });
});

describe('divisions', () => {
  test.each([
    ['DR', 0n, 7n, 2n, 1n, 3n],
    ['DR', 0xffff_ffffn, 0xffff_fff9n, 2n, 0xffff_ffffn, 0xffff_fffdn],
    ['D', 0xffff_ffffn, 0x8000_0000n, 1n, 0n, 0x8000_0000n],
    ['D', 0x3fff_ffffn, 0xffff_ffffn, 0x8000_0000n, 0x7fff_ffffn, 0x8000_0001n],
    ['DLR', 1n, 0n, 2n, 0n, 0x8000_0000n],
    ['DL', 0xffff_fffen, 0xffff_ffffn, 0xffff_ffffn, 0xffff_fffen, 0xffff_ffffn],
  ])('%s %i,%i by %i: remainder even, quotient odd, bits 0-31 stay', (mnemonic, high, low, divisor, remainder, quotient) => {
    const out = operate(mnemonic, HIGH | divisor, { 2: HIGH | high, 3: HIGH | low });
    expect([out.gr[2], out.gr[3], out.cc, out.pgm]).toEqual([HIGH | remainder, HIGH | quotient, 3, undefined]);
  });
  test.each([
    ['DLGR', 0n, ones, 10n, 5n, ones / 10n],
    ['DLG', 1n, 0n, 2n, 0n, 1n << 63n],
    ['DLGR', ones - 1n, ones, ones, ones - 1n, ones],
    ['DLG', 0x1234n, 0x5678n, 0x0123_4567_89ab_cdefn, 0x11796cn, 0xfffb4n],
    ['DSGR', 0x77n, 7n, BigInt.asUintN(64, -2n), 1n, BigInt.asUintN(64, -3n)],
    ['DSG', 0x77n, 1n << 63n, 1n, 0n, 1n << 63n],
    ['DSG', 0x77n, BigInt.asUintN(64, -7n), 2n, ones, BigInt.asUintN(64, -3n)],
    ['DSGFR', 0x77n, 7n, 0x7777_7777_ffff_fffen, 1n, BigInt.asUintN(64, -3n)],
    ['DSGF', 0x77n, 0x1_0000_0000n, 0x8000_0000n, 0n, BigInt.asUintN(64, -2n)],
  ])('%s %i,%i by %i: 64 bits', (mnemonic, high, low, divisor, remainder, quotient) => {
    const out = operate(mnemonic, divisor, { 2: high, 3: low });
    expect([out.gr[2], out.gr[3], out.cc, out.pgm]).toEqual([remainder, quotient, 3, undefined]);
  });
  test.each([
    ['DR', 0n, 7n, 0n],
    ['DR', 0x4000_0000n, 0n, 0x8000_0000n - 1n],
    ['DR', 0x8000_0000n, 0n, 0xffff_ffffn],
    ['D', 0n, 0x8000_0000n, 1n],
    ['D', 0x7fff_ffffn, 0n, 1n],
    ['DLR', 0n, 5n, 0n],
    ['DLR', 2n, 5n, 2n],
    ['DL', 0xffff_ffffn, 0n, 1n],
    ['DLGR', 0n, 5n, 0n],
    ['DLGR', 2n, 5n, 2n],
    ['DLG', ones, 0n, 1n],
    ['DSGR', 0n, 5n, 0n],
    ['DSGR', 0n, 1n << 63n, ones],
    ['DSG', 0n, 5n, 0n],
    ['DSGFR', 0n, 1n << 63n, 0xffff_ffffn],
    ['DSGF', 0n, 5n, 0n],
  ])('%s %i,%i by %i: a quotient that does not fit suppresses', (mnemonic, high, low, divisor) => {
    const out = operate(mnemonic, divisor, { 2: HIGH | high, 3: low });
    const plain = operate(mnemonic, divisor, { 2: high, 3: low });
    for (const o of /^D[RL]?$|^DLR$/.test(mnemonic) ? [out, plain] : [plain]) {
      expect(o.pgm).toMatchObject({ code: 9, ilc: rowOf(mnemonic).format.length, nullified: false });
      expect([o.gr[3], o.cc, o.address]).toEqual([low, 3, CODE + BigInt(rowOf(mnemonic).format.length)]);
    }
    expect(plain.gr[2]).toBe(high);
  });
  test.each([
    'DR',
    'D',
    'DLR',
    'DL',
    'DLGR',
    'DLG',
    'DSGR',
    'DSG',
    'DSGFR',
    'DSGF',
  ])('%s: an odd R1 is a specification exception, before a divisor of zero', (mnemonic) => {
    const out = operate(mnemonic, 0n, { 3: 5n, 4: 9n }, 0, 3);
    expect([out.pgm?.code, out.gr[3], out.gr[4]]).toEqual([6, 5n, 9n]);
  });
});

describe('counts', () => {
  test.each([
    [0n, 64n, 0n, 0],
    [1n, 63n, 0n, 2],
    [ones, 0n, ones >> 1n, 2],
    [0x0000_1001_0000_0000n, 19n, 0x0000_0001_0000_0000n, 2],
  ])('FLOGR of %i: count, source without its leftmost one, condition code', (source, count, rest, cc) => {
    const out = bench.run({ code: [encode('FLOGR', { r1: 2, r2: 6 })], gr: { 3: 7n, 6: source }, cc: 1 });
    expect([out.gr[2], out.gr[3], out.cc]).toEqual([count, rest, cc]);
    const self = bench.run({ code: [encode('FLOGR', { r1: 2, r2: 2 })], gr: { 2: source }, cc: 1 });
    expect([self.gr[2], self.gr[3]]).toEqual([count, rest]);
  });
  test('FLOGR: an odd R1 is a specification exception', () => {
    const out = bench.run({ code: [encode('FLOGR', { r1: 3, r2: 6 })], gr: { 3: 7n, 6: 1n }, cc: 1 });
    expect([out.pgm?.code, out.gr[3], out.cc]).toEqual([6, 7n, 1]);
  });
  test.each([
    [0n, 0n, 0],
    [ones, 0x0808_0808_0808_0808n, 1],
    [0x0103_070f_1f3f_7fffn, 0x0102_0304_0506_0708n, 1],
    [1n << 63n, 0x0100_0000_0000_0000n, 1],
  ])('POPCNT of %i counts within each byte', (source, want, cc) => {
    for (let m3 = 0; m3 < 8; m3++) {
      const out = bench.run({ code: [encode('POPCNT', { r1: 2, r2: 6, m3 })], gr: { 6: source }, cc: 3 });
      expect([out.gr[2], out.cc]).toEqual([want, cc]);
    }
  });
  test.each([
    [0n, 0n, 0],
    [ones, 64n, 1],
    [0x0103_070f_1f3f_7fffn, 36n, 1],
    [1n << 63n, 1n, 1],
  ])('POPCNT of %i counts all bits together when bit 0 of M3 is one', (source, want, cc) => {
    for (let m3 = 8; m3 < 16; m3++) {
      const out = bench.run({ code: [encode('POPCNT', { r1: 2, r2: 6, m3 })], gr: { 6: source }, cc: 3 });
      expect([out.gr[2], out.cc]).toEqual([want, cc]);
    }
  });
});
