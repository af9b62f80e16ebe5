import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { ACCESS_REGISTER, DAT, doublewords, HOME, PROBLEM } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, spaces } from './address-spaces.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const halves = (...values: readonly number[]): Uint8Array => Uint8Array.from(values.flatMap((v) => [v >> 8, v & 255]));
const OPERAND = 0x2000n;

describe('RP', () => {
  /** The parameter list stands behind the instruction: flags, then offsets of PSW, access and general register. */
  const run = (flags: number, storage: Readonly<Record<number, string>>, setup: Partial<Setup> = {}): Outcome =>
    bench.run({
      code: [encode('RP', { b2: 4, d2: 8 }), halves(flags, 0x10, 0x20, 0x28, 0x30)],
      steps: 1,
      gr: { 4: OPERAND },
      mask: MASK_64 | DAT,
      ...setup,
      cr: { ...controls, ...setup.cr },
      storage: { ...spaces({}), 0x2028: '11223344', 0x2030: '5566778899aabbcc', 0x2038: 'deadbeef', ...storage },
    });
  const wide = (mask: bigint, address: bigint): Record<number, string> => ({ 0x2018: doublewords(mask, address) });
  const short = (word: bigint): Record<number, string> => ({ 0x2018: doublewords(word) });

  test('takes space, condition code, program mask, mode and address from a PSW, all else stays', () => {
    const psw = wide(0x00f9_7a01_8000_0000n, 0x1_0000_3000n);
    const out = run(4, psw, { mask: MASK_64 | DAT | (5n << 52n) });
    expect([out.pgm, out.address, out.cc, out.vcpu.accessKey, out.vcpu.addressSpace]).toEqual([
      undefined,
      0x1_0000_3000n,
      3,
      5,
      1,
    ]);
    expect(out.vcpu.pswMask).toBe(DAT | (5n << 52n) | 0x0000_7a01_8000_0000n);
    expect([out.ar[4], out.gr[4]]).toEqual([0x1122_3344, 0x5566_7788n]);
  });
  test('a short PSW has 31 bits of address', () => {
    const out = run(0, short(0x0000_2000_8000_3000n));
    expect([out.pgm, out.address, out.vcpu.pswMask & 0x1_8000_0000n, out.cc]).toEqual([undefined, 0x3000n, MASK_31, 2]);
    expect(run(0, short(0x0000_0001_8000_3000n)).vcpu.pswMask & 0x1_8000_0000n).toBe(MASK_64);
    expect(run(0, short(0x3000n)).vcpu.pswMask & 0x1_8000_0000n).toBe(0n);
  });
  test('loads the general register whole, in one piece or in two', () => {
    expect(run(2, short(0x3000n)).gr[4]).toBe(0x5566_7788_99aa_bbccn);
    expect(run(3, short(0x3000n)).gr[4]).toBe(0xdead_beef_5566_7788n);
  });
  test('executed by EXECUTE it has its list behind itself', () => {
    const rp = encode('RP', { b2: 4, d2: 8 });
    const out = bench.run({
      code: [encode('EX', { b2: 5 }), halves(0xffff, 0, 0, 0)],
      steps: 1,
      gr: { 4: OPERAND, 5: 0x4000n },
      mask: MASK_64 | DAT,
      cr: controls,
      storage: { ...spaces({}), ...short(0x3000n), 0x4000: rp, 0x4004: halves(2, 0x10, 0x20, 0x28) },
    });
    expect([out.pgm, out.address]).toEqual([undefined, 0x3000n]);
    const relative = bench.run({
      code: [encode('EXRL', { ri2: 0x100 }), halves(0xffff)],
      steps: 1,
      gr: { 4: OPERAND },
      mask: MASK_64 | DAT,
      cr: controls,
      storage: {
        ...spaces({}),
        ...short(0x3000n),
        [Number(CODE) + 0x100]: rp,
        [Number(CODE) + 0x104]: halves(2, 0x10, 0x20, 0x28),
      },
    });
    expect([relative.pgm, relative.address]).toEqual([undefined, 0x3000n]);
  });
  test('tells of a switch to or from the home space', () => {
    const to = run(4, wide(0x0000_c001_8000_0000n, 0x3000n), { cr: { 1: asceOf(0x140) } });
    expect([to.pgm, to.address]).toMatchObject([{ code: 0x1c, teid: 0x8000_0001n }, 0x3000n]);
    const from = run(4, wide(0x1_8000_0000n, 0x3000n), { mask: MASK_64 | DAT | HOME, cr: { 13: asceOf(0x40) } });
    expect(from.pgm).toMatchObject({ code: 0x1c, teid: 0x8000_0000n });
  });
  test.each<readonly [string, number, number, Readonly<Record<number, string>>, Partial<Setup>]>([
    ['reserved flags', 6, 8, short(0x3000n), {}],
    ['an odd address', 6, 0, short(0x3001n), {}],
    ['an address that is none in 24-bit mode', 6, 0, short(0x0100_3000n), {}],
    ['64 bits without 31', 6, 0, short(0x0000_0001_0000_3000n), {}],
    ['reserved bits', 6, 4, wide(0x1_8000_0001n, 0x3000n), {}],
    [
      'the home space in the problem state',
      2,
      4,
      wide(0x0000_c001_8000_0000n, 0x3000n),
      { mask: MASK_64 | DAT | PROBLEM },
    ],
    ['an operand that is not there', 5, 0, {}, { gr: { 4: 0x40_0000n }, mask: MASK_64 }],
  ])('%s: code %i, and nothing is changed', (_, code, flags, storage, setup) => {
    const out = run(flags, storage, setup);
    expect([out.pgm?.code, out.ar[4], out.address]).toEqual([code, 0, CODE + 4n]);
  });
  test('the home space in the problem state is nobody’s matter with DAT off', () => {
    expect(run(4, wide(0x0000_c001_8000_0000n, 0x3000n), { mask: MASK_64 | PROBLEM }).pgm).toBeUndefined();
  });
});

