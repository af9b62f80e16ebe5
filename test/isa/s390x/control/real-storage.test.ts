import { describe, expect, test } from 'vitest';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import {
  ACCESS_REGISTER,
  DAT,
  doublewords,
  EDAT,
  HOME,
  identity,
  PAGE_TABLE,
  PROBLEM,
  SECONDARY,
  SEGMENT_TABLE,
} from '../../../support/s390x/tables.ts';

const bench = new Bench();
const LAP = 0x1000_0000n;
const MASK_31 = 0x8000_0000n;
const asce = BigInt(SEGMENT_TABLE);
const paged = (pages: Record<number, bigint>, extra: Record<number, bigint> = {}) =>
  identity({ 1: BigInt(PAGE_TABLE), ...extra }, pages);

describe.each([
  ['LRA', true],
  ['LRAY', true],
  ['LRAG', false],
])('%s', (mnemonic, depends) => {
  const text = encode(mnemonic, { r1: 4, b2: 2 });
  const run = (address: bigint, setup: Partial<Parameters<Bench['run']>[0]> = {}) =>
    bench.run({
      code: [text],
      gr: { 2: address, 4: 0xaaaa_bbbb_cccc_ddddn },
      cr: { 0: EDAT, 1: asce },
      storage: paged({ 0: 0x12_3000n, 1: 0x400n, 2: 0x200n + 0x7_0000_0000n, 3: 0x1f_f000n }),
      ...setup,
    });

  test('translates with DAT off, and the offset in the page stays', () => {
    const out = run(0x10_0abcn);
    expect(out.cc).toBe(0);
    expect(out.gr[4]).toBe(0x12_3abcn);
  });
  test('a page that is not in the configuration is no concern', () => {
    const out = run(0x10_2008n);
    expect(out.cc).toBe(0);
    expect(out.gr[4]).toBe(0x7_0000_0008n);
  });
  test('an invalid page gives its entry and condition code 2', () => {
    const out = run(0x10_1008n);
    expect(out.cc).toBe(2);
    expect(out.gr[4]).toBe(BigInt(PAGE_TABLE + 8));
  });
  test('an invalid segment gives its entry and condition code 1', () => {
    const out = run(0x40_0000n, { storage: identity({ 4: 0x20n }) });
    expect(out.cc).toBe(1);
    expect(out.gr[4]).toBe(asce + 32n);
  });
  test('an entry outside the segment table: condition code 3, its address, bits 0-31 stay', () => {
    const out = run(0x2000_0000n);
    expect(out.cc).toBe(3);
    expect(out.gr[4]).toBe(0xaaaa_bbbb_0000_0000n | (asce + 0x1000n));
  });
  test('an address that the space cannot have: condition code 3 and the exception code', () => {
    const out = run(0x8000_0000n);
    expect(out.cc).toBe(3);
    expect(out.gr[4]).toBe(0xaaaa_bbbb_8000_0038n);
  });
  test('an invalid region is no space either', () => {
    const out = run(0n, { cr: { 1: 0x21_0000n | 0x4n }, storage: { 0x210000: doublewords(0x24n) } });
    expect(out.cc).toBe(3);
    expect(out.gr[4]).toBe(0xaaaa_bbbb_8000_003bn);
  });
  test('a large frame gives the real address of its absolute one', () => {
    const out = run(0x30_0123n, { prefix: 0x30_0000 });
    expect(out.cc).toBe(0);
    expect(out.gr[4]).toBe(0x123n);
  });
  test.each([
    ['a table that is not there', 0n, { cr: { 1: 0x40_0000n } }, 5],
    ['an entry of the wrong type', 0n, { storage: identity({ 0: 0x4n }) }, 0x12],
    ['a bad page-table entry', 0x10_0000n, { storage: paged({ 0: 0x800n }) }, 0x12],
  ])('%s is an exception', (_, address, setup, code) => {
    const out = run(address, setup);
    expect(out.pgm).toMatchObject({ code });
    expect(out.gr[4]).toBe(0xaaaa_bbbb_cccc_ddddn);
  });
  test.each([
    ['secondary', SECONDARY, 7],
    ['home', HOME, 13],
    ['access register 2 with ALET 1', ACCESS_REGISTER, 7],
  ])('space by PSW bits 16-17: %s', (_, bits, n) => {
    const out = run(0x10_0008n, { mask: MASK_64 | bits, cr: { 0: EDAT, [n]: asce }, ar: { 2: 1 } });
    expect(out.cc).toBe(0);
    expect(out.gr[4]).toBe(0x12_3008n);
  });
  test('an ALET that names no space: condition code 3', () => {
    const out = run(0x10_0008n, { mask: MASK_64 | ACCESS_REGISTER, ar: { 2: 0x0200_0000 } });
    expect(out.cc).toBe(3);
    expect(out.gr[4]).toBe(0xaaaa_bbbb_8000_0028n);
  });
  test('in the 31-bit mode', () => {
    const setup = { mask: MASK_31 };
    const out = run(0x10_0abcn, setup);
    expect(out.cc).toBe(0);
    expect(out.gr[4]).toBe(depends ? 0xaaaa_bbbb_0012_3abcn : 0x12_3abcn);
    const invalid = run(0x10_1000n, setup);
    expect(invalid.cc).toBe(2);
    expect(invalid.gr[4]).toBe(BigInt(PAGE_TABLE + 8) | (depends ? 0xaaaa_bbbb_0000_0000n : 0n));
    const far = run(0x10_2000n, setup);
    expect(far.pgm?.code).toBe(depends ? 0x13 : undefined);
    expect(far.gr[4]).toBe(depends ? 0xaaaa_bbbb_cccc_ddddn : 0x7_0000_0000n);
  });
  test('nothing is recorded in the storage key', () => {
    const out = run(0x10_0abcn);
    expect(out.cc).toBe(0);
    expect(bench.complex.keys[0x123]).toBe(0);
  });
});

