import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;
const TWO = { b1: 1, b2: 2 };
const inverted = Uint8Array.from({ length: 256 }, (_, i) => 255 - i);

describe('TR', () => {
  test.each([
    [0x2000, 0x3000],
    [0x1ffe, 0x3000],
    [0x2000, 0x2f80],
    [0x1ffe, 0x2f80],
  ])('every byte by the table: %x by %x', (at, table) => {
    const out = bench.run({
      code: [encode('TR', { ...TWO, l: 3 })],
      gr: { 1: BigInt(at), 2: BigInt(table) },
      storage: { [table]: inverted, [at]: '007f80ffee' },
      cc: 2,
    });
    expect(out.storage(at, 5)).toBe('ff807f00ee');
    expect(out.cc).toBe(2);
  });
  test('a table that the operand lies in changes as the operand does', () => {
    // Byte 0 of the table becomes 5; the second 00 is then looked up as 5.
    const out = bench.run({
      code: [encode('TR', { ...TWO, l: 1 })],
      gr: { 1: 0x3000n, 2: 0x3000n },
      storage: { 0x3000: '0500aabbcc77' },
    });
    expect(out.storage(0x3000, 2)).toBe('7777');
  });
  test('a table page that no byte needs is not accessed', () => {
    const ok = bench.run({
      code: [encode('TR', { ...TWO, l: 1 })],
      gr: { 1: 0x2000n, 2: 0x3f_fffen },
      storage: { 0x2000: '0001', 0x3f_fffe: 'a1a2' },
    });
    expect(ok.storage(0x2000, 2)).toBe('a1a2');
  });
  test('a fault in the table stores nothing', () => {
    const out = bench.run({
      code: [encode('TR', { ...TWO, l: 2 })],
      gr: { 1: 0x2000n, 2: 0x3f_fffen },
      storage: { 0x2000: '000102' },
    });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 6 });
    expect(out.storage(0x2000, 3)).toBe('000102');
  });
});

describe('TRT and TRTR', () => {
  const table = { [0x3000 + 0x41]: '99' };
  test.each([
    ['nothing found', '000102', 0, HIGH | 7n, HIGH | 0x1234n],
    ['in the middle', '004102', 1, 0x2001n, HIGH | 0x1299n],
    ['the last byte', '000041', 2, 0x2002n, HIGH | 0x1299n],
    ['the first byte', '414100', 1, 0x2000n, HIGH | 0x1299n],
  ])('TRT: %s', (_, data, cc, gr1, gr2) => {
    const out = bench.run({
      code: [encode('TRT', { b1: 5, b2: 6, l: 2 })],
      gr: { 1: HIGH | 7n, 2: HIGH | 0x1234n, 5: 0x2000n, 6: 0x3000n },
      storage: { ...table, 0x2000: data },
    });
    expect([out.cc, out.gr[1], out.gr[2]]).toEqual([cc, gr1, gr2]);
  });
  test.each([
    ['nothing found', '000102', 0, HIGH | 7n],
    ['from the right', '414100', 1, 0x2000n],
    ['the leftmost is the last', '410000', 2, 0x1fffn],
  ])('TRTR: %s', (_, data, cc, gr1) => {
    const out = bench.run({
      code: [encode('TRTR', { b1: 5, b2: 6, l: 2 })],
      gr: { 1: HIGH | 7n, 2: 0x1234n, 5: 0x2001n, 6: 0x3000n },
      storage: { ...table, 0x1fff: data },
    });
    expect([out.cc, out.gr[1], out.gr[2]]).toEqual([cc, gr1, cc === 0 ? 0x1234n : 0x1299n]);
  });
  test.each([
    ['24-bit', 0n, HIGH | 0xaa00_2000n],
    ['31-bit', 0x8000_0000n, HIGH | 0x2000n],
  ])('TRT in %s mode sets what the mode has', (_, mask, gr1) => {
    const out = bench.run({
      code: [encode('TRT', { b1: 5, b2: 6 })],
      mask,
      gr: { 1: HIGH | 0xaaff_ffffn, 5: 0x2000n, 6: 0x3000n },
      storage: { ...table, 0x2000: '41' },
    });
    expect(out.gr[1]).toBe(gr1);
  });
  test('bytes behind the one found are not accessed', () => {
    const found = bench.run({
      code: [encode('TRT', { b1: 5, b2: 6, l: 9 })],
      gr: { 5: 0x3f_fffen, 6: 0x3000n },
      storage: { ...table, 0x3f_fffe: '0041' },
    });
    expect(found.cc).toBe(1);
    const out = bench.run({
      code: [encode('TRT', { b1: 5, b2: 6, l: 9 })],
      gr: { 1: 9n, 5: 0x3f_fffen, 6: 0x3000n },
      storage: table,
      cc: 3,
    });
    expect(out.pgm?.code).toBe(5);
    expect([out.gr[1], out.cc]).toEqual([9n, 3]);
  });
});

describe('TRE', () => {
  const tre = encode('TRE', { r1: 2, r2: 4 });
  const run = (data: string, at = 0x2000, length = data.length / 2) =>
    bench.run({
      code: [tre],
      gr: { 0: 0xffn, 2: BigInt(at), 3: BigInt(length), 4: 0x3000n },
      storage: { [at]: data, 0x3000: inverted },
    });
  test.each([0x2000, 0x1fff])('translates up to the test byte, which stays: at %x', (at) => {
    const out = run('0102ff03', at);
    expect(out.storage(at, 4)).toBe('fefdff03');
    expect([out.cc, out.gr[2], out.gr[3]]).toEqual([1, BigInt(at + 2), 2n]);
  });
  test('to the end', () => {
    const out = run('0102');
    expect(out.storage(0x2000, 2)).toBe('fefd');
    expect([out.cc, out.gr[2], out.gr[3]]).toEqual([0, 0x2002n, 0n]);
    expect(run('').cc).toBe(0);
  });
  test('condition code 3 with what is left', () => {
    const out = run('01', 0x2_0000, 0x1010);
    expect([out.cc, out.gr[2], out.gr[3]]).toEqual([3, 0x2_1000n, 0x10n]);
    expect(out.storage(0x20fff, 2)).toBe('ff00');
  });
  test('a fault behind some bytes keeps them, at once it changes nothing', () => {
    const out = run('0102', 0x3f_fffe, 5);
    expect([out.cc, out.gr[2], out.gr[3]]).toEqual([3, 0x40_0000n, 3n]);
    const again = run('', 0x40_0000, 3);
    expect(again.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(again.gr[3]).toBe(3n);
  });
  test('odd R1 is a specification exception', () => {
    expect(bench.run({ code: [encode('TRE', { r1: 3, r2: 4 })] }).pgm?.code).toBe(6);
    expect(bench.run({ code: [tre], gr: { 2: 0x2000n } }).address).toBe(CODE + 4n);
  });
});
