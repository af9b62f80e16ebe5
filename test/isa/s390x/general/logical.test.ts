import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

// Names that are put together below:
// NR NY NGR NG NRK NGRK NI NIY NIHF NILF OY OGR OG ORK OGRK OI OIY OIHF OILF XR XY XGR XG XRK XGRK XI XIY XIHF XILF

const bench = new Bench();
const OPERAND = 0x2000;
const A = 0xf0f0_1234_ff00_00ffn;
const B = 0x0ff0_0000_0f0f_f0f0n;

const families = [
  { letter: 'N', apply: (a: bigint, b: bigint) => a & b },
  { letter: 'O', apply: (a: bigint, b: bigint) => a | b },
  { letter: 'X', apply: (a: bigint, b: bigint) => a ^ b },
] as const;
const low = (value: bigint): bigint => BigInt.asUintN(32, value);
const hex = (value: bigint, bytes: number): string => value.toString(16).padStart(bytes * 2, '0');

describe.each(families)('$letter of registers and storage', ({ letter, apply }) => {
  const want32 = (A & ~0xffff_ffffn) | low(apply(A, B));
  const run = (mnemonic: string, fields: Record<string, number>, operand = '') =>
    bench.run({
      code: [encode(mnemonic, fields)],
      gr: { 1: A, 2: B, 3: 0x1_0000_2100n },
      cc: 3,
      storage: { [OPERAND]: operand },
    });

  test.each(['R', 'Y', ''])('%s: bits 0-31 stay', (rest) => {
    const at = rest === 'Y' ? { b2: 3, d2: 0x100 - 0x200 } : { b2: 0, d2: 0 };
    const out =
      rest === 'R'
        ? run(`${letter}R`, { r1: 1, r2: 2 })
        : rest === 'Y'
          ? bench.run({
              code: [encode(`${letter}Y`, { r1: 1, ...at })],
              gr: { 1: A, 3: 0x2100n },
              storage: { [OPERAND]: hex(low(B), 4) },
            })
          : bench.run({
              code: [encode(letter, { r1: 1, b2: 3, d2: 0 })],
              gr: { 1: A, 3: 0x2000n },
              storage: { [OPERAND]: hex(low(B), 4) },
            });
    expect(out.gr[1]).toBe(want32);
    expect(out.cc).toBe(1);
  });
  test('G and GR take all 64 bits', () => {
    expect(run(`${letter}GR`, { r1: 1, r2: 2 }).gr[1]).toBe(apply(A, B));
    const out = bench.run({
      code: [encode(`${letter}G`, { r1: 1, x2: 3, b2: 4, d2: -16 })],
      gr: { 1: A, 3: 0x1010n, 4: 0x1000n },
      storage: { [OPERAND]: hex(B, 8) },
    });
    expect(out.gr[1]).toBe(apply(A, B));
    expect(out.cc).toBe(1);
  });
  test('RK and GRK leave the sources', () => {
    const rk = run(`${letter}RK`, { r1: 5, r2: 1, r3: 2 });
    expect([rk.gr[5], rk.gr[1], rk.gr[2]]).toEqual([low(apply(A, B)), A, B]);
    const grk = run(`${letter}GRK`, { r1: 5, r2: 1, r3: 2 });
    expect([grk.gr[5], grk.gr[1], grk.gr[2], grk.cc]).toEqual([apply(A, B), A, B, 1]);
  });
  test('condition code 0 tells of the result only, not of bits 0-31', () => {
    const out = bench.run({ code: [encode(`${letter}R`, { r1: 1, r2: 1 })], gr: { 1: 0xffff_ffff_0000_0000n }, cc: 3 });
    expect([out.gr[1], out.cc]).toEqual([0xffff_ffff_0000_0000n, 0]);
  });
  test('IHF and ILF change one half', () => {
    const high = run(`${letter}IHF`, { r1: 1, i2: 0x8000_0001 });
    expect(high.gr[1]).toBe((apply(A >> 32n, 0x8000_0001n) << 32n) | low(A));
    const lowHalf = run(`${letter}ILF`, { r1: 1, i2: 0x8000_0001 });
    expect(lowHalf.gr[1]).toBe((A & ~0xffff_ffffn) | apply(low(A), 0x8000_0001n));
    expect([high.cc, lowHalf.cc]).toEqual([1, 1]);
  });
  test('I and IY change one byte of storage', () => {
    const want = apply(0x3cn, 0xa5n);
    const out = bench.run({
      code: [encode(`${letter}I`, { b1: 3, d1: 1, i2: 0xa5 })],
      gr: { 3: 0x2000n },
      storage: { [OPERAND]: 'ff3cff' },
    });
    expect([out.storage(OPERAND, 3), out.cc]).toEqual([`ff${hex(want, 1)}ff`, 1]);
    const y = bench.run({
      code: [encode(`${letter}IY`, { b1: 3, d1: -1, i2: 0xa5 })],
      gr: { 3: 0x2002n },
      storage: { [OPERAND]: 'ff3cff' },
    });
    expect(y.storage(OPERAND, 3)).toBe(`ff${hex(want, 1)}ff`);
    const zero = letter === 'X' ? 0x3c : 0;
    const none = bench.run({
      code: [encode(`${letter}I`, { b1: 3, d1: 0, i2: zero })],
      gr: { 3: 0x2000n },
      cc: 3,
      storage: { [OPERAND]: letter === 'O' ? '00' : '3c' },
    });
    expect([none.storage(OPERAND, 1), none.cc]).toEqual(['00', 0]);
  });
  test('I: a store that the key forbids changes neither storage nor condition code', () => {
    const out = bench.run({
      code: [encode(`${letter}I`, { b1: 3, d1: 0, i2: 0x5a })],
      mask: 0x0010_0001_8000_0000n,
      gr: { 3: 0x2000n },
      cc: 2,
      storage: { [OPERAND]: '3c' },
      keys: { [OPERAND]: 0x20, [Number(CODE)]: 0x10 },
    });
    expect(out.pgm).toMatchObject({ code: 4, ilc: 4 });
    expect((out.pgm?.teid ?? 0n) & 0xc00n).toBe(0x400n);
    expect([out.storage(OPERAND, 1), out.cc]).toEqual(['3c', 2]);
  });
  test('I: outside storage is an addressing exception', () => {
    const out = bench.run({ code: [encode(`${letter}I`, { b1: 3, i2: 0x5a })], gr: { 3: 0x1000_0000n }, cc: 2 });
    expect([out.pgm?.code, out.cc]).toEqual([5, 2]);
  });
  test('a fetch that is not allowed leaves register and condition code', () => {
    const out = bench.run({ code: [encode(`${letter}G`, { r1: 1, b2: 3 })], gr: { 1: A, 3: 0x1000_0000n }, cc: 2 });
    expect([out.pgm?.code, out.gr[1], out.cc]).toEqual([5, A, 2]);
  });
});

