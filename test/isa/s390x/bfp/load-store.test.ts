import { describe, expect, test } from 'vitest';
import { after, DATA, hex, left, run, runOnStorage } from './vector.ts';

const RIGHT = 0x0000_0000_89ab_cdefn;

describe('loads', () => {
  test.each(['LE', 'LEY'])('%s loads bits 0-31 and leaves the others', (mnemonic) => {
    const out = runOnStorage(mnemonic, { r1: 9 }, '7f812345', { fpr: { 9: 0x1111_1111_0000_0000n | RIGHT } });
    expect(hex(out.fpr[9])).toBe('7f81234589abcdef');
  });
  test.each(['LD', 'LDY'])('%s loads all 64 bits, a signaling NaN as it is', (mnemonic) => {
    const out = runOnStorage(mnemonic, { r1: 9 }, '7ff4000000000001', { fpr: { 9: RIGHT } });
    expect(hex(out.fpr[9])).toBe('7ff4000000000001');
    expect(out.fpc).toBe(0);
  });
  test('LEY and LDY reach back by a negative displacement', () => {
    const gr = { 10: BigInt(DATA + 0x1000) };
    const storage = { [DATA]: '0123456789abcdef' };
    expect(hex(run('LDY', { r1: 1, b2: 10, d2: -0x1000 }, { gr, storage }).fpr[1])).toBe('0123456789abcdef');
    expect(hex(run('LEY', { r1: 1, b2: 10, d2: -0x0ffc }, { gr, storage }).fpr[1])).toBe('89abcdef00000000');
  });
  test('LD across a page boundary, at an odd address', () => {
    const out = run('LD', { r1: 0, b2: 10 }, { gr: { 10: 0x20ffdn }, storage: { 0x20ffd: '0102030405060708' } });
    expect(hex(out.fpr[0])).toBe('0102030405060708');
  });
  test('LD from where no storage is: addressing exception, register as before', () => {
    const out = run('LD', { r1: 2, b2: 10 }, { gr: { 10: 0x3ffffcn }, fpr: { 2: 5n } });
    expect(out.pgm?.code).toBe(5);
    expect(out.fpr[2]).toBe(5n);
  });
});

describe('stores', () => {
  test.each(['STE', 'STEY'])('%s stores bits 0-31', (mnemonic) => {
    const out = runOnStorage(mnemonic, { r1: 3, d2: 2 }, '', { fpr: { 3: 0x0123_4567_0000_0000n | RIGHT } });
    expect(out.storage(DATA, 8)).toBe('0000012345670000');
  });
  test.each(['STD', 'STDY'])('%s stores 64 bits', (mnemonic) => {
    const out = runOnStorage(mnemonic, { r1: 3 }, '', { fpr: { 3: 0xfedc_ba98_7654_3210n } });
    expect(out.storage(DATA, 9)).toBe('fedcba987654321000');
  });
  test('STD across a page boundary into a protected page stores nothing', () => {
    const out = run(
      'STD',
      { r1: 0, b2: 10 },
      { gr: { 10: 0x20ffcn }, fpr: { 0: -1n }, keys: { 0x20000: 0x10, 0x21000: 0x20 }, mask: 0x0010_0001_8000_0000n },
    );
    expect(out.pgm?.code).toBe(4);
    expect(out.storage(0x20ffc, 8)).toBe('0000000000000000');
  });
});

