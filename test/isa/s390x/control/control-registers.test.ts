import { describe, expect, test } from 'vitest';
import { ictl } from '../../../../src/arch/s390x/sie/state-description.ts';
import { Bench, CODE, encode, MASK_64 } from '../../../support/s390x/isa.ts';
import { DAT, doublewords, EDAT, identity, PROBLEM, SEGMENT_TABLE } from '../../../support/s390x/tables.ts';

const bench = new Bench();

describe('LCTLG', () => {
  const run = (r1: number, r3: number, setup: Partial<Parameters<Bench['run']>[0]> = {}) =>
    bench.run({ code: [encode('LCTLG', { r1, r3, b2: 1 })], gr: { 1: 0x2000n }, ...setup });

  test('one register takes all 64 bits', () => {
    const out = run(13, 13, { storage: { 0x2000: doublewords(0x0123_4567_89ab_cdefn) } });
    expect(out.vcpu.cr(13)).toBe(0x0123_4567_89ab_cdefn);
  });
  test('a range wraps from 15 to 0', () => {
    const out = run(14, 1, { storage: { 0x2000: doublewords(14n, 15n, 0x10n, 0x11n) } });
    expect([14, 15, 0, 1, 2].map((n) => out.vcpu.cr(n))).toEqual([14n, 15n, 0x10n, 0x11n, 0n]);
  });
  test('R3 just below R1 means all sixteen', () => {
    const out = run(1, 0, {
      storage: { 0x2000: doublewords(...Array.from({ length: 16 }, (_, i) => BigInt(i + 0x100))) },
    });
    expect(out.vcpu.cr(1)).toBe(0x100n);
    expect(out.vcpu.cr(0)).toBe(0x10fn);
  });
  test('when the second page is absent no register changes', () => {
    const out = run(2, 3, { gr: { 1: 0x3f_fff8n }, storage: { 0x3ffff8: doublewords(5n) } });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(out.vcpu.cr(2)).toBe(0n);
  });
  test.each([
    ['a mask of interruptions', 6, true],
    ['a PER range', 10, true],
    ['an ASCE', 1, false],
    ['the access-list space', 5, false],
  ])('the run loop looks after a load of %s: CR%i', (_, n, looked) => {
    const storage = { 0x2000: doublewords(0x300n) };
    expect(run(n, n, { storage }).looked).toBe(looked);
    expect(run(n, n, { storage, cr: { [n]: 0x300n } }).looked).toBe(false);
  });
  test('a new primary ASCE is in force at once, and the old space keeps its translations', () => {
    const other = SEGMENT_TABLE + 0x4000;
    const storage = identity();
    const out = bench.run({
      code: [
        encode('LG', { r1: 5, b2: 2 }),
        encode('LCTLG', { r1: 1, r3: 1, b2: 1 }),
        encode('LG', { r1: 6, b2: 2 }),
        encode('LCTLG', { r1: 1, r3: 1, b2: 1, d2: 8 }),
        encode('LG', { r1: 7, b2: 2 }),
      ],
      gr: { 1: 0x3000n, 2: 0x10_0000n },
      cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
      mask: MASK_64 | DAT,
      storage: {
        ...storage,
        [other]: doublewords(0x400n, 0x30_0400n),
        0x3000: doublewords(BigInt(other), BigInt(SEGMENT_TABLE)),
        0x100000: doublewords(1n),
        0x300000: doublewords(3n),
      },
    });
    expect(out.pgm).toBeUndefined();
    expect([out.gr[5], out.gr[6], out.gr[7]]).toEqual([1n, 3n, 1n]);
  });
  test('CR0 loaded anew with nothing in it that translation depends on: what is known of pages stays known', () => {
    const out = bench.run({
      code: [
        encode('LG', { r1: 5, b2: 2 }),
        encode('STG', { r1: 4, b2: 3 }),
        encode('LCTLG', { r1: 0, r3: 0, b2: 1 }),
        encode('LG', { r1: 6, b2: 2 }),
        encode('PTLB'),
        encode('LG', { r1: 7, b2: 2 }),
      ],
      gr: { 1: 0x3000n, 2: 0x10_0000n, 3: BigInt(SEGMENT_TABLE) + 8n, 4: 0x30_0400n },
      cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
      mask: MASK_64 | DAT,
      storage: {
        ...identity(),
        0x3000: doublewords(EDAT | 0x200n),
        0x100000: doublewords(1n),
        0x300000: doublewords(3n),
      },
    });
    expect(out.pgm).toBeUndefined();
    expect([out.gr[5], out.gr[6], out.gr[7]]).toEqual([1n, 1n, 3n]);
  });
  test('low-address protection counts for the next store, though the page was stored into before', () => {
    const out = bench.run({
      code: [
        encode('STG', { r1: 5, d2: 0x100 }),
        encode('LCTLG', { r1: 0, r3: 0, b2: 1 }),
        encode('STG', { r1: 5, d2: 0x108 }),
      ],
      gr: { 1: 0x3000n, 5: -1n },
      storage: { 0x3000: doublewords(0x1000_0000n) },
    });
    expect(out.pgm).toMatchObject({ code: 4 });
    expect(out.storage(0x100, 16)).toBe('ffffffffffffffff0000000000000000');
  });
  test('EDAT off makes the same entry one of a page table', () => {
    const out = bench.run({
      code: [encode('LCTLG', { r1: 0, r3: 0, b2: 1 }), encode('LG', { r1: 5, b2: 2 })],
      gr: { 1: 0x3000n, 2: 0x10_0000n },
      cr: { 0: EDAT, 1: BigInt(SEGMENT_TABLE) },
      mask: MASK_64 | DAT,
      storage: {
        ...identity({ 0: 0x20_8000n }),
        0x208080: doublewords(0x1_0000n),
        0x208018: doublewords(0x3000n),
        0x100000: doublewords(0x5000n),
        0x5000: doublewords(7n),
      },
    });
    // Segment 0 goes by a page table before and after; the large frame of segment 1 is now a page table.
    expect(out.pgm).toBeUndefined();
    expect(out.gr[5]).toBe(7n);
  });
});

