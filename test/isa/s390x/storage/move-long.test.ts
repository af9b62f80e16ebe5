import { describe, expect, test } from 'vitest';
import { Bench, CODE, encode } from '../../../support/s390x/isa.ts';

const bench = new Bench();
const HIGH = 0xdead_beef_0000_0000n;
const MASKS = { 24: 0n, 31: 0x8000_0000n, 64: 0x1_8000_0000n };
const ascending = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (i * 7 + 1) & 0xff);
const hex = (data: Uint8Array): string => Buffer.from(data).toString('hex');

describe('MVCL', () => {
  const mvcl = encode('MVCL', { r1: 2, r2: 4 });
  test.each([
    ['equal lengths', 4, 4, 0, '01080f16ee'],
    ['first shorter', 3, 4, 1, '01080feeee'],
    ['first longer is padded', 5, 3, 2, '01080f4040'],
    ['nothing to move, source left', 0, 3, 1, 'eeeeeeeeee'],
    ['no source: pads', 4, 0, 2, '40404040ee'],
    ['nothing at all', 0, 0, 0, 'eeeeeeeeee'],
  ])('%s', (_, first, second, cc, result) => {
    const out = bench.run({
      code: [mvcl],
      gr: { 2: 0x2000n, 3: HIGH | 0x9900_0000n | BigInt(first), 4: 0x3000n, 5: HIGH | 0x4000_0000n | BigInt(second) },
      storage: { 0x2000: 'eeeeeeeeee', 0x3000: ascending(5) },
    });
    expect(out.storage(0x2000, 5)).toBe(result);
    expect(out.cc).toBe(cc);
    const moved = Math.min(first, second);
    expect(out.gr.slice(2, 6)).toEqual([
      0x2000n + BigInt(first),
      HIGH | 0x9900_0000n,
      0x3000n + BigInt(moved),
      HIGH | 0x4000_0000n | BigInt(second - moved),
    ]);
    expect(out.address).toBe(CODE + 2n);
  });
  test('goes on at the same instruction while there is more to do', () => {
    const setup = {
      code: [mvcl],
      gr: { 2: 0x2_0000n, 3: 0x2800n, 4: 0x3_0000n, 5: 0x2800n },
      storage: { 0x30000: ascending(0x2800) },
    };
    const once = bench.run({ ...setup, cc: 2, steps: 1 });
    expect(once.address).toBe(CODE);
    expect(once.cc).toBe(2);
    expect(once.gr.slice(2, 6)).toEqual([0x2_1000n, 0x1800n, 0x3_1000n, 0x1800n]);
    const out = bench.run({ ...setup, steps: 3 });
    expect(out.address).toBe(CODE + 2n);
    expect(out.cc).toBe(0);
    expect(out.storage(0x20000, 0x2801)).toBe(`${hex(ascending(0x2800))}00`);
  });
  test('moves then pads across pages', () => {
    const out = bench.run({
      code: [mvcl],
      gr: { 2: 0x2_0ff0n, 3: 0x100n, 4: 0x3_0fe8n, 5: 0x5500_0020n },
      storage: { 0x30fe8: ascending(0x20) },
    });
    expect(out.storage(0x20ff0, 0x101)).toBe(`${hex(ascending(0x20))}${'55'.repeat(0xe0)}00`);
    expect(out.cc).toBe(2);
  });
  test.each([
    ['one byte ahead', 0x2001n, 0x2000n, 4, 4, 3],
    ['last byte of the source', 0x2003n, 0x2000n, 4, 4, 3],
    ['just behind the source', 0x2004n, 0x2000n, 4, 4, 0],
    ['shorter source does not reach', 0x2002n, 0x2000n, 8, 2, 2],
    ['target before source', 0x1fffn, 0x2000n, 4, 4, 0],
    ['same place', 0x2000n, 0x2000n, 4, 4, 0],
  ])('overlap: %s', (_, to, from, first, second, cc) => {
    const out = bench.run({
      code: [mvcl],
      gr: { 2: to, 3: BigInt(first), 4: from, 5: BigInt(second) },
      storage: { 0x2000: '0102030405060708' },
    });
    expect(out.cc).toBe(cc);
    if (cc === 3) {
      expect(out.storage(0x2000, 8)).toBe('0102030405060708');
      expect(out.gr.slice(2, 6)).toEqual([to, BigInt(first), from, BigInt(second)]);
      expect(out.address).toBe(CODE + 2n);
    }
  });
  test('24-bit mode clears bits 32-39 of the addresses even when nothing is moved, and leaves bits 0-31', () => {
    const out = bench.run({
      code: [mvcl],
      mask: MASKS[24],
      gr: { 2: HIGH | 0xab00_2000n, 3: 0n, 4: HIGH | 0xcd00_3000n, 5: 7n },
    });
    expect(out.gr[2]).toBe(HIGH | 0x2000n);
    expect(out.gr[4]).toBe(HIGH | 0x3000n);
    expect(out.cc).toBe(1);
  });
  test('31-bit mode clears bit 32 of the addresses', () => {
    const out = bench.run({
      code: [mvcl],
      mask: MASKS[31],
      gr: { 2: HIGH | 0x8000_2000n, 3: 1n, 4: HIGH | 0x8000_3000n, 5: 1n },
    });
    expect(out.gr[2]).toBe(HIGH | 0x2001n);
    expect(out.gr[4]).toBe(HIGH | 0x3001n);
  });
  test('a fault in the second page keeps what the first took, then nullifies or suppresses', () => {
    const setup = {
      code: [mvcl],
      mask: 0x0010_0001_8000_0000n,
      gr: { 2: 0x2_0ff0n, 3: 0x20n, 4: 0x3_0000n, 5: 0x20n },
      keys: { 0x10000: 0x10, 0x20000: 0x10, 0x21000: 0x20, 0x30000: 0x10 },
      storage: { 0x30000: ascending(0x20) },
    };
    const first = bench.run({ ...setup, steps: 1 });
    expect(first.pgm).toBeUndefined();
    expect(first.address).toBe(CODE);
    expect(first.gr.slice(2, 6)).toEqual([0x2_1000n, 0x10n, 0x3_0010n, 0x10n]);
    const second = bench.run({ ...setup, steps: 2 });
    expect(second.pgm).toMatchObject({ code: 4, ilc: 2 });
    expect(second.gr.slice(2, 6)).toEqual([0x2_1000n, 0x10n, 0x3_0010n, 0x10n]);
    expect(second.storage(0x20ff0, 0x20)).toBe(hex(ascending(0x10)) + '00'.repeat(0x10));
  });
  test.each([
    [3, 4],
    [2, 5],
  ])('odd register in %d, %d is a specification exception', (r1, r2) => {
    const out = bench.run({ code: [encode('MVCL', { r1, r2 })], gr: { 2: 1n, 3: 1n, 4: 1n, 5: 1n } });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 2 });
  });
  test('EX of MVCL goes on at the EX', () => {
    const out = bench.run({
      code: [encode('EX', { r1: 0, b2: 1 })],
      steps: 1,
      gr: { 1: 0x11000n, 2: 0x2_0000n, 3: 0x2000n, 4: 0x3_0000n, 5: 0x7700_0000n },
      storage: { 0x11000: mvcl },
    });
    expect(out.address).toBe(CODE);
    expect(out.gr[2]).toBe(0x2_1000n);
  });
});