describe('moves', () => {
  const fpr = { 1: 0x1111_1111_2222_2222n, 3: 0x3333_3333_4444_4444n, 4: 0x8000_0000_0000_0001n, 6: 6n };
  test('LER moves bits 0-31 only', () => {
    expect(hex(run('LER', { r1: 1, r2: 3 }, { fpr }).fpr[1])).toBe('3333333322222222');
  });
  test('LDR', () => {
    const out = run('LDR', { r1: 1, r2: 3 }, { fpr });
    expect(hex(out.fpr[1])).toBe('3333333344444444');
    expect(out.address).toBe(after(2));
  });
  test('LXR moves a pair, one that is its own half as well', () => {
    const out = run('LXR', { r1: 1, r2: 4 }, { fpr });
    expect(hex(out.fpr[1], out.fpr[3])).toBe('8000000000000001_0000000000000006');
  });
  test.each([
    [2, 0],
    [0, 3],
    [6, 4],
    [4, 15],
  ])('LXR of registers %i and %i: no pair, specification exception', (r1, r2) => {
    const out = run('LXR', { r1, r2 }, { fpr });
    expect(out.pgm).toMatchObject({ code: 6, ilc: 4 });
    expect(out.fpr[4]).toBe(fpr[4]);
  });
  test('LZER leaves bits 32-63, LZDR does not, LZXR clears a pair', () => {
    expect(hex(run('LZER', { r1: 1 }, { fpr }).fpr[1])).toBe('0000000022222222');
    expect(run('LZDR', { r1: 1 }, { fpr }).fpr[1]).toBe(0n);
    const out = run('LZXR', { r1: 4 }, { fpr });
    expect([out.fpr[4], out.fpr[6]]).toEqual([0n, 0n]);
    expect(run('LZXR', { r1: 6 }, { fpr }).pgm?.code).toBe(6);
  });
  test('signs of any operand, a signaling NaN as well, without condition code or flag', () => {
    const snan = { 3: 0x7ff0_0000_0000_0001n, 5: 0xfff0_0000_0000_0001n, 7: 0x8000_0000_0000_0000n };
    const result = (mnemonic: string, r2: number): string => {
      const out = run(mnemonic, { r1: 1, r2 }, { fpr: snan, cc: 3 });
      expect([out.cc, out.fpc]).toEqual([3, 0]);
      return hex(out.fpr[1]);
    };
    expect(result('LPDFR', 5)).toBe('7ff0000000000001');
    expect(result('LPDFR', 3)).toBe('7ff0000000000001');
    expect(result('LNDFR', 3)).toBe('fff0000000000001');
    expect(result('LCDFR', 3)).toBe('fff0000000000001');
    expect(result('LCDFR', 7)).toBe('0000000000000000');
  });
  test('CPSDR takes the sign of the third operand and the rest of the second', () => {
    const regs = { 2: 0x4000_0000_0000_0001n, 3: 0xbff0_0000_0000_0000n };
    expect(hex(run('CPSDR', { r1: 1, r3: 3, r2: 2 }, { fpr: regs }).fpr[1])).toBe('c000000000000001');
    expect(hex(run('CPSDR', { r1: 1, r3: 2, r2: 3 }, { fpr: regs }).fpr[1])).toBe('3ff0000000000000');
  });
  test('LDGR and LGDR move all 64 bits', () => {
    expect(hex(run('LDGR', { r1: 1, r2: 2 }, { gr: { 2: 0x0123_4567_89ab_cdefn } }).fpr[1])).toBe('0123456789abcdef');
    expect(hex(run('LGDR', { r1: 1, r2: 3 }, { fpr }).gr[1])).toBe('3333333344444444');
  });
});

describe('without the AFP-register control', () => {
  const cr = { 0: 0n };
  const anywhere = { gr: { 10: BigInt(DATA) }, cr };
  test.each([
    ['LE', { r1: 1, b2: 10 }],
    ['LEY', { r1: 8, b2: 10 }],
    ['LD', { r1: 15, b2: 10 }],
    ['LDY', { r1: 3, b2: 10 }],
    ['STE', { r1: 5, b2: 10 }],
    ['STEY', { r1: 7, b2: 10 }],
    ['STD', { r1: 9, b2: 10 }],
    ['STDY', { r1: 10, b2: 10 }],
    ['LER', { r1: 0, r2: 1 }],
    ['LDR', { r1: 12, r2: 2 }],
    ['LXR', { r1: 4, r2: 8 }],
    ['LZER', { r1: 1 }],
    ['LZDR', { r1: 1 }],
    ['LZXR', { r1: 1 }],
    ['LPDFR', { r1: 0, r2: 1 }],
    ['LNDFR', { r1: 1, r2: 0 }],
    ['LCDFR', { r1: 9, r2: 0 }],
    ['CPSDR', { r1: 0, r2: 2, r3: 8 }],
    ['LDGR', { r1: 1, r2: 0 }],
    ['LGDR', { r1: 0, r2: 1 }],
  ])('%s of %o: data exception 1, which the FPC is not told of', (mnemonic, fields) => {
    const registers = Array.from({ length: 16 }, (_, i) => BigInt(i) + 1n);
    const out = run(mnemonic, fields, { ...anywhere, fpr: registers });
    expect(out.pgm).toMatchObject({ code: 7, dxc: 1 });
    expect(out.fpc).toBe(0);
    expect(out.fpr).toEqual(registers);
    expect(out.storage(DATA, 8)).toBe('0000000000000000');
  });
  test('registers 0, 2, 4 and 6 are there all the same', () => {
    for (const r1 of [0, 2, 4, 6]) {
      expect(run('LDR', { r1, r2: 6 - r1 }, { cr, fpr: { [6 - r1]: left(7) } }).fpr[r1]).toBe(left(7));
    }
    const out = run('LXR', { r1: 0, r2: 4 }, { cr, fpr: { 4: 1n, 6: 2n } });
    expect([out.fpr[0], out.fpr[2]]).toEqual([1n, 2n]);
  });
  test('LGDR takes any general register', () => {
    expect(run('LGDR', { r1: 15, r2: 2 }, { cr, fpr: { 2: 9n } }).gr[15]).toBe(9n);
  });
});
