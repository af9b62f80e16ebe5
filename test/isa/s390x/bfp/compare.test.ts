import { describe, expect, test } from 'vitest';
import { hex, left, run, runOnStorage } from './vector.ts';

const ONE = 0x3ff0_0000_0000_0000n;
const QNAN = 0x7ff8_0000_0000_0000n;
const SNAN = 0x7ff0_0000_0000_0001n;
const MINUS_ZERO = 0x8000_0000_0000_0000n;

/** Condition code, FPC and DXC of a long comparison in its register and storage forms. */
function long(mnemonic: string, a: bigint, b: bigint, fpc = 0): [number, number, number] {
  const r = run(`${mnemonic}R`, { r1: 1, r2: 2 }, { fpr: { 1: a, 2: b }, fpc, cc: 2 });
  const s = runOnStorage(mnemonic, { r1: 1 }, hex(b), { fpr: { 1: a }, fpc, cc: 2 });
  expect([s.cc, s.fpc, s.pgm?.dxc]).toEqual([r.cc, r.fpc, r.pgm?.dxc]);
  return [r.cc, r.fpc, r.pgm?.dxc ?? 0];
}

function short(mnemonic: string, a: number, b: number): number {
  const r = run(`${mnemonic}R`, { r1: 1, r2: 2 }, { fpr: { 1: left(a, 9n), 2: left(b, 8n) } });
  const s = runOnStorage(mnemonic, { r1: 1 }, b.toString(16).padStart(8, '0'), { fpr: { 1: left(a) } });
  expect([s.cc, s.fpc]).toEqual([r.cc, r.fpc]);
  return r.cc;
}

describe('COMPARE and COMPARE AND SIGNAL', () => {
  test.each(['CDB', 'KDB'])('%s: equal, low, high; zeros are equal whatever their signs', (mnemonic) => {
    expect(long(mnemonic, ONE, ONE)).toEqual([0, 0, 0]);
    expect(long(mnemonic, 0n, MINUS_ZERO)).toEqual([0, 0, 0]);
    expect(long(mnemonic, MINUS_ZERO | ONE, 0n)).toEqual([1, 0, 0]);
    expect(long(mnemonic, 1n, MINUS_ZERO | 1n)).toEqual([2, 0, 0]);
    expect(long(mnemonic, 0xfff0_0000_0000_0000n, 0xffef_ffff_ffff_ffffn)).toEqual([1, 0, 0]);
  });
  test('a quiet NaN is unordered; only COMPARE AND SIGNAL calls it invalid', () => {
    expect(long('CDB', ONE, QNAN)).toEqual([3, 0, 0]);
    expect(long('KDB', ONE, QNAN)).toEqual([3, 0x80_0000, 0]);
  });
  test('a signaling NaN is invalid to both; with the mask on the condition code stays', () => {
    expect(long('CDB', SNAN, ONE)).toEqual([3, 0x80_0000, 0]);
    expect(long('CDB', ONE, SNAN, 0x8000_0000)).toEqual([2, 0x8000_8000, 0x80]);
    expect(long('KDB', QNAN, ONE, 0x8000_0000)).toEqual([2, 0x8000_8000, 0x80]);
  });
  test.each(['CEB', 'KEB'])('%s compares bits 0-31', (mnemonic) => {
    expect(short(mnemonic, 0x3f80_0000, 0x3f80_0000)).toBe(0);
    expect(short(mnemonic, 0x3f80_0000, 0x3f80_0001)).toBe(1);
    expect(short(mnemonic, 0x3f80_0000, 0xbf80_0001)).toBe(2);
    expect(short(mnemonic, 0x3f80_0000, 0x7fc0_0000)).toBe(3);
  });
  test.each(['CXBR', 'KXBR'])('%s: the low half decides', (mnemonic) => {
    const cc = (low: bigint, other: bigint): number =>
      run(
        mnemonic,
        { r1: 1, r2: 4 },
        { fpr: { 1: 0x3fff_0000_0000_0000n, 3: low, 4: 0x3fff_0000_0000_0000n, 6: other } },
      ).cc;
    expect([cc(1n, 1n), cc(0n, 1n), cc(1n, 0n)]).toEqual([0, 1, 2]);
    const nan = run(mnemonic, { r1: 1, r2: 4 }, { fpr: { 1: 0x7fff_8000_0000_0000n } });
    expect([nan.cc, nan.fpc]).toEqual([3, mnemonic === 'KXBR' ? 0x80_0000 : 0]);
  });
});

