import { describe, expect, test } from 'vitest';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64, type Setup } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, EDAT, identity, PAGE_TABLE, PROBLEM, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const bench = new Bench();
const cr = { 0: EDAT, 1: BigInt(SEGMENT_TABLE) };
const lg = (r1: number) => encode('LG', { r1, b2: 2 });
const translated = (pages: Record<number, bigint>): Partial<Setup> => ({
  cr,
  mask: MASK_64 | DAT,
  storage: identity({ 1: BigInt(PAGE_TABLE) }, pages),
});
const PT = BigInt(PAGE_TABLE);

describe('IPTE', () => {
  test('makes the entry invalid, and a translation made by it is forgotten', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [lg(6), encode('IPTE', { r1: 3, r2: 2 }), lg(7)],
      gr: { 2: 0x10_5008n, 3: PT },
    });
    expect(out.pgm).toMatchObject({ code: 0x11, teid: 0x10_5800n, nullified: true });
    expect(out.storage(PAGE_TABLE + 40, 8)).toBe(doublewords(0x10_5400n));
    expect(out.address).toBe(CODE + 10n);
  });
  test('what is in the entry besides the invalid bit stays, and so do its neighbours', () => {
    const out = bench.run({
      ...translated({ 4: -0x1001n & ~0x400n, 5: 0x10_5200n, 6: 0x10_6000n }),
      code: [encode('IPTE', { r1: 3, r2: 2 })],
      gr: { 2: 0xffff_ffff_fff0_5fffn, 3: PT | 0x7ffn },
    });
    expect(out.storage(PAGE_TABLE + 32, 24)).toBe(doublewords(-0x1001n & ~0x400n, 0x10_5600n, 0x10_6000n));
  });
  test('the page is forgotten in whatever segment the address names: only its index counts', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [lg(6), encode('IPTE', { r1: 3, r2: 4 }), lg(7)],
      gr: { 2: 0x10_5008n, 3: PT, 4: 0x5000n },
    });
    expect(out.pgm).toMatchObject({ code: 0x11 });
  });
  test.each([1, 2, 37, 63, 511])('the page is forgotten in segment %i, too, whose table is the same', (segment) => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      storage: identity({ 1: PT, [segment]: PT }, { 5: 0x10_5000n }),
      code: [lg(6), encode('IPTE', { r1: 3, r2: 4 }), lg(7)],
      gr: { 2: (BigInt(segment) << 20n) | 0x5008n, 3: PT, 4: 0x5000n },
    });
    expect(out.pgm).toMatchObject({ code: 0x11 });
  });
  test('instructions of the page are no longer fetched', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      at: 0x10_5000n,
      code: [encode('IPTE', { r1: 3, r2: 2 }), encode('LGHI', { r1: 7, i2: 1 })],
      gr: { 2: 0x10_5000n, 3: PT },
    });
    expect(out.pgm).toMatchObject({ code: 0x11 });
    expect(out.gr[7]).toBe(0n);
    expect(out.address).toBe(0x10_5004n);
  });
  test('a range: R3 says how many more', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n, 6: 0x10_6000n, 7: 0x10_7000n, 8: 0x10_8000n }),
      code: [encode('IPTE', { r1: 3, r2: 2, r3: 4 })],
      gr: { 2: 0x10_5000n, 3: PT, 4: 0xff02n },
    });
    expect(out.storage(PAGE_TABLE + 40, 32)).toBe(doublewords(0x10_5400n, 0x10_6400n, 0x10_7400n, 0x10_8000n));
  });
  test('a range past the table changes nothing', () => {
    const out = bench.run({
      ...translated({ 255: 0x1f_f000n }),
      code: [encode('IPTE', { r1: 3, r2: 2, r3: 4 })],
      gr: { 2: 0x1f_f000n, 3: PT, 4: 1n },
    });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(out.storage(PAGE_TABLE + 255 * 8, 8)).toBe(doublewords(0x1f_f000n));
  });
  test('a table that is not there', () => {
    expect(bench.run({ code: [encode('IPTE', { r1: 3, r2: 2 })], gr: { 3: 0x40_0000n } }).pgm).toMatchObject({
      code: 5,
    });
  });
  test('local clearing clears here', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [lg(6), encode('IPTE', { r1: 3, r2: 2, m4: 1 }), lg(7)],
      gr: { 2: 0x10_5008n, 3: PT },
    });
    expect(out.pgm).toMatchObject({ code: 0x11 });
  });
});

