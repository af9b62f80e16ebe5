import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode, MASK_64, type Outcome, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, PROBLEM } from '../../../support/s390x/tables.ts';
import { asceOf, at, controls, type Space, spaces } from './address-spaces.ts';

const bench = new Bench();
const MASK_31 = 0x8000_0000n;
const GROUP = 0x200;
const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');
const base = at.second + 64;
const sub = at.second + 5 * 64;

describe('BSG', () => {
  const list: Record<number, Space> = {
    1: { asce: asceOf(GROUP | 0x100), isBase: true, sequence: 7 },
    5: { asce: asceOf(GROUP | 0xc0), sequence: 7 },
    6: { asce: asceOf(0), sequence: 7 },
  };
  // Access-list entries 2 to 4: the subspace, the base space, and a space of no group.
  const entry = (aste: number): string => `0002000000000000${word(aste)}00000007`;
  const run = (alet: number, target: bigint, setup: Partial<Setup> & { readonly duct?: string } = {}): Outcome => {
    const { duct = `${word(base)}${word(0)}`, cr, storage, ...rest } = setup;
    return bench.run({
      code: [encode('BSG', { r1: 6, r2: 8 })],
      gr: { 6: -1n, 8: target },
      ar: { 8: alet },
      mask: MASK_64 | DAT,
      ...rest,
      cr: { ...controls, 1: asceOf(GROUP | 0x140), ...cr },
      storage: {
        ...spaces(list),
        [at.duct]: duct.padEnd(32, '0') + word(at.accessList),
        [at.accessList + 32]: entry(sub) + entry(base) + entry(at.second + 6 * 64),
        ...storage,
      },
    });
  };
  const duct = (out: Outcome): string => out.storage(at.duct, 16);

  test('into a subspace by an ALET: its ASCE but for two bits, and the table remembers it', () => {
    const out = run(0x0002_0002, 0x1_0000_2000n);
    expect([out.pgm, out.address, out.gr[6]]).toEqual([undefined, 0x1_0000_2000n, CODE + 4n]);
    expect([out.vcpu.cr(1), out.vcpu.cr(7), out.vcpu.cr(3)]).toEqual([
      asceOf(GROUP | 0x40),
      asceOf(GROUP | 0x40),
      0x1111_1111_4000_0001n,
    ]);
    expect(duct(out)).toBe(`${word(base)}${word(0x8000_0000 + sub)}0000000000000007`);
  });
  test('back to the base space by ALET 0, and again by ALET 1', () => {
    const inside = `${word(base)}${word(0x8000_0000 + sub)}0000000000000007`;
    const out = run(0, 0x2000n, { duct: inside });
    expect([out.vcpu.cr(1), duct(out)]).toEqual([
      asceOf(GROUP | 0x100),
      inside.replace(word(0x8000_0000 + sub), word(sub)),
    ]);
    const again = run(1, 0x2000n, { duct: duct(out) });
    expect([again.vcpu.cr(1), duct(again)]).toEqual([asceOf(GROUP | 0xc0 | 0x40) & ~0x80n, inside]);
    expect(run(0x0002_0003, 0x2000n, { duct: inside }).vcpu.cr(1)).toBe(asceOf(GROUP | 0x100));
  });
  test('changes between 24-bit and 31-bit mode', () => {
    const out = run(0, 0x8000_2000n, { mask: DAT });
    expect([out.vcpu.pswMask & 0x1_8000_0000n, out.gr[6]]).toEqual([MASK_31, 0xffff_ffff_0001_0004n]);
    expect(run(0, 0x2000n, { mask: DAT | MASK_31 }).gr[6]).toBe(0xffff_ffff_8001_0004n);
  });
  test.each<readonly [string, number, number, Parameters<typeof run>[2]]>([
    ['DAT off', 0x13, 0, { mask: MASK_64 }],
    ['another base space', 0x13, 0, { duct: word(sub) }],
    ['no last subspace', 0x13, 1, {}],
    ['another sequence of the last subspace', 0x2c, 1, { duct: `${word(base)}${word(sub)}0000000000000008` }],
    ['a space of no group', 0x13, 0x0002_0004, {}],
    ['reserved bits of the ALET', 0x28, 0x0202_0002, {}],
    ['an entry past the list', 0x29, 0x0002_0009, {}],
    ['another sequence of the entry', 0x2a, 0x0003_0002, {}],
    ['an invalid space', 0x2b, 0x0002_0002, { storage: { [sub]: '80000000' } }],
    ['another sequence of the space', 0x2c, 0x0002_0002, { storage: { [sub + 20]: '00000008' } }],
    ['a table that is not there', 5, 0, { cr: { 2: 0x40_0000n } }],
    ['a protected table', 4, 0, { cr: { 0: 0x1080_0000n, 2: 0x100n } }],
  ])('%s: code %i', (_, code, alet, setup) => {
    const out = run(alet, 0x2000n, setup);
    expect([out.pgm?.code, out.vcpu.cr(1), out.gr[6]]).toEqual([code, asceOf(GROUP | 0x140), 0xffff_ffff_ffff_ffffn]);
    if (code >= 0x28) expect(out.pgm?.exceptionAccessId).toBe(8);
  });
});