describe('MVCLE', () => {
  const mvcle = encode('MVCLE', { r1: 2, r3: 4, d2: 0x155 });
  test.each([
    ['equal', 4n, 4n, 0, '01080f16ee'],
    ['first shorter', 3n, 4n, 1, '01080feeee'],
    ['padded with the low byte of the second address', 5n, 3n, 2, '01080f5555'],
    ['nothing', 0n, 0n, 0, 'eeeeeeeeee'],
  ])('%s', (_, first, second, cc, result) => {
    const out = bench.run({
      code: [mvcle],
      gr: { 2: 0x2000n, 3: first, 4: 0x3000n, 5: second },
      storage: { 0x2000: 'eeeeeeeeee', 0x3000: ascending(5) },
    });
    expect(out.storage(0x2000, 5)).toBe(result);
    expect(out.cc).toBe(cc);
    const moved = first < second ? first : second;
    expect(out.gr.slice(2, 6)).toEqual([0x2000n + first, 0n, 0x3000n + moved, second - moved]);
  });
  test('sets condition code 3 with what is left to do', () => {
    const out = bench.run({ code: [mvcle], gr: { 2: 0x2_0000n, 3: 0x1_0000_0000_2000n, 4: 0x3_0000n, 5: 0x800n } });
    expect(out.cc).toBe(3);
    expect(out.address).toBe(CODE + 4n);
    expect(out.gr.slice(2, 6)).toEqual([0x2_1000n, 0x1_0000_0000_1000n, 0x3_0800n, 0n]);
    expect(out.storage(0x20000, 0x1001)).toBe(`${'00'.repeat(0x800)}${'55'.repeat(0x800)}00`);
  });
  test('in 31-bit mode lengths are the low words, and the high words stay', () => {
    const out = bench.run({
      code: [mvcle],
      mask: MASKS[31],
      gr: { 2: HIGH | 0x2000n, 3: HIGH | 2n, 4: HIGH | 0x3000n, 5: HIGH | 3n },
    });
    expect(out.cc).toBe(1);
    expect(out.gr.slice(2, 6)).toEqual([HIGH | 0x2002n, HIGH, HIGH | 0x3002n, HIGH | 1n]);
  });
  test('a fault at once leaves all registers', () => {
    const gr = { 2: 0x2000n, 3: 8n, 4: 0x40_0000n, 5: 8n };
    const out = bench.run({ code: [mvcle], gr, cc: 1 });
    expect(out.pgm).toMatchObject({ code: 5, ilc: 4 });
    expect(out.gr.slice(2, 6)).toEqual([gr[2], gr[3], gr[4], gr[5]]);
    expect(out.cc).toBe(1);
  });
});