describe.each(['TRAP2', 'TRAP4'])('%s', (mnemonic) => {
  const BLOCK = 0x3000;
  const AREA = 0x5ff8;
  const withOperand = mnemonic === 'TRAP4';
  const length = withOperand ? 4 : 2;
  const run = (block: number, setup: Partial<Setup> & { readonly duct?: number } = {}): Outcome => {
    const { duct = BLOCK | 1, ...rest } = setup;
    const word = (value: number): string => value.toString(16).padStart(8, '0');
    return bench.run({
      code: [withOperand ? encode(mnemonic, { b2: 4, d2: 8 }) : encode(mnemonic)],
      gr: { 1: 0x1111_1111_2222_2222n, 4: 0x1_8000_2000n, 15: -1n },
      ar: { 15: 0x0123_4567 },
      mask: MASK_64 | DAT | (2n << 44n),
      cr: controls,
      ...rest,
      storage: {
        ...spaces({}),
        [at.duct + 44]: word(duct),
        [BLOCK]: `${word(block)}0000000000000000${word(AREA)}0000000080006000`,
        ...rest.storage,
      },
    });
  };
  const heads =
    `000${length}0000`.replace(/^0/, withOperand ? '4' : '0') +
    `00000000${withOperand ? '00002008' : '00000000'}01234567`;

  test('saves PSW and registers where the control block says, across pages, and goes to its program', () => {
    const out = run(0x6_0000, { mask: MASK_64 | DAT | ACCESS_REGISTER | (2n << 44n) });
    expect([out.pgm, out.address, out.gr[15], out.vcpu.addressSpace]).toEqual([undefined, 0x6000n, BigInt(BLOCK), 0]);
    expect(out.vcpu.pswMask & 0x1_8000_0000n).toBe(MASK_31);
    expect(out.storage(AREA, 16)).toBe(heads);
    expect(out.storage(AREA + 16, 16)).toBe(
      doublewords(MASK_64 | DAT | ACCESS_REGISTER | (2n << 44n), CODE + BigInt(length)),
    );
    expect([out.storage(AREA + 40, 8), out.storage(AREA + 32 + 120, 8)]).toEqual([
      '1111111122222222',
      'ffffffffffffffff',
    ]);
  });
  test('saves short ones outside the 64-bit mode', () => {
    const out = run(0, { mask: MASK_31 | DAT });
    expect(out.storage(AREA + 16, 16)).toBe(doublewords(0x0408_0000_8001_0000n + BigInt(length), 0n));
    expect([out.storage(AREA + 36, 4), out.gr[15], out.address]).toEqual(['22222222', 0xffff_ffff_0000_3000n, 0x6000n]);
    expect(run(0, { mask: DAT }).storage(AREA + 16, 8)).toBe(doublewords(0x0408_0000_0001_0000n + BigInt(length)));
  });
  test('tells that it was executed by EXECUTE', () => {
    const text = withOperand ? encode(mnemonic) : encode(mnemonic);
    const out = run(0x4_0000, { code: [encode('EX', { b2: 5 })], gr: { 5: 0x4000n }, storage: { 0x4000: text } });
    expect(out.storage(AREA, 4)).toBe(withOperand ? 'c0040000' : '80040000');
  });
  test.each<readonly [string, number, Parameters<typeof run>[1]]>([
    ['DAT off', 0x13, { mask: MASK_64 }],
    ['the home space', 0x13, { mask: MASK_64 | DAT | HOME }],
    ['traps that are not enabled', 0x13, { duct: BLOCK }],
    ['64-bit mode without a place for such a PSW', 0x13, {}],
    ['a table that is not there', 5, { cr: { ...controls, 2: 0x40_0000n } }],
    ['a block that is not there', 5, { duct: 0x40_0001, mask: MASK_31 | DAT, cr: { ...controls, 13: 0x20n } }],
  ])('%s: code %i', (_, code, setup) => {
    const out = run(0, setup);
    expect([out.pgm?.code, out.storage(AREA, 4), out.gr[15]]).toEqual([code, '00000000', 0xffff_ffff_ffff_ffffn]);
  });
});