describe('loads and stores by real address', () => {
  test('prefixing applies, translation does not', () => {
    const out = bench.run({
      code: [
        encode('LURA', { r1: 4, r2: 2 }),
        encode('LURAG', { r1: 5, r2: 2 }),
        encode('STURA', { r1: 6, r2: 3 }),
        encode('STURG', { r1: 6, r2: 7 }),
      ],
      gr: { 2: 0x1008n, 3: 0x1010n, 4: -1n, 6: 0x0102_0304_0506_0708n, 7: 0x8_0018n },
      cr: { 0: EDAT, 1: asce },
      mask: MASK_64 | DAT,
      prefix: 0x8_0000,
      storage: { ...identity(), 0x81008: '1122334455667788' },
    });
    expect(out.pgm).toBeUndefined();
    expect(out.gr[4]).toBe(0xffff_ffff_1122_3344n);
    expect(out.gr[5]).toBe(0x1122_3344_5566_7788n);
    expect(out.storage(0x81010, 8)).toBe('0506070800000000');
    expect(out.storage(0x18, 8)).toBe('0102030405060708');
  });
  test('a store over the next instruction is what is executed', () => {
    const out = bench.run({
      code: [
        encode('BRC', { m1: 15, ri2: 8 }),
        encode('STURA', { r1: 6, r2: 3 }),
        encode('LGHI', { r1: 5, i2: 1 }),
        encode('BRC', { m1: 15, ri2: -8 }),
      ],
      steps: 5,
      gr: { 3: CODE + 8n, 6: BigInt(`0x${Buffer.from(encode('LGHI', { r1: 5, i2: 2 })).toString('hex')}`) },
    });
    expect(out.gr[5]).toBe(2n);
  });
  test.each([
    ['LURA', 4n],
    ['LURAG', 8n],
    ['STURA', 4n],
    ['STURG', 8n],
  ])('%s: privilege, alignment, absence, key, low-address protection, wrap', (mnemonic, bytes) => {
    const text = encode(mnemonic, { r1: 4, r2: 2 });
    const store = mnemonic.startsWith('ST');
    const run = (address: bigint, setup: Partial<Parameters<Bench['run']>[0]> = {}) =>
      bench.run({ code: [text], gr: { 2: address, 4: 9n }, ...setup }).pgm?.code;
    expect(run(1n, { mask: MASK_64 | PROBLEM })).toBe(2);
    expect(run(0x2000n + bytes / 2n)).toBe(6);
    expect(run(0x40_0000n)).toBe(5);
    expect(run(0x3000n, { mask: MASK_64 | 0x0010_0000_0000_0000n, keys: { 0x3000: 0x28 } })).toBe(4);
    expect(run(0x1f8n, { cr: { 0: LAP } })).toBe(store ? 4 : undefined);
    expect(run(0x200n, { cr: { 0: LAP } })).toBeUndefined();
    expect(run(0x8000_2000n, { mask: MASK_31 })).toBeUndefined();
  });
});