describe('LOAD AND TEST', () => {
  test.each([
    [0n, 0],
    [MINUS_ZERO, 0],
    [MINUS_ZERO | 1n, 1],
    [1n, 2],
    [0x7ff0_0000_0000_0000n, 2],
    [QNAN | 5n, 3],
  ])('LTDBR of %x: cc %i', (bits, cc) => {
    const out = run('LTDBR', { r1: 1, r2: 2 }, { fpr: { 2: bits } });
    expect([out.fpr[1], out.cc, out.fpc]).toEqual([bits, cc, 0]);
  });
  test('a signaling NaN is made quiet; with the mask on nothing happens', () => {
    const out = run('LTDBR', { r1: 1, r2: 2 }, { fpr: { 2: SNAN } });
    expect([hex(out.fpr[1]), out.cc, out.fpc]).toEqual(['7ff8000000000001', 3, 0x80_0000]);
    const trap = run('LTDBR', { r1: 1, r2: 2 }, { fpr: { 1: 6n, 2: SNAN }, fpc: 0x8000_0000, cc: 1 });
    expect([trap.fpr[1], trap.cc, trap.pgm?.dxc]).toEqual([6n, 1, 0x80]);
  });
  test('LTEBR leaves bits 32-63', () => {
    const out = run('LTEBR', { r1: 1, r2: 2 }, { fpr: { 1: 7n, 2: left(0xbf80_0000, 8n) } });
    expect([hex(out.fpr[1]), out.cc]).toEqual(['bf80000000000007', 1]);
    const nan = run('LTEBR', { r1: 1, r2: 2 }, { fpr: { 1: 7n, 2: left(0x7f80_0001) } });
    expect([hex(nan.fpr[1]), nan.cc]).toEqual(['7fc0000100000007', 3]);
  });
  test('LTXBR', () => {
    const out = run('LTXBR', { r1: 1, r2: 4 }, { fpr: { 4: MINUS_ZERO, 6: 1n } });
    expect([hex(out.fpr[1], out.fpr[3]), out.cc]).toEqual(['8000000000000000_0000000000000001', 1]);
    const nan = run('LTXBR', { r1: 1, r2: 4 }, { fpr: { 4: 0x7fff_0000_0000_0000n, 6: 1n } });
    expect([hex(nan.fpr[1], nan.fpr[3]), nan.cc, nan.fpc]).toEqual(['7fff800000000000_0000000000000001', 3, 0x80_0000]);
  });
});

describe('LOAD COMPLEMENT, NEGATIVE, POSITIVE', () => {
  test.each([
    ['LPDBR', SNAN | MINUS_ZERO, SNAN, 3],
    ['LPDBR', MINUS_ZERO, 0n, 0],
    ['LPDBR', MINUS_ZERO | ONE, ONE, 2],
    ['LNDBR', 0n, MINUS_ZERO, 0],
    ['LNDBR', ONE, MINUS_ZERO | ONE, 1],
    ['LNDBR', QNAN, QNAN | MINUS_ZERO, 3],
    ['LCDBR', ONE, MINUS_ZERO | ONE, 1],
    ['LCDBR', MINUS_ZERO | ONE, ONE, 2],
    ['LCDBR', 0n, MINUS_ZERO, 0],
    ['LCDBR', SNAN, SNAN | MINUS_ZERO, 3],
  ])('%s of %x: no exception, not even for a signaling NaN', (mnemonic, operand, result, cc) => {
    const out = run(mnemonic, { r1: 1, r2: 2 }, { fpr: { 2: operand }, fpc: 0xf800_0000 });
    expect([hex(out.fpr[1]), out.cc, out.fpc]).toEqual([hex(result), cc, 0xf800_0000]);
  });
  test.each([
    ['LPEBR', 0xbf80_0000, '3f800000', 2],
    ['LNEBR', 0x7f80_0001, 'ff800001', 3],
    ['LCEBR', 0x3f80_0000, 'bf800000', 1],
  ])('%s leaves bits 32-63', (mnemonic, operand, result, cc) => {
    const out = run(mnemonic, { r1: 1, r2: 2 }, { fpr: { 1: 3n, 2: left(operand) } });
    expect([hex(out.fpr[1]), out.cc]).toEqual([`${result}00000003`, cc]);
  });
  test.each([
    ['LPXBR', MINUS_ZERO, 1n, 0n, 2],
    ['LPXBR', MINUS_ZERO, 0n, 0n, 0],
    ['LNXBR', 0x7fff_0000_0000_0000n, 0n, 0xffff_0000_0000_0000n, 1],
    ['LCXBR', 0x7fff_0000_0000_0000n, 1n, 0xffff_0000_0000_0000n, 3],
    ['LCXBR', 0xffff_8000_0000_0000n, 0n, 0x7fff_8000_0000_0000n, 3],
  ])('%s of %x, low half %i', (mnemonic, high, low, result, cc) => {
    const out = run(mnemonic, { r1: 0, r2: 1 }, { fpr: { 1: high, 3: low } });
    expect([out.fpr[0], out.fpr[2], out.cc]).toEqual([result, low, cc]);
  });
});

describe('TEST DATA CLASS', () => {
  const classes: [string, bigint, number][] = [
    ['zero', 0n, 0x800],
    ['normal', 0x0010_0000_0000_0000n, 0x200],
    ['subnormal', 0x000f_ffff_ffff_ffffn, 0x080],
    ['infinity', 0x7ff0_0000_0000_0000n, 0x020],
    ['quiet NaN', QNAN, 0x008],
    ['signaling NaN', SNAN, 0x002],
  ];
  test.each(classes)('TCDB of %s: its bit alone, the one behind for minus', (_, bits, mask) => {
    for (const [operand, own] of [
      [bits, mask],
      [bits | MINUS_ZERO, mask >> 1],
    ] as const) {
      for (let bit = 1; bit <= 0x800; bit <<= 1) {
        expect(run('TCDB', { r1: 1, d2: bit }, { fpr: { 1: operand }, cc: 3 }).cc).toBe(bit === own ? 1 : 0);
      }
    }
  });
  test('TCEB and TCXB; bits of the address left of the last 12 do not matter', () => {
    expect(run('TCEB', { r1: 1, b2: 10, d2: 0x080 }, { fpr: { 1: left(1) }, gr: { 10: 0xffff_f000n } }).cc).toBe(1);
    expect(run('TCEB', { r1: 1, b2: 10 }, { fpr: { 1: left(1) }, gr: { 10: 0xffff_f000n } }).cc).toBe(0);
    expect(run('TCXB', { r1: 1, d2: 0x040 }, { fpr: { 1: MINUS_ZERO, 3: 1n } }).cc).toBe(1);
    expect(run('TCXB', { r1: 2, d2: 0x040 }).pgm?.code).toBe(6);
  });
});