describe('halfword immediates', () => {
  test.each([
    ['NIHH', 0x8f0f, 0x8000_1234_ff00_00ffn, 1],
    ['NIHL', 0xff00, 0xf0f0_1200_ff00_00ffn, 1],
    ['NILH', 0x00ff, 0xf0f0_1234_0000_00ffn, 0],
    ['NILL', 0xff00, 0xf0f0_1234_ff00_0000n, 0],
    ['OIHH', 0x0f0f, 0xffff_1234_ff00_00ffn, 1],
    ['OIHL', 0x0001, 0xf0f0_1235_ff00_00ffn, 1],
    ['OILH', 0x8001, 0xf0f0_1234_ff01_00ffn, 1],
    ['OILL', 0x8000, 0xf0f0_1234_ff00_80ffn, 1],
  ])('%s changes its halfword and tells of it alone', (mnemonic, i2, want, cc) => {
    const base = mnemonic === 'NIHH' ? A & 0x8fff_ffff_ffff_ffffn : A;
    const out = bench.run({ code: [encode(mnemonic, { r1: 1, i2 })], gr: { 1: base }, cc: 3 });
    expect([out.gr[1], out.cc]).toEqual([want, cc]);
  });
  test('OILL with zero of zero is condition code 0', () => {
    const out = bench.run({ code: [encode('OILL', { r1: 1, i2: 0 })], gr: { 1: 0xffff_ffff_ffff_0000n }, cc: 3 });
    expect([out.gr[1], out.cc]).toEqual([0xffff_ffff_ffff_0000n, 0]);
  });
});