describe('IDTE', () => {
  const idte = encode('IDTE', { r1: 3, r2: 4, r3: 5 });

  test('invalidates segments and forgets what was translated by them', () => {
    const out = bench.run({
      cr,
      mask: MASK_64 | DAT,
      storage: identity(),
      code: [lg(6), idte, lg(7)],
      gr: { 2: 0x30_0000n, 3: BigInt(SEGMENT_TABLE), 4: 0x20_0001n },
    });
    expect(out.pgm).toMatchObject({ code: 0x10 });
    expect(out.storage(SEGMENT_TABLE + 8, 24)).toBe(doublewords(0x10_0400n, 0x20_0420n, 0x30_0420n));
  });
  test.each([
    ['region third', 4n, 0x0000_0000_8000_0000n],
    ['region second', 8n, 0x0000_0400_0000_0000n],
    ['region first', 0xcn, 0x0020_0000_0000_0000n],
  ])('finds the entry of a %s table', (_, type, address) => {
    const out = bench.run({ code: [idte], gr: { 3: 0x30_0000n | type, 4: address } });
    expect(out.storage(0x300000, 24)).toBe(doublewords(0n, 0x20n, 0n));
  });
  test('the index wraps in the table', () => {
    const out = bench.run({ code: [idte], gr: { 3: 0x30_0000n, 4: 0x7ff0_0001n } });
    expect(out.storage(0x303ff8, 8)).toBe(doublewords(0x20n));
    expect(out.storage(0x300000, 16)).toBe(doublewords(0x20n, 0n));
  });
  test('clearing by ASCE stores nothing and forgets one space', () => {
    const run = (asce: bigint) =>
      bench.run({
        ...translated({ 5: 0x10_5000n }),
        code: [
          lg(6),
          // The table is changed without telling.
          encode('STURG', { r1: 8, r2: 9 }),
          idte,
          lg(7),
        ],
        gr: { 2: 0x10_5000n, 3: PT, 4: 0x800n, 5: asce, 8: 0x10_5400n, 9: PT + 40n },
      });
    expect(run(BigInt(SEGMENT_TABLE) | 0xfffn).pgm).toMatchObject({ code: 0x11 });
    const other = run(BigInt(SEGMENT_TABLE) + 0x1000n);
    expect(other.pgm).toBeUndefined();
    expect(other.storage(PAGE_TABLE, 8)).toBe(doublewords(0n));
  });
  test('bits 44-51 of R2 must be zero', () => {
    for (const bit of [0x1000n, 0x8_0000n]) {
      const out = bench.run({ code: [idte], gr: { 3: 0x30_0000n, 4: bit } });
      expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
      expect(out.storage(0x300000, 8)).toBe(doublewords(0n));
    }
  });
  test('a second entry that is absent leaves the first', () => {
    const out = bench.run({ code: [idte], gr: { 3: 0x3f_f000n, 4: 0x1ff0_0001n } });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(out.storage(0x3ffff8, 8)).toBe(doublewords(0n));
  });
});

describe('CRDTE', () => {
  const crdte = encode('CRDTE', { r1: 4, r2: 6, r3: 8 });
  const run = (table: bigint, old = 0x10_5000n) =>
    bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [crdte],
      gr: { 4: old, 5: 0x10_7000n, 6: table, 7: 0x10_5000n },
    });

  test('replaces an equal page-table entry', () => {
    const out = run(PT);
    expect(out.cc).toBe(0);
    expect(out.storage(PAGE_TABLE + 40, 8)).toBe(doublewords(0x10_7000n));
  });
  test('a segment-table entry is found by its designation', () => {
    const out = run(BigInt(SEGMENT_TABLE) | 0x10n, PT);
    expect(out.cc).toBe(0);
    expect(out.storage(SEGMENT_TABLE + 8, 8)).toBe(doublewords(0x10_7000n));
  });
  test('an unequal entry is loaded', () => {
    const out = run(PT, 0x10_5200n);
    expect(out.cc).toBe(1);
    expect(out.gr[4]).toBe(0x10_5000n);
    expect(out.storage(PAGE_TABLE + 40, 8)).toBe(doublewords(0x10_5000n));
  });
  test('odd registers and unknown designations', () => {
    expect(run(PT | 4n).pgm).toMatchObject({ code: 6 });
    expect(bench.run({ code: [encode('CRDTE', { r1: 5, r2: 6 })] }).pgm).toMatchObject({ code: 6 });
    expect(bench.run({ code: [encode('CRDTE', { r1: 4, r2: 7 })] }).pgm).toMatchObject({ code: 6 });
  });
});