describe('MVCLU', () => {
  const mvclu = encode('MVCLU', { r1: 2, r3: 4, d2: 0x123 });
  test('pads with two-byte characters', () => {
    const out = bench.run({
      code: [encode('MVCLU', { r1: 2, r3: 4, b2: 6, d2: 0x20 })],
      gr: { 2: 0x2000n, 3: 8n, 4: 0x3000n, 5: 2n, 6: 0x4_1200n },
      storage: { 0x3000: 'aabb' },
    });
    expect(out.storage(0x2000, 9)).toBe('aabb12201220122000');
    expect(out.cc).toBe(2);
  });
  test('characters across pages, of source, of target and of padding', () => {
    const out = bench.run({
      code: [mvclu],
      gr: { 2: 0x2_0ffdn, 3: 8n, 4: 0x3_0fffn, 5: 4n },
      storage: { 0x30fff: 'a1a2a3a4' },
    });
    expect(out.storage(0x20ffd, 9)).toBe('a1a2a3a40123012300');
    const padding = bench.run({ code: [mvclu], gr: { 2: 0x2_0fffn, 3: 4n, 4: 0x3000n, 5: 0n } });
    expect(padding.storage(0x20fff, 5)).toBe('0123012300');
  });
  test('a fault in the second half of a character stores nothing of it', () => {
    const out = bench.run({
      code: [mvclu],
      gr: { 2: 0x3f_ffffn, 3: 4n, 4: 0x3000n, 5: 4n },
      storage: { 0x3000: 'ffff' },
    });
    expect(out.pgm?.code).toBe(5);
    expect(out.storage(0x3f_ffff, 1)).toBe('00');
    expect(out.gr.slice(2, 6)).toEqual([0x3f_ffffn, 4n, 0x3000n, 4n]);
  });
  test.each([
    [3n, 4n],
    [4n, 1n],
  ])('odd length %d, %d is a specification exception (QEMU 7.2 does not look)', (first, second) => {
    expect(bench.run({ code: [mvclu], gr: { 2: 0x2000n, 3: first, 4: 0x3000n, 5: second } }).pgm?.code).toBe(6);
  });
});

describe('odd registers', () => {
  test.each(['MVCLE', 'MVCLU', 'CLCLE', 'CLCLU'])('%s', (mnemonic) => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 3, r3: 4 })] }).pgm?.code).toBe(6);
    expect(bench.run({ code: [encode(mnemonic, { r1: 2, r3: 7 })] }).pgm?.code).toBe(6);
  });
  test.each(['CLCL', 'CUSE'])('%s', (mnemonic) => {
    expect(bench.run({ code: [encode(mnemonic, { r1: 3, r2: 4 })] }).pgm?.code).toBe(6);
    expect(bench.run({ code: [encode(mnemonic, { r1: 2, r2: 7 })] }).pgm?.code).toBe(6);
  });
});