describe('TPROT', () => {
  const run = (address: bigint, key: number, setup: Partial<Parameters<Bench['run']>[0]> = {}) =>
    bench.run({ code: [encode('TPROT', { b1: 2, d2: key << 4 })], gr: { 2: address }, cc: 1, ...setup });
  const translated = { mask: MASK_64 | DAT, cr: { 0: EDAT, 1: asce } };

  test.each([
    ['key 0', 0, 0x48, 0],
    ['the key itself', 4, 0x48, 0],
    ['another key', 5, 0x40, 1],
    ['another key, fetch protected', 5, 0x48, 2],
  ])('real mode, %s', (_, key, held, cc) => {
    const out = run(0x3000n, key, { keys: { 0x3000: held } });
    expect(out.cc).toBe(cc);
    expect(bench.complex.keys[3]).toBe(held);
  });
  test('low-address protection forbids the store', () => {
    expect(run(0x11ffn, 0, { cr: { 0: LAP } }).cc).toBe(1);
    expect(run(0x1200n, 0, { cr: { 0: LAP } }).cc).toBe(0);
  });
  test('DAT protection forbids the store, an invalid page everything', () => {
    const storage = paged({ 0: 0x3200n, 1: 0x400n });
    expect(run(0x10_0000n, 0, { ...translated, storage }).cc).toBe(1);
    expect(run(0x10_1000n, 0, { ...translated, storage }).cc).toBe(3);
    expect(run(0x8000_0000n, 0, { ...translated, storage }).cc).toBe(3);
  });
  test('a protected address that is not translated: no translation', () => {
    const storage = identity({ 0: BigInt(PAGE_TABLE) }, { 0: 0x400n, 16: 0x1_0000n });
    expect(run(0x100n, 0, { ...translated, cr: { 0: EDAT | LAP, 1: asce }, storage }).cc).toBe(3);
  });
  test('an ALET that names no space: no translation', () => {
    expect(
      run(0x3000n, 0, {
        ...translated,
        mask: MASK_64 | DAT | ACCESS_REGISTER,
        ar: { 2: 0x0200_0000 },
        storage: identity(),
      }).cc,
    ).toBe(3);
  });
  test('absent storage and bad tables are exceptions', () => {
    expect(run(0x40_0000n, 0).pgm).toMatchObject({ code: 5 });
    expect(run(0x10_0000n, 0, { ...translated, storage: paged({ 0: 0x800n }) }).pgm).toMatchObject({ code: 0x12 });
  });
  test('is privileged and intercepted by its control', () => {
    expect(run(0n, 0, { mask: MASK_64 | PROBLEM, controls: { ictl: ictl.tprot } }).pgm).toMatchObject({ code: 2 });
    expect(run(0x3000n, 0, { controls: { ictl: ictl.tprot } }).cause).toEqual({ kind: 'intercept', code: 4 });
  });
});
