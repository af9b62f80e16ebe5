import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();

describe('STFLE', () => {
  const known = bench.core.facilities;
  const bytes = (Math.floor(Math.max(...known) / 64) + 1) * 8;
  const stfle = (asked: number, address = 0x2000n, controls = {}) =>
    bench.run({
      code: [encode('STFLE', { b2: 3 })],
      gr: { 0: 0xffff_ffff_1111_1100n | BigInt(asked), 3: address },
      cc: 2,
      controls,
      storage: { 0x2000: 'ff'.repeat(bytes + 8) },
    });

  test('all of it: each bit says whether the facility is there, GR 0 how long the list is', () => {
    const out = stfle(255);
    const list = Buffer.from(out.storage(0x2000, bytes), 'hex');
    for (let i = 0; i < bytes * 8; i++) expect(((list[i >> 3] ?? 0) & (0x80 >> (i & 7))) !== 0).toBe(known.has(i));
    expect(out.storage(0x2000 + bytes, 8)).toBe('ff'.repeat(8));
    expect([out.cc, out.gr[0]]).toEqual([0, 0xffff_ffff_1111_1100n | BigInt(bytes / 8 - 1)]);
    expect(stfle(bytes / 8 - 1).cc).toBe(0);
  });
  test('a part of it: no more than asked for, condition code 3, GR 0 still tells the whole length', () => {
    const out = stfle(0);
    const whole = stfle(255).storage(0x2000, bytes);
    const part = stfle(0).storage(0x2000, bytes);
    expect(part).toBe(whole.slice(0, 16) + 'ff'.repeat(bytes - 8));
    expect([out.cc, out.gr[0]]).toEqual([3, 0xffff_ffff_1111_1100n | BigInt(bytes / 8 - 1)]);
    expect(stfle(bytes / 8 - 2).cc).toBe(3);
  });
  test('exceptions and interceptions change nothing', () => {
    const odd = stfle(0, 0x2004n);
    expect([odd.pgm?.code, odd.gr[0], odd.cc]).toEqual([6, 0xffff_ffff_1111_1100n, 2]);
    const outside = stfle(0, 0x1000_0000n);
    expect([outside.pgm?.code, outside.gr[0], outside.cc]).toEqual([5, 0xffff_ffff_1111_1100n, 2]);
    const wanted = stfle(0, 0x2000n, { ictl: 0x1000_0000 });
    expect([wanted.cause, wanted.gr[0]]).toEqual([{ kind: 'intercept', code: 4 }, 0xffff_ffff_1111_1100n]);
  });
});

describe('ECAG', () => {
  const ecag = (attribute: number, level: number, type: number): bigint | undefined =>
    bench.run({
      code: [encode('ECAG', { r1: 1, b2: 2, d2: type })],
      gr: { 2: BigInt((attribute << 4) | (level << 1)) },
    }).gr[1];
  const none = 0xffff_ffff_ffff_ffffn;

  test('the summary: a divided private level, a whole private one, a shared one', () => {
    expect(ecag(0, 0, 0)).toBe(0x0407_0b00_0000_0000n);
    expect(ecag(0, 5, 1)).toBe(0x0407_0b00_0000_0000n);
  });
  test('line size, size and ways of data and instructions', () => {
    expect([ecag(1, 0, 0), ecag(2, 0, 0), ecag(3, 0, 0)]).toEqual([256n, 0x2_0000n, 8n]);
    expect([ecag(1, 0, 1), ecag(2, 0, 1), ecag(3, 0, 1)]).toEqual([256n, 0x1_0000n, 4n]);
    expect([ecag(2, 1, 0), ecag(2, 1, 1), ecag(2, 2, 0)]).toEqual([0x30_0000n, 0x30_0000n, 0x300_0000n]);
  });
  test('sizes are whole numbers of lines in whole numbers of sets', () => {
    for (const [level, type] of [
      [0, 0],
      [0, 1],
      [1, 0],
      [2, 0],
    ] as const) {
      const [line, size, ways] = [ecag(1, level, type) ?? 0n, ecag(2, level, type) ?? 0n, ecag(3, level, type) ?? 0n];
      expect(size % (line * ways)).toBe(0n);
    }
  });
  test.each([
    ['bit 55, by which Linux asks for the frequency', 0x100n],
    ['bit 55 with the line size of a level that exists', 0x110n],
    ['bit 48', 0x8010n],
    ['bit 40', 0x80_0020n],
  ])('reserved bits of the address make all ones: %s', (_, address) => {
    expect(bench.run({ code: [encode('ECAG', { r1: 1, b2: 2 })], gr: { 2: address } }).gr[1]).toBe(none);
  });
  test('bits 0-39 of the address mean nothing', () => {
    const address = 0xffff_ffff_ff00_0010n;
    expect(bench.run({ code: [encode('ECAG', { r1: 1, b2: 2 })], gr: { 2: address } }).gr[1]).toBe(256n);
  });
  test('what does not exist is all ones', () => {
    expect([ecag(4, 0, 0), ecag(15, 0, 0), ecag(1, 3, 0), ecag(2, 7, 1)]).toEqual([none, none, none, none]);
  });
});

test.each([
  ['BPP', { m1: 15, b3: 2, d3: 4, i2: -3 }],
  ['BPRP', { m1: 15, i2: -3, i3: -5 }],
  ['NIAI', { i1: 1, i2: 4 }],
  ['PPA', { r1: 3, r2: 4, m3: 1 }],
  ['PFD', { m1: 2, b2: 2, d2: -4 }],
  ['PFDRL', { m1: 15, ri2: -0x1000_0000 }],
])('%s does nothing, whatever its operands designate', (mnemonic, fields) => {
  const text = encode(mnemonic, fields);
  const out = bench.run({ code: [text], gr: { 2: 0x1000_0000_0001n }, cc: 2 });
  expect([out.cause, out.cc, out.address, out.gr[2]]).toEqual([
    undefined,
    2,
    CODE + BigInt(text.length),
    0x1000_0000_0001n,
  ]);
});