describe('LCTL', () => {
  test('changes bits 32-63 only', () => {
    const out = bench.run({
      code: [encode('LCTL', { r1: 8, r3: 9, b2: 1 }), encode('LCTL', { r1: 10, r3: 10, b2: 1 })],
      gr: { 1: 0x2004n },
      cr: { 8: -1n, 9: -1n, 10: -1n },
      storage: { 0x2004: '0000000512345678' },
    });
    expect(out.vcpu.cr(8)).toBe(0xffff_ffff_0000_0005n);
    expect(out.vcpu.cr(9)).toBe(0xffff_ffff_1234_5678n);
    expect(out.vcpu.cr(10)).toBe(0xffff_ffff_0000_0005n);
  });
});

describe('STCTG and STCTL', () => {
  const cr = { 15: 0x1111_2222_3333_4444n, 0: 0x5555_6666_7777_8888n };
  test('store a range and one register', () => {
    const out = bench.run({
      code: [
        encode('STCTG', { r1: 15, r3: 0, b2: 1 }),
        encode('STCTG', { r1: 15, r3: 15, b2: 1, d2: 0x20 }),
        encode('STCTL', { r1: 15, r3: 0, b2: 1, d2: 0x40 }),
        encode('STCTL', { r1: 0, r3: 0, b2: 1, d2: 0x60 }),
      ],
      gr: { 1: 0x2000n },
      cr,
    });
    expect(out.storage(0x2000, 16)).toBe('11112222333344445555666677778888');
    expect(out.storage(0x2020, 16)).toBe('11112222333344440000000000000000');
    expect(out.storage(0x2040, 8)).toBe('3333444477778888');
    expect(out.storage(0x2060, 8)).toBe('7777888800000000');
  });
  test('an absent second page leaves the first as it was', () => {
    const out = bench.run({ code: [encode('STCTG', { r1: 15, r3: 0, b2: 1 })], gr: { 1: 0x3f_fff8n }, cr });
    expect(out.pgm).toMatchObject({ code: 5 });
    expect(out.storage(0x3ffff8, 8)).toBe('0000000000000000');
  });
});

describe.each([
  ['LCTL', 4n],
  ['LCTLG', 8n],
  ['STCTL', 4n],
  ['STCTG', 8n],
])('%s', (mnemonic, bytes) => {
  const text = encode(mnemonic, { r1: 2, r3: 3, b2: 1 });
  test('is privileged', () => {
    expect(bench.run({ code: [text], gr: { 1: 1n }, mask: MASK_64 | PROBLEM }).pgm).toMatchObject({ code: 2 });
  });
  test('wants its operand aligned', () => {
    expect(bench.run({ code: [text], gr: { 1: 0x2000n + bytes / 2n } }).pgm).toMatchObject({ code: 6 });
    expect(bench.run({ code: [text], gr: { 1: 0x2000n + bytes } }).pgm).toBeUndefined();
  });
  test('is intercepted by its control', () => {
    const load = mnemonic.startsWith('L');
    const run = (controls: { ictl?: number; lctl?: number }, address = 0x2000n) =>
      bench.run({ code: [text], gr: { 1: address }, controls });
    const out = run(load ? { lctl: 0x8000 >> 3 } : { ictl: ictl.stctl });
    expect(out.cause).toEqual({ kind: 'intercept', code: 4 });
    expect(out.address).toBe(CODE + BigInt(text.length));
    expect(
      run(load ? { lctl: 0xffff & ~(0x8000 >> 2) & ~(0x8000 >> 3) } : { ictl: ~ictl.stctl }).cause,
    ).toBeUndefined();
    expect(run({ lctl: 0xffff, ictl: ictl.stctl }, 0x2001n).pgm).toMatchObject({ code: 6 });
  });
});