describe.each(['PTLB', 'PALB'])('%s', (mnemonic) => {
  test('translations are forgotten by PTLB', () => {
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [lg(6), encode('STURG', { r1: 8, r2: 9 }), encode(mnemonic), lg(7)],
      gr: { 2: 0x10_5000n, 8: 0x10_5400n, 9: PT + 40n },
    });
    expect(out.pgm?.code).toBe(mnemonic === 'PTLB' ? 0x11 : undefined);
  });
});

describe.each([
  ['CSP', 4],
  ['CSPG', 8],
])('%s', (mnemonic, bytes) => {
  const text = encode(mnemonic, { r1: 4, r2: 2 });
  const value = (n: bigint): string => n.toString(16).padStart(bytes * 2, '0');

  test('replaces an equal operand; the low bits of R2 are no part of its address', () => {
    const out = bench.run({ code: [text], gr: { 2: 0x2002n, 4: 5n, 5: 7n }, storage: { 0x2000: value(5n) }, cc: 3 });
    expect(out.cc).toBe(0);
    expect(out.storage(0x2000, bytes)).toBe(value(7n));
    expect(out.gr[4]).toBe(5n);
  });
  test('loads an unequal one, as wide as it is', () => {
    const out = bench.run({ code: [text], gr: { 2: 0x2000n, 4: -1n, 5: 7n }, storage: { 0x2000: value(9n) } });
    expect(out.cc).toBe(1);
    expect(out.gr[4]).toBe(bytes === 4 ? 0xffff_ffff_0000_0009n : 9n);
    expect(out.storage(0x2000, bytes)).toBe(value(9n));
  });
  test.each([
    [1n, 0x11],
    [0n, undefined],
  ])('bit 63 of R2 (%i) purges', (purge, code) => {
    const entry = PT + 40n + (bytes === 4 ? 4n : 0n);
    const out = bench.run({
      ...translated({ 5: 0x10_5000n }),
      code: [lg(6), encode(mnemonic, { r1: 4, r2: 8 }), lg(7)],
      gr: { 2: 0x10_5000n, 4: 0x10_5000n, 5: 0x10_5400n, 8: entry | purge },
    });
    expect(out.cc).toBe(0);
    expect(out.pgm?.code).toBe(code);
  });
  test('an odd R1, and an operand that cannot be stored into', () => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 5, r2: 2 })] }).pgm).toMatchObject({ code: 6 });
    expect(bench.run({ code: [text], gr: { 2: 0x40_0000n } }).pgm).toMatchObject({ code: 5 });
  });
});

describe.each([
  ['IPTE', ictl.ipte],
  ['IDTE', ictl.ipte],
  ['CRDTE', ictl.ipte],
  ['CSP', ictl.ipte],
  ['CSPG', ictl.ipte],
  ['PTLB', ictl.ptlb],
  ['PALB', ictl.ptlb],
])('%s', (mnemonic, control) => {
  const text = encode(mnemonic);
  test('is privileged, and intercepted by its control', () => {
    expect(bench.run({ code: [text], mask: MASK_64 | PROBLEM, controls: { ictl: control } }).pgm).toMatchObject({
      code: 2,
    });
    expect(bench.run({ code: [text], controls: { ictl: control } }).cause).toEqual({ kind: 'intercept', code: 4 });
    expect(bench.run({ code: [text], gr: { 0: 0x800n }, controls: { ictl: ~control } }).cause).toBeUndefined();
  });
});