describe('TEST UNDER MASK', () => {
  test.each([
    [0x00, 0xff, 0],
    [0xff, 0x00, 0],
    [0x10, 0x30, 1],
    [0x20, 0x30, 1],
    [0xf0, 0x30, 3],
  ])('TM of %i under %i: mixed is 1 whatever the leftmost bit', (byte, mask, cc) => {
    const storage = { [OPERAND]: new Uint8Array([byte]) };
    const out = bench.run({ code: [encode('TM', { b1: 3, d1: 0, i2: mask })], gr: { 3: 0x2000n }, storage, cc: 2 });
    expect(out.cc).toBe(cc);
    const y = bench.run({ code: [encode('TMY', { b1: 3, d1: -4, i2: mask })], gr: { 3: 0x2004n }, storage, cc: 2 });
    expect(y.cc).toBe(cc);
  });
  test.each([
    ['TMHH', 48n],
    ['TMHL', 32n],
    ['TMLH', 16n],
    ['TMLL', 0n],
  ])('%s tells mixed with leftmost zero from mixed with leftmost one', (mnemonic, place) => {
    const cc = (half: bigint, mask: number): number => {
      const others = 0xffff_ffff_ffff_ffffn ^ (0xffffn << place);
      return bench.run({ code: [encode(mnemonic, { r1: 1, i2: mask })], gr: { 1: others | (half << place) }, cc: 3 })
        .cc;
    };
    expect([cc(0x7fffn, 0x8000), cc(0xffffn, 0), cc(0x8000n, 0x8000), cc(0xffffn, 0xffff)]).toEqual([0, 0, 3, 3]);
    expect([cc(0x7fffn, 0xffff), cc(0x0001n, 0x8001), cc(0x8000n, 0x8001), cc(0xfffen, 0xffff)]).toEqual([1, 1, 2, 2]);
    expect([cc(0x8004n, 0x000c), cc(0x7ff8n, 0x000c)]).toEqual([1, 2]);
  });
});

// NCRK NCGRK NNRK NNGRK OCRK OCGRK NORK NOGRK NXRK NXGRK
describe.each([
  { stem: 'NC', apply: (a: bigint, b: bigint) => a & ~b },
  { stem: 'NN', apply: (a: bigint, b: bigint) => ~(a & b) },
  { stem: 'OC', apply: (a: bigint, b: bigint) => a | ~b },
  { stem: 'NO', apply: (a: bigint, b: bigint) => ~(a | b) },
  { stem: 'NX', apply: (a: bigint, b: bigint) => ~(a ^ b) },
])('$stem, with a complement in it,', ({ stem, apply }) => {
  const before = 0x1122_3344_5566_7788n;
  const run = (rest: 'RK' | 'GRK', a: bigint, b: bigint) =>
    bench.run({ code: [encode(`${stem}${rest}`, { r1: 5, r2: 1, r3: 2 })], gr: { 1: a, 2: b, 5: before }, cc: 3 });

  test.each([
    [A, B],
    [B, A],
    [0n, 0n],
    [A, A],
    [0xffff_ffff_ffff_ffffn, 0n],
    [0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffff_ffffn],
    [0xffff_ffff_0000_0000n, 0xffff_ffff_0000_0000n],
  ])('of %x and %x: the word leaves bits 0-31, the condition code tells of the result', (a, b) => {
    const word = low(apply(a, b));
    const rk = run('RK', a, b);
    expect([rk.gr[5], rk.cc]).toEqual([(before & ~0xffff_ffffn) | word, word === 0n ? 0 : 1]);
    const doubleword = BigInt.asUintN(64, apply(a, b));
    const grk = run('GRK', a, b);
    expect([grk.gr[5], grk.cc]).toEqual([doubleword, doubleword === 0n ? 0 : 1]);
    expect([rk.gr[1], rk.gr[2], grk.gr[1], grk.gr[2]]).toEqual([a, b, a, b]);
  });
});