describe('BSA', () => {
  const run = (
    r2: number,
    setup: Partial<Setup> & { readonly state?: string; readonly back?: bigint } = {},
  ): Outcome => {
    const { state = word(0), back = 0n, ...rest } = setup;
    return bench.run({
      code: [encode('BSA', { r1: 6, r2 })],
      gr: { 6: 0x5555_4090n, 8: 0x1_0000_2000n },
      mask: MASK_64 | DAT,
      cr: { ...controls, 3: 0xf040_0002n },
      storage: { ...spaces({}), [at.duct + 20]: state, [at.duct + 32]: doublewords(back) },
      ...rest,
    });
  };

  test('reduces the authority: key, key mask and problem state; the table has what there was', () => {
    const out = run(8, { mask: MASK_64 | DAT | (3n << 52n) });
    expect([out.pgm, out.address, out.vcpu.accessKey, out.vcpu.problemState]).toEqual([
      undefined,
      0x1_0000_2000n,
      9,
      true,
    ]);
    expect([out.vcpu.cr(3), out.storage(at.duct + 20, 4), out.storage(at.duct + 32, 8)]).toEqual([
      0x5040_0002n,
      'f0400038',
      doublewords(CODE + 4n),
    ]);
  });
  test('in the problem state the key mask says which keys there can be', () => {
    expect(run(8, { mask: MASK_64 | DAT | PROBLEM }).storage(at.duct + 20, 4)).toBe('f0400009');
    const out = run(8, { mask: MASK_64 | DAT | PROBLEM, gr: { 6: 0x40n } });
    expect([out.pgm?.code, out.storage(at.duct + 20, 4)]).toEqual([2, word(0)]);
  });
  test('restores it, and leaves its own address in R1', () => {
    const out = run(0, { state: 'c0000078', back: 0x3_0000_3000n, mask: MASK_64 | DAT | PROBLEM });
    expect([out.pgm, out.address, out.vcpu.accessKey, out.vcpu.problemState, out.vcpu.cr(3), out.gr[6]]).toEqual([
      undefined,
      0x3_0000_3000n,
      7,
      false,
      0xc000_0002n,
      CODE + 4n,
    ]);
    expect(out.storage(at.duct + 20, 4)).toBe('c0000070');
    const low = run(0, { state: 'c0000079', back: 0x8000_3000n, mask: DAT, gr: { 6: -1n } });
    expect([low.address, low.vcpu.pswMask & 0x1_8000_0000n, low.vcpu.problemState, low.gr[6]]).toEqual([
      0x3000n,
      MASK_31,
      true,
      0xffff_ffff_0001_0004n,
    ]);
  });
  test('a return address that is none in its mode is an exception behind it', () => {
    const out = run(0, { state: '00000008', back: 0x7000_0000n, mask: DAT });
    expect([out.pgm, out.address]).toMatchObject([{ code: 6, ilc: 0 }, 0x7000_0000n]);
  });
  test('goes there with a target, and back without', () => {
    expect([run(0).pgm?.code, run(8, { state: '00000008' }).pgm?.code]).toEqual([0x13, 0x13]);
  });
});
